"""Play in the terminal: one person, one key a step. Every world can be played in this way, those with hooks too."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.command_line.policies import Play, numpy_state
from cogrid.errors import ConfigError
from cogrid.recording.trajectory import Trajectory, TrajectoryRecorder
from cogrid.rendering import render_ansi

MOVES: dict[str, tuple[str, ...]] = {
    "up": ("MoveUp", "Forward"),
    "down": ("MoveDown", "Backward"),
    "left": ("MoveLeft", "RotateLeft"),
    "right": ("MoveRight", "RotateRight"),
    "act": ("PickupDrop",),
    "toggle": ("Toggle",),
    "wait": ("Noop",),
}
"""What a key asks for, and the actions that do it, in worlds with one set of actions or another."""

SIDESTEPS = ("StepLeft", "StepRight")
"""Moves that have no key of their own but a digit."""

KEYS = {
    "w": "up",
    "s": "down",
    "a": "left",
    "d": "right",
    " ": "act",
    "\r": "act",
    "\n": "act",
    "e": "act",
    "q": "toggle",
    ".": "wait",
}
ARROWS = {"A": "up", "B": "down", "C": "right", "D": "left"}
"""The last letters of what a terminal sends for an arrow key."""

QUIT = ("x", "\x03", "\x04", "")
"""Ends the game: a key, Ctrl-C, Ctrl-D, and the end of the input."""

CLEAR = "\x1b[H\x1b[2J"


def play_in_terminal(env: CoGridEnv, partner: Play, seed: int, agent: str = "agent_0") -> Trajectory:
    """Play one agent by keys until the episode is over or somebody quits.

    Args:
      env: the world, under NumPy.
      partner: who plays the others.
      seed: of the episode.
      agent: which one the person plays.
    Returns:
      What was played.
    Raises:
      ConfigError: for an agent that there is not.
    """
    if agent not in env.possible_agents:
        raise ConfigError(f"There is no agent {agent!r}: {', '.join(env.possible_agents)}.")
    recorder = TrajectoryRecorder(env)
    observations, infos = recorder.reset(seed=seed)
    returns = dict.fromkeys(env.possible_agents, 0.0)
    actions = actions_of_keys(env.tables.action_set.names)
    with _keys() as keys:
        _show(env, agent, returns, infos)
        while env.agents and (key := _next(keys, actions)) is not None:
            joint = dict(partner(observations, env))
            if agent in env.agents:
                joint[agent] = actions[key]
            chosen = {name: joint[name] for name in env.agents}
            observations, rewards, _, _, infos = recorder.step(chosen)
            for name, reward in rewards.items():
                returns[name] += float(reward)
            _show(env, agent, returns, infos)
    return recorder.trajectory()


def actions_of_keys(names: Sequence[str]) -> dict[str, int]:
    """The number of the action of each key in a world; digits stand for its further actions, in their order.

    Args:
      names: of the world's actions.
    """
    asked = {name: next((action for action in able if action in names), None) for name, able in MOVES.items()}
    further = [name for name in names if not any(name in able for able in MOVES.values())]
    acts = [name for name in further if name not in SIDESTEPS]
    for name in ("act", "toggle"):
        if asked[name] is None and acts:
            asked[name] = acts[min(("act", "toggle").index(name), len(acts) - 1)]
    keys = {key: action for key, what in {**KEYS, **_arrow_keys()}.items() if (action := asked[what]) is not None}
    keys |= {str(number): name for number, name in enumerate(further[:9], start=1)}
    return {key: names.index(name) for key, name in keys.items()}


def _arrow_keys() -> dict[str, str]:
    return {f"\x1b[{letter}": what for letter, what in ARROWS.items()}


def _next(keys: Iterator[str], actions: dict[str, int]) -> str | None:
    """The next key that does something; None to quit."""
    return next((None if key in QUIT else key for key in keys if key in actions or key in QUIT), None)


def _show(env: CoGridEnv, agent: str, returns: dict[str, float], infos: dict[str, dict[str, Any]]) -> None:
    """Write the world, what everybody has earned, and what happened in the last step."""
    happened = [f"{name}: {', '.join(info['events'])}" for name, info in infos.items() if info.get("events")]
    earned = ", ".join(f"{name} {total:g}" for name, total in returns.items())
    lines = [
        render_ansi(numpy_state(env)),
        f"returns: {earned}",
        *happened,
        f"You are {agent}. w a s d or arrows, space acts, q toggles, . waits, x ends."
        if env.agents
        else "The episode is over.",
    ]
    print((CLEAR if sys.stdout.isatty() else "") + "\n".join(lines) + "\n", flush=True)


@contextlib.contextmanager
def _keys() -> Iterator[Iterator[str]]:
    """The keys that are pressed, one by one, without waiting for the end of a line where there is a terminal."""
    if not sys.stdin.isatty() or os.name == "nt":
        yield _split(iter(lambda: sys.stdin.read(1), ""))
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield _split(iter(lambda: sys.stdin.read(1), ""))
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _split(letters: Iterator[str]) -> Iterator[str]:
    """Letters as keys: an arrow key comes as three letters."""
    for letter in letters:
        yield letter + next(letters, "") + next(letters, "") if letter == "\x1b" else letter

"""`cogrid run`: an episode."""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
from collections import Counter
from collections.abc import Iterator

from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.command_line.command import Command, Exit, add_json, add_settings, make_world, positive_integer
from cogrid.command_line.movies import add_movies, asked_for, check_movies, movie_lines, movie_names, write_movies
from cogrid.command_line.output import count, print_json
from cogrid.command_line.policies import Play, choose_policy, numpy_state
from cogrid.command_line.progress import track
from cogrid.errors import ConfigError
from cogrid.recording.trajectory import TrajectoryRecorder
from cogrid.rendering import render_ansi


@dataclasses.dataclass(frozen=True, kw_only=True)
class Episode:
    """What happened in an episode.

    Attributes:
      n_steps: how many steps were played.
      ending: "terminated" (all agents), "truncated" (by the clock, for some at least), or "stopped" (by `--steps`).
      returns: by agent.
      events: by agent, how often what happened to it.
      states: the state at the start and after each step, as NumPy arrays; empty if they were not kept.
    """

    n_steps: int
    ending: str
    returns: dict[str, float]
    events: dict[str, dict[str, int]]
    states: list[EnvState]


def play(recorder: TrajectoryRecorder, policy: Play, seed: int, max_steps: int, keep_states: bool = False) -> Episode:
    """Play an episode, or its beginning.

    Args:
      recorder: the world, and what keeps its trajectory.
      policy: who plays.
      seed: of the episode.
      max_steps: how many steps at most.
      keep_states: whether all states are kept, for pictures.
    """
    env = recorder.env
    observations, _ = recorder.reset(seed=seed)
    returns, events = dict.fromkeys(env.possible_agents, 0.0), {agent: Counter[str]() for agent in env.possible_agents}
    states = [numpy_state(env)] if keep_states else []
    was_truncated = False
    n_steps = 0
    for _ in track(range(max_steps), max_steps, "playing"):
        observations, rewards, _, truncations, infos = recorder.step(policy(observations, env))
        n_steps += 1
        for agent, reward in rewards.items():
            returns[agent] += float(reward)
            events[agent].update(infos[agent]["events"])
        if keep_states:
            states.append(numpy_state(env))
        was_truncated |= any(truncations.values())
        if not env.agents:
            break
    ending = "stopped" if env.agents else "truncated" if was_truncated else "terminated"
    counts = {agent: dict(sorted(counter.items())) for agent, counter in events.items()}
    return Episode(n_steps=n_steps, ending=ending, returns=returns, events=counts, states=states)


def run(options: argparse.Namespace) -> int:
    """Play, and say what happened."""
    check_movies(options)
    env = make_world(options, options.backend)
    max_steps = options.steps or env.config.max_steps
    if max_steps is None:
        raise ConfigError(f"An episode of {env.config.name!r} has no end: say how many steps with --steps.")
    policy = choose_policy(options.policy, env, options.seed)
    recorder = TrajectoryRecorder(env)
    episode = play(recorder, policy, options.seed, max_steps, keep_states=bool(asked_for(options)))
    write_movies(options, [episode.states])
    saved = None if options.save is None else recorder.trajectory().save(options.save)
    if options.json:
        print_json(
            {
                "id": options.id,
                "backend": env.backend,
                "policy": options.policy,
                "seed": options.seed,
                "steps": episode.n_steps,
                "ending": episode.ending,
                "returns": episode.returns,
                "events": episode.events,
                **movie_names(options),
                "save": None if saved is None else str(saved),
            }
        )
    else:
        told = [] if saved is None else [f"trajectory: {saved}"]
        print("\n".join([*_lines(options, env, episode), *movie_lines(options), *told]))
    return Exit.OK


def _lines(options: argparse.Namespace, env: CoGridEnv, episode: Episode) -> Iterator[str]:
    yield (
        f"{options.id} on {env.backend}, {options.policy} play, seed {options.seed}: "
        f"{count(episode.n_steps, 'step')}, {episode.ending}"
    )
    for agent, total in episode.returns.items():
        happened = "".join(f", {name} {number}" for name, number in episode.events[agent].items())
        yield f"  {agent}: return {total:g}{happened}"
    yield ""
    yield render_ansi(numpy_state(env))


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the world")
    parser.add_argument(
        "--policy",
        default="random",
        metavar="WHO",
        help="who plays: random, stay; in kitchens greedy, onion_only, plate_only, deliver_only (greedy@0.3 draws 30 "
        "percent of its actions); scripted (classic kitchens); a trained policy's file; or module:function, a function "
        "(obs, key) -> action for each agent (%(default)s)",
    )
    parser.add_argument("--backend", default="numpy", metavar="NAME", help="numpy or jax (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the episode and of random play (0)")
    parser.add_argument("--steps", type=positive_integer, metavar="N", help="stop there (at the episode's end)")
    add_movies(parser)
    parser.add_argument("--save", type=pathlib.Path, metavar="FILE", help="write the trajectory (.npz)")
    add_settings(parser)
    add_json(parser)


RUN = Command(
    name="run",
    summary="play an episode",
    about="Play an episode, and tell each agent's return, what happened, and how the world looks at the end. One seed\n"
    "gives one episode, on both backends.",
    examples=(
        ("cogrid run GoalSeeking-Fixed-V0", "random play"),
        ("cogrid run Overcooked-CrampedRoom-V0 --policy scripted --steps 200 --gif cooks.gif", "a moving picture"),
        ("cogrid run Overcooked-CrampedRoom-V0 --policy my_agents:greedy --seed 3", "your function in my_agents.py"),
        ("cogrid run OvercookedAI-CrampedRoom-V0 --backend jax --save episode.npz", "under JAX, kept in a file"),
        ("cogrid run Overcooked-CrampedRoom-V0 --layout my_kitchen.txt --agents 3", "another map, three agents"),
    ),
    add_arguments=_add_arguments,
    run=run,
)

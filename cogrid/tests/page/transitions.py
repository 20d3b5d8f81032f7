"""Games as Python plays them, written down for the JavaScript engine to play again.

    python -m cogrid.tests.page.transitions [--steps N] [ID ...]

plays every id that can be exported, or those that are named, in both, and compares every state, reward and observation.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.core.draws import split_key
from cogrid.envs.registry import registered_ids
from cogrid.errors import ConfigError
from cogrid.game import Game
from cogrid.page.bundle import BundleWriter
from cogrid.page.game_data import check_playable, game_data, guarded_mask

PLAYER = pathlib.Path(__file__).with_name("play_transitions.mjs")
NODE = shutil.which("node")

N_WORLDS = 200
"""Worlds side by side when an id is played for long."""

STARTS = ("time", "cells", "agent_cell", "agent_dir", "agent_value", "terminated", "events")
"""What every state consists of, beside its key."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recording:
    """Some worlds of one game, played side by side.

    Attributes:
      keys: `[B, 2]` uint32, the key of each.
      actions: `[T, B, A]` uint8.
      checksums: `[T + 1, B]` uint32, of everything that there is to know of the first state and after each step.
      starts: by their names, the numbers of the first states, `[B, ...]`; None where the keys' resets give them.
    """

    keys: np.ndarray
    actions: np.ndarray
    checksums: np.ndarray
    starts: Mapping[str, np.ndarray] | None = None


def record(game: Game, actions: np.ndarray, seed: int = 0) -> Recording:
    """Play actions with the array step, from resets.

    Args:
      game: the game.
      actions: `[T, B, A]`.
      seed: which keys the worlds are reset with.
    """
    keys = np.asarray(split_key(np.array([0, seed], dtype=np.uint32), actions.shape[1]))
    return _record(game, game.reset(keys)[0], actions)


def record_from(game: Game, state: EnvState, actions: np.ndarray) -> Recording:
    """Play actions with the array step, from states.

    Args:
      game: the game.
      state: a batch of B.
      actions: `[T, B, A]`.
    """
    nothing = {
        "amounts": np.zeros((*state.agent_cell.shape, 0), dtype=np.int32),
        "world_value": np.zeros(len(state.cells), dtype=np.int32),
        "layout_idx": np.zeros(len(state.cells), dtype=np.int32),
    }
    given = {name: getattr(state, name) for name in (*STARTS, *nothing)}
    starts = {name: np.asarray(nothing[name] if array is None else array) for name, array in given.items()}
    return dataclasses.replace(_record(game, state, actions), starts=starts)


def _record(game: Game, state: EnvState, actions: np.ndarray) -> Recording:
    unread = guarded_mask(game.to_arrays()[0])
    nothing = np.zeros(actions.shape[1:], dtype=np.float32)
    keys, checksums = np.asarray(state.rng_key), [_checksums(state, nothing, game.observation(state), unread)]
    for joint in actions:
        made = game.advance(state, joint.astype(np.int32))
        state = made.state
        checksums.append(_checksums(state, made.reward, made.obs, unread))
    return Recording(keys=keys, actions=actions.astype(np.uint8), checksums=np.array(checksums, dtype=np.uint32))


def _checksums(state: EnvState, reward: np.ndarray, obs: np.ndarray, unread: int) -> list[int]:
    """A checksum for each world: cells and numbers as int32, rewards as float32, observations in their own type."""
    zero = np.zeros(len(state.cells), dtype=np.int32)
    numbers = [
        state.cells,
        state.agent_cell,
        state.agent_dir,
        state.agent_value,
        state.terminated,
        state.events & ~unread,
        state.time[:, None],
        (zero if state.world_value is None else state.world_value)[:, None],
        (zero if state.layout_idx is None else state.layout_idx)[:, None],
    ]
    whole = np.concatenate([part.astype("<i4") for part in numbers], axis=1)
    parts = [whole, reward.astype("<f4"), obs.reshape(len(obs), -1)]
    joined = np.concatenate([np.ascontiguousarray(part).view(np.uint8) for part in parts], axis=1)
    return [zlib.crc32(row) for row in joined]


def random_actions(game: Game, n_steps: int, n_worlds: int) -> np.ndarray:
    """Actions drawn uniformly: `[T, B, A]`."""
    shape = (n_steps, n_worlds, game.tables.n_agents)
    return np.random.default_rng(5).integers(len(game.tables.action_set), size=shape)


def play_in_javascript(recordings: dict[str, tuple[Game, Recording]]) -> dict[str, Any]:
    """Play recordings again under Node.

    Args:
      recordings: by name.
    Returns:
      For each name the number of steps, and the first difference, or null.
    """
    writer = BundleWriter()
    entries = [
        {
            "name": name,
            "game": game_data(name, game, writer),
            "n_worlds": recording.actions.shape[1],
            **{part: writer.add(getattr(recording, part)) for part in ("keys", "actions", "checksums")},
            "starts": recording.starts and {part: writer.add(array) for part, array in recording.starts.items()},
        }
        for name, (game, recording) in recordings.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "recordings"
        file.write_bytes(writer.write({"recordings": entries}))
        command = [str(NODE), str(PLAYER), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def exportable_ids() -> list[str]:
    """The registered ids that the page can play."""
    found = []
    for env_id in registered_ids():
        try:
            check_playable(env_id, cogrid.make(env_id).game.to_arrays()[0])
        except ConfigError:
            continue
        found.append(env_id)
    return found


def main() -> int:
    """Compare the two engines, and say what was found."""
    parser = argparse.ArgumentParser(description="Play games in Python and in JavaScript, and compare every step.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="which (every id that can be exported)")
    parser.add_argument("--steps", type=int, default=1_000_000, help="steps for each id, all worlds together")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin with no id after so long (never)")
    options = parser.parse_args()
    n_different, started = 0, time.monotonic()
    for env_id in options.ids or exportable_ids():
        if time.monotonic() - started > 60 * options.minutes:
            print(f"{env_id} and what follows was not played: the time is over.")
            break
        game = cogrid.make(env_id).game
        recording = record(game, random_actions(game, -(-options.steps // N_WORLDS), N_WORLDS))
        result = play_in_javascript({env_id: (game, recording)})[env_id]
        n_different += result["difference"] is not None
        print(f"{env_id}: {result['steps']:,} steps, {result['difference'] or 'equal'}", flush=True)
    return 1 if n_different else 0


if __name__ == "__main__":
    sys.exit(main())

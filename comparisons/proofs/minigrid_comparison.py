"""Steps that MiniGrid has made, made here from the same states: what differs, and what happened in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

import cogrid
from cogrid.backend.env_state import EnvState, Numbers
from cogrid.core.interactions import enter_cells, process_interactions, stand_on_cells
from cogrid.core.movement import move_agents
from cogrid.core.tables import Tables
from cogrid.envs.minigrid.objects import KEY, Ball, Coded
from cogrid.game import Game

Arrays = Mapping[str, np.ndarray]
"""What `recorders/minigrid_recorder.py` has written: one entry for each step."""


@dataclasses.dataclass(frozen=True)
class Count:
    """What happened in a world, and what differed.

    Attributes:
      env_id: the original's name of the world.
      steps, episodes: how many.
      goals, other_ends, truncated: how many episodes ended at the goal, otherwise, and by the clock.
      hidden: how many of all places of the views were hidden, in per cent.
      differences: for each thing that was compared, in how many steps it differed.
    """

    env_id: str
    steps: int
    episodes: int
    goals: int
    other_ends: int
    truncated: int
    hidden: float
    differences: dict[str, int]

    @property
    def n_differences(self) -> int:
        """In how many steps anything differed, those that differ in two things counted twice."""
        return sum(self.differences.values())


def compare(env_id: str, recorded: Arrays) -> Count:
    """Make every recorded step here, from the state before it, and compare.

    Where balls move, their moves are the original's, and are checked to be such as could be drawn here.

    Args:
      env_id: the original's name of the world.
      recorded: its steps.
    """
    game = cogrid.make(env_id.replace("-v0", "-V0")).game
    before = _states(game.tables, recorded, "before_")
    wanted = _states(game.tables, recorded, "")
    actions = recorded["action"].astype(np.int32)[:, None]
    after, rewards = _after(game, before, actions, wanted)
    theirs_end = recorded["terminated"] | recorded["truncated"]
    differs = {
        "cells": (_codes(game.tables, after) != _shown(recorded)).any(axis=(1, 2)),
        "place": after.agent_cell[:, 0] != recorded["place"],
        "direction": after.agent_dir[:, 0] != recorded["direction"],
        "hand": _holds_key(after) != recorded["carries"],
        "terminated": after.terminated[:, 0] != recorded["terminated"],
        "truncated": after.is_time_up != recorded["truncated"],
        "reward": rewards[:, 0] != recorded["reward"].astype(np.float32),
        "view": (game.observation(after)[:, 0] != recorded["image"]).any(axis=(1, 2, 3)),
        "first view": (game.observation(before)[:, 0] != recorded["before_image"]).any(axis=(1, 2, 3)),
        "moves of balls": ~_balls_could_move_so(game.tables, before, wanted),
    }
    goals = recorded["terminated"] & (recorded["reward"] > 0)
    return Count(
        env_id=env_id,
        steps=len(actions),
        episodes=int(theirs_end.sum()),
        goals=int(goals.sum()),
        other_ends=int((recorded["terminated"] & ~goals).sum()),
        truncated=int((recorded["truncated"] & ~recorded["terminated"]).sum()),
        hidden=round(100 * float((recorded["image"][..., 0] == 0).mean()), 1),
        differences={name: int(flags.sum()) for name, flags in differs.items()},
    )


def _after(game: Game, before: EnvState, actions: Any, wanted: EnvState) -> tuple[EnvState, np.ndarray]:
    """Our state after a step, and what is paid; balls move as in the original."""
    if game.tables.moves is None or game.tables.settings.rules.stages[0] != "interact":
        made = game.advance(before, actions)
        return made.state, made.reward
    acted = process_interactions(before, actions)
    rolled = acted.with_changes(cells=wanted.cells)
    moved = stand_on_cells(enter_cells(rolled, move_agents(rolled, actions), before), before)
    after = moved.with_changes(time=moved.time + 1)
    return after, game.reward(before, after, actions)


def _states(tables: Tables, recorded: Arrays, prefix: str) -> EnvState:
    """Recorded states as a batch of ours."""
    cells = recorded[f"{prefix}cells"]
    values, agents = tables.rules.compiled.cell_values, tables.rules.compiled.agent_values
    ids = {_number(value): idx for idx, value in reversed(list(enumerate(values))) if isinstance(value, Coded)}
    table = np.zeros(256, dtype=tables.rules.cell_dtype)
    for number, idx in ids.items():
        table[number] = idx
    carrier = next((idx for idx, agent in enumerate(agents) if agent.held == KEY), 0)
    size = len(cells)
    numbers = Numbers(
        agent_cell=recorded[f"{prefix}place"].astype(np.int32)[:, None],
        agent_dir=recorded[f"{prefix}direction"].astype(np.int32)[:, None],
        agent_value=(recorded[f"{prefix}carries"] * carrier).astype(np.int32)[:, None],
        terminated=np.zeros((size, 1), dtype=np.bool_),
        events=np.zeros((size, 1), dtype=np.int32),
        rng_key=np.zeros((size, 2), dtype=np.uint32),
        time=recorded[f"{prefix}time"].astype(np.int32),
        layout_idx=np.zeros(size, dtype=np.int32) if tables.map.is_set else None,
    )
    return EnvState(cells=table[cells], numbers=numbers, tables=tables)


def _holds_key(state: EnvState) -> np.ndarray:
    """Whether the agent holds the key."""
    held = [agent.held == KEY for agent in state.tables.rules.compiled.agent_values]
    return np.array(held)[state.agent_value[:, 0]]


def _number(value: Coded) -> int:
    """How the recorder writes an object down."""
    kind, _, state = value.shown()
    return kind + 16 * state


def _codes(tables: Tables, state: EnvState) -> np.ndarray:
    """Type and state, and the color, of every cell, as the recorder writes them down: `[S, N, 2]`."""
    values = tables.rules.compiled.cell_values
    codes = [(_number(value), value.shown()[1]) if isinstance(value, Coded) else (0, 0) for value in values]
    return np.array(codes)[state.cells]


def _shown(recorded: Arrays) -> np.ndarray:
    return np.stack([recorded["cells"], recorded["colors"]], axis=-1)


def _balls_could_move_so(tables: Tables, before: EnvState, after: EnvState) -> np.ndarray:
    """Whether as many balls are there as before, each within a step of where one was, and none where the agent was."""
    is_ball = np.array([isinstance(value, Ball) for value in tables.rules.compiled.cell_values])
    were, are = is_ball[before.cells], is_ball[after.cells]
    grid = np.pad(were.reshape(-1, tables.height, tables.width), ((0, 0), (1, 1), (1, 1)))
    shifts = [(row, column) for row in range(3) for column in range(3)]
    near = [grid[:, row : row + tables.height, column : column + tables.width] for row, column in shifts]
    is_near = np.logical_or.reduce(near).reshape(were.shape)
    on_agent = np.take_along_axis(are, before.agent_cell, axis=1)[:, 0]
    return (were.sum(axis=1) == are.sum(axis=1)) & ~(are & ~is_near).any(axis=1) & ~on_agent

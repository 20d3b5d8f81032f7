"""Recorded episodes of the multi-robot warehouse, replayed by ours and compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Int, Shaped

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.core.config import EnvConfig
from cogrid.core.jax_step import is_done
from cogrid.core.tables import Tables
from cogrid.envs.warehouse.config import HORIZON
from cogrid.envs.warehouse.features import WarehouseImage, WarehouseVector
from cogrid.envs.warehouse.objects import REQUESTED, SHELF, Rack, Robot
from cogrid.feature_space.feature import Feature
from comparisons.proofs.batches import pick, stack

KINDS = ("states", "rewards", "ends", "vectors", "images")
"""What is compared."""

Recorded = Mapping[str, Shaped[np.ndarray, "..."]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Configuration:
    """A warehouse that is compared.

    Attributes:
      size: "Tiny", "Small", "Medium" or "Large".
      robots: how many robots there are.
      requests: how many shelves are requested.
      reward: the reward mode.
      radius: how far a robot sees.
    """

    size: str
    robots: int
    requests: int
    reward: str = "individual"
    radius: int = 1

    @property
    def name(self) -> str:
        """What tables call it."""
        sight = "" if self.radius == 1 else f", sight {self.radius}"
        return f"{self.size}, {self.robots} robots, {self.requests} requests, {self.reward}{sight}"

    def config(self) -> EnvConfig:
        """Our settings. Nothing is requested anew by ours: what the original has drawn is put there."""
        config = cogrid.make(
            f"Warehouse-{self.size}-V0", num_agents=self.robots, n_requests=self.requests, reward_mode=self.reward
        ).config
        return dataclasses.replace(config, rules=dataclasses.replace(config.rules, draws=config.rules.draws[:1]))


@dataclasses.dataclass(kw_only=True)
class Count:
    """What was compared in one warehouse, and how much of it differed.

    Attributes:
      name: the warehouse.
      steps: transitions played.
      deliveries: shelves delivered by both.
      ties: steps in which the original alone would have let another one of several equally long chains go.
      cut: episodes that ended early, since a shelf was requested anew while it stood on a goal.
      compared, differences: for each kind, how many rows were compared, and how many of them differed somewhere.
    """

    name: str
    steps: int = 0
    deliveries: int = 0
    ties: int = 0
    cut: int = 0
    compared: dict[str, int] = dataclasses.field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    differences: dict[str, int] = dataclasses.field(default_factory=lambda: dict.fromkeys(KINDS, 0))

    def compare(self, kind: str, ours: Any, theirs: Any) -> None:
        """Compare two arrays, row by row along the first axis."""
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        is_equal = (ours == theirs).reshape(len(theirs), -1).all(axis=-1)
        self.compared[kind] += len(theirs)
        self.differences[kind] += len(theirs) - int(np.sum(is_equal))

    @property
    def n_differences(self) -> int:
        """Everything that differed."""
        return sum(self.differences.values())


class _Values:
    """The numbers of our values, by what they say."""

    def __init__(self, tables: Tables) -> None:
        cells, agents = tables.rules.compiled.cell_values, tables.rules.compiled.agent_values
        loads = (None, SHELF, REQUESTED)
        self.standing = np.array([loads.index(cell.shelf) if isinstance(cell, Rack) else 0 for cell in cells])
        self.load = np.array([loads.index(agent.held) for agent in agents])
        self.has_delivered = np.array([isinstance(agent, Robot) and agent.has_delivered for agent in agents])
        self.rack_with = np.array([cells.index(Rack(load)) for load in loads])
        robots = [[Robot(held=load, has_delivered=done) for done in (False, True)] for load in loads]
        self.robot = np.array([[agents.index(one) if one in agents else -1 for one in pair] for pair in robots])
        self.is_rack = np.array([isinstance(cell, Rack) for cell in cells])


def replay(configuration: Configuration, recorded: Recorded, observe_every: int) -> Count:
    """Play recorded actions from the recorded starts, and compare everything.

    Args:
      configuration: the warehouse.
      recorded: the recorder's arrays.
      observe_every: of how many states the recorder observed one.
    """
    game = cogrid.Game.of(configuration.config())
    values, lengths = _Values(game.tables), recorded["length"]
    count = Count(name=configuration.name, steps=int(lengths.sum()))
    count.ties, count.cut = int(recorded["ties"]), int(recorded["cut"])
    state = stack([_start(game, values, recorded, episode) for episode in range(len(lengths))])
    notes_deliveries = configuration.reward == "two_stage"
    seen: dict[str, tuple[str, Feature]] = {
        "vector": ("vectors", WarehouseVector(configuration.radius)),
        "image": ("images", WarehouseImage(configuration.radius)),
        "image_north": ("images", WarehouseImage(configuration.radius, rotate=False)),
    }
    for time in range(HORIZON + 1):
        alive = np.flatnonzero(lengths >= time)
        _compare_states(count, values, pick(state, alive), recorded, alive, time, notes_deliveries)
        for name, (kind, feature) in seen.items() if time % observe_every == 0 and len(alive) else ():
            count.compare(kind, feature(pick(state, alive)), recorded[name][alive, time // observe_every])
        playing = np.flatnonzero(lengths > time)
        if time == HORIZON or not len(playing):
            break
        after, paid, _ = game.play(state, recorded["actions"][:, time].astype(np.int32))
        count.compare("rewards", paid[playing], recorded["rewards"][playing, time])
        count.compare("ends", np.asarray(is_done(after))[playing], recorded["done"][playing, time])
        happened = np.asarray(after.events)[playing] >> game.tables.rules.event_names.index("delivered") & 1
        count.deliveries += int(happened.sum())
        state = _request(after, values, recorded["picks"][:, time])
    return count


def _start(game: cogrid.Game, values: _Values, recorded: Recorded, episode: int) -> EnvState:
    """The first state of a recorded episode."""
    tables = game.tables
    state, _ = game.reset(np.array([0, episode], dtype=np.uint32))
    standing = recorded["standing"][episode, 0].reshape(-1)
    cells = np.where(values.is_rack[tables.map.start_cells], values.rack_with[standing], tables.map.start_cells)
    load, done = recorded["load"][episode, 0], recorded["has_delivered"][episode, 0].astype(int)
    return state.replace(
        cells=cells.astype(tables.rules.cell_dtype),
        agent_cell=recorded["place"][episode, 0].astype(np.int32),
        agent_dir=recorded["direction"][episode, 0].astype(np.int32),
        agent_value=values.robot[load, done].astype(np.int32),
    )


def _compare_states(
    count: Count,
    values: _Values,
    state: EnvState,
    recorded: Recorded,
    alive: Int[np.ndarray, "E"],
    time: int,
    notes_deliveries: bool,
) -> None:
    """Compare states at one time; the original notes what was delivered in its reward mode of two stages only."""
    ours = {
        "standing": values.standing[state.cells],
        "place": state.agent_cell,
        "direction": state.agent_dir,
        "load": values.load[state.agent_value],
        "has_delivered": values.has_delivered[state.agent_value] & notes_deliveries,
    }
    rows = [
        np.concatenate([np.asarray(of[name]).reshape(len(alive), -1) for name in ours], axis=-1)
        for of in (ours, {name: recorded[name][alive, time] for name in ours})
    ]
    count.compare("states", *rows)


def _request(state: EnvState, values: _Values, picks: Int[np.ndarray, "E 2"]) -> EnvState:
    """A batch of states in which the shelves in some cells are requested, on robots or in racks; -1 for none."""
    cells, agents = state.cells.copy(), state.agent_value.copy()
    for episode, cell in zip(*np.nonzero(picks >= 0), strict=True):
        place = int(picks[episode, cell])
        (robots,) = np.nonzero((state.agent_cell[episode] == place) & (values.load[agents[episode]] > 0))
        for robot in robots:
            done = int(values.has_delivered[agents[episode, robot]])
            agents[episode, robot] = values.robot[2, done]
        if not len(robots):
            cells[episode, place] = values.rack_with[2]
    return state.replace(cells=cells, agent_value=agents)

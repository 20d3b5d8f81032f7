"""Recorded episodes of Level-Based Foraging, replayed by ours and compared; and what is drawn at the start."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int, Shaped

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.core.config import EnvConfig
from cogrid.core.jax_step import is_done
from cogrid.core.tables import Tables
from cogrid.envs.foraging.config import HORIZON
from cogrid.envs.foraging.features import ForagingGrid, ForagingVector
from cogrid.envs.foraging.objects import Food, Player
from cogrid.feature_space.feature import Feature
from comparisons.proofs.batches import pick, stack

KINDS = ("states", "rewards", "ends", "vectors", "grids")
"""What is compared."""

Recorded = Mapping[str, Shaped[np.ndarray, "..."]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Configuration:
    """A field that is compared.

    Attributes:
      size: rows and columns.
      players, foods: how many.
      is_cooperative, sight, player_levels, food_levels, penalty, is_normalised: as in `foraging_config`.
      sees_levels: whether the levels of players are shown.
    """

    size: int
    players: int
    foods: int
    is_cooperative: bool = False
    sight: int | None = None
    player_levels: tuple[int, int] = (1, 2)
    food_levels: tuple[int, int | None] = (1, None)
    penalty: float = 0.0
    is_normalised: bool = True
    sees_levels: bool = True

    @property
    def name(self) -> str:
        """What tables call it."""
        further = {
            "cooperative": self.is_cooperative,
            f"sight {self.sight}": self.sight is not None,
            f"players of {self.player_levels[0]} to {self.player_levels[1]}": self.player_levels != (1, 2),
            f"food of {self.food_levels[0]} to {self.food_levels[1]}": self.food_levels != (1, None),
            f"penalty {self.penalty}": self.penalty > 0,
            "not normalised": not self.is_normalised,
            "levels not seen": not self.sees_levels,
        }
        told = [text for text, is_told in further.items() if is_told]
        return ", ".join([f"{self.size} x {self.size}", f"{self.players} players", f"{self.foods} foods", *told])

    def config(self) -> EnvConfig:
        """Our settings."""
        names = ("is_cooperative", "sight", "player_levels", "food_levels", "penalty", "is_normalised")
        settings: dict[str, Any] = {name: getattr(self, name) for name in names}
        env_id = f"LevelBasedForaging-{self.size}x{self.size}-V0"
        return cogrid.make(env_id, num_agents=self.players, n_foods=self.foods, **settings).config


@dataclasses.dataclass(kw_only=True)
class Count:
    """What was compared on one field, and how much of it differed.

    Attributes:
      name: the field.
      steps: transitions played.
      eaten, failed: parts that players had in foods, and in loads that failed.
      cut: episodes that ended early, since the original put two players into one cell.
      compared, differences: for each kind, how many rows were compared, and how many of them differed somewhere.
    """

    name: str
    steps: int = 0
    eaten: int = 0
    failed: int = 0
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
        self.food = np.array([cell.level if isinstance(cell, Food) else 0 for cell in cells])
        self.level = np.array([agent.level if isinstance(agent, Player) else 0 for agent in agents])
        self.food_of = np.zeros(self.food.max() + 1, dtype=np.int32)
        self.food_of[self.food] = np.arange(len(cells))
        self.player_of = np.zeros(self.level.max() + 1, dtype=np.int32)
        self.player_of[self.level] = np.arange(len(agents))


def replay(configuration: Configuration, recorded: Recorded, observe_every: int) -> Count:
    """Play recorded actions from the recorded starts, and compare everything.

    Args:
      configuration: the field.
      recorded: the recorder's arrays.
      observe_every: of how many states the recorder observed one.
    """
    game = cogrid.Game.of(configuration.config())
    values, lengths = _Values(game.tables), recorded["length"]
    count = Count(name=configuration.name, steps=int(lengths.sum()), cut=int(recorded["cut"]))
    state = stack([_start(game, values, recorded, episode) for episode in range(len(lengths))])
    seen: dict[str, tuple[str, Feature]] = {
        "vector": ("vectors", ForagingVector(configuration.sight, configuration.sees_levels)),
        "grid": ("grids", ForagingGrid(configuration.sight, configuration.sees_levels)),
    }
    for time in range(HORIZON + 1):
        alive = np.flatnonzero(lengths >= time)
        _compare_states(count, values, pick(state, alive), recorded, alive, time)
        for name, (kind, feature) in seen.items() if time % observe_every == 0 and len(alive) else ():
            count.compare(kind, feature(pick(state, alive)), recorded[name][alive, time // observe_every])
        playing = np.flatnonzero(lengths > time)
        if time == HORIZON or not len(playing):
            break
        after, paid, _ = game.play(state, recorded["actions"][:, time].astype(np.int32))
        count.compare("rewards", paid[playing], recorded["rewards"][playing, time])
        count.compare("ends", np.asarray(is_done(after))[playing], recorded["done"][playing, time])
        for field, event in (("eaten", "ate"), ("failed", "failed")):
            bit = game.tables.rules.event_names.index(event)
            happened = np.asarray(after.events)[playing] >> bit & 1
            setattr(count, field, getattr(count, field) + int(happened.sum()))
        state = after
    return count


def _start(game: cogrid.Game, values: _Values, recorded: Recorded, episode: int) -> EnvState:
    """The first state of a recorded episode."""
    tables = game.tables
    state, _ = game.reset(np.array([0, episode], dtype=np.uint32))
    field = recorded["field"][episode, 0]
    cells = np.where(field > 0, values.food_of[field], tables.map.start_cells)
    return state.replace(
        cells=cells.astype(tables.rules.cell_dtype),
        agent_cell=recorded["place"][episode, 0].astype(np.int32),
        agent_value=values.player_of[recorded["level"][episode, 0]].astype(np.int32),
    )


def _compare_states(
    count: Count, values: _Values, state: EnvState, recorded: Recorded, alive: Int[np.ndarray, "E"], time: int
) -> None:
    """Compare states at one time: all food, where players are, and their levels."""
    ours = {
        "field": values.food[state.cells],
        "place": state.agent_cell,
        "level": values.level[state.agent_value],
    }
    rows = [
        np.concatenate([np.asarray(of[name]).reshape(len(alive), -1) for name in ours], axis=-1)
        for of in (ours, {name: recorded[name][alive, time] for name in ours})
    ]
    count.compare("states", *rows)


DRAWN = ("places of players", "levels of players", "places of food", "levels of food", "players where food can grow")
"""What is drawn at the start, as it is counted."""


def our_starts(configuration: Configuration, n_starts: int, seed: int) -> dict[str, Shaped[np.ndarray, "..."]]:
    """First states of ours, as the recorder writes them down."""
    game = cogrid.Game.of(configuration.config())
    values = _Values(game.tables)
    keys = np.stack([np.full(n_starts, seed), np.arange(n_starts)], axis=-1).astype(np.uint32)
    state, _ = game.reset(keys)
    return {
        "field": values.food[state.cells],
        "place": np.asarray(state.agent_cell),
        "level": values.level[state.agent_value],
    }


def drawn(starts: Recorded, size: int) -> dict[str, Counter[Hashable]]:
    """How often what was drawn, for each of `DRAWN`.

    Args:
      starts: "field", "place" and "level" of many first states.
      size: rows and columns.
    """
    rows, columns = np.divmod(starts["place"], size)
    is_inside = (rows > 0) & (rows < size - 1) & (columns > 0) & (columns < size - 1)
    n_inside = is_inside.sum(axis=1)
    lowest = np.sort(starts["level"], axis=1)[:, :3].sum(axis=1)
    foods = [tuple(np.flatnonzero(field).tolist()) for field in starts["field"]]
    weights = [tuple(field[field > 0].tolist()) for field in starts["field"]]
    told: tuple[Sequence[Hashable], ...] = (
        starts["place"][:, 0].tolist(),
        [tuple(levels[:6]) for levels in starts["level"].tolist()],
        foods if size < 7 else [cells[:1] for cells in foods],
        [(low, *levels) for low, levels in zip(lowest.tolist(), weights, strict=True)],
        [(inside, len(cells)) for inside, cells in zip(n_inside.tolist(), foods, strict=True)],
    )
    return {name: Counter(kinds) for name, kinds in zip(DRAWN, told, strict=True)}


def deviation(ours: Counter[Any], theirs: Counter[Any]) -> float:
    """How far two samples are from being of one distribution: a chi-square test of both, as a normal deviate.

    Kinds that are seen fewer than 20 times are put together. The approximation is that of Wilson and Hilferty (1931).
    """
    common = [kind for kind in ours | theirs if ours[kind] + theirs[kind] >= 20]
    pairs = [(ours[kind], theirs[kind]) for kind in common]
    pairs.append((ours.total() - sum(one for one, _ in pairs), theirs.total() - sum(other for _, other in pairs)))
    pairs = [pair for pair in pairs if sum(pair)]
    n_ours, n_theirs = ours.total(), theirs.total()
    n_free = len(pairs) - 1
    if n_free == 0:
        return 0.0
    scale = (n_theirs / n_ours) ** 0.5
    statistic = sum((one * scale - other / scale) ** 2 / (one + other) for one, other in pairs)
    spread = 2 / (9 * n_free)
    return ((statistic / n_free) ** (1 / 3) - 1 + spread) / spread**0.5

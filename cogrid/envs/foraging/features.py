"""What players see: `foraging_vector` and `foraging_grid`.

`foraging_vector`: row, column and level of each food that is seen, in reading order, -1, -1 and 0 for those that are
not; then the same of each player, itself first. Rows and columns are counted from the first ones that are in sight. Of
players a stretch of twice the sight is seen from there on, which near the first row or column reaches further than the
sight; of food it does not.
`foraging_grid`: the square around a player: levels of players, levels of food, and whether a player can go there.

Source: `_make_obs` and `_make_gym_obs` of lbforaging 2.0.0. Exact, in the smallest type that holds the numbers; the
grid has its planes last, there they come first.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Int

from cogrid.core.tables import Tables
from cogrid.envs.families import check_family
from cogrid.envs.foraging.objects import Food, Soil
from cogrid.errors import ConfigError
from cogrid.feature_space.blocks import CellBlock, ListBlock, cell_positions
from cogrid.feature_space.feature import TableFeature, register_feature
from cogrid.feature_space.local_view import view_windows

NOT_SEEN = (-1, -1, 0)
PLANES = ("player", "food", "free")


def _check_sight(sight: int | None) -> None:
    if sight is not None and (isinstance(sight, bool) or not isinstance(sight, int) or sight < 1):
        raise ConfigError(f"sight is a number of cells of at least 1, or None for everything, not {sight!r}.")


def _food_level(value: Any) -> int:
    return value.level if isinstance(value, Food) else 0


@dataclasses.dataclass(frozen=True)
class ForagingVector(TableFeature):
    """What the original observes by default, `[3 * foods + 3 * players]`.

    Attributes:
      sight: how far players see, in cells; None for everything.
      sees_levels: whether the levels of players are shown; else there are two numbers for a player.
    """

    sight: int | None = None
    sees_levels: bool = True

    def __post_init__(self) -> None:
        _check_sight(self.sight)

    def blocks(self, tables: Tables) -> tuple[ListBlock, ListBlock]:
        """The food, and the players."""
        check_family(tables, "foraging_vector", "LevelBasedForaging", Food)
        values, players = tables.rules.compiled.cell_values, tables.rules.compiled.agent_values
        sight = max(tables.height, tables.width) if self.sight is None else self.sight
        ends, places = np.array([tables.height - 1, tables.width - 1]), cell_positions(tables)
        first = np.maximum(places - sight, 0)
        food = self._list(np.array([[_food_level(value)] for value in values]), first, np.minimum(places + sight, ends))
        shown = np.array([[getattr(player, "level", 0)] for player in players])
        of_players = self._list(shown[:, : int(self.sees_levels)], first, np.minimum(first + 2 * sight, ends))
        return (
            dataclasses.replace(food, of="cells", length=_n_foods(tables), is_listed=food.rows[:, 0] > 0),
            dataclasses.replace(of_players, length=tables.n_agents),
        )

    def _list(
        self, rows: Int[np.ndarray, "K C"], first: Int[np.ndarray, "N 2"], last: Int[np.ndarray, "N 2"]
    ) -> ListBlock:
        n_rows, n_columns = ((last - first).max(axis=0) + 1).tolist()
        return ListBlock(
            of="agents",
            length=1,
            is_listed=np.ones(len(rows), dtype=np.bool_),
            rows=rows,
            row_numbers=np.arange(n_rows),
            column_numbers=np.arange(n_columns),
            blank=np.array(NOT_SEEN[: 2 + rows.shape[1]]),
            first=first.astype(np.int32),
            last=last.astype(np.int32),
        )

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the numbers."""
        of_players = ("row", "column", "level") if self.sees_levels else ("row", "column")
        foods = (f"food_{idx}_{name}" for idx in range(_n_foods(tables)) for name in ("row", "column", "level"))
        players = (f"player_{idx}_{name}" for idx in range(tables.n_agents) for name in of_players)
        return (*foods, *players)


def _n_foods(tables: Tables) -> int:
    """How many foods there are at most."""
    return next(draw.k for draw in tables.settings.rules.draws if hasattr(Soil, draw.calls))


@dataclasses.dataclass(frozen=True)
class ForagingGrid(TableFeature):
    """What the original calls its grid observation, `[2 * sight + 1, 2 * sight + 1, 3]`.

    Attributes:
      sight: how far players see, in cells; None for as far as the field is long.
      sees_levels: whether players are shown by their levels; else by 1.
    """

    sight: int | None = None
    sees_levels: bool = True

    def __post_init__(self) -> None:
        _check_sight(self.sight)

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """The square around a player."""
        check_family(tables, "foraging_grid", "LevelBasedForaging", Food)
        values, players = tables.rules.compiled.cell_values, tables.rules.compiled.agent_values
        sight = max(tables.height, tables.width) if self.sight is None else self.sight
        cells = np.array([[0, _food_level(value), int(not isinstance(value, Food))] for value in values])
        shown = [[getattr(player, "level", 0) if self.sees_levels else 1, 0, 0] for player in players]
        size = 2 * sight + 1
        return (
            CellBlock(
                rows=np.concatenate([cells, shown, [[0, 0, 0]]]),
                shape=(size, size, len(PLANES)),
                shown=view_windows(tables.height, tables.width, sight, rotate=False),
                blank=len(cells) + len(shown),
                first_occupied=np.full(len(values), len(cells), dtype=np.int32),
                by_value=1,
            ),
        )

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return PLANES


register_feature("foraging_vector", ForagingVector())
register_feature("foraging_grid", ForagingGrid())

"""`overcooked_v2_planes`: what agents observe of OvercookedV2, `(H, W, C)` for each; k is the number of ingredients.

What is in a hand or a cell is told by k + 2 channels: a plate, a cooked soup, and how many of each ingredient (a ready
pot is cooked, a soup is plate and cooked). Channels, in order: 0 oneself, 1 to 4 own direction up, down, right, left,
then what is in hand; the same for the others; counters, delivery zones, pots, recipe indicators, buttons, plate stacks;
k ingredient stacks; what is in the cell, pots included; the wanted recipe, at recipe indicators and at lit buttons; the
ticks that a pot still cooks. With `shows_delivery` one more: 1 at delivery zones if somebody has just delivered the
wanted soup. C is 17 + k + 4 (k + 2), 30 with one ingredient.

Source: `OvercookedV2.get_obs_default` of JaxMARL 0.2.0. Exact, for any number of agents, in bytes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import cast

import numpy as np

from cogrid.core.agent import Agent
from cogrid.core.events import event_mask
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.tables import Tables
from cogrid.envs.families import check_family
from cogrid.envs.kitchen.objects import PLATE, Counter, PlateStack
from cogrid.envs.kitchen.planes import DIRECTION_NAMES, DIRECTIONS
from cogrid.envs.overcooked_v2.objects import (
    NUMBER_OF,
    SOUPS,
    ButtonIndicator,
    DeliveryZone,
    Pot,
    Recipe,
    RecipeIndicator,
)
from cogrid.feature_space.blocks import CellBlock, Scene, agent_rows, grid_block
from cogrid.feature_space.feature import TableFeature, register_feature

_STATIONS: tuple[type[GridObject], ...] = (Counter, DeliveryZone, Pot, RecipeIndicator, ButtonIndicator, PlateStack)


@dataclasses.dataclass(frozen=True)
class OvercookedV2Planes(TableFeature):
    """OvercookedV2's default observation, `[H, W, C]` uint8 for each agent.

    Attributes:
      shows_delivery: whether the last channel tells of a correct delivery (`indicate_successful_delivery` there).
    """

    shows_delivery: bool = False

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """Every look that a cell can have, for each recipe that can be wanted, and after a delivery.

        Raises:
          ConfigError: for a world of other rules.
        """
        drawer = _Drawer(_n_ingredients(tables), self.shows_delivery)
        recipes = tables.settings.rules.world_values
        cells = [
            [drawer.cell_row(value, cast(Recipe, recipe), is_delivered) for value in tables.rules.compiled.cell_values]
            for recipe in recipes
            for is_delivered in ((False, True) if self.shows_delivery else (False,))
        ]
        mask = event_mask(tables, "correct_delivery") if self.shows_delivery else 0
        scene = Scene(world_value=np.arange(len(recipes), dtype=np.int32), event_mask=mask)
        return (grid_block(tables, np.array(cells), agent_rows(tables, drawer.agent_row), scene=scene),)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return _channels(_n_ingredients(tables), self.shows_delivery)


def _n_ingredients(tables: Tables) -> int:
    check_family(tables, "overcooked_v2_planes", "OvercookedV2", Pot)
    return sum(item in NUMBER_OF for item in tables.settings.rules.items)


def _channels(n_ingredients: int, shows_delivery: bool) -> tuple[str, ...]:
    ingredients = [f"ing{idx}" for idx in range(n_ingredients)]
    names = []
    for who in ("self", "other"):
        names += [who, *(f"{who}_facing_{name}" for name in DIRECTION_NAMES)]
        names += [f"{who}_holds_{name}" for name in ("plate", "cooked", *ingredients)]
    names += [kind.name for kind in _STATIONS]
    names += [f"{name}_stack" for name in ingredients]
    names += [f"{where}_{name}" for where in ("cell", "recipe") for name in ("plate", "cooked", *ingredients)]
    return (*names, "ticks_left", *(["delivered"] if shows_delivery else []))


class _Drawer:
    """Draws the rows of a kitchen.

    Attributes:
      place: the number of each channel.
    """

    def __init__(self, n_ingredients: int, shows_delivery: bool) -> None:
        self.place = {name: idx for idx, name in enumerate(_channels(n_ingredients, shows_delivery))}

    def cell_row(self, value: GridObject, recipe: Recipe, is_delivered: bool) -> list[int]:
        """What a cell shows while a recipe is wanted."""
        row = [0] * len(self.place)
        name = str(value.object_type())
        if name in self.place:
            row[self.place[name]] = 1
        if isinstance(value, Counter):
            self._add_item(row, "cell", value.on)
        if isinstance(value, Pot):
            self._add_ingredients(row, "cell", [NUMBER_OF[item] for item in value.contents])
            row[self.place["cell_cooked"]] = int(value.is_ready())
            row[self.place["ticks_left"]] = max(value.timer, 0)
        if isinstance(value, RecipeIndicator) or (isinstance(value, ButtonIndicator) and value.timer):
            self._add_ingredients(row, "recipe", recipe)
        if isinstance(value, DeliveryZone) and is_delivered:
            row[self.place["delivered"]] = 1
        return row

    def agent_row(self, agent: Agent, direction: int, who: str) -> list[int]:
        """What an agent adds to its cell."""
        row = [0] * len(self.place)
        row[self.place[who]] = 1
        row[self.place[f"{who}_facing_{DIRECTION_NAMES[DIRECTIONS.index(direction)]}"]] = 1
        self._add_item(row, f"{who}_holds", agent.held)
        return row

    def _add_item(self, row: list[int], where: str, item: Item | None) -> None:
        if item is None:
            return
        row[self.place[f"{where}_plate"]] = int(item == PLATE or item in SOUPS)
        row[self.place[f"{where}_cooked"]] = int(item in SOUPS)
        self._add_ingredients(row, where, SOUPS.get(item, [NUMBER_OF[item]] if item in NUMBER_OF else []))

    def _add_ingredients(self, row: list[int], where: str, numbers: Sequence[int]) -> None:
        for number in numbers:
            row[self.place[f"{where}_ing{number}"]] += 1


overcooked_v2_planes: OvercookedV2Planes = OvercookedV2Planes()
register_feature("overcooked_v2_planes", overcooked_v2_planes)

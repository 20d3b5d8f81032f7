"""`overcooked_ai_planes`: the original's lossless encoding, `(W, H, 26)` for each agent; the first axis is x.

Channels: 0 oneself, 1 the others; 2 to 5 own direction up, down, right, left, 6 to 9 the others'; 10 pots, 11 counters,
12 onion stacks, 13 tomato stacks, 14 plate stacks, 15 delivery zones; 16 and 17 onions and tomatoes in a pot that has
not been started; 18 and 19 onions and tomatoes in a pot that has, and in a soup on a counter or in a hand; 20 ticks
until it is ready; 21 soup that is ready; 22 plates, 23 onions, 24 tomatoes on counters or in hands; 25 all ones in the
last 39 steps.

Source: `OvercookedGridworld.lossless_state_encoding` of overcooked_ai 1.1.0, two players. Exact; with more players the
others share their channels, where the original refuses.
"""

from __future__ import annotations

import dataclasses

from cogrid.core.grid_object import GridObject
from cogrid.core.tables import Tables
from cogrid.envs.families import check_family
from cogrid.envs.kitchen.objects import Counter, OnionStack, PlateStack, TomatoStack
from cogrid.envs.kitchen.planes import CHANNELS, PLACE, add_item, plane_block
from cogrid.envs.kitchen.soups import DeliveryZone
from cogrid.envs.overcooked_ai.objects import IDLE, Pot
from cogrid.feature_space.blocks import CellBlock
from cogrid.feature_space.feature import TableFeature, register_feature

_TERRAIN: tuple[type[GridObject], ...] = (Pot, Counter, OnionStack, TomatoStack, PlateStack, DeliveryZone)


@dataclasses.dataclass(frozen=True)
class OvercookedAIPlanes(TableFeature):
    """The original's lossless encoding, `[W, H, 26]` uint8 for each agent."""

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """Every look that a cell can have, first without, then with the urgency.

        Raises:
          ConfigError: for a world of other rules.
        """
        check_family(tables, "overcooked_ai_planes", "OvercookedAI", Pot)
        return (plane_block(tables, _cell_row, is_x_first=True),)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return CHANNELS


def _cell_row(value: GridObject) -> list[int]:
    row = [0] * len(CHANNELS)
    for name, kind in zip(CHANNELS[10:16], _TERRAIN, strict=True):
        row[PLACE[name]] = int(isinstance(value, kind))
    if isinstance(value, Counter):
        add_item(row, value.on)
    if isinstance(value, Pot):
        _add_pot(row, value)
    return row


def _add_pot(row: list[int], pot: Pot) -> None:
    where = "in_pot" if pot.timer == IDLE else "in_soup"
    row[PLACE[f"onions_{where}"]] = pot.recipe().count("o")
    row[PLACE[f"tomatoes_{where}"]] = pot.recipe().count("t")
    if pot.timer != IDLE:
        row[PLACE["ticks_left"]] = pot.cook_time() - pot.timer
        row[PLACE["soup_done"]] = int(pot.is_ready())


overcooked_ai_planes: OvercookedAIPlanes = OvercookedAIPlanes()
register_feature("overcooked_ai_planes", overcooked_ai_planes)

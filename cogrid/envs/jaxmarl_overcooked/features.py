"""`jaxmarl_overcooked_planes`: what JaxMARL's agents observe of Overcooked, `(H, W, 26)` for each.

Channels: those of `overcooked_ai_planes`, rows first, but 11 shows only counters without an item. In short: 0 oneself,
1 the others; 2 to 5 own direction up, down, right, left, 6 to 9 the others'; 10 pots, 11 free counters, 12 onion
stacks, 13 nothing (tomatoes), 14 plate stacks, 15 delivery zones; 16 onions in a pot that is not full, 18 onions in one
that is, and in a soup; 20 ticks until a soup is ready; 21 soup that is ready; 22 plates and 23 onions on counters or in
hands; 17, 19 and 24 nothing (tomatoes); 25 all ones in the last 39 steps.

Source: `Overcooked.get_obs` of JaxMARL 0.2.0, two agents. Exact; more agents share the channels of the others.
"""

from __future__ import annotations

import dataclasses

from cogrid.core.grid_object import GridObject
from cogrid.core.tables import Tables
from cogrid.envs.families import check_family
from cogrid.envs.jaxmarl_overcooked.objects import FULL, Pot
from cogrid.envs.kitchen.objects import CAPACITY, Counter, OnionStack, PlateStack
from cogrid.envs.kitchen.planes import CHANNELS, PLACE, add_item, plane_block
from cogrid.envs.kitchen.soups import DeliveryZone
from cogrid.feature_space.blocks import CellBlock
from cogrid.feature_space.feature import TableFeature, register_feature

_STATIONS: dict[type[GridObject], str] = {
    Pot: "pot",
    OnionStack: "onion_stack",
    PlateStack: "plate_stack",
    DeliveryZone: "delivery_zone",
}


@dataclasses.dataclass(frozen=True)
class JaxMARLOvercookedPlanes(TableFeature):
    """JaxMARL's observation of Overcooked, `[H, W, 26]` uint8 for each agent."""

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """Every look that a cell can have, first without, then with the urgency.

        Raises:
          ConfigError: for a world of other rules.
        """
        check_family(tables, "jaxmarl_overcooked_planes", "JaxMARLOvercooked", Pot)
        return (plane_block(tables, _cell_row),)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return CHANNELS


def _cell_row(value: GridObject) -> list[int]:
    row = [0] * len(CHANNELS)
    if type(value) in _STATIONS:
        row[PLACE[_STATIONS[type(value)]]] = 1
    if isinstance(value, Counter):
        row[PLACE["counter"]] = int(value.on is None)
        add_item(row, value.on)
    if isinstance(value, Pot):
        _add_pot(row, value)
    return row


def _add_pot(row: list[int], pot: Pot) -> None:
    if pot.timer >= FULL:
        row[PLACE["onions_in_pot"]] = len(pot.contents)
        return
    row[PLACE["onions_in_soup"]] = CAPACITY
    row[PLACE["ticks_left"]] = pot.timer
    row[PLACE["soup_done"]] = int(pot.is_ready())


jaxmarl_overcooked_planes: JaxMARLOvercookedPlanes = JaxMARLOvercookedPlanes()
register_feature("jaxmarl_overcooked_planes", jaxmarl_overcooked_planes)

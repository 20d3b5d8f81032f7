"""Kitchens that start at random: items in hands and on counters, pots in any stage of cooking.

The distributions are those of the original, the random numbers are this library's. Each hand, counter and pot draws one
32-bit word, and finds its value among the cumulated shares.

Source: `OvercookedV2._randomize_state` of JaxMARL 0.2.0. Differs: where the numbers come from, so that a seed begins
elsewhere.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import Int, Shaped, UInt

from cogrid.backend.array_ops import lookup
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.threefry import random_bits
from cogrid.core.agent import Agent
from cogrid.core.item import Item
from cogrid.core.tables import Tables
from cogrid.envs.kitchen.objects import CAPACITY, PLATE, Counter
from cogrid.envs.overcooked_v2.objects import COOK_TIME, INGREDIENTS, NOT_STARTED, Pot, Recipe, soup_of

ItemShares = tuple[Fraction, Fraction, Fraction, Fraction]
"""How often there is nothing, a plate, an ingredient, a soup."""

IN_HAND: ItemShares = (Fraction(50, 100), Fraction(10, 100), Fraction(25, 100), Fraction(15, 100))
ON_COUNTER: ItemShares = (Fraction(50, 100), Fraction(10, 100), Fraction(30, 100), Fraction(10, 100))
POT_STAGES = (Fraction(40, 100), Fraction(35, 100), Fraction(15, 100), Fraction(10, 100))
"""How often a pot is empty, not started, cooking, ready."""


@dataclasses.dataclass(frozen=True)
class RandomStart:
    """Puts items into hands and onto counters, and ingredients into pots, at each reset.

    Any ingredient is as likely as any other, and so is any soup of those that can be wanted. A pot that nobody has
    started holds one to three ingredients, each number as likely as any other, each ingredient drawn for itself; one
    that cooks or is ready holds three, or, if cooks start it, one to three. All ticks that can be left are equally
    likely.

    Attributes:
      n_ingredients: how many ingredients the kitchen has.
      recipes: those that can be wanted.
      pot: an empty pot.
    """

    n_ingredients: int
    recipes: tuple[Recipe, ...]
    pot: Pot

    def __call__(self, state: EnvState, key: UInt[Array, "*B 2"]) -> EnvState:
        """The start hook.

        Args:
          state: the first state of an episode, its hands empty, its counters free, its pots empty.
          key: `[*B, 2]` uint32.
        """
        drawers = _drawers(self, state.tables)
        xp = namespace(state.cells)
        n_cells = state.cells.shape[-1]
        words = random_bits(key, n_cells + state.n_agents)
        drawn, cells = words[..., :n_cells], state.cells
        for fresh, drawer in ((drawers.counter, drawers.on_counter), (drawers.empty_pot, drawers.in_pot)):
            cells = xp.where(state.cells == fresh, drawer.draw(drawn).astype(cells.dtype), cells)
        return state.replace(cells=cells, agent_value=drawers.in_hand.draw(words[..., n_cells:]).astype(np.int32))

    def items(self, shares: ItemShares) -> dict[Item | None, Fraction]:
        """How often each item is there."""
        nothing, plate, ingredient, soup = shares
        found: dict[Item | None, Fraction] = {None: nothing, PLATE: plate}
        found |= dict.fromkeys(INGREDIENTS[: self.n_ingredients], ingredient / self.n_ingredients)
        return found | {soup_of(recipe): soup / len(self.recipes) for recipe in self.recipes}

    def pots(self) -> dict[Pot, Fraction]:
        """How often each pot is there."""
        empty, waiting, cooking, ready = POT_STAGES
        any_size = range(1, CAPACITY + 1)
        is_started_by_hand = self.pot.timer == NOT_STARTED
        shares = {self.pot: empty}
        for contents, share in self._contents(any_size).items():
            is_waiting = is_started_by_hand or len(contents) == CAPACITY
            shares[self._pot(contents, NOT_STARTED if is_waiting else 0)] = waiting * share
        for contents, share in self._contents(any_size if is_started_by_hand else [CAPACITY]).items():
            shares[self._pot(contents, 0)] = ready * share
            shares |= {self._pot(contents, left): cooking * share / COOK_TIME for left in range(1, COOK_TIME + 1)}
        return shares

    def _pot(self, contents: tuple[Item, ...], timer: int) -> Pot:
        return dataclasses.replace(self.pot, contents=contents, timer=timer)

    def _contents(self, sizes: Iterable[int]) -> dict[tuple[Item, ...], Fraction]:
        """How often each contents is there: a number of ingredients, and then each of them, drawn evenly."""
        numbers = list(sizes)
        shares: dict[tuple[Item, ...], Fraction] = {}
        for size in numbers:
            for mix in product(range(self.n_ingredients), repeat=size):
                contents = tuple(INGREDIENTS[idx] for idx in sorted(mix))
                share = Fraction(1, len(numbers) * self.n_ingredients**size)
                shares[contents] = shares.get(contents, Fraction(0)) + share
        return shares


class _Drawer:
    """Draws value ids with given shares.

    Args:
      shares: of each value id; in sum 1.
    """

    def __init__(self, shares: Mapping[int, Fraction]) -> None:
        self.values = np.array(list(shares), dtype=np.int32)
        cumulated = np.cumsum(np.array(list(shares.values())))
        self.thresholds = np.array([int(share * 2**32) for share in cumulated[:-1]], dtype=np.uint32)

    def draw(self, words: UInt[Array, "*B N"]) -> Int[Array, "*B N"]:
        """A value id for each word.

        Args:
          words: `[*B, N]` uint32.
        """
        xp = namespace(words)
        place: Shaped[Array, "..."] = xp.searchsorted(xp.asarray(self.thresholds), words, side="right")
        return lookup(self.values, place)


@dataclasses.dataclass(frozen=True, eq=False)
class _Drawers:
    """What is drawn in a world, and the value ids of a free counter and of an empty pot."""

    counter: int
    empty_pot: int
    in_hand: _Drawer
    on_counter: _Drawer
    in_pot: _Drawer


@functools.lru_cache(maxsize=256)
def _drawers(start: Any, tables: Any) -> _Drawers:
    return _read_drawers(start, tables)


def _read_drawers(start: RandomStart, tables: Tables) -> _Drawers:
    cells = {value: idx for idx, value in enumerate(tables.rules.compiled.cell_values)}
    agents = {value: idx for idx, value in enumerate(tables.rules.compiled.agent_values)}
    return _Drawers(
        counter=cells[Counter()],
        empty_pot=cells[start.pot],
        in_hand=_Drawer({agents[Agent(held=item)]: share for item, share in start.items(IN_HAND).items()}),
        on_counter=_Drawer({cells[Counter(item)]: share for item, share in start.items(ON_COUNTER).items()}),
        in_pot=_Drawer({cells[pot]: share for pot, share in start.pots().items()}),
    )

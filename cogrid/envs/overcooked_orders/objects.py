"""The order board: slots in the wall in which recipes appear, wait, and expire."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cogrid.core.grid_object import GridObject, listed_array
from cogrid.envs.kitchen.soups import Recipe, check_recipe
from cogrid.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Menu:
    """What guests order, how often, and how long they wait.

    Attributes:
      recipes: what can be ordered, each as likely as any other.
      values: what each is worth when it is served at once, in whole points.
      order_percent: the chance that an order appears in a step in which a slot is free, in percent.
      patience: ticks until an order expires.
      cook_time: ticks that every soup cooks.
    """

    recipes: tuple[Recipe, ...] = ("ooo", "oot", "ott", "ttt")
    values: tuple[int, ...] = (20, 24, 24, 20)
    order_percent: int = 5
    patience: int = 80
    cook_time: int = 20

    def __post_init__(self) -> None:
        for recipe in self.recipes:
            check_recipe(recipe)
        if not self.recipes or len(self.values) != len(self.recipes):
            raise ConfigError(f"A menu has one value for each recipe, not {self.values!r} for {self.recipes!r}.")
        if not 0 < self.order_percent <= 100:
            raise ConfigError(f"order_percent is more than 0 and at most 100, not {self.order_percent!r}.")
        for name in ("patience", "cook_time"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} is a number of ticks, at least 1, not {getattr(self, name)!r}.")

    def pays(self, recipe: Recipe, left: int) -> int:
        """The points for an order that is served with so many ticks left: half its value, and half by the time left."""
        value = self.values[self.recipes.index(recipe)]
        return value // 2 + (value - value // 2) * left // self.patience


@dataclass(frozen=True)
class OrderSlot(GridObject, name="order_slot", symbol="Q", color=(235, 225, 190)):
    """A place on the order board: free, or a recipe that somebody waits for, and the ticks until it expires."""

    recipe: Recipe | None = None
    left: int = 0
    menu: Menu = dataclasses.field(default=Menu(), kw_only=True, repr=False, hash=False)

    def tick(self) -> OrderSlot:
        if self.recipe is None:
            return self
        return replace(self, left=self.left - 1) if self.left > 1 else replace(self, recipe=None, left=0)

    def object_state(self) -> int:
        if self.recipe is None:
            return 0
        return 1 + self.menu.recipes.index(self.recipe) * self.menu.patience + self.left

    @listed_array()
    def order_recipe(self) -> int | None:
        """Number of the recipe on the menu, -1 for a free slot."""
        return None if self.recipe is None else self.menu.recipes.index(self.recipe)

    @listed_array(fill=0)
    def order_left(self) -> int:
        """Ticks until the order expires, 0 for a free slot."""
        return self.left

    def examples(self) -> Iterable[OrderSlot]:
        """Every order, with any time left."""
        times = range(1, self.menu.patience + 1)
        return (replace(self, recipe=recipe, left=left) for recipe in self.menu.recipes for left in times)

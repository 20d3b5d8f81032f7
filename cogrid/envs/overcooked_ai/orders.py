"""`Orders`: which soups a kitchen of Overcooked-AI asks for, how long each cooks, and what each is worth."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

from cogrid.envs.kitchen.soups import RECIPES, Recipe, check_recipe
from cogrid.errors import ConfigError, did_you_mean

DEFAULT_VALUE = 20
DEFAULT_TIME = 20


@dataclasses.dataclass(frozen=True, kw_only=True)
class Orders:
    """What a kitchen asks for.

    Source: `Recipe` and `OvercookedGridworld.get_recipe_value` of overcooked_ai 1.1.0. Exact.

    Attributes:
      orders: the soups that are paid for; empty for all.
      bonus_orders: those of them that are worth `order_bonus` times their value.
      order_bonus: what the value of a bonus order is multiplied by.
      recipe_values: what each of `orders` is worth, in their order; else by ingredient; else 20.
      recipe_times: the ticks that each of `orders` cooks, in their order; else by ingredient; else 20.
      onion_value, tomato_value: what each ingredient is worth.
      onion_time, tomato_time: the ticks that each ingredient adds.
    """

    orders: tuple[Recipe, ...] = ("ooo",)
    bonus_orders: tuple[Recipe, ...] = ()
    order_bonus: float = 2
    recipe_values: tuple[int, ...] = ()
    recipe_times: tuple[int, ...] = ()
    onion_value: int = 0
    tomato_value: int = 0
    onion_time: int = 0
    tomato_time: int = 0

    def __post_init__(self) -> None:
        for setting in ("orders", "bonus_orders", "recipe_values", "recipe_times"):
            object.__setattr__(self, setting, tuple(getattr(self, setting)))
        for recipe in (*self.orders, *self.bonus_orders):
            check_recipe(recipe)
        for setting in ("recipe_values", "recipe_times"):
            if getattr(self, setting) and len(getattr(self, setting)) != len(self.orders):
                raise ConfigError(
                    f"{setting} has {len(getattr(self, setting))} entries, and there are {len(self.orders)} orders."
                )
        if any(self.time(recipe) < 1 for recipe in RECIPES):
            raise ConfigError("Every recipe cooks at least one tick: check recipe_times, onion_time and tomato_time.")

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Read orders from a mapping, as a file holds them.

        Raises:
          ConfigError: for an unknown setting or recipe.
        """
        known = [field.name for field in dataclasses.fields(cls)]
        for name in settings:
            if name not in known:
                raise ConfigError(f"Orders have no setting {name!r}. {did_you_mean(name, known)}")
        return cls(**settings)

    def value(self, recipe: Recipe) -> float:
        """What delivering a soup pays; 0 for one that is not ordered."""
        if self.orders and recipe not in self.orders:
            return 0
        return self._worth(recipe) * (self.order_bonus if recipe in self.bonus_orders else 1)

    def time(self, recipe: Recipe) -> int:
        """Ticks from the start of the cooking to the soup."""
        if self.recipe_times:
            return dict(zip(self.orders, self.recipe_times, strict=True)).get(recipe, DEFAULT_TIME)
        if self.onion_time and self.tomato_time:
            return self.onion_time * recipe.count("o") + self.tomato_time * recipe.count("t")
        return DEFAULT_TIME

    def _worth(self, recipe: Recipe) -> int:
        if self.recipe_values:
            return dict(zip(self.orders, self.recipe_values, strict=True)).get(recipe, DEFAULT_VALUE)
        if self.onion_value and self.tomato_value:
            return self.onion_value * recipe.count("o") + self.tomato_value * recipe.count("t")
        return DEFAULT_VALUE

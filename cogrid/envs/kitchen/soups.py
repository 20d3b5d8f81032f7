"""Soups of one to three onions and tomatoes in any mix, and the delivery zone that takes them all."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome
from cogrid.core.item import Item
from cogrid.envs.kitchen.objects import CAPACITY, ONION, PLATE, TOMATO
from cogrid.errors import ConfigError, did_you_mean

Recipe = str
"""The ingredients of a soup in alphabetical order, one letter each: "oot" is two onions and a tomato."""

INGREDIENT_OF = {"o": ONION, "t": TOMATO}
"""The ingredient of each letter of a recipe."""

RECIPES: tuple[Recipe, ...] = tuple(
    "".join(letters)
    for count in range(1, CAPACITY + 1)
    for letters in combinations_with_replacement(INGREDIENT_OF, count)
)
"""Every soup that can be cooked."""


def check_recipe(recipe: Recipe) -> None:
    """Raise ConfigError for a recipe that does not exist, with the close ones."""
    if recipe not in RECIPES:
        raise ConfigError(f"There is no recipe {recipe!r}. {did_you_mean(str(recipe), RECIPES)}")


def soup_name(recipe: Recipe) -> str:
    """The object type of a soup: `soup_o2t1` for two onions and a tomato."""
    return f"soup_o{recipe.count('o')}t{recipe.count('t')}"


def _soup_color(recipe: Recipe) -> tuple[int, int, int]:
    share = recipe.count("t") / len(recipe)
    red, green, blue = (round(a + (b - a) * share) for a, b in zip((196, 148, 48), (170, 44, 36), strict=True))
    return red, green, blue


SOUPS = {recipe: Item(soup_name(recipe), color=_soup_color(recipe)) for recipe in RECIPES}
"""The soup of each recipe."""

RECIPE_OF = {soup: recipe for recipe, soup in SOUPS.items()}
"""The recipe of each soup."""

ITEMS = (ONION, TOMATO, PLATE, *SOUPS.values())


@dataclass(frozen=True)
class DeliveryZone(GridObject, symbol="@", color=(104, 150, 106)):
    """Takes any soup, ordered or not, and nothing else.

    Source: `OvercookedGridworld.deliver_soup` of overcooked_ai 1.1.0. Exact.
    """

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        if agent.held is None or agent.held not in RECIPE_OF:
            return None
        return Outcome(self, agent.empty_handed(), events=("delivery", f"delivery_{agent.held.name}"))

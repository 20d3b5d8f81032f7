"""OvercookedV2, exactly: kitchens of several ingredients in which not everybody can see which soup is wanted.

What stands in a kitchen is in `objects.py`, the order of a step in `rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.config import EnvConfig
from cogrid.core.layout import LayoutSource, read_drawing, register_layout
from cogrid.core.layout_set import LayoutSet
from cogrid.envs.kitchen.layouts import HORIZON
from cogrid.envs.overcooked_v2.features import OvercookedV2Planes as OvercookedV2Planes
from cogrid.envs.overcooked_v2.features import overcooked_v2_planes as overcooked_v2_planes
from cogrid.envs.overcooked_v2.layouts import KITCHENS, Kitchen
from cogrid.envs.overcooked_v2.objects import ButtonIndicator, RecipeIndicator, ingredients_drawn, recipes_of
from cogrid.envs.overcooked_v2.options import OPTION_NAMES, Options
from cogrid.envs.overcooked_v2.rewards import (
    SHAPED_REWARDS,
    SHAPED_REWARDS_BY_HAND,
    ButtonReward,
    DeliveryReward,
    WrongDeliveryReward,
)
from cogrid.envs.overcooked_v2.rules import DEFAULT_OPTIONS, overcooked_v2_rules, read_recipes
from cogrid.envs.registry import EnvFactory, register

PLANES = "overcooked_v2_planes"


def overcooked_v2_config(
    kitchen: Kitchen,
    layout: LayoutSource | LayoutSet | None = None,
    recipes: Iterable[Sequence[int]] | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> EnvConfig:
    """The settings of one of the environments of OvercookedV2.

    Args:
      kitchen: its map and recipes.
      layout: another map, or a set of maps; the kitchen's recipes then no longer count.
      recipes: the recipes that can be wanted, three ingredients by number each. By default the kitchen's; on another
        map with a recipe indicator or a button all that can be made of its ingredients, else three of the first.
      options: what else can be chosen.
    Raises:
      ConfigError: for a recipe that is none of this kitchen.
      LayoutError: for a layout that is neither a registered name nor a drawing or a file.
    """
    name = f"overcooked_v2/{kitchen.name}"
    drawings = _drawings(name if layout is None else layout)
    n_ingredients = max(map(ingredients_drawn, drawings))
    if recipes is None:
        recipes = kitchen.recipes if layout is None else _recipes_drawn(drawings, n_ingredients)
    rewards = (DeliveryReward(), ButtonReward())
    return EnvConfig(
        name=f"OvercookedV2-{kitchen.id_name}-V0",
        rules=overcooked_v2_rules(n_ingredients, read_recipes(recipes, n_ingredients), options),
        layout=name if layout is None else layout,
        num_agents=kitchen.n_agents,
        action_set="cardinal_no_toggle",
        features=(OvercookedV2Planes(shows_delivery=True) if options.indicate_successful_delivery else PLANES,),
        rewards=(*rewards, WrongDeliveryReward()) if options.negative_rewards else rewards,
        shaped_rewards=SHAPED_REWARDS_BY_HAND if options.start_cooking_interaction else SHAPED_REWARDS,
        max_steps=HORIZON,
    )


def _drawings(layout: LayoutSource | LayoutSet) -> list[tuple[str, ...]]:
    return [read_drawing(source) for source in (layout.layouts if isinstance(layout, LayoutSet) else (layout,))]


def _recipes_drawn(drawings: list[tuple[str, ...]], n_ingredients: int) -> Iterable[Sequence[int]]:
    tells = {RecipeIndicator.symbol, ButtonIndicator.symbol}
    is_told = any(symbol in tells for rows in drawings for row in rows for symbol in row)
    return recipes_of(n_ingredients) if is_told else ((0, 0, 0),)


def _factory(kitchen: Kitchen) -> EnvFactory:
    def factory(
        backend: str = "numpy",
        render_mode: str | None = None,
        layout: LayoutSource | LayoutSet | None = None,
        recipes: Iterable[Sequence[int]] | None = None,
        **overrides: Any,
    ) -> CoGridEnv:
        options = Options(**{name: overrides.pop(name) for name in OPTION_NAMES if name in overrides})
        config = overcooked_v2_config(kitchen, layout, recipes, options)
        return CoGridEnv(config.with_overrides(overrides), backend=backend, render_mode=render_mode)

    return factory


for _kitchen in KITCHENS:
    register_layout(f"overcooked_v2/{_kitchen.name}", _kitchen.drawing)
    register(f"OvercookedV2-{_kitchen.id_name}-V0", _factory(_kitchen))

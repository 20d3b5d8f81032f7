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
from cogrid.envs.jaxmarl_overcooked import HORIZON, id_name
from cogrid.envs.overcooked_v2.layouts import KITCHENS, Kitchen
from cogrid.envs.overcooked_v2.objects import ButtonIndicator, RecipeIndicator, ingredients_drawn, recipes_of
from cogrid.envs.overcooked_v2.planes import OvercookedV2Planes as OvercookedV2Planes
from cogrid.envs.overcooked_v2.planes import overcooked_v2_planes as overcooked_v2_planes
from cogrid.envs.overcooked_v2.rewards import SHAPED_REWARDS, ButtonReward, DeliveryReward
from cogrid.envs.overcooked_v2.rules import overcooked_v2_rules, read_recipes
from cogrid.envs.registry import EnvFactory, register


def overcooked_v2_config(
    kitchen: Kitchen,
    layout: LayoutSource | LayoutSet | None = None,
    recipes: Iterable[Sequence[int]] | None = None,
    sample_recipe_on_delivery: bool = False,
    random_agent_positions: bool = False,
) -> EnvConfig:
    """The settings of one of the environments of OvercookedV2.

    Args:
      kitchen: its map and recipes.
      layout: another map, or a set of maps; the kitchen's recipes then no longer count.
      recipes: the recipes that can be wanted, three ingredients by number each. By default the kitchen's; on another
        map with a recipe indicator or a button all that can be made of its ingredients, else three of the first.
      sample_recipe_on_delivery: whether the recipe is drawn anew when the wanted soup has been delivered.
      random_agent_positions: whether each agent starts on a free cell of the room that its mark is in, and looks in a
        direction, both drawn at each reset.
    Raises:
      ConfigError: for a recipe that is none of this kitchen.
      LayoutError: for a layout that is neither a registered name nor a drawing or a file.
    """
    name = f"overcooked_v2/{kitchen.name}"
    drawings = _drawings(name if layout is None else layout)
    n_ingredients = max(map(ingredients_drawn, drawings))
    if recipes is None:
        recipes = kitchen.recipes if layout is None else _recipes_drawn(drawings, n_ingredients)
    return EnvConfig(
        name=f"OvercookedV2-{id_name(kitchen.name)}-V0",
        rules=overcooked_v2_rules(
            n_ingredients, read_recipes(recipes, n_ingredients), sample_recipe_on_delivery, random_agent_positions
        ),
        layout=name if layout is None else layout,
        num_agents=kitchen.n_agents,
        action_set="cardinal_no_toggle",
        features=("overcooked_v2_planes",),
        rewards=(DeliveryReward(), ButtonReward()),
        shaped_rewards=SHAPED_REWARDS,
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
        sample_recipe_on_delivery: bool = False,
        random_agent_positions: bool = False,
        **overrides: Any,
    ) -> CoGridEnv:
        config = overcooked_v2_config(kitchen, layout, recipes, sample_recipe_on_delivery, random_agent_positions)
        return CoGridEnv(config.with_overrides(overrides), backend=backend, render_mode=render_mode)

    return factory


for _kitchen in KITCHENS:
    register_layout(f"overcooked_v2/{_kitchen.name}", _kitchen.drawing)
    register(f"OvercookedV2-{id_name(_kitchen.name)}-V0", _factory(_kitchen))

"""The settings of the kitchens of OvercookedV2."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cogrid.core.config import EnvConfig
from cogrid.core.layout import LayoutSource, read_drawing
from cogrid.core.layout_set import LayoutSet
from cogrid.envs.kitchen.layouts import HORIZON
from cogrid.envs.overcooked_v2.features import OvercookedV2Planes
from cogrid.envs.overcooked_v2.layouts import Kitchen
from cogrid.envs.overcooked_v2.objects import ButtonIndicator, RecipeIndicator, ingredients_drawn, recipes_of
from cogrid.envs.overcooked_v2.rewards import REWARDS, SHAPED_REWARDS, SHAPED_REWARDS_BY_HAND
from cogrid.envs.overcooked_v2.rules import overcooked_v2_rules, read_recipes


def overcooked_v2_config(
    kitchen: Kitchen,
    *,
    layout: LayoutSource | LayoutSet | None = None,
    recipes: Iterable[Sequence[int]] | None = None,
    sample_recipe_on_delivery: bool = False,
    random_agent_positions: bool = False,
    random_reset: bool = False,
    start_cooking_interaction: bool = False,
    negative_rewards: bool = False,
    indicate_successful_delivery: bool = False,
) -> EnvConfig:
    """The settings of one of the environments of OvercookedV2, by the names that they have there.

    Args:
      kitchen: its map and recipes.
      layout: another map, or a set of maps; the kitchen's recipes then no longer count.
      recipes: the recipes that can be wanted, three ingredients by number each. By default the kitchen's; on another
        map with a recipe indicator or a button all that can be made of its ingredients, else three of the first.
      sample_recipe_on_delivery: whether the recipe is drawn anew, from all that can be wanted, after a step in which
        somebody delivered the wanted soup.
      random_agent_positions: whether each agent starts on a free cell of the room that its mark is in, and looks in a
        direction, both drawn at each reset; else on its mark and up.
      random_reset: whether items in hands and on counters and the contents of pots are drawn at each reset too.
      start_cooking_interaction: whether a cook starts the pots, with an empty hand, from one ingredient on; else they
        start by themselves at three.
      negative_rewards: whether the delivery of another soup than the wanted one costs everybody something.
      indicate_successful_delivery: whether the observation shows a correct delivery, in one more channel.
    Raises:
      ConfigError: for a recipe that this kitchen cannot cook.
      LayoutError: for a layout that is neither a registered name nor a drawing or a file.
    """
    name = f"overcooked_v2/{kitchen.name}"
    drawings = _drawings(name if layout is None else layout)
    n_ingredients = max(map(ingredients_drawn, drawings))
    if recipes is None:
        recipes = kitchen.recipes if layout is None else _recipes_drawn(drawings, n_ingredients)
    rules = overcooked_v2_rules(
        n_ingredients,
        read_recipes(recipes, n_ingredients),
        redraws_recipe=sample_recipe_on_delivery,
        draws_positions=random_agent_positions or random_reset,
        draws_stations=random_reset,
        is_started_by_hand=start_cooking_interaction,
    )
    return EnvConfig(
        rules=rules,
        layout=name if layout is None else layout,
        num_agents=kitchen.n_agents,
        action_set="cardinal_no_toggle",
        features=(OvercookedV2Planes(shows_delivery=True) if indicate_successful_delivery else "overcooked_v2_planes",),
        rewards=(*REWARDS, "overcooked_v2_wrong_delivery") if negative_rewards else REWARDS,
        shaped_rewards=SHAPED_REWARDS_BY_HAND if start_cooking_interaction else SHAPED_REWARDS,
        max_steps=HORIZON,
    )


def _drawings(layout: LayoutSource | LayoutSet) -> list[tuple[str, ...]]:
    return [read_drawing(source) for source in (layout.layouts if isinstance(layout, LayoutSet) else (layout,))]


def _recipes_drawn(drawings: list[tuple[str, ...]], n_ingredients: int) -> Iterable[Sequence[int]]:
    indicators = {RecipeIndicator.symbol, ButtonIndicator.symbol}
    is_shown = any(symbol in indicators for rows in drawings for row in rows for symbol in row)
    return recipes_of(n_ingredients) if is_shown else ((0, 0, 0),)

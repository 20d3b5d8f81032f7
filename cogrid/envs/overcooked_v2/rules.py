"""The rule set of OvercookedV2: order of stages, collisions, the wanted recipe, and when a plate is useful."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from jaxtyping import Bool, Int

from cogrid.backend.array_ops import Array
from cogrid.backend.env_state import EnvState
from cogrid.core.agent import DIRECTION_NAMES
from cogrid.core.rules import Rules
from cogrid.envs.jaxmarl_overcooked.plates import is_plate_wanted
from cogrid.envs.overcooked.objects import CAPACITY, Counter
from cogrid.envs.overcooked_ai.objects import PlateStack
from cogrid.envs.overcooked_v2.objects import (
    INGREDIENTS,
    ButtonIndicator,
    DeliveryZone,
    Pot,
    Recipe,
    RecipeIndicator,
    ingredient_stack,
    kitchen_items,
)
from cogrid.envs.overcooked_v2.pictures import PICTURES
from cogrid.errors import ConfigError


@functools.lru_cache(maxsize=256)
def overcooked_v2_rules(
    n_ingredients: int,
    recipes: tuple[Recipe, ...],
    sample_recipe_on_delivery: bool = False,
    random_agent_positions: bool = False,
) -> Rules:
    """The rules of a kitchen of OvercookedV2; the same object for equal arguments.

    In a step, agents move first: those who would share a cell with another one, or change places with it, stay. Then
    they interact, one after the other; then pots cook and buttons run down. Nothing can be put on the floor. One of the
    recipes is wanted, drawn at each reset, each as likely as any other.

    Source: `OvercookedV2.step_agents` of JaxMARL 0.2.0 (Gessler et al., 2025, arXiv 2503.17821). Exact, for any number
    of agents.

    Args:
      n_ingredients: how many ingredients there are.
      recipes: those that can be wanted (`read_recipes`).
      sample_recipe_on_delivery: whether the recipe is drawn anew, from all of them, after a step in which somebody
        delivered the wanted soup.
      random_agent_positions: whether each agent starts on a free cell of the room that its mark is in, and looks in a
        direction, both drawn at each reset; else on its mark and up.
    """
    return Rules(
        name=f"overcooked_v2_{n_ingredients}",
        objects=(
            Counter,
            Pot,
            DeliveryZone,
            PlateStack,
            RecipeIndicator,
            ButtonIndicator,
            *map(ingredient_stack, range(n_ingredients)),
        ),
        items=kitchen_items(n_ingredients),
        world_values=recipes,
        world_arrays={"recipe": tuple},
        redraw_on=("correct_delivery",) if sample_recipe_on_delivery else (),
        guards={"useful_plate_taken": is_plate_useful},
        stages=("move", "interact", "tick"),
        collisions="colliders_stay",
        items_on_floor=False,
        start_direction=None if random_agent_positions else DIRECTION_NAMES.index("up"),
        start_in_room=random_agent_positions,
        symbols={symbol: ingredient_stack(idx)() for symbol, idx in (("O", 0), ("T", 1)) if idx < n_ingredients},
        pictures=PICTURES,
    )


def read_recipes(recipes: Iterable[Sequence[int]], n_ingredients: int) -> tuple[Recipe, ...]:
    """Read recipes that a user gives: sorted, each once.

    Args:
      recipes: three ingredients by number, each.
      n_ingredients: how many ingredients the kitchen has.
    Raises:
      ConfigError: for no recipe at all, one that is not of three ingredients, or an ingredient that is not there.
    """
    if n_ingredients > len(INGREDIENTS):
        raise ConfigError(f"There are {len(INGREDIENTS)} ingredients, not {n_ingredients}.")
    read = {_read_recipe(recipe, n_ingredients) for recipe in recipes}
    if not read:
        raise ConfigError("recipes must hold at least one recipe, such as (0, 0, 1).")
    return tuple(sorted(read))


def _read_recipe(recipe: Sequence[int], n_ingredients: int) -> Recipe:
    if len(recipe) != CAPACITY or not all(idx in range(n_ingredients) for idx in recipe):
        raise ConfigError(
            f"A recipe is {CAPACITY} ingredients by number, 0 to {n_ingredients - 1} in this kitchen, not {recipe!r}."
        )
    first, second, third = sorted(int(idx) for idx in recipe)
    return first, second, third


def is_plate_useful(prev_state: EnvState, state: EnvState, agent_idx: int | Int[Array, ""]) -> Bool[Array, "*B"]:
    """Whether OvercookedV2 pays for taking a plate from the stack: hands as they were at the start of the step.

    Source: `OvercookedV2.process_interact` of JaxMARL 0.2.0. Exact.

    Args:
      prev_state: the state at the start of the step.
      state: the state at the agent's turn.
      agent_idx: whose turn it is.
    Returns:
      `[*B]` bool.
    """
    return is_plate_wanted(state, holders=prev_state)

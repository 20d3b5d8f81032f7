"""The rule set of OvercookedV2: order of stages, collisions, the wanted recipe, and when a plate is useful."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from jaxtyping import Bool, Int

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.agent import DIRECTION_NAMES
from cogrid.core.guards import declare_sums
from cogrid.core.rules import Rules
from cogrid.envs.kitchen.objects import CAPACITY, Counter, PlateStack
from cogrid.envs.kitchen.plates import is_plate_wanted, plate_sums
from cogrid.envs.overcooked_v2.objects import (
    INGREDIENTS,
    STACKS,
    ButtonIndicator,
    DeliveryZone,
    HandStartedPot,
    Pot,
    Recipe,
    RecipeIndicator,
    WaitingPot,
    kitchen_items,
)
from cogrid.envs.overcooked_v2.pictures import PICTURES
from cogrid.envs.overcooked_v2.random_starts import RandomStart
from cogrid.errors import ConfigError


@functools.lru_cache(maxsize=256)
def overcooked_v2_rules(
    n_ingredients: int,
    recipes: tuple[Recipe, ...],
    *,
    redraws_recipe: bool = False,
    draws_positions: bool = False,
    draws_stations: bool = False,
    is_started_by_hand: bool = False,
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
      redraws_recipe: whether the recipe is drawn anew after a step in which somebody delivered the wanted soup.
      draws_positions: whether agents' first cells and directions are drawn at each reset.
      draws_stations: whether what is in hands, on counters and in pots is drawn at each reset.
      is_started_by_hand: whether a cook starts the pots.
    """
    pot: Pot = HandStartedPot() if is_started_by_hand else Pot()
    if draws_stations and not is_started_by_hand:
        pot = WaitingPot(n_ingredients=n_ingredients)
    stacks = {symbol: stack for symbol, stack in STACKS.items() if stack.item in INGREDIENTS[:n_ingredients]}
    return Rules(
        name=f"overcooked_v2_{n_ingredients}" + ("_started_by_hand" if is_started_by_hand else ""),
        objects=(
            Counter,
            pot,
            DeliveryZone,
            PlateStack,
            RecipeIndicator,
            ButtonIndicator,
            *dict.fromkeys(stacks.values()),
        ),
        items=kitchen_items(n_ingredients, has_small_soups=is_started_by_hand),
        world_values=recipes,
        world_arrays={"recipe": tuple},
        redraw_on=("correct_delivery",) if redraws_recipe else (),
        guards={"useful_plate_taken": is_plate_useful},
        stages=("move", "interact", "tick"),
        collisions="colliders_stay",
        items_on_floor=False,
        start_direction=None if draws_positions else DIRECTION_NAMES.index("up"),
        start_in_room=draws_positions,
        start_hook=RandomStart(n_ingredients, recipes, pot) if draws_stations else None,
        symbols=stacks,
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
    return is_plate_wanted(counters=state, holders=prev_state, pots=state)


declare_sums(is_plate_useful, functools.partial(plate_sums, holders="agents_before", pots="cells"))

"""Every generated kitchen can be played, and a seed draws the same one every time."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.core.layout import read_drawing
from cogrid.envs.overcooked.generator import KitchenSettings, Place, generate_kitchen, kitchen_set
from cogrid.envs.overcooked.scripted import scripted_actions
from cogrid.errors import ConfigError, SeedError
from cogrid.tests.engines import needs_jax
from cogrid.tests.states import assert_same_bits, assert_same_states

KITCHEN = "Overcooked-CrampedRoom-V0"
BANQUET = KitchenSettings(
    height=10,
    width=13,
    num_agents=5,
    num_rooms=(2, 2),
    num_pots=(2, 4),
    num_stacks=(1, 3),
    num_delivery_zones=(1, 2),
    island_share=1,
    has_tomatoes=True,
)
SNUG = KitchenSettings(height=6, width=6, num_stacks=(1, 1), num_pots=(1, 1), island_share=1)
KINDS = {"default": KitchenSettings(), "banquet": BANQUET, "snug": SNUG}
on_each_kind = pytest.mark.parametrize("kind", KINDS)

FIRST_KITCHEN = """\
#########
#CUCCOCC#
#C+    C#
#C  CC C#
#C@ +  C#
#CC=O=CC#
#########"""


def read(drawing: str) -> dict[Place, str]:
    """The character at each place."""
    return {(row, column): symbol for row, text in enumerate(drawing.split("\n")) for column, symbol in enumerate(text)}


def beside(place: Place) -> list[Place]:
    row, column = place
    return [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]


def reach(start: Place, floor: set[Place]) -> set[Place]:
    """Where somebody gets from a place over the floor."""
    found, left = {start}, [start]
    while left:
        for place in beside(left.pop()):
            if place in floor - found:
                found.add(place)
                left.append(place)
    return found


def rooms(grid: dict[Place, str]) -> list[set[Place]]:
    """The connected parts of the floor."""
    floor = {place for place, symbol in grid.items() if symbol in " +"}
    found = []
    while floor:
        found.append(reach(next(iter(floor)), floor))
        floor -= found[-1]
    return found


def assert_playable(drawing: str, settings: KitchenSettings) -> None:
    grid = read(drawing)
    counted = Counter(grid.values())
    parts = rooms(grid)
    assert settings.num_rooms[0] <= len(parts) <= settings.num_rooms[1]
    for symbol, ends in [("U", settings.num_pots), ("O", settings.num_stacks), ("=", settings.num_stacks)]:
        assert ends[0] <= counted[symbol] <= ends[1]
    assert settings.num_delivery_zones[0] <= counted["@"] <= settings.num_delivery_zones[1]
    assert bool(counted["T"]) == settings.has_tomatoes
    assert counted["+"] == settings.num_agents
    whole = set().union(*parts)
    for place, symbol in grid.items():
        assert symbol not in "UOT=@" or not whole.isdisjoint(beside(place)), f"{place} in\n{drawing}"
    for part in parts:
        cooks = [place for place in part if grid[place] == "+"]
        assert cooks
        for cook in cooks if len(cooks) > 1 else []:
            others = part - {cook}
            assert reach(min(others), others) == others, f"{cook} is in the way in\n{drawing}"
    if len(parts) == 2:
        assert any(
            symbol == "C" and all(not part.isdisjoint(beside(place)) for part in parts)
            for place, symbol in grid.items()
        ), drawing


@on_each_kind
def test_a_hundred_kitchens_can_be_played(kind: str) -> None:
    drawings = [generate_kitchen(seed, KINDS[kind]) for seed in range(100)]

    for drawing in drawings:
        assert_playable(drawing, KINDS[kind])
        assert {len(row) for row in drawing.split("\n")} == {KINDS[kind].width}
        assert drawing.count("\n") + 1 == KINDS[kind].height
    assert len(set(drawings)) > 90


def test_both_numbers_of_rooms_are_drawn() -> None:
    counted = Counter(len(rooms(read(generate_kitchen(seed)))) for seed in range(60))

    assert min(counted[1], counted[2]) > 15


def test_a_seed_draws_one_kitchen() -> None:
    assert generate_kitchen(0) == FIRST_KITCHEN
    assert generate_kitchen(0) == generate_kitchen(0, KitchenSettings())
    assert generate_kitchen(2**32 - 1, BANQUET) == generate_kitchen(2**32 - 1, BANQUET)


def test_a_kitchen_of_a_set_is_named_by_its_seed_and_does_not_depend_on_the_count() -> None:
    some, more = kitchen_set(7, 3), kitchen_set(7, 20)

    assert more.names[:3] == some.names
    assert more.layouts[:3] == some.layouts
    seeds = [int(name.removeprefix("kitchen_")) for name in some.names]
    assert ["\n".join(read_drawing(rows)) for rows in some.layouts] == [generate_kitchen(seed) for seed in seeds]
    assert len(set(more.layouts)) == 20
    assert set(more.layouts).isdisjoint(kitchen_set(8, 20).layouts)


@pytest.mark.parametrize("seed", range(5))
def test_scripted_cooks_deliver_soups_in_generated_kitchens(seed: int) -> None:
    env = cogrid.make(KITCHEN, layout=generate_kitchen(seed))
    env.reset(seed=0)

    paid = [
        env.step(dict(zip(env.agents, scripted_actions(env.get_state()), strict=True)))[1]["agent_0"]
        for _ in range(200)
    ]

    assert sum(paid) >= 2


@pytest.mark.long
@needs_jax
def test_a_pool_of_kitchens_is_the_same_world_under_numpy_and_jax() -> None:
    import jax

    keys = np.stack([np.zeros(64, dtype=np.uint32), np.arange(64, dtype=np.uint32)], axis=-1)
    pool = kitchen_set(0, 50)

    state, obs = cogrid.make(KITCHEN, layout=pool).jax_reset(keys)
    theirs, seen = jax.vmap(cogrid.make(KITCHEN, "jax", layout=pool).jax_reset)(keys)

    assert_same_states(theirs, state)
    assert_same_bits(seen, obs)
    assert len(set(np.asarray(state.layout_idx).tolist())) > 25


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"height": 4}, "height is an integer of at least 5"),
        ({"num_agents": 0}, "num_agents is an integer of at least 1"),
        ({"num_pots": (2, 1)}, "num_pots is a pair"),
        ({"num_pots": 2}, "num_pots is a pair"),
        ({"num_rooms": (1, 3)}, "num_rooms goes up to 2"),
        ({"island_share": 1.5}, "island_share is a number from 0 to 1"),
        ({"height": 5}, "do not get past each other on 1 x 5"),
        ({"num_agents": 20}, "20 agents do not get past each other"),
        ({"num_agents": 1, "num_rooms": (2, 2)}, "cannot be divided for 1 agents"),
        ({"height": 6, "width": 6, "num_rooms": (2, 2), "num_stacks": (1, 1)}, "cannot be divided"),
        ({"num_pots": (1, 30)}, "has room for 14 stations"),
    ],
)
def test_settings_that_no_kitchen_can_have_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        KitchenSettings(**settings)


def test_bad_seeds_and_counts_are_refused() -> None:
    with pytest.raises(SeedError):
        generate_kitchen(-1)
    with pytest.raises(SeedError):
        kitchen_set(2**32, 1)
    with pytest.raises(ConfigError, match="count is an integer of at least 1"):
        kitchen_set(0, 0)

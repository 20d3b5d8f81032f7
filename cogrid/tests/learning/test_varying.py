"""Which entries of an observation can differ in a world."""

from __future__ import annotations

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.learning.varying import varying_entries

KITCHENS = ("JaxMARLOvercooked-CounterCircuit-V0", "OvercookedAI-ForcedCoordination-V0", "Overcooked-CrampedRoom-V0")


def seen_to_differ(env: CoGridEnv, n_episodes: int, pick: np.random.Generator) -> np.ndarray:
    """The entries that did differ while agents played at random."""
    low = high = None
    for seed in range(n_episodes):
        seen = env.reset(seed=seed)[0]
        while env.agents:
            seen = env.step({agent: int(pick.integers(env.action_space(agent).n)) for agent in env.agents})[0]
            for obs in seen.values():
                low = obs if low is None else np.minimum(low, obs)
                high = obs if high is None else np.maximum(high, obs)
    assert low is not None
    return low != high


@pytest.mark.parametrize("kitchen", KITCHENS)
def test_what_is_found_to_stay_never_differs_in_play_and_most_of_a_kitchen_stays(kitchen: str) -> None:
    env = cogrid.make(kitchen, features=["object_planes"], max_steps=300)
    found = varying_entries(env.game.observation, env.tables)
    differed = seen_to_differ(env, 3, np.random.default_rng(0))

    assert differed.sum() > 50
    assert not (differed & ~found).any()
    assert found.mean() < 0.5


def test_planes_of_a_kitchen_differ_where_something_can_lie_or_stand() -> None:
    env = cogrid.make("JaxMARLOvercooked-CrampedRoom-V0", features=["object_planes"])
    found = varying_entries(env.game.observation, env.tables)
    channels = env.observation_channels
    #  CCUCC
    #  O1 2O
    #  C   C
    #  C=C@C
    assert not found[..., channels.index("wall")].any()
    assert list(zip(*np.nonzero(found[..., channels.index("pot_timer")]), strict=True)) == [(0, 2)]
    floor = {(row, column) for row in (1, 2) for column in (1, 2, 3)}
    assert set(zip(*np.nonzero(found[..., channels.index("self")]), strict=True)) == floor
    onions = set(zip(*np.nonzero(found[..., channels.index("onion")]), strict=True))
    assert onions == floor | {(0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (2, 0), (2, 4), (3, 0), (3, 2), (3, 4)}


def test_a_set_of_layouts_differs_where_its_maps_do() -> None:
    drawings = ["######\n#+ C+#\n######", "######\n#+C +#\n######"]
    one = cogrid.make("Overcooked-CrampedRoom-V0", layout=drawings[0], num_agents=1, features=["object_planes"])
    both = cogrid.make(
        "Overcooked-CrampedRoom-V0", layout=cogrid.LayoutSet(drawings), num_agents=1, features=["object_planes"]
    )
    counter = one.observation_channels.index("counter")

    assert not varying_entries(one.game.observation, one.tables)[..., counter].any()
    found = varying_entries(both.game.observation, both.tables)[..., counter]
    assert list(zip(*np.nonzero(found), strict=True)) == [(1, 2), (1, 3)]


@pytest.mark.parametrize(
    ("world", "features"),
    [
        ("Overcooked-CrampedRoom-V0", ["agent_position", "inventory"]),
        ("LevelBasedForaging-5x5-V0", ["object_planes"]),  # Foods are drawn among cells.
    ],
)
def test_of_what_is_not_planes_of_single_cells_everything_counts(world: str, features: list[str]) -> None:
    env = cogrid.make(world, features=features)

    assert varying_entries(env.game.observation, env.tables).all()

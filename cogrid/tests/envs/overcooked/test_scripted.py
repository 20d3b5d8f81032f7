"""Scripted cooks deliver soups, wherever a pair of them can."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cogrid import make
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.envs.kitchen.objects import CAPACITY, ONION, PLATE
from cogrid.envs.overcooked.layouts import LAYOUTS
from cogrid.envs.overcooked.objects import ITEMS, Pot
from cogrid.envs.overcooked.scripted import ScriptedCook, scripted_actions
from cogrid.errors import ConfigError
from cogrid.tests.engines import needs_jax

LEAST_DELIVERIES = {
    "CrampedRoom": 4,
    "AsymmetricAdvantages": 5,
    "CoordinationRing": 4,
    "ForcedCoordination": 4,
    "CounterCircuit": 2,
}
"""Soups in 200 steps; what a pair does in fact lies a little above."""


def type_id(name: str) -> int:
    return object_to_idx(name, scope="overcooked")


def play(env: CoGridEnv, n_steps: int) -> float:
    """Let scripted cooks go on from where the environment is; the return of one of them."""
    total = 0.0
    for _ in range(n_steps):
        rewards = env.step(dict(zip(env.agents, scripted_actions(env.get_state()), strict=True)))[1]
        total += float(rewards["agent_0"])
    return total


def kitchen(name: str = "CrampedRoom", **overrides: Any) -> CoGridEnv:
    env = make(f"Overcooked-{name}-V0", **overrides)
    env.reset(seed=0)
    return env


@pytest.mark.parametrize("action_set", ["cardinal", "rotation"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_pair_delivers_soups_in_every_kitchen(layout: str, action_set: str) -> None:
    least = LEAST_DELIVERIES[layout] - (1 if action_set == "rotation" else 0)

    assert play(kitchen(layout, action_set=action_set), 200) >= least


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "ForcedCoordination"])
def test_a_single_cook_delivers_soups_wherever_it_reaches_everything(layout: str) -> None:
    assert play(kitchen(layout, num_agents=1), 200) >= 2


def test_three_cooks_deliver_soups_where_there_is_room() -> None:
    assert play(kitchen("AsymmetricAdvantages", num_agents=3), 150) >= 4


def test_cooks_make_tomato_soup_where_there_are_no_onions() -> None:
    drawing = "#######\n#CCUCC#\n#T + T#\n#C + C#\n#C=C@C#\n#######"
    env = kitchen(layout=drawing)
    mask, n_deliveries = 1 << env.event_names.index("delivery"), 0
    for _ in range(120):
        actions = scripted_actions(env.get_state())
        env.step(dict(zip(env.agents, actions, strict=True)))
        n_deliveries += int(np.count_nonzero(env.get_state().events & mask))

    assert n_deliveries >= 1


def test_cooks_start_from_any_state_and_go_on_delivering() -> None:
    env = kitchen(max_steps=None)
    start = env.get_state()
    generator = np.random.default_rng(0)
    floor = np.argwhere(start.object_type_map == 0)
    counters = np.argwhere(start.object_type_map == type_id("counter"))
    item_ids = [type_id(item.name) for item in ITEMS]
    for _ in range(4):
        states = start.object_state_map.copy()
        for row, column in counters[generator.random(len(counters)) < 0.3]:
            states[row, column] = generator.choice(item_ids)
        env.set_state(
            env.state_from_arrays(
                agent_pos=floor[generator.choice(len(floor), 2, replace=False)],
                agent_dir=generator.integers(0, 4, 2),
                agent_inv=generator.choice([-1, *item_ids], (2, 1)),
                object_state_map=states,
            )
        )
        assert play(env, 100) >= 1


def test_a_cook_with_a_plate_waits_at_the_pot_until_the_soup_is_ready() -> None:
    env = kitchen(num_agents=1)
    onions = np.full((1, CAPACITY), type_id(ONION.name))
    env.set_state(
        env.state_from_arrays(
            agent_pos=np.array([[2, 3]]),
            agent_dir=np.array([3]),
            agent_inv=np.array([[type_id(PLATE.name)]]),
            pot_contents=onions,
            pot_timer=np.array([2]),
        )
    )
    actions = []
    for _ in range(3):
        actions.append(ScriptedCook(0).act(env.get_state()))
        env.step({"agent_0": actions[-1]})

    noop, pickup_drop = 6, 4
    assert actions == [noop, noop, pickup_drop]
    assert env.get_state().agent_inv.tolist() == [[type_id("onion_soup")]]
    assert env.get_state().object_type_map[1, 3] == type_id(Pot.name)


def test_a_state_decides_the_actions() -> None:
    env = kitchen()
    state = env.get_state()

    assert scripted_actions(state) == scripted_actions(state) == [ScriptedCook(idx).act(state) for idx in range(2)]


@needs_jax
def test_the_actions_are_the_same_on_both_backends() -> None:
    numpy_env, jax_env = kitchen(), kitchen(backend="jax")
    played = []
    for _ in range(12):
        actions = scripted_actions(numpy_env.get_state())
        assert scripted_actions(jax_env.get_state()) == actions
        played.append(actions)
        for env in (numpy_env, jax_env):
            env.step(dict(zip(env.agents, actions, strict=True)))

    assert len({tuple(actions) for actions in played}) > 3


@pytest.mark.parametrize("agent_idx", [-1, 2])
def test_a_cook_for_an_agent_that_is_not_there_is_refused(agent_idx: int) -> None:
    with pytest.raises(ConfigError, match="plays agent"):
        ScriptedCook(agent_idx).act(kitchen().get_state())

"""Scripted partners: each does its part of the work in every kitchen, and no other; the same under NumPy and JAX."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid import LayoutSet, has_happened
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.actions import get_action_set
from cogrid.envs.registry import registered_ids
from cogrid.envs.scripts import ScriptedPolicy, scripted_policy
from cogrid.errors import ConfigError
from cogrid.policy import own_observation, policy_keys
from cogrid.tests.engines import first_of, first_of_families, needs_jax

KITCHENS = [env_id for env_id in registered_ids() if "Overcooked" in env_id]
CRAMPED, RING = "OvercookedAI-CrampedRoom-V0", "Overcooked-CoordinationRing-V0"
OF_EACH_FAMILY = [
    "Overcooked-CrampedRoom-V0",
    "Overcooked-ForcedCoordination-V0",
    CRAMPED,
    "JaxMARLOvercooked-AsymmAdvantages-V0",
    "OvercookedV2-DemoCookSimple-V0",
    "OvercookedOrders-MixedRoom-V0",
]
WORK = ("ingredient_in_pot", "soup_in_dish", "delivery")


def work_of(env: CoGridEnv, names: list[str], n_steps: int = 200, n_envs: int = 4) -> list[Counter[str]]:
    """How often each agent did what, over some episodes."""
    policies = [scripted_policy(name, env) for name in names]
    state, _ = env.game.reset(np.stack([np.array([0, seed], dtype=np.uint32) for seed in range(n_envs)]))
    done = [Counter[str]() for _ in names]
    for _ in range(n_steps):
        state = env.game.advance(state, joint(policies, state)).state
        for event in WORK:
            for idx, times in enumerate(has_happened(state, event).sum(axis=0).tolist()):
                done[idx][event] += times
    return done


def joint(policies: list[ScriptedPolicy], state: Any) -> np.ndarray:
    """What all agents do in a batch of states."""
    keys, chosen = policy_keys(state), []
    for idx, policy in enumerate(policies):
        observation = own_observation(policy)
        seen = None if observation is None else observation(state)[:, idx]
        chosen.append(policy(seen, keys[:, idx]))
    return np.stack(chosen, axis=-1)


@pytest.mark.parametrize("env_id", first_of(OF_EACH_FAMILY, n_short=2))
def test_greedy_cooks_deliver_soups_and_random_ones_do_not(env_id: str) -> None:
    env = cogrid.make(env_id, max_steps=None)

    assert sum(done["delivery"] for done in work_of(env, ["greedy"] * 2)) >= 4
    assert sum(done["delivery"] for done in work_of(env, ["random"] * 2)) == 0


@pytest.mark.parametrize(("name", "own"), [("onion_only", WORK[0]), ("plate_only", WORK[1]), ("deliver_only", WORK[2])])
def test_each_part_of_the_work_is_done_by_its_cook_alone(name: str, own: str) -> None:
    three = ["onion_only", "plate_only", "deliver_only"]
    env = cogrid.make("OvercookedAI-LargeRoom-V0", num_agents=3, max_steps=None)
    done = work_of(env, three)[three.index(name)]

    assert done[own] > 0
    assert done.total() == done[own]


def test_without_one_part_of_the_work_no_soup_is_delivered() -> None:
    env = cogrid.make(CRAMPED, max_steps=None)
    assert sum(done["delivery"] for done in work_of(env, ["onion_only", "plate_only"])) == 0


def test_who_stays_does_nothing() -> None:
    env = cogrid.make(CRAMPED)
    keys = np.zeros((5, 2), dtype=np.uint32)
    assert scripted_policy("stay", env)(None, keys).tolist() == [env.tables.action_set.noop] * 5


def test_cooks_of_two_rooms_hand_things_over() -> None:
    env = cogrid.make("OvercookedAI-ForcedCoordination-V0", max_steps=None)
    first, second = work_of(env, ["greedy"] * 2)

    assert {first["delivery"], second["delivery"]} != {0}
    assert 0 in {first["ingredient_in_pot"], second["ingredient_in_pot"]}


def test_a_layout_of_a_set_is_played_as_it_is_alone() -> None:
    names = ["overcooked_ai/counter_circuit_o_1order", "overcooked_ai/cramped_room"]
    env = cogrid.make(CRAMPED, layout=LayoutSet(names), max_steps=None)
    state, _ = env.reset_to_layout(np.array([0, 3], dtype=np.uint32), 1)
    observation = own_observation(scripted_policy("greedy", env))
    alone = cogrid.make(CRAMPED, max_steps=None)
    of_one = own_observation(scripted_policy("greedy", alone))
    assert observation is not None
    assert of_one is not None
    start, _ = alone.jax_reset(np.array([0, 3], dtype=np.uint32))

    np.testing.assert_array_equal(observation(state), of_one(start))


def test_cooks_walk_with_rotation_actions_too() -> None:
    env = cogrid.make(RING, action_set="rotation", max_steps=None)
    assert sum(done["ingredient_in_pot"] for done in work_of(env, ["greedy"] * 2)) > 4


def test_a_share_of_random_actions_is_random() -> None:
    env = cogrid.make(CRAMPED)
    keys = np.random.default_rng(0).integers(2**32, size=(4000, 2), dtype=np.uint32)
    pickup = get_action_set("cardinal_no_toggle").pickup_drop
    seen = np.tile(np.array([pickup, 0], dtype=np.uint8), (4000, 1))

    names = ("greedy", "greedy@0.3")
    shares = {name: float((scripted_policy(name, env)(seen, keys) != pickup).mean()) for name in names}

    assert shares["greedy"] == 0
    assert 0.26 < shares["greedy@0.3"] < 0.34


@needs_jax
@pytest.mark.parametrize("env_id", first_of(["OvercookedV2-CrampedRoomV2-V0", *OF_EACH_FAMILY]))
def test_a_script_is_the_same_under_jax(env_id: str) -> None:
    import jax

    env = cogrid.make(env_id, max_steps=None)
    policy = scripted_policy("greedy@0.1", env)
    observation = own_observation(policy)
    assert observation is not None
    show = jax.jit(lambda state, keys: (observation(state), policy(observation(state)[:, 0], keys)))
    state, _ = env.game.reset(np.array([[0, 1], [0, 2]], dtype=np.uint32))
    for _ in range(60):
        keys = policy_keys(state)[:, 0]
        seen, chosen = show(state, keys)
        np.testing.assert_array_equal(observation(state), seen)
        np.testing.assert_array_equal(policy(observation(state)[:, 0], keys), chosen)
        state = env.game.advance(state, joint([policy, policy], state)).state


@pytest.mark.parametrize("backend", ["numpy", pytest.param("jax", marks=needs_jax)])
def test_partners_by_name_play_alike_alone_and_in_a_batch(backend: str) -> None:
    settings: dict[str, Any] = {"partners": "greedy", "features": ["agent_position"], "max_steps": None}
    envs = cogrid.make_single_agent_vec(CRAMPED, 2, backend, **settings)
    envs.reset(seed=3)
    alone = [cogrid.make_single_agent(CRAMPED, **settings) for _ in range(2)]
    for idx, env in enumerate(alone):
        env.reset(seed=3 + idx)
    for _ in range(25):
        envs.step(np.full(2, 5))
        for env in alone:
            env.step(5)

    told = np.asarray(envs.get_state().agent_pos)
    np.testing.assert_array_equal(told, np.stack([env.env.get_state().agent_pos for env in alone]))
    assert (told[:, 1] != np.asarray(cogrid.make(CRAMPED).jax_reset(np.array([0, 3], np.uint32))[0].agent_pos)[1]).any()


@pytest.mark.parametrize("env_id", first_of_families(KITCHENS))
def test_every_kitchen_has_scripted_cooks(env_id: str) -> None:
    env = cogrid.make(env_id)
    policy = scripted_policy("greedy", env)
    observation = own_observation(policy)
    assert observation is not None
    seen = observation(env.game.reset(np.array([0, 1], dtype=np.uint32))[0])

    assert seen.shape == (env.tables.n_agents, 2)
    assert seen[:, 0].max() < len(env.tables.action_set)


@pytest.mark.parametrize(
    ("name", "env_id", "told"),
    [
        ("gredy", CRAMPED, "greedy"),
        ("greedy@2", CRAMPED, "0 to 1"),
        ("greedy@half", CRAMPED, "0 to 1"),
        ("greedy", "GoalSeeking-Fixed-V0", "need a pot"),
    ],
)
def test_other_names_shares_and_worlds_are_refused(name: str, env_id: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        scripted_policy(name, cogrid.make(env_id))

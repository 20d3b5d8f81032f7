"""Every kitchen tells shaped rewards unless it is asked not to, and pays none of them."""

from __future__ import annotations

import numpy as np
import pytest

import cogrid
from cogrid.core.grid_object import object_to_idx
from cogrid.envs.registry import registered_ids
from cogrid.tests.engines import needs_jax

KITCHENS = [env_id for env_id in registered_ids() if "Overcooked" in env_id]
FIRST_OF_FAMILY = sorted({env_id.split("-")[0]: env_id for env_id in reversed(KITCHENS)}.values())


@pytest.mark.parametrize("env_id", KITCHENS)
def test_every_kitchen_has_shaped_rewards_by_default(env_id: str) -> None:
    assert cogrid.make(env_id).game.shaped_reward is not None


@pytest.mark.parametrize("env_id", FIRST_OF_FAMILY)
def test_the_infos_of_one_world_and_of_many_tell_them(env_id: str) -> None:
    env, envs = cogrid.make(env_id), cogrid.make_vec(env_id, 2)
    env.reset(seed=0)
    infos = env.step(dict.fromkeys(env.agents, env.tables.action_set.noop))[4]
    envs.reset(seed=0)
    of_many = envs.step(np.full((2, envs.num_agents), env.tables.action_set.noop))[4]

    assert [info["shaped_reward"] for info in infos.values()] == [0.0] * envs.num_agents
    assert of_many["shaped_reward"].shape == (2, envs.num_agents)
    assert of_many["shaped_reward"].dtype == np.float32


@pytest.mark.parametrize("backend", ["numpy", pytest.param("jax", marks=needs_jax)])
def test_an_onion_in_a_pot_is_told_and_not_paid(backend: str) -> None:
    env = cogrid.make("Overcooked-CrampedRoom-V0", backend=backend)
    held = [[object_to_idx("onion", "overcooked")], [-1]]
    before_pot = env.state_from_arrays(agent_pos=[[2, 3], [3, 2]], agent_dir=[3, 3], agent_inv=held)
    env.set_state(before_pot)

    _, rewards, _, _, infos = env.step({"agent_0": 4, "agent_1": 6})

    assert list(rewards.values()) == [0.0, 0.0]
    assert infos["agent_0"]["shaped_reward"] == np.float32(0.1)
    assert infos["agent_1"]["shaped_reward"] == 0.0
    assert env.jax_step(before_pot, np.array([4, 6], dtype=np.int32))[4] == {}


def test_an_empty_list_leaves_them_out() -> None:
    env = cogrid.make("Overcooked-CrampedRoom-V0", shaped_rewards=[])
    env.reset(seed=0)
    assert "shaped_reward" not in env.step(dict.fromkeys(env.agents, 6))[4]["agent_0"]

"""A game is a value: made of settings or of an environment, pure, and equal to what every environment plays."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.errors import ActionError, ConfigError, RuleError
from cogrid.game import Game, jitted_advance
from cogrid.policy import policy_keys
from cogrid.tests.engines import needs_jax
from cogrid.tests.vector.reference import GATES, NOOP, TOGGLE
from cogrid.vector.environment import CoGridVectorEnv
from cogrid.vector.rollout import rollout

SHAPED = dataclasses.replace(GATES, rewards=GATES.rewards[:1], shaped_rewards=GATES.rewards[1:])
KEY = np.array([0, 3], dtype=np.uint32)


def test_equal_settings_make_equal_games_and_an_environment_has_its_own() -> None:
    game = Game.of(SHAPED)

    assert game == Game.of(dataclasses.replace(SHAPED, name="other"))
    assert hash(game) == hash(Game.of(SHAPED))
    assert game != Game.of(GATES)
    assert Game.of(game) is game
    env = CoGridEnv(SHAPED)
    assert Game.of(env) is env.game
    assert env.game == game == CoGridVectorEnv(env, 2).game


@pytest.mark.usefixtures("type_checks_off")
@pytest.mark.parametrize("given", [None, 3, "Overcooked-CrampedRoom-V0"])
def test_a_game_is_made_of_nothing_else(given: Any) -> None:
    with pytest.raises(ConfigError, match="A game is made from an environment, or from an EnvConfig, not from"):
        Game.of(given)


def test_advance_makes_the_step_of_jax_step_and_tells_shaped_rewards() -> None:
    env = CoGridEnv(SHAPED)
    game = env.game
    state, obs = game.reset(KEY)
    np.testing.assert_array_equal(obs, env.jax_reset(KEY)[1])

    has_ended = [False, False]
    for _ in range(GATES.max_steps or 0):
        made = game.advance(state, np.full(2, TOGGLE))
        after, obs, reward, done, info = env.jax_step(state, np.full(2, TOGGLE))
        for one, other in ((made.obs, obs), (made.reward, reward), (made.done, done), (made.state.cells, after.cells)):
            np.testing.assert_array_equal(one, other)
        shaped = game.shaped_reward(state, after, np.full(2, TOGGLE)) if game.shaped_reward else None
        np.testing.assert_array_equal(made.shaped_reward, shaped)
        assert info == {}
        state, has_ended = after, made.terminated | made.truncated
    np.testing.assert_array_equal(has_ended, [True, True])


@needs_jax
def test_equal_games_share_what_is_compiled_and_step_as_under_numpy() -> None:
    import jax

    game = Game.of(SHAPED)
    assert jitted_advance(game) is jitted_advance(Game.of(SHAPED))
    keys = np.stack([KEY, KEY + np.uint32(1)])
    state, _ = game.reset(keys)
    actions = np.full((2, 2), TOGGLE)

    expected = game.advance(state, actions)
    made = jitted_advance(game)(jax.tree.map(jax.numpy.asarray, state), actions)

    for name in ("obs", "reward", "shaped_reward", "terminated", "truncated", "done"):
        np.testing.assert_array_equal(getattr(made, name), getattr(expected, name), err_msg=name)


def both_in_one_cell(prev_state: Any, state: Any, actions: Any, key: Any) -> Any:
    """A step hook that puts both agents into one cell at the third step."""
    cell = state.agent_cell
    return state.replace(agent_cell=cell * (state.time[..., None] != 2))


def test_what_hooks_make_is_checked_at_every_step_where_it_is_asked_for() -> None:
    rules = dataclasses.replace(GATES.rules, step_hook=both_in_one_cell)
    unchecked, checked = (dataclasses.replace(GATES, rules=rules, check=check) for check in (False, True))
    for config in (unchecked, checked):
        env, envs = CoGridEnv(config), CoGridVectorEnv(config, 3)
        env.reset(seed=0)
        envs.reset(seed=0)
        for _ in range(2):
            env.step(dict.fromkeys(env.agents, NOOP))
            envs.step(np.full((3, 2), NOOP))
        if config is unchecked:
            env.step(dict.fromkeys(env.agents, NOOP))
            envs.step(np.full((3, 2), NOOP))
            continue
        state = env.get_state()
        with pytest.raises(RuleError, match="both_in_one_cell"):
            env.step(dict.fromkeys(env.agents, NOOP))
        with pytest.raises(RuleError, match="both_in_one_cell"):
            env.jax_step(state, np.full(2, NOOP))
        with pytest.raises(RuleError, match="both_in_one_cell"):
            envs.step(np.full((3, 2), NOOP))


@needs_jax
@pytest.mark.usefixtures("type_checks_off")
def test_a_policy_of_floats_or_of_another_shape_is_refused_by_a_rollout() -> None:
    for actions, message in ((np.zeros((2, 2), np.float32), "not float32"), (np.zeros(2, np.int32), r"\(2, 2\)")):
        with pytest.raises(ActionError, match=message):
            rollout(Game.of(GATES), lambda obs, key, actions=actions: actions, KEY, 2, 3)


def test_the_key_of_a_policy_is_the_same_in_one_environment_and_in_many() -> None:
    env, envs = CoGridEnv(GATES), CoGridVectorEnv(GATES, 2)
    env.reset(seed=6)
    envs.reset(seed=5)
    seen = set()
    for _ in range(3):
        keys = envs.policy_keys()
        np.testing.assert_array_equal(keys, policy_keys(envs.get_state()))
        for idx, agent in enumerate(env.possible_agents):
            np.testing.assert_array_equal(env.policy_key(agent), keys[1, idx])
        seen |= {tuple(key) for key in keys.reshape(-1, 2).tolist()}
        env.step(dict.fromkeys(env.agents, NOOP))
        envs.step(np.full((2, 2), NOOP))
    assert len(seen) == 12


@pytest.mark.long
def test_a_partner_that_draws_plays_the_same_in_one_environment_and_in_many(backend: str) -> None:
    def partner(obs: Any, key: Any) -> Any:
        return np.asarray(np.asarray(key)[..., 0] % 7).astype(np.int32)

    one = cogrid.make_single_agent("Overcooked-CrampedRoom-V0", partners=partner, features=["agent_position"])
    many = cogrid.make_single_agent_vec(
        "Overcooked-CrampedRoom-V0", 2, backend, partners=partner, features=["agent_position"]
    )
    one.reset(seed=1)
    many.reset(seed=0)
    for _ in range(5):
        one.step(NOOP)
        many.step(np.full(2, NOOP))

    np.testing.assert_array_equal(one.env.get_state().agent_dir, np.asarray(many.get_state().agent_dir)[1])
    np.testing.assert_array_equal(one.env.get_state().agent_pos, np.asarray(many.get_state().agent_pos)[1])


def test_a_copy_of_an_environment_counts_its_episode_on() -> None:
    env = CoGridEnv(dataclasses.replace(GATES, max_steps=3))
    env.reset(seed=0)
    for _ in range(2):
        env.step(dict.fromkeys(env.agents, NOOP))

    infos = copy.copy(env).step(dict.fromkeys(env.agents, NOOP))[4]

    assert infos["agent_0"]["episode"]["l"] == 3

"""One learner in many environments: a Gymnasium `VectorEnv`, held against Gymnasium's own over the same worlds."""

from __future__ import annotations

import dataclasses
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import RecordEpisodeStatistics, ReshapeObservation

import cogrid
from cogrid import EnvConfig
from cogrid.cogrid_env import CoGridEnv
from cogrid.errors import ActionError, ConfigError, EpisodeError, SeedError
from cogrid.policy import Policy
from cogrid.tests.engines import needs_jax
from cogrid.tests.vector.reference import GATES, NOOP, TOGGLE, needs_gymnasium, random_actions
from cogrid.vector.environment import CoGridVectorEnv
from cogrid.vector.single_agent import SingleAgentVectorEnv

B, T, SEED = 4, 40, 5
MODES = tuple(AutoresetMode)
ALONE = dataclasses.replace(GATES, num_agents=1)
GATES_OF_THREE = dataclasses.replace(GATES, num_agents=3, layout="E  \n   \n  S")
SIDE_BY_SIDE = dataclasses.replace(
    GATES, rules=dataclasses.replace(GATES.rules, start_direction=0), layout="1E\n2E", max_steps=5
)
"""Each agent faces a gate of its own from the first step on."""


def noop(obs: Any, key: Any) -> Any:
    """A partner that does nothing."""
    return np.full(len(obs), NOOP)


def toggle(obs: Any, key: Any) -> Any:
    """A partner that leaves at once, if it faces a gate."""
    return np.full(len(obs), TOGGLE)


def by_sight(obs: Any, key: Any) -> Any:
    """A partner whose action depends on all that it sees."""
    flat = np.asarray(obs).reshape(len(obs), -1).astype(np.int64)
    return ((flat * np.arange(1, flat.shape[1] + 1)).sum(axis=-1) % 7).astype(np.int32)


class OneAgent(gymnasium.Env[Any, Any]):
    """One agent of a `CoGridEnv` as a Gymnasium environment, for Gymnasium's own vector environment."""

    metadata = {"render_modes": []}  # noqa: RUF012 - Gymnasium's own declaration

    def __init__(self, config: EnvConfig, controlled_agent: int = 0, partner: Policy = noop) -> None:
        self.env = CoGridEnv(config)
        self.me = f"agent_{controlled_agent}"
        self.partner = partner
        self.observation_space = self.env.observation_space(self.me)
        self.action_space = self.env.action_space(self.me)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        self.seen, _ = self.env.reset(seed=seed)
        return self.seen[self.me], {}

    def step(self, action: Any) -> Any:
        actions = {agent: int(self.partner(self.seen[agent][None], None)[0]) for agent in self.env.agents}
        self.seen, rewards, terminations, truncations, _ = self.env.step({**actions, self.me: int(action)})
        return self.seen[self.me], rewards[self.me], terminations[self.me], truncations[self.me], {}


def assert_equal_infos(actual: dict[str, Any], expected: dict[str, Any]) -> None:
    """Assert that infos say the same about last observations."""
    assert actual.keys() == expected.keys()
    for name, values in actual.items():
        if name == "final_obs":
            for one, other in zip(values, expected[name], strict=True):
                assert (one is None) == (other is None)
                if one is not None:
                    np.testing.assert_array_equal(one, other)
        elif name != "final_info":
            np.testing.assert_array_equal(values, expected[name])


CASES = {
    "alone": (ALONE, (), 0, noop),
    "first of two": (GATES, by_sight, 0, by_sight),
    "second of two": (GATES, [by_sight], 1, by_sight),
    "middle of three": (GATES_OF_THREE, [by_sight, by_sight], 1, by_sight),
}


@pytest.mark.parametrize("copy", [True, False])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("mode", MODES)
def test_it_tells_what_gymnasiums_own_vector_environment_tells(mode: AutoresetMode, case: str, copy: bool) -> None:
    config, partners, controlled_agent, partner = CASES[case]
    envs = SingleAgentVectorEnv(config, B, "numpy", mode, copy, partners, controlled_agent)
    theirs = SyncVectorEnv([lambda: OneAgent(config, controlled_agent, partner)] * B, autoreset_mode=mode)
    np.testing.assert_array_equal(envs.reset(seed=SEED)[0], theirs.reset(seed=SEED)[0])
    n_ended = np.zeros(2, dtype=int)

    for actions in random_actions(config, B, T)[..., controlled_agent]:
        *arrays, infos = envs.step(actions)
        *expected, expected_infos = theirs.step(actions)
        for name, one, other in zip(("obs", "reward", "terminated", "truncated"), arrays, expected, strict=True):
            np.testing.assert_array_equal(one, other, err_msg=name)
        assert_equal_infos(infos, expected_infos)
        is_over = arrays[2] | arrays[3]
        n_ended += [arrays[2].sum(), arrays[3].sum()]
        if mode == AutoresetMode.DISABLED and is_over.any():
            options = ({"reset_mask": is_over}, {"reset_mask": is_over})
            np.testing.assert_array_equal(envs.reset(options=options[0])[0], theirs.reset(options=options[1])[0])

    assert n_ended.min() > 0


@pytest.mark.long
@needs_jax
@pytest.mark.parametrize("mode", MODES)
def test_both_backends_tell_the_same(mode: AutoresetMode) -> None:
    import jax

    ours, in_jax = (SingleAgentVectorEnv(GATES, B, backend, mode, partners=by_sight) for backend in ("numpy", "jax"))
    np.testing.assert_array_equal(ours.reset(seed=SEED)[0], in_jax.reset(seed=SEED)[0])

    for actions in random_actions(GATES, B, T)[..., 0]:
        *expected, infos = ours.step(actions)
        *arrays, jax_infos = in_jax.step(actions)
        for one, other in zip(arrays, expected, strict=True):
            assert isinstance(one, jax.Array)
            np.testing.assert_array_equal(one, other)
        for idx in np.flatnonzero(infos.get("_final_obs", ())):
            assert jax_infos["_final_obs"][idx]
            np.testing.assert_array_equal(jax_infos["final_obs"][idx], infos["final_obs"][idx])


@needs_jax
def test_a_partner_may_be_a_jitted_function() -> None:
    import jax

    envs = SingleAgentVectorEnv(
        SIDE_BY_SIDE, B, "jax", partners=jax.jit(lambda obs, key: obs[:, 0, 0, 0].astype(int) + 5)
    )
    envs.reset(seed=0)

    _, reward, *_ = envs.step(jax.numpy.full(B, NOOP))

    assert np.asarray(envs.get_state().terminated).tolist() == [[False, True]] * B
    assert np.asarray(reward).tolist() == [0] * B


@pytest.mark.parametrize("mode", MODES)
def test_the_learners_episode_ends_when_it_terminates_though_its_partner_could_go_on(
    backend: str, mode: AutoresetMode
) -> None:
    envs = SingleAgentVectorEnv(SIDE_BY_SIDE, B, backend, mode, partners=noop)
    envs.reset(seed=0)

    obs, reward, terminated, truncated, infos = envs.step(np.array([TOGGLE, NOOP, NOOP, NOOP]))

    assert np.asarray(terminated).tolist() == [True, False, False, False]
    assert not np.any(truncated)
    assert np.asarray(reward).tolist() == [5, 0, 0, 0]
    times = {AutoresetMode.SAME_STEP: [0, 1, 1, 1]}.get(mode, [1, 1, 1, 1])
    assert np.asarray(envs.get_state().time).tolist() == times
    if mode == AutoresetMode.SAME_STEP:
        assert np.asarray(infos["_final_obs"]).tolist() == [True, False, False, False]
        assert (np.asarray(infos["final_obs"][0]) != np.asarray(obs)[0]).any()
    _, reward, terminated, truncated, _ = envs.step(np.full(B, NOOP))
    assert np.asarray(terminated).tolist() == [mode == AutoresetMode.DISABLED, False, False, False]
    assert not np.any(reward)
    times = {AutoresetMode.NEXT_STEP: [0, 2, 2, 2], AutoresetMode.SAME_STEP: [1, 2, 2, 2]}.get(mode, [2, 2, 2, 2])
    assert np.asarray(envs.get_state().time).tolist() == times


def test_the_learner_plays_on_when_its_partner_has_terminated(backend: str) -> None:
    envs = SingleAgentVectorEnv(SIDE_BY_SIDE, B, backend, partners=toggle)
    envs.reset(seed=0)

    told = [envs.step(np.full(B, NOOP)) for _ in range(5)]

    assert np.asarray(envs.get_state().terminated).tolist() == [[False, True]] * B
    assert not any(np.any(terminated) for _, _, terminated, _, _ in told)
    assert [bool(np.all(truncated)) for _, _, _, truncated, _ in told] == [False] * 4 + [True]


def test_each_partner_sees_what_its_own_agent_sees() -> None:
    seen: dict[str, list[np.ndarray]] = {"first": [], "last": []}

    def watching(name: str) -> Policy:
        def policy(obs: Any, key: Any) -> Any:
            seen[name].append(np.array(obs))
            return noop(obs, key)

        return policy

    envs = SingleAgentVectorEnv(GATES_OF_THREE, B, partners=[watching("first"), watching("last")], controlled_agent=1)
    whole = CoGridVectorEnv(GATES_OF_THREE, B)
    own, _ = envs.reset(seed=SEED)
    obs, _ = whole.reset(seed=SEED)

    for _ in range(3):
        np.testing.assert_array_equal(own, obs[:, 1])
        own, *_ = envs.step(np.full(B, 1))
        np.testing.assert_array_equal(seen["first"][-1], obs[:, 0])
        np.testing.assert_array_equal(seen["last"][-1], obs[:, 2])
        obs, *_ = whole.step(np.tile([NOOP, 1, NOOP], (B, 1)))


@pytest.mark.parametrize("case", ["alone", "first of two"])
def test_an_observation_that_was_returned_is_never_written_to(case: str) -> None:
    config, partners, controlled_agent, _ = CASES[case]
    envs = SingleAgentVectorEnv(config, B, "numpy", "SameStep", True, partners, controlled_agent)
    kept = [envs.reset(seed=SEED)[0]]
    copies = [kept[0].copy()]

    for actions in random_actions(config, B, T)[..., 0]:
        obs, *_, infos = envs.step(actions)
        last = [values for values in infos.get("final_obs", ()) if values is not None]
        kept += [obs, *last]
        copies += [values.copy() for values in (obs, *last)]

    assert len(kept) > T + 1
    for values, copy in zip(kept, copies, strict=True):
        np.testing.assert_array_equal(values, copy)


def test_buffers_are_reused_when_asked() -> None:
    envs = SingleAgentVectorEnv(GATES, B, copy=False, partners=noop)
    first, _ = envs.reset(seed=0)

    obs, *_ = envs.step(np.full(B, 1))

    assert np.shares_memory(first, obs)


@needs_gymnasium(1, 4, 0)
@pytest.mark.parametrize("mode", MODES)
def test_gymnasiums_episode_statistics_work(mode: AutoresetMode) -> None:
    envs = RecordEpisodeStatistics(SingleAgentVectorEnv(ALONE, B, autoreset_mode=mode), buffer_length=1000)
    plain = CoGridVectorEnv(ALONE, B, autoreset_mode=mode)
    envs.reset(seed=SEED)
    plain.reset(seed=SEED)
    n_ended = 0

    for actions in random_actions(ALONE, B, T):
        *_, terminated, truncated, infos = envs.step(actions[:, 0])
        *_, expected = plain.step(actions)
        is_over = terminated | truncated
        np.testing.assert_array_equal(is_over, expected["_episode"])
        n_ended += is_over.sum()
        if is_over.any():
            np.testing.assert_array_equal(infos["episode"]["r"][is_over], expected["episode"]["r"][is_over, 0])
            np.testing.assert_array_equal(infos["episode"]["l"][is_over], expected["episode"]["l"][is_over])
            if mode == AutoresetMode.DISABLED:
                envs.reset(options={"reset_mask": is_over})
                plain.reset(options={"reset_mask": is_over})

    assert envs.episode_count == n_ended > B
    assert len(envs.return_queue) == n_ended


def test_gymnasiums_observation_wrappers_work() -> None:
    envs = ReshapeObservation(SingleAgentVectorEnv(ALONE, B), (6, 15))
    plain = SingleAgentVectorEnv(ALONE, B)
    envs.reset(seed=SEED)
    plain.reset(seed=SEED)

    obs, *_ = envs.step(np.full(B, NOOP))
    expected, *_ = plain.step(np.full(B, NOOP))

    np.testing.assert_array_equal(obs, expected.reshape(B, 6, 15))


def test_it_is_a_gymnasium_vector_environment(backend: str) -> None:
    envs = SingleAgentVectorEnv(GATES, B, backend, "SAME_STEP", partners=noop)
    envs.action_space.seed(0)
    first, infos = envs.reset(seed=3)

    obs, reward, terminated, truncated, _ = envs.step(envs.action_space.sample())

    assert isinstance(envs, gymnasium.vector.VectorEnv)
    assert envs.unwrapped is envs
    assert infos == {}
    assert envs.np_random_seed == 3
    assert envs.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    assert (envs.single_observation_space.shape, envs.observation_space.shape) == ((2, 3, 15), (B, 2, 3, 15))
    assert envs.single_action_space == gymnasium.spaces.Discrete(7)
    assert envs.action_space.shape == (B,)
    for seen in (first, obs):
        assert envs.observation_space.contains(np.asarray(seen))
    assert [(values.shape, values.dtype) for values in (reward, terminated, truncated)] == [
        ((B,), np.float32),
        ((B,), np.bool_),
        ((B,), np.bool_),
    ]
    envs.close()
    assert envs.closed


BAD_SETTINGS = {
    "no partners": ({}, "1 agents beside agent_0 need a partner each, and 0 are given"),
    "too many": ({"partners": [noop, noop]}, "and 2 are given"),
    "no function": ({"partners": ["greedy"]}, r"A partner is a function \(obs, key\) -> actions, not 'greedy'"),
    "neither": ({"partners": 5}, r"partners is a function \(obs, key\) -> actions, or a list of them, not 5"),
    "other arguments": ({"partners": lambda obs: obs}, r"A partner is a function \(obs, key\) -> actions"),
    "no such agent": ({"partners": noop, "controlled_agent": 2}, "index, 0 to 1, not 2"),
    "a name": ({"partners": noop, "controlled_agent": "agent_0"}, "controlled_agent is an agent's index"),
    "no number": ({"partners": noop, "num_envs": 0}, "num_envs is an integer of at least 1"),
}


@pytest.mark.usefixtures("type_checks_off")
@pytest.mark.parametrize("case", BAD_SETTINGS)
def test_bad_settings_are_refused(case: str) -> None:
    settings, message = BAD_SETTINGS[case]

    with pytest.raises(ConfigError, match=message):
        SingleAgentVectorEnv(GATES, **{"num_envs": B, **settings})


def test_make_single_agent_vec_hands_partners_on(backend: str) -> None:
    envs = cogrid.make_single_agent_vec(
        "Overcooked-CrampedRoom-V0", 3, backend, features=["object_planes"], partners=[noop], controlled_agent=1
    )

    assert isinstance(envs, SingleAgentVectorEnv)
    assert envs.controlled_agent == 1
    assert envs.config["num_agents"] == 2
    assert envs.reset(seed=0)[0].shape == (3, 6, 7, 24)


def test_a_partner_for_one_who_is_alone_is_refused() -> None:
    with pytest.raises(ConfigError, match="0 agents beside agent_0 need a partner each, and 1 are given"):
        cogrid.make_single_agent_vec("Overcooked-CrampedRoom-V0", 3, num_agents=1, partners=[noop])


def test_bad_actions_are_refused_and_say_whose_they_are(backend: str) -> None:
    envs = SingleAgentVectorEnv(GATES, B, backend, partners=lambda obs, key: np.zeros((len(obs), 2), dtype=int))
    with pytest.raises(EpisodeError, match="call reset"):
        envs.step(np.zeros(B, dtype=int))
    envs.reset(seed=0)

    with pytest.raises(
        ActionError, match=r"The learner's actions are integers of shape \(4,\), not int\d+ of \(4, 2\)"
    ):
        envs.step(np.zeros((B, 2), dtype=int))
    with pytest.raises(ActionError, match=r"The actions of the partner agent_1 are integers of shape \(4,\)"):
        envs.step(np.zeros(B, dtype=int))


def test_a_partners_action_out_of_range_is_refused(backend: str) -> None:
    envs = SingleAgentVectorEnv(GATES, B, backend, partners=lambda obs, key: np.full(len(obs), 9))
    envs.reset(seed=0)

    with pytest.raises(ActionError, match="The action 9 of 'agent_1' in environment 0 is out of range"):
        envs.step(np.zeros(B, dtype=int))


def test_what_is_no_seed_is_refused() -> None:
    with pytest.raises(SeedError, match="A seed is an integer from 0"):
        SingleAgentVectorEnv(ALONE, B).reset(seed=-1)

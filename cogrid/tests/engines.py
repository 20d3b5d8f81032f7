"""Play one episode on every engine that there is, and see that all of them tell the same story.

The engines: `CoGridEnv` under NumPy (plain integers), `CoGridEnv` under JAX, the array step on NumPy arrays, compiled
kernels where Numba is installed and they read the world, and, where
the episode begins with a seed, `PlainEngine`, which plays from the game's arrays alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from cogrid.backend._dispatch import has_jax
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.config import EnvConfig
from cogrid.core.jax_step import envstate_to_dict
from cogrid.game import Game
from cogrid.kernel.choice import why_not_compiled
from cogrid.tests.arrays_play import assert_arrays_play_alike
from cogrid.vector.auto_reset import AutoReset

needs_jax = pytest.mark.skipif(not has_jax(), reason="JAX is not installed")
"""Marks a test, or a parameter of one, that runs JAX."""


def first_of(cases: Iterable[Any], n_short: int = 1) -> list[Any]:
    """The cases of a test, of which all but the first are left to `make test-long`.

    Args:
      cases: values of one parameter, or tuples of several.
      n_short: how many are always run.
    """
    listed = list(cases)
    later = [
        pytest.param(*(case if type(case) is tuple else (case,)), marks=pytest.mark.long) for case in listed[n_short:]
    ]
    return [*listed[:n_short], *later]


def first_of_families(env_ids: Iterable[str]) -> list[Any]:
    """Ids of environments, of which all but the first of each family are left to `make test-long`.

    Args:
      env_ids: the ids.
    """
    begun: set[str] = set()
    cases: list[Any] = []
    for env_id in env_ids:
        family = env_id.partition("-")[0]
        cases.append(pytest.param(env_id, marks=pytest.mark.long) if family in begun else env_id)
        begun.add(family)
    return cases


Joint = Sequence[str | int]
"""One action per agent, by name or by number."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Episode:
    """What happened in an episode of T steps.

    Attributes:
      states: the state at the start and after each step, as dicts of NumPy arrays, `world_value` too.
      observations: per state, `[A, ...]`; zeros for an agent that had terminated before.
      rewards: per step, `[A]` float32.
      is_done: per step, whether the episode was over after it.
    """

    states: list[dict[str, Any]]
    observations: list[np.ndarray]
    rewards: list[np.ndarray]
    is_done: list[bool]

    def trace(self, name: str) -> list[Any]:
        """One array of the state at the start and after each step, as nested lists."""
        return [np.asarray(state[name]).tolist() for state in self.states]

    def cell(self, row: int, column: int) -> list[int]:
        """What `object_state_map` shows of one cell at the start and after each step."""
        return [int(state["object_state_map"][row, column]) for state in self.states]

    def type_at(self, row: int, column: int) -> list[int]:
        """What `object_type_map` shows of one cell at the start and after each step."""
        return [int(state["object_type_map"][row, column]) for state in self.states]

    def happened(self, env: CoGridEnv) -> list[list[set[str]]]:
        """For each step, the names of what happened to each agent."""
        return [[event_names(env, mask) for mask in state["events"].tolist()] for state in self.states[1:]]


def event_names(env: CoGridEnv, mask: int) -> set[str]:
    """The names of the bits of an event mask."""
    return {name for bit, name in enumerate(env.event_names) if mask >> bit & 1}


def numbers(config: EnvConfig, joint: Joint) -> list[int]:
    """A joint action as numbers of the config's action set."""
    action_set = config.rules.choose_action_set(config.action_set)
    return [action_set.index(action) if isinstance(action, str) else action for action in joint]


def as_dict(state: Any) -> dict[str, Any]:
    """A state as a dict of NumPy arrays."""
    arrays = envstate_to_dict(state)
    if state.world_value is not None:
        arrays["world_value"] = state.world_value
    return {name: np.asarray(values) for name, values in arrays.items()}


def play_env(
    config: EnvConfig, backend: str, actions: Sequence[Joint], seed: int = 0, start: Mapping[str, Any] | None = None
) -> Episode:
    """Play `CoGridEnv` until the actions are used up or the episode is over.

    Args:
      config: the world.
      backend: "numpy" or "jax".
      actions: a joint action for each step; those of terminated agents are not handed over.
      seed: for the reset.
      start: arrays for `state_from_arrays` to go on from, the seed's state if left out.
    """
    env = CoGridEnv(config, backend=backend)
    seen, _ = env.reset(seed=seed)
    episode = Episode(states=[as_dict(env.get_state())], observations=[_stack(env, seen)], rewards=[], is_done=[])
    if start is not None:
        env.set_state(env.state_from_arrays(**start))
        episode.states[:] = [as_dict(env.get_state())]
        episode.observations[:] = [np.zeros_like(episode.observations[0])]
    for joint in actions:
        numbered = dict(zip(env.possible_agents, numbers(config, joint), strict=True))
        seen, paid, terminations, truncations, _ = env.step({agent: numbered[agent] for agent in env.agents})
        assert not any(terminations[agent] and truncations[agent] for agent in terminations)
        episode.states.append(as_dict(env.get_state()))
        episode.observations.append(_stack(env, seen))
        episode.rewards.append(np.array([paid.get(agent, 0) for agent in env.possible_agents], dtype=np.float32))
        episode.is_done.append(not env.agents)
        if not env.agents:
            break
    return episode


def play_array_step(
    config: EnvConfig, actions: Sequence[Joint], seed: int = 0, start: Mapping[str, Any] | None = None
) -> Episode:
    """Play the array step on NumPy arrays; the arguments are those of `play_env`."""
    env = CoGridEnv(config)
    state, seen = env.jax_reset(np.array([0, seed], dtype=np.uint32))
    if start is not None:
        state, seen = env.state_from_arrays(**start), np.zeros_like(seen)
    episode = Episode(states=[as_dict(state)], observations=[np.asarray(seen)], rewards=[], is_done=[])
    for joint in actions:
        was_terminated = state.terminated
        state, seen, paid, done, _ = env.jax_step(state, np.array(numbers(config, joint), dtype=np.int32))
        episode.states.append(as_dict(state))
        episode.observations.append(np.where(was_terminated.reshape(-1, *[1] * (seen.ndim - 1)), 0, seen))
        episode.rewards.append(np.asarray(paid))
        episode.is_done.append(bool(done))
        if done:
            break
    return episode


def play_compiled(
    config: EnvConfig, actions: Sequence[Joint], seed: int = 0, start: Mapping[str, Any] | None = None
) -> Episode:
    """Play a batch of one environment in compiled kernels; the arguments are those of `play_env`."""
    from cogrid.vector.compiled_reset import CompiledReset

    env = CoGridEnv(config)
    functions = CompiledReset(AutoReset(env.game, AutoresetMode.DISABLED), num_envs=1, copy=True)
    progress, seen = functions.start(np.array([[0, seed]], dtype=np.uint32))
    if start is not None:
        state, seen = env.state_from_arrays(**start).map_arrays(lambda values: values[None]), np.zeros_like(seen)
        progress = dataclasses.replace(progress, state=state)
    episode = Episode(states=[_only(progress.state)], observations=[seen[0]], rewards=[], is_done=[])
    for joint in actions:
        was_terminated = progress.state.terminated[0]
        progress, made = functions.step(progress, np.array([numbers(config, joint)], dtype=np.int32))
        episode.states.append(_only(progress.state))
        is_gone = was_terminated.reshape(-1, *[1] * (made.obs.ndim - 2))
        episode.observations.append(np.where(is_gone, 0, made.obs[0]))
        episode.rewards.append(made.reward[0])
        episode.is_done.append(bool(made.done[0]))
        if made.done[0]:
            break
    return episode


def _only(state: EnvState) -> dict[str, Any]:
    """The only state of a batch, as a dict."""
    return as_dict(state.map_arrays(lambda values: values[0]))


def play_everywhere(
    config: EnvConfig,
    actions: Sequence[Joint],
    seed: int = 0,
    start: Mapping[str, Any] | None = None,
    with_jax: bool = True,
) -> Episode:
    """Play on every engine, assert that all episodes are equal bit for bit, and return one.

    The arguments are those of `play_env`; `with_jax=False` leaves JAX out, which must compile each world anew.
    """
    players: dict[str, Callable[[], Episode]] = {
        "array step": lambda: play_array_step(config, actions, seed, start),
    }
    if why_not_compiled(Game.of(config)) is None:
        players["compiled kernels"] = lambda: play_compiled(config, actions, seed, start)
    if with_jax and has_jax():
        players["jax"] = lambda: play_env(config, "jax", actions, seed, start)
    episode = play_env(config, "numpy", actions, seed, start)
    for engine, player in players.items():
        assert_equal_episodes(player(), episode, engine)
    game = Game.of(config)
    if start is None and not game.to_arrays()[0]["functions"]:
        assert_arrays_play_alike(game, [numbers(config, joint) for joint in actions], seed)
    return episode


def assert_equal_episodes(actual: Episode, expected: Episode, told: str) -> None:
    """Assert that two episodes are equal bit for bit, dtypes of rewards and observations included."""
    assert actual.is_done == expected.is_done, told
    for time, (one, other) in enumerate(zip(actual.states, expected.states, strict=True)):
        assert one.keys() == other.keys(), told
        for name in one:
            np.testing.assert_array_equal(one[name], other[name], err_msg=f"{told}, {name} at time {time}")
    for name in ("observations", "rewards"):
        for time, (one, other) in enumerate(zip(getattr(actual, name), getattr(expected, name), strict=True)):
            assert one.dtype == other.dtype, f"{told}, {name}"
            np.testing.assert_array_equal(one, other, err_msg=f"{told}, {name} at time {time}")


def _stack(env: CoGridEnv, seen: Mapping[str, np.ndarray]) -> np.ndarray:
    """Each agent's observation in one array, zeros for an agent that has none."""
    nothing = np.zeros_like(next(iter(seen.values())))
    return np.stack([seen.get(agent, nothing) for agent in env.possible_agents])

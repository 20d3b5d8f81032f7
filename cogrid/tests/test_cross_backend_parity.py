"""One seed is one episode: the same bits from `CoGridEnv` on integers, from NumPy arrays and from jitted JAX.

Agents act at random in small rooms, so they collide and follow all the time, and the random order of moves decides.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.core.interactions import process_interactions_jax
from cogrid.core.jax_step import envstate_to_dict
from cogrid.core.movement import move_agents_jax
from cogrid.core.ticks import tick_cells
from cogrid.feature_space.array_features import CLASSIC_FEATURES, build_feature_fn_jax, get_all_agent_obs_jax
from cogrid.tests.engines import first_of, needs_jax
from cogrid.tests.golden_traces import LAYOUT_NAMES
from cogrid.tests.states import arrays_of, assert_same_bits, assert_same_states, map_leaves, pick_states, stack_states

N_STEPS = 1000
ALL_REWARDS = (
    {"name": "delivery_reward", "coefficient": 1.0, "common_reward": True},
    {"name": "onion_in_pot_reward", "coefficient": 0.1, "common_reward": True},
    {"name": "soup_in_dish_reward", "coefficient": 0.3},
    {"name": "onion_in_pot_reward", "coefficient": 0.3, "common_reward": True},
)
CANTEEN = (
    "############",
    "#CCOCUUC=CC#",
    "#C        C#",
    "#O        @#",
    "#U        U#",
    "#=        O#",
    "#CC@CUCTCCC#",
    "############",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class World:
    """The settings of an environment that differ between these tests."""

    layout: str | tuple[str, ...]
    n_agents: int = 2
    action_set: str = "cardinal"
    max_steps: int | None = N_STEPS

    def make(self, backend: str = "numpy") -> CoGridEnv:
        return cogrid.make(
            "Overcooked-CrampedRoom-V0",
            backend=backend,
            layout=self.layout,
            num_agents=self.n_agents,
            action_set=self.action_set,
            rewards=ALL_REWARDS,
            max_steps=self.max_steps,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rollout:
    """An episode: T + 1 states and observations, T rewards and ends."""

    states: EnvState
    obs: np.ndarray
    rewards: np.ndarray
    done: np.ndarray


WORLDS = [
    *(World(layout=name, n_agents=n_agents) for name in LAYOUT_NAMES for n_agents in range(1, 5)),
    *(World(layout=name, n_agents=3, action_set="rotation") for name in ("CrampedRoom", "CounterCircuit")),
    World(layout=CANTEEN, n_agents=16),
    World(layout=CANTEEN, n_agents=16, action_set="rotation"),
]


def world_name(world: World) -> str:
    layout = world.layout if isinstance(world.layout, str) else "Canteen"
    return f"{layout}-{world.n_agents}-{world.action_set}"


on_every_world = pytest.mark.parametrize("world", first_of(WORLDS, n_short=8), ids=world_name)


def random_actions(env: CoGridEnv, seed: int, n_steps: int = N_STEPS) -> np.ndarray:
    """Random joint actions, `[T, A]`; PickupDrop as often as all the rest that is no move."""
    names = env.tables.action_set.names
    weights = np.array(
        [3.0 if name == "PickupDrop" else 2.0 if name.startswith(("Move", "Forward")) else 1.0 for name in names]
    )
    shape = (n_steps, env.config["num_agents"])
    return np.random.default_rng(seed).choice(len(names), shape, p=weights / weights.sum()).astype(np.int32)


@functools.cache
def numpy_rollout(world: World, seed: int = 0, n_steps: int = N_STEPS) -> Rollout:
    """An episode of `CoGridEnv` under NumPy."""
    env = world.make()
    first, _ = env.reset(seed=seed)
    states, observations, rewards, dones = [env.get_state()], [list(first.values())], [], []
    for joint in random_actions(env, seed, n_steps).tolist():
        obs, reward, terminations, truncations, infos = env.step(dict(zip(env.agents, joint, strict=True)))
        assert not any(terminations.values())
        states.append(env.get_state())
        for told, mask in zip(infos.values(), states[-1].events.tolist(), strict=True):
            assert told["events"] == tuple(name for bit, name in enumerate(env.event_names) if mask >> bit & 1)
        observations.append(list(obs.values()))
        rewards.append(list(reward.values()))
        dones.append(all(truncations.values()))
    return Rollout(
        states=stack_states(states), obs=np.array(observations), rewards=np.array(rewards), done=np.array(dones)
    )


def jax_rollout(world: World, seed: int = 0, n_steps: int = N_STEPS) -> Rollout:
    """The same episode in one jitted JAX program."""
    import jax

    env = world.make("jax")

    def roll(key: Any, actions: Any) -> Any:
        def step(state: EnvState, joint: Any) -> Any:
            after, obs, reward, done, _ = env.jax_step(state, joint)
            return after, (after, obs, reward, done)

        start, first = env.jax_reset(key)
        return (start, first), jax.lax.scan(step, start, actions)[1]

    played = jax.jit(roll)(jax.random.key(seed), random_actions(env, seed, n_steps))
    (start, first), (states, obs, rewards, done) = jax.device_get(played)
    joined = map_leaves(lambda one, rest: np.concatenate([one[None], rest]), start, states)
    return Rollout(states=joined, obs=np.concatenate([first[None], obs]), rewards=rewards, done=done)


def assert_same_rollouts(actual: Rollout, expected: Rollout) -> None:
    assert_same_states(actual.states, expected.states)
    for name in ("obs", "rewards", "done"):
        assert_same_bits(getattr(actual, name), getattr(expected, name), name)


@needs_jax
@pytest.mark.parametrize("world", first_of([WORLDS[1], WORLDS[-1], *WORLDS[:1], *WORLDS[2:-1]]), ids=world_name)
def test_jitted_jax_plays_the_episode_of_the_numpy_environment(world: World) -> None:
    assert_same_rollouts(jax_rollout(world), numpy_rollout(world))


@on_every_world
def test_numpy_array_step_plays_the_episode_of_the_numpy_environment(world: World) -> None:
    """The reset, and every step of the episode at once."""
    expected = numpy_rollout(world)
    env = world.make()

    start, first = env.jax_reset(np.array([0, 0], dtype=np.uint32))
    before = pick_states(expected.states, np.s_[:-1])
    after, obs, rewards, done, info = env.jax_step(before, random_actions(env, 0))

    assert info == {}
    joined = map_leaves(lambda one, rest: np.concatenate([one[None], rest]), start, after)
    told = Rollout(states=joined, obs=np.concatenate([first[None], obs]), rewards=rewards, done=done)
    assert_same_rollouts(told, expected)


@pytest.mark.parametrize("world", [WORLDS[3], WORLDS[-1]], ids=world_name)
def test_numpy_array_step_plays_on_from_its_own_states(world: World) -> None:
    n_steps, seeds = 60, (0, 1, 2**32 - 1)
    env = world.make()

    state, obs = env.jax_reset(np.array([[0, seed] for seed in seeds], dtype=np.uint32))
    for joint in np.stack([random_actions(env, seed, n_steps) for seed in seeds], axis=1):
        state, obs, *_ = env.jax_step(state, joint)

    for idx, seed in enumerate(seeds):
        expected = numpy_rollout(world, seed, n_steps)
        assert_same_states(pick_states(state, idx), pick_states(expected.states, -1))
        assert_same_bits(obs[idx], expected.obs[-1])


@needs_jax
def test_jax_environment_plays_the_episode_of_the_numpy_environment() -> None:
    world = dataclasses.replace(WORLDS[3], max_steps=100)
    env, expected = world.make("jax"), numpy_rollout(world, 11, 100)

    first, _ = env.reset(seed=11)
    states, observations, rewards, dones = [env.get_state()], [list(first.values())], [], []
    for joint in random_actions(env, 11, 100).tolist():
        obs, reward, _, truncations, _ = env.step(dict(zip(env.agents, joint, strict=True)))
        states.append(env.get_state())
        observations.append(list(obs.values()))
        rewards.append(list(reward.values()))
        dones.append(all(truncations.values()))

    told = Rollout(
        states=stack_states(states), obs=np.array(observations), rewards=np.array(rewards), done=np.array(dones)
    )
    assert_same_rollouts(told, expected)
    assert env.agents == []


@on_every_world
def test_episodes_are_worth_comparing(world: World) -> None:
    """Agents move, are stopped and carry things; the episode ends at its last step and not before."""
    rollout = numpy_rollout(world)
    actions = random_actions(world.make(), 0)
    moved = np.any(rollout.states.agent_pos[1:] != rollout.states.agent_pos[:-1], axis=-1)
    ahead = [name.startswith(("Move", "Forward")) for name in world.make().tables.action_set.names]

    assert moved.any(axis=0).all()
    assert (~moved & np.array(ahead)[actions]).any()
    assert (rollout.states.agent_inv != -1).any()
    assert rollout.done.tolist() == [False] * (N_STEPS - 1) + [True]


def test_rewards_of_one_and_three_tenths_and_deliveries_were_paid_together() -> None:
    """The sums compared above are not all zero, nor all of one kind."""
    paid = {float(value) for world in WORLDS for value in np.unique(numpy_rollout(world).rewards)}
    tenths = np.float32(0.1)

    assert float(tenths + np.float32(0.3)) in paid
    assert len(paid) >= 4
    assert any(value >= 0.8 for value in paid), "several agents filled pots at once"


BUSY_KITCHEN = (
    "#######",
    "#@U@UU#",
    "#12345#",
    "#     #",
    "#######",
)


def busy_step() -> tuple[EnvState, np.ndarray, CoGridEnv, np.ndarray]:
    """Agents 0 and 2 deliver, agents 1 and 3 have onions for pots, agent 4 a plate for a soup that is ready."""
    env = World(layout=BUSY_KITCHEN, n_agents=5).make()
    onion, plate, soup = (object_to_idx(name, scope="overcooked") for name in ("onion", "plate", "onion_soup"))
    state = env.state_from_arrays(
        agent_dir=np.full(5, 3),
        agent_inv=np.array([[soup], [onion], [soup], [onion], [plate]]),
        pot_contents=np.array([[-1, -1, -1], [onion, -1, -1], [onion, onion, onion]]),
        pot_timer=np.array([30, 30, 0]),
    )
    two_deliveries, two_onions = np.float32(2.0), np.float32(0.2)
    everybody = two_deliveries + two_onions
    third, last = np.float32(0.3), np.float32(0.6)
    expected = np.array([everybody + last] * 4 + [(everybody + third) + last], dtype=np.float32)
    return state, np.full(5, 4, dtype=np.int32), env, expected


def test_deliveries_add_up_with_tenths_on_integers_and_arrays() -> None:
    """Two agents deliver while others use pots: every agent gets the float32 sum in the order of the list."""
    state, actions, env, expected = busy_step()

    after, _, rewards, _, _ = env.jax_step(state, actions)
    env.set_state(state)
    _, reward, *_ = env.step(dict(zip(env.agents, actions.tolist(), strict=True)))

    assert_same_bits(rewards, expected)
    assert_same_bits(np.array(list(reward.values())), expected)
    assert_same_states(env.get_state(), after)


@pytest.mark.long
@needs_jax
def test_deliveries_add_up_with_tenths_under_jax() -> None:
    import jax

    state, actions, _, expected = busy_step()
    env = World(layout=BUSY_KITCHEN, n_agents=5).make("jax")

    assert_same_bits(env.jax_step(state, actions)[2], expected)
    assert_same_bits(
        jax.jit(jax.vmap(env.jax_step))(map_leaves(lambda leaf: leaf[None], state), actions[None])[2][0], expected
    )


@functools.cache
def busy_states(world: World) -> tuple[EnvState, np.ndarray]:
    """Some sixty states from the middle of an episode, with all pots cooking, and the actions taken in them."""
    rollout, times = numpy_rollout(world), np.arange(100, N_STEPS, 15)
    played = dict(arrays_of(rollout.states))
    onion = object_to_idx("onion", scope="overcooked")
    env = world.make()

    def with_pots_cooking(time: int) -> EnvState:
        arrays = {name: played[name][time] for name in ("agent_pos", "agent_dir", "agent_inv", "object_type_map")}
        arrays |= {name: played[name][time] for name in ("object_state_map", "time", "rng_key")}
        contents, timer = np.full_like(played["pot_contents"][time], onion), np.full(rollout.states.n_pots, time % 31)
        return env.state_from_arrays(**arrays, pot_contents=contents, pot_timer=timer)

    return stack_states([with_pots_cooking(int(time)) for time in times]), random_actions(env, 0)[times]


def stages(world: World) -> dict[str, Callable[[EnvState, Any], Any]]:
    """The stages of a step and what is made of it, as functions of a state and actions."""
    env = world.make()
    feature_fn = build_feature_fn_jax(CLASSIC_FEATURES, max_map_size=env.config["max_map_size"])
    planes_fn = build_feature_fn_jax(["object_planes"])
    return {
        "tick": lambda state, actions: tick_cells(state),
        "move": move_agents_jax,
        "interact": process_interactions_jax,
        "features": lambda state, actions: get_all_agent_obs_jax(feature_fn, state, world.n_agents),
        "planes": lambda state, actions: get_all_agent_obs_jax(planes_fn, state, world.n_agents),
        "read": lambda state, actions: {
            name: values for name, values in envstate_to_dict(state).items() if hasattr(values, "dtype")
        },
        **{
            f"reward {idx}": lambda state, actions, reward=reward: reward.calculate_reward(state, state, actions)
            for idx, reward in enumerate(env.config["rewards"])
        },
    }


STAGE_WORLDS = [WORLDS[1], WORLDS[-1]]


@needs_jax
@pytest.mark.parametrize("world", first_of(STAGE_WORLDS), ids=world_name)
@pytest.mark.parametrize("stage", first_of(sorted(stages(STAGE_WORLDS[0]), key=lambda stage: stage != "interact")))
def test_every_stage_gives_the_same_on_numpy_arrays_eagerly_in_jax_and_jitted(stage: str, world: World) -> None:
    import jax

    function = stages(world)[stage]
    state, actions = busy_states(world)

    on_numpy = function(state, actions)
    eager = function(jax.tree.map(jax.numpy.asarray, state), jax.numpy.asarray(actions))
    jitted = jax.jit(function)(state, actions)
    vmapped = jax.jit(jax.vmap(function))(state, actions)

    for told in (eager, jitted, vmapped):
        if isinstance(on_numpy, EnvState):
            assert_same_states(told, on_numpy)
        elif isinstance(on_numpy, dict):
            assert told.keys() == on_numpy.keys()
            for name, values in on_numpy.items():
                assert_same_bits(told[name], values, name)
        else:
            assert_same_bits(told, on_numpy)


@pytest.mark.parametrize("world", STAGE_WORLDS, ids=world_name)
def test_every_stage_does_something_in_these_states(world: World) -> None:
    state, actions = busy_states(world)

    moved = move_agents_jax(state, actions)
    acted = process_interactions_jax(state, actions)
    ticked = tick_cells(state)

    assert (moved.agent_pos != state.agent_pos).any()
    assert (moved.agent_dir != state.agent_dir).any()
    assert (acted.agent_inv != state.agent_inv).any()
    np.testing.assert_array_equal(ticked.pot_timer, np.maximum(state.pot_timer - 1, 0))


@pytest.mark.parametrize("world", [WORLDS[1], WORLDS[-2]], ids=world_name)
def test_one_seed_is_one_episode_and_two_seeds_are_two(world: World) -> None:
    n_steps = 50
    one, other = numpy_rollout(world, 3, n_steps), numpy_rollout.__wrapped__(world, 3, n_steps)
    third = numpy_rollout(world, 4, n_steps)

    assert_same_rollouts(one, other)
    assert (one.states.agent_pos != third.states.agent_pos).any()


@pytest.mark.long
@needs_jax
def test_one_key_is_one_jax_episode_and_two_keys_are_two() -> None:
    one, other, third = (jax_rollout(WORLDS[1], seed, 50) for seed in (3, 3, 4))

    assert_same_rollouts(one, other)
    assert (one.states.agent_pos != third.states.agent_pos).any()


def test_the_order_of_moves_depends_on_the_seed_alone() -> None:
    """The same conflict under the same actions: decided alike by one seed, both ways by several."""
    env = World(layout=("#####", "#1 2#", "#####")).make()
    toward_each_other = {"agent_0": 3, "agent_1": 2}

    def winners(seed: int) -> list[int]:
        won = []
        for _ in range(2):
            env.reset(seed=seed)
            env.step(toward_each_other)
            won.append(int(np.argmax(env.get_state().agent_pos[:, 1] == 2)))
        return won

    outcomes = [winners(seed) for seed in range(20)]

    assert all(first == second for first, second in outcomes)
    assert {first for first, _ in outcomes} == {0, 1}

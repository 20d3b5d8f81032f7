"""The public interface that is fixed, name by name."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import gymnasium
import numpy as np
import pettingzoo
import pytest

import cogrid
import cogrid.backend as backend_package
from cogrid.backend import _dispatch
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core import array_rewards, grid_object, grid_utils, interactions, jax_step, movement
from cogrid.core import reward as reward_module
from cogrid.core.agent import create_agent_arrays, get_dir_vec_table
from cogrid.core.grid_object import get_object_names, object_to_idx
from cogrid.core.rules import Rules
from cogrid.envs import registry
from cogrid.envs.overcooked import array_config, rewards
from cogrid.envs.overcooked import array_rewards as overcooked_array_rewards
from cogrid.errors import BackendError, ConfigError
from cogrid.feature_space import array_features
from cogrid.tests.engines import needs_jax
from cogrid.tests.golden_traces import LAYOUT_NAMES, load
from cogrid.tests.states import assert_same_bits, assert_same_states

CLASSIC_IDS = [f"Overcooked-{name}-V0" for name in LAYOUT_NAMES]
KITCHEN = "Overcooked-CrampedRoom-V0"
OVERCOOKED_TYPES = [
    "wall",
    "counter",
    "pot",
    "delivery_zone",
    "onion_stack",
    "tomato_stack",
    "plate_stack",
    "onion",
    "tomato",
    "plate",
    "onion_soup",
    "tomato_soup",
]
NUMPY_KEY = np.array([0, 7], dtype=np.uint32)
on_each_id = pytest.mark.parametrize("env_id", CLASSIC_IDS)


def parameters(function: Any) -> dict[str, Any]:
    """A function's parameters and their defaults."""
    return {name: parameter.default for name, parameter in inspect.signature(function).parameters.items()}


def a_key(backend: str) -> Any:
    if backend == "numpy":
        return NUMPY_KEY
    import jax

    return jax.random.key(7, impl="threefry2x32")


# The package and the registry.


@pytest.mark.parametrize("name", ["make", "register", "GridObject", "Agent", "Outcome"])
def test_the_package_has_what_a_user_needs(name: str) -> None:
    assert name in cogrid.__all__
    assert getattr(cogrid, name) is not None


def test_make_takes_an_id_a_backend_a_render_mode_and_overrides() -> None:
    told = parameters(registry.make)

    assert list(told) == ["id", "backend", "render_mode", "overrides"]
    assert (told["backend"], told["render_mode"]) == ("numpy", None)
    assert registry.make is cogrid.make
    assert registry.register is cogrid.register
    assert list(parameters(registry.register)) == ["id", "factory"]


def test_make_takes_a_registered_name_a_drawing_or_a_file_as_layout(tmp_path: Any) -> None:
    drawing = "#####\n#O U#\n#= @#\n#####"
    file = tmp_path / "kitchen.txt"
    file.write_text(drawing, encoding="utf-8")

    by_drawing, by_file = (cogrid.make(KITCHEN, layout=layout) for layout in (drawing, file))
    by_lines, by_path = (cogrid.make(KITCHEN, layout=layout) for layout in (drawing.splitlines(), str(file)))

    states = [env.jax_reset(NUMPY_KEY)[0] for env in (by_drawing, by_file, by_lines, by_path)]
    for state in states[1:]:
        assert_same_states(state, states[0])
    assert cogrid.make(KITCHEN, layout="CounterCircuit").jax_reset(NUMPY_KEY)[0].width == 10


def test_a_factory_gets_backend_render_mode_and_overrides() -> None:
    given = []

    def factory(backend: str, render_mode: str | None, **overrides: Any) -> CoGridEnv:
        given.append((backend, render_mode, overrides))
        return cogrid.make(KITCHEN, backend=backend, render_mode=render_mode, **overrides)

    cogrid.register("InterfaceTest-V0", factory)
    env = cogrid.make("InterfaceTest-V0", render_mode="ansi", num_agents=1)

    assert given == [("numpy", "ansi", {"num_agents": 1})]
    assert env.possible_agents == ["agent_0"]


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("layout", "CoordinationRing"),
        ("num_agents", 3),
        ("action_set", "rotation"),
        ("features", ("object_planes",)),
        ("rewards", (rewards.SoupInDishReward(),)),
        ("max_steps", 5),
    ],
)
def test_every_promised_setting_can_be_overridden(override: str, value: Any) -> None:
    assert cogrid.make(KITCHEN).config[override] != value
    assert cogrid.make(KITCHEN, **{override: value}).config[override] == value


def test_an_unknown_id_or_override_says_which_are_close() -> None:
    with pytest.raises(ConfigError, match=KITCHEN):
        cogrid.make("Overcooked-CrampdRoom-V0")
    with pytest.raises(ConfigError, match="'max_steps'"):
        cogrid.make(KITCHEN, max_step=5)


# The environment.


def test_the_environment_takes_settings_a_backend_and_a_render_mode() -> None:
    told = parameters(CoGridEnv.__init__)

    assert list(told)[1:] == ["config", "backend", "render_mode"]
    assert (told["backend"], told["render_mode"]) == ("numpy", None)
    assert issubclass(CoGridEnv, pettingzoo.ParallelEnv)


def test_settings_are_read_like_a_mapping_and_taken_as_one(backend: str) -> None:
    env = CoGridEnv({"rules": array_config.build_overcooked_scope_config(), "layout": "CrampedRoom"}, backend)

    assert env.config["num_agents"] == 2
    assert env.possible_agents == ["agent_0", "agent_1"]
    with pytest.raises(KeyError, match="'num_agents'"):
        env.config["num_agent"]


def test_dicts_of_numpy_values_go_in_and_come_out(backend: str) -> None:
    env = cogrid.make(KITCHEN, backend=backend)

    observations, infos = env.reset(seed=3, options={"an option": "that nobody knows"})
    results = env.step({agent: np.int64(6) for agent in env.agents})

    assert env.agents == ["agent_0", "agent_1"]
    assert infos == {"agent_0": {}, "agent_1": {}}
    assert results[4] == {agent: {"events": (), "shaped_reward": 0} for agent in env.agents}
    for obs in (*observations.values(), *results[0].values()):
        assert type(obs) is np.ndarray
        assert env.observation_space("agent_0").contains(obs)
    assert {type(value) for value in results[1].values()} == {np.float32}
    assert {type(value) for part in results[2:4] for value in part.values()} == {bool}
    assert isinstance(env.action_space("agent_0"), gymnasium.spaces.Discrete)
    assert env.observation_space("agent_1") is env.observation_space("agent_1")


@needs_jax
def test_environments_of_both_backends_live_in_one_process() -> None:
    numpy_env, jax_env = (cogrid.make(KITCHEN, backend=backend) for backend in ("numpy", "jax"))

    for env in (numpy_env, jax_env, numpy_env):
        env.reset(seed=1)
    for _ in range(3):
        one, other = (env.step({"agent_0": 0, "agent_1": 4})[0] for env in (numpy_env, jax_env))
        for agent, obs in one.items():
            assert_same_bits(other[agent], obs)
    assert type(numpy_env.get_state().agent_dir) is np.ndarray
    assert type(jax_env.get_state().agent_dir) is not np.ndarray


@on_each_id
def test_the_functional_reset_and_step_have_the_promised_shapes(env_id: str, backend: str) -> None:
    env = cogrid.make(env_id, backend=backend)

    state, obs = env.jax_reset(a_key(backend))
    after, next_obs, reward, done, info = env.jax_step(state, np.array([6, 6], dtype=np.int32))

    assert isinstance(state, EnvState)
    assert isinstance(after, EnvState)
    assert obs.shape == next_obs.shape == (2, 443)
    assert (reward.shape, reward.dtype) == ((2,), np.float32)
    assert (done.shape, done.dtype) == ((), np.bool_)
    assert info == {}
    assert (int(state.time), int(after.time)) == (0, 1)


def test_the_functional_pair_is_one_object_ready_after_construction(backend: str) -> None:
    env = cogrid.make(KITCHEN, backend=backend)

    reset, step = env.jax_reset, env.jax_step
    env.reset(seed=0)

    assert env.jax_reset is reset
    assert env.jax_step is step


def test_the_functional_pair_is_pure_and_does_not_touch_the_environment(backend: str) -> None:
    env = cogrid.make(KITCHEN, backend=backend)
    env.reset(seed=5)
    kept = env.get_state()
    state, _ = env.jax_reset(a_key(backend))
    again, _ = env.jax_reset(a_key(backend))

    first = env.jax_step(state, np.array([0, 1], dtype=np.int32))[0]
    second = env.jax_step(state, np.array([0, 1], dtype=np.int32))[0]

    assert_same_states(state, again)
    assert_same_states(first, second)
    assert_same_states(env.get_state(), kept)


@needs_jax
def test_the_functional_pair_works_under_jit_vmap_and_scan() -> None:
    import jax

    env = cogrid.make(KITCHEN, backend="jax")
    noops = np.full((4, 2), 6, dtype=np.int32)

    def roll(key: Any) -> Any:
        return jax.lax.scan(lambda state, joint: env.jax_step(state, joint)[:2], env.jax_reset(key)[0], noops)

    state, obs = jax.jit(jax.vmap(roll))(jax.random.split(jax.random.key(0), 3))

    assert obs.shape == (3, 4, 2, 443)
    assert state.time.tolist() == [4, 4, 4]
    assert state.n_agents == 2


def test_a_single_feature_keeps_its_shape_and_several_are_joined() -> None:
    single = cogrid.make(KITCHEN, features=["object_planes"])
    joined = cogrid.make(KITCHEN, features=["object_planes", "inventory"])

    one, two = (env.jax_reset(NUMPY_KEY)[1] for env in (single, joined))

    assert one.shape[:1] == (2,)
    assert one.ndim > 2
    assert one.shape[1:] == single.observation_space("agent_0").shape
    assert two.shape == (2, one[0].size + 1)


def test_nothing_is_reset_inside_the_functional_step() -> None:
    env = cogrid.make(KITCHEN, max_steps=2)
    state, _ = env.jax_reset(NUMPY_KEY)
    ends = []
    for _ in range(4):
        state, _, _, done, _ = env.jax_step(state, np.array([6, 6], dtype=np.int32))
        ends.append(bool(done))

    assert ends == [False, True, True, True]
    assert int(state.time) == 4
    assert state.truncated.tolist() == [True, True]


def test_a_snapshot_is_not_touched_by_later_steps_and_can_be_restored(backend: str) -> None:
    env = cogrid.make(KITCHEN, backend=backend)
    env.reset(seed=2)
    snapshot = env.get_state()
    joint = {"agent_0": 1, "agent_1": 2}
    first = [env.step(joint)[0] for _ in range(3)]

    fresh = cogrid.make(KITCHEN, backend=backend)
    fresh.set_state(snapshot)
    second = [fresh.step(joint)[0] for _ in range(3)]

    assert int(snapshot.time) == 0
    assert fresh.agents == ["agent_0", "agent_1"]
    for one, other in zip(first, second, strict=True):
        for agent, obs in one.items():
            assert_same_bits(other[agent], obs)


@needs_jax
def test_a_state_of_either_backend_is_restored_on_either() -> None:
    envs = {name: cogrid.make(KITCHEN, backend=name) for name in ("numpy", "jax")}
    for source, other in (("numpy", "jax"), ("jax", "numpy")):
        envs[source].reset(seed=4)
        envs[source].step({"agent_0": 3, "agent_1": 1})
        envs[other].set_state(envs[source].get_state())
        assert_same_states(envs[other].get_state(), envs[source].get_state())


def test_a_state_is_built_from_arrays_and_what_is_left_out_is_the_starts(backend: str) -> None:
    env = cogrid.make(KITCHEN, backend=backend)
    onion, tomato = (object_to_idx(name, scope="overcooked") for name in ("onion", "tomato"))

    state = env.state_from_arrays(
        agent_pos=[[2, 2], [3, 4]],
        pot_contents=[[-1, onion, tomato]],
        object_state_map=np.zeros((6, 7), dtype=np.int32),
    )

    assert np.asarray(state.agent_pos).tolist() == [[2, 2], [3, 4]]
    assert sorted(np.asarray(state.pot_contents)[0].tolist()) == sorted([-1, onion, tomato])
    assert int(state.object_state_map[1, 3]) == 2 + 2 * 30
    assert (int(state.time), np.asarray(state.rng_key).tolist()) == (0, [0, 0])
    assert not np.asarray(state.terminated).any()
    assert not np.asarray(state.events).any()


# The state.


SHAPES = {
    "agent_pos": (2, 2),
    "agent_dir": (2,),
    "agent_inv": (2, 1),
    "wall_map": (6, 7),
    "object_type_map": (6, 7),
    "object_state_map": (6, 7),
    "pot_contents": (1, 3),
    "pot_timer": (1,),
    "pot_positions": (1, 2),
    "rng_key": (2,),
    "time": (),
    "terminated": (2,),
    "truncated": (2,),
    "events": (2,),
}
STATIC = {"n_agents": 2, "height": 6, "width": 7, "n_pots": 1, "action_set": "cardinal"}


@pytest.mark.parametrize("name", SHAPES)
def test_a_state_reads_as_the_promised_array_batched_or_not(name: str) -> None:
    env = cogrid.make(KITCHEN)
    keys = np.arange(24, dtype=np.uint32).reshape(3, 4, 2)

    single, batch = env.jax_reset(NUMPY_KEY)[0], env.jax_reset(keys)[0]

    assert np.asarray(getattr(single, name)).shape == SHAPES[name]
    assert np.asarray(getattr(batch, name)).shape == (3, 4, *SHAPES[name])


@pytest.mark.parametrize("name", STATIC)
def test_the_sizes_of_a_state_are_never_batched(name: str) -> None:
    env = cogrid.make(KITCHEN)

    for key in (NUMPY_KEY, np.zeros((3, 2), dtype=np.uint32)):
        assert getattr(env.jax_reset(key)[0], name) == STATIC[name]


@needs_jax
def test_a_state_is_a_frozen_pytree() -> None:
    import jax

    state, _ = cogrid.make(KITCHEN, backend="jax").jax_reset(jax.random.key(0))
    leaves, structure = jax.tree.flatten(state)

    assert all(isinstance(leaf, jax.Array) for leaf in leaves)
    assert_same_states(jax.tree.unflatten(structure, leaves), state)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(state, "time", 3)  # noqa: B010 - a type checker would refuse the assignment, as it should.
    other, _ = cogrid.make(KITCHEN, backend="jax").jax_reset(jax.random.key(1))
    assert jax.tree.structure(other) == structure


def test_a_name_that_the_world_does_not_declare_lists_those_that_it_does() -> None:
    state, _ = cogrid.make(KITCHEN).jax_reset(NUMPY_KEY)
    rules = Rules(name="interface_test", objects=(), items=())
    plain, _ = CoGridEnv({"rules": rules, "layout": ["  "]}).jax_reset(NUMPY_KEY)

    with pytest.raises(AttributeError, match="pot_timer"):
        _ = state.pot_time
    with pytest.raises(AttributeError, match="agent_pos"):
        _ = plain.pot_timer


# The backend.


@needs_jax
def test_the_default_namespace_is_switched_and_put_back() -> None:
    import jax.numpy as jnp

    try:
        assert backend_package.get_backend() == "numpy"
        xp: Any = backend_package.xp
        assert type(xp.zeros(2)) is np.ndarray
        backend_package.set_backend("jax")
        assert backend_package.get_backend() == "jax"
        assert isinstance(xp.zeros(2), jnp.ndarray)
        assert type(cogrid.make(KITCHEN).jax_reset(NUMPY_KEY)[1]) is np.ndarray
    finally:
        _dispatch._reset_backend_for_testing()
    assert backend_package.get_backend() == "numpy"


def test_a_backend_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BackendError, match="'numpy'"):
        backend_package.set_backend("nunpy")
    with pytest.raises(BackendError, match="'jax'"):
        cogrid.make(KITCHEN, backend="jaxx")


# The core.


def test_type_ids_are_read_by_name() -> None:
    names = get_object_names("overcooked")

    assert object_to_idx(None) == object_to_idx(None, scope="overcooked") == 0
    assert set(OVERCOOKED_TYPES) <= set(names)
    assert [object_to_idx(name, scope="overcooked") for name in OVERCOOKED_TYPES] == [
        names.index(name) for name in OVERCOOKED_TYPES
    ]
    assert 0 not in {object_to_idx(name, scope="overcooked") for name in OVERCOOKED_TYPES}
    assert object_to_idx("wall") > 0
    assert parameters(grid_object.object_to_idx)["scope"] == "global"


def test_directions_step_right_down_left_up() -> None:
    assert get_dir_vec_table().tolist() == [[0, 1], [1, 0], [0, -1], [-1, 0]]


def test_agent_arrays_are_what_a_state_is_built_from() -> None:
    arrays = create_agent_arrays([(2, 2), (3, 3)], [1, 3])

    state = cogrid.make(KITCHEN).state_from_arrays(**arrays)

    assert {name: values.shape for name, values in arrays.items()} == {
        name: SHAPES[name] for name in ("agent_pos", "agent_dir", "agent_inv")
    }
    assert (state.agent_pos.tolist(), state.agent_dir.tolist()) == ([[2, 2], [3, 3]], [1, 3])


def test_a_layout_becomes_numpy_arrays() -> None:
    arrays = grid_utils.layout_to_array_state("ForcedCoordination", array_config.build_overcooked_scope_config())
    state, _ = cogrid.make("Overcooked-ForcedCoordination-V0").jax_reset(NUMPY_KEY)

    for name in ("wall_map", "object_type_map", "object_state_map"):
        assert type(arrays[name]) is np.ndarray
        assert_same_bits(arrays[name], getattr(state, name), name)


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (movement, ["move_agents_jax"]),
        (interactions, ["process_interactions_jax"]),
        (jax_step, ["jax_step", "jax_reset", "make_jitted_step", "make_jitted_reset", "envstate_to_dict"]),
        (array_features, ["build_feature_fn_jax", "get_all_agent_obs_jax"]),
        (reward_module, ["register_reward", "make_reward"]),
        (array_rewards, ["compose_rewards"]),
        (overcooked_array_rewards, ["compute_rewards_jax"]),
    ],
)
def test_the_stages_of_a_step_are_functions_of_their_own(module: Any, names: list[str]) -> None:
    for name in names:
        assert callable(getattr(module, name))
        assert inspect.getdoc(getattr(module, name))


@needs_jax
def test_jitted_step_and_reset_are_made_of_their_parts() -> None:
    import jax

    env = cogrid.make(KITCHEN, backend="jax")
    feature_fn = array_features.build_feature_fn_jax(env.config["features"])
    total = reward_module.TotalReward(tuple(env.config["rewards"]))
    key, actions = jax.random.key(7, impl="threefry2x32"), np.array([0, 1], dtype=np.int32)

    state, obs = jax_step.make_jitted_reset(env.tables, feature_fn)(key)
    after, next_obs, reward, done, _ = jax_step.make_jitted_step(feature_fn, total)(state, actions)
    expected, expected_obs = env.jax_reset(key)
    expected_after, *expected_rest = env.jax_step(expected, actions)

    assert_same_states(state, expected)
    assert_same_states(after, expected_after)
    for told, wanted in zip((obs, next_obs, reward, done), (expected_obs, *expected_rest[:3]), strict=True):
        assert_same_bits(told, wanted)
    assert_same_bits(jax_step.jax_reset(NUMPY_KEY, env.tables, feature_fn)[1], expected_obs)
    assert_same_states(jax_step.jax_step(state, actions, feature_fn, total)[0], expected_after)


def test_a_state_as_a_dict_has_every_name_that_it_reads_as() -> None:
    state, _ = cogrid.make(KITCHEN).jax_reset(NUMPY_KEY)

    arrays = jax_step.envstate_to_dict(state)

    assert set(SHAPES) | set(STATIC) <= set(arrays)
    assert all(np.array_equal(values, getattr(state, name)) for name, values in arrays.items())


# Features and rewards.


@pytest.mark.parametrize(
    ("name", "size"),
    [("agent_position", 2), ("agent_dir", 4), ("full_map_encoding", 432), ("can_move_direction", 4), ("inventory", 1)],
)
def test_each_feature_of_the_classic_observation_has_its_size(name: str, size: int) -> None:
    state, obs = cogrid.make(KITCHEN).jax_reset(NUMPY_KEY)
    order = ["agent_position", "agent_dir", "full_map_encoding", "can_move_direction", "inventory"]
    sizes = [2, 4, 432, 4, 1]
    first = sum(sizes[: order.index(name)])

    told = getattr(array_features, name)(state).reshape(2, -1)
    alone = array_features.get_all_agent_obs_jax(array_features.build_feature_fn_jax([name]), state, 2).reshape(2, -1)

    assert told.shape == (2, size)
    np.testing.assert_array_equal(told, obs[:, first : first + size])
    np.testing.assert_array_equal(alone, told)
    assert sum(sizes) == 443


def test_a_map_larger_than_twelve_by_twelve_is_refused_unless_the_setting_says_otherwise() -> None:
    layout = ["#" * 15, "#" + " " * 13 + "#", "#" * 15]

    with pytest.raises(ConfigError, match="max_map_size"):
        cogrid.make(KITCHEN, layout=layout)
    env = cogrid.make(KITCHEN, layout=layout, max_map_size=(3, 15))
    assert env.jax_reset(NUMPY_KEY)[1].shape == (2, 2 + 4 + 3 * 15 * 3 + 4 + 1)


@pytest.mark.parametrize(
    ("name", "coefficient", "common_reward"),
    [
        ("delivery_reward_array", 1.0, True),
        ("onion_in_pot_reward_array", 0.1, False),
        ("soup_in_dish_reward_array", 0.3, False),
    ],
)
def test_the_array_rewards_have_the_promised_signature(name: str, coefficient: float, common_reward: bool) -> None:
    told = parameters(getattr(array_rewards, name))
    required = ["prev_state", "state", "actions", "type_ids", "n_agents"]

    assert getattr(array_rewards, name) is getattr(overcooked_array_rewards, name)
    assert list(told) == [*required, "coefficient", "common_reward", "action_pickup_drop_idx"]
    assert list(told.values()) == [inspect.Parameter.empty] * 5 + [coefficient, common_reward, 4]


def test_composed_and_computed_rewards_have_the_promised_signature() -> None:
    config = {"name": "delivery", "fn": array_rewards.delivery_reward_array, "coefficient": 1.0}

    composed = parameters(array_rewards.compose_rewards([config]))

    expected = ["prev_state", "state", "actions", "n_agents", "type_ids", "action_pickup_drop_idx"]
    assert list(composed) == expected
    assert list(parameters(overcooked_array_rewards.compute_rewards_jax)) == [*expected[:3], "reward_config"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (rewards.SoupDeliveryReward, "delivery_reward"),
        (rewards.OnionInPotReward, "onion_in_pot_reward"),
        (rewards.SoupInDishReward, "soup_in_dish_reward"),
    ],
)
def test_a_reward_class_is_made_by_its_name(kind: Any, name: str) -> None:
    assert type(reward_module.make_reward(name, coefficient=2.0)) is kind
    assert list(parameters(kind.calculate_reward)) == ["self", "prev_state", "state", "actions"]


def test_overcooked_hands_its_rules_to_the_core() -> None:
    config = array_config.build_overcooked_scope_config()

    assert isinstance(config, Rules)
    assert config.name == "overcooked"
    assert config is array_config.build_overcooked_scope_config()


# The benchmark suite.


@pytest.mark.parametrize(
    "name",
    [
        "benchmark_numpy_single",
        "benchmark_jax_single",
        "benchmark_jax_vmap",
        "compute_variance",
        "run_benchmark_suite",
        "test_benchmark_reproducibility",
    ],
)
def test_the_benchmark_suite_has_its_functions(name: str) -> None:
    from cogrid.benchmarks import benchmark_suite

    assert callable(getattr(benchmark_suite, name))
    if name.startswith("benchmark_"):
        assert list(parameters(getattr(benchmark_suite, name)))[:2] == ["n_steps", "n_trials"]


def test_the_benchmark_suite_has_its_constants() -> None:
    from cogrid.benchmarks import benchmark_suite

    assert (benchmark_suite.N_BENCHMARK_STEPS, benchmark_suite.N_WARMUP_STEPS) == (500, 5)
    assert (benchmark_suite.VARIANCE_THRESHOLD, benchmark_suite.SEED) == (10.0, 42)
    assert benchmark_suite.LAYOUT in registry.registered_ids()


# The five classic environments.


@on_each_id
def test_a_classic_environment_is_as_recorded_and_promised(env_id: str) -> None:
    env = cogrid.make(env_id)
    recording = load("A_np", env_id.split("-")[1])
    state, _ = env.jax_reset(NUMPY_KEY)
    recorded, _ = recording.make_env().jax_reset(NUMPY_KEY)

    assert_same_bits(state.object_type_map, recorded.object_type_map)
    assert env.config["max_steps"] == 1000
    assert env.config["num_agents"] == 2
    assert env.config["action_set"] == "cardinal"
    assert list(env.config["rewards"]) == [rewards.SoupDeliveryReward(coefficient=1.0, common_reward=True)]
    assert bool((state.wall_map[[0, -1]] == 1).all())
    assert bool((state.wall_map[:, [0, -1]] == 1).all())
    assert env.action_space("agent_0").n == 7


def test_actions_are_numbered_as_promised() -> None:
    cardinal = ("MoveUp", "MoveDown", "MoveLeft", "MoveRight", "PickupDrop", "Toggle", "Noop")
    rotation = ("Forward", "PickupDrop", "Toggle", "Noop", "RotateLeft", "RotateRight")

    assert cogrid.make(KITCHEN).tables.action_set.names == cardinal
    assert cogrid.make(KITCHEN, action_set="rotation").tables.action_set.names == rotation


def test_marked_starts_are_taken_in_reading_order_and_each_room_has_a_cook() -> None:
    for seed in range(20):
        key = np.array([0, seed], dtype=np.uint32)
        rooms = cogrid.make("Overcooked-AsymmetricAdvantages-V0").jax_reset(key)[0].agent_pos
        forced = cogrid.make("Overcooked-ForcedCoordination-V0").jax_reset(key)[0].agent_pos
        assert (rooms[0, 1] < 5, rooms[1, 1] > 5) == (True, True)
        assert forced.tolist() == [[2, 2], [4, 4]]

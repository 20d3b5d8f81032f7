"""States from outside: snapshots, states that are set, states built from arrays, and where agents start."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.backend.env_state import NUMBER_NAMES, EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.core.jax_step import envstate_to_dict
from cogrid.tests.engines import as_dict, first_of, needs_jax
from cogrid.tests.states import assert_same_states

CRAMPED_ROOM = "Overcooked-CrampedRoom-V0"
COUNTER_CIRCUIT = "Overcooked-CounterCircuit-V0"
CLASSIC_IDS = [
    f"Overcooked-{name}-V0"
    for name in ("CrampedRoom", "AsymmetricAdvantages", "CoordinationRing", "ForcedCoordination", "CounterCircuit")
]
BUSY: dict[str, Any] = {"num_agents": 4, "max_steps": 300}
BACKEND_PAIRS = [
    pytest.param(one, other, marks=[needs_jax] if "jax" in (one, other) else [])
    for one in ("numpy", "jax")
    for other in ("numpy", "jax")
]


def joints(n_steps: int, n_agents: int = 4, seed: int = 0) -> list[dict[str, int]]:
    """Random joint actions in which agents often interact."""
    random = np.random.default_rng(seed)
    drawn = random.choice([0, 1, 2, 3, 4, 4], size=(n_steps, n_agents))
    return [{f"agent_{idx}": int(action) for idx, action in enumerate(joint)} for joint in drawn]


def assert_equal_dicts(actual: dict[str, Any], expected: dict[str, Any]) -> None:
    """Two states as dicts read the same."""
    assert actual.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(actual[name], values, err_msg=name)


def tell(env: CoGridEnv, actions: list[dict[str, int]]) -> list[Any]:
    """Play, and tell everything that the environment says."""
    told = []
    for joint in actions:
        observations, *rest = env.step(joint)
        told.append(({agent: seen.tolist() for agent, seen in observations.items()}, *rest))
    return told


def test_a_snapshot_is_not_touched_by_later_steps(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend, **BUSY)
    env.reset(seed=0)
    kept = []

    for joint in joints(25):
        state = env.get_state()
        kept.append((state, {name: values.copy() for name, values in as_dict(state).items()}))
        env.step(joint)
    env.reset(seed=1)

    for state, as_it_was in kept:
        assert_equal_dicts(as_dict(state), as_it_was)


def test_a_snapshot_has_leaves_of_the_environments_backend(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend)
    env.reset(seed=0)

    state = env.get_state()

    assert isinstance(state.agent_pos, np.ndarray) == (backend == "numpy")
    assert isinstance(state.object_type_map, np.ndarray) == (backend == "numpy")


@pytest.mark.parametrize(("one", "other"), BACKEND_PAIRS)
@pytest.mark.parametrize("env_id", first_of([CRAMPED_ROOM, COUNTER_CIRCUIT]))
def test_an_episode_that_goes_on_from_a_snapshot_is_the_original_one(env_id: str, one: str, other: str) -> None:
    original = cogrid.make(env_id, backend=one, **BUSY)
    restored = cogrid.make(env_id, backend=other, **BUSY)
    original.reset(seed=21)
    tell(original, joints(50))
    snapshot = original.get_state()
    told = tell(original, joints(60, seed=1))

    restored.set_state(snapshot)

    assert restored.agents == restored.possible_agents
    assert tell(restored, joints(60, seed=1)) == told
    assert_equal_dicts(as_dict(restored.get_state()), as_dict(original.get_state()))


def test_a_state_can_be_set_before_any_reset(backend: str) -> None:
    source = cogrid.make(CRAMPED_ROOM)
    source.reset(seed=3)
    env = cogrid.make(CRAMPED_ROOM, backend=backend)
    assert env.agents == []

    env.set_state(source.get_state())

    assert env.agents == ["agent_0", "agent_1"]
    assert_equal_dicts(as_dict(env.get_state()), as_dict(source.get_state()))


def test_the_agents_are_those_of_the_state_that_was_set(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend, max_steps=5)

    env.set_state(env.state_from_arrays(terminated=[True, False]))
    one_left = list(env.agents)
    env.set_state(env.state_from_arrays(time=5))
    none_left = list(env.agents)
    env.set_state(env.state_from_arrays(time=4))

    assert (one_left, none_left, env.agents) == (["agent_1"], [], ["agent_0", "agent_1"])


def test_a_state_that_was_set_can_be_set_again_after_the_end(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend, max_steps=3)
    env.reset(seed=0)
    start = env.get_state()
    actions = joints(3, n_agents=2)
    told = tell(env, actions)
    assert env.agents == []

    env.set_state(start)

    assert tell(env, actions) == told


@pytest.mark.parametrize("env_id", [CRAMPED_ROOM, "OvercookedV2-CrampedRoom-V0", "GoalSeeking-Random-V0"])
def test_a_state_that_the_caller_writes_into_changes_nothing_in_the_environment(env_id: str) -> None:
    env, untouched = cogrid.make(env_id), cogrid.make(env_id)
    for played in (env, untouched):
        played.reset(seed=4)
    actions = joints(20, n_agents=env.num_agents)
    given = env.get_state()
    env.set_state(given)

    overwrite(given)
    for _ in range(3):
        overwrite(env.get_state())
        assert tell(env, actions[:5]) == tell(untouched, actions[:5])

    assert_equal_dicts(as_dict(env.get_state()), as_dict(untouched.get_state()))


def overwrite(state: EnvState) -> None:
    """Write into every array that a state holds or is read as."""
    for name in ("cells", "numbers", *NUMBER_NAMES, *as_dict(state)):
        values = getattr(state, name)
        if isinstance(values, np.ndarray) and values.flags.writeable:
            values[...] = 1


def test_a_state_that_was_set_is_not_touched_by_later_steps() -> None:
    env = cogrid.make(CRAMPED_ROOM, **BUSY)
    state = env.state_from_arrays()
    before = {name: values.copy() for name, values in as_dict(state).items()}

    env.set_state(state)
    tell(env, joints(30))

    assert_equal_dicts(as_dict(state), before)


@pytest.mark.parametrize("env_id", CLASSIC_IDS)
def test_states_go_to_arrays_and_back_unchanged(env_id: str) -> None:
    env = cogrid.make(env_id, num_agents=2, max_steps=None)
    env.reset(seed=9)
    seen_items = set()

    for joint in joints(200, n_agents=2, seed=5):
        env.step(joint)
        state = env.get_state()
        seen_items |= set(state.agent_inv.reshape(-1).tolist())
        assert_equal_dicts(as_dict(env.state_from_arrays(**envstate_to_dict(state))), as_dict(state))
    assert len(seen_items) > 1


@needs_jax
def test_states_go_to_arrays_and_back_unchanged_under_jax() -> None:
    env = cogrid.make(CRAMPED_ROOM, backend="jax", **BUSY)
    env.reset(seed=9)
    tell(env, joints(30))
    state = env.get_state()

    rebuilt = env.state_from_arrays(**envstate_to_dict(state))

    assert not isinstance(rebuilt.agent_pos, np.ndarray)
    assert_equal_dicts(as_dict(rebuilt), as_dict(state))
    env.set_state(rebuilt)
    assert env.agents == env.possible_agents


def test_a_state_as_a_dict_has_every_name_that_is_promised() -> None:
    env = cogrid.make(CRAMPED_ROOM)
    env.reset(seed=0)

    arrays = envstate_to_dict(env.get_state())

    shapes = {
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
    assert {name: np.shape(arrays[name]) for name in shapes} == shapes
    static = {name: arrays[name] for name in ("n_agents", "height", "width", "n_pots", "action_set")}
    assert static == {"n_agents": 2, "height": 6, "width": 7, "n_pots": 1, "action_set": "cardinal"}


def test_what_is_left_out_of_the_arrays_is_the_starts() -> None:
    env = cogrid.make(CRAMPED_ROOM)
    start, _ = env.jax_reset(np.zeros(2, dtype=np.uint32))

    state = env.state_from_arrays()

    assert_equal_dicts(as_dict(state), as_dict(start))
    assert state.time == 0
    assert state.rng_key.tolist() == [0, 0]
    assert not state.terminated.any()


@pytest.mark.parametrize("row", [("onion", None, "onion"), (None, "onion", "onion"), ("onion", "onion", None)])
def test_the_contents_of_a_pot_may_come_in_any_order(row: tuple[str | None, ...]) -> None:
    env = cogrid.make(CRAMPED_ROOM)
    onion = object_to_idx("onion", scope="overcooked")

    state = env.state_from_arrays(pot_contents=[[onion if name else -1 for name in row]])

    assert state.pot_contents.tolist() == [[onion, onion, -1]]
    assert state.object_state_map[1, 3] == 2 * 31


def test_at_pots_contents_and_timer_decide_and_the_state_map_is_not_looked_at() -> None:
    env = cogrid.make(CRAMPED_ROOM)
    onion = object_to_idx("onion", scope="overcooked")
    state_map = np.asarray(env.state_from_arrays().object_state_map).copy()
    state_map[1, 3] = 77

    state = env.state_from_arrays(pot_contents=[[onion] * 3], pot_timer=[12], object_state_map=state_map)

    assert state.pot_timer.tolist() == [12]
    assert state.object_state_map[1, 3] == 3 + 3 * 12


def test_an_attribute_that_a_state_has_not_is_told_with_those_it_has() -> None:
    env = cogrid.make(CRAMPED_ROOM)
    env.reset(seed=0)

    with pytest.raises(AttributeError, match=r"no 'door_map'.*agent_pos.*pot_contents, pot_timer"):
        _ = env.get_state().door_map


def test_a_world_without_pots_has_no_arrays_of_pots() -> None:
    rules = cogrid.Rules(name="test_states")
    env = CoGridEnv(cogrid.EnvConfig(rules=rules, layout=["+ "], num_agents=1, features=("agent_position",)))
    env.reset(seed=0)

    with pytest.raises(AttributeError, match=r"no 'pot_timer'.*declared by this world's objects: none"):
        _ = env.get_state().pot_timer
    assert not hasattr(env.get_state(), "n_pots")


def starts(layout: str, num_agents: int, seed: int = 0, backend: str = "numpy") -> list[list[int]]:
    """Where the agents of a kitchen start."""
    env = cogrid.make(CRAMPED_ROOM, layout=layout, num_agents=num_agents, backend=backend)
    env.reset(seed=seed)
    return np.asarray(env.get_state().agent_pos).tolist()


def test_agents_start_on_the_marks_in_reading_order(backend: str) -> None:
    assert starts("+ +\n   \n+  ", 3, backend=backend) == [[0, 0], [0, 2], [2, 0]]


def test_a_mark_that_nobody_needs_is_plain_floor(backend: str) -> None:
    assert starts("+ +\n   \n+  ", 1, backend=backend) == [[0, 0]]


def test_numbered_agents_start_on_their_number(backend: str) -> None:
    assert starts("3 1\n   \n2  ", 3, backend=backend) == [[0, 2], [2, 0], [0, 0]]


def test_agents_without_a_number_take_the_marks_in_reading_order(backend: str) -> None:
    assert starts("+ 2\n   \n+  ", 3, backend=backend) == [[0, 0], [0, 2], [2, 0]]


def test_agents_without_a_mark_start_on_distinct_free_cells_drawn_at_each_reset(backend: str) -> None:
    layout = "#+#\nC  \n  U"
    seen = set()

    for seed in range(30 if backend == "numpy" else 5):
        first, *others = starts(layout, 4, seed, backend)
        assert first == [0, 1]
        places = {tuple(place) for place in others}
        assert len(places) == 3
        assert places <= {(1, 1), (1, 2), (2, 0), (2, 1)}
        seen |= {(idx, tuple(place)) for idx, place in enumerate(others)}

    if backend == "numpy":
        assert len(seen) == 12


def test_as_many_agents_as_there_are_free_cells_can_play(backend: str) -> None:
    places = starts("   \n # \n   ", 8, backend=backend)

    assert sorted(places) == [[row, column] for row in range(3) for column in range(3) if (row, column) != (1, 1)]


def test_start_directions_are_drawn_at_each_reset() -> None:
    env = cogrid.make(CRAMPED_ROOM)
    drawn = set()
    for seed in range(60):
        env.reset(seed=seed)
        drawn |= set(enumerate(env.get_state().agent_dir.tolist()))

    assert drawn == {(agent, direction) for agent in range(2) for direction in range(4)}


@needs_jax
def test_one_seed_is_one_start_on_both_backends_and_by_key_of_either_form() -> None:
    import jax

    on_numpy, on_jax = (cogrid.make(COUNTER_CIRCUIT, backend=name, num_agents=9) for name in ("numpy", "jax"))
    on_numpy.reset(seed=7)
    on_jax.reset(seed=7)
    told = as_dict(on_numpy.get_state())

    assert_equal_dicts(as_dict(on_jax.get_state()), told)
    assert_equal_dicts(as_dict(on_jax.jax_reset(jax.random.key(7))[0]), told)
    assert_equal_dicts(as_dict(on_jax.jax_reset(jax.random.PRNGKey(7))[0]), told)
    assert_equal_dicts(as_dict(on_numpy.jax_reset(np.array([0, 7], dtype=np.uint32))[0]), told)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda state: pickle.loads(pickle.dumps(state))])
def test_the_copy_of_a_state_belongs_to_the_same_world(duplicate: Callable[[EnvState], EnvState]) -> None:
    env = cogrid.make("OvercookedV2-CrampedRoomV2-V0")
    env.reset(seed=3)
    state = env.get_state()

    same = duplicate(state)

    assert same.tables is state.tables
    assert_same_states(same, state)

"""What a user may get wrong, row by row: each is refused by its own kind of error, with culprit, place and remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid import Rules
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import get_object_names, object_to_idx
from cogrid.errors import (
    ActionError,
    BackendError,
    CoGridError,
    ConfigError,
    EpisodeError,
    LayoutError,
    SeedError,
    StateError,
)
from cogrid.tests.engines import needs_jax

pytestmark = pytest.mark.usefixtures("type_checks_off")

CRAMPED_ROOM = "Overcooked-CrampedRoom-V0"
NOOPS = {"agent_0": 6, "agent_1": 6}

Row = tuple[Any, type[Exception], str]
"""What is given, the error, and what its message says."""


def rows(*given: Row) -> Any:
    """Parametrise a test over rows of a table, each named after what is given."""
    names = [f"call{number}" if callable(row[0]) else repr(row[0])[:60] for number, row in enumerate(given)]
    return pytest.mark.parametrize(("given", "error", "message"), given, ids=names)


NOTHING: Any = None
THREE: Any = 3
PRINT: Any = print


def make(**overrides: Any) -> CoGridEnv:
    return cogrid.make(CRAMPED_ROOM, **overrides)


@rows(
    (
        "Overcooked-CrampdRoom-V0",
        ConfigError,
        r"no environment 'Overcooked-CrampdRoom-V0'\. Did you mean .*Cramped",
    ),
    ("overcooked-crampedroom-v0", ConfigError, r"Did you mean 'Overcooked-CrampedRoom-V0'"),
    ("Chess", ConfigError, r"no environment 'Chess'\. There are the families .*Overcooked, "),
    (5, ConfigError, r"An id is a text .*, not int"),
    (
        cogrid.EnvConfig(rules=Rules(name="no_id"), layout=["12"]),
        ConfigError,
        r"not EnvConfig\. .*CoGridVectorEnv\(config, num_envs\)",
    ),
)
def test_an_unknown_id_is_refused_with_the_close_ones(given: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        cogrid.make(given)


@rows(
    ({"max_step": 10}, ConfigError, r"no setting 'max_step'\. Did you mean 'max_steps'"),
    ({"n_agents": 2}, ConfigError, r"no setting 'n_agents'\. Did you mean 'num_agents'"),
    ({"reward": []}, ConfigError, r"no setting 'reward'\. Did you mean 'rewards'"),
    ({"zzz": 1}, ConfigError, r"no setting 'zzz'\. Known: .*'layout'.*'max_steps'"),
    ({"action_set": "cardnal"}, ConfigError, r"no action set 'cardnal'\. Did you mean 'cardinal'"),
    ({"num_agents": 0}, ConfigError, r"num_agents must be at least 1, not 0"),
    ({"num_agents": -2}, ConfigError, r"num_agents must be at least 1, not -2"),
    ({"num_agents": 2.0}, ConfigError, r"num_agents is an integer, not 2\.0"),
    ({"num_agents": True}, ConfigError, r"num_agents is an integer, not True"),
    ({"num_agents": "2"}, ConfigError, r"num_agents is an integer, not '2'"),
    ({"max_steps": 0}, ConfigError, r"max_steps must be at least 1, not 0"),
    ({"max_steps": "many"}, ConfigError, r"max_steps is an integer, not 'many'"),
    ({"features": ["agent_positon"]}, ConfigError, r"no feature 'agent_positon'\. Did you mean 'agent_position'"),
    ({"features": "agent_position"}, ConfigError, r"features is a list: features=\['agent_position'\]"),
    ({"features": None}, ConfigError, r"features is a list, not None"),
    ({"rewards": None}, ConfigError, r"rewards is a list, not None"),
    ({"shaped_rewards": 3}, ConfigError, r"shaped_rewards is a list: shaped_rewards=\[3\]"),
    ({"name": 5}, ConfigError, r"name is a text, .*not 5"),
    ({"max_map_size": 12}, ConfigError, r"max_map_size is a pair \(rows, columns\) .*not 12"),
    ({"max_steps": 2**31}, ConfigError, r"max_steps must be at most 2\*\*31 - 1, not 2147483648"),
    ({"num_agents": 10**9}, LayoutError, r"1000000000 agents cannot stand in 6 x 7 cells"),
    ({"layout": 5}, ConfigError, r"layout is a registered name, a drawing, a file or a LayoutSet, not 5"),
    ({"check": 1}, ConfigError, r"check is True or False, not 1"),
    ({"features": []}, ConfigError, r"features must name at least one feature"),
    ({"features": [3]}, ConfigError, r"A feature is a registered name or a Feature, not 3"),
    ({"rewards": ["delivry_reward"]}, ConfigError, r"no reward 'delivry_reward'\. Did you mean 'delivery_reward'"),
    ({"rewards": "delivery_reward"}, ConfigError, r"rewards is a list: rewards=\['delivery_reward'\]"),
    (
        {"rewards": [{"name": "delivery_reward", "coeficient": 1}]},
        ConfigError,
        r"'coeficient'.*'coefficient'",
    ),
    ({"rewards": [{"coefficient": 1}]}, ConfigError, r"a mapping with a 'name'"),
    ({"rewards": [7]}, ConfigError, r"A reward is a registered name.*not 7"),
    ({"rules": "overcooked"}, ConfigError, r"rules is a Rules, not 'overcooked'"),
    ({"render_mode": "hologram"}, ConfigError, r"no render mode 'hologram'"),
    ({"render_mode": "rgb_aray"}, ConfigError, r"no render mode 'rgb_aray'\. Did you mean 'rgb_array'"),
    ({"backend": "jaxx"}, BackendError, r"no backend 'jaxx'\. Did you mean 'jax'"),
    ({"backend": "torch"}, BackendError, r"no backend 'torch'\. Known: 'jax', 'numpy'"),
    ({"backend": None}, BackendError, r"no backend None"),
)
def test_a_setting_that_cannot_be_used_is_refused_when_the_world_is_made(
    given: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make(**given)


@rows(
    ("###\n# #\n##", LayoutError, r"ragged: row 2 \('##'\) has 2 characters, row 0 has 3"),
    ("####\n# ?#\n####", LayoutError, r"Row 1, column 2: .*'overcooked' has the character '\?'.*Known: .*C"),
    ("####\n#1 #\n# 1#\n####", LayoutError, r"Row 2, column 2: the start '1' is marked twice"),
    ("", LayoutError, r"neither a registered layout nor a file"),
    ("\n\n", LayoutError, r"The layout is empty"),
    ([], LayoutError, r"The layout is empty"),
    ("CrampdRoom", LayoutError, r"'CrampdRoom' is neither a registered layout nor a file.*Did you mean 'CrampedRoom'"),
    ("###\n# #\n###", LayoutError, r"too few free cells: 2 agents need a start.*only 1 .*set num_agents to 1 or less"),
    ("###\n#+#\n###", LayoutError, r"too few free cells: 2 agents need a start, 1 of them have a mark, and only 0"),
    ("###\n###\n###", LayoutError, r"too few free cells"),
)
def test_a_drawing_that_cannot_be_used_is_refused_by_row_and_column(
    given: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make(layout=given)


def test_a_layout_larger_than_the_padded_map_is_refused_with_the_remedy() -> None:
    layout = [" " * 13] * 4

    with pytest.raises(ConfigError, match=r"up to 12 x 12, and this layout is 4 x 13: set max_map_size=\(12, 13\)"):
        make(layout=layout)
    assert make(layout=layout, max_map_size=(12, 13)).observation_space("agent_0").shape == (12 * 13 * 3 + 11,)


@rows(
    ({"agent_0": 7, "agent_1": 6}, ActionError, r"The action 7 of 'agent_0' is out of range: 0 MoveUp, .*6 Noop"),
    ({"agent_0": 6, "agent_1": -1}, ActionError, r"The action -1 of 'agent_1' is out of range"),
    ({"agent_0": 1.0, "agent_1": 6}, ActionError, r"The action of 'agent_0' is an integer, not 1\.0 \(float\)"),
    ({"agent_0": "MoveUp", "agent_1": 6}, ActionError, r"The action of 'agent_0' is an integer, not 'MoveUp' \(str\)"),
    ({"agent_0": None, "agent_1": 6}, ActionError, r"The action of 'agent_0' is an integer, not None"),
    ({"agent_0": True, "agent_1": 6}, ActionError, r"The action of 'agent_0' is an integer, not True \(bool\)"),
    ({"agent_0": np.float32(2), "agent_1": 6}, ActionError, r"The action of 'agent_0' is an integer, not .*float32"),
    (
        {"agent_0": np.array([2]), "agent_1": 6},
        ActionError,
        r"action of 'agent_0' is an integer, not array\(\[2\]\)",
    ),
    ({"agent_0": 6}, ActionError, r"There is no action for 'agent_1'; every agent in env\.agents needs one"),
    ({}, ActionError, r"There is no action for 'agent_0'"),
    ({**NOOPS, "agent_2": 6}, ActionError, r"There is no agent 'agent_2'\. Did you mean 'agent_[01]'"),
    ({**NOOPS, 0: 6}, ActionError, r"There is no agent 0"),
    ({0: 6, 1: 6}, ActionError, r"no action for 'agent_0'.*Agents go by their names: \{'agent_0': \.\.\.\}, not \{0"),
    ([6, 6], ActionError, r"step takes a mapping of an action for each agent, \{'agent_0': \.\.\.\}, not \[6, 6\]"),
)
def test_an_action_that_cannot_be_taken_is_refused_by_its_agent(
    backend: str, given: Any, error: type[Exception], message: str
) -> None:
    env = make(backend=backend)
    env.reset(seed=0)

    with pytest.raises(error, match=message):
        env.step(given)

    assert np.asarray(env.get_state().time) == 0
    env.step(NOOPS)


@rows(
    (np.zeros(1, dtype=np.int32), ActionError, r"integers of shape \(2,\), not int32 of \(1,\)"),
    (np.int32(0), ActionError, r"integers of shape \(2,\), not int32 of \(\)"),
    (np.array([3.9, 3.9], dtype=np.float32), ActionError, r"integers of shape \(2,\), not float32 of \(2,\)"),
)
def test_the_functional_step_refuses_actions_of_another_shape_or_dtype(
    backend: str, given: Any, error: type[Exception], message: str
) -> None:
    env = make(backend=backend, features=["agent_position"])
    state, _ = env.jax_reset(np.zeros(2, dtype=np.uint32))

    with pytest.raises(error, match=message):
        env.jax_step(state, given)


@pytest.mark.parametrize("given", [None, {}, "swapped"])
def test_the_functional_step_refuses_what_is_no_state(backend: str, given: Any) -> None:
    env = make(backend=backend, features=["agent_position"])
    state, _ = env.jax_reset(np.zeros(2, dtype=np.uint32))
    actions: Any = np.zeros(2, dtype=np.int32)

    with pytest.raises(StateError, match="takes a state, as a reset returns it, and then the actions"):
        env.jax_step(*((actions, state) if given == "swapped" else (given, actions)))


@pytest.mark.parametrize("name", ["max_steps", "num_agents", "layout", "action_set", "rewards"])
def test_a_setting_of_an_environment_can_be_read_and_not_be_set(name: str) -> None:
    for env in (make(), cogrid.make_vec(CRAMPED_ROOM, 2)):
        if name != "num_agents":
            assert getattr(env, name) == env.config[name]
        with pytest.raises(
            ConfigError, match=rf"{name}.* cannot be changed; make another one: make\(\.\.\., {name}=3\)"
        ):
            setattr(env, name, 3)


@pytest.mark.parametrize("option", ["layuot", "layouts", "LAYOUT"])
def test_a_misspelt_reset_option_is_refused_and_others_are_ignored(option: str) -> None:
    env = make()

    with pytest.raises(ConfigError, match=f"no reset option '{option}'. Did you mean 'layout'"):
        env.reset(seed=0, options={option: 0})
    env.reset(seed=0, options={"of another library": 0})


@pytest.mark.parametrize("action", [np.int64(3), np.uint8(3), np.array(3)])
def test_an_integer_of_any_kind_is_an_action(backend: str, action: Any) -> None:
    env = make(backend=backend)
    env.reset(seed=0)

    env.step({"agent_0": action, "agent_1": 6})

    assert np.asarray(env.get_state().agent_dir)[0] == 0


def test_a_step_before_reset_is_refused(backend: str) -> None:
    env = make(backend=backend)

    with pytest.raises(EpisodeError, match=r"step was called before reset: call env\.reset\(\) first"):
        env.step(NOOPS)


def test_a_step_after_the_end_is_refused(backend: str) -> None:
    env = make(backend=backend, max_steps=1)
    env.reset(seed=0)
    env.step(NOOPS)

    with pytest.raises(EpisodeError, match=r"The episode is over .*call env\.reset\(\) to start another"):
        env.step(NOOPS)


@pytest.mark.parametrize("method", ["get_state", "state"])
def test_a_state_is_not_to_be_had_before_reset(backend: str, method: str) -> None:
    env = make(backend=backend)

    with pytest.raises(EpisodeError, match=r"no state before reset: call env\.reset\(\) or env\.set_state\(\) first"):
        getattr(env, method)()


@rows(
    (-1, SeedError, r"from 0 to 2\*\*32 - 1, and -1 is not"),
    (2**32, SeedError, r"from 0 to 2\*\*32 - 1, and 4294967296 is not"),
    (1.5, SeedError, r"from 0 to 2\*\*32 - 1, not 1\.5 \(float\)"),
    (True, SeedError, r"from 0 to 2\*\*32 - 1, not True \(bool\)"),
    ("7", SeedError, r"from 0 to 2\*\*32 - 1, not '7' \(str\)"),
)
def test_a_bad_seed_is_refused_and_leaves_the_episode_alone(
    backend: str, given: Any, error: type[Exception], message: str
) -> None:
    env = make(backend=backend)
    env.reset(seed=1)
    env.step(NOOPS)

    with pytest.raises(error, match=message):
        env.reset(seed=given)

    assert np.asarray(env.get_state().time) == 1


@rows(
    (np.array([1, 2, 3], dtype=np.uint32), SeedError, r"uint32 of shape \(\.\.\., 2\).*shape \(3,\)"),
    (np.array([0, 1], dtype=np.int64), SeedError, r"uint32 of shape \(\.\.\., 2\).*int(32|64)"),
    (7, SeedError, r"uint32 of shape \(\.\.\., 2\)"),
    ([[0, 1], [2]], SeedError, r"jax\.random\.key\(seed\)"),
)
def test_a_bad_key_is_refused_by_the_functional_reset(
    backend: str, given: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make(backend=backend).jax_reset(given)


def state_of(**settings: Any) -> Any:
    """The state after a reset of another world."""
    env = make(**settings)
    env.reset(seed=0)
    return env.get_state()


@rows(
    ({"num_agents": 3}, StateError, r"has 3 agents, and this world has 2"),
    ({"layout": "CounterCircuit"}, StateError, r"a map of 7 x 10 cells, and this world's is 6 x 7"),
    (
        {"layout": "AsymmetricAdvantages", "num_agents": 4},
        StateError,
        r"7 x 11 cells, and this world's is 6 x 7",
    ),
    (
        {"rules": Rules(name="test_bad_input"), "layout": [" " * 7] * 6, "rewards": []},
        StateError,
        r"rules 'test_bad_input'",
    ),
)
def test_a_state_of_a_world_of_other_sizes_is_refused(
    backend: str, given: dict[str, Any], error: type[Exception], message: str
) -> None:
    env = make(backend=backend)

    with pytest.raises(error, match=message):
        env.set_state(state_of(**given))

    assert env.agents == []


def test_a_batched_state_is_refused(backend: str) -> None:
    batched, _ = make().jax_reset(np.zeros((4, 2), dtype=np.uint32))

    with pytest.raises(StateError, match=r"shape \(4, "):
        make(backend=backend).set_state(batched)


@rows(
    ({"agent_pos": [[2, 3], [2, 3]]}, StateError, r"agent_0 and agent_1 are both in row 2, column 3"),
    ({"agent_pos": [[0, 0], [2, 3]]}, StateError, r"agent_0 is in row 0, column 0, where Wall\(\) stands"),
    ({"agent_pos": [[2, 3], [2, 1]]}, StateError, r"agent_1 is in row 2, column 1, where OnionStack\(\) stands"),
    ({"agent_pos": [[2, 3], [9, 9]]}, StateError, r"agent_pos .*is off the grid of 6 rows and 7 columns"),
    ({"agent_pos": [[-1, 3], [2, 3]]}, StateError, r"agent_pos .*is off the grid"),
    ({"agent_pos": [[2, 3]]}, StateError, r"agent_pos has the shape \(1, 2\), and this world's is \(2, 2\)"),
    ({"agent_pos": [[2.5, 3], [2, 2]]}, StateError, r"agent_pos must hold integers.*float64: convert"),
    ({"agent_pos": [[2, float("nan")], [2, 2]]}, StateError, r"agent_pos must hold integers"),
    ({"agent_pos": [[2, 3], [2]]}, StateError, r"agent_pos cannot be read as an array of integers"),
    ({"agent_pos": None}, StateError, r"agent_pos must hold integers, and it is None: leave it out"),
    ({"agent_dir": ["up", "up"]}, StateError, r"agent_dir must hold integers"),
    ({"agent_cell": [1.0, 2.0]}, StateError, r"agent_cell must hold integers.*float64"),
    ({"cells": "floor"}, StateError, r"cells must hold integers"),
    ({"object_type_map": [[0]]}, StateError, r"object_type_map has the shape \(1, 1\)"),
    ({"object_type_map": None}, StateError, r"object_type_map must hold integers"),
    ({"object_state_map": np.full((6, 7), np.nan)}, StateError, r"object_state_map must hold integers"),
    ({"pot_contents": [[None, None, None]]}, StateError, r"pot_contents must hold integers"),
    ({"pot_timer": [1.5]}, StateError, r"pot_timer must hold integers"),
    ({"pot_timer": [[1], [2, 3]]}, StateError, r"pot_timer cannot be read as an array of integers"),
    ({"pot_positions": [1, 3]}, StateError, r"pot_positions has the shape \(2,\)"),
    ({"pot_positions": "here"}, StateError, r"pot_positions must hold integers"),
    ({"n_pots": 2}, StateError, r"n_pots is 2, and in this state it is 1"),
    ({"n_agents": "two"}, StateError, r"n_agents must hold integers"),
    ({"action_set": None}, StateError, r"action_set is None, and in this state it is cardinal"),
    ({"rng_key": "key"}, StateError, r"rng_key must hold integers"),
    ({"rng_key": [0, 2**32]}, StateError, r"rng_key .*out of range"),
    ({"time": None}, StateError, r"time must hold integers, and it is None: leave it out"),
    ({"time": 10**30}, StateError, r"time must hold integers"),
    ({"world_value": 0}, StateError, r"no array 'world_value'"),
    ({"truncated": [True, False]}, StateError, r"truncated is \[True, False\], and in this state it is"),
    ({"agent_pos": [[2, 3], [3, 3]], "agent_cell": [17, 18]}, StateError, r"agent_pos is .*, and in this state it is"),
    ({"agent_dir": [0, 4]}, StateError, r"agent_dir \[0, 4\] is out of range: 0 to 3"),
    ({"agent_dir": [0, 1, 2]}, StateError, r"agent_dir has the shape \(3,\), and this world's is \(2,\)"),
    ({"agent_inv": [[99], [-1]]}, StateError, r"agent_0 holds type 99, which is not an item of this world"),
    ({"agent_inv": [[-1], [1]]}, StateError, r"agent_1 holds type 1, which is not an item"),
    ({"agent_inv": [-1, -1]}, StateError, r"agent_inv has the shape \(2,\), and this world's is \(2, 1\)"),
    ({"time": -1}, StateError, r"time -1 is out of range"),
    ({"time": [0]}, StateError, r"time has the shape \(1,\), and this world's is \(\)"),
    ({"terminated": [True]}, StateError, r"terminated has the shape \(1,\), and this world's is \(2,\)"),
    ({"rng_key": [1, 2, 3]}, StateError, r"rng_key has the shape \(3,\), and this world's is \(2,\)"),
    ({"agent_postion": [[2, 3], [2, 2]]}, StateError, r"no array 'agent_postion'\. Did you mean 'agent_pos"),
    ({"door_map": 0}, StateError, r"A state of this world has no array 'door_map'"),
    ({"pot_timer": [31]}, StateError, r"Row 1, column 3: no Pot has .*pot_timer 31"),
    ({"pot_timer": [4]}, StateError, r"Row 1, column 3: no Pot has pot_contents \[-1, -1, -1\], pot_timer 4"),
    ({"pot_timer": [30, 30]}, StateError, r"pot_timer has the shape \(2,\), and this world's is \(1,\)"),
    ({"pot_contents": [[-1, -1]]}, StateError, r"pot_contents has the shape \(1, 2\), and this world's is \(1, 3\)"),
    ({"pot_contents": [["plate", "plate", -1]]}, StateError, r"Row 1, column 3: no Pot has pot_contents"),
    ({"pot_positions": [[1, 1]]}, StateError, r"pot_positions is .*object_type_map has them elsewhere"),
    (
        {"object_type_map": np.zeros((3, 3), dtype=np.int32)},
        StateError,
        r"_map has the shape \(3, 3\).*\(6, 7\)",
    ),
    ({"object_type_map": np.zeros((6, 7), dtype=np.int32)}, StateError, r"Row 0, column 0 holds Floor"),
    ({"object_state_map": np.full((6, 7), 3)}, StateError, r"Row 0, column 0: wall with the state 3 is nothing"),
    ({"wall_map": np.zeros((6, 7), dtype=np.int32)}, StateError, r"wall_map is"),
    ({"n_agents": 3}, StateError, r"n_agents is 3, and in this state it is 2"),
    ({"height": 9}, StateError, r"height is 9, and in this state it is 6"),
    ({"action_set": "rotation"}, StateError, r"action_set is rotation, and in this state it is cardinal"),
)
def test_arrays_that_describe_no_state_of_this_world_are_refused(
    given: dict[str, Any], error: type[Exception], message: str
) -> None:
    ids = {name: idx for idx, name in enumerate(get_object_names("overcooked"))}
    if "pot_contents" in given:
        given = {"pot_contents": [[ids.get(entry, entry) for entry in row] for row in given["pot_contents"]]}

    with pytest.raises(error, match=message):
        make().state_from_arrays(**given)


@rows(
    ({"cells": np.zeros(42)}, StateError, r"cells must hold integers.*float64"),
    ({"cells": None}, StateError, r"cells must hold integers, and it is None"),
    ({"cells": [[1], [2, 3]]}, StateError, r"cells cannot be read as an array of integers"),
    ({"cells": np.full(42, 9999)}, StateError, r"cells .*out of range"),
    ({"numbers": None}, StateError, r"row of numbers cannot be read"),
    ({"numbers": "abc"}, StateError, r"row of numbers cannot be read"),
    ({"numbers": np.full(13, np.nan)}, StateError, r"must hold integers"),
    ({"numbers": np.zeros(3, dtype=np.int32)}, StateError, r"row of numbers cannot be read"),
    ({"numbers": np.full(13, -1, dtype=np.int32)}, StateError, r"agent_cell .*out of range"),
)
def test_a_state_whose_leaves_are_of_another_kind_is_refused(
    given: dict[str, Any], error: type[Exception], message: str
) -> None:
    state = state_of()
    leaves = {"cells": state.cells, "numbers": state.numbers, "tables": state.tables, **given}

    with pytest.raises(error, match=message):
        make().set_state(EnvState(**leaves))


@needs_jax
def test_a_state_whose_arrays_a_compiled_function_has_taken_over_is_refused() -> None:
    env = make(backend="jax")
    state, _ = env.jax_reset(np.array([0, 1], dtype=np.uint32))
    state.numbers.delete()

    with pytest.raises(StateError, match=r"cannot be read.*deleted"):
        env.set_state(state)


def test_set_state_refuses_a_wrong_shape_and_goes_on_undisturbed(backend: str) -> None:
    env = make(backend=backend)
    env.reset(seed=0)

    with pytest.raises(StateError, match=r"time has the shape \(3,\), and this world's is \(\)"):
        env.set_state(env.get_state().replace(time=np.zeros(3, dtype=np.int32)))

    env.step(NOOPS)
    assert np.asarray(env.get_state().time) == 1


@rows(
    ([[2, 3], [2, 3]], StateError, r"agent_0 and agent_1 are both in row 2, column 3"),
    ([[2, 3], [0, 2]], StateError, r"agent_1 is in row 0, column 2, where Wall\(\) stands: no agent can be there"),
)
def test_set_state_refuses_agents_on_top_of_each_other_or_in_a_wall(
    backend: str, given: list[list[int]], error: type[Exception], message: str
) -> None:
    env = make(backend=backend)
    env.reset(seed=0)
    cells = np.array(given) @ np.array([7, 1])
    bad = env.get_state().replace(agent_cell=env.get_state().agent_cell * 0 + cells.astype(np.int32))

    with pytest.raises(error, match=message):
        env.set_state(bad)

    env.step(NOOPS)
    assert np.asarray(env.get_state().time) == 1


def test_set_state_refuses_a_state_of_another_map_of_the_same_size(backend: str) -> None:
    env = make(backend=backend)
    other = make(layout=["       "] * 6)
    other.reset(seed=0)

    with pytest.raises(StateError, match=r"Row 0, column 0 holds Floor.*has Wall\(\) there, which never turns into"):
        env.set_state(other.get_state())


@pytest.mark.parametrize("thing", [None, 3, {"time": 0}])
def test_set_state_refuses_what_is_no_state(backend: str, thing: Any) -> None:
    with pytest.raises(StateError, match=r"EnvState"):
        make(backend=backend).set_state(thing)


@rows(
    (lambda: object_to_idx("onoin", scope="overcooked"), ConfigError, r"no object type 'onoin'\. Did you mean 'onion'"),
    (
        lambda: object_to_idx("onion", scope="overcookt"),
        ConfigError,
        r"'overcookt'\. Did you mean 'overcooked'",
    ),
    (lambda: get_object_names("kitchen"), ConfigError, r"no scope 'kitchen'"),
    (lambda: make().config["max_stepz"], KeyError, r"no setting 'max_stepz'\. Did you mean 'max_steps'"),
    (
        lambda: cogrid.register("X", NOTHING),
        ConfigError,
        r"The factory of 'X' is a function \(backend, render_mode, \*\*overrides\), not None",
    ),
    (
        lambda: cogrid.register("X", make),
        ConfigError,
        r"The factory of 'X' is a function \(backend, render_mode",
    ),
    (lambda: cogrid.register(CRAMPED_ROOM, PRINT), ConfigError, r"'Overcooked-CrampedRoom-V0' is registered already"),
    (lambda: CoGridEnv({"layout": "CrampedRoom"}), ConfigError, r"The setting 'rules' is missing"),
    (lambda: CoGridEnv(THREE), ConfigError, r"A config is an EnvConfig or a mapping of settings, not 3"),
)
def test_a_name_that_does_not_exist_is_refused_with_the_close_ones(
    given: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        given()


@pytest.mark.parametrize("error", [ConfigError, LayoutError, ActionError, StateError, SeedError, BackendError])
def test_errors_of_bad_values_are_value_errors_too(error: type[Exception]) -> None:
    assert issubclass(error, CoGridError)
    assert issubclass(error, ValueError)


def test_a_call_at_the_wrong_time_is_a_runtime_error_too() -> None:
    assert issubclass(EpisodeError, CoGridError)
    assert issubclass(EpisodeError, RuntimeError)

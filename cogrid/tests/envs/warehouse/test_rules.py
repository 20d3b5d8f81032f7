"""The rules of the warehouse, one by one, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid import ConfigError
from cogrid.envs.warehouse.objects import REQUESTED, SHELF, Goal, Rack, Robot
from cogrid.tests.engines import play_everywhere
from cogrid.tests.frequencies import assert_frequencies

NOOP, FORWARD, LEFT, RIGHT, TOGGLE = "Noop", "Forward", "RotateLeft", "RotateRight", "ToggleLoad"
ROW = ("...x", "gx..")


def warehouse(layout: tuple[str, ...] = ROW, **settings: Any) -> cogrid.CoGridEnv:
    return cogrid.make("Warehouse-Tiny-V0", **({"layout": layout, "num_agents": 1, "n_requests": 1} | settings))


def inventory(env: cogrid.CoGridEnv, item: cogrid.Item | None) -> int:
    return -1 if item is None else env.tables.declared.type_id(item)


def start(env: cogrid.CoGridEnv, *robots: tuple[int, int, int, cogrid.Item | None]) -> dict[str, Any]:
    """Arrays of a state with robots at (row, column), looking in a direction, with a load."""
    return {
        "agent_pos": np.array([robot[:2] for robot in robots]),
        "agent_dir": np.array([robot[2] for robot in robots]),
        "agent_inv": np.array([[inventory(env, robot[3])] for robot in robots]),
    }


def test_a_robot_takes_the_shelf_above_it_and_puts_it_into_a_free_rack_only() -> None:
    env = warehouse()
    arrays = start(env, (1, 1, 3, None))
    actions = [TOGGLE, FORWARD, TOGGLE, RIGHT, RIGHT, FORWARD, TOGGLE]
    episode = play_everywhere(env.config, [(action,) for action in actions], start=arrays, with_jax=False)

    shelf = [held >= 0 for ((held,),) in episode.trace("agent_inv")]
    assert shelf == [False, True, True, True, True, True, True, False]
    assert episode.cell(1, 1)[1:7] == [0] * 6
    assert episode.cell(1, 1)[7] == episode.cell(1, 1)[0] > 0


def test_a_loaded_robot_is_kept_out_by_a_shelf_and_an_empty_one_is_not() -> None:
    env = warehouse(num_agents=1)
    for load, column in ((None, 3), (SHELF, 2)):
        episode = play_everywhere(env.config, [(FORWARD,)], start=start(env, (0, 2, 0, load)), with_jax=False)
        assert episode.trace("agent_pos")[-1] == [[0, column]]


def test_a_requested_shelf_is_delivered_on_a_goal_and_another_one_is_requested() -> None:
    env = warehouse(("g..x", "xx.."))
    episode = play_everywhere(env.config, [(FORWARD,), (NOOP,)], start=start(env, (0, 1, 2, REQUESTED)), with_jax=False)

    assert [paid.tolist() for paid in episode.rewards] == [[1.0], [0.0]]
    assert episode.happened(env) == [[{"delivered"}], [set()]]
    assert episode.trace("agent_inv")[-1] == [[inventory(env, SHELF)]]
    wanted = inventory(env, REQUESTED)
    requested = [int((state["object_state_map"] == wanted).sum()) for state in episode.states]
    assert requested[1] == requested[0] + 1


@pytest.mark.parametrize(
    ("mode", "paid"), [("individual", [[1.0, 0.0]]), ("global", [[1.0, 1.0]]), ("two_stage", [[0.5, 0.0]])]
)
def test_a_delivery_is_paid_by_the_mode(mode: str, paid: list[list[float]]) -> None:
    env = warehouse(("g..x", "xx.."), num_agents=2, reward_mode=mode)
    arrays = start(env, (0, 1, 2, REQUESTED), (1, 3, 0, None))
    episode = play_everywhere(env.config, [(FORWARD, NOOP)], start=arrays, with_jax=False)

    assert [each.tolist() for each in episode.rewards] == paid


def test_in_two_stages_the_second_half_is_paid_when_the_shelf_is_back_in_a_rack() -> None:
    env = warehouse(("g..", "x.."), reward_mode="two_stage")
    env.reset(seed=0)
    tables = env.tables
    cells = tables.rules.compiled.cell_values
    state = env.state_from_arrays(**start(env, (0, 1, 2, REQUESTED)))
    state = state.replace(
        cells=np.where(tables.map.start_cells == cells.index(Rack()), cells.index(Rack(None)), state.cells)
    )
    env.set_state(state)
    paid = [env.step({"agent_0": action})[1]["agent_0"] for action in (1, 2, 1, 4, 4)]

    assert [float(each) for each in paid] == [0.5, 0.0, 0.0, 0.5, 0.0]


def test_each_shelf_is_requested_alike_on_robots_and_in_racks_but_not_the_one_just_delivered() -> None:
    env = warehouse(("g..x", "xx.."), num_agents=2)
    arrays = start(env, (0, 1, 2, REQUESTED), (0, 2, 0, SHELF))
    cells, agents = env.tables.rules.compiled.cell_values, env.tables.rules.compiled.agent_values
    one = env.state_from_arrays(**arrays)
    calm = np.where(one.cells == cells.index(Rack(REQUESTED)), cells.index(Rack(SHELF)), one.cells)
    n = 4000
    keys = np.stack([np.zeros(n, np.uint32), np.arange(n, dtype=np.uint32)], axis=-1)
    state = one.replace(cells=calm.astype(one.cells.dtype)).map_arrays(lambda array: np.repeat(array[None], n, axis=0))
    after = env.game.advance(state.replace(rng_key=keys), np.tile(np.array([1, 0], np.int32), (n, 1))).state

    in_racks = (after.cells == cells.index(Rack(REQUESTED))).sum(axis=0)
    on_robots = np.array([agents[value].held == REQUESTED for value in range(len(agents))])[after.agent_value].sum(
        axis=0
    )
    assert on_robots[0] == 0
    assert_frequencies([*in_racks[in_racks > 0].tolist(), int(on_robots[1])], [1, 1, 1, 1])


def test_robots_start_anywhere_on_the_map() -> None:
    env = warehouse(num_agents=1)
    n = 3000
    keys = np.stack([np.zeros(n, np.uint32), np.arange(n, dtype=np.uint32)], axis=-1)
    state, _ = env.game.reset(keys)

    assert_frequencies(np.bincount(state.agent_cell[:, 0], minlength=8).tolist(), [1] * 8)
    assert_frequencies(np.bincount(state.agent_dir[:, 0], minlength=4).tolist(), [1] * 4)
    wanted = (state.cells == env.tables.rules.compiled.cell_values.index(Rack(REQUESTED))).sum(axis=0)
    assert_frequencies(wanted[wanted > 0].tolist(), [1, 1])


def test_values_are_few() -> None:
    compiled = warehouse().tables.rules.compiled

    assert {type(value) for value in compiled.cell_values} > {Rack, Goal}
    assert all(isinstance(agent, Robot) for agent in compiled.agent_values)
    assert len(compiled.cell_values) <= 6
    assert len(compiled.agent_values) <= 10


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"reward_mode": "both"}, "no reward mode 'both'"), ({"n_requests": 0}, "n_requests is a number")],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        cogrid.make("Warehouse-Tiny-V0", **settings)

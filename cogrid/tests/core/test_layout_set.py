"""A set of layouts is one world: each episode plays one of them, as if it were played alone on a larger map."""

from __future__ import annotations

import functools
from collections import Counter
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.backend.env_state import LEAF_NAMES, NUMBER_NAMES
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.jax_step import envstate_to_dict
from cogrid.core.layout import read_drawing
from cogrid.core.layout_set import LayoutSet
from cogrid.core.objects import Floor
from cogrid.errors import LayoutError, StateError
from cogrid.tests.engines import needs_jax
from cogrid.tests.states import assert_same_bits, assert_same_states, pick_states
from cogrid.vector.rollout import rollout

KITCHEN = "Overcooked-CrampedRoom-V0"
CORRIDOR = """
#########
#CUC=C@C#
#O 2   +#
#CCCCCCC#
#########
"""
LAYOUTS = LayoutSet(["CrampedRoom", "AsymmetricAdvantages", CORRIDOR])
"""No mark, two marks, and one mark beside a numbered start; of three sizes, with one pot or two."""

B, T, SEED = 3, 300, 5


def make(backend: str = "numpy", layout: Any = LAYOUTS, **settings: Any) -> CoGridEnv:
    settings = {"num_agents": 3, "max_steps": 37} | settings
    return cogrid.make(KITCHEN, backend, None, layout=layout, **settings)


def make_vec(backend: str) -> Any:
    return cogrid.make_vec(KITCHEN, B, backend, "SameStep", layout=LAYOUTS, num_agents=3, max_steps=37)


def random_actions(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 7, shape).astype(np.int32)


def key_of(seed: int) -> np.ndarray:
    return np.array([0, seed], dtype=np.uint32)


def layout_of(state: Any) -> np.ndarray:
    """`[*B]` int32, which layout each state plays."""
    return np.asarray(state.layout_idx)


def filled_up(layout_idx: int) -> tuple[str, ...]:
    """A layout of the set as a drawing of the set's size, filled up by hand."""
    rows = read_drawing(LAYOUTS.layouts[layout_idx])
    return tuple(row.ljust(11, "#") for row in (*rows, *["#" * 11] * (7 - len(rows))))


def test_the_world_is_as_high_and_as_wide_as_its_largest_layouts() -> None:
    tables = make().tables

    assert (tables.height, tables.width) == (7, 11)
    assert LAYOUTS.names == ("CrampedRoom", "AsymmetricAdvantages", "drawing_2")
    assert make().layout_names == LAYOUTS.names


@functools.cache
def batch_run() -> list[Any]:
    """What each step of a NumPy batch gave back, and the states after it."""
    vec = make_vec("numpy")
    vec.reset(seed=SEED)
    return [(*vec.step(joint)[:4], vec.get_state()) for joint in random_actions(T, B, 3)]


def test_integers_and_the_batch_play_the_same_episodes_over_the_set() -> None:
    envs = [make() for _ in range(B)]
    for idx, env in enumerate(envs):
        env.reset(seed=SEED + idx)
    n_played = Counter()
    for joint, (obs, rewards, _, _, states) in zip(random_actions(T, B, 3), batch_run(), strict=True):
        for idx, env in enumerate(envs):
            seen, paid, *_ = env.step(dict(zip(env.agents, joint[idx].tolist(), strict=True)))
            if not env.agents:
                seen, _ = env.reset()
                assert_same_states(pick_states(states, idx), env.get_state())
                n_played[int(layout_of(states)[idx])] += 1
            np.testing.assert_array_equal(obs[idx], list(seen.values()))
            np.testing.assert_array_equal(rewards[idx], list(paid.values()))
            np.testing.assert_array_equal(states.cells[idx], env.get_state().cells)
            np.testing.assert_array_equal(states.numbers[idx], env.get_state().numbers)

    assert sorted(n_played) == [0, 1, 2]


@pytest.mark.long
@needs_jax
def test_numpy_and_jax_play_the_same_episodes_over_the_set() -> None:
    vec = make_vec("jax")
    vec.reset(seed=SEED)
    for joint, (*wanted, states) in zip(random_actions(T, B, 3), batch_run(), strict=True):
        for one, other in zip(vec.step(joint)[:4], wanted, strict=True):
            assert_same_bits(one, other)
        for name in LEAF_NAMES:
            assert_same_bits(getattr(vec.get_state(), name), getattr(states, name), name)

    assert_same_states(vec.get_state(), batch_run()[-1][-1])
    assert {idx for *_, states in batch_run() for idx in layout_of(states).tolist()} == {0, 1, 2}


@pytest.mark.long
@needs_jax
def test_a_rollout_draws_a_layout_for_each_episode() -> None:
    env = make("jax", features=["agent_position"], max_steps=2)

    end = rollout(env, _stand_still, key_of(0), num_envs=64, num_steps=4)

    assert set(layout_of(end.state).tolist()) == {0, 1, 2}


def _stand_still(obs: Any, key: Any) -> Any:
    return np.full(obs.shape[:2], 6, dtype=np.int32)


@pytest.mark.parametrize("layout_idx", range(len(LAYOUTS)))
def test_a_layout_of_the_set_is_played_as_the_same_drawing_alone(layout_idx: int) -> None:
    one, alone = make(features=["object_planes"]), make(features=["object_planes"], layout=filled_up(layout_idx))
    one.reset(seed=SEED, options={"layout": layout_idx})
    alone.reset(seed=SEED)
    for joint in random_actions(36, 3).tolist():
        told, wanted = one.get_state(), alone.get_state()
        for name in ("cells", *NUMBER_NAMES):
            if getattr(wanted, name) is not None:
                assert_same_bits(getattr(told, name), getattr(wanted, name), name)
        n_pots = wanted.n_pots
        assert_same_bits(told.pot_positions[:n_pots], wanted.pot_positions)
        assert_same_bits(told.pot_contents[:n_pots], wanted.pot_contents)
        assert (told.pot_positions[n_pots:] == -1).all()
        actions = dict(zip(one.agents, joint, strict=True))
        for results in zip(one.step(actions)[:2], alone.step(actions)[:2], strict=True):
            for agent in actions:
                assert_same_bits(results[0][agent], results[1][agent], agent)

    assert layout_of(one.get_state()) == layout_idx


def test_every_layout_is_drawn_about_as_often() -> None:
    env = make()

    state, _ = env.jax_reset(np.stack([key_of(seed) for seed in range(600)]))

    counts = np.bincount(layout_of(state), minlength=3)
    assert (np.abs(counts - 200) < 60).all()


def test_agents_start_on_the_marks_of_the_layout_or_on_distinct_free_cells_of_it() -> None:
    env = make()

    state, _ = env.jax_reset(np.stack([key_of(seed) for seed in range(200)]))

    cells = env.tables.map.starts.cells[layout_of(state)]
    assert env.tables.rules.passable[np.take_along_axis(cells, state.agent_cell, axis=1)].all()
    assert all(len(set(places)) == 3 for places in state.agent_cell.tolist())
    for starts in state.agent_pos[layout_of(state) == 2].tolist():
        assert starts[:2] == [[2, 7], [2, 3]]
    for starts in state.agent_pos[layout_of(state) == 1].tolist():
        assert starts[:2] == [[3, 2], [3, 8]]
    assert len({tuple(starts) for starts in state.agent_cell[layout_of(state) == 0].tolist()}) > 20


def test_a_reset_to_a_layout_draws_the_rest_as_any_reset_does() -> None:
    env = make()
    state, obs = env.jax_reset(key_of(SEED))

    again, seen = env.reset_to_layout(key_of(SEED), int(layout_of(state)))

    assert_same_states(again, state)
    assert_same_bits(seen, obs)


def test_reset_takes_a_layout_by_index_and_by_name() -> None:
    env = make()
    wanted, _ = env.reset_to_layout(key_of(SEED), 1)

    for layout in (1, np.int64(1), "AsymmetricAdvantages"):
        env.reset(seed=SEED, options={"layout": layout, "unknown": 3})
        assert_same_states(env.get_state(), wanted)


@pytest.mark.long
@needs_jax
def test_reset_to_layout_is_the_same_under_vmap_and_under_numpy() -> None:
    import jax

    keys, layouts = np.stack([key_of(seed) for seed in range(6)]), np.array([2, 0, 1, 1, 0, 5], dtype=np.int32)
    wanted, seen = make().reset_to_layout(keys, layouts)

    told, obs = jax.vmap(make("jax").reset_to_layout)(keys, layouts)

    assert_same_states(told, wanted)
    assert_same_bits(obs, seen)
    assert layout_of(wanted).tolist() == [2, 0, 1, 1, 0, 2]


@pytest.mark.long
@pytest.mark.parametrize("layouts", [1, np.int64(1), "AsymmetricAdvantages", [2, "CrampedRoom", np.int32(1)]])
def test_a_batch_is_reset_to_one_layout_or_to_one_for_each(layouts: Any, backend: str) -> None:
    vec = make_vec(backend)
    wanted = [2, 0, 1] if isinstance(layouts, list) else [1] * B

    seen, _ = vec.reset(seed=SEED, options={"layout": layouts})

    for idx, layout in enumerate(wanted):
        state, obs = make().reset_to_layout(key_of(SEED + idx), layout)
        assert_same_states(pick_states(vec.get_state(), idx), state)
        assert_same_bits(seen[idx], obs)


@pytest.mark.long
def test_a_mask_resets_to_chosen_layouts_and_later_resets_draw_again(backend: str) -> None:
    vec = make_vec(backend)
    vec.reset(seed=SEED, options={"layout": [0, 1, 2]})
    vec.reset(options={"layout": np.array([2, 2, 2]), "reset_mask": np.array([True, False, False])})
    assert layout_of(vec.get_state()).tolist() == [2, 1, 2]

    vec.reset(seed=SEED, options={"layout": ["CrampedRoom"] * B, "reset_mask": np.array([False, True, False])})
    assert layout_of(vec.get_state()).tolist() == [2, 0, 2]
    assert_same_states(pick_states(vec.get_state(), 1), make().reset_to_layout(key_of(SEED + 1), 0)[0])

    vec.reset(seed=SEED)
    drawn = make().jax_reset(np.stack([key_of(SEED + idx) for idx in range(B)]))[0]
    assert_same_states(vec.get_state(), drawn)


@pytest.mark.long
def test_an_auto_reset_draws_the_layout_as_it_does_without_a_choice(backend: str) -> None:
    chosen, drawn = make_vec(backend), make_vec(backend)
    chosen.reset(seed=SEED, options={"layout": 0})
    drawn.reset(seed=SEED)
    for _ in range(37):
        chosen.step(np.full((B, 3), 6, dtype=np.int32))
        drawn.step(np.full((B, 3), 6, dtype=np.int32))

    assert (np.asarray(chosen.get_state().time) == 0).all()
    assert_same_states(chosen.get_state(), drawn.get_state())


def test_layouts_that_a_batch_cannot_play_are_refused() -> None:
    vec = make_vec("numpy")
    with pytest.raises(LayoutError, match="Did you mean 'CrampedRoom'"):
        vec.reset(options={"layout": "CrampedRom"})
    with pytest.raises(LayoutError, match="a number from 0 to 2, not 3"):
        vec.reset(options={"layout": [0, 1, 3]})
    with pytest.raises(LayoutError, match="one for each of the 3 environments, not 2"):
        vec.reset(options={"layout": [0, 1]})
    with pytest.raises(LayoutError, match=r"not (np.True_|True)"):
        vec.reset(options={"layout": np.array([True, False, True])})
    with pytest.raises(LayoutError, match="has a single one"):
        cogrid.make_vec(KITCHEN, 2).reset(options={"layout": 0})


def test_a_world_that_is_no_set_stores_no_layout() -> None:
    env = cogrid.make(KITCHEN)
    env.reset(seed=0)

    assert env.get_state().layout_idx is None
    assert "layout_idx" not in envstate_to_dict(env.get_state())
    assert env.layout_names == ()


def test_a_set_of_one_layout_is_a_set() -> None:
    env = make(layout=LayoutSet(["CrampedRoom"]))
    env.reset(seed=0)

    assert layout_of(env.get_state()) == 0


def test_states_of_a_set_are_built_from_their_arrays_and_set() -> None:
    env, other = make(), make()
    env.reset(seed=SEED, options={"layout": 2})
    for joint in random_actions(30, 3).tolist():
        env.step(dict(zip(env.agents, joint, strict=True)))
    state = env.get_state()

    built = env.state_from_arrays(**envstate_to_dict(state))
    other.set_state(built)

    assert_same_states(built, state)
    assert_same_states(other.get_state(), state)
    assert env.state_from_arrays(layout_idx=1).n_pots == 2


def test_a_state_of_another_layout_is_refused() -> None:
    env = make()
    state = env.reset_to_layout(key_of(0), 1)[0]

    with pytest.raises(StateError, match="layout 0 of the set"):
        env.set_state(state.replace(layout_idx=np.int32(0)))
    with pytest.raises(StateError, match="does not say which one"):
        env.set_state(make(layout=filled_up(1)).state_from_arrays())
    with pytest.raises(StateError, match="out of range: 0 to 2"):
        env.state_from_arrays(layout_idx=3)
    with pytest.raises(StateError, match="no array 'layout_idx'"):
        cogrid.make(KITCHEN).state_from_arrays(layout_idx=0)


@pytest.mark.parametrize("layout", [3, -1, True, 1.0])
def test_a_layout_that_the_set_does_not_have_is_refused(layout: Any) -> None:
    with pytest.raises(LayoutError, match="a number from 0 to 2"):
        make().reset(seed=0, options={"layout": layout})


@pytest.mark.parametrize("backend", ["numpy", pytest.param("jax", marks=needs_jax)])
@pytest.mark.usefixtures("type_checks_off")
@pytest.mark.parametrize("layouts", [np.zeros(2, np.int32), np.float32(1), 1.5, True])
def test_layouts_of_another_shape_or_dtype_are_refused_by_the_functional_reset(backend: str, layouts: Any) -> None:
    keys = np.zeros((B, 2), dtype=np.uint32)

    with pytest.raises(LayoutError, match=r"an integer, or an array of integers of .* \(3,\)|a number from 0 to 2"):
        make(backend).reset_to_layout(keys, layouts)


def test_a_layout_is_chosen_by_name_too() -> None:
    state, _ = make().reset_to_layout(key_of(0), "AsymmetricAdvantages")

    assert int(layout_of(state)) == 1


def test_bad_layouts_and_bad_sets_are_refused() -> None:
    with pytest.raises(LayoutError, match="Did you mean 'CrampedRoom'"):
        make().reset(seed=0, options={"layout": "CrampedRom"})
    with pytest.raises(LayoutError, match="has a single one"):
        cogrid.make(KITCHEN).reset(seed=0, options={"layout": 0})
    with pytest.raises(LayoutError, match="has a single one"):
        cogrid.make(KITCHEN).reset_to_layout(key_of(0), 0)
    with pytest.raises(LayoutError, match="at least one layout"):
        LayoutSet([])
    with pytest.raises(LayoutError, match="takes a list"):
        LayoutSet("CrampedRoom")
    with pytest.raises(LayoutError, match="has 1 names"):
        LayoutSet(["CrampedRoom", CORRIDOR], names=["only one"])
    with pytest.raises(LayoutError, match="'drawing_1' of the set: Row 0, column 0"):
        make(layout=LayoutSet(["CrampedRoom", ["?+++"]]))
    with pytest.raises(LayoutError, match="Layout 1 of the set has too few free cells"):
        make(layout=LayoutSet(["CrampedRoom", ["++"]]))


def test_equal_sets_share_their_tables() -> None:
    again = LayoutSet(["CrampedRoom", "AsymmetricAdvantages", CORRIDOR])

    assert make().tables is make(layout=again).tables


def test_the_cells_for_a_value_are_those_that_can_come_to_hold_it_on_any_layout() -> None:
    kitchens, site = make().tables, cogrid.make("SearchRescue-Small-V0").tables
    is_pot = np.array([value.name == "pot" for value in kitchens.rules.compiled.cell_values])
    is_floor = np.array([type(value) is Floor for value in site.rules.compiled.cell_values])
    pots = [np.flatnonzero(np.array(list("".join(filled_up(idx)))) == "U") for idx in range(3)]
    lasting = [idx for idx, symbol in enumerate("".join(site.settings.layouts[0].rows)) if symbol in "#D"]

    assert list(kitchens.map.cells_for(is_pot)) == sorted(set(np.concatenate(pots).tolist()))
    assert list(site.map.cells_for(is_floor)) == [idx for idx in range(site.n_cells) if idx not in lasting]
    assert kitchens.map.cells_for(np.zeros(kitchens.rules.n_cell_values, dtype=bool)) == ()

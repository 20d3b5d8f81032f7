"""Every form of a reward pays the same, and pays what was recorded or what was worked out by hand."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core import array_rewards as forwarded
from cogrid.core.array_rewards import compose_rewards
from cogrid.core.grid_object import get_object_names, object_to_idx
from cogrid.core.jax_step import envstate_to_dict
from cogrid.core.reward import make_reward
from cogrid.envs.overcooked import array_rewards
from cogrid.envs.overcooked.array_rewards import compute_rewards_jax
from cogrid.envs.overcooked.rewards import OnionInPotReward, SoupDeliveryReward, SoupInDishReward
from cogrid.errors import ConfigError
from cogrid.tests.engines import first_of, needs_jax
from cogrid.tests.golden_traces import LAYOUT_NAMES, load, state_arrays
from cogrid.tests.states import assert_same_bits, map_leaves, pick_states, stack_states

TYPE_IDS = {name: idx for idx, name in enumerate(get_object_names("overcooked"))}
PICKUP_DROP = 4


@dataclasses.dataclass(frozen=True, kw_only=True)
class Forms:
    """The forms of one reward, all with its own defaults.

    Attributes:
      name: as `compute_rewards_jax` knows it; a config adds `_reward` behind, the recording `reward_` in front.
      kind: the class.
      fn: the array function.
      coefficient, common_reward: the defaults that are promised.
      type_names: the only type ids that the array function needs.
    """

    name: str
    kind: Any
    fn: Any
    coefficient: float
    common_reward: bool
    type_names: tuple[str, ...]


REWARDS = (
    Forms(
        name="delivery",
        kind=SoupDeliveryReward,
        fn=array_rewards.delivery_reward_array,
        coefficient=1.0,
        common_reward=True,
        type_names=("onion_soup", "delivery_zone"),
    ),
    Forms(
        name="onion_in_pot",
        kind=OnionInPotReward,
        fn=array_rewards.onion_in_pot_reward_array,
        coefficient=0.1,
        common_reward=False,
        type_names=("onion", "pot"),
    ),
    Forms(
        name="soup_in_dish",
        kind=SoupInDishReward,
        fn=array_rewards.soup_in_dish_reward_array,
        coefficient=0.3,
        common_reward=False,
        type_names=("plate", "pot"),
    ),
)
for_each_reward = pytest.mark.parametrize("forms", REWARDS, ids=lambda forms: forms.name)


def all_forms(forms: Forms, before: Any, after: Any, actions: Any, **settings: Any) -> dict[str, Any]:
    """What each form of a reward pays; `settings` are coefficient and common_reward, the defaults if left out."""
    n_agents = actions.shape[-1]
    explicit = {"coefficient": forms.coefficient, "common_reward": forms.common_reward, **settings}
    config = {
        "type_ids": TYPE_IDS,
        "n_agents": n_agents,
        "rewards": [{"fn": forms.name, **explicit}],
        "action_pickup_drop_idx": PICKUP_DROP,
    }
    composed = compose_rewards([{"name": forms.name, "fn": forms.fn, **explicit}])
    return {
        "class": forms.kind(**settings).calculate_reward(before, after, actions),
        "registered": make_reward(f"{forms.name}_reward", **settings).calculate_reward(before, after, actions),
        "array": forms.fn(before, after, actions, TYPE_IDS, n_agents, **settings),
        "compute": compute_rewards_jax(before, after, actions, config),
        "compose": composed(before, after, actions, n_agents, TYPE_IDS, PICKUP_DROP),
    }


def assert_all_forms_pay(forms: Forms, before: Any, after: Any, actions: Any, expected: Any, **settings: Any) -> None:
    for form, told in all_forms(forms, before, after, actions, **settings).items():
        assert_same_bits(told, expected, f"{forms.name} as {form}")


@functools.cache
def recorded_transitions(layout_name: str) -> tuple[EnvState, EnvState, np.ndarray, Mapping[str, np.ndarray]]:
    """All transitions of the recorded episodes: states before and after `[E, T]`, actions, and the recorded parts."""
    recording = load("A_np", layout_name)
    env, arrays = recording.make_env(), state_arrays(recording)
    episodes = []
    for episode, actions in enumerate(recording["actions"]):
        env.set_state(env.state_from_arrays(**{name: values[episode, 0] for name, values in arrays.items()}))
        states = [env.get_state()]
        for joint in actions.tolist():
            env.step(dict(zip(env.agents, joint, strict=True)))
            states.append(env.get_state())
        episodes.append(stack_states(states))
    played = stack_states(episodes)
    before, after = pick_states(played, np.s_[:, :-1]), pick_states(played, np.s_[:, 1:])
    return before, after, recording["actions"].astype(np.int32), recording.arrays


@for_each_reward
@pytest.mark.parametrize("layout_name", LAYOUT_NAMES)
def test_every_form_pays_the_recorded_part_on_every_recorded_transition(layout_name: str, forms: Forms) -> None:
    before, after, actions, recorded = recorded_transitions(layout_name)

    expected = recorded[f"reward_{forms.name}"]

    assert expected.any()
    assert_all_forms_pay(forms, before, after, actions, expected)


@for_each_reward
@pytest.mark.parametrize("layout_name", LAYOUT_NAMES[:2])
def test_dicts_of_arrays_are_paid_for_like_states(layout_name: str, forms: Forms) -> None:
    before, after, actions, recorded = recorded_transitions(layout_name)

    expected = recorded[f"reward_{forms.name}"]

    assert_all_forms_pay(forms, envstate_to_dict(before), envstate_to_dict(after), actions, expected)


@needs_jax
@for_each_reward
@pytest.mark.parametrize("layout_name", LAYOUT_NAMES[:2])
def test_every_form_pays_the_recorded_part_under_jit(layout_name: str, forms: Forms) -> None:
    import jax

    before, after, actions, recorded = recorded_transitions(layout_name)

    told = jax.jit(lambda *transition: all_forms(forms, *transition))(before, after, actions)

    for form, paid in told.items():
        assert_same_bits(paid, recorded[f"reward_{forms.name}"], f"{forms.name} as {form}")


@pytest.mark.parametrize("layout_name", LAYOUT_NAMES[:1])
def test_rewards_are_added_in_their_order(layout_name: str) -> None:
    before, after, actions, recorded = recorded_transitions(layout_name)
    entries = [
        {"fn": forms.name, "coefficient": forms.coefficient, "common_reward": forms.common_reward} for forms in REWARDS
    ]
    config = {"type_ids": TYPE_IDS, "n_agents": 2, "rewards": entries, "action_pickup_drop_idx": PICKUP_DROP}
    composed = compose_rewards(
        [{**entry, "name": entry["fn"], "fn": forms.fn} for entry, forms in zip(entries, REWARDS, strict=True)]
    )

    delivery, onion, soup = (recorded[f"reward_{forms.name}"] for forms in REWARDS)
    expected = (delivery + onion) + soup

    assert_same_bits(compute_rewards_jax(before, after, actions, config), expected)
    assert_same_bits(composed(before, after, actions, 2, TYPE_IDS, PICKUP_DROP), expected)


KITCHEN = (
    "#########",
    "#@UUUU@C#",
    "#1234567#",
    "#       #",
    "#########",
)
"""Seven cooks in a row, each facing what is above: a delivery zone, four pots, a delivery zone, a counter."""

EMPTY: tuple[str, ...] = ()
RAW = 30


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """Cooks before four pots, and what they are paid by each reward, worked out by hand.

    Attributes:
      held: what each of the seven cooks holds, None for nothing.
      pots: the contents of the four pots.
      timers: their timers.
      direction: where all look.
      actions: what each does; PickupDrop if left out.
      delivery, onion_in_pot, soup_in_dish: for each reward the cooks that have earned it.
    """

    held: tuple[str | None, ...]
    pots: tuple[tuple[str, ...], ...] = (EMPTY, EMPTY, EMPTY, EMPTY)
    timers: tuple[int, ...] = (RAW, RAW, RAW, RAW)
    direction: int = 3
    actions: tuple[int, ...] = (PICKUP_DROP,) * 7
    delivery: tuple[int, ...] = ()
    onion_in_pot: tuple[int, ...] = ()
    soup_in_dish: tuple[int, ...] = ()


ONION, TOMATO = "onion", "tomato"
CASES = {
    "nobody holds anything": Case(held=(None,) * 7),
    "two deliver onion soup at once": Case(
        held=("onion_soup", None, None, None, None, "onion_soup", None), delivery=(0, 5)
    ),
    "tomato soup is taken and earns nothing": Case(
        held=("tomato_soup", None, None, None, None, "onion_soup", None), delivery=(5,)
    ),
    "a soup for a counter or a pot earns nothing": Case(held=("onion",) + ("onion_soup",) * 4 + (None, "onion_soup")),
    "onions for pots with room": Case(
        held=(ONION,) * 7, pots=(EMPTY, (ONION,), (ONION, ONION), (ONION,) * 3), onion_in_pot=(1, 2, 3)
    ),
    "an onion for a pot that cooks or is ready earns nothing": Case(
        held=(ONION,) * 7,
        pots=((ONION,) * 3, (ONION,) * 3, (TOMATO,) * 3, EMPTY),
        timers=(30, 0, 0, RAW),
        onion_in_pot=(4,),
    ),
    "an onion for a pot with a tomato in it earns nothing": Case(
        held=(ONION,) * 7, pots=((TOMATO,), (TOMATO, TOMATO), (ONION, TOMATO), EMPTY), onion_in_pot=(4,)
    ),
    "a tomato earns nothing": Case(held=(TOMATO,) * 7, pots=(EMPTY, (TOMATO,), (TOMATO, TOMATO), (ONION,))),
    "plates for pots that are ready": Case(
        held=("plate",) * 7,
        pots=((ONION,) * 3, (TOMATO,) * 3, (ONION,) * 3, (ONION, ONION)),
        timers=(0, 0, 1, RAW),
        soup_in_dish=(1, 2),
    ),
    "a plate for a mixed pot that is ready": Case(
        held=("plate",) * 7,
        pots=((ONION, ONION, TOMATO), (ONION, TOMATO, TOMATO), EMPTY, EMPTY),
        timers=(0, 0, RAW, RAW),
        soup_in_dish=(1, 2),
    ),
    "other actions earn nothing": Case(
        held=("onion_soup", ONION, "plate", ONION, "plate", "onion_soup", None),
        pots=(EMPTY, (ONION,) * 3, EMPTY, (ONION,) * 3),
        timers=(RAW, 0, RAW, 0),
        actions=(5, 6, 0, 1, 2, 3, 4),
    ),
    "looking the other way earns nothing": Case(
        held=("onion_soup", ONION, "plate", ONION, "plate", "onion_soup", None),
        pots=(EMPTY, (ONION,) * 3, EMPTY, (ONION,) * 3),
        timers=(RAW, 0, RAW, 0),
        direction=1,
    ),
    "everything at once": Case(
        held=("onion_soup", ONION, "plate", ONION, "plate", "onion_soup", ONION),
        pots=(EMPTY, (ONION,) * 3, (ONION, ONION), (TOMATO,) * 3),
        timers=(RAW, 0, RAW, 0),
        delivery=(0, 5),
        onion_in_pot=(1, 3),
        soup_in_dish=(2, 4),
    ),
}


@functools.cache
def kitchen(backend: str = "numpy") -> CoGridEnv:
    return cogrid.make("Overcooked-CrampedRoom-V0", backend=backend, layout=KITCHEN, num_agents=7)


def type_of(name: str | None) -> int:
    return -1 if name is None else object_to_idx(name, scope="overcooked")


@functools.cache
def transition(case_name: str) -> tuple[EnvState, EnvState, np.ndarray]:
    """The state before, the state after and the actions of a case."""
    case = CASES[case_name]
    contents = [[type_of(item) for item in pot] + [-1] * (3 - len(pot)) for pot in case.pots]
    before = kitchen().state_from_arrays(
        agent_dir=np.full(7, case.direction),
        agent_inv=np.array([[type_of(item)] for item in case.held]),
        pot_contents=np.array(contents),
        pot_timer=np.array(case.timers),
    )
    actions = np.array(case.actions, dtype=np.int32)
    return before, kitchen().jax_step(before, actions)[0], actions


def individual(earners: tuple[int, ...], amount: float) -> np.ndarray:
    return np.array([amount if idx in earners else 0.0 for idx in range(7)], dtype=np.float32)


def common(earners: tuple[int, ...], sums: tuple[float, ...]) -> np.ndarray:
    """Everybody gets the sum; `sums` says what none, one, two, ... earners make."""
    return np.full(7, sums[len(earners)], dtype=np.float32)


@for_each_reward
@pytest.mark.parametrize("case_name", CASES)
def test_cases_worked_out_by_hand_with_individual_and_common_reward(case_name: str, forms: Forms) -> None:
    before, after, actions = transition(case_name)
    earners = getattr(CASES[case_name], forms.name)

    assert_all_forms_pay(forms, before, after, actions, individual(earners, 0.5), coefficient=0.5, common_reward=False)
    assert_all_forms_pay(
        forms, before, after, actions, common(earners, (0.0, 0.1, 0.2, 0.3)), coefficient=0.1, common_reward=True
    )


def test_defaults_are_a_common_1_and_an_own_tenth_and_an_own_three_tenths() -> None:
    before, after, actions = transition("everything at once")
    by_hand = {
        "delivery": [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0],
        "onion_in_pot": [0.0, 0.1, 0.0, 0.1, 0.0, 0.0, 0.0],
        "soup_in_dish": [0.0, 0.0, 0.3, 0.0, 0.3, 0.0, 0.0],
    }

    for forms in REWARDS:
        assert (forms.kind().coefficient, forms.kind().common_reward) == (forms.coefficient, forms.common_reward)
        assert_all_forms_pay(forms, before, after, actions, np.array(by_hand[forms.name], dtype=np.float32))


def test_only_the_previous_state_is_looked_at() -> None:
    before, _, actions = transition("everything at once")

    for forms in REWARDS:
        expected = forms.fn(before, before, actions, TYPE_IDS, 7)
        assert_same_bits(forms.fn(before, None, actions, TYPE_IDS, 7), expected)
        assert expected.any()


@for_each_reward
def test_only_the_type_ids_that_a_reward_needs_are_asked_for(forms: Forms) -> None:
    before, after, actions = transition("everything at once")
    few = {name: TYPE_IDS[name] for name in forms.type_names}

    assert_same_bits(
        forms.fn(before, after, actions, few, 7), forms.fn(before, after, actions, TYPE_IDS, 7), forms.name
    )


@for_each_reward
def test_another_number_for_pickup_drop_is_heeded(forms: Forms) -> None:
    before, after, actions = transition("everything at once")
    renumbered = np.where(actions == PICKUP_DROP, 1, actions).astype(np.int32)

    expected = forms.fn(before, after, actions, TYPE_IDS, 7)

    assert_same_bits(forms.fn(before, after, renumbered, TYPE_IDS, 7, action_pickup_drop_idx=1), expected)
    assert not forms.fn(before, after, renumbered, TYPE_IDS, 7).any()


@for_each_reward
def test_rotation_actions_are_paid_for_by_their_own_pickup_drop(forms: Forms) -> None:
    env = cogrid.make("Overcooked-CrampedRoom-V0", layout=KITCHEN, num_agents=7, action_set="rotation")
    cardinal, _, _ = transition("everything at once")
    names = ("agent_pos", "agent_dir", "agent_inv", "pot_contents", "pot_timer")
    before = env.state_from_arrays(**{name: getattr(cardinal, name) for name in names})
    expected = individual(getattr(CASES["everything at once"], forms.name), 0.5)
    reward = forms.kind(coefficient=0.5, common_reward=False)

    pickup_drop, number_four = np.full(7, 1, dtype=np.int32), np.full(7, 4, dtype=np.int32)

    for state in (before, envstate_to_dict(before)):
        assert_same_bits(reward.calculate_reward(state, state, pickup_drop), expected)
        assert not reward.calculate_reward(state, state, number_four).any()


OPEN_KITCHEN = ("@1 2@", "U3 4U")
"""A kitchen without walls: agents can look off the grid."""


@pytest.mark.parametrize(("direction", "earns"), [(0, (1, 3)), (2, (0, 2)), (3, ()), (1, ())])
def test_facing_off_the_grid_earns_nothing(direction: int, earns: tuple[int, ...]) -> None:
    """Upwards agents 0 and 1 look off the grid, downwards agents 2 and 3; sideways two of them face their stations."""
    env = cogrid.make("Overcooked-CrampedRoom-V0", layout=OPEN_KITCHEN, num_agents=4)
    held = [type_of(name) for name in ("onion_soup", "onion_soup", "onion", "onion")]
    before = env.state_from_arrays(agent_dir=np.full(4, direction), agent_inv=np.array(held)[:, None])
    actions = np.full(4, PICKUP_DROP, dtype=np.int32)
    after = env.jax_step(before, actions)[0]
    by_hand = {"delivery": [idx for idx in earns if idx < 2], "onion_in_pot": [idx for idx in earns if idx >= 2]}

    for forms in REWARDS:
        earners = by_hand.get(forms.name, [])
        expected = np.array([0.5 if idx in earners else 0.0 for idx in range(4)], dtype=np.float32)
        assert_all_forms_pay(forms, before, after, actions, expected, coefficient=0.5, common_reward=False)


def test_a_station_at_the_other_edge_is_not_faced_across_the_border() -> None:
    """An agent at the right edge that looks right faces nothing, although the next cell in reading order is a zone."""
    env = cogrid.make("Overcooked-CrampedRoom-V0", layout=("  1", "@ U", "2 @", "@ U"), num_agents=2)
    soup, onion = type_of("onion_soup"), type_of("onion")
    before = env.state_from_arrays(agent_dir=np.array([0, 2]), agent_inv=np.array([[soup], [onion]]))
    actions = np.full(2, PICKUP_DROP, dtype=np.int32)

    for forms in REWARDS:
        assert_all_forms_pay(forms, before, before, actions, np.zeros(2, dtype=np.float32))


PLAIN_NAMES = ("agent_pos", "agent_dir", "agent_inv", "object_type_map", "pot_contents", "pot_timer")


def plain_dict(state: EnvState) -> dict[str, Any]:
    """The arrays that rewards read, and nothing else; pot positions as a list of tuples."""
    return {
        **{name: getattr(state, name) for name in PLAIN_NAMES},
        "pot_positions": [(int(row), int(column)) for row, column in np.asarray(state.pot_positions)],
    }


@for_each_reward
@pytest.mark.parametrize("case_name", CASES)
def test_plain_dicts_with_pot_positions_as_tuples_are_paid_for_like_states(case_name: str, forms: Forms) -> None:
    before, after, actions = transition(case_name)
    expected = individual(getattr(CASES[case_name], forms.name), 0.5)

    for state in (plain_dict(before), envstate_to_dict(before)):
        assert_all_forms_pay(forms, state, plain_dict(after), actions, expected, coefficient=0.5, common_reward=False)


@needs_jax
@pytest.mark.parametrize("forms", first_of(REWARDS), ids=lambda forms: forms.name)
def test_jax_states_and_dicts_are_paid_for_eagerly_and_traced(forms: Forms) -> None:
    """All cases: states and dicts of JAX arrays, eager, closed over under `jit`, and vmapped."""
    import jax
    import jax.numpy as jnp

    before, after, actions = zip(*(transition(case_name) for case_name in CASES), strict=True)
    befores, afters, joint = stack_states(before), stack_states(after), np.stack(actions)
    expected = np.stack([individual(getattr(case, forms.name), 0.5) for case in CASES.values()])
    settings = {"coefficient": 0.5, "common_reward": False}
    on_device = map_leaves(jnp.asarray, befores)

    def from_states(before: EnvState, after: EnvState, actions: Any) -> dict[str, Any]:
        return all_forms(forms, before, after, actions, **settings)

    def from_dicts(before: EnvState, after: EnvState, actions: Any) -> dict[str, Any]:
        return all_forms(forms, envstate_to_dict(before), envstate_to_dict(after), actions, **settings)

    for function in (from_states, from_dicts):
        told = [
            function(on_device, map_leaves(jnp.asarray, afters), jnp.asarray(joint)),
            jax.jit(function)(befores, afters, joint),
            jax.jit(jax.vmap(function))(befores, afters, joint),
        ]
        for form, paid in ((form, paid) for forms_paid in told for form, paid in forms_paid.items()):
            assert isinstance(paid, jax.Array)
            assert_same_bits(paid, expected, f"{forms.name} as {form}")


@needs_jax
@for_each_reward
def test_traced_dicts_with_pot_positions_as_tuples_are_paid_for(forms: Forms) -> None:
    import jax

    before, _, actions = transition("everything at once")
    plain = plain_dict(before)
    positions = plain.pop("pot_positions")

    def pay(arrays: dict[str, Any], actions: Any) -> Any:
        state = {**arrays, "pot_positions": positions}
        return forms.fn(state, state, actions, TYPE_IDS, 7, coefficient=0.5, common_reward=False)

    expected = individual(getattr(CASES["everything at once"], forms.name), 0.5)
    assert_same_bits(jax.jit(pay)(plain, actions), expected)


def test_the_environment_pays_what_the_forms_pay() -> None:
    rewards = [{"name": f"{forms.name}_reward", "coefficient": 0.25, "common_reward": True} for forms in REWARDS]
    env = cogrid.make("Overcooked-CrampedRoom-V0", layout=KITCHEN, num_agents=7, rewards=rewards)
    for case_name, case in CASES.items():
        before, _, actions = transition(case_name)
        env.set_state(before)
        _, paid, *_ = env.step(dict(zip(env.agents, actions.tolist(), strict=True)))

        n_earners = len(case.delivery) + len(case.onion_in_pot) + len(case.soup_in_dish)
        assert list(paid.values()) == [0.25 * n_earners] * 7
        assert_same_bits(env.jax_step(before, actions)[2], np.full(7, 0.25 * n_earners, dtype=np.float32))


def test_the_core_forwards_the_names_of_the_three() -> None:
    for forms in REWARDS:
        assert getattr(forwarded, f"{forms.name}_reward_array") is forms.fn


def test_unknown_rewards_are_refused_with_what_is_close() -> None:
    before, after, actions = transition("everything at once")
    config = {"type_ids": TYPE_IDS, "n_agents": 7, "rewards": [{"fn": "delivry", "coefficient": 1.0}]}

    with pytest.raises(ConfigError, match=r"'delivry'.*'delivery'"):
        compute_rewards_jax(before, after, actions, config)
    with pytest.raises(ConfigError, match=r"'coeficient'.*'coefficient'"):
        compose_rewards([{"name": "delivery", "fn": REWARDS[0].fn, "coeficient": 1.0}])
    with pytest.raises(ConfigError, match="lacks the key 'coefficient'"):
        compose_rewards([{"name": "delivery", "fn": REWARDS[0].fn}])
    with pytest.raises(ConfigError, match=r"'delivery_rewrad'.*'delivery_reward'"):
        make_reward("delivery_rewrad")

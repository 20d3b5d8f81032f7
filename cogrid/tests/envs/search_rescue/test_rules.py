"""What each role can do with each tool to each thing at a disaster site, and what it cannot."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cogrid import Agent, EnvConfig, GridObject, Item
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.core.objects import Floor
from cogrid.envs.search_rescue import search_rescue_config
from cogrid.envs.search_rescue.objects import (
    ENGINEER,
    ITEMS,
    KEY,
    LIFT_STEPS,
    MED_KIT,
    MEDIC,
    PICKAXE,
    Door,
    GreenVictim,
    RedVictim,
    Rubble,
    YellowVictim,
)
from cogrid.envs.search_rescue.rules import search_rescue_rules
from cogrid.errors import ConfigError
from cogrid.tests.engines import Episode, needs_jax, play_env, play_everywhere

TEAM = [Agent(held, role) for held, role in itertools.product((None, *ITEMS), (None, MEDIC, ENGINEER))]
THINGS = [Rubble(), Door(), Door(is_open=True), GreenVictim(), YellowVictim(), RedVictim(), RedVictim(1)]


def site(layout: str, roles: Sequence[str | None], **settings: Any) -> EnvConfig:
    """A small site whose agents look right."""
    config = search_rescue_config(layout=layout, roles=roles, **settings)
    return replace(config, rules=replace(config.rules, start_direction=0))


def play(layout: str, roles: Sequence[str | None], actions: Sequence[Any], **settings: Any) -> Episode:
    """Play a small site on all engines but JAX, which has its own test below."""
    return play_everywhere(site(layout, roles, **settings), actions, with_jax=False)


def type_id(thing: Item | type[GridObject] | None) -> int:
    return object_to_idx(thing, scope="search_rescue")


@pytest.mark.parametrize("agent", TEAM, ids=str)
def test_rubble_is_cleared_by_an_engineer_or_with_a_pickaxe_which_is_kept(agent: Agent) -> None:
    outcome = Rubble().toggle(agent)

    if agent.role == ENGINEER or agent.held == PICKAXE:
        assert outcome is not None
        assert (outcome.cell, outcome.agent, outcome.events) == (Floor(), agent, ("rubble_cleared",))
    else:
        assert outcome is None


@pytest.mark.parametrize("agent", TEAM, ids=str)
def test_a_door_is_opened_with_a_key_which_is_kept(agent: Agent) -> None:
    outcome = Door().toggle(agent)

    if agent.held == KEY:
        assert outcome is not None
        assert (outcome.cell, outcome.agent, outcome.events) == (Door(is_open=True), agent, ("door_opened",))
    else:
        assert outcome is None


@pytest.mark.parametrize("agent", TEAM, ids=str)
def test_an_open_door_stays_open_and_takes_nothing(agent: Agent) -> None:
    door = Door(is_open=True)

    assert door.passable()
    assert not Door().passable()
    assert door.toggle(agent) is None
    assert door.pickup_drop(agent) is None
    assert door.tick() == door


@pytest.mark.parametrize("agent", TEAM, ids=str)
def test_anybody_rescues_a_green_victim(agent: Agent) -> None:
    outcome = GreenVictim().toggle(agent)

    assert (outcome.cell, outcome.agent, outcome.events) == (Floor(), agent, ("green_victim_rescued",))


@pytest.mark.parametrize("agent", TEAM, ids=str)
def test_a_yellow_victim_needs_a_medic_or_a_med_kit_which_only_others_use_up(agent: Agent) -> None:
    outcome = YellowVictim().toggle(agent)

    if agent.role == MEDIC:
        assert outcome is not None
        assert (outcome.cell, outcome.agent, outcome.events) == (Floor(), agent, ("yellow_victim_rescued",))
    elif agent.held == MED_KIT:
        assert outcome is not None
        assert (outcome.cell, outcome.agent) == (Floor(), Agent(None, agent.role))
        assert outcome.events == ("yellow_victim_rescued",)
    else:
        assert outcome is None


@pytest.mark.parametrize("agent", TEAM, ids=str)
@pytest.mark.parametrize("lifted", [0, 1, LIFT_STEPS])
def test_a_red_victim_needs_an_engineer_and_then_a_medic_whatever_they_hold(agent: Agent, lifted: int) -> None:
    outcome = RedVictim(lifted).toggle(agent)

    if agent.role == ENGINEER:
        assert outcome is not None
        assert (outcome.cell, outcome.agent, outcome.events) == (RedVictim(LIFT_STEPS), agent, ("beam_lifted",))
    elif agent.role == MEDIC and lifted:
        assert outcome is not None
        assert (outcome.cell, outcome.agent, outcome.events) == (Floor(), agent, ("red_victim_rescued",))
    else:
        assert outcome is None


@pytest.mark.parametrize("thing", THINGS, ids=str)
def test_nothing_is_taken_from_a_thing_nor_put_on_it(thing: GridObject) -> None:
    assert [thing.pickup_drop(agent) for agent in TEAM] == [None] * len(TEAM)


@pytest.mark.parametrize("thing", [thing for thing in THINGS if thing != Door(is_open=True)], ids=str)
def test_what_waits_is_in_the_way(thing: GridObject) -> None:
    assert not thing.passable()


def test_only_a_lifted_beam_changes_by_itself() -> None:
    assert [RedVictim(lifted).tick().lifted for lifted in range(LIFT_STEPS + 1)] == [0, *range(LIFT_STEPS)]
    assert [thing.tick() for thing in THINGS[:-1]] == THINGS[:-1]


def test_tools_are_carried_one_at_a_time_and_put_down_on_free_floor() -> None:
    actions = [("PickupDrop",), ("MoveRight",), ("PickupDrop",), ("MoveDown",), ("PickupDrop",)]

    episode = play("#####\n#1km#\n#   #\n#  g#\n#####", [None], actions)

    assert [row[0][0] for row in episode.trace("agent_inv")] == [-1, *[type_id(KEY)] * 4, -1]
    assert episode.type_at(1, 3) == [type_id(MED_KIT)] * 6
    assert episode.type_at(3, 2) == [*[0] * 5, type_id(KEY)]


def test_tools_on_the_floor_are_in_the_way() -> None:
    episode = play("####\n#1pg\n####", [None], [("MoveRight",)])

    assert episode.trace("agent_pos")[-1] == [[1, 1]]


def test_a_door_is_opened_and_walked_through_with_the_key_in_hand() -> None:
    actions = [("PickupDrop",), ("MoveRight",), ("Toggle",), ("MoveRight",), ("MoveRight",)]

    episode = play("######\n#1kD #\n#g   #\n######", [None], actions)

    assert episode.cell(1, 3) == [0, 0, 0, 1, 1, 1]
    assert episode.trace("agent_pos")[-1] == [[1, 4]]
    assert episode.trace("agent_inv")[-1] == [[type_id(KEY)]]


def test_a_rescue_pays_everybody_by_urgency_and_clears_the_cell() -> None:
    layout = "#####\n#1g #\n#2y #\n#  r#\n#####"

    episode = play(layout, [None, MEDIC], [("Toggle", "Noop"), ("MoveRight", "Toggle")])

    assert [paid.tolist() for paid in episode.rewards] == [[1, 1], [2, 2]]
    assert episode.trace("agent_pos")[-1] == [[1, 2], [2, 1]]
    assert episode.type_at(1, 2) == [type_id(GreenVictim), 0, 0]
    assert episode.type_at(2, 2) == [type_id(YellowVictim), type_id(YellowVictim), 0]


RED_BETWEEN = "#####\n#1r3#\n#  2#\n#g  #\n#####"
"""Agent 0 on the left of a red victim, looking at it; agent 2 on the right, looking away."""


@pytest.mark.parametrize("n_steps", [1, LIFT_STEPS - 1])
def test_a_medic_has_ten_steps_to_take_a_victim_from_under_the_beam(n_steps: int) -> None:
    waits = [("Noop", "Noop", "MoveLeft")] * (n_steps - 1)
    actions = [("Toggle", "Noop", "MoveLeft"), *waits, ("Noop", "Noop", "Toggle")]

    episode = play(RED_BETWEEN, [ENGINEER, None, MEDIC], actions)

    assert episode.rewards[-1].tolist() == [5, 5, 5]
    assert episode.type_at(1, 2)[-1] == 0
    assert episode.happened(CoGridEnv(site(RED_BETWEEN, [ENGINEER, None, MEDIC])))[-1] == [
        set(),
        set(),
        {"red_victim_rescued"},
    ]


def test_after_ten_steps_the_beam_is_down_again() -> None:
    waits = [("Noop", "Noop", "MoveLeft")] * (LIFT_STEPS - 1)
    actions = [("Toggle", "Noop", "MoveLeft"), *waits, ("Noop", "Noop", "Toggle")]

    episode = play(RED_BETWEEN, [ENGINEER, None, MEDIC], actions)

    assert episode.cell(1, 2) == [0, *range(LIFT_STEPS, 0, -1), 0]
    assert not any(paid.any() for paid in episode.rewards)


def test_an_engineer_with_the_lower_index_and_a_medic_save_a_step() -> None:
    at_once = [("Noop", "Noop", "MoveLeft"), ("Toggle", "Noop", "Toggle")]

    in_order = play(RED_BETWEEN, [ENGINEER, None, MEDIC], at_once)
    other_order = play(RED_BETWEEN, [MEDIC, None, ENGINEER], [*at_once, ("Toggle", "Noop", "Noop")])

    assert [paid[0] for paid in in_order.rewards] == [0, 5]
    assert [paid[0] for paid in other_order.rewards] == [0, 0, 5]


def test_the_episode_ends_for_all_when_the_last_victim_is_rescued() -> None:
    layout = "#####\n#1g #\n#2y #\n#####"

    episode = play(layout, [None, MEDIC], [("Toggle", "Noop"), ("Noop", "Noop"), ("Noop", "Toggle"), ("Noop", "Noop")])

    assert episode.is_done == [False, False, True]
    assert episode.trace("terminated")[-2:] == [[False, False], [True, True]]
    assert episode.rewards[-1].tolist() == [2, 2]


def test_an_episode_can_go_on_when_all_are_rescued() -> None:
    actions = [("Toggle",), ("MoveRight",), ("MoveRight",)]

    episode = play("#####\n#1g #\n#####", [None], actions, ends_when_all_rescued=False, max_steps=3)

    assert episode.is_done == [False, False, True]
    assert episode.trace("agent_pos")[-1] == [[1, 3]]
    assert episode.trace("truncated")[-1] == [True]


def test_shaping_rewards_go_by_name_and_pay_whoever_opens_the_way() -> None:
    config = site("#####\n#1kD#\n#2Rg#\n#####", [None, ENGINEER])
    rewards = [*config.rewards, "rubble_cleared_reward", {"name": "door_opened_reward", "coefficient": 0.5}]
    actions = [("PickupDrop", "Toggle"), ("MoveRight", "Noop"), ("Toggle", "Noop")]

    shaped = play_everywhere(replace(config, rewards=rewards), actions, with_jax=False)
    plain = play_everywhere(config, actions, with_jax=False)

    np.testing.assert_array_equal(shaped.rewards, np.array([[0, 0.1], [0, 0], [0.5, 0]], dtype=np.float32))
    assert not np.any(plain.rewards)


def test_agents_have_their_roles_in_turn() -> None:
    layout = "######\n#1234#\n#  g #\n######"
    env = CoGridEnv(search_rescue_config(layout=layout, roles=(MEDIC, ENGINEER, None), num_agents=4))
    env.reset(seed=0)

    values = [env.tables.rules.compiled.agent_values[idx] for idx in env.get_state().agent_value.tolist()]

    assert [agent.role for agent in values] == [MEDIC, ENGINEER, None, MEDIC]


@pytest.mark.parametrize("roles", [(), ("nurse",), "medic", (ENGINEER, "Medic")], ids=str)
def test_roles_that_do_not_exist_are_refused(roles: Any) -> None:
    with pytest.raises(ConfigError, match="role"):
        search_rescue_rules(roles)


def test_equal_teams_share_their_rules() -> None:
    assert search_rescue_rules([MEDIC, None]) is search_rescue_rules((MEDIC, None))


@needs_jax
def test_a_rescue_of_every_grade_is_the_same_under_jax() -> None:
    config = site("######\n#1kDy#\n#2r g#\n#mR  #\n######", [ENGINEER, MEDIC])
    actions = [
        ("PickupDrop", "Noop"),
        ("MoveRight", "Noop"),
        ("Toggle", "Toggle"),
        ("MoveDown", "Noop"),
        ("Toggle", "Toggle"),
        ("Noop", "Toggle"),
        ("MoveRight", "MoveRight"),
        ("MoveRight", "MoveRight"),
        ("Toggle", "MoveRight"),
        ("Noop", "Toggle"),
        ("Noop", "MoveRight"),
        ("Noop", "MoveUp"),
        ("Noop", "Toggle"),
    ]

    on_jax, on_numpy = play_env(config, "jax", actions), play_everywhere(config, actions, with_jax=False)

    assert sum(paid[0] for paid in on_numpy.rewards) == 8
    np.testing.assert_array_equal(on_jax.rewards, on_numpy.rewards)
    assert on_jax.is_done == on_numpy.is_done

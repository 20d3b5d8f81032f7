"""A small world with guarded events: a bell counts only while the lamp is lit, at that agent's turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from cogrid import Agent, EnvConfig, GridObject, Item, Outcome, Rules
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import namespace
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.core.reward import EventReward
from cogrid.tests.engines import play_everywhere

COIN = Item("coin")
LIT = 7


@dataclass(frozen=True)
class Lamp(GridObject, symbol="L"):
    """Is switched on and off."""

    is_lit: bool = False

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(Lamp(not self.is_lit), agent, events=("switched",))

    def object_state(self) -> int:
        return LIT if self.is_lit else 0


@dataclass(frozen=True)
class Bell(GridObject, symbol="B"):
    """Rings, and counts its strokes up to four whether or not anybody hears it."""

    strokes: int = 0

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(Bell(min(self.strokes + 1, 4)), agent, events=("rang", "pulled"))

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        return Outcome(self, agent.empty_handed(), events=("paid",)) if agent.held == COIN else None

    def object_state(self) -> int:
        return self.strokes


def lamp_is_lit(prev_state: EnvState, state: EnvState, agent_idx: Any) -> Any:
    """Whether any lamp is lit."""
    xp = namespace(state.object_state_map)
    return xp.any(state.object_state_map == LIT, axis=(-2, -1))


def holds_something_and_looks_left(prev_state: EnvState, state: EnvState, agent_idx: Any) -> Any:
    """Whether the agent whose turn it is has something in hand and looks left."""
    return (state.agent_inv[..., agent_idx, 0] != -1) & (state.agent_dir[..., agent_idx] == 2)


RULES = Rules(
    name="test_guards",
    objects=(Lamp, Bell),
    items=(COIN,),
    guards={"rang": lamp_is_lit, "paid": holds_something_and_looks_left},
    start_direction=0,
)


def world(layout: str, num_agents: int = 2) -> EnvConfig:
    """A world of lamps and bells that pays for the rings that count."""
    rewards = (EventReward(event="rang"),)
    return EnvConfig(
        rules=RULES, layout=layout.splitlines(), num_agents=num_agents, features=("full_map_encoding",), rewards=rewards
    )


FIRST_HAS_THE_LAMP = world("1L\n2B")
FIRST_HAS_THE_BELL = world("1B\n2L")


def test_an_event_counts_only_where_its_guard_holds(with_jax: bool) -> None:
    episode = play_everywhere(
        FIRST_HAS_THE_LAMP, [("Noop", "Toggle"), ("Toggle", "Noop"), ("Noop", "Toggle")], with_jax=with_jax
    )

    happened = episode.happened(CoGridEnv(FIRST_HAS_THE_LAMP))
    assert [joint[1] for joint in happened] == [{"pulled"}, set(), {"pulled", "rang"}]
    assert [paid.tolist() for paid in episode.rewards] == [[0, 0], [0, 0], [0, 1]]


def test_a_guard_that_fails_stops_the_event_and_not_the_rule(with_jax: bool) -> None:
    episode = play_everywhere(FIRST_HAS_THE_LAMP, [("Noop", "Toggle"), ("Noop", "Toggle")], with_jax=with_jax)

    assert episode.cell(1, 1) == [0, 1, 2]


def test_a_guard_sees_what_earlier_agents_did_in_the_same_step(with_jax: bool) -> None:
    lit_before = play_everywhere(FIRST_HAS_THE_LAMP, [("Toggle", "Toggle")], with_jax=with_jax)
    lit_after = play_everywhere(FIRST_HAS_THE_BELL, [("Toggle", "Toggle")], with_jax=with_jax)

    assert lit_before.rewards[-1].tolist() == [0, 1]
    assert lit_after.rewards[-1].tolist() == [0, 0]


def test_a_guard_sees_that_the_light_went_out_in_the_same_step(with_jax: bool) -> None:
    went_out = play_everywhere(FIRST_HAS_THE_LAMP, [("Toggle", "Noop"), ("Toggle", "Toggle")], with_jax=with_jax)
    still_on = play_everywhere(FIRST_HAS_THE_BELL, [("Noop", "Toggle"), ("Toggle", "Toggle")], with_jax=with_jax)

    assert went_out.rewards[-1].tolist() == [0, 0]
    assert still_on.rewards[-1].tolist() == [1, 0]


def test_a_guard_knows_whose_turn_it_is(with_jax: bool) -> None:
    config = world("1B2")
    coin = object_to_idx("coin", scope="test_guards")
    start = {"agent_inv": [[coin], [coin]], "agent_dir": [0, 2]}

    episode = play_everywhere(config, [("PickupDrop", "PickupDrop")], start=start, with_jax=with_jax)

    assert episode.happened(CoGridEnv(config)) == [[set(), {"paid"}]]
    assert episode.trace("agent_inv")[-1] == [[-1], [-1]]


@pytest.mark.long
def test_guards_hold_for_more_agents_than_are_unrolled() -> None:
    config = world("\n".join(["+B"] * 5 + ["+L"] + ["+B"] * 5), num_agents=11)

    episode = play_everywhere(config, [("Toggle",) * 11])

    assert episode.rewards[-1].tolist() == [0] * 6 + [1] * 5


def test_a_guard_sees_the_state_at_the_start_of_the_step(with_jax: bool) -> None:
    def lamp_was_lit(prev_state: EnvState, state: EnvState, agent_idx: Any) -> Any:
        return lamp_is_lit(state, prev_state, agent_idx)

    rules = replace(RULES, guards={"rang": lamp_was_lit})
    config = EnvConfig(rules=rules, layout=["#L#", "#+#", "#B#", "#+#"], features=["agent_position"])
    start = {"agent_dir": np.array([3, 3])}
    actions = [["Toggle", "Toggle"], ["Noop", "Toggle"]]
    episode = play_everywhere(config, actions, start=start, with_jax=with_jax)
    happened = episode.happened(CoGridEnv(config))
    assert [("rang" in names[1], "pulled" in names[1]) for names in happened] == [(False, True), (True, True)]

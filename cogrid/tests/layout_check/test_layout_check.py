"""What a layout is said to allow is what its drawing shows."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cogrid import Agent, EnvConfig, GridObject, Outcome, Rules
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import namespace
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.compiled_rules import COLLISION
from cogrid.core.layout_set import LayoutSet
from cogrid.envs.overcooked.generator import KitchenSettings, generate_kitchen
from cogrid.envs.registry import make, registered_ids
from cogrid.errors import CoGridError, LayoutError
from cogrid.layout_check import LayoutReport, Station, check_layout
from cogrid.tests.engines import first_of, first_of_families

KITCHEN = "Overcooked-CrampedRoom-V0"
SITE = "SearchRescue-Small-V0"
GOALS = "GoalSeeking-Fixed-V0"

OUT_OF_REACH_IN_THE_ORIGINAL = {
    "OvercookedAI-YouShallNotPass-V0": {("delivery_zone", (0, 5)), ("delivery_zone", (0, 7))}
}
"""Stations that overcooked_ai's own drawings have where nobody can stand beside them."""


def world(*rows: str, env_id: str = KITCHEN, **overrides: Any) -> CoGridEnv:
    return make(env_id, layout=list(rows), **overrides)


def report(*rows: str, env_id: str = KITCHEN, **overrides: Any) -> LayoutReport:
    return check_layout(world(*rows, env_id=env_id, **overrides).tables)


def names_and_places(found: Iterable[Station]) -> set[tuple[str, tuple[int, int]]]:
    return {(station.name, station.place) for station in found}


@pytest.mark.parametrize("env_id", first_of_families(registered_ids()))
def test_every_registered_world_can_be_played(env_id: str) -> None:
    found = check_layout(make(env_id).tables)

    assert names_and_places(found.unreachable) == OUT_OF_REACH_IN_THE_ORIGINAL.get(env_id, set())
    assert found.walled_in == ()
    assert found.idle == ()
    assert found.events or not make(env_id).event_names


def test_a_whole_kitchen_has_one_room_and_nothing_to_complain_about() -> None:
    found = report("#CUC#", "O+ +@", "#C=C#")

    assert [(room.places, room.agents) for room in found.rooms] == [(((1, 1), (1, 2), (1, 3)), (0, 1))]
    assert found.problems == ()
    assert set(found.events) == {"delivery", "ingredient_in_pot", "soup_in_dish"}
    assert found.missing_events == ()


def test_a_station_that_nobody_can_stand_beside_is_out_of_reach() -> None:
    found = report("OCUC#", "O+ +@", "#C=C#")

    assert names_and_places(found.unreachable) == {("onion_stack", (0, 0))}
    assert found.problems == ("onion_stack at (0, 0) is out of reach: no agent can stand beside it.",)


def test_a_counter_out_of_reach_is_worth_a_remark_and_no_problem() -> None:
    found = report("CCUC#", "O+ +@", "#C=C#")

    assert found.problems == ()
    assert found.remarks == ("1 surface out of reach: (0, 0).",)


def test_a_station_whose_wants_nobody_can_bring_is_idle() -> None:
    found = report("#CUC#", "O+ +@", "#CCC#")

    assert names_and_places(found.idle) == {("delivery_zone", (1, 4))}
    assert found.missing_events == ("delivery", "soup_in_dish")
    assert found.problems == ("delivery_zone at (1, 4) is of no use: nobody can ever bring what it asks for.",)


def test_a_source_out_of_reach_counts_as_if_it_were_not_there() -> None:
    found = report("#CUC#=", "O+ +@#", "#CCC##")

    assert names_and_places(found.unreachable) == {("plate_stack", (0, 5))}
    assert names_and_places(found.idle) == {("delivery_zone", (1, 4))}


def test_rooms_are_told_apart_and_hand_over_goes_through_the_counter_between_them() -> None:
    found = report("#O#U#", "#+C+@", "#=#C#")

    assert [(room.places, room.agents) for room in found.rooms] == [(((1, 1),), (0,)), (((1, 3),), (1,))]
    assert names_and_places(found.hand_overs) == {("counter", (1, 2))}
    assert found.problems == ()


def test_a_stack_between_rooms_hands_nothing_over() -> None:
    found = report("#O#U#", "#+O+@", "#=#C#")

    assert found.hand_overs == ()
    assert found.remarks[0] == "Nothing can be handed over from the room of (1, 1) to another one."
    assert names_and_places(found.idle) == {("delivery_zone", (1, 4))}


def test_a_counter_to_a_room_that_nobody_is_in_hands_nothing_over() -> None:
    found = report("#OU##", "#++C ", "#=@# ")

    assert found.hand_overs == ()
    assert found.remarks[0] == "Nobody starts in 1 room: (1, 4)."


def test_an_agent_with_nothing_but_counters_around_it_is_walled_in() -> None:
    found = report("#CUC##C#", "O+ @##+C", "#C=C##C#")

    assert found.walled_in == ((1, 1),)
    assert found.problems == (
        "agent_1 is walled in: there is nothing to use in the room of (1, 6), and no way out of it.",
    )


def test_an_agent_between_two_rooms_may_pass_things_on_and_is_not_walled_in() -> None:
    found = report("#O###U#", "#+C+C+@", "#=###C#", num_agents=3)

    assert found.problems == ()
    assert names_and_places(found.hand_overs) == {("counter", (1, 2)), ("counter", (1, 4))}


def test_an_agent_whose_start_is_drawn_may_start_in_every_room_with_a_free_cell() -> None:
    found = report("#CUC###", "O+ =@ #", "#CCC###")

    assert [room.agents for room in found.rooms] == [(0, 1), (1,)]
    assert found.walled_in == ()  # The delivery zone is in both.
    assert names_and_places(found.idle) == {("delivery_zone", (1, 4))} - names_and_places(found.stations[:0])


def test_what_can_be_cleared_away_does_not_part_rooms() -> None:
    found = report("######", "#++Rg#", "######", env_id=SITE)

    assert len(found.rooms) == 1
    assert names_and_places(found.stations) == {("rubble", (1, 3)), ("green_victim", (1, 4))}
    assert found.problems == ()


def test_a_door_without_a_key_is_idle_and_with_one_it_is_not() -> None:
    closed = report("######", "#++ D#", "######", env_id=SITE)
    opened = report("######", "#++kD#", "######", env_id=SITE)

    assert [station.place for station in closed.idle] == [(1, 4)]
    assert opened.idle == ()


def test_a_goal_is_a_station_that_is_walked_into() -> None:
    found = report("####", "#+A#", "#+B#", "####", env_id=GOALS)
    parted = report("####", "#+A#", "#+##", "##B#", env_id=GOALS)

    assert found.problems == ()
    assert found.events == ("goal_reached",)
    assert [station.place for station in parted.unreachable] == [(3, 2)]


def test_a_rule_that_no_action_calls_does_not_count() -> None:
    found = report("######", "#++ g#", "######", env_id=SITE, action_set="cardinal_no_toggle")

    assert found.stations == ()
    assert found.walled_in == ((0, 0), (1, 0))


def test_reachable_values_are_those_of_this_layout() -> None:
    onions = report("#CUC#", "O+ +@", "#C=C#")
    both = report("#CUC#", "O+ +@", "#C=T#")
    tables = world("#CUC#", "O+ +@", "#C=C#").tables

    assert onions.n_agent_values == 4  # Nothing, an onion, a plate, onion soup.
    assert both.n_agent_values == tables.rules.n_agent_values == 6
    assert onions.n_cell_values < both.n_cell_values < tables.rules.n_cell_values


def test_each_layout_of_a_set_is_checked_by_itself() -> None:
    tables = make(KITCHEN, layout=LayoutSet([["#CUC#", "O+ +@", "#C=C#"], ["OCUC#", "O+ +@", "#C=C#"]])).tables

    assert check_layout(tables, 0).problems == ()
    assert len(check_layout(tables, 1).problems) == 1
    with pytest.raises(LayoutError, match="There is no layout 2: this world has 2"):
        check_layout(tables, 2)


def test_a_hook_is_taken_to_change_what_no_rule_does_and_is_mentioned() -> None:
    hooked = report("#Q#U#", "O+ +@", "#C=C#", env_id="OvercookedOrders-MixedRoom-V0")
    beside = report("#C#U#", "O+ +@", "#C=CQ", env_id="OvercookedOrders-MixedRoom-V0")
    site = check_layout(make(SITE, ends_when_all_rescued=True).tables)
    plain = report("#C#U#", "O+ +@", "#C=C#")

    n_orders = 4 * 80  # Recipes, and ticks that an order may have left.
    assert hooked.hooked_names == ("order_slot",)
    assert hooked.n_cell_values == beside.n_cell_values > n_orders
    assert (
        "A hook, which is not looked into, may bring about more than the rules do (taken for granted: any value of "
        "order_slot)." in hooked.remarks
    )
    assert (plain.has_hook, plain.hooked_names, plain.remarks) == (False, (), ())
    assert site.hooked_names == ()


@pytest.mark.parametrize(
    ("env_id", "characters"),
    first_of(
        [
            (KITCHEN, "###CCCUOOT==@   +o"),
            (SITE, "##RDgyrkmp    ++"),
            (GOALS, "##AB    ++"),
            ("OvercookedV2-DemoCookSimple-V0", "##CCUabRL==@   +"),
            ("OvercookedOrders-MixedRoom-V0", "#CUUOOT==@QQ  ++"),
        ],
        n_short=3,
    ),
)
def test_what_play_brings_about_is_never_called_impossible(env_id: str, characters: str) -> None:
    rng = random.Random(env_id)
    n_events = n_changes = 0
    for _ in range(20):
        env = random_world(env_id, characters, rng)
        found = check_layout(env.tables)
        events, values, changed = what_happens(env, rng)
        untouched = {station.place for station in (*found.unreachable, *found.idle)}

        assert events - {COLLISION} <= set(found.events)
        assert len(values) <= found.n_cell_values
        assert changed.isdisjoint(untouched)
        n_events, n_changes = n_events + len(events), n_changes + len(changed)

    assert n_events > 0
    assert n_changes > 0 or env_id == GOALS  # There nothing ever changes but where agents are.


def random_world(env_id: str, characters: str, rng: random.Random) -> CoGridEnv:
    """A world on a drawing of random characters; drawings that make no world are drawn again."""
    while True:
        rows = ["".join(rng.choices(characters, k=4)) for _ in range(rng.randint(2, 4))]
        try:
            return make(env_id, layout=rows, features=["agent_position"], max_steps=150)
        except CoGridError:
            continue


def what_happens(env: CoGridEnv, rng: random.Random) -> tuple[set[str], set[int], set[tuple[int, int]]]:
    """Play at random: the events, the values that cells took, and the places where a cell changed not by itself."""
    events, changed = set[str](), set[tuple[int, int]]()
    actions = [*range(len(env.tables.action_set)), env.tables.action_set.pickup_drop]
    env.reset(seed=rng.randrange(2**32))
    before = np.asarray(env.get_state().cells).ravel()
    values = set(before.tolist())
    while env.agents:
        infos = env.step({agent: rng.choice(actions) for agent in env.agents})[4]
        cells = np.asarray(env.get_state().cells).ravel()
        by_itself = (cells == before) | (cells == env.tables.rules.tick[before])
        changed |= {divmod(cell, env.tables.width) for cell in np.flatnonzero(~by_itself).tolist()}
        events |= {name for info in infos.values() for name in info["events"]}
        values |= set(cells.tolist())
        before = cells
    return events, values, changed


@pytest.mark.parametrize("n_rooms", [1, 2])
def test_generated_kitchens_pass(n_rooms: int) -> None:
    settings = KitchenSettings(num_rooms=(n_rooms, n_rooms), has_tomatoes=True)
    for seed in range(15):
        found = check_layout(make(KITCHEN, layout=generate_kitchen(seed, settings)).tables)

        assert found.problems == ()
        assert len(found.rooms) == n_rooms
        assert bool(found.hand_overs) == (n_rooms == 2)
        assert found.missing_events == ()


@dataclass(frozen=True)
class Gate(GridObject, symbol="G"):
    """A gate that nobody can open by hand; a key would lock it, if there were one."""

    is_open: bool = False

    def passable(self) -> bool:
        return self.is_open

    def toggle(self, agent: Agent) -> Outcome | None:
        return Outcome(Gate(), agent) if self.is_open and agent.held is not None else None

    def examples(self) -> tuple[Gate, ...]:
        return (Gate(is_open=True),)


class Bell(GridObject, symbol="B"):
    """Rings."""

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(self, agent, events=("rang",))


def open_the_gates(prev_state: EnvState, state: EnvState, actions: Any, key: Any) -> EnvState:
    """Every gate is open."""
    values = state.tables.rules.compiled.cell_values
    cells = namespace(state.cells).where(
        state.cells == values.index(Gate()), values.index(Gate(is_open=True)), state.cells
    )
    return state.replace(cells=cells.astype(state.cells.dtype))


def test_a_gate_that_a_hook_may_open_is_a_way() -> None:
    rules = Rules(name="test_layout_check", objects=(Gate, Bell), step_hook=open_the_gates)
    closed = dataclasses.replace(rules, step_hook=None)
    config = EnvConfig(rules=rules, layout=["#####", "#+GB#", "#####"], num_agents=1, features=("inventory",))

    found, without = (
        check_layout(CoGridEnv(dataclasses.replace(config, rules=game)).tables) for game in (rules, closed)
    )

    assert (found.problems, found.opened_by_hook) == ((), ((1, 2),))
    assert "Taken for granted: a hook opens the way at (1, 2)." in found.remarks
    assert "bell at (1, 3) is out of reach: no agent can stand beside it." in without.problems
    assert without.opened_by_hook == ()

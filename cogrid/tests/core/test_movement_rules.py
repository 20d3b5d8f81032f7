"""Objects that ask who comes (`passable`), hold who is there (`leave`), and act on them in each step (`stand`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from cogrid import Act, Agent, EnvConfig, GridObject, Item, Outcome, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.compiler import compile_rules
from cogrid.core.reward import EventReward
from cogrid.errors import RuleError
from cogrid.layout_check import check_layout
from cogrid.tests.engines import play_everywhere

BOOTS = Item("boots", symbol="b")
TAKE = "PickupDrop"


@dataclass(frozen=True)
class Lava(GridObject, symbol="L"):
    """Only who holds boots can walk on it."""

    def passable(self, agent: Agent) -> bool:
        return agent.held == BOOTS


@dataclass(frozen=True)
class Mud(GridObject, symbol="m"):
    """Who holds boots gets stuck in it."""

    def passable(self) -> bool:
        return True

    def leave(self, agent: Agent) -> bool:
        return agent.held is None


@dataclass(frozen=True)
class Plate(GridObject, symbol="_"):
    """Counts to three in the steps in which somebody stands on it; then the floor gives way."""

    count: int = 0

    def passable(self) -> bool:
        return True

    def object_state(self) -> int:
        return self.count

    def enter(self, agent: Agent) -> Outcome:
        return Outcome(self, agent, events=("came",))

    def stand(self, agent: Agent) -> Outcome:
        if self.count == 2:
            return Outcome(replace(self, count=3), agent, events=("fell",), ends=True)
        return Outcome(replace(self, count=min(self.count + 1, 3)), agent, events=("stood",))


RULES = Rules(name="test_movement_rules", objects=(Lava, Mud, Plate), items=(BOOTS,), start_direction=0)


def world(layout: str, num_agents: int = 1, **settings: Any) -> EnvConfig:
    """A world of lava, mud and plates."""
    features = ("agent_position", "can_move_direction")
    rewards = (EventReward(event="stood", coefficient=0.5),)
    return EnvConfig(
        rules=RULES, layout=layout.splitlines(), num_agents=num_agents, features=features, rewards=rewards, **settings
    )


def test_who_may_walk_where_depends_on_who_it_is(with_jax: bool) -> None:
    config = world("b1LL2", num_agents=2)

    episode = play_everywhere(
        config,
        [("MoveRight", "MoveLeft"), ("MoveLeft", "Noop"), (TAKE, "Noop"), ("MoveRight",) * 2],
        with_jax=with_jax,
    )

    assert episode.trace("agent_pos")[1] == [[0, 1], [0, 4]]
    assert episode.trace("agent_pos")[-1] == [[0, 2], [0, 4]]
    closed, open_ahead = (episode.observations[time][0][2:].tolist() for time in (0, 3))
    assert (closed, open_ahead) == ([0, 0, 0, 0], [1, 1, 0, 0])


def test_an_agent_stays_in_a_cell_that_it_may_not_leave(with_jax: bool) -> None:
    config = world("1mb")
    walk = [("MoveRight",), ("MoveLeft",), ("MoveRight",), ("MoveRight",), (TAKE,), ("MoveLeft",), (TAKE,)]

    episode = play_everywhere(config, walk, with_jax=with_jax)

    assert [place[0][1] for place in episode.trace("agent_pos")] == [0, 1, 0, 1, 1, 1, 1, 1]
    assert episode.trace("agent_dir")[-1] == [2]
    assert not any(mask for masks in episode.trace("events") for mask in masks)


def test_a_stand_rule_runs_in_each_step_after_enter_for_whoever_is_there(with_jax: bool) -> None:
    config = world("1_ 2", num_agents=2)
    right, noop = "MoveRight", "Noop"

    episode = play_everywhere(
        config,
        [(noop, noop), (right, noop), (noop, noop), (noop, "MoveLeft"), (noop, "MoveLeft")],
        with_jax=with_jax,
    )

    assert episode.cell(0, 1) == [0, 0, 1, 2, 3, 3]
    happened = [sorted(names[0]) for names in episode.happened(CoGridEnv(config))]
    assert happened == [[], ["came", "stood"], ["stood"], ["fell"], []]
    assert [float(paid[0]) for paid in episode.rewards] == [0, 0.5, 0.5, 0, 0]
    assert episode.trace("terminated")[-2:] == [[True, False]] * 2


def test_twelve_agents_stand_on_twelve_plates(with_jax: bool) -> None:
    config = world("\n".join(["+_"] * 12), num_agents=12)

    episode = play_everywhere(config, [("MoveRight",) * 12, ("Noop",) * 12], with_jax=with_jax)

    assert [row[1] for row in episode.trace("object_state_map")[-1]] == [2] * 12


def test_no_agent_starts_where_it_could_not_walk() -> None:
    env = CoGridEnv(world("LLL LLL"))

    starts = {env.reset(seed=seed)[0]["agent_0"][1] for seed in range(8)}

    assert starts == {3}


def test_the_check_of_a_layout_takes_for_granted_that_somebody_gets_through() -> None:
    report = check_layout(CoGridEnv(world("1L_")).tables)

    assert len(report.rooms) == 1
    assert {"came", "stood", "fell"} <= set(report.events)


def test_a_game_says_in_its_header_what_it_needs() -> None:
    assert CoGridEnv(world("1L_")).game.to_arrays()[0]["needs"] == ["stand", "passable_by", "leave"]


def test_an_answer_that_is_neither_true_nor_false_is_refused_with_class_and_method() -> None:
    class Maybe(GridObject, symbol="?"):
        """Cannot say."""

        def passable(self, agent: Agent) -> Any:
            return agent.held

    class Perhaps(GridObject, symbol="!"):
        """Cannot say either."""

        def leave(self, agent: Agent) -> Any:
            return "maybe"

    with pytest.raises(RuleError, match=r"Maybe\.passable returned None .*True or False"):
        compile_rules(Rules(name="test_movement_rules", objects=(Maybe,)))
    with pytest.raises(RuleError, match=r"Perhaps\.leave returned 'maybe' .*True or False"):
        compile_rules(Rules(name="test_movement_rules", objects=(Perhaps,)))


def test_a_permission_that_changes_its_mind_is_refused() -> None:
    asked: list[Agent] = []

    class Fickle(GridObject, symbol="f"):
        """Lets in whoever comes first."""

        def passable(self, agent: Agent) -> bool:
            asked.append(agent)
            return len(asked) == 1

    with pytest.raises(RuleError, match=r"Fickle\.passable is not pure"):
        compile_rules(Rules(name="test_movement_rules", objects=(Fickle,)))


def test_an_act_can_also_move_the_agent_and_an_object_can_take_the_place_of_floor_and_wall(with_jax: bool) -> None:
    @dataclass(frozen=True)
    class Grass(GridObject, symbol=" "):
        """Counts who walks towards it."""

        trampled: int = 0

        def passable(self) -> bool:
            return True

        def object_state(self) -> int:
            return self.trampled

        def charge(self, agent: Agent) -> Outcome:
            return Outcome(replace(self, trampled=min(self.trampled + 1, 2)), agent)

    class Hedge(GridObject, symbol="#", is_wall=True):
        """Is run into."""

        def charge(self, agent: Agent) -> Outcome:
            return Outcome(self, agent, events=("ouch",))

    actions = ("Noop", Act("Charge", moves="Forward"), Act("Spin", calls="charge", moves="RotateLeft"))
    rules = Rules(
        name="test_movement_rules",
        objects=(Grass, Hedge),
        actions=actions,
        stages=("interact", "tick", "move"),
        start_direction=0,
    )
    config = EnvConfig(rules=rules, layout=["+ #"], num_agents=1, features=("agent_position",))

    episode = play_everywhere(config, [("Charge",), ("Charge",), ("Spin",)], with_jax=with_jax)

    assert [place[0][1] for place in episode.trace("agent_pos")] == [0, 1, 1, 1]
    assert episode.trace("agent_dir")[-1] == [3]
    assert episode.cell(0, 1) == [0, 1, 1, 1]
    assert episode.happened(CoGridEnv(config)) == [[set()], [{"ouch"}], [{"ouch"}]]


def test_an_act_that_moves_as_no_action_of_the_library_is_refused() -> None:
    with pytest.raises(RuleError, match=r"Act 'Charge' moves as 'Forwards'.*Did you mean 'Forward'"):
        Rules(name="test_movement_rules", actions=("Noop", Act("Charge", moves="Forwards")))

"""A small world with `enter` rules: a trap that takes what an agent holds, and a goal that ends its episode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from cogrid import Agent, EnvConfig, GridObject, Item, Outcome, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.core.reward import EventReward
from cogrid.tests.engines import play_everywhere

BREAD = Item("bread")


@dataclass(frozen=True)
class Trap(GridObject, symbol="T"):
    """Snaps once, at the first agent that walks in, and takes what it holds."""

    is_sprung: bool = False

    def passable(self) -> bool:
        return True

    def enter(self, agent: Agent) -> Outcome | None:
        return None if self.is_sprung else Outcome(Trap(is_sprung=True), agent.empty_handed(), events=("trapped",))

    def object_state(self) -> int:
        return int(self.is_sprung)


@dataclass(frozen=True)
class Goal(GridObject, symbol="G"):
    """Ends the episode of whoever gets there."""

    def passable(self) -> bool:
        return True

    def enter(self, agent: Agent) -> Outcome:
        return Outcome(self, agent, events=("arrived",), ends=True)


RULES = Rules(name="test_enter", objects=(Trap, Goal), items=(BREAD,), start_direction=0)
REWARDS = (EventReward(event="arrived"), EventReward(event="trapped", coefficient=-0.5))


def world(layout: str, num_agents: int = 1, **settings: Any) -> EnvConfig:
    """A world of traps and goals."""
    features = ("agent_position", "inventory")
    return EnvConfig(
        rules=RULES, layout=layout.splitlines(), num_agents=num_agents, features=features, rewards=REWARDS, **settings
    )


def test_a_trap_snaps_when_an_agent_walks_in_and_takes_what_it_holds(with_jax: bool) -> None:
    config = world("+T ")
    bread = object_to_idx("bread", scope="test_enter")
    start = {"agent_inv": [[bread]]}

    episode = play_everywhere(
        config, [("Noop",), ("MoveRight",), ("Noop",), ("MoveRight",)], start=start, with_jax=with_jax
    )

    assert episode.cell(0, 1) == [0, 0, 1, 1, 1]
    assert [row[0][0] for row in episode.trace("agent_inv")] == [bread, bread, -1, -1, -1]
    assert episode.happened(CoGridEnv(config)) == [[set()], [{"trapped"}], [set()], [set()]]
    assert [float(paid[0]) for paid in episode.rewards] == [0, -0.5, 0, 0]


def test_an_enter_rule_runs_for_a_move_and_not_for_standing_turning_or_bumping(with_jax: bool) -> None:
    config = world("T+#")
    start = {"agent_pos": [[0, 0]]}

    episode = play_everywhere(
        config, [("Noop",), ("MoveUp",), ("Toggle",), ("MoveLeft",)], start=start, with_jax=with_jax
    )

    assert episode.cell(0, 0) == [0] * 5


@pytest.mark.long
def test_a_trap_that_was_left_can_be_walked_into_again_without_snapping() -> None:
    episode = play_everywhere(world("+T"), [("MoveRight",), ("MoveLeft",), ("MoveRight",)])

    assert episode.happened(CoGridEnv(world("+T"))) == [[{"trapped"}], [set()], [set()]]


def test_a_goal_ends_the_episode_of_the_agent_that_walks_in_and_pays_it(with_jax: bool) -> None:
    config = world("1G  2", num_agents=2)

    episode = play_everywhere(
        config, [("MoveRight", "Noop"), ("MoveRight", "MoveLeft"), ("Noop", "MoveLeft")], with_jax=with_jax
    )

    assert episode.trace("terminated") == [[False, False]] + [[True, False]] * 3
    assert episode.trace("agent_pos")[-1] == [[0, 1], [0, 2]]
    assert [paid.tolist() for paid in episode.rewards] == [[1, 0], [0, 0], [0, 0]]
    assert episode.is_done == [False, False, False]


@pytest.mark.long
def test_two_agents_enter_in_one_step_each_its_own_cell() -> None:
    config = world("1T G2", num_agents=2)

    episode = play_everywhere(config, [("MoveRight", "MoveLeft")])

    assert episode.happened(CoGridEnv(config)) == [[{"trapped"}, {"arrived"}]]
    assert episode.trace("terminated")[-1] == [False, True]
    assert [paid.tolist() for paid in episode.rewards] == [[-0.5, 1]]


@pytest.mark.long
def test_an_agent_that_lost_a_contest_for_the_goal_has_not_entered_it() -> None:
    config = world("1G2", num_agents=2)
    winners = set()

    for seed in range(12):
        episode = play_everywhere(config, [("MoveRight", "MoveLeft")], seed=seed, with_jax=seed == 0)
        terminated = episode.trace("terminated")[-1]
        assert terminated.count(True) == 1
        assert episode.trace("agent_pos")[-1][terminated.index(True)] == [0, 1]
        winners.add(terminated.index(True))

    assert winners == {0, 1}


@pytest.mark.long
def test_enter_rules_work_under_the_rotation_action_set_too() -> None:
    episode = play_everywhere(
        world("+TG", action_set="rotation"), [("Forward",), ("RotateLeft",), ("RotateRight",), ("Forward",)]
    )

    assert episode.cell(0, 1) == [0, 1, 1, 1, 1]
    assert episode.is_done == [False, False, False, True]


@pytest.mark.long
def test_twelve_agents_enter_twelve_traps_in_one_step() -> None:
    layout = "\n".join(["+T"] * 12)

    episode = play_everywhere(world(layout, num_agents=12), [("MoveRight",) * 12])

    assert [row[1] for row in episode.trace("object_state_map")[-1]] == [1] * 12
    assert episode.rewards[-1].tolist() == [-0.5] * 12

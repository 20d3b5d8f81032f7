"""The order of the stages, and the other settings by which rule sets differ.

Starts, symbols, the floor, what is read of the world value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from cogrid import EnvConfig, GridObject, Outcome, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.agent import Agent
from cogrid.core.grid_object import object_to_idx
from cogrid.core.item import Item
from cogrid.errors import LayoutError, RuleError, StateError
from cogrid.tests.engines import play_everywhere

COIN = Item("coin", symbol="c")


@dataclass(frozen=True)
class Clock(GridObject, symbol="K"):
    """Counts up to nine by itself; PickupDrop sets it back to zero."""

    count: int = 0

    def tick(self) -> Clock:
        return replace(self, count=min(self.count + 1, 9))

    def pickup_drop(self, agent: Agent) -> Outcome:
        return Outcome(Clock(), agent, events=("reset",))

    def object_state(self) -> int:
        return self.count


def world(**settings: Any) -> EnvConfig:
    """One agent that looks right, with free floor before it and then a clock that has run for three ticks."""
    rules = Rules(
        name="test_stages", objects=(Clock,), items=(COIN,), start_direction=0, symbols={"k": Clock(3)}, **settings
    )
    return EnvConfig(rules=rules, layout=["#####", "#+ k#", "#####"], num_agents=1, features=["agent_position"])


def test_what_ticks_first_is_set_back_after_it_has_ticked() -> None:
    episode = play_everywhere(world(), [["MoveRight"], ["PickupDrop"], ["Noop"]], with_jax=False)
    assert episode.cell(1, 3) == [3, 4, 0, 1]


def test_what_ticks_last_has_ticked_once_after_it_was_set_back(with_jax: bool) -> None:
    config = world(stages=("interact", "move", "tick"))
    episode = play_everywhere(config, [["MoveRight"], ["PickupDrop"], ["Noop"]], with_jax=with_jax)
    assert episode.cell(1, 3) == [3, 4, 1, 2]


def test_agents_interact_where_they_stood_if_they_interact_before_they_move() -> None:
    config = EnvConfig(
        rules=replace(world().rules, stages=("interact", "move", "tick"), start_direction=3),
        layout=["#####", "# +k#", "#####"],
        num_agents=1,
        action_set="rotation",
        features=["agent_position"],
    )
    episode = play_everywhere(config, [["PickupDrop"], ["RotateRight"], ["PickupDrop"]], with_jax=False)
    assert episode.cell(1, 3) == [3, 4, 5, 1]


@pytest.mark.parametrize("stages", [("tick", "move"), ("tick", "move", "act"), ("tick", "tick", "move", "interact")])
def test_stages_that_are_no_order_of_the_three_are_refused(stages: tuple[str, ...]) -> None:
    with pytest.raises(RuleError, match="stages is an order of"):
        world(stages=stages)


def test_nothing_is_dropped_on_a_floor_that_takes_no_items() -> None:
    config = world(items_on_floor=False, agents=(Agent(held=COIN),))
    episode = play_everywhere(config, [["PickupDrop"], ["MoveRight"]], with_jax=False)
    coin = object_to_idx("coin", scope="test_stages")
    assert episode.trace("agent_inv") == [[[coin]]] * 3
    assert episode.trace("agent_pos") == [[[1, 1]], [[1, 1]], [[1, 2]]]


def test_a_drawing_has_no_item_on_a_floor_that_takes_none() -> None:
    config = replace(world(items_on_floor=False), layout=["####", "#+c#", "####"])
    with pytest.raises(LayoutError, match=r"Row 1, column 2: no object .* 'c'"):
        CoGridEnv(config)


def test_start_directions_go_round_among_the_agents(with_jax: bool) -> None:
    rules = replace(world().rules, start_direction=(2, 3))
    config = EnvConfig(rules=rules, layout=["#####", "#+++#", "#####"], num_agents=3, features=["agent_dir"])
    assert play_everywhere(config, [["Noop"] * 3], with_jax=with_jax).trace("agent_dir")[0] == [2, 3, 2]


@pytest.mark.parametrize("direction", [4, (), (0, 5), "up"])
def test_a_start_direction_that_is_none_is_refused(direction: Any) -> None:
    with pytest.raises(RuleError, match="start_direction is 0"):
        Rules(name="test_stages", start_direction=direction)


def test_a_symbol_that_is_taken_is_refused() -> None:
    with pytest.raises(RuleError, match="same symbol 'K'"):
        Rules(name="test_stages", objects=(Clock,), symbols={"K": Clock(3)})


def wanted_world() -> CoGridEnv:
    rules = Rules(
        name="test_wanted",
        world_values=("ab", "ba", "bb"),
        world_arrays={"wanted": lambda word: (ord(word[0]), ord(word[1]))},
    )
    return CoGridEnv(EnvConfig(rules=rules, layout=["+ "], num_agents=1, features=["agent_position"]))


def test_the_state_reads_arrays_of_the_world_value() -> None:
    env = wanted_world()
    batch, _ = env.jax_reset(np.array([[0, seed] for seed in range(20)], dtype=np.uint32))
    rows = np.array([[97, 98], [98, 97], [98, 98]])
    np.testing.assert_array_equal(batch.wanted, rows[np.asarray(batch.world_value)])
    assert set(np.asarray(batch.world_value).tolist()) == {0, 1, 2}


def test_a_state_is_built_from_an_array_of_the_world_value() -> None:
    env = wanted_world()
    assert [env.state_from_arrays(wanted=row).world_value for row in ([98, 97], [97, 98], [98, 98])] == [1, 0, 2]
    with pytest.raises(StateError, match=r"No world value has the wanted \[97, 97\]"):
        env.state_from_arrays(wanted=[97, 97])


def test_world_arrays_without_world_values_are_refused() -> None:
    with pytest.raises(RuleError, match="there are no world_values"):
        Rules(name="test_wanted", world_arrays={"wanted": len})

"""Rewards that look up the time, or a count, in a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cogrid import (
    ACTORS,
    AGENTS,
    MAP,
    Agent,
    ConfigError,
    Count,
    Disc,
    EnvConfig,
    EventReward,
    GridObject,
    Item,
    Outcome,
    Rules,
)
from cogrid.game import Game
from cogrid.tests.arrays_play import assert_arrays_play_alike
from cogrid.tests.engines import needs_jax, play_everywhere

GEM = Item("gem")


@dataclass(frozen=True)
class Bell(GridObject, symbol="b"):
    """Rings when it is used, up to three times."""

    n_rung: int = 0

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        return Outcome(Bell(self.n_rung + 1), agent, events=("rung",)) if self.n_rung < 3 else None


RULES = Rules(
    name="test_payment_tables",
    objects=(Bell,),
    items=(GEM,),
    start_direction=0,
    counts=(
        Count("n_rung", of=lambda value: getattr(value, "n_rung", 0), over=MAP, cap=4),
        Count("n_empty", of=lambda agent: agent.held is None, over=AGENTS, cap=2),
        Count("n_near", of=lambda value: isinstance(value, Bell), over=Disc(1)),
        Count("n_acting", of=lambda agent: 1, over=ACTORS),
    ),
)


def config_of(*rewards: EventReward, max_steps: int | None = 5) -> EnvConfig:
    """Two agents, each at a bell."""
    layout = ["1b", "2b"]
    return EnvConfig(
        rules=RULES, layout=layout, num_agents=2, features=("inventory",), rewards=rewards, max_steps=max_steps
    )


def paid(*rewards: EventReward, actions: Any, **settings: Any) -> list[list[float]]:
    """What each agent is paid in each step, the same under the engines of NumPy."""
    config = config_of(*rewards, **settings)
    numbers = [[{"PickupDrop": 4, "Noop": 6}[name] for name in joint] for joint in actions]
    assert_arrays_play_alike(Game.of(config), numbers)
    return [reward.tolist() for reward in play_everywhere(config, actions, with_jax=False).rewards]


BOTH, ONE = ["PickupDrop", "PickupDrop"], ["PickupDrop", "Noop"]


def test_a_table_over_time_counts_the_steps_made_this_one_included() -> None:
    reward = EventReward(event="rung", table=lambda time: 1 - time / 8, coefficient=2)

    assert paid(reward, actions=[ONE, BOTH, ONE]) == [[1.75, 0.0], [1.5, 1.5], [1.25, 0.0]]


def test_a_table_over_a_count_reads_it_after_the_step_and_capped() -> None:
    reward = EventReward(event="rung", table=lambda count: 10.0 * count, count="n_rung")

    assert paid(reward, actions=[ONE, BOTH, BOTH]) == [[10.0, 0.0], [30.0, 30.0], [40.0, 40.0]]


def test_a_common_reward_pays_the_entry_for_each_earner() -> None:
    reward = EventReward(event="rung", table=lambda time, count: count / time, count="n_empty", common_reward=True)

    assert paid(reward, actions=[ONE, BOTH]) == [[2.0, 2.0], [2.0, 2.0]]


def test_nobody_is_paid_for_what_has_not_happened_whatever_the_table_says() -> None:
    reward = EventReward(event="rung", table=lambda time: 5.0)

    assert paid(reward, actions=[["Noop", "Noop"], ONE]) == [[0.0, 0.0], [5.0, 0.0]]


@needs_jax
def test_every_engine_pays_the_same(with_jax: bool) -> None:
    rewards = (
        EventReward(event="rung", table=lambda time: 1 / time),
        EventReward(event="rung", table=lambda count, time: count / time / 3, count="n_rung", common_reward=True),
    )
    actions = np.random.default_rng(0).choice([4, 6], size=(5, 2)).tolist()
    episode = play_everywhere(config_of(*rewards), actions, with_jax=with_jax)

    assert all(reward.dtype == np.float32 for reward in episode.rewards)


@pytest.mark.parametrize(
    ("settings", "culprit"),
    [
        ({"table": lambda count: 1.0}, "go together"),
        ({"count": "n_rung"}, "go together"),
        ({"table": lambda count: 1.0, "count": "n_rang"}, "n_rang.*n_rung"),
        ({"table": lambda count: 1.0, "count": "n_near"}, "over MAP or over AGENTS"),
        ({"table": lambda count: 1.0, "count": "n_acting"}, "over MAP or over AGENTS"),
        ({"table": lambda speed: 1.0}, "asks for 'speed'"),
        ({"table": lambda time: 1 / (time - 2)}, "failed for time=2"),
        ({"table": lambda time: float("nan")}, "gave nan for time=1"),
    ],
)
def test_bad_tables_are_refused_when_the_world_is_built(settings: dict[str, Any], culprit: str) -> None:
    with pytest.raises(ConfigError, match=culprit):
        Game.of(config_of(EventReward(event="rung", **settings)))


def test_a_table_over_time_asks_for_a_clock() -> None:
    with pytest.raises(ConfigError, match="max_steps"):
        Game.of(config_of(EventReward(event="rung", table=lambda time: 1.0), max_steps=None))
    with pytest.raises(ConfigError, match="times"):
        Game.of(config_of(EventReward(event="rung", table=lambda time: 1.0), max_steps=10**7))

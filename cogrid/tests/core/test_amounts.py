"""Events that carry a number, and rewards that pay by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cogrid import (
    AROUND,
    Act,
    Agent,
    Chance,
    ConfigError,
    EnvConfig,
    Event,
    EventReward,
    GridObject,
    Outcome,
    RuleError,
    Rules,
)
from cogrid.cogrid_env import CoGridEnv
from cogrid.game import Game
from cogrid.tests.arrays_play import assert_arrays_play_alike
from cogrid.tests.engines import play_everywhere


@dataclass(frozen=True)
class Heap(GridObject, symbol="h"):
    """Is dug away, five at a time, then three; sometimes nothing comes."""

    left: int = 8

    def dig(self, agent: Agent) -> Outcome | Chance | None:
        if not self.left:
            return None
        amount = min(5, self.left)
        dug = Outcome(Heap(self.left - amount), agent, events=(Event("dug", amount), "worked"))
        return Chance((3, dug), (1, None)) if self.left < 5 else dug


@dataclass(frozen=True)
class Coin(GridObject, symbol="c"):
    """Is worth two to whoever walks over it, again and again; and one more with the other event."""

    def passable(self) -> bool:
        return True

    def enter(self, agent: Agent) -> Outcome:
        return Outcome(self, agent, events=(Event("dug", 2), Event("paid", 1)))


def rules_of(reach: Any) -> Rules:
    """The rule set, with an act that reaches so far."""
    actions = ("Noop", "MoveUp", "MoveDown", "MoveLeft", "MoveRight", Act("Dig", reach=reach))
    return Rules(name="test_amounts", objects=(Heap, Coin), actions=actions, start_direction=0)


def config_of(*rewards: EventReward, reach: Any = AROUND, layout: Any = ("1h2", " c ")) -> EnvConfig:
    """Two agents at one heap."""
    return EnvConfig(
        rules=rules_of(reach), layout=list(layout), num_agents=2, features=("inventory",), rewards=rewards, max_steps=50
    )


def amounts_of(env: CoGridEnv) -> list[list[int]]:
    """What the events of the last step have carried."""
    amounts = env.get_state().amounts
    assert amounts is not None
    return amounts.tolist()


BY_AMOUNT = EventReward(event="dug", table=lambda amount: amount / 2)
FACED = Act("Dig").reach
NOOP, DOWN, RIGHT, DIG = 0, 2, 4, 5


@pytest.mark.parametrize("reach", [AROUND, FACED])
def test_a_state_sums_up_what_the_events_of_a_step_have_carried(reach: Any) -> None:
    env = CoGridEnv(config_of(BY_AMOUNT, reach=reach))
    env.reset(seed=0)
    seen = []
    for action in (DIG, DOWN, RIGHT, NOOP):
        _, rewards, *_ = env.step({"agent_0": action, "agent_1": NOOP})
        seen.append((amounts_of(env)[0], float(rewards["agent_0"])))

    assert env.tables.rules.amount_names == ("dug", "paid")
    assert seen == [([5, 0], 2.5), ([0, 0], 0.0), ([2, 1], 1.0), ([0, 0], 0.0)]


def test_a_common_reward_looks_up_the_sum_of_all_earners() -> None:
    reward = EventReward(event="dug", table=lambda amount: amount**2, common_reward=True)
    episode = play_everywhere(config_of(reward, layout=("1hh2", "c   ")), [[DOWN, DIG]], with_jax=False)

    assert episode.rewards[0].tolist() == [49.0, 49.0]


@pytest.mark.parametrize("reach", [FACED, AROUND])
def test_every_engine_carries_the_same(reach: Any, with_jax: bool) -> None:
    rewards = (
        BY_AMOUNT,
        EventReward(event="dug", table=lambda amount, time: amount / time, common_reward=True),
        EventReward(event="worked"),
    )
    config = config_of(*rewards, reach=reach, layout=("1h2h", "chch", " h h"))
    actions = np.random.default_rng(0).integers(0, 6, size=(40, 2)).tolist()

    episode = play_everywhere(config, actions, with_jax=with_jax)

    assert len({tuple(reward.tolist()) for reward in episode.rewards}) > 4
    assert assert_arrays_play_alike(Game.of(config), actions) > 3


def test_a_state_with_amounts_is_stored_and_set() -> None:
    env = CoGridEnv(config_of(BY_AMOUNT))
    env.reset(seed=0)
    env.step({"agent_0": DIG, "agent_1": NOOP})
    state = env.get_state()

    again = env.state_from_arrays(agent_pos=state.agent_pos, amounts=state.amounts)
    env.set_state(again)

    assert amounts_of(env) == [[5, 0], [0, 0]]


def test_bad_amounts_are_refused() -> None:
    for amount in (-1, 256, 0.5, True):
        with pytest.raises(RuleError, match="0 to 255"):
            Event("dug", amount)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="depends on the amount"):
        Game.of(config_of(EventReward(event="worked", table=lambda amount: 1.0)))


def test_an_event_with_a_guard_carries_no_amount() -> None:
    rules = Rules(name="test_amounts", objects=(Coin,), guards={"dug": lambda before, state, agent_idx: True})

    with pytest.raises(RuleError, match=r"Coin\.enter.*'dug' has a guard"):
        Game.of(EnvConfig(rules=rules, layout=["+c"], num_agents=1, features=("inventory",)))

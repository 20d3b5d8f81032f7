"""What rewards are made with, and what their functions give, is checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.core.reward import ArrayReward, EventReward
from cogrid.errors import ConfigError


@pytest.mark.parametrize("coefficient", [None, "1", True, float("nan"), float("inf"), 1e39, 1j])
def test_a_coefficient_is_a_finite_number(coefficient: Any) -> None:
    with pytest.raises(ConfigError, match="coefficient of EventReward is a finite number"):
        EventReward(event="collision", coefficient=coefficient)


def test_common_reward_is_yes_or_no() -> None:
    with pytest.raises(ConfigError, match="common_reward of EventReward is True or False, not 'yes'"):
        EventReward(event="collision", common_reward="yes")  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [np.zeros((2, 1)), np.zeros(3), 0.0])
def test_the_function_of_a_reward_gives_one_number_for_each_agent(given: Any) -> None:
    def pay(prev_state: Any, state: Any, actions: Any) -> Any:
        return given

    with pytest.raises(ConfigError, match=r"one number for each agent.*\(2,\).*pay"):
        cogrid.make("Overcooked-CrampedRoom-V0", rewards=[ArrayReward(fn=pay)])


def test_rewards_that_are_data_and_array_functions_are_added_up() -> None:
    def one(prev_state: Any, state: Any, actions: Any) -> Any:
        return actions * 0 + 1

    bumps = EventReward(event="collision", coefficient=0.5)
    env = cogrid.make("Overcooked-CrampedRoom-V0", rewards=[bumps, ArrayReward(fn=one), bumps])
    env.reset(seed=0)
    env.set_state(env.state_from_arrays(agent_pos=[[2, 2], [2, 3]]))

    rewards = env.step({"agent_0": 3, "agent_1": 6})[1]

    assert rewards == {"agent_0": 2.0, "agent_1": 1.0}

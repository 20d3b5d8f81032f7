"""A small world in which agents leave one by one: an exit that ends an agent's episode when it is toggled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cogrid import Agent, EnvConfig, GridObject, Outcome, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.reward import EventReward
from cogrid.tests.engines import play_everywhere

TOGGLE, NOOP = 5, 6


@dataclass(frozen=True)
class Exit(GridObject, symbol="E"):
    """Ends the episode of whoever toggles it."""

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(self, agent, events=("left",), ends=True)


@dataclass(frozen=True)
class Switch(GridObject, symbol="S"):
    """Flips at a toggle, and pays everybody."""

    is_on: bool = False

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(Switch(not self.is_on), agent, events=("flipped",))

    def object_state(self) -> int:
        return int(self.is_on)


RULES = Rules(name="test_termination", objects=(Exit, Switch), start_direction=0)
REWARDS = (EventReward(event="left", coefficient=5.0), EventReward(event="flipped", common_reward=True))


def world(layout: str, num_agents: int = 2, max_steps: int | None = 1000) -> EnvConfig:
    """A world of exits and switches."""
    return EnvConfig(
        rules=RULES,
        layout=layout,
        num_agents=num_agents,
        features=("agent_position",),
        rewards=REWARDS,
        max_steps=max_steps,
    )


EXIT_AND_SWITCH = world("1E\n2S\n  ")
TWO_EXITS = world("1E\n2E\n  ")


def test_an_agent_that_has_terminated_stays_so(with_jax: bool) -> None:
    episode = play_everywhere(EXIT_AND_SWITCH, [("Toggle", "Noop"), *[("MoveDown", "Noop")] * 5], with_jax=with_jax)

    assert episode.trace("terminated") == [[False, False]] + [[True, False]] * 6


def test_an_agent_that_has_terminated_neither_moves_nor_turns_nor_acts(with_jax: bool) -> None:
    config = world("1E\n S\n2E")

    episode = play_everywhere(
        config,
        [("Toggle", "Noop"), ("MoveDown", "Noop"), ("MoveLeft", "Noop"), ("Toggle", "Noop")],
        with_jax=with_jax,
    )

    assert episode.trace("agent_pos")[-1] == [[0, 0], [2, 0]]
    assert episode.trace("agent_dir")[-1] == [0, 0]
    assert [joint[0] for joint in episode.happened(CoGridEnv(config))] == [{"left"}, set(), set(), set()]


def test_an_agent_that_has_terminated_still_blocks_its_cell(with_jax: bool) -> None:
    blocked = play_everywhere(
        EXIT_AND_SWITCH, [("Toggle", "Noop"), ("Noop", "MoveUp"), ("Noop", "MoveUp")], with_jax=with_jax
    )

    assert blocked.trace("agent_pos")[-1] == [[0, 0], [1, 0]]
    assert blocked.trace("agent_dir")[-1] == [0, 3]


def test_the_step_that_ends_an_agent_pays_it_and_no_later_one_does(with_jax: bool) -> None:
    episode = play_everywhere(
        EXIT_AND_SWITCH, [("Toggle", "Toggle"), ("Toggle", "Toggle"), ("Noop", "Toggle")], with_jax=with_jax
    )

    assert [paid.tolist() for paid in episode.rewards] == [[6, 1], [0, 1], [0, 1]]


def test_the_episode_is_done_when_all_agents_have_terminated(with_jax: bool) -> None:
    episode = play_everywhere(
        TWO_EXITS, [("Toggle", "Noop"), ("Noop", "Noop"), ("Noop", "Toggle"), ("Noop", "Noop")], with_jax=with_jax
    )

    assert episode.is_done == [False, False, True]
    assert episode.trace("terminated")[-1] == [True, True]
    assert episode.trace("truncated")[-1] == [False, False]


def test_time_truncates_those_who_have_not_terminated_and_only_them(with_jax: bool) -> None:
    config = world("1E\n2S", max_steps=3)

    episode = play_everywhere(config, [("Noop", "Noop"), ("Toggle", "Noop"), ("Noop", "Noop")], with_jax=with_jax)

    assert episode.is_done == [False, False, True]
    assert episode.trace("terminated")[-1] == [True, False]
    assert episode.trace("truncated")[1:] == [[False, False], [False, False], [False, True]]


def test_who_terminates_in_the_last_step_is_terminated_and_not_truncated(with_jax: bool) -> None:
    episode = play_everywhere(world("1E\n2S", max_steps=1), [("Toggle", "Noop")], with_jax=with_jax)

    assert episode.trace("terminated")[-1] == [True, False]
    assert episode.trace("truncated")[-1] == [False, True]


def test_a_terminated_agent_leaves_the_agents_and_needs_no_action(backend: str) -> None:
    env = CoGridEnv(EXIT_AND_SWITCH, backend=backend)
    env.reset(seed=0)

    first = env.step({"agent_0": TOGGLE, "agent_1": NOOP})
    assert env.agents == ["agent_1"]
    second = env.step({"agent_1": NOOP})

    assert [set(part) for part in first] == [{"agent_0", "agent_1"}] * 5
    assert first[2] == {"agent_0": True, "agent_1": False}
    assert [set(part) for part in second] == [{"agent_1"}] * 5
    assert env.agents == ["agent_1"]


def test_an_action_for_a_terminated_agent_is_not_looked_at(backend: str) -> None:
    env = CoGridEnv(EXIT_AND_SWITCH, backend=backend)
    env.reset(seed=0)
    env.step({"agent_0": TOGGLE, "agent_1": NOOP})

    env.step({"agent_0": 0, "agent_1": NOOP})

    assert env.agents == ["agent_1"]
    assert np.asarray(env.get_state().agent_dir)[0] == 0


@pytest.mark.parametrize("last", ["agent_0", "agent_1"])
def test_agents_are_empty_after_the_last_one_has_left_and_full_after_a_reset(backend: str, last: str) -> None:
    env = CoGridEnv(TWO_EXITS, backend=backend)
    env.reset(seed=0)
    first = "agent_1" if last == "agent_0" else "agent_0"

    env.step({first: TOGGLE, last: NOOP})
    _, _, terminations, truncations, _ = env.step({last: TOGGLE})

    assert (terminations, truncations) == ({last: True}, {last: False})
    assert env.agents == []
    env.reset(seed=0)
    assert env.agents == ["agent_0", "agent_1"]


def test_set_state_brings_a_terminated_agent_back_or_takes_a_live_one_out(backend: str) -> None:
    env = CoGridEnv(TWO_EXITS, backend=backend)
    env.reset(seed=0)
    before = env.get_state()
    env.step({"agent_0": TOGGLE, "agent_1": NOOP})
    after = env.get_state()

    env.set_state(before)
    agents_before: list[Any] = env.agents
    env.set_state(after)

    assert agents_before == ["agent_0", "agent_1"]
    assert env.agents == ["agent_1"]


def test_the_functional_step_goes_on_after_the_end(backend: str) -> None:
    env = CoGridEnv(world("1S\n2S", max_steps=1), backend=backend)
    state, _ = env.jax_reset(np.array([0, 0], dtype=np.uint32))
    joint = np.array([TOGGLE, NOOP], dtype=np.int32)

    for time in (1, 2, 3):
        state, _, reward, done, info = env.jax_step(state, joint)
        assert bool(done)
        assert info == {}
        assert int(state.time) == time
        assert np.asarray(reward).tolist() == [1, 1]

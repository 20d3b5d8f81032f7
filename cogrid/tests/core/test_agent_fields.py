"""What agents differ in besides what they hold is seen: in planes, in states, and in states that are built."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.jax_step import envstate_to_dict
from cogrid.errors import StateError
from cogrid.rendering.rgb import render_rgb


@dataclasses.dataclass(frozen=True)
class Climber(cogrid.Agent):
    """Climbs a level with each ladder that it uses."""

    level: int = 1


@dataclasses.dataclass(frozen=True)
class Ladder(cogrid.GridObject, symbol="L"):
    """Leads up to level 3."""

    def toggle(self, agent: cogrid.Agent) -> cogrid.Outcome | None:
        if not isinstance(agent, Climber) or agent.level == 3:
            return None
        return cogrid.Outcome(self, dataclasses.replace(agent, level=agent.level + 1))


def make(**settings: Any) -> CoGridEnv:
    agents = (Climber(), Climber(level=3, role="guide"))
    rules = cogrid.Rules(name="climbers", objects=(Ladder,), agents=agents, start_direction=0)
    given = {"rules": rules, "layout": ["1L 2"], "num_agents": 2, "features": ["object_planes"]}
    return CoGridEnv({**given, **settings})


def planes_of(env: CoGridEnv, seen: np.ndarray) -> dict[str, list[list[int]]]:
    return dict(zip(env.observation_channels, np.moveaxis(seen, -1, 0).tolist(), strict=True))


def test_agents_that_differ_do_not_look_alike() -> None:
    env = make()
    first = planes_of(env, env.reset(seed=0)[0]["agent_0"])
    climbed = planes_of(env, env.step({"agent_0": 5, "agent_1": 6})[0]["agent_1"])

    assert env.observation_channels[-2:] == ("agent_level", "agent_role_guide")
    assert (first["agent_level"], first["agent_role_guide"]) == ([[1, 0, 0, 3]], [[0, 0, 0, 1]])
    assert climbed["agent_level"] == [[2, 0, 0, 3]]


def test_agents_that_differ_in_nothing_have_no_such_planes() -> None:
    env = cogrid.make("Overcooked-CrampedRoom-V0", features=["object_planes"])

    assert not [name for name in env.observation_channels if name.startswith("agent_")]
    assert env.tables.declared.agent_fields == {}


def test_a_field_of_numbers_reads_as_minus_one_for_agents_of_a_class_without_it() -> None:
    env = make(rules=cogrid.Rules(name="two_classes", objects=(Ladder,), agents=(Climber(level=2), cogrid.Agent())))
    env.reset(seed=0)

    assert env.get_state().agent_level.tolist() == [2, -1]


def test_states_read_the_fields_by_name() -> None:
    env = make()
    env.reset(seed=0)
    env.step({"agent_0": 5, "agent_1": 6})

    assert env.get_state().agent_level.tolist() == [2, 3]
    assert env.get_state().agent_role.tolist() == [0, 1]


def test_a_state_is_built_from_the_fields() -> None:
    env = make()
    env.reset(seed=0)
    env.step({"agent_0": 5, "agent_1": 6})
    state = env.get_state()

    assert env.state_from_arrays(agent_level=[2, 3]).agent_level.tolist() == [2, 3]
    assert env.state_from_arrays(**envstate_to_dict(state)).agent_value.tolist() == state.agent_value.tolist()
    with pytest.raises(StateError, match=r"no agent with what is given for agent_1: .*agent_level 7"):
        env.state_from_arrays(agent_level=[3, 7])


def test_the_text_says_what_is_wanted() -> None:
    goals = cogrid.make("GoalSeeking-Random-V0", render_mode="ansi")
    goals.reset(seed=0)

    wanted = " ".join(map(str, goals.get_state().goal_of_agent.tolist()))
    assert f"goal_of_agent {wanted}" in str(goals.render()).splitlines()


def test_pictures_tell_roles_levels_goals_and_recipes_apart() -> None:
    env = make()
    env.reset(seed=0)
    recipes = cogrid.make("OvercookedV2-GroundedCoordSimple-V0")
    goals = cogrid.make("GoalSeeking-Random-V0")

    climbed = [render_rgb(env.state_from_arrays(agent_level=[level, 3])) for level in (1, 2)]
    wanted = [render_rgb(recipes.state_from_arrays(world_value=number)) for number in (0, 1)]
    sought = [render_rgb(goals.state_from_arrays(world_value=number)) for number in (0, 1)]

    for first, second in (climbed, wanted, sought):
        assert (first != second).any()
    assert [agent.badge() for agent in (Climber(), Climber(role="guide"))] == ["", "G"]

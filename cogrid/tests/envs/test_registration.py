"""Ids, and the settings that the families of environments add to those of every environment."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import cogrid
from cogrid import EnvConfig, Rules
from cogrid.core.reward import EventReward, make_reward, read_rewards, register_reward
from cogrid.envs.registration import ENVIRONMENTS
from cogrid.envs.registry import config_factory, registered_ids
from cogrid.errors import ConfigError


def test_every_built_in_environment_is_in_the_table_and_called_by_its_id() -> None:
    assert set(ENVIRONMENTS) <= set(registered_ids())
    for env_id in ("Overcooked-CrampedRoom-V0", "SearchRescue-Small-V0", "GoalSeeking-Random-V0"):
        assert cogrid.make(env_id).config.name == env_id


@pytest.mark.parametrize(
    ("env_id", "setting", "close"),
    [
        ("OvercookedAI-CrampedRoom-V0", "old_dynamic", "'old_dynamics'"),
        ("OvercookedV2-CrampedRoom-V0", "random_resets", "'random_reset'"),
        ("SearchRescue-Generated-V0", "row", "'rows'"),
        ("GoalSeeking-Random-V0", "num_agent", "'num_agents'"),
        ("Overcooked-CrampedRoom-V0", "max_step", "'max_steps'"),
    ],
)
def test_a_misspelt_setting_is_refused_with_the_close_ones_of_its_family(env_id: str, setting: str, close: str) -> None:
    settings: dict[str, Any] = {setting: 1}
    with pytest.raises(ConfigError, match=f"no setting '{setting}'.*{close}"):
        cogrid.make(env_id, **settings)


@pytest.mark.parametrize(
    ("env_id", "setting"),
    [
        ("OvercookedAI-CrampedRoom-V0", "old_dynamics"),
        ("SearchRescue-Small-V0", "ends_when_all_rescued"),
        ("GoalSeeking-Fixed-V0", "is_drawn"),
        ("OvercookedV2-CrampedRoom-V0", "random_reset"),
    ],
)
def test_a_setting_that_is_true_or_false_takes_nothing_else(env_id: str, setting: str) -> None:
    with pytest.raises(ConfigError, match=f"{setting} is True or False, not 'no'"):
        cogrid.make(env_id, **{setting: "no"})


@pytest.mark.parametrize(
    ("feature", "family"),
    [
        ("goal_planes", "GoalSeeking"),
        ("own_goal_planes", "GoalSeeking"),
        ("own_goal_position", "GoalSeeking"),
        ("role_planes", "SearchRescue"),
        ("overcooked_ai_planes", "OvercookedAI"),
        ("overcooked_ai_features", "OvercookedAI"),
        ("jaxmarl_overcooked_planes", "JaxMARLOvercooked"),
        ("overcooked_v2_planes", "OvercookedV2"),
        ("order_queue", "OvercookedOrders"),
    ],
)
def test_a_feature_of_a_family_is_refused_in_a_world_of_another(feature: str, family: str) -> None:
    with pytest.raises(ConfigError, match=f"{feature}.*{family}"):
        cogrid.make("Overcooked-CrampedRoom-V0", features=[feature])


def test_an_unknown_id_names_the_close_ones_of_every_family() -> None:
    with pytest.raises(ConfigError, match=r"'Overcooked-CrampedRoom-V0'.*'OvercookedAI-CrampedRoom-V0'"):
        cogrid.make("overcooked_cramped_room_v0")


def test_what_a_function_of_settings_takes_are_settings() -> None:
    def office(*, columns: int = 3, is_lit: bool = True) -> EnvConfig:
        return EnvConfig(rules=Rules(name="office"), layout=["+" + " " * (columns - 1)], num_agents=1)

    factory = config_factory(office, columns=4)

    assert factory.own_settings == {"columns": 4, "is_lit": True}
    assert factory(max_steps=7).config.max_steps == 7
    assert factory(columns=6).tables.width == 6
    with pytest.raises(ConfigError, match="office cannot be called"):
        config_factory(office, rows=4)
    with pytest.raises(ConfigError, match="not 5"):
        config_factory(5)  # pyright: ignore[reportArgumentType]


def test_a_reward_is_registered_as_a_value_whose_fields_a_setting_changes() -> None:
    reward = EventReward(event="rung", coefficient=2.0, about="Pays for a bell.")
    register_reward("bell_reward_of_this_test", reward)

    assert make_reward("bell_reward_of_this_test") == reward
    (changed,) = read_rewards([{"name": "bell_reward_of_this_test", "coefficient": 3.0}])
    assert changed == dataclasses.replace(reward, coefficient=3.0)
    with pytest.raises(ConfigError, match=r"no setting 'coeficient'. Did you mean 'coefficient'"):
        make_reward("bell_reward_of_this_test", coeficient=1)
    with pytest.raises(ConfigError, match="exists already"):
        register_reward("bell_reward_of_this_test", EventReward(event="rung"))
    with pytest.raises(ConfigError, match="takes a Reward"):
        register_reward("another_reward_of_this_test", "rung")  # pyright: ignore[reportArgumentType, reportCallIssue]

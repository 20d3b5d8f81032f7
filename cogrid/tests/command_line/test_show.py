"""`cogrid show`."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from cogrid import EnvConfig, GridObject, Outcome, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.command_line.show import describe, group_channels, lines
from cogrid.core.reward import EventReward
from cogrid.envs.registry import make, registered_ids
from cogrid.kernel.choice import has_numba
from cogrid.tests.command_line.commands import run_command

Capture = pytest.CaptureFixture[str]
KITCHEN = "Overcooked-CrampedRoom-V0"


@dataclass(frozen=True)
class Bell(GridObject, symbol="B"):
    rings: bool = False

    def toggle(self, agent):
        """Rings it, once."""
        return None if self.rings else Outcome(Bell(rings=True), agent, events=("rung",))


def test_a_kitchen_is_shown_with_picture_actions_observation_and_rules(capsys: Capture) -> None:
    told = run_command(capsys, "show", KITCHEN).out

    assert told.splitlines()[0] == f"{KITCHEN}: 2 agents, 1,000 steps at most"
    assert "\n  #CCUCC#\n" in told
    assert "0 MoveUp, 1 MoveDown, 2 MoveLeft, 3 MoveRight, 4 PickupDrop, 5 Toggle, 6 Noop" in told
    assert "\n  6... map[*,*].type (144 of them)\n" in told
    assert "\n  442 held\n" in told
    assert "  U pot (PickupDrop, by itself): Cooks three ingredients of a kind into one soup, by itself" in told
    assert "  # wall: Nothing passes, nothing happens.\n" in told
    assert "  events: delivery, ingredient_in_pot, soup_in_dish, collision\n" in told


def test_what_steps_a_batch_is_told(capsys: Capture) -> None:
    told = run_command(capsys, "show", KITCHEN).out
    hooked = run_command(capsys, "show", "OvercookedV2-CrampedRoom-V0", "--set", "random_reset=True").out

    assert ("stepped by compiled kernels" in told) == has_numba()
    assert "stepped by arrays: there is " + ("start_hook" if has_numba() else "no Numba") in hooked


def test_overrides_change_what_is_shown(capsys: Capture) -> None:
    told = run_command(
        capsys, "show", KITCHEN, "--agents", "3", "--layout", "CounterCircuit", "--set", "action_set=rotation"
    ).out

    assert told.splitlines()[0] == f"{KITCHEN}: 3 agents, 1,000 steps at most"
    assert "0 Forward" in told
    assert "agent_2 " in told


def test_the_settings_of_a_family_are_listed_with_their_defaults(capsys: Capture) -> None:
    shown = run_command(capsys, "show", "OvercookedAI-CrampedRoom-V0").out

    assert "\n  old_dynamics=False\n" in shown
    assert "Settings of its own" not in run_command(capsys, "show", KITCHEN).out


def test_the_same_as_json(capsys: Capture) -> None:
    told = run_command(capsys, "show", KITCHEN, "--set", "features=['object_planes']", "--json").read_json()
    env = make(KITCHEN, features=["object_planes"])

    assert told["observation"]["channels"] == list(env.observation_channels)
    assert told["observation"]["shape"] == list(env.observation_space("agent_0").shape)
    assert told["rules"]["events"] == list(env.event_names)
    pot = next(kind for kind in told["rules"]["objects"] if kind["name"] == "pot")
    assert (pot["symbol"], set(pot["rules"])) == ("U", {"pickup_drop", "tick"})


@pytest.mark.parametrize("env_id", registered_ids()[:: len(registered_ids()) // 12])
def test_every_world_can_be_shown_and_every_object_has_a_line(env_id: str) -> None:
    env = make(env_id)
    told = list(lines(describe(env)))

    for name in map(env.tables.settings.rules.type_name, env.tables.settings.rules.objects):
        assert any(re.match(f"  . {re.escape(name)}[ :]", line) for line in told)
    assert "Rewards" in told


def test_a_rule_with_a_docstring_of_its_own_is_told_and_a_class_without_one_has_none() -> None:
    config = EnvConfig(
        rules=Rules(name="bells", objects=(Bell,)), layout=["B+ "], num_agents=1, rewards=[EventReward(event="rung")]
    )
    told = list(lines(describe(CoGridEnv(config))))

    assert told[told.index("  B bell (Toggle):") + 1] == "      Toggle: Rings it, once."


def test_characters_that_stand_for_a_value_are_told(capsys: Capture) -> None:
    told = run_command(capsys, "show", "GoalSeeking-Fixed-V0").out

    assert "  also drawn: A goal(number=0), B goal(number=1)" in told


def test_what_no_object_says_is_told_too_a_step_hook_a_guard_and_what_is_drawn_at_reset(capsys: Capture) -> None:
    site = run_command(capsys, "show", "SearchRescue-Small-V0").out
    kitchen = run_command(capsys, "show", "OvercookedV2-DemoCookSimple-V0").out

    assert "  after the stages: Terminate all agents once no victim is left; a step hook.\n" in site
    assert "  nothing can be put down on the floor\n" in kitchen
    assert "    floor: Where agents walk.\n" in kitchen
    assert "  also drawn: O ing0_stack, T ing1_stack\n" in kitchen
    assert "  drawn at reset: one of 2 world values\n" in kitchen
    assert "      useful_plate_taken, where this holds: Whether OvercookedV2 pays for taking a plate" in kitchen


def test_what_a_hook_draws_at_reset_is_told(capsys: Capture) -> None:
    told = run_command(capsys, "show", "OvercookedV2-CrampedRoom-V0", "--set", "random_reset=True").out

    assert "  at reset: Puts items into hands and onto counters, and ingredients into pots, at each reset.\n" in told


def test_channels_that_differ_in_their_indices_are_told_together() -> None:
    channels = ["time", "map[0,0]", "map[0,1]", "map[1,0]", "ing0"]

    assert group_channels(channels) == ["0 time", "1... map[*,*] (3 of them)", "4 ing0"]

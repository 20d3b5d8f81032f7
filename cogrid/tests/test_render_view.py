"""An agent's view as text: the part of the grid around it, and what there is to tell of what it sees."""

from __future__ import annotations

import pytest

from cogrid import make
from cogrid.backend.env_state import EnvState
from cogrid.core.grid_object import object_to_idx
from cogrid.errors import ConfigError
from cogrid.rendering import render_ansi, render_view


def state(direction: int = 1) -> EnvState:
    """A cook with an onion below the pot, another one farther off, two onions in the pot."""
    onion = object_to_idx("onion", scope="overcooked")
    return make("Overcooked-CrampedRoom-V0").state_from_arrays(
        agent_pos=[[2, 3], [3, 4]],
        agent_dir=[direction, 0],
        agent_inv=[[onion], [-1]],
        pot_contents=[[onion, onion, -1]],
    )


def test_a_view_shows_what_is_around_the_agent() -> None:
    assert render_view(state(), 0, radius=1).splitlines() == [
        "CUC",
        " v ",
        "  >",
        "agent_0 v at (1, 1) facing down, holds onion",
        "agent_1 > at (2, 2) facing right, holds nothing",
        "pot at (0, 1): contents onion onion, timer 30",
        "time 0",
    ]


def test_what_is_out_of_view_is_not_told() -> None:
    text = render_view(state(), 1, radius=1)

    assert "pot" not in text
    assert text.splitlines()[:3] == ["v O", " >C", "C@C"]


def test_a_turned_view_has_what_is_ahead_above_and_tells_directions_as_the_agent_sees_them() -> None:
    assert render_view(state(), 0, radius=1, rotate=True).splitlines()[:5] == [
        "<  ",
        " ^ ",
        "CUC",
        "agent_0 ^ at (1, 1) facing up, holds onion",
        "agent_1 < at (0, 0) facing left, holds nothing",
    ]


def test_cells_off_the_grid_are_marked() -> None:
    assert render_view(state(), 1, radius=3).splitlines()[:7] == [
        "######~",
        "CCUCC#~",
        "O v O#~",
        "C  >C#~",
        "C=C@C#~",
        "######~",
        "~~~~~~~",
    ]


def test_a_view_of_everything_tells_what_the_whole_grid_tells() -> None:
    whole = render_ansi(state()).splitlines()
    seen = render_view(state(), 0, radius=6).splitlines()

    assert len([line for line in seen if line.startswith(("agent", "pot", "time"))]) == 4
    assert seen[4][3:10] == whole[0]
    assert seen[6][3:10] == whole[2]


def test_an_agent_that_does_not_exist_and_a_bad_radius_are_refused() -> None:
    with pytest.raises(ConfigError, match="numbered from 0 to 1"):
        render_view(state(), 2)
    with pytest.raises(ConfigError, match="radius"):
        render_view(state(), 0, radius=0)

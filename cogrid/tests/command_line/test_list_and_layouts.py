"""`cogrid list` and `cogrid layouts`."""

from __future__ import annotations

import pytest

from cogrid.core.layout import layout_names, read_drawing
from cogrid.envs.registry import registered_ids
from cogrid.tests.command_line.commands import run_command

Capture = pytest.CaptureFixture[str]


def test_every_id_is_listed_below_its_family(capsys: Capture) -> None:
    told = run_command(capsys, "list")
    lines = told.out.splitlines()

    assert [line.split()[0] for line in lines if "-V0" in line] == registered_ids()
    assert "Overcooked (5 worlds)" in lines
    assert lines.index("Overcooked (5 worlds)") < next(
        idx for idx, line in enumerate(lines) if line.startswith("Overcooked-AsymmetricAdvantages-V0")
    )


def test_a_row_tells_map_agents_steps_and_observation(capsys: Capture) -> None:
    told = run_command(capsys, "list", "overcooked-crampedroom")

    assert told.out.splitlines()[-1].split() == ["Overcooked-CrampedRoom-V0", "6", "x", "7", "2", "1000", "443"]


def test_the_list_as_json_says_the_same(capsys: Capture) -> None:
    worlds = run_command(capsys, "list", "GoalSeeking", "--json").read_json()

    assert [world["id"] for world in worlds] == ["GoalSeeking-Fixed-V0", "GoalSeeking-Random-V0"]
    assert worlds[0]["family"] == "GoalSeeking"
    assert worlds[0]["agents"] == 2
    assert worlds[0]["steps"] == 200


def test_ids_alone_come_one_a_line(capsys: Capture) -> None:
    assert run_command(capsys, "list", "--ids").out.split() == registered_ids()


def test_every_layout_is_listed_with_its_size(capsys: Capture) -> None:
    lines = run_command(capsys, "layouts").out.splitlines()

    assert [line.split()[0] for line in lines[1:]] == layout_names()
    assert lines[1 + layout_names().index("CrampedRoom")].split() == ["CrampedRoom", "6", "7"]


def test_a_layout_of_this_name_is_drawn_alone_so_that_a_file_can_be_made_of_it(capsys: Capture) -> None:
    assert tuple(run_command(capsys, "layouts", "CrampedRoom").out.splitlines()) == read_drawing("CrampedRoom")


def test_layouts_whose_names_contain_a_text_are_drawn_with_their_names(capsys: Capture) -> None:
    drawn = run_command(capsys, "layouts", "goal_seeking").out.split("\n\n")

    assert [block.splitlines()[0].split()[0] for block in drawn] == ["goal_seeking/Corridor", "goal_seeking/Nooks"]
    assert tuple(drawn[0].splitlines()[1:]) == read_drawing("goal_seeking/Corridor")


def test_layouts_as_json_have_their_drawings(capsys: Capture) -> None:
    (told,) = run_command(capsys, "layouts", "ForcedCoordination", "--json").read_json()

    assert (told["rows"], told["columns"]) == (7, 7)
    assert tuple(told["drawing"]) == read_drawing("ForcedCoordination")

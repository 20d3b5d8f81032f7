"""`cogrid check`."""

from __future__ import annotations

import pathlib

import pytest

from cogrid.tests.command_line.commands import run_command

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def kitchen(tmp_path: pathlib.Path) -> pathlib.Path:
    """A kitchen of two rooms, with a plate stack that nobody gets to."""
    path = tmp_path / "kitchen.txt"
    path.write_text("#O#U#=\n#+C+@#\n#=#C##\n", encoding="utf-8")
    return path


def test_a_good_layout_ends_with_0(capsys: Capture) -> None:
    told = run_command(capsys, "check", "CrampedRoom", "ForcedCoordination")

    assert told.status == 0
    assert told.out.count("no problem found") == 2
    assert "hand-over between rooms: counter at (2, 3), counter at (3, 3), counter at (4, 3)" in told.out


def test_a_layout_with_a_problem_ends_with_1_and_names_it(kitchen: pathlib.Path, capsys: Capture) -> None:
    told = run_command(capsys, "check", "CrampedRoom", str(kitchen))

    assert told.status == 1
    assert f"{kitchen}: 3 x 6, 2 agents, rules of Overcooked-CrampedRoom-V0\n" in told.out
    assert "  reachable values: 46 of 147 for a cell, 4 of 6 for an agent\n" in told.out
    assert "  room of (1, 1): 1 cell, agent_0 can start here\n" in told.out
    assert "  hand-over between rooms: counter at (1, 2)\n" in told.out
    assert "  PROBLEM: plate_stack at (0, 5) is out of reach: no agent can stand beside it.\n" in told.out


def test_the_same_as_json(kitchen: pathlib.Path, capsys: Capture) -> None:
    told = run_command(capsys, "check", str(kitchen), "--json")
    (found,) = told.read_json()

    assert told.status == 1
    assert found["is_ok"] is False
    assert len(found["problems"]) == 1
    assert [room["agents"] for room in found["report"]["rooms"]] == [[0], [1]]
    assert [s["place"] for s in found["report"]["stations"] if not s["is_reachable"]] == [[0, 5]]


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        ("###\n#+\n", "The layout is ragged"),
        ("#?#\n#+#\n", "Row 0, column 1"),
        ("", "The layout is empty"),
        ("###\n#+#\n", "The layout has too few free cells"),
    ],
)
def test_a_drawing_that_makes_no_world_is_a_problem(
    drawing: str, message: str, tmp_path: pathlib.Path, capsys: Capture
) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(drawing, encoding="utf-8")
    told = run_command(capsys, "check", str(path))

    assert told.status == 1
    assert f"PROBLEM: {message}" in told.out


def test_rules_and_the_number_of_agents_can_be_chosen(tmp_path: pathlib.Path, capsys: Capture) -> None:
    path = tmp_path / "site.txt"
    path.write_text("#####\n#++g#\n#####\n", encoding="utf-8")
    as_site = run_command(capsys, "check", str(path), "--rules", "SearchRescue-Small-V0")
    as_kitchen = run_command(capsys, "check", str(path))
    crowded = run_command(capsys, "check", str(path), "--rules", "SearchRescue-Small-V0", "--agents", "3")

    assert (as_site.status, as_kitchen.status, crowded.status) == (0, 1, 1)
    assert "stations: 1 green_victim" in as_site.out
    assert "too few free cells" in crowded.out


def test_a_map_that_is_larger_than_the_default_observation_takes_can_be_checked(
    tmp_path: pathlib.Path, capsys: Capture
) -> None:
    path = tmp_path / "hall.txt"
    rows = ["#" * 20, "#O+U+=@" + " " * 12 + "#", *["#" + " " * 18 + "#"] * 14, "#" * 20]
    path.write_text("\n".join(rows), encoding="utf-8")

    assert run_command(capsys, "check", str(path)).status == 0


def test_a_file_that_is_no_text_is_a_usage_error(tmp_path: pathlib.Path, capsys: Capture) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\xff\xfe")
    told = run_command(capsys, "check", str(path))

    assert told.status == 2
    assert "is no text file in UTF-8" in told.err

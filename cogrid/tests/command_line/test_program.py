"""The command as a whole: its help, its exit codes, and how it is started."""

from __future__ import annotations

import importlib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tomllib

import pytest

import cogrid
from cogrid.command_line import main
from cogrid.command_line.program import COMMANDS
from cogrid.envs import registry
from cogrid.tests.checkout import CHECKOUT, needs_checkout
from cogrid.tests.command_line.commands import run_command

Capture = pytest.CaptureFixture[str]


def run_module(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-W", "error", "-m", "cogrid", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_it_can_be_run_as_a_module() -> None:
    done = run_module("layouts", "CrampedRoom")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[2] == "#O   O#"


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "cogrid", "layouts", "--draw"]
    with os.fdopen(writing, "w") as closed:
        done = subprocess.run(command, env=environment, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@needs_checkout
def test_the_console_script_is_this_command() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, function = project["scripts"]["cogrid"].partition(":")

    assert getattr(importlib.import_module(module), function) is main


def test_the_help_names_every_command_and_the_exit_codes(capsys: Capture) -> None:
    told = run_command(capsys, "--help")

    assert told.status == 0
    assert all(f"\n    {name} " in told.out for name in COMMANDS)
    assert "exit status: 0 if all is well, 1 if a problem was found, 2" in told.out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_teaches_by_example(name: str, capsys: Capture) -> None:
    told = run_command(capsys, name, "--help")

    assert told.status == 0
    assert len(COMMANDS[name].examples) >= 3
    assert all(line in told.out and line.startswith(f"cogrid {name}") for line, _ in COMMANDS[name].examples)


def test_the_version_is_the_librarys(capsys: Capture) -> None:
    assert run_command(capsys, "--version").out == f"cogrid {cogrid.__version__}\n"


def test_no_command_at_all_shows_the_help_and_is_a_usage_error(capsys: Capture) -> None:
    told = run_command(capsys)

    assert (told.status, told.out) == (2, "")
    assert "start here:" in told.err


def examples_of_the_page() -> list[tuple[str, str]]:
    """The commands of the documentation that are shown with their output, and that output."""
    page = CHECKOUT / "docs" / "command-line.md"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    blocks = re.findall(r"^```console\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    return [(block.splitlines()[0].removeprefix("$ "), "\n".join(block.splitlines()[1:]) + "\n") for block in blocks]


@needs_checkout
def test_the_page_shows_what_the_commands_write(capsys: Capture) -> None:
    pytest.importorskip("numba", reason="the page shows what is written where kernels can be compiled")
    examples = examples_of_the_page()

    assert len(examples) >= 4
    for command, output in examples:
        assert command.startswith("cogrid ")
        assert run_command(capsys, *shlex.split(command)[1:]).out == output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["list", "OvercookedAY"], "There is no id with 'OvercookedAY' in its name."),
        (["show", "Overcooked-CrampedRom-V0"], "Did you mean 'Overcooked-CrampedRoom-V0'"),
        (["run", "Overcooked-CrampedRoom-V0", "--steps", "0"], "'0' is not an integer of at least 1"),
        (["run", "Overcooked-CrampedRoom-V0", "--seed", "-1"], "A seed is an integer from 0"),
        (["run", "Overcooked-CrampedRoom-V0", "--backend", "torch"], "There is no backend 'torch'."),
        (["run", "Overcooked-CrampedRoom-V0", "--set", "max_step=3"], "Did you mean 'max_steps'"),
        (["run", "Overcooked-CrampedRoom-V0", "--set", "max_steps"], "--set takes NAME=VALUE, not 'max_steps'."),
        (["run", "Overcooked-CrampedRoom-V0", "--set", "max_steps=None"], "say how many steps with --steps"),
        (["run", "Overcooked-CrampedRoom-V0", "--gif", "cooks.png"], "--gif writes a .gif, not 'cooks.png'."),
        (["run", "SearchRescue-Small-V0", "--policy", "scripted"], "There is no scripted policy"),
        (["run", "SearchRescue-Small-V0", "--policy", "clever"], "scripted or module:function"),
        (["run", "SearchRescue-Small-V0", "--policy", "no_such_module:f"], "No module named 'no_such_module'"),
        (["run", "SearchRescue-Small-V0", "--policy", "math:no_such_function"], "has no function 'no_such_function'"),
        (["run", "SearchRescue-Small-V0", "--policy", ".agents:f"], "scripted or module:function"),
        (["show", "SearchRescue-Small-V0", "--agents", "3", "--set", "num_agents=2"], "'num_agents' is given twice."),
        (["layouts", "no such layout"], "There is no layout with 'no such layout' in its name."),
        (["check", "no_such_file.txt"], "neither a registered layout nor a file"),
        (["check", "CrampedRoom", "--rules", "Nothing-V0"], "There is no environment 'Nothing-V0'."),
        (["bench", "--trials", "0"], "n_trials must be at least 1, not 0."),
    ],
)
def test_a_command_line_that_makes_no_sense_says_why_and_ends_with_2(
    arguments: list[str], message: str, capsys: Capture
) -> None:
    told = run_command(capsys, *arguments)

    assert (told.status, told.out) == (2, "")
    assert message in told.err


def test_every_command_on_worlds_imports_the_module_of_a_world_of_ones_own(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    house = 'EnvConfig(rules=Rules(name="my_house"), layout=["###", "#+#", "###"], num_agents=1)'
    lines = [
        "from cogrid import EnvConfig, Rules, config_factory, register",
        f'register("MyHouse-V0", config_factory({house}))',
    ]
    (tmp_path / "my_house.py").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(registry, "_FACTORIES", dict(registry._FACTORIES))  # pyright: ignore[reportPrivateUsage]

    unknown = run_command(capsys, "show", "MyHouse-V0")
    shown = run_command(capsys, "show", "MyHouse-V0", "--import", "my_house")
    listed = run_command(capsys, "list", "myhouse", "--import", "my_house")

    assert unknown.status == 2
    assert "--import my_module" in unknown.err
    assert (shown.status, listed.status) == (0, 0)
    assert "MyHouse-V0" in listed.out

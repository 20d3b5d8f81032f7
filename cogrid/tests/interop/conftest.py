"""An option for the tests with other libraries: a page that learns the versions."""

from __future__ import annotations

import importlib.metadata
import pathlib

import pytest

LIBRARIES = (
    "pettingzoo",
    "gymnasium",
    "jaxmarl",
    "jumanji",
    "gymnax",
    "supersuit",
    "stable-baselines3",
    "torchrl",
    "tianshou",
    "torch",
    "ray",
    "jax",
    "numpy",
)
START, END = "<!-- versions -->\n", "<!-- versions: end -->"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--versions", metavar="PAGE", help="write the versions of the libraries between a page's marks")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    page = session.config.getoption("--versions", default=None)
    if page is None or exitstatus != 0:
        return
    rows = [f"| {name} | {importlib.metadata.version(name)} |" for name in LIBRARIES]
    text = pathlib.Path(page).read_text(encoding="utf-8")
    before, rest = text.split(START)
    table = "\n".join(["| library | tested with |", "|---|---|", *rows, ""])
    pathlib.Path(page).write_text(before + START + table + END + rest.split(END)[1], encoding="utf-8")

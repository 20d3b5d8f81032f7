"""The families of environment ids: what stands before the first hyphen, and the package that it comes from."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TypeVar

from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.registration import ENVIRONMENTS
from cogrid.envs.registry import make

Thing = TypeVar("Thing")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Family:
    """Ids that differ in their map.

    Attributes:
      name: what stands before the first hyphen.
      ids: all of them, sorted.
    """

    name: str
    ids: tuple[str, ...]

    @property
    def about(self) -> str:
        """The docstring of the family's package."""
        return ENVIRONMENTS[self.ids[0]].about or ""

    @property
    def folder(self) -> str:
        """The name of the family's folder."""
        return ENVIRONMENTS[self.ids[0]].package.rpartition(".")[2]

    @property
    def page(self) -> str:
        """The name of its page, beside the index."""
        return f"{self.folder.replace('_', '-')}.md"

    def envs(self) -> list[CoGridEnv]:
        """An environment of each id."""
        return [make(env_id) for env_id in self.ids]


def families() -> list[Family]:
    """All families, in the order in which they are registered."""
    names = unique(env_id.split("-")[0] for env_id in ENVIRONMENTS)
    ids = sorted(ENVIRONMENTS)
    return [Family(name=name, ids=tuple(env_id for env_id in ids if env_id.split("-")[0] == name)) for name in names]


def unique(things: Iterable[Thing]) -> list[Thing]:
    """Each of several things once, in the order of the first of each."""
    return list(dict.fromkeys(things))


def span(numbers: list[int]) -> str:
    """A number, or the least and the greatest of several."""
    return str(numbers[0]) if len(set(numbers)) == 1 else f"{min(numbers)} to {max(numbers)}"


def free_cells(env: CoGridEnv) -> int:
    """How many agents have room at the start."""
    return max(int(env.tables.rules.passable[cells].sum()) for cells in env.tables.map.starts.cells)

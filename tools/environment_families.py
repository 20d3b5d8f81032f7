"""The families of environment ids: what stands before the first hyphen, and the package that it comes from."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from collections.abc import Iterable
from typing import TypeVar

from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.registry import make, registered_ids

Thing = TypeVar("Thing")

PACKAGES = {
    "Overcooked": "overcooked",
    "OvercookedAI": "overcooked_ai",
    "JaxMARLOvercooked": "jaxmarl_overcooked",
    "OvercookedV2": "overcooked_v2",
    "OvercookedOrders": "overcooked_orders",
    "SearchRescue": "search_rescue",
    "GoalSeeking": "goal_seeking",
}


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
        return inspect.getdoc(importlib.import_module(f"cogrid.envs.{PACKAGES[self.name]}")) or ""

    @property
    def page(self) -> str:
        """The name of its page, beside the index."""
        return f"{PACKAGES[self.name].replace('_', '-')}.md"

    def envs(self) -> list[CoGridEnv]:
        """An environment of each id."""
        return [make(env_id) for env_id in self.ids]


def families() -> list[Family]:
    """All families, in the order of `PACKAGES`."""
    ids = registered_ids()
    unknown = {env_id.split("-")[0] for env_id in ids} - PACKAGES.keys()
    if unknown:
        raise SystemExit(f"tools/environment_families.py does not know the package of {', '.join(sorted(unknown))}.")
    return [Family(name=name, ids=tuple(env_id for env_id in ids if env_id.split("-")[0] == name)) for name in PACKAGES]


def unique(things: Iterable[Thing]) -> list[Thing]:
    """Each of several things once, in the order of the first of each."""
    return list(dict.fromkeys(things))


def span(numbers: list[int]) -> str:
    """A number, or the least and the greatest of several."""
    return str(numbers[0]) if len(set(numbers)) == 1 else f"{min(numbers)} to {max(numbers)}"


def free_cells(env: CoGridEnv) -> int:
    """How many agents have room at the start."""
    return max(int(env.tables.rules.passable[cells].sum()) for cells in env.tables.map.starts.cells)

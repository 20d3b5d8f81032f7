"""The kitchens that overcooked_ai 1.1.0 ships: drawings and orders, read from the files beside this one.

`C` counter, `U` pot (`u`: with two onions in it), `O` onion stack, `T` tomato stack, `=` plate stack, `@` delivery
zone, `1` to `9` where each agent starts.

Source: the package's layout files (Carroll et al., 2019, and later additions). Exact.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import tomllib
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from cogrid.envs.overcooked_ai.recipes import Orders


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kitchen:
    """A kitchen of the original.

    Attributes:
      name: its name there, such as `cramped_room`.
      drawing: the map.
      orders: what it asks for.
      start_directions: where agents look at the start, by name.
    """

    name: str
    drawing: tuple[str, ...]
    orders: Orders
    start_directions: tuple[str, ...] = ("up",)

    @property
    def id_name(self) -> str:
        """The name as an id has it, each part's first letter a capital: `CounterCircuitO1Order`."""
        return "".join(
            re.sub("[a-z]", lambda letter: letter[0].upper(), part, count=1) for part in self.name.split("_")
        )

    @property
    def n_agents(self) -> int:
        """How many agents the drawing has a start for."""
        return sum(character.isdigit() for row in self.drawing for character in row)


@functools.cache
def kitchens() -> dict[str, Kitchen]:
    """All kitchens, by their original names."""
    folder = resources.files("cogrid.envs.overcooked_ai") / "layouts"
    settings = tomllib.loads((folder / "orders.toml").read_text(encoding="utf-8"))
    drawings = sorted((file for file in folder.iterdir() if file.name.endswith(".txt")), key=lambda file: file.name)
    return {kitchen.name: kitchen for kitchen in (_read(file, settings) for file in drawings)}


def _read(file: Traversable, settings: dict[str, dict[str, Any]]) -> Kitchen:
    name = file.name.removesuffix(".txt")
    orders = dict(settings.get(name, {}))
    directions = orders.pop("start_directions", ("up",))
    drawing = tuple(file.read_text(encoding="utf-8").splitlines())
    return Kitchen(name=name, drawing=drawing, orders=Orders.of(orders), start_directions=tuple(directions))

"""The kitchens that overcooked_ai 1.1.0 ships: drawings and orders, read from the files beside this one.

`C` counter, `U` pot (`u`: with two onions in it), `O` onion stack, `T` tomato stack, `=` plate stack, `@` delivery
zone, `1` to `9` where each agent starts.

Source: the package's layout files (Carroll et al., 2019, and later additions). Exact.
"""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from cogrid.envs.kitchen import layouts as kitchen
from cogrid.envs.overcooked_ai.orders import Orders


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kitchen(kitchen.Kitchen):
    """A kitchen of the original.

    Attributes:
      orders: what it asks for.
      start_directions: where agents look at the start, by name.
    """

    orders: Orders
    start_directions: tuple[str, ...] = ("up",)


@functools.cache
def kitchens() -> dict[str, Kitchen]:
    """All kitchens, by their original names."""
    folder = resources.files("cogrid.envs.overcooked_ai") / "layouts"
    settings = tomllib.loads((folder / "orders.toml").read_text(encoding="utf-8"))
    drawings = sorted((file for file in folder.iterdir() if file.name.endswith(".txt")), key=lambda file: file.name)
    return {one.name: one for one in (_read(file, settings) for file in drawings)}


def _read(file: Traversable, settings: dict[str, dict[str, Any]]) -> Kitchen:
    name = file.name.removesuffix(".txt")
    orders = dict(settings.get(name, {}))
    directions = orders.pop("start_directions", ("up",))
    drawing = tuple(file.read_text(encoding="utf-8").splitlines())
    return Kitchen(name=name, drawing=drawing, orders=Orders.of(orders), start_directions=tuple(directions))

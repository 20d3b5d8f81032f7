"""The kitchens that overcooked_ai 1.1.0 ships: drawings and orders, read from the files beside this one.

`C` counter, `U` pot (`u`: with two onions in it), `O` onion stack, `T` tomato stack, `=` plate stack, `@` delivery
zone, `1` to `9` where each agent starts.

Source: the package's layout files (Carroll et al., 2019, and later additions). Exact.
"""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from collections.abc import Sequence
from typing import Any

from cogrid.envs.drawings import layout_folder, read_drawings
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
    settings = tomllib.loads((layout_folder("overcooked_ai") / "orders.toml").read_text(encoding="utf-8"))
    return {
        name: _kitchen(name, drawing, **settings.get(name, {}))
        for name, drawing in read_drawings("overcooked_ai").items()
    }


def _kitchen(name: str, drawing: str, start_directions: Sequence[str] = ("up",), **orders: Any) -> Kitchen:
    return Kitchen(name=name, drawing=drawing, orders=Orders.of(orders), start_directions=tuple(start_directions))

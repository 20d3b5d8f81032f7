"""What a world looks like, and what is written of it, for each value: the parts that the page puts together."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import GridObject
from cogrid.core.rules import kind_of
from cogrid.core.tables import Tables
from cogrid.rendering.ansi import describe_values
from cogrid.rendering.svg import SvgArtist

N_DIRECTIONS = 4


class Drawings:
    """The drawings of all worlds of a page; equal ones stand there once.

    Attributes:
      elements: SVG elements, in the order of their numbers.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    @property
    def elements(self) -> list[str]:
        """The drawings."""
        return list(self._numbers)

    def add(self, elements: str) -> int:
        """Keep a drawing, and return its number."""
        return self._numbers.setdefault(elements, len(self._numbers))


def picture_data(tables: Tables, drawings: Drawings, shown: Collection[int] | None = None) -> dict[str, Any]:
    """The numbers of a world's drawings.

    Args:
      tables: the world.
      drawings: where the drawings go.
      shown: the cell values that are drawn; all if left out.
    Returns:
      `cells`: for each world value, the drawing of each cell value; `agents`: for each world value, those of agent
      value, direction and agent, flat. A single list where all world values look alike; -1 for a value that is not
      drawn.
    """
    artist, rules = SvgArtist(tables), tables.rules
    worlds = range(rules.n_world_values) if rules.has_world_values else [None]
    cells = [
        [
            drawings.add(artist.cell(value, world)) if shown is None or value in shown else -1
            for value in range(rules.n_cell_values)
        ]
        for world in worlds
    ]
    agents = [
        [
            drawings.add(artist.agent(agent_idx, direction, value, world))
            for value in range(rules.n_agent_values)
            for direction in range(N_DIRECTIONS)
            for agent_idx in range(tables.n_agents)
        ]
        for world in worlds
    ]
    return {"cells": _without_repeats(cells), "agents": _without_repeats(agents)}


def _without_repeats(lists: list[list[int]]) -> list[list[int]]:
    return lists[:1] if all(numbers == lists[0] for numbers in lists) else lists


def text_data(tables: Tables) -> dict[str, Any]:
    """What `render_ansi` writes of each value."""
    return dataclasses.asdict(describe_values(tables))


def legend(env: CoGridEnv, drawings: Drawings) -> list[dict[str, Any]]:
    """The objects of a world: what each is called, looks like, and does.

    Args:
      env: the world.
      drawings: where the drawings go.
    """
    rules, compiled = env.tables.settings.rules, env.tables.rules.compiled
    artist = SvgArtist(env.tables)
    world = 0 if env.tables.rules.has_world_values else None
    entries: list[dict[str, Any]] = []
    for entry in rules.objects:
        name = rules.type_name(entry)
        value = _fresh_number(compiled.cell_values, rules.fresh.get(name), name, rules.type_name)
        if value is not None:
            about = _first_sentence(kind_of(entry))
            entries.append({"name": name, "about": about, "picture": drawings.add(artist.cell(value, world))})
    return entries


def _fresh_number(values: Sequence[Any], fresh: Any, name: str, type_name: Any) -> int | None:
    """The number of an object's first value, or of any of its values."""
    if fresh in values:
        return values.index(fresh)
    return next((idx for idx, value in enumerate(values) if type_name(value) == name), None)


def _first_sentence(kind: type[GridObject]) -> str:
    """The first paragraph of a class's docstring; nothing for one that `dataclass` has made up."""
    doc = (kind.__doc__ or "").strip()
    return "" if doc.startswith(f"{kind.__name__}(") else " ".join(doc.split("\n\n")[0].split())

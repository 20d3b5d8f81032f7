"""`object_planes`: the grid as a stack of small-integer planes, for convolutional policies.

Channels, in order: where oneself is (1); where the others are (1); own direction, set at one's own cell (4); the
others' directions, at theirs (4); whether an agent there has terminated (1); one plane for each object class but floor;
one for each item, how many of it lie in the cell, are inside its object, or are in the hand of the agent there; then
one plane for each number that objects show: those of their listed arrays (`pot_timer`), and `object_state` of the
classes without any. A number that can go beyond 255 has a second plane, `..._high`, for how many times 256 it holds;
one that can be below 0 has one for how far, `..._below_0`. Where agents differ in more than what they hold, planes for
that follow, set where the agents are: `agent_level` for a field of numbers, one plane for each content of any other
field (`agent_role_medic`).
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Integer

from cogrid.core.agent import DIRECTION_NAMES, Agent, are_numbers, differing_fields
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.objects import Floor
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError
from cogrid.feature_space.blocks import CellBlock, grid_block
from cogrid.feature_space.feature import TableFeature, register_feature

_AGENT_CHANNELS = (
    "self",
    "other",
    *(f"self_facing_{name}" for name in DIRECTION_NAMES),
    *(f"other_facing_{name}" for name in DIRECTION_NAMES),
    "terminated",
)


@dataclasses.dataclass(frozen=True)
class ObjectPlanes(TableFeature):
    """The whole grid as planes, `[H, W, C]` uint8 for each agent; oneself first, then the others.

    Attributes:
      shows_fields: whether there are planes for what agents differ in besides what they hold.
    """

    shows_fields: bool = True

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """The planes of every look that a cell can have.

        Raises:
          ConfigError: for numbers that planes cannot hold.
        """
        channels, contents = _channels(tables, self.shows_fields), _contents_of(tables)
        place = {name: idx for idx, name in enumerate(channels)}
        compiled = tables.rules.compiled
        kinds = [compiled.rules.type_name(value) for value in compiled.cell_values]
        agents = [_agent_rows(compiled.agent_values, place, who) for who in ("other", "self")]
        for agent_id, fields in enumerate(_fields_of(tables) if self.shows_fields else []):
            for rows in agents:
                rows[agent_id][..., [place[name] for name in fields]] = list(fields.values())
        block = grid_block(tables, _cell_rows(kinds, contents, place), np.stack(agents, axis=3), is_from_0=True)
        for name, column in zip(channels, block.rows.T, strict=True):
            if column.min() < 0 or column.max() > 255:
                raise ConfigError(
                    f"object_planes holds numbers from 0 to 255, and {name!r} goes from {column.min()} to "
                    f"{column.max()}; choose other features."
                )
        return (block,)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return _channels(tables, self.shows_fields)


def _channels(tables: Tables, shows_fields: bool) -> tuple[str, ...]:
    numbers = sorted({name for _, shown in _contents_of(tables) for name in shown})
    fields = sorted({name for shown in _fields_of(tables) for name in shown}) if shows_fields else []
    return (*_AGENT_CHANNELS, *tables.declared.type_names[1:], *numbers, *fields)


@functools.lru_cache(maxsize=256)
def _fields_of(tables: Tables) -> list[dict[str, int]]:
    """What each agent value shows of the fields that agents differ in: a number, or one plane for each content."""
    agents = tables.rules.compiled.agent_values
    shown: list[dict[str, int]] = [{} for _ in agents]
    for field, contents in differing_fields(agents).items():
        for numbers, content in zip(shown, contents, strict=True):
            if are_numbers(contents):
                numbers.update(_as_bytes(f"agent_{field}", int(content)))
            elif content is not None:
                numbers[f"agent_{field}_{getattr(content, 'name', content)}"] = 1
    return shown


@functools.lru_cache(maxsize=256)
def _contents_of(tables: Tables) -> list[tuple[Counter[Item], dict[str, int]]]:
    """The items and the numbers that each cell value shows."""
    states = tables.declared.object_state.tolist()
    return [_contents(value, number) for value, number in zip(tables.rules.compiled.cell_values, states, strict=True)]


def _cell_rows(
    kinds: Sequence[str], contents: Sequence[tuple[Counter[Item], dict[str, int]]], place: dict[str, int]
) -> Integer[np.ndarray, "V C"]:
    """What each cell value shows, by the names of their object types."""
    rows = np.zeros((len(kinds), len(place)), dtype=np.int64)
    for row, kind, (items, numbers) in zip(rows, kinds, contents, strict=True):
        if kind != Floor.name:
            row[place[kind]] = 1
        for item, count in items.items():
            row[place[item.name]] = count
        for name, number in numbers.items():
            row[place[name]] = number
    return rows


def _agent_rows(agents: Sequence[Agent], place: dict[str, int], who: str) -> Integer[np.ndarray, "U 4 2 C"]:
    """What an agent adds to its cell, by agent value, direction and whether it has terminated."""
    rows = np.zeros((len(agents), 4, 2, len(place)), dtype=np.int64)
    rows[..., place[who]] = 1
    rows[:, :, 1, place["terminated"]] = 1
    for direction, name in enumerate(DIRECTION_NAMES):
        rows[:, direction, :, place[f"{who}_facing_{name}"]] = 1
    for row, agent in zip(rows, agents, strict=True):
        if agent.held is not None:
            row[..., place[agent.held.name]] = 1
    return rows


def _contents(value: GridObject, state_number: int) -> tuple[Counter[Item], dict[str, int]]:
    """The items in or on an object, and the numbers that it shows."""
    items: Counter[Item] = Counter()
    numbers: dict[str, int] = {}
    listed = _listed_names(type(value))
    for name in listed:
        shown = getattr(value, name)()
        for idx, entry in enumerate(shown if isinstance(shown, tuple) else (shown,)):
            if isinstance(entry, Item):
                items[entry] += 1
            elif entry is not None:
                numbers |= _as_bytes(f"{name}_{idx}" if isinstance(shown, tuple) else name, int(entry))
    on_floor, state = value.object_type(), value.object_state()
    if isinstance(on_floor, Item):
        items[on_floor] += 1
    if not listed and isinstance(state, Item):
        items[state] += 1
    elif not listed and state is not None and state_number:
        numbers |= _as_bytes("object_state", state_number)
    return items, numbers


@functools.cache
def _listed_names(kind: type[GridObject]) -> tuple[str, ...]:
    """The names of the arrays that a class declares."""
    return tuple(name for name in dir(kind) if hasattr(getattr(kind, name, None), "listed_fill"))


def _as_bytes(name: str, number: int) -> dict[str, int]:
    """A number as what one plane holds of it; what is beyond 255, or below 0, has a plane of its own."""
    if number < 0:
        return _as_bytes(f"{name}_below_0", -number)
    return {name: number % 256, f"{name}_high": number // 256} if number > 255 else {name: number}


object_planes: ObjectPlanes = ObjectPlanes()
register_feature("object_planes", object_planes)

"""A world as text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.core.agent import DIRECTION_NAMES, Agent, agent_name
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.jax_step import start_state
from cogrid.core.objects import Floor
from cogrid.core.rules import Rules
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError
from cogrid.feature_space.feature import relative_direction
from cogrid.feature_space.local_view import local_view

ARROWS = (">", "v", "<", "^")
"""How an agent is written; the index is its direction."""

UP = DIRECTION_NAMES.index("up")

UNKNOWN = "?"
"""Stands for an object that has no character."""

OUTSIDE = "~"
"""Stands for what is off the grid, in a view."""


def render_ansi(state: EnvState) -> str:
    """Write a world in the form of its drawing, then a line for each agent and each object that is not a fresh one.

    Args:
      state: one state, not a batch.
    Returns:
      The grid's rows, of the characters of the layout with agents as `> v < ^`; then lines such as
      `agent_0 > at (2, 3) facing right, holds onion` and `pot at (1, 3): contents onion onion, timer 30`; then what is
      wanted, in a world where that is drawn; then the time. Places are (row, column).
    """
    return _write_cells(state, list(range(state.height * state.width)), state.width, UP, _describe_world(state))


def render_view(state: EnvState, agent_idx: int, radius: int = 2, rotate: bool = False) -> str:
    """Write what is around one agent, as `local_view` shows it: the agent is in the middle.

    Args:
      state: one state, not a batch.
      agent_idx: whose view.
      radius: how far it sees in each direction, in cells.
      rotate: whether what is ahead of the agent is always above the middle; directions are then named as the agent sees
        them, and its own is always up.
    Returns:
      Lines like those of `render_ansi`, of the cells in view only; `~` is off the grid. Places are (row, column) of the
      view, from its upper left corner.
    Raises:
      ConfigError: for an agent that does not exist, or a radius below 1.
    """
    if agent_idx not in range(state.n_agents):
        raise ConfigError(f"There is no agent {agent_idx!r}: agents are numbered from 0 to {state.n_agents - 1}.")
    view = local_view(radius, rotate=rotate)
    window = np.asarray(view.window(state))[agent_idx].tolist()
    up = int(np.asarray(state.agent_dir)[agent_idx]) if rotate else UP
    return _write_cells(state, window, 2 * radius + 1, up)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ValueTexts:
    """What the text form writes of each value of a world.

    Attributes:
      characters: of each cell value.
      types: the name of the object type of each cell value.
      cells: what there is to tell of each cell value; empty for an object as it is at first.
      agents: what each agent value holds, and what else there is to tell of it.
      worlds: for each world value, lines about what is wanted; a list without lines in a world without.
    """

    characters: list[str]
    types: list[str]
    cells: list[str]
    agents: list[str]
    worlds: list[list[str]]


def describe_values(tables: Tables) -> ValueTexts:
    """What `render_ansi` writes of each value, for whoever puts it together elsewhere.

    Args:
      tables: the world.
    """
    rules, compiled = tables.settings.rules, tables.rules.compiled
    state, worlds = start_state(np.zeros(2, dtype=np.uint32), tables), [None]
    if tables.rules.has_world_values:
        worlds = [state.replace(world_value=np.int32(world)) for world in range(tables.rules.n_world_values)]
    return ValueTexts(
        characters=[_symbol(value, rules) for value in compiled.cell_values],
        types=[rules.type_name(value) for value in compiled.cell_values],
        cells=[_describe_changes(value, rules) for value in compiled.cell_values],
        agents=[_describe_agent(value) for value in compiled.agent_values],
        worlds=[[] if world is None else _describe_world(world) for world in worlds],
    )


def _symbol(value: GridObject, rules: Rules) -> str:
    """The character of a value: its own in this world's drawings, else that of what it is or bears."""
    symbols = {value: symbol for symbol, value in rules.symbols.items()}
    return symbols.get(value) or _character(value)


def _write_cells(state: EnvState, window: list[int], width: int, up: int, about_world: Sequence[str] = ()) -> str:
    """Write some of a world's cells.

    Args:
      state: one state, not a batch.
      window: flat cells, row by row; the number of all cells for one off the grid.
      width: cells in a row.
      up: the direction that counts as up.
      about_world: lines about what is wanted; none for an agent's view, which may not see it.
    """
    values = state.tables.rules.compiled.cell_values
    objects = [values[value_id] for value_id in np.asarray(state.cells).tolist()]
    places = {cell: divmod(idx, width) for idx, cell in enumerate(window) if cell < len(objects)}
    rules = state.tables.settings.rules
    characters = [_symbol(objects[cell], rules) if cell in places else OUTSIDE for cell in window]
    about_agents = []
    for agent_idx, (cell, arrow, described) in enumerate(_list_agents(state, up)):
        if cell in places:
            row, column = places[cell]
            characters[row * width + column] = arrow
            about_agents.append(f"{agent_name(agent_idx)} {arrow} at {places[cell]} {described}")
    about_objects = [
        f"{rules.type_name(objects[cell])} at {place}: {described}"
        for cell, place in places.items()
        if (described := _describe_changes(objects[cell], rules))
    ]
    rows = ["".join(characters[start : start + width]) for start in range(0, len(characters), width)]
    return "\n".join([*rows, *about_agents, *about_objects, *about_world, f"time {int(state.time)}"])


def _describe_world(state: EnvState) -> list[str]:
    """What is wanted now, whose goal is whose: the world value by the arrays that the rules read of it, or as it is."""
    if state.world_value is None:
        return []
    read = {name: np.asarray(getattr(state, name)).ravel().tolist() for name in state.tables.declared.world_arrays}
    if not read:
        read = {"world_value": state.tables.settings.rules.world_values[int(state.world_value)]}
    return [f"{name} {_write(tuple(shown) if isinstance(shown, list) else shown)}" for name, shown in read.items()]


def _list_agents(state: EnvState, up: int) -> Iterator[tuple[int, str, str]]:
    """For each agent its cell, its arrow, and where it looks and what it holds."""
    columns = (state.agent_cell, state.agent_dir, state.agent_value, state.terminated)
    for cell, direction, value_id, has_ended in zip(*(np.asarray(column).tolist() for column in columns), strict=True):
        seen = relative_direction(direction, up)
        described = _describe_agent(state.tables.rules.compiled.agent_values[value_id])
        ending = ", has terminated" if has_ended else ""
        yield cell, ARROWS[seen], f"facing {DIRECTION_NAMES[seen]}, {described}{ending}"


def _character(value: GridObject) -> str:
    symbol = value.on.symbol if isinstance(value, Floor) and value.on is not None else type(value).symbol
    return symbol or UNKNOWN


def _describe_agent(agent: Agent) -> str:
    others = [f"{name} {_write(content)}" for name, content in _fields(agent) if name != "held" and content is not None]
    return ", ".join([f"holds {_write(agent.held)}", *others])


def _describe_changes(value: GridObject, rules: Rules) -> str:
    """All fields of an object that differs from a fresh one; empty for one that does not."""
    if value == rules.fresh.get(rules.type_name(value)):
        return ""
    return ", ".join(f"{name} {_write(content)}" for name, content in _fields(value))


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    return ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value) if field.repr)


def _write(content: Any) -> str:
    if content is None or content == ():
        return "nothing"
    if isinstance(content, Item):
        return content.name
    if isinstance(content, tuple):
        return " ".join(_write(part) for part in content)
    return str(content)

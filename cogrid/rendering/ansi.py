"""A world as text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.core.agent import DIRECTION_NAMES, Agent, agent_name
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.objects import Floor

ARROWS = (">", "v", "<", "^")
"""How an agent is written; the index is its direction."""

UNKNOWN = "?"
"""Stands for what no drawing has a character for."""


def render_ansi(state: EnvState) -> str:
    """Write a world as its layout is drawn, then a line for each agent and for each object that is not as it started.

    Args:
      state: one state, not a batch.
    Returns:
      The grid's rows, of the characters of the layout with agents as `> v < ^`; then lines such as
      `agent_0 > at (2, 3) facing right, holds onion` and `pot at (1, 3): contents onion onion, timer 30`; then the
      time. Places are (row, column).
    """
    objects = [state.tables.compiled.cell_values[value_id] for value_id in np.asarray(state.cells).tolist()]
    agents = [state.tables.compiled.agent_values[value_id] for value_id in np.asarray(state.agent_value).tolist()]
    arrows = [ARROWS[direction] for direction in np.asarray(state.agent_dir).tolist()]
    places = [(row, column) for row, column in np.asarray(state.agent_pos).tolist()]
    characters = [_character(value) for value in objects]
    for (row, column), arrow in zip(places, arrows, strict=True):
        characters[row * state.width + column] = arrow
    rows = ["".join(characters[start : start + state.width]) for start in range(0, len(characters), state.width)]
    about_agents = [
        f"{agent_name(idx)} {arrow} at {place} facing {DIRECTION_NAMES[ARROWS.index(arrow)]}, {_describe_agent(agent)}"
        + (", has terminated" if has_ended else "")
        for idx, (place, arrow, agent, has_ended) in enumerate(
            zip(places, arrows, agents, np.asarray(state.terminated).tolist(), strict=True)
        )
    ]
    about_objects = [
        f"{type(value).name} at {divmod(cell, state.width)}: {described}"
        for cell, value in enumerate(objects)
        if (described := _describe_changes(value))
    ]
    return "\n".join([*rows, *about_agents, *about_objects, f"time {int(state.time)}"])


def _character(value: GridObject) -> str:
    symbol = value.on.symbol if isinstance(value, Floor) and value.on is not None else type(value).symbol
    return symbol or UNKNOWN


def _describe_agent(agent: Agent) -> str:
    others = [f"{name} {_write(content)}" for name, content in _fields(agent) if name != "held" and content is not None]
    return ", ".join([f"holds {_write(agent.held)}", *others])


def _describe_changes(value: GridObject) -> str:
    """What is different from a fresh object, field by field; everything if anything is."""
    fresh = {field.name: field.default for field in dataclasses.fields(value)}
    if all(content == fresh[name] for name, content in _fields(value)):
        return ""
    return ", ".join(f"{name} {_write(content)}" for name, content in _fields(value))


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    return ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))


def _write(content: Any) -> str:
    if content is None or content == ():
        return "nothing"
    if isinstance(content, Item):
        return content.name
    if isinstance(content, tuple):
        return " ".join(_write(part) for part in content)
    return str(content)

"""What a world's values look like: the pictures of its rule set, and where there are none, the basic ones."""

from __future__ import annotations

from typing import Any

from cogrid.core.agent import Agent, are_numbers, differing_fields
from cogrid.core.grid_object import GridObject
from cogrid.core.tables import Tables
from cogrid.rendering.basic_pictures import BASIC_PICTURES, draw_agent, draw_any
from cogrid.rendering.canvas import Canvas
from cogrid.rendering.tile import Tile, find_picture


class Looks:
    """Draws the values of a world on tiles.

    It holds the tables' parts and not the tables, so that it does not keep a world alive that nobody uses.

    Attributes:
      cell_values, agent_values: what there is to draw, by its number.
      world_values: the world values; none in a world without.
    """

    def __init__(self, tables: Tables) -> None:
        self.cell_values: tuple[GridObject, ...] = tables.rules.compiled.cell_values
        self.agent_values: tuple[Agent, ...] = tables.rules.compiled.agent_values
        self.world_values: tuple[Any, ...] = tables.rules.compiled.rules.world_values
        self._pictures = {**BASIC_PICTURES, **tables.settings.rules.pictures}
        fields = differing_fields(self.agent_values).values()
        # A badge has room for numbers, and none for marks of yes and no that nobody could tell apart.
        shown = [contents for contents in fields if are_numbers(contents) and not isinstance(contents[0], bool)]
        self._numbers = [" ".join(str(int(of[idx])) for of in shown) for idx in range(len(self.agent_values))]

    def tile(self, canvas: Canvas, size: float, world_id: int | None = None) -> Tile:
        """A tile to draw on, under a world value.

        Args:
          canvas: what it is a part of; its upper left corner.
          size: its edge on the canvas.
          world_id: number of the world value; None in a world without.
        """
        world = None if world_id is None else self.world_values[world_id]
        return Tile(canvas, self._draw_thing, size, world_value=world)

    def draw_cell(self, tile: Tile, value_id: int) -> None:
        """Draw a cell value."""
        tile.draw(self.cell_values[value_id])

    def draw_agent(self, tile: Tile, agent_idx: int, direction: int, value_id: int) -> None:
        """Draw an agent on what is on the tile already."""
        agent: Agent = self.agent_values[value_id]
        draw_agent(tile, agent, agent_idx, direction, agent.badge(tile.world_value) or self._numbers[value_id])

    def _draw_thing(self, tile: Tile, thing: Any) -> None:
        (find_picture(self._pictures, thing) or draw_any)(tile, thing)

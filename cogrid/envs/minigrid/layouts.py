"""The maps: the original's, as drawings for any size.

`G` goal, `L` lava, `n` `w` `e` `s` pieces of a wall with one opening, `,` ground behind the door, `+` a start. Source:
`minigrid.envs` of MiniGrid 3.2.0.
"""

from __future__ import annotations

from cogrid.envs.drawings import read_drawings

LAYOUTS = read_drawings("minigrid")
"""The drawing of four rooms."""


def empty_room(size: int, is_marked: bool = True) -> tuple[str, ...]:
    """A room with the goal in the last corner, and the start in the first.

    Args:
      size: rows and columns, walls included.
      is_marked: whether the agent starts in the corner.
    """
    inside = [[" "] * (size - 2) for _ in range(size - 2)]
    inside[-1][-1] = "G"
    if is_marked:
        inside[0][0] = "+"
    return _walled(inside)


def lava_gap(size: int, column: int) -> tuple[str, ...]:
    """A room that is divided by a column of lava.

    Args:
      size: rows and columns, walls included.
      column: where the lava is.
    """
    rows = [list(row) for row in empty_room(size)]
    for row in rows[1:-1]:
        row[column] = "L"
    return tuple(map("".join, rows))


def door_key(size: int, column: int, num_agents: int = 1) -> tuple[str, ...]:
    """Two rooms with a wall between them, in which a door is hung anywhere but in the last row.

    Args:
      size: rows and columns, walls included.
      column: where the wall is.
      num_agents: how many agents start in the first room.
    """
    inside = [[" "] * (column - 1) + ["n"] + [","] * (size - 2 - column) for _ in range(size - 2)]
    inside[-1][column - 1], inside[-1][-1] = "#", "G"
    for row in inside[:num_agents]:
        row[0] = "+"
    return _walled(inside)


def _walled(inside: list[list[str]]) -> tuple[str, ...]:
    wall = "#" * (len(inside[0]) + 2)
    return wall, *(f"#{''.join(row)}#" for row in inside), wall

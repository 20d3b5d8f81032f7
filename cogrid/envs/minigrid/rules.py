"""The rule sets of MiniGrid's worlds."""

from __future__ import annotations

import functools

from cogrid.core.acts import Act
from cogrid.core.draw import Draw
from cogrid.core.rules import STAGES, Rules
from cogrid.envs.minigrid.objects import KEY, Ball, Brick, Door, Goal, Ground, Key, Lava, Partition, Walker
from cogrid.envs.minigrid.pictures import PICTURES

ACTIONS = ("RotateLeft", "RotateRight", "Forward", Act("Pickup"), Act("Drop"), "Toggle", "Noop")
"""The original's seven, in its order; its last one, "done", does nothing in these worlds."""

STEPS_AMONG_OBSTACLES = ("RotateLeft", "RotateRight", Act("Advance", moves="Forward"), "Noop")
"""The three that count where things move, and one for an agent whose episode has ended."""

FOUR_GAPS = tuple(Draw(f"open_{side}") for side in ("north", "west", "east", "south"))
"""One opening in each of the four walls."""


@functools.lru_cache(maxsize=64)
def minigrid_rules(
    draws: tuple[Draw, ...] = (),
    start_direction: int | None = 0,
    start_in_room: bool = False,
    has_obstacles: bool = False,
) -> Rules:
    """The rules of MiniGrid's worlds; the same object for equal arguments.

    Args:
      draws: what is drawn at reset.
      start_direction: the direction that agents start in; None to draw it.
      start_in_room: whether agents start anywhere in the room of their mark.
      has_obstacles: whether balls move, and running into something ends an agent's episode. Agents act first then, on
        what they have seen; the balls move, and after them the agents.
    """
    return Rules(
        name="minigrid",
        objects=(Ground, Brick, Goal, Lava, Partition, Key, Door, Ball),
        items=() if has_obstacles else (KEY,),
        agents=(Walker(),),
        items_on_floor=False,
        actions=STEPS_AMONG_OBSTACLES if has_obstacles else ACTIONS,
        stages=("interact", "tick", "move") if has_obstacles else STAGES,
        draws=draws,
        start_direction=start_direction,
        start_in_room=start_in_room,
        symbols={**{letter: Partition(number) for number, letter in enumerate("nwes")}, ",": Ground(is_beyond=True)},
        pictures=PICTURES,
    )

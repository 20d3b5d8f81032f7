"""`Item`: a thing that can be carried."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Item:
    """A thing that an agent can hold, and that lies on free floor or wherever a rule puts it.

    Two items of one name are the same item.

    Attributes:
      name: the object type that the item counts as.
      symbol: the character that puts one on the floor in a drawing; None if no drawing has one.
      color: `(red, green, blue)`, 0..255 each, for pictures.
    """

    name: str
    symbol: str | None = dataclasses.field(default=None, compare=False)
    color: tuple[int, int, int] = dataclasses.field(default=(150, 150, 150), compare=False)

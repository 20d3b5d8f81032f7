"""`Item`: a thing that can be carried."""

from __future__ import annotations

import dataclasses

from cogrid.core.setting_kinds import COLOR, NAME, SYMBOL, Kind, check_settings, is_color


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

    def __post_init__(self) -> None:
        check_settings(f"Item {self.name!r}", _KINDS, {name: getattr(self, name) for name in _KINDS})


_KINDS: dict[str, Kind] = {"name": NAME, "symbol": SYMBOL, "color": (is_color, COLOR[1])}
"""What each setting of an item is."""

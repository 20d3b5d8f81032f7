"""Several layouts for one environment: `LayoutSet`, and reading it for a rule set."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Sequence

from cogrid.core.layout import Layout, LayoutSource, layout_names, read_drawing
from cogrid.core.rules import Rules
from cogrid.errors import LayoutError


@dataclasses.dataclass(frozen=True)
class LayoutSet:
    """Several layouts for one environment; one of them is drawn at each reset, each as likely as any other.

    The world is as high as the highest layout and as wide as the widest; smaller ones are filled up with walls below
    and on the right. Which layout a state plays is its `layout_idx`, an index into this set.

    Attributes:
      layouts: registered names, drawings or files, at least one; kept as drawings, each a tuple of rows.
      names: what to call each; by default a registered name, a file's name without its ending, or `drawing_3`.
    """

    layouts: Sequence[LayoutSource]
    names: Sequence[str] = ()

    def __post_init__(self) -> None:
        if isinstance(self.layouts, (str, os.PathLike)):
            raise LayoutError(f"A LayoutSet takes a list of layouts: LayoutSet([{str(self.layouts)!r}, ...]).")
        sources = tuple(self.layouts)
        if not sources:
            raise LayoutError("A LayoutSet needs at least one layout.")
        names = tuple(self.names) or tuple(_name(idx, source) for idx, source in enumerate(sources))
        if len(names) != len(sources):
            raise LayoutError(f"A LayoutSet of {len(sources)} layouts has {len(names)} names; give one for each.")
        object.__setattr__(self, "layouts", tuple(read_drawing(source) for source in sources))
        object.__setattr__(self, "names", names)

    def __len__(self) -> int:
        """How many layouts there are."""
        return len(self.layouts)

    def read(self, rules: Rules) -> tuple[Layout, ...]:
        """Read all drawings, and fill them up to one size.

        Args:
          rules: whose symbols the drawings use.
        Raises:
          LayoutError: for a drawing that cannot be read; names the layout.
        """
        read = []
        for name, drawing in zip(self.names, self.layouts, strict=True):
            try:
                read.append(Layout.read(drawing, rules))
            except LayoutError as error:
                raise LayoutError(f"Layout {name!r} of the set: {error}") from error
        height, width = max(layout.height for layout in read), max(layout.width for layout in read)
        return tuple(layout.filled_up(height, width) for layout in read)


def read_layouts(layout: LayoutSource | LayoutSet, rules: Rules) -> Layout | tuple[Layout, ...]:
    """Read what the setting `layout` holds: one layout, or all those of a set.

    Args:
      layout: a registered name, a drawing, a file, or a set of these.
      rules: whose symbols the drawings use.
    Raises:
      LayoutError: for a drawing that cannot be read.
    """
    return layout.read(rules) if isinstance(layout, LayoutSet) else Layout.read(layout, rules)


def _name(idx: int, source: LayoutSource) -> str:
    if isinstance(source, str) and source in layout_names():
        return source
    if isinstance(source, os.PathLike) or (isinstance(source, str) and "\n" not in source):
        return pathlib.Path(source).stem
    return f"drawing_{idx}"

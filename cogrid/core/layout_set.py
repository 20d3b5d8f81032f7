"""Several layouts for one environment: `LayoutSet`, and reading it for a rule set."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from jaxtyping import Int

from cogrid.core.layout import Layout, LayoutSource, check_source, layout_names, read_drawing
from cogrid.core.rules import Rules
from cogrid.errors import LayoutError, did_you_mean


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
        given: Any = self.layouts
        if isinstance(given, (str, os.PathLike)) or not isinstance(given, Iterable):
            raise LayoutError(f"A LayoutSet takes a list of layouts: LayoutSet([{given!r}, ...]).")
        sources = tuple(self.layouts)
        if not sources:
            raise LayoutError("A LayoutSet needs at least one layout.")
        for source in sources:
            check_source(source)
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
        read: list[Layout] = []
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


def layout_index(layout: Any, names: Sequence[str]) -> int:
    """The index of a layout of a set that is given as index or by name.

    Args:
      layout: the index, or the name.
      names: the names of the set's layouts in order; empty for a world that plays a single layout.
    Raises:
      LayoutError: for a layout that the set does not have, and in a world that plays a single layout.
    """
    if not names:
        raise LayoutError(
            f"Layout {layout!r} was asked for, and this world has a single one: make it with "
            "layout=LayoutSet([...]) to choose among several."
        )
    if isinstance(layout, str):
        if layout not in names:
            raise LayoutError(f"There is no layout {layout!r} in the set. {did_you_mean(layout, names)}")
        return names.index(layout)
    if isinstance(layout, bool) or not isinstance(layout, Integral) or layout not in range(len(names)):
        raise LayoutError(f"A layout of the set is a name, or a number from 0 to {len(names) - 1}, not {layout!r}.")
    return int(layout)


def layout_indices(layouts: Any, names: Sequence[str], num_envs: int) -> Int[np.ndarray, "B"]:
    """The indices of the layouts that some environments are to play.

    Args:
      layouts: one for all, or a sequence with one for each environment; each an index or a name.
      names: the names of the set's layouts in order; empty for a world that plays a single layout.
      num_envs: how many environments.
    Returns:
      `[B]` int32.
    Raises:
      LayoutError: for a layout that the set does not have, in a world that plays a single layout, and for another
        number of layouts.
    """
    given = np.asarray(layouts, dtype=object)
    if given.ndim == 0:
        return np.full(num_envs, layout_index(given[()], names), dtype=np.int32)
    if given.shape != (num_envs,):
        raise LayoutError(
            f"layout is one for all, or one for each of the {num_envs} environments, not {len(given)} of them."
        )
    return np.array([layout_index(layout, names) for layout in given], dtype=np.int32)


def _name(idx: int, source: LayoutSource) -> str:
    if isinstance(source, str) and source in layout_names():
        return source
    if isinstance(source, os.PathLike) or (isinstance(source, str) and "\n" not in source):
        return pathlib.Path(source).stem
    return f"drawing_{idx}"

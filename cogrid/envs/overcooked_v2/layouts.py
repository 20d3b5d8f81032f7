"""The kitchens of OvercookedV2, and which soups can be wanted in each.

`C` counter, `U` pot, `a` to `d` ingredient stacks, `=` plate stack, `@` delivery zone, `R` recipe indicator, `L` button
that shows the recipe while it is lit, `1` and `2` where agents start.

Source: `overcooked_v2_layouts` of JaxMARL 0.2.0 (Gessler et al., 2025, arXiv 2503.17821). Exact.
"""

from __future__ import annotations

import dataclasses
import tomllib

from cogrid.envs.drawings import layout_folder, read_drawings
from cogrid.envs.kitchen import layouts as kitchen
from cogrid.envs.overcooked_v2.objects import Recipe, ingredients_drawn, recipes_of


@dataclasses.dataclass(frozen=True)
class Kitchen(kitchen.Kitchen):
    """A kitchen of OvercookedV2.

    Attributes:
      wanted: the recipes that can be wanted, by their digits; None for all of its ingredients.
    """

    wanted: list[str] | None = None

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """The recipes that can be wanted."""
        every = recipes_of(ingredients_drawn(self.drawing.splitlines()))
        return tuple(one for one in every if self.wanted is None or "".join(map(str, one)) in self.wanted)


_WANTED = tomllib.loads((layout_folder("overcooked_v2") / "recipes.toml").read_text(encoding="utf-8"))

KITCHENS = tuple(Kitchen(name, drawing, _WANTED.get(name)) for name, drawing in read_drawings("overcooked_v2").items())
"""All kitchens."""

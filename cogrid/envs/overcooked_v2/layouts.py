"""The kitchens of OvercookedV2, and which soups can be wanted in each.

`C` counter, `U` pot, `a` to `d` ingredient stacks, `=` plate stack, `@` delivery zone, `R` recipe indicator, `L` button
that shows the recipe while it is lit, `1` and `2` where agents start.

Source: `overcooked_v2_layouts` of JaxMARL 0.2.0 (Gessler et al., 2025, arXiv 2503.17821). Exact.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from cogrid.envs.kitchen import layouts as kitchen
from cogrid.envs.overcooked_v2.objects import Recipe, ingredients_drawn, recipes_of

ANY = ()
"""Stands for all the recipes that can be made of a kitchen's ingredients."""


@dataclasses.dataclass(frozen=True)
class Kitchen(kitchen.Kitchen):
    """A kitchen of OvercookedV2.

    Attributes:
      wanted: the recipes that can be wanted, by their digits; `ANY` for all.
    """

    drawing: str
    wanted: Sequence[str] = ANY

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """The recipes that can be wanted."""
        every = recipes_of(ingredients_drawn(self.drawing.splitlines()))
        return tuple(recipe for recipe in every if self.wanted == ANY or "".join(map(str, recipe)) in self.wanted)


KITCHENS = (
    Kitchen(
        "cramped_room",
        """
CCUCC
a2 1a
C   C
C=C@C
""",
        ("000",),
    ),
    Kitchen(
        "asymm_advantages",
        """
CCCCCCCCC
a C@CaC @
C   U   C
C 1 U2  C
CCC=C=CCC
""",
        ("000",),
    ),
    Kitchen(
        "coord_ring",
        """
CCCUC
C 1 U
=2C C
a   C
Ca@CC
""",
        ("000",),
    ),
    Kitchen(
        "forced_coord",
        """
CCCUC
a C1U
a2C C
= C C
CCC@C
""",
        ("000",),
    ),
    Kitchen(
        "counter_circuit",
        """
CCCUUCCC
C 2    C
= CCCC @
C     1C
CCCaaCCC
""",
        ("000",),
    ),
    Kitchen(
        "cramped_room_v2",
        """
CCUCC
a1 2b
C   R
C=C@C
""",
    ),
    Kitchen(
        "asymm_advantages_recipes_center",
        """
CCCCCCCCC
a C@Rab @
b   U   C
C 1 U2  C
CCC=C=CCC
""",
    ),
    Kitchen(
        "asymm_advantages_recipes_right",
        """
CCCCCCCCC
a C@Cab @
b   U   R
C 1 U2  C
CCC=C=CCC
""",
    ),
    Kitchen(
        "asymm_advantages_recipes_left",
        """
CCCCCCCCC
a C@Cab @
b   U   R
R 1 U2  C
CCC=C=CCC
""",
    ),
    Kitchen(
        "two_rooms",
        """
CCCCC=baC
C   C   R
U 1 C 2 C
C   C   @
CCCCCCCCC
""",
    ),
    Kitchen(
        "two_rooms_both",
        """
Cab=C=baC
C   C   R
U 1 C 2 C
C   C   @
CCCCCCCCC
""",
    ),
    Kitchen(
        "long_room",
        """
CCCCCCCCCCCCCCC
=            1U
a             @
CCCCCCCCCCCCCCC
""",
        ("000",),
    ),
    Kitchen(
        "fun_coordination",
        """
CCCCCCCCC
a   @   c
R1  U  2C
b   =   d
CCCCCCCCC
""",
        ("002", "113"),
    ),
    Kitchen(
        "more_fun_coordination",
        """
CCCCCCCCC
C   @   C
R1  U  2b
a   U   c
C   =   C
CCCCCCCCC
""",
        ("011", "022"),
    ),
    Kitchen(
        "fun_symmetries",
        """
CCCC=CC
c  C  a
R 1U2 @
c  C  b
CCCC=CC
""",
        ("000", "111"),
    ),
    Kitchen(
        "fun_symmetries_plates",
        """
CCCCCCC
=  C  a
R 1U2 @
=  C  b
CCCCCCC
""",
        ("000", "111"),
    ),
    Kitchen(
        "fun_symmetries1",
        """
CCCCC=CC
c  CC  a
R 1CU2 @
c  CC  b
CCCCC=CC
""",
        ("000", "111"),
    ),
    Kitchen(
        "grounded_coord_simple",
        """
CCcCCCCC
C  C=  a
R 1LU2 @
C  C=  b
CCcCCCCC
""",
        ("000", "111"),
    ),
    Kitchen(
        "grounded_coord_ring",
        """
CCCcRcCCC
C       C
C CCLCC C
c a   = c
R1@2U @ R
c b   = c
C CCLCC C
C       C
CCCcRcCCC
""",
        ("000", "111"),
    ),
    Kitchen(
        "test_time_simple",
        """
CCcCCCCC
C  C=  a
R 1CU2 @
C  C=  b
CCcCCCCC
""",
        ("000", "111"),
    ),
    Kitchen(
        "test_time_wide",
        """
CC@=CC
a 1  a
b    b
CUCUCC
d 2  d
C    C
CCRCCC
""",
        ("000", "111"),
    ),
    Kitchen(
        "demo_cook_simple",
        """
CCCCCRcCaCC
a      C  =
C     1U2 @
b      C  =
CCCCCRcCbCC
""",
        ("000", "111"),
    ),
    Kitchen(
        "demo_cook_wide",
        """
CCCC=@=CCCC
CCCa 1 bCCC
CCCCCUCCCCC
C    2    C
a  CdRdC  a
CbCCCCCCCbC
""",
        ("000", "111"),
    ),
)

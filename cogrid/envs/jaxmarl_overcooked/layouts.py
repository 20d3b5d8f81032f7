"""The five kitchens of JaxMARL's Overcooked.

`C` counter, `U` pot, `O` onion stack, `=` plate stack, `@` delivery zone, `1` and `2` where the two agents start.

Source: `overcooked_layouts` of JaxMARL 0.2.0. Exact; what is wall there and no station is a counter.
"""

LAYOUTS = {
    "cramped_room": """
CCUCC
O1 2O
C   C
C=C@C
""",
    "asymm_advantages": """
CCCCCCCCC
O C@COC @
C   U   C
C 1 U2  C
CCC=C=CCC
""",
    "coord_ring": """
CCCUC
C 1 U
=2C C
O   C
CO@CC
""",
    "forced_coord": """
CCCUC
O C2U
O1C C
= C C
CCC@C
""",
    "counter_circuit": """
CCCUUCCC
C 1    C
= CCCC @
C     2C
CCCOOCCC
""",
}

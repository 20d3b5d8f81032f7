"""The five classic kitchens.

Source: Carroll et al. (2019), "On the utility of learning about humans for human-AI coordination", figure 3.
Differs: an outer ring of walls, and in Asymmetric Advantages one start in each of the two rooms.

`C` counter, `U` pot, `O` onion stack, `T` tomato stack, `=` plate stack, `@` delivery zone, `+` start, `#` wall.
"""

LAYOUTS = {
    "CrampedRoom": """
#######
#CCUCC#
#O   O#
#C   C#
#C=C@C#
#######
""",
    "AsymmetricAdvantages": """
###########
#CCCCCCCCC#
#O C@COC @#
#C+  U  +C#
#C   U   C#
#CCC=C=CCC#
###########
""",
    "CoordinationRing": """
#######
#CCCUC#
#C   U#
#= C C#
#O   C#
#CO@CC#
#######
""",
    "ForcedCoordination": """
#######
#CCCUC#
#O+C U#
#O C C#
#= C+C#
#CCC@C#
#######
""",
    "CounterCircuit": """
##########
#CCCUUCCC#
#C      C#
#= CCCC @#
#C      C#
#CCCOOCCC#
##########
""",
}

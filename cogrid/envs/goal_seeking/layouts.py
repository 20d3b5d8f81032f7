"""Maps for goal seeking: `A` to `Z` goals, digits and `+` starts, `#` wall. The maps are our own.

Goals are in nooks and corners: an agent that has arrived stays there, and must not cut the others off.
"""

LAYOUTS = {
    # Two rooms, joined by a corridor with one bay. Agents 0 and 2 go from right to left, 1 and 3 the other way.
    "Corridor": """
#############
#A   # #   B#
# 2       1 #
# 4  ###  3 #
#C   ###   D#
#############
""",
    # One room between pillars, with six nooks.
    "Nooks": """
###########
##A##B##C##
#   + +   #
# ## + ## #
#   + +   #
##D##E##F##
###########
""",
}

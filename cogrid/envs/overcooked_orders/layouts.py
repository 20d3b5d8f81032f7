"""Kitchens with an order board in the wall.

`Q` order slot, `C` counter, `U` pot, `O` onion stack, `T` tomato stack, `=` plate stack, `@` delivery zone, `+` start.
"""

LAYOUTS = {
    "MixedKitchen": """
###QQQ###
#CCUCUCC#
#O +   T#
#C     C#
#= CCC +#
#C     @#
#CCCCCCC#
#########
""",
    "MixedRoom": """
##QQ###
#CCUCC#
#O+ +T#
#C   C#
#C=C@C#
#######
""",
}

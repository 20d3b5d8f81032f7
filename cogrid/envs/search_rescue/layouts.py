"""Three disaster sites, small to large.

`R` rubble, `D` locked door, `g` `y` `r` victims, `m` med kit, `p` pickaxe, `k` key, `+` start, `#` wall. All can be
solved by a medic and an engineer (`solvability.py`), and none without both. The maps are our own.
"""

LAYOUTS = {
    "Small": """
#########
#++ #  r#
#++ D   #
#k g# m #
#####R###
#y     g#
#########
""",
    "Medium": """
#############
#++ #  k#  y#
#++ R   D   #
# m #g  # r #
#   #   #   #
##R#######D##
#   #  y#   #
# g D   R  g#
#   #r m# p #
#g  #   #   #
#############
""",
    "Large": """
###################
#++   #    #    r #
#++   R  g D      #
# m   # y  #   y  #
#     #    #      #
###R#####D####R####
#     #    #      #
# g   D    R  p   #
#     # r  #    g #
#k    # m  #      #
####D#####R####D###
#     #    #      #
# y   R  g #  r   #
#   r #y   D    g #
###################
""",
}

MAX_STEPS = {"Small": 300, "Medium": 600, "Large": 1000}
"""Steps of an episode on each map."""

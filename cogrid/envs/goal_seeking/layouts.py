"""Maps for goal seeking: `A` to `Z` goals, digits and `+` starts, `#` wall. The maps are our own.

Goals are in nooks and corners: an agent that has arrived stays there, and must not cut the others off. `Corridor` is
two rooms joined by a corridor with one bay; agents 0 and 2 go from right to left, 1 and 3 the other way. `Nooks` is one
room between pillars, with six nooks.
"""

from cogrid.envs.drawings import read_drawings

LAYOUTS = read_drawings("goal_seeking")
"""The maps by name."""

"""The five classic kitchens, drawn in the files of the folder `layouts`.

Source: Carroll et al. (2019), "On the utility of learning about humans for human-AI coordination", figure 3.
Differs: an outer ring of walls, and in Asymmetric Advantages one start in each of the two rooms.

`C` counter, `U` pot, `O` onion stack, `T` tomato stack, `=` plate stack, `@` delivery zone, `+` start, `#` wall.
"""

from cogrid.envs.drawings import read_drawings

LAYOUTS = read_drawings("overcooked")
"""The maps by name."""

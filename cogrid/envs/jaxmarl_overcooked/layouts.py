"""The five kitchens of JaxMARL's Overcooked.

`C` counter, `U` pot, `O` onion stack, `=` plate stack, `@` delivery zone, `1` and `2` where the two agents start.

Source: `overcooked_layouts` of JaxMARL 0.2.0. Exact; what is wall there and no station is a counter.
"""

from cogrid.envs.drawings import read_drawings

LAYOUTS = read_drawings("jaxmarl_overcooked")
"""The maps by name."""

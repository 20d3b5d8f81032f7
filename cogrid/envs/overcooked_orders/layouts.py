"""Kitchens with an order board in the wall.

`Q` order slot, `C` counter, `U` pot, `O` onion stack, `T` tomato stack, `=` plate stack, `@` delivery zone, `+` start.
"""

from cogrid.envs.drawings import read_drawings

LAYOUTS = read_drawings("overcooked_orders")
"""The maps by name."""

"""Maps for Clean Up: `~` river, `w` river with waste, `a` apple trees, `#` wall. The map is our own.

`River` has the river in the north, half full of waste, and the orchard in the south: whoever cleans is too far away to
eat.
"""

from cogrid.envs.drawings import read_drawings

LAYOUTS = read_drawings("clean_up")
"""The maps by name."""

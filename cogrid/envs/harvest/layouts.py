"""Maps for Harvest: `a` apple trees, `#` wall; agents start on free floor. The map is our own.

`Orchard` is one field with groups of trees, so that a group that is eaten up stays bare while others go on.
"""

from cogrid.envs.drawings import read_drawings

LAYOUTS = read_drawings("harvest")
"""The maps by name."""

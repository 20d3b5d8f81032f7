"""Three disaster sites, small to large.

`R` rubble, `D` locked door, `g` `y` `r` victims, `m` med kit, `p` pickaxe, `k` key, `+` start, `#` wall. All can be
solved by a medic and an engineer (`solvability.py`), and none without both. The maps are our own.
"""

from cogrid.envs.drawings import read_drawings

LAYOUTS = read_drawings("search_rescue")
"""The maps by name."""

MAX_STEPS = {"Small": 300, "Medium": 600, "Large": 1000}
"""Steps of an episode on each map."""

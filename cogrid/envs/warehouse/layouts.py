"""The four warehouses: `x` racks, `g` goals, `.` where robots drive.

Source: the registered sizes of rware 2.0.0, by `Warehouse._make_layout_from_params`. Exact.
"""

from cogrid.envs.drawings import read_drawings

LAYOUTS = read_drawings("warehouse")
"""The maps by name."""

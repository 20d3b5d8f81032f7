"""The multi-robot warehouse, exactly: robots bring the shelves that are requested to the goals, and take them back.

What racks, goals and robots do is in `objects.py`, the order of a step in `rules.py`, what robots see in `features.py`.
"""

from cogrid.envs.warehouse.features import WarehouseImage as WarehouseImage
from cogrid.envs.warehouse.features import WarehouseVector as WarehouseVector

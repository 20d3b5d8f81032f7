"""Level-Based Foraging, exactly: players load food together, and need levels that add up to the food's level.

What players and food do is in `objects.py`, what levels they have in `levels.py`, what players see in `features.py`.
"""

from cogrid.envs.foraging.features import ForagingGrid as ForagingGrid
from cogrid.envs.foraging.features import ForagingVector as ForagingVector

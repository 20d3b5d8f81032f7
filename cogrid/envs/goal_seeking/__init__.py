"""Goal seeking: each agent has a goal of its own, and its episode ends there.

What a goal is is in `objects.py`, whose it is in `rules.py`, how agents see it in `features.py`.
"""

from cogrid.envs.goal_seeking.features import GoalPlanes as GoalPlanes

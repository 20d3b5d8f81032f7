"""Overcooked-AI, exactly: the rules of overcooked_ai 1.1.0, and with `old_dynamics=True` those before it.

The rule of the pot is in `objects.py`, the order of a step in `rules.py`.
"""

from cogrid.envs.overcooked_ai.features import overcooked_ai_planes as overcooked_ai_planes
from cogrid.envs.overcooked_ai.featurisation import overcooked_ai_features as overcooked_ai_features

"""CoGrid: multi-agent grid worlds with rules in plain Python, stepped by NumPy and by JAX with the same result."""

import cogrid.envs  # noqa: F401  # pyright: ignore[reportUnusedImport] - registers the built-in environments
from cogrid.core.agent import Agent
from cogrid.core.config import EnvConfig
from cogrid.core.grid_object import GridObject, Outcome, listed_array
from cogrid.core.item import Item
from cogrid.core.layout_set import LayoutSet
from cogrid.core.rules import Rules
from cogrid.envs.registry import make, make_vec, register

__all__ = [
    "Agent",
    "EnvConfig",
    "GridObject",
    "Item",
    "LayoutSet",
    "Outcome",
    "Rules",
    "listed_array",
    "make",
    "make_vec",
    "register",
]
__version__ = "1.0.0"

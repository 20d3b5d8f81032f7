"""CoGrid: multi-agent grid worlds with rules in plain Python, stepped by NumPy and by JAX with the same result."""

import cogrid.envs  # noqa: F401  # pyright: ignore[reportUnusedImport] - registers the built-in environments
from cogrid.backend.namespaces import namespace
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.acts import AROUND, FACED, ITSELF, OWN, Act, Beam
from cogrid.core.agent import Agent, Changed, Meeting
from cogrid.core.chance import Chance
from cogrid.core.config import EnvConfig
from cogrid.core.counts import ACTORS, AGENTS, MAP, Count, Disc
from cogrid.core.draw import Draw
from cogrid.core.events import has_happened, read_events
from cogrid.core.grid_object import EIGHT, FOUR, Event, GridObject, Move, Outcome, listed_array
from cogrid.core.item import Item
from cogrid.core.layout_set import LayoutSet
from cogrid.core.objects import Floor
from cogrid.core.reward import ArrayReward, EventReward, IntentReward
from cogrid.core.rules import Rules
from cogrid.envs.registry import config_factory, make, make_single_agent, make_single_agent_vec, make_vec, register
from cogrid.errors import (
    ActionError,
    BackendError,
    CheckpointError,
    CoGridError,
    ConfigError,
    EpisodeError,
    LayoutError,
    MissingDependencyError,
    RuleError,
    SeedError,
    StateError,
)
from cogrid.feature_space.feature import ArrayFeature
from cogrid.feature_space.local_view import local_view
from cogrid.game import Game
from cogrid.layout_check.check import check_layout
from cogrid.learning.policy_file import load_policy
from cogrid.policy import random_policy
from cogrid.recording.trajectory import Trajectory, TrajectoryRecorder
from cogrid.single_agent.environment import SingleAgentEnv
from cogrid.vector.environment import CoGridVectorEnv
from cogrid.vector.rollout import rollout, step_in_place
from cogrid.vector.single_agent import SingleAgentVectorEnv

__all__ = [
    "ACTORS",
    "AGENTS",
    "AROUND",
    "EIGHT",
    "FACED",
    "FOUR",
    "ITSELF",
    "MAP",
    "OWN",
    "Act",
    "ActionError",
    "Agent",
    "ArrayFeature",
    "ArrayReward",
    "BackendError",
    "Beam",
    "Chance",
    "Changed",
    "CheckpointError",
    "CoGridEnv",
    "CoGridError",
    "CoGridVectorEnv",
    "ConfigError",
    "Count",
    "Disc",
    "Draw",
    "EnvConfig",
    "EpisodeError",
    "Event",
    "EventReward",
    "Floor",
    "Game",
    "GridObject",
    "IntentReward",
    "Item",
    "LayoutError",
    "LayoutSet",
    "Meeting",
    "MissingDependencyError",
    "Move",
    "Outcome",
    "RuleError",
    "Rules",
    "SeedError",
    "SingleAgentEnv",
    "SingleAgentVectorEnv",
    "StateError",
    "Trajectory",
    "TrajectoryRecorder",
    "check_layout",
    "config_factory",
    "has_happened",
    "listed_array",
    "load_policy",
    "local_view",
    "make",
    "make_single_agent",
    "make_single_agent_vec",
    "make_vec",
    "namespace",
    "random_policy",
    "read_events",
    "register",
    "rollout",
    "step_in_place",
]
__version__ = "1.0.0"


def _show_trajectory(trajectory: Trajectory) -> str:
    """What a notebook shows of a trajectory; drawing is imported when something is drawn."""
    from cogrid.page.replay import notebook_html

    return notebook_html(trajectory)


Trajectory.notebook_html = _show_trajectory

"""Episodes as a page: one file with every state, in which one steps forth and back."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Shaped

from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.registry import make
from cogrid.errors import CoGridError
from cogrid.page.bundle import BundleWriter
from cogrid.page.export import about, fill_page
from cogrid.page.looks import Drawings, legend, picture_data, text_data
from cogrid.page.policies import action_probabilities
from cogrid.recording.trajectory import Trajectory

if TYPE_CHECKING:
    from cogrid.learning.policy_file import LearnedPolicy

MAX_OBSERVATION_BYTES = 2**24
"""Observations are left out of a page where they are larger than this."""

NOTEBOOK_HEIGHT = 560


def replay_states(trajectory: Trajectory, env: CoGridEnv) -> list[EnvState]:
    """Every state of an episode, as NumPy arrays: `T + 1` of them, fewer where the rules do not reproduce it.

    Args:
      trajectory: the episode.
      env: an environment of the same rules, map and settings, under NumPy; it is left where the replay ends.
    Raises:
      StateError: when the trajectory is of another environment, or its start is not a state of it.
    """
    env.set_state(trajectory.start_state(env))
    states = [env.get_state()]
    for joint in trajectory.actions.tolist():
        if not env.agents:
            break
        env.step({agent: joint[env.possible_agents.index(agent)] for agent in env.agents})
        states.append(env.get_state())
    return states


def replay_text(
    trajectory: Trajectory, env: CoGridEnv, policies: Mapping[str, LearnedPolicy] = MappingProxyType({})
) -> str:
    """A page that shows an episode, as one text that needs nothing else.

    Args:
      trajectory: the episode.
      env: an environment of the same rules, map and settings, under NumPy.
      policies: by name, policies whose probabilities of actions are shown for each state.
    Raises:
      StateError: when the trajectory is of another environment, or its start is not a state of it.
      ConfigError: for a policy of another world.
    """
    states = replay_states(trajectory, env)
    writer, drawings = BundleWriter(), Drawings()
    world = _world(env, states, drawings)
    episode = _episode(trajectory, env, states, writer)
    episode["policies"] = [
        {"name": name, "probabilities": writer.add(action_probabilities(policy, env, states[:-1]))}
        for name, policy in policies.items()
    ]
    document = {"worlds": [world], "replay": episode}
    return fill_page("replay", env.config.name, document, writer, drawings, world["pictures"]["agents"][0][0])


def _world(env: CoGridEnv, states: Sequence[EnvState], drawings: Drawings) -> dict[str, Any]:
    """What the page needs to know of a world to show it; its rules are not needed."""
    tables = env.tables
    seen = {int(value) for state in states for value in np.unique(np.asarray(state.cells))}
    rules = {
        "n_agents": tables.n_agents,
        "max_steps": tables.max_steps,
        "events": list(tables.rules.event_names),
        "actions": list(tables.action_set.names),
    }
    return {
        "id": env.config.name,
        "about": about(env),
        "game": {"header": {"rules": rules, "map": {"height": tables.height, "width": tables.width}}, "arrays": {}},
        "pictures": picture_data(tables, drawings, seen),
        "text": text_data(tables),
        "legend": legend(env, drawings),
        "acts": np.flatnonzero(tables.rules.interaction).tolist(),
        "startTime": int(states[0].time),
    }


def _episode(
    trajectory: Trajectory, env: CoGridEnv, states: Sequence[EnvState], writer: BundleWriter
) -> dict[str, Any]:
    n_steps = len(states) - 1
    agents = {name: [getattr(state, f"agent_{name}") for state in states] for name in ("cell", "dir", "value")}
    agents |= {name: [getattr(state, name) for state in states] for name in ("terminated", "events")}
    world_values = [0 if state.world_value is None else int(state.world_value) for state in states]
    observations = _observations(env, states)
    space = env.observation_space(env.possible_agents[0])
    return {
        "n_steps": n_steps,
        "seed": trajectory.seed,
        "cells": writer.add(np.stack([np.asarray(state.cells) for state in states])),
        "agents": {name: writer.add(np.stack([np.asarray(one) for one in column])) for name, column in agents.items()},
        "world_value": writer.add(np.array(world_values)),
        "actions": writer.add(trajectory.actions[:n_steps]),
        "rewards": writer.add(trajectory.rewards[:n_steps].astype(np.float32)),
        "observations": None if observations is None else writer.add(observations),
        "shape": list(space.shape or ()),
        "channels": list(env.observation_channels),
    }


def _observations(env: CoGridEnv, states: Sequence[EnvState]) -> Shaped[np.ndarray, "..."] | None:
    """What all agents observed of all states, unless that is too much for a page."""
    first = np.asarray(env.observation(states[0]))
    if first.nbytes * len(states) > MAX_OBSERVATION_BYTES:
        return None
    seen = np.stack([np.asarray(env.observation(state)) for state in states])
    return seen.astype(np.float32) if seen.dtype.kind == "f" else seen


def notebook_html(trajectory: Trajectory) -> str:
    """What a notebook shows of an episode: the page in a frame; a line of text where the world is not known here.

    Args:
      trajectory: the episode; its world is made by its name, with the settings that it has by itself.
    """
    name = str(trajectory.environment.get("environment"))
    try:
        page = replay_text(trajectory, make(name))
    except CoGridError as error:
        told = f"Trajectory of {name}: {trajectory.n_steps} steps. It cannot be shown here: {error}"
        return f"<p>{html.escape(told)}</p>"
    style = f"width:100%;height:{NOTEBOOK_HEIGHT}px;border:0;border-radius:12px"
    return f'<iframe srcdoc="{html.escape(page)}" style="{style}" title="{html.escape(name)}"></iframe>'

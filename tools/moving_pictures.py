"""Write the moving pictures of the documentation: `python tools/moving_pictures.py`, or `make pages`."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Sequence

from cogrid.backend.env_state import EnvState
from cogrid.command_line.policies import choose_policy
from cogrid.command_line.run import play
from cogrid.envs.registry import make
from cogrid.recording.trajectory import TrajectoryRecorder
from cogrid.rendering import mosaic, render_rgb, write_gif

IMAGES = pathlib.Path(__file__).parents[1] / "docs" / "images"

N_STEPS = 120
TILE_SIZE = 64

BATCH = "Overcooked-CoordinationRing-V0"
"""The world of the mosaic."""

N_WORLDS = 8
MOSAIC_STEPS = 60
MOSAIC_TILE_SIZE = 24


def episode(env_id: str, who: str, seed: int, n_steps: int) -> Sequence[EnvState]:
    """The states of the first steps of an episode.

    Args:
      env_id: the world.
      who: who plays, as `cogrid run --policy` takes it.
      seed: of the episode.
      n_steps: how many steps.
    """
    env = make(env_id)
    return play(TrajectoryRecorder(env), choose_policy(who, env, seed), seed, n_steps, keep_states=True).states


def main() -> int:
    """Draw the picture of the README, and a mosaic."""
    states = episode("Overcooked-CrampedRoom-V0", "scripted", 0, N_STEPS)
    write_gif((render_rgb(state, TILE_SIZE) for state in states), IMAGES / "cramped_room.gif")
    batch = [episode(BATCH, "greedy@0.1", seed, MOSAIC_STEPS) for seed in range(N_WORLDS)]
    frames = (mosaic([render_rgb(state, MOSAIC_TILE_SIZE) for state in at], 4) for at in zip(*batch, strict=True))
    write_gif(frames, IMAGES / "mosaic.gif")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Episodes as moving pictures."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable

import numpy as np
from jaxtyping import UInt8
from PIL import Image

FRAME_MILLISECONDS = 120
LAST_FRAME_MILLISECONDS = 1500
N_COLORS = 128


def write_gif(frames: Iterable[UInt8[np.ndarray, "height width 3"]], path: pathlib.Path) -> None:
    """Write pictures as a GIF that starts again at its end.

    Args:
      frames: `[height, width, 3]` uint8 each, at least one, all of one size. A generator draws each picture when its
        turn comes, so that an episode's full pictures need not fit into memory together.
      path: the file; missing folders on the way to it are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    images = [Image.fromarray(frame).quantize(colors=N_COLORS, dither=Image.Dither.NONE) for frame in frames]
    durations = [FRAME_MILLISECONDS] * (len(images) - 1) + [LAST_FRAME_MILLISECONDS]
    images[0].save(path, save_all=True, append_images=images[1:], duration=durations, loop=0)

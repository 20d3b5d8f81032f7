"""Episodes as videos."""

from __future__ import annotations

import importlib
import pathlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from jaxtyping import UInt8

from cogrid.errors import MissingDependencyError
from cogrid.extras import installing
from cogrid.rendering.gif import FRAME_MILLISECONDS, LAST_FRAME_MILLISECONDS

QUALITY = 8
"""Of 10; below this the edges of small tiles get blurred."""


def write_mp4(
    frames: Iterable[UInt8[np.ndarray, "height width 3"]],
    path: pathlib.Path,
    frames_per_second: float = 1000 / FRAME_MILLISECONDS,
) -> None:
    """Write pictures as a video (H.264 in an MP4 file), which browsers, slides and phones play.

    The last picture stays for a second and a half. A video has even sides: one with an odd side gets its last row or
    column of pixels twice.

    Args:
      frames: `[height, width, 3]` uint8 each, at least one, all of one size; a generator may draw each when its turn
        comes.
      path: the file; missing folders on the way to it are made.
      frames_per_second: how fast they follow each other.
    Raises:
      MissingDependencyError: without imageio-ffmpeg.
    """
    ffmpeg = load_ffmpeg()
    path.parent.mkdir(parents=True, exist_ok=True)
    video, frame = None, b""
    for frame in map(_even, frames):
        if video is None:
            height, width, _ = frame.shape
            video = ffmpeg.write_frames(
                str(path), (width, height), fps=frames_per_second, quality=QUALITY, macro_block_size=2
            )
            video.send(None)
        video.send(frame)
    if video is not None:
        for _ in range(round(LAST_FRAME_MILLISECONDS / 1000 * frames_per_second) - 1):
            video.send(frame)
        video.close()


def load_ffmpeg() -> Any:
    """The module imageio_ffmpeg.

    Raises:
      MissingDependencyError: where it is not installed.
    """
    try:
        return importlib.import_module("imageio_ffmpeg")
    except ImportError as error:
        raise MissingDependencyError(f"A video needs imageio-ffmpeg: {installing('video')}.") from error


def _even(frame: UInt8[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "even_height even_width 3"]:
    """A picture whose sides are even."""
    height, width, _ = frame.shape
    return np.ascontiguousarray(np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge"))

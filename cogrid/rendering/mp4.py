"""Episodes as videos."""

from __future__ import annotations

import importlib
import itertools
import pathlib
import subprocess
from collections.abc import Iterable
from typing import Any

import numpy as np
from jaxtyping import UInt8

from cogrid.errors import MissingDependencyError
from cogrid.extras import installing
from cogrid.rendering.gif import FRAME_MILLISECONDS, LAST_FRAME_MILLISECONDS

QUALITY = 18
"""Of H.264, from 0 (nothing lost) to 51; above this the edges of small tiles get blurred."""


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
      OSError: if the file cannot be written.
    """
    program = load_ffmpeg().get_ffmpeg_exe()
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures = map(_even, frames)
    first = next(pictures)
    command = _command(program, first, path, frames_per_second)
    # Its own writer would fork this process, which JAX warns of: a fork and threads do not go together.
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        pipe: Any = encoder.stdin
        last = first
        for last in itertools.chain([first], pictures):
            pipe.write(last)
        for _ in range(round(LAST_FRAME_MILLISECONDS / 1000 * frames_per_second) - 1):
            pipe.write(last)
    if encoder.returncode:
        raise OSError(f"{path} could not be written: ffmpeg ended with exit status {encoder.returncode}.")


def _command(
    program: str, frame: UInt8[np.ndarray, "height width 3"], path: pathlib.Path, frames_per_second: float
) -> list[str]:
    """How ffmpeg is called: it reads pixels of pictures like one, and complains on standard error."""
    height, width, _ = frame.shape
    pixels = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(frames_per_second), "-i", "-"]
    written = ["-c:v", "libx264", "-crf", str(QUALITY), "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    return [program, "-y", "-v", "error", *pixels, *written, str(path)]


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

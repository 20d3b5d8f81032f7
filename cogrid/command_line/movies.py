"""Moving pictures that commands write: as a GIF, and as a video."""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from jaxtyping import UInt8

from cogrid.backend.env_state import EnvState
from cogrid.command_line.progress import track
from cogrid.errors import ConfigError
from cogrid.extras import installing
from cogrid.rendering import mosaic, render_rgb, write_gif, write_mp4
from cogrid.rendering.mp4 import load_ffmpeg

TILE_SIZE = 64

_Frames = Iterable[UInt8[np.ndarray, "height width 3"]]

WRITERS: dict[str, Callable[[_Frames, pathlib.Path], None]] = {"gif": write_gif, "mp4": write_mp4}
"""What writes a file, by the option that asks for it; the option is also how the file's name ends."""


def add_movies(parser: argparse.ArgumentParser, instead: str = "") -> None:
    """Declare the moving pictures that a command writes.

    Args:
      parser: of the command.
      instead: what the help adds.
    """
    for option, what in (("gif", "a moving picture"), ("mp4", f"a video (needs {installing('video')})")):
        parser.add_argument(f"--{option}", type=pathlib.Path, metavar="FILE", help=f"write {what}{instead}")


def check_movies(options: argparse.Namespace) -> None:
    """Refuse what cannot be written, before anything is played.

    Raises:
      ConfigError: for a file whose name does not say what it is.
      MissingDependencyError: for a video without imageio-ffmpeg.
    """
    for option, file in asked_for(options).items():
        if file.suffix.lower() != f".{option}":
            raise ConfigError(f"--{option} writes a .{option}, not {file.name!r}.")
    if options.mp4 is not None:
        load_ffmpeg()


def asked_for(options: argparse.Namespace) -> dict[str, pathlib.Path]:
    """The files to write, by their options."""
    return {option: file for option in WRITERS if (file := getattr(options, option)) is not None}


def write_movies(options: argparse.Namespace, episodes: Sequence[Sequence[EnvState]]) -> None:
    """Draw episodes, several of them side by side, and write the files that are asked for.

    Args:
      options: what `add_movies` declares.
      episodes: the states of each, single states with NumPy leaves; one that is over stays as it ended.
    """
    for option, file in asked_for(options).items():
        n_frames = max(map(len, episodes))
        WRITERS[option](track(_frames(episodes, n_frames), n_frames, "drawing"), file)


def _frames(episodes: Sequence[Sequence[EnvState]], n_frames: int) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    for at in range(n_frames):
        images = [render_rgb(states[min(at, len(states) - 1)], TILE_SIZE) for states in episodes]
        yield images[0] if len(images) == 1 else mosaic(images)


def movie_lines(options: argparse.Namespace) -> list[str]:
    """What a command says of the files that it has written."""
    names = {"gif": "moving picture", "mp4": "video"}
    return [f"{names[option]}: {file}" for option, file in asked_for(options).items()]


def movie_names(options: argparse.Namespace) -> dict[str, str | None]:
    """The names of the files by their options, for a program; None for one that is not asked for."""
    return {option: str(file) if (file := asked_for(options).get(option)) is not None else None for option in WRITERS}

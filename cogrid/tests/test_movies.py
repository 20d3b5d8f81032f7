"""Videos, and many pictures as one."""

from __future__ import annotations

import pathlib
import subprocess
import types
from typing import Any

import numpy as np
import pytest
from PIL import Image

import cogrid
from cogrid.errors import ConfigError, MissingDependencyError
from cogrid.rendering import mosaic, render_rgb, write_mp4
from cogrid.rendering.side_by_side import BACKGROUND, GAP
from cogrid.tests.command_line.commands import run_command

KITCHEN = "Overcooked-CrampedRoom-V0"


def pictures(*sizes: tuple[int, int]) -> list[np.ndarray]:
    """Pictures of some heights and widths, each of one shade."""
    return [np.full((*size, 3), 10 * number, dtype=np.uint8) for number, size in enumerate(sizes, start=1)]


def episode(folder: pathlib.Path, name: str, n_steps: int) -> str:
    """A file with an episode."""
    recorder = cogrid.TrajectoryRecorder(cogrid.make(KITCHEN, max_steps=n_steps))
    recorder.reset(seed=2)
    while recorder.env.agents:
        recorder.step(dict.fromkeys(recorder.env.agents, 3))
    return str(recorder.trajectory().save(folder / name))


def test_a_mosaic_puts_pictures_side_by_side() -> None:
    whole = mosaic(pictures((20, 30), (20, 30), (20, 30)), n_columns=2)

    assert whole.shape == (2 * 20 + 3 * GAP, 2 * 30 + 3 * GAP, 3)
    assert whole[GAP, GAP].tolist() == [10] * 3
    assert whole[GAP + 19, 2 * GAP + 59].tolist() == [20] * 3
    assert whole[2 * GAP + 20, GAP].tolist() == [30] * 3
    assert whole[-GAP - 1, -GAP - 1].tolist() == list(BACKGROUND)


def test_a_smaller_picture_of_a_mosaic_stands_in_the_middle_of_its_place() -> None:
    whole = mosaic(pictures((20, 20), (10, 12)), n_columns=2)

    rows, columns = np.nonzero((whole == 20).all(axis=-1))
    assert (rows.min(), rows.max()) == (GAP + 5, GAP + 14)
    assert (columns.min(), columns.max()) == (2 * GAP + 24, 2 * GAP + 35)


@pytest.mark.parametrize(("n_images", "n_rows", "n_columns"), [(1, 1, 1), (4, 2, 2), (9, 3, 3), (12, 3, 4)])
def test_a_mosaic_is_nearly_square(n_images: int, n_rows: int, n_columns: int) -> None:
    shape = mosaic(pictures(*[(24, 24)] * n_images)).shape

    assert shape == (n_rows * (24 + GAP) + GAP, n_columns * (24 + GAP) + GAP, 3)


def test_a_batch_is_drawn_as_one_picture() -> None:
    envs = cogrid.make_vec(KITCHEN, 6, render_mode="rgb_array")
    envs.reset(seed=0)
    images: Any = envs.render(tile_size=8)

    assert mosaic(images).shape == (3 * (48 + GAP) + GAP, 2 * (56 + GAP) + GAP, 3)


@pytest.mark.parametrize(
    ("images", "n_columns", "culprit"), [([], None, "at least one"), (pictures((2, 2)), 0, "not 0")]
)
def test_a_mosaic_of_nothing_is_refused(images: list[np.ndarray], n_columns: int | None, culprit: str) -> None:
    with pytest.raises(ConfigError, match=culprit):
        mosaic(images, n_columns)


def test_a_video_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("cogrid.rendering.mp4.importlib", types.SimpleNamespace(import_module=refuse))

    with pytest.raises(MissingDependencyError, match="imageio-ffmpeg"):
        write_mp4(pictures((2, 2)), tmp_path / "film.mp4")
    told = run_command(capsys, "run", KITCHEN, "--mp4", str(tmp_path / "film.mp4"))
    assert (told.status, told.out, "imageio-ffmpeg" in told.err) == (2, "", True)


def test_a_video_has_every_picture(tmp_path: pathlib.Path) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    env = cogrid.make(KITCHEN)
    env.reset(seed=0)
    image = render_rgb(env.get_state(), 15)  # 90 x 105 pixels, of which one is odd.
    path = tmp_path / "deep" / "film.mp4"
    write_mp4([image, image[:, ::-1]], path, frames_per_second=10)

    command = [ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    pixels = subprocess.run(command, capture_output=True, check=True).stdout
    shown = np.frombuffer(pixels, dtype=np.uint8).reshape(-1, 90, 106, 3)
    assert len(shown) == 2 + 14  # The last one stays for a second and a half.
    for frame, wanted in ((shown[0], image), (shown[-1], image[:, ::-1])):
        assert np.abs(frame[:, :105].astype(int) - wanted).mean() < 8


def test_the_command_writes_a_video(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("imageio_ffmpeg")
    file, film = episode(tmp_path, "one", 5), tmp_path / "film.mp4"
    told = run_command(capsys, "replay", file, "--set", "max_steps=5", "--mp4", str(film))

    assert (told.status, told.out.splitlines()[-1]) == (0, f"video: {film}")
    assert film.read_bytes()[4:8] == b"ftyp"


def test_episodes_are_shown_side_by_side(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, film = [episode(tmp_path, name, 5) for name in ("one", "two", "three")], tmp_path / "film.gif"
    told = run_command(capsys, "replay", *files, "--set", "max_steps=5", "--gif", str(film))

    assert told.status == 0
    with Image.open(film) as picture:
        assert getattr(picture, "n_frames", 1) > 1
        assert picture.size == (2 * (448 + GAP) + GAP, 2 * (384 + GAP) + GAP)


def test_a_page_shows_one_episode(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = run_command(capsys, "replay", "one.npz", "two.npz", "--html", str(tmp_path / "page.html"))

    assert told.status == 2
    assert "--gif and --mp4 show several" in told.err

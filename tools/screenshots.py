"""Take the pictures of the page that docs/play.md shows: `python tools/screenshots.py`.

It needs Chromium and Playwright.
"""

from __future__ import annotations

import pathlib
import sys
import tempfile

from PIL import Image

from cogrid.cogrid_env import CoGridEnv
from cogrid.command_line.policies import choose_policy
from cogrid.command_line.run import play
from cogrid.envs.registry import make
from cogrid.page.export import write_page
from cogrid.page.replay import replay_text
from cogrid.recording.trajectory import TrajectoryRecorder
from cogrid.tests.page.browser import PlayedPage, open_browser

IMAGES = pathlib.Path(__file__).parents[1] / "docs" / "images"
KITCHEN = "Overcooked-CrampedRoom-V0"
WIDTH, N_COLORS = 1180, 240
ONION_INTO_POT = ("ArrowUp", "ArrowRight", "Enter", "ArrowLeft", "ArrowUp", "Enter")
AT = 57
"""The step of the replay that is shown."""


def save(played: PlayedPage, name: str) -> None:
    """Keep what the browser shows, in few colors."""
    played.page.screenshot(path=IMAGES / name)
    with Image.open(IMAGES / name) as picture:
        picture.convert("RGB").quantize(N_COLORS).save(IMAGES / name, optimize=True)


def take_play(folder: pathlib.Path) -> None:
    """A person and an agent."""
    file = write_page([make(KITCHEN)], folder)
    with open_browser(viewport={"width": WIDTH, "height": 700}) as played:
        played.open(file, f"world={KITCHEN}&seed=3&players=person,planner&speed=wait")
        played.start()
        played.press(*ONION_INTO_POT, "ArrowRight")
        played.page.wait_for_timeout(2000)
        save(played, "play.png")


def take_replay(folder: pathlib.Path) -> None:
    """An episode of two scripted cooks."""
    env: CoGridEnv = make(KITCHEN, max_steps=400, features=["object_planes"])
    recorder = TrajectoryRecorder(env)
    play(recorder, choose_policy("greedy", env, 4), 4, 400)
    file = folder / "episode.html"
    file.write_text(replay_text(recorder.trajectory(), env), encoding="utf-8")
    with open_browser(viewport={"width": WIDTH, "height": 760}) as played:
        played.page.goto(f"file://{file}")
        played.page.wait_for_selector("#time:not(:empty)")
        for _ in range(AT):
            played.page.keyboard.press("ArrowRight")
        save(played, "replay.png")


def main() -> int:
    """Take them."""
    with tempfile.TemporaryDirectory() as name:
        take_play(pathlib.Path(name))
        take_replay(pathlib.Path(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())

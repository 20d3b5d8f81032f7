"""The render mode "human": a window where there is one, else text; and pictures of any size."""

from __future__ import annotations

import importlib
import types
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.errors import MissingDependencyError
from cogrid.extras import installing
from cogrid.rendering import render_ansi, render_rgb
from cogrid.rendering.window import Window

KITCHEN = "Overcooked-CrampedRoom-V0"


def without_pygame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pygame look as if it were not installed."""

    def refuse(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("cogrid.rendering.window.importlib", types.SimpleNamespace(import_module=refuse))


def test_without_a_window_the_text_is_printed_and_once_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without_pygame(monkeypatch)
    env = cogrid.make(KITCHEN, render_mode="human")
    env.reset(seed=0)

    assert env.render() is None
    assert env.render() is None
    told = capsys.readouterr()
    assert told.out == 2 * f"{render_ansi(env.get_state())}\n"
    assert told.err.count(installing("window")) == 1
    env.close()


def test_a_window_cannot_be_made_without_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    without_pygame(monkeypatch)

    with pytest.raises(MissingDependencyError, match=installing("window")):
        Window("kitchen", 8)


def test_a_window_shows_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = cogrid.make(KITCHEN, render_mode="human")
    env.reset(seed=0)
    assert env.render(tile_size=16) is None
    pygame: Any = importlib.import_module("pygame")
    shown = pygame.surfarray.array3d(pygame.display.get_surface()).swapaxes(0, 1)

    np.testing.assert_array_equal(shown, render_rgb(env.get_state(), 16))
    env.close()
    assert not pygame.display.get_init()


def test_pictures_are_as_large_as_is_asked_for() -> None:
    env = cogrid.make(KITCHEN, render_mode="rgb_array")
    env.reset(seed=0)
    envs = cogrid.make_vec(KITCHEN, 2, render_mode="rgb_array")
    envs.reset(seed=0)
    one, each = env.render(tile_size=20), envs.render(tile_size=10)

    assert isinstance(one, np.ndarray)
    assert one.shape == (120, 140, 3)
    assert each is not None
    assert [np.shape(image) for image in each] == [(60, 70, 3)] * 2

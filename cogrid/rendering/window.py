"""A window that shows images, for the render mode "human"."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from jaxtyping import UInt8

from cogrid.errors import MissingDependencyError
from cogrid.extras import installing

HINT = f"A window shows this as a picture: {installing('window')}, on a machine with a display."
"""What is said where no window can be opened."""


class Window:
    """A window on the screen, opened at the first picture.

    Args:
      title: what stands above it.
      frames_per_second: pictures that are shown in a second at most.
    Raises:
      MissingDependencyError: without pygame-ce, or without a display.
    """

    def __init__(self, title: str, frames_per_second: int) -> None:
        try:
            self._pygame: Any = importlib.import_module("pygame")
        except ImportError as error:
            raise MissingDependencyError(HINT) from error
        try:
            self._pygame.display.init()
        except self._pygame.error as error:
            raise MissingDependencyError(f"{HINT} ({error})") from error
        self._title, self._frames_per_second = title, frames_per_second
        self._clock = self._pygame.time.Clock()
        self._size: tuple[int, int] | None = None

    def show(self, image: UInt8[np.ndarray, "height width 3"]) -> None:
        """Show a picture, after the time that one is to be seen.

        Args:
          image: `[height, width, 3]` uint8; the window takes its size.
        """
        size = image.shape[1], image.shape[0]
        if size != self._size:
            self._pygame.display.set_mode(size)
            self._pygame.display.set_caption(self._title)
            self._size = size
        self._pygame.event.pump()  # A window that hears nothing is taken for one that hangs.
        surface = self._pygame.surfarray.make_surface(image.swapaxes(0, 1))
        self._pygame.display.get_surface().blit(surface, (0, 0))
        self._pygame.display.flip()
        self._clock.tick(self._frames_per_second)

    def close(self) -> None:
        """Take it off the screen."""
        self._pygame.display.quit()
        self._size = None

"""Agents are told apart by their colors, by the color-blind too."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cogrid.rendering.basic_pictures import AGENT_COLORS

SEEN_BY = {
    "everybody": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""What linear RGB looks like to them: Machado, Oliveira and Fernandes (2009), severity 1."""

TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE_POINT = np.array([0.9505, 1.0, 1.089])

LEAST = 15.0
"""Of the distance in CIELAB; two colors side by side are told apart from some 2.3 on."""


def lab(color: tuple[int, int, int], seen: np.ndarray) -> np.ndarray:
    """A color of sRGB in CIELAB, as somebody sees it."""
    share = np.array(color) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    relative = TO_XYZ @ np.clip(seen @ linear, 0, 1) / WHITE_POINT
    x, y, z = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("whom", SEEN_BY)
def test_the_colors_of_agents_are_told_apart(whom: str) -> None:
    seen = [lab(color, SEEN_BY[whom]) for color in AGENT_COLORS]
    distances = [float(np.linalg.norm(one - other)) for one, other in itertools.combinations(seen, 2)]

    assert min(distances) > LEAST

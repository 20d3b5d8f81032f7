"""Learning curves and heat maps as pictures, drawn with Pillow."""

from __future__ import annotations

import io
import math
import pathlib
from collections.abc import Sequence

import numpy as np
from jaxtyping import Shaped
from PIL import Image, ImageDraw, ImageFont

from cogrid.learning.tensor_file import write_whole

WIDTH, HEIGHT = 800, 480
LEFT, RIGHT, TOP, BOTTOM = 80, 24, 48, 56
"""The margins of a curve."""

INK, GRID, LINE, PALE = (40, 40, 40), (225, 225, 225), (20, 90, 160), (160, 190, 220)
CELL = 72
FONT_SIZE = 15


def draw_curve(
    path: pathlib.Path, title: str, steps: Sequence[int], returns: Shaped[np.ndarray, "U S"], goal: float | None = None
) -> None:
    """Draw a learning curve: each seed's returns in a pale line, their mean in a strong one.

    Args:
      path: a PNG.
      title: above the curve.
      steps: of each row.
      returns: of each update and seed; NaN where no episode ended.
      goal: a return to mark by a line, if any.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(FONT_SIZE)
    known = returns[~np.isnan(returns)]
    top = _round_up(max([*known.tolist(), goal or 0.0, 1e-3]))
    bottom = -_round_up(-min([*known.tolist(), 0.0])) if (known < 0).any() else 0.0
    last = max([*steps, 1])

    def place(step: float, value: float) -> tuple[float, float]:
        across = LEFT + (WIDTH - LEFT - RIGHT) * step / last
        return across, HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - bottom) / (top - bottom)

    for idx in range(6):
        value, step = bottom + (top - bottom) * idx / 5, last * idx / 5
        draw.line([place(0, value), place(last, value)], fill=GRID)
        draw.text((LEFT - 8, place(0, value)[1]), f"{value:.4g}", fill=INK, font=font, anchor="rm")
        draw.text((place(step, 0)[0], HEIGHT - BOTTOM + 8), _short(step), fill=INK, font=font, anchor="mt")
    draw.text((WIDTH / 2, TOP / 2), title, fill=INK, font=font, anchor="mm")
    draw.text((WIDTH / 2, HEIGHT - 8), "steps of the environment, each seed", fill=INK, font=font, anchor="mb")
    if goal is not None:
        draw.line([place(0, goal), place(last, goal)], fill=(200, 120, 40), width=1)
    has_ended = ~np.isnan(returns).all(axis=1)
    means = np.nanmean(returns[has_ended], axis=1)
    lines = [(returns[:, idx], PALE, 1) for idx in range(returns.shape[1])] if returns.shape[1] > 1 else []
    mean = np.full(len(returns), np.nan)
    mean[has_ended] = means
    for values, colour, width in [*lines, (mean, LINE, 3)]:
        points = [place(step, value) for step, value in zip(steps, values, strict=True) if not math.isnan(value)]
        if len(points) > 1:
            draw.line(points, fill=colour, width=width, joint="curve")
    _save(image, path)


def draw_heat_map(path: pathlib.Path, title: str, names: Sequence[str], matrix: Shaped[np.ndarray, "N N"]) -> None:
    """Draw a matrix: rows play the first seat, columns the others.

    Args:
      path: a PNG.
      title: above the matrix.
      names: of the rows and columns.
      matrix: the numbers.
    """
    font, small = ImageFont.load_default(FONT_SIZE), ImageFont.load_default(FONT_SIZE - 3)
    margin = int(max(font.getlength(name) for name in names)) + 24
    size = CELL * len(names)
    width = max(margin + size + 24, int(font.getlength(title)) + 24)
    image = Image.new("RGB", (width, TOP + size + margin), "white")
    draw = ImageDraw.Draw(image)
    draw.text((width / 2, TOP / 2), title, fill=INK, font=font, anchor="mm")
    low, high = float(matrix.min()), float(matrix.max())
    for row, name in enumerate(names):
        draw.text((margin - 8, TOP + CELL * (row + 0.5)), name, fill=INK, font=font, anchor="rm")
        label = Image.new("RGB", (margin - 16, FONT_SIZE + 6), "white")
        ImageDraw.Draw(label).text((margin - 16, 3), name, fill=INK, font=font, anchor="rt")
        image.paste(label.rotate(90, expand=True), (margin + CELL * row + CELL // 2 - 10, TOP + size + 8))
        for column in range(len(names)):
            share = (float(matrix[row, column]) - low) / (high - low) if high > low else 1.0
            box = (margin + CELL * column, TOP + CELL * row)
            draw.rectangle((*box, box[0] + CELL - 2, box[1] + CELL - 2), fill=_shade(share))
            ink = "white" if share < 0.6 else "black"
            middle = (box[0] + CELL / 2, box[1] + CELL / 2)
            draw.text(middle, f"{matrix[row, column]:.1f}", fill=ink, font=small, anchor="mm")
    _save(image, path)


def _shade(share: float) -> tuple[int, int, int]:
    """From dark blue over green to yellow, as the share goes from 0 to 1."""
    stops = ((50, 20, 90), (30, 110, 140), (90, 190, 100), (250, 230, 60))
    at = share * (len(stops) - 1)
    idx = min(int(at), len(stops) - 2)
    first, second = stops[idx], stops[idx + 1]
    mixed = [round(a + (b - a) * (at - idx)) for a, b in zip(first, second, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def _round_up(value: float) -> float:
    """The next number that five steps divide well."""
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * digit for digit in (1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10) if value <= power * digit * 1.0000001)


def _short(steps: float) -> str:
    return f"{steps / 1e6:.3g} M" if steps >= 1e6 else f"{steps / 1e3:.3g} k" if steps >= 1e3 else f"{steps:.0f}"


def _save(image: Image.Image, path: pathlib.Path) -> None:
    data = io.BytesIO()
    image.save(data, "PNG")
    write_whole(path, data.getvalue())

"""Draws steps per second over the number of environments."""

from __future__ import annotations

import importlib.util
import pathlib
import statistics
import textwrap
from typing import Any

from cogrid.errors import ConfigError, MissingDependencyError
from cogrid.extras import installing
from comparisons.measuring import Result
from comparisons.report import label, machine_line

SIZE = (9, 6)
MARKERS = "osD^vPX"
SINGLE_RACES = {"numpy_single", "numpy_single_original"}
"""Races of one environment under NumPy, shown as points at 1."""


def check_chart(file: pathlib.Path) -> None:
    """See that a chart can be drawn, before the measuring starts.

    Args:
      file: where to.
    Raises:
      MissingDependencyError: without matplotlib.
      ConfigError: for a kind of file that it cannot write.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise MissingDependencyError(f"The chart needs matplotlib: {installing('bench')}")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    kinds = FigureCanvasAgg.get_supported_filetypes()
    if file.suffix.removeprefix(".") not in kinds:
        raise ConfigError(f"A chart is one of {', '.join(sorted(kinds))}, not {file.name!r}.")


def draw_chart(results: Result, file: pathlib.Path) -> None:
    """Draw the scaling races, log-log, with the machine below.

    Args:
      results: of a comparison that has scaling races.
      file: where to; its ending says what kind of file.
    Raises:
      MissingDependencyError: without matplotlib.
      ConfigError: without scaling races, or for a kind of file that cannot be written.
    """
    check_chart(file)
    lines = scaling_lines(results)
    if not lines:
        raise ConfigError("The chart shows the races `scaling`, and these were not run.")
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "cogrid", "font.size": 10}):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.add_subplot()
        for idx, (name, points) in enumerate(lines.items()):
            _draw_line(axes, name, points, MARKERS[idx % len(MARKERS)])
        _dress(figure, axes, results)
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def scaling_lines(results: Result) -> dict[str, list[tuple[int, list[float]]]]:
    """The points of each line: number of environments, steps per second of each round."""
    lines: dict[str, list[tuple[int, list[float]]]] = {}
    for race in results["races"]:
        for entry in race["contestants"]:
            if race["section"] == "scaling" and entry["trials"]:
                lines.setdefault(label(entry), []).append((entry["size"], entry["trials"]))
    if not lines:
        return {}
    for race in results["races"]:
        for entry in race["contestants"]:
            if race["name"] in SINGLE_RACES and entry["trials"]:
                lines.setdefault(f"{label(entry)}, NumPy, one environment", [(1, entry["trials"])])
    return lines


def _draw_line(axes: Any, name: str, points: list[tuple[int, list[float]]], marker: str) -> None:
    sizes = [size for size, _ in points]
    medians = [statistics.median(trials) for _, trials in points]
    below = [median - min(trials) for median, (_, trials) in zip(medians, points, strict=True)]
    above = [max(trials) - median for median, (_, trials) in zip(medians, points, strict=True)]
    axes.errorbar(sizes, medians, yerr=[below, above], label=name, marker=marker, markersize=5, capsize=3)


def _dress(figure: Any, axes: Any, results: Result) -> None:
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_xlabel("environments")
    axes.set_ylabel("steps per second, all environments together")
    axes.set_title("Overcooked, cramped room, two agents, random actions, no auto-reset")
    axes.grid(which="major", alpha=0.4)
    axes.legend(fontsize=8)
    stamp = machine_line(results).replace("**", "")
    figure.supxlabel("\n".join(textwrap.wrap(stamp, 125)), fontsize=7, color="0.35")

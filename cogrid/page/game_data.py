"""A game as the page plays it: its arrays in a bundle, or a sentence that says why it cannot be played there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Shaped

from cogrid.errors import ConfigError
from cogrid.game import Game
from cogrid.page.bundle import BundleWriter
from cogrid.page.scripts import FOLDER

KNOWN_NEEDS = frozenset(
    re.findall(r'^  "(\w+)",$', (FOLDER / "engine" / "needs.js").read_text(encoding="utf-8"), re.MULTILINE)
)
"""What the JavaScript engine can do beside the first version of the format: the list is the engine's own."""

REMEDIES = {
    "feature": "choose features that are tables, such as --set 'features=[\"object_planes\"]'",
    "reward": "choose rewards that are tables (an EventReward, an IntentReward) in the setting rewards",
}
"""What to do about a kind of array function; the others are part of the rules."""


def game_data(name: str, game: Game, writer: BundleWriter, is_observed: bool = True) -> dict[str, Any]:
    """Add a game's arrays to a bundle.

    Args:
      name: what the game is called, for errors.
      game: the game.
      writer: the bundle.
      is_observed: whether what agents observe is written too; a page without networks does without.
    Returns:
      The `header` of `Game.to_arrays`, and `arrays`: the number in the bundle of each array, by name.
    Raises:
      ConfigError: for a game that its arrays alone do not say, or with rules that the page does not know.
    """
    header, arrays = game.to_arrays()
    check_playable(name, header)
    arrays = _without_guarded_events(header, arrays)
    if not is_observed:
        header = {**header, "observation": {**header["observation"], "blocks": [], "channels": []}}
        arrays = {key: array for key, array in arrays.items() if not key.startswith("observation.")}
    rules = {key: entry for key, entry in header["rules"].items() if key not in ("cell_values", "agent_values")}
    shown = {**header, "rules": rules, "arrays": {key: header["arrays"][key] for key in arrays}}
    return {"header": shown, "arrays": {key: writer.add(array) for key, array in arrays.items()}}


def check_playable(name: str, header: Mapping[str, Any]) -> None:
    """Refuse a game that the page cannot play.

    A guard decides whether an event counts as happened. Where nothing reads that event, neither a reward nor an
    observation nor a draw, the page plays the game without it.

    Args:
      name: what the game is called.
      header: of `Game.to_arrays`.
    Raises:
      ConfigError: names what the page cannot do, and what to do about it.
    """
    unknown = sorted(set(header["needs"]) - KNOWN_NEEDS)
    if unknown:
        raise ConfigError(f"{name} cannot be played in the page: the page does not know {', '.join(unknown)} yet.")
    guarded = [function.removeprefix("guard of ") for function in header["functions"] if _is_guard(function)]
    read = _read_events(header)
    culprits = [function for function in header["functions"] if not _is_guard(function)]
    culprits += [f"guard of {event}" for event in guarded if event in read]
    if culprits:
        remedy = REMEDIES.get(culprits[0].split()[0], "play it with cogrid play ID --terminal, or choose another world")
        raise ConfigError(
            f"{name} cannot be played in the page: it has an array function ({', '.join(culprits)}), which runs in "
            f"Python only, and the page plays from tables alone; {remedy}."
        )


def _is_guard(function: str) -> bool:
    return function.startswith("guard of ")


def _read_events(header: Mapping[str, Any]) -> set[str]:
    """The events that decide anything: a payment, an observation, a draw."""
    mask = header["rules"]["redraw_mask"]
    for payment in header["rewards"]:
        mask |= payment.get("event_mask", 0)
    for block in header["observation"]["blocks"]:
        mask |= (block.get("scene") or {}).get("event_mask", 0)
    return {event for bit, event in enumerate(header["rules"]["events"]) if mask >> bit & 1}


def _without_guarded_events(
    header: Mapping[str, Any], arrays: Mapping[str, Shaped[np.ndarray, "..."]]
) -> dict[str, Shaped[np.ndarray, "..."]]:
    """The arrays, whose rules report no event that a guard may take back."""
    mask = guarded_mask(header)
    changed = dict(arrays)
    for table in ("interact", "enter", "stand", "meet.rows"):
        name = f"rules.{table}"
        if mask and name in arrays:
            rows = arrays[name].copy().reshape(header["arrays"][name]["shape"])
            rows[:, 2] &= ~mask
            changed[name] = rows.reshape(-1)
    return changed


def guarded_mask(header: Mapping[str, Any]) -> int:
    """The bits of the events that a guard may take back, which the page does not report."""
    events = header["rules"]["events"]
    return sum(1 << bit for bit, event in enumerate(events) if f"guard of {event}" in header["functions"])

"""Cooks on errands: actions for many equal kitchens at once that get soups delivered, and much else tried on the way.

Plain NumPy on what a recorder writes down; nothing of this library, so that what is recorded owes nothing to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))
"""Right, down, left, up, as (rows, columns)."""

MOVES = np.array([3, 1, 2, 0])
"""The action that turns to each direction: up 0, down 1, left 2, right 3."""

INTERACT, STAY = 4, 6

ACTIONS = (0, 1, 2, 3, INTERACT, STAY)
SHARES = (0.12, 0.12, 0.12, 0.12, 0.48, 0.04)
"""How often a cook without an errand tries each action."""

WEIGHTS = np.array(
    [
        # nothing, ingredient, plate and soup in hand
        (0.02, 0.15, 0.15, 0.2),  # a counter without an item
        (0.60, 0.05, 0.05, 0.05),  # a counter with one
        (0.30, 6.00, 0.30, 0.10),  # a pot with room
        (1.50, 0.30, 4.00, 0.10),  # a full one
        (0.10, 0.10, 8.00, 0.10),  # one with a soup that is ready
        (4.00, 0.05, 0.05, 0.05),  # a stack of an ingredient that is wanted
        (0.70, 0.05, 0.05, 0.05),  # a stack of another one
        (1.50, 0.05, 0.05, 0.05),  # plates
        (0.05, 0.05, 0.05, 8.00),  # a delivery zone
        (0.30, 0.05, 0.05, 0.05),  # a button, or an indicator
    ]
).T
"""How often a cook goes to a station of each kind, by what it has in hand."""

_EMPTY_COUNTER, _POT_WITH_ROOM, _FULL_POT, _READY_POT, _WANTED, _OTHER_STACK, _PLATES, _DELIVERY, _SIGN = (
    0,
    *range(2, 10),
)


class Errands:
    """Chooses the actions of the cooks of many kitchens with one floor plan.

    In every third kitchen they act at random; in the others they go from station to station, mostly to where what they
    have in hand is of use, and act at random now and then.

    Args:
      terrain: `[H, W]`, the name of what stands in each cell.
      items: what the item numbers mean.
      n_kitchens, n_cooks: how many.
      rng: where chance comes from.
    """

    def __init__(
        self, terrain: np.ndarray, items: Sequence[str], n_kitchens: int, n_cooks: int, rng: np.random.Generator
    ) -> None:
        self.rng = rng
        self.terrain = terrain
        self.hand_of = np.array([_hand(name) for name in items])
        self.stations = _stations(terrain)
        self.way, self.is_beside = _ways(terrain, self.stations)
        self.goal = np.full((n_kitchens, n_cooks), -1)
        self.random_share = np.where(np.arange(n_kitchens) % 3 == 0, 1.0, 0.08)[:, None]

    def act(self, state: Mapping[str, Any]) -> np.ndarray:
        """A joint action for each kitchen.

        Args:
          state: its arrays, kitchens in front: `agent_pos`, `agent_dir`, `agent_item`, `cell_item`, `pot_contents`,
            `pot_is_ready`, and `recipe` where there is one.
        Returns:
          `[E, A]`, numbers of actions as recordings have them.
        """
        cell = state["agent_pos"] @ np.array([self.terrain.shape[1], 1])
        is_lost = (self.goal < 0) | (self.rng.random(self.goal.shape) < 0.03)
        self.goal = np.where(is_lost, self._choose(state, cell), self.goal)
        way = self.way[self.goal, cell]
        is_there = self.is_beside[self.goal, cell] & (state["agent_dir"] == way)
        actions = np.where(is_there, INTERACT, MOVES[way])
        self.goal = np.where(is_there, -1, self.goal)
        at_random = self.rng.choice(ACTIONS, size=self.goal.shape, p=SHARES)
        return np.where(self.rng.random(self.goal.shape) < self.random_share, at_random, actions)

    def _choose(self, state: Mapping[str, Any], cell: np.ndarray) -> np.ndarray:
        """A station for each cook, `[E, A]`, of those that it can walk to."""
        weights = WEIGHTS[self.hand_of[state["agent_item"]][..., None], self._uses(state)[:, None, :]]
        total = np.cumsum(np.where(self.way.T[cell] >= 0, weights, 0.0), axis=-1)
        drawn = self.rng.random(self.goal.shape) * total[..., -1]
        return np.sum(total <= drawn[..., None], axis=-1)

    def _uses(self, state: Mapping[str, Any]) -> np.ndarray:
        """What each station is good for now, `[E, S]`: a row of the weights."""
        uses = np.zeros((len(self.goal), len(self.stations)), dtype=int)
        pot = 0
        for number, (row, column) in enumerate(self.stations):
            kind = str(self.terrain[row, column])
            if kind == "counter":
                uses[:, number] = _EMPTY_COUNTER + (state["cell_item"][:, row, column] != 0)
            elif kind == "pot":
                is_full = (state["pot_contents"][:, pot] != 0).all(axis=-1)
                uses[:, number] = np.where(is_full, _FULL_POT, _POT_WITH_ROOM)
                uses[:, number] = np.where(state["pot_is_ready"][:, pot], _READY_POT, uses[:, number])
            elif kind.startswith("ing") and "recipe" in state:
                is_wanted = (state["recipe"] == int(kind[3])).any(axis=-1)
                uses[:, number] = np.where(is_wanted, _WANTED, _OTHER_STACK)
            else:
                uses[:, number] = {"onion_stack": _WANTED, "plate_stack": _PLATES, "delivery": _DELIVERY}.get(
                    kind, _SIGN
                )
            pot += kind == "pot"
        return uses


def _hand(item: str) -> int:
    """The column of the weights for what is in hand."""
    return 3 if item.startswith("soup") else {"none": 0, "plate": 2}.get(item, 1)


def _stations(terrain: np.ndarray) -> list[tuple[int, int]]:
    """Every pot, and everything else that an agent can stand beside, in reading order."""
    return [
        (row, column)
        for row, column in np.argwhere(terrain != "floor").tolist()
        if terrain[row, column] == "pot" or _floor_around(terrain, (row, column))
    ]


def _floor_around(terrain: np.ndarray, cell: tuple[int, int]) -> list[tuple[int, tuple[int, int]]]:
    """The free cells beside a cell, each with the direction from there to it."""
    found = []
    for direction, (down, right) in enumerate(STEPS):
        row, column = cell[0] - down, cell[1] - right
        if 0 <= row < terrain.shape[0] and 0 <= column < terrain.shape[1] and terrain[row, column] == "floor":
            found.append((direction, (row, column)))
    return found


def _ways(terrain: np.ndarray, stations: Sequence[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """The direction of a shortest way from each cell to each station, -1 where there is none; whether it is there."""
    width = terrain.shape[1]
    way = np.full((len(stations), terrain.size), -1)
    is_beside = np.zeros(way.shape, dtype=bool)
    for number, station in enumerate(stations):
        queue = [station]
        for cell in queue:
            for direction, (row, column) in _floor_around(terrain, cell):
                if way[number, row * width + column] < 0:
                    way[number, row * width + column] = direction
                    is_beside[number, row * width + column] = cell == station
                    queue.append((row, column))
    return way, is_beside

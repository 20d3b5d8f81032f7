"""`Script`: what a scripted cook does next, as a feature of the state: an action, and how often chance replaces it."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, UInt8

from cogrid.backend.array_ops import gather, lookup, lookup_rows
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.actions import ActionSet
from cogrid.core.tables import Tables
from cogrid.envs.scripts.errands import ROLES, Errand, Errands, Held, Sign
from cogrid.envs.scripts.ways import FAR, Ways
from cogrid.envs.scripts.wishes import Wishes, wishes_of
from cogrid.errors import ConfigError
from cogrid.feature_space.blocks import Bounds
from cogrid.feature_space.feature import Feature

WALKING, IDLE, BLOCKED = 16, 64, 128
"""Of 256 times, how often chance moves a cook: so that two who want one cell, or stand in each other's way, get on."""


@dataclasses.dataclass(frozen=True)
class Script(Feature):
    """What a cook of a role does next: `[*B, A, 2]` uint8, an action number and how often of 256 chance replaces it.

    Each goes to the nearest object that there is something to do about, by the state alone; cooks do not plan together.

    Attributes:
      role: a name of `errands.ROLES`.
    """

    role: str

    def __call__(self, state: EnvState) -> UInt8[Array, "*B A 2"]:
        plan = plan_of(state.tables, self.role)
        target, steps = plan.choose(state)
        action, chance = plan.approach(state, target, steps)
        return namespace(state.cells).stack([action, chance], axis=-1).astype(np.uint8)

    def bounds(self, tables: Tables) -> Bounds:
        """Action numbers, and bytes."""
        plan_of(tables, self.role)
        return np.zeros(2, dtype=np.int64), np.array([len(tables.action_set) - 1, 255])

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the two numbers."""
        return ("scripted_action", "scripted_chance")


@functools.lru_cache(maxsize=256)
def plan_of(tables: Tables, role: str) -> Plan:
    """The plan of a role in a world; made once."""
    wishes = wishes_of(tables)
    return Plan(tables, wishes, Errands.of(tables, wishes, ROLES[role]), Ways.of(tables))


class Plan:
    """What a cook of a role does in a world, as look-ups."""

    def __init__(self, tables: Tables, wishes: Wishes, errands: Errands, ways: Ways) -> None:
        self._wishes = wishes
        self._errands = errands
        self._ways = ways
        self._n_cells, self._n_values = tables.n_cells, tables.rules.n_cell_values
        self._n_agent_values = tables.rules.n_agent_values
        self._front = tables.map.front
        self._go = go_table(tables.action_set)
        self._pickup_drop, self._noop = tables.action_set.pickup_drop, tables.action_set.noop

    def choose(self, state: EnvState) -> tuple[Int[Array, "*B A"], Int[Array, "*B A"]]:
        """The cell that each cook goes to, and how many steps it is to a place beside it; FAR for none."""
        xp, errands, ways = namespace(state.cells), self._errands, self._ways
        where = self._where(state)
        wanted = self._wishes.wanted(state)
        pair = wanted[..., None] * self._n_agent_values + state.agent_value
        cells = state.cells.astype(np.int32)
        errand = lookup(errands.errand, pair[..., None] * self._n_values + cells[..., None, :])
        is_due = gather(self._due(state, wanted, where), errand)
        steps = lookup_rows(ways.steps, where)
        cost = xp.where(is_due, steps, xp.full_like(steps, FAR))
        held = lookup(errands.held, state.agent_value)
        can_use = self._can_use(held, where)
        drops = (held != Held.NOTHING) & (lookup(errands.drops, held) | ~can_use) & (cost.min(axis=-1) >= FAR)
        is_free = lookup(errands.is_free, cells)[..., None, :]
        shared = lookup_rows(ways.is_shared.reshape(-1, self._n_cells), where // self._n_cells)
        is_place = drops[..., None] & is_free & (shared | can_use[..., None])
        cost = xp.where(is_place, steps, cost)
        return xp.argmin(cost, axis=-1).astype(np.int32), cost.min(axis=-1)

    def approach(
        self, state: EnvState, target: Int[Array, "*B A"], steps: Int[Array, "*B A"]
    ) -> tuple[Int[Array, "*B A"], Int[Array, "*B A"]]:
        """The action that each cook takes towards its target, and how often of 256 chance replaces it."""
        xp, where = namespace(state.cells), self._where(state)
        first = where - state.agent_cell
        ahead = [lookup(self._front, state.agent_cell * 4 + direction) for direction in range(4)]
        cost = xp.stack([self._cost(state, cell, first, target) for cell in ahead], axis=-1)
        best = xp.argmin(cost, axis=-1).astype(np.int32)
        is_closer = cost.min(axis=-1) < steps
        is_beside = steps == 0
        faces = xp.stack([cell == target for cell in ahead], axis=-1)
        to_face = xp.argmax(faces, axis=-1).astype(np.int32)
        turn = xp.where(is_beside, to_face, best)
        go = lookup(self._go, state.agent_dir * 4 + turn)
        is_there = is_beside & (state.agent_dir == to_face)
        action = xp.where(is_there, self._number(xp, self._pickup_drop), go)
        acts = (steps < FAR) & (is_beside | is_closer)
        chance = xp.where(is_beside, self._number(xp, 0), self._number(xp, WALKING))
        resting = xp.where(steps < FAR, self._number(xp, BLOCKED), self._number(xp, IDLE))
        return xp.where(acts, action, self._number(xp, self._noop)), xp.where(acts, chance, resting)

    def _number(self, xp: Any, number: int) -> Array:
        return xp.asarray(number, dtype=np.int32)

    def _where(self, state: EnvState) -> Int[Array, "*B A"]:
        """Each agent's cell, counted over all layouts."""
        if state.layout_idx is None:
            return state.agent_cell
        return state.agent_cell + (state.layout_idx * self._n_cells)[..., None]

    def _cost(
        self, state: EnvState, cell: Int[Array, "*B A"], first: Int[Array, "*B A"], target: Int[Array, "*B A"]
    ) -> Int[Array, "*B A"]:
        """The steps that are left from a cell beside each cook; FAR where somebody stands, or nobody can."""
        xp = namespace(state.cells)
        steps = lookup(self._ways.steps.reshape(-1), (first + cell) * self._n_cells + target)
        is_taken = xp.zeros_like(steps) != 0
        for agent_idx in range(state.tables.n_agents):
            is_taken = is_taken | (cell == state.agent_cell[..., agent_idx, None])
        return xp.where(is_taken, xp.full_like(steps, FAR), steps)

    def _can_use(self, held: Int[Array, "*B A"], where: Int[Array, "*B A"]) -> Bool[Array, "*B A"]:
        """Whether what is in hand belongs somewhere that its cook can reach."""
        is_soup = held == Held.SOUP
        return (is_soup & lookup(self._ways.to_zone, where)) | (~is_soup & lookup(self._ways.to_pot, where))

    def _due(self, state: EnvState, wanted: Int[Array, "*B"], where: Int[Array, "*B A"]) -> Bool[Array, "*B A E"]:
        """Which errands are to be done now by each cook."""
        xp, errands = namespace(state.cells), self._errands
        bits = lookup(errands.signs, wanted[..., None] * self._n_values + state.cells.astype(np.int32))
        to_pot, to_zone = lookup(self._ways.to_pot, where), lookup(self._ways.to_zone, where)

        def shows(sign: int) -> Bool[Array, "*B A"]:
            return xp.broadcast_to(((bits & (1 << sign)) != 0).any(axis=-1)[..., None], to_pot.shape)

        nothing = xp.zeros_like(to_pot)
        due = [nothing] * (Errand.FIRST_INGREDIENT + 2 * len(self._wishes.ingredients))
        due[Errand.USE] = ~nothing
        coming = shows(Sign.SOUP_IS_COMING)
        due[Errand.PLATE_FROM_STACK] = coming & ~shows(Sign.PLATE_LIES)
        due[Errand.PLATE_LYING] = coming & to_pot
        due[Errand.SOUP_LYING] = to_zone
        for number in range(len(self._wishes.ingredients)):
            sign, errand = Sign.FIRST_INGREDIENT + 2 * number, Errand.FIRST_INGREDIENT + 2 * number
            due[errand] = shows(sign) & ~shows(sign + 1)
            due[errand + 1] = shows(sign) & to_pot
        return xp.stack(due, axis=-1)


def go_table(action_set: ActionSet) -> Int[np.ndarray, "16"]:
    """`[4 * 4]` int32, by one's direction and the wanted one, the action that goes there, or turns there.

    Raises:
      ConfigError: for an action set in which one cannot walk.
    """
    names = action_set.names
    if {"MoveRight", "MoveDown", "MoveLeft", "MoveUp"} <= set(names):
        moves = [names.index(name) for name in ("MoveRight", "MoveDown", "MoveLeft", "MoveUp")]
        return np.array(moves * 4, dtype=np.int32)
    if not {"Forward", "RotateLeft", "RotateRight"} <= set(names):
        raise ConfigError(
            f"Scripted cooks walk with cardinal or rotation actions, and {action_set.name!r} has neither."
        )
    by_turn = [names.index(name) for name in ("Forward", "RotateRight", "RotateRight", "RotateLeft")]
    return np.array([by_turn[(wanted - own) % 4] for own in range(4) for wanted in range(4)], dtype=np.int32)

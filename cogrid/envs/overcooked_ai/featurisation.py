"""`overcooked_ai_features`: the original's hand-made featurisation, 96 numbers for each of two agents.

For each player 46 numbers: own direction (up, down, right, left); what it holds (onion, soup, plate, tomato);
(dx, dy) to the nearest onion stack, tomato stack, plate stack and soup; onions and tomatoes of that soup; (dx, dy) to
the nearest delivery zone and empty counter; for each of the two nearest pots whether there is one, whether it is empty,
full, cooking, ready, its onions, its tomatoes, its ticks left, (dx, dy) to it; whether something stands above, below,
to the right, to the left. (0, 0) stands for what the player holds already and for what it cannot get to. Then the same
for the other players, (dx, dy) to each of them, and the own (x, y).

As there with the motion planner that its environment uses: it plans no ways to counters, so what lies on a counter is
never near, the nearest empty counter is always (0, 0), and a soup is only seen in the own hand.

Source: `OvercookedGridworld.featurize_state` and `MotionPlanner.min_cost_to_feature` of overcooked_ai 1.1.0. Exact.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import deque
from typing import Any

import numpy as np
from jaxtyping import Int, Int8, Shaped

from cogrid.backend.array_ops import gather, lookup, lookup_rows
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject
from cogrid.core.objects import Floor
from cogrid.core.tables import Tables
from cogrid.envs.families import check_family
from cogrid.envs.kitchen.objects import CAPACITY, ONION, PLATE, TOMATO, OnionStack, PlateStack, TomatoStack
from cogrid.envs.kitchen.planes import DIRECTION_NAMES, DIRECTIONS
from cogrid.envs.kitchen.soups import RECIPE_OF, DeliveryZone
from cogrid.envs.overcooked_ai.objects import IDLE, Pot
from cogrid.errors import ConfigError
from cogrid.feature_space.feature import Feature, register_feature

_HEAD = (
    *(f"facing_{name}" for name in DIRECTION_NAMES),
    *(f"holds_{name}" for name in ("onion", "soup", "plate", "tomato")),
    *(f"{name}_{axis}" for name in ("onion", "tomato", "plate", "soup") for axis in ("dx", "dy")),
    *("soup_onions", "soup_tomatoes"),
    *(f"{name}_{axis}" for name in ("delivery", "empty_counter") for axis in ("dx", "dy")),
)
_POT = ("exists", "is_empty", "is_full", "is_cooking", "is_ready", "onions", "tomatoes", "ticks_left", "dx", "dy")
_POT_STATE = slice(1, 8)
_TAIL = tuple(f"blocked_{name}" for name in DIRECTION_NAMES)
_STATIONS = {"onion": OnionStack, "tomato": TomatoStack, "plate": PlateStack, "delivery": DeliveryZone}


@dataclasses.dataclass(frozen=True)
class OvercookedAIFeatures(Feature):
    """The original's featurisation, `[n * (46 + 2)]` int8 for each of n agents: 96 for two.

    Attributes:
      n_pots: how many of the nearest pots are described.
    """

    n_pots: int = 2

    def __call__(self, state: EnvState) -> Int8[Array, "*B A F"]:
        xp = namespace(state.cells)
        own = self._own_numbers(state)
        position = lookup_rows(_xy(state.tables).astype(np.int8), state.agent_cell)
        seen = []
        for viewer in range(state.tables.n_agents):
            others = [idx for idx in range(state.tables.n_agents) if idx != viewer]
            parts = [own[..., idx, :] for idx in (viewer, *others)]
            parts += [position[..., idx, :] - position[..., viewer, :] for idx in others]
            seen.append(xp.concat([*parts, position[..., viewer, :]], axis=-1))
        return xp.stack(seen, axis=-2)

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        """The grid's sizes for distances, the longest cooking for ticks, the capacity for ingredients, else 0 and 1."""
        check_family(tables, "overcooked_ai_features", "OvercookedAI", Pot)
        reach = {"dx": tables.width - 1, "dy": tables.height - 1}
        _feature_tables(tables, self.n_pots)
        longest = max(
            value.cook_time() for value in tables.rules.compiled.cell_values if isinstance(value, Pot) if value.contents
        )
        low, high = [], []
        for name in self.channels(tables):
            axis = name.rpartition("_")[2]
            is_count = axis in ("onions", "tomatoes")
            high.append(reach.get(axis, CAPACITY if is_count else longest if name.endswith("ticks_left") else 1))
            low.append(-reach[axis] if axis in reach else 0)
        high[-2:] = [tables.width - 1, tables.height - 1]
        return np.array(low), np.array(high)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the numbers."""
        pots = tuple(f"pot_{idx}_{name}" for idx in range(self.n_pots) for name in _POT)
        player = (*_HEAD, *pots, *_TAIL)
        others = range(1, tables.n_agents)
        return (
            *(f"self_{name}" for name in player),
            *(f"other_{idx}_{name}" for idx in others for name in player),
            *(f"to_other_{idx}_{axis}" for idx in others for axis in ("dx", "dy")),
            *("x", "y"),
        )

    def _own_numbers(self, state: EnvState) -> Int8[Array, "*B A F"]:
        """Each agent's own numbers."""
        xp = namespace(state.cells)
        tables = _feature_tables(state.tables, self.n_pots)
        pose = state.agent_cell * 4 + state.agent_dir
        by_place = lookup_rows(tables.by_pose, pose)
        head = by_place[..., : len(_HEAD)] * lookup_rows(tables.is_sought, state.agent_value)
        head = head + lookup_rows(tables.in_hand, state.agent_value)
        parts = [head]
        for idx in range(self.n_pots):
            first = len(_HEAD) + idx * len(_POT)
            cell = lookup(tables.pot_cell[:, idx], pose)
            exists = by_place[..., first : first + 1]
            pot_state = lookup_rows(tables.pot_state, gather(state.cells, cell)) * exists
            parts += [exists, pot_state, by_place[..., first + _POT_STATE.stop : first + len(_POT)]]
        return xp.concat([*parts, by_place[..., -len(_TAIL) :]], axis=-1)


class _FeatureTables:
    """What the featurisation looks up.

    Attributes:
      by_pose: `[N * 4, F]` int8, what the place alone tells of a player that looks in a direction.
      pot_cell: `[N * 4, P]` int32, the cells of the nearest pots; 0 where there is none.
      pot_state: `[V, 7]` int8, what each cell value tells of a pot.
      is_sought: `[U, 22]` int8, 0 for the distances to what an agent value holds already, else 1.
      in_hand: `[U, 22]` int8, what is told of the item in an agent value's hand.
    """

    def __init__(self, tables: Tables, n_pots: int) -> None:
        agents = tables.rules.compiled.agent_values
        self.pot_state = np.array([_pot_state(value) for value in tables.rules.compiled.cell_values], dtype=np.int8)
        self.is_sought = np.array([_is_sought(agent) for agent in agents], dtype=np.int8)
        self.in_hand = np.array([_in_hand(agent) for agent in agents], dtype=np.int8)
        ways = _Ways(tables)
        width = len(_HEAD) + n_pots * len(_POT) + len(_TAIL)
        self.by_pose = np.zeros((tables.n_cells * 4, width), dtype=np.int8)
        self.pot_cell = np.zeros((tables.n_cells * 4, n_pots), dtype=np.int32)
        for pose in ways.poses:
            pots = ways.nearest(Pot, pose)[:n_pots]
            self.pot_cell[pose, : len(pots)] = pots
            self.by_pose[pose] = _by_pose(ways, pose, pots, width)


@functools.lru_cache(maxsize=64)
def _feature_tables(tables: Any, n_pots: int) -> _FeatureTables:
    return _FeatureTables(tables, n_pots)


def _by_pose(ways: _Ways, pose: int, pots: list[int], width: int) -> list[int]:
    row = dict.fromkeys(_HEAD, 0)
    row[_HEAD[DIRECTIONS.index(pose % 4)]] = 1
    for name, kind in _STATIONS.items():
        nearest = ways.nearest(kind, pose)
        if nearest:
            row[f"{name}_dx"], row[f"{name}_dy"] = ways.delta(pose // 4, nearest[0])
    numbers = list(row.values())
    for pot in pots:
        numbers += [1, *[0] * 7, *ways.delta(pose // 4, pot)]
    numbers += [0] * (width - len(_TAIL) - len(numbers))
    return numbers + [int(not ways.is_floor[ways.front[pose // 4 * 4 + direction]]) for direction in DIRECTIONS]


class _Ways:
    """How many moves and turns it takes to face each station, for a player alone in the room.

    Attributes:
      front: the cell in front of each pose; the cell itself off the grid.
      is_floor: which cells can be walked on.
      poses: every place to stand with every direction, as cell * 4 + direction.
    """

    def __init__(self, tables: Tables) -> None:
        if tables.map.is_set:
            raise ConfigError(
                "overcooked_ai_features plans ways in one layout, and this world plays a set of them; choose "
                "object_planes, or one layout."
            )
        self._xy = _xy(tables)
        self._objects = tables.settings.layouts[0].objects
        self.front: list[int] = tables.map.front.tolist()
        self.is_floor = [isinstance(value, Floor) for value in self._objects]
        self.poses = [pose for pose in range(len(self.front)) if self.is_floor[pose // 4]]
        self._before: dict[int, list[int]] = {pose: [] for pose in self.poses}
        for pose in self.poses:
            for direction in range(4):
                ahead = self.front[pose // 4 * 4 + direction]
                cell = ahead if self.is_floor[ahead] else pose // 4
                self._before[cell * 4 + direction].append(pose)
        kinds = (*_STATIONS.values(), Pot)
        self._moves = {cell: self._count(cell) for cell, value in enumerate(self._objects) if isinstance(value, kinds)}

    def nearest(self, kind: type[GridObject], pose: int) -> list[int]:
        """The stations of a class that can be faced from a pose, nearest first, then in reading order."""
        moves = {
            cell: count[pose]
            for cell, count in self._moves.items()
            if isinstance(self._objects[cell], kind) and pose in count
        }
        return sorted(moves, key=lambda cell: (moves[cell], cell))

    def delta(self, start: int, cell: int) -> list[int]:
        """(dx, dy) from one cell to another."""
        return (self._xy[cell] - self._xy[start]).tolist()

    def _count(self, station: int) -> dict[int, int]:
        """Moves and turns to face a station, for every pose from which it can be done; from the goal backwards."""
        goals = [pose for pose in self.poses if self.front[pose] == station]
        moves = dict.fromkeys(goals, 0)
        queue = deque(goals)
        while queue:
            pose = queue.popleft()
            for before in self._before[pose]:
                if before not in moves:
                    moves[before] = moves[pose] + 1
                    queue.append(before)
        return moves


def _pot_state(value: GridObject) -> list[int]:
    if not isinstance(value, Pot):
        return [0] * 7
    is_started = value.timer != IDLE
    recipe = value.recipe()
    return [
        not recipe,
        is_started or len(recipe) == CAPACITY,
        value.is_cooking(),
        value.is_ready(),
        recipe.count("o"),
        recipe.count("t"),
        max(0, value.cook_time() - value.timer) if is_started else 0,
    ]


def _is_sought(agent: Agent) -> list[int]:
    held = {ONION: "onion", TOMATO: "tomato", PLATE: "plate"}.get(agent.held) if agent.held else None
    return [int(held is None or name not in (f"{held}_dx", f"{held}_dy")) for name in _HEAD]


def _in_hand(agent: Agent) -> list[int]:
    row = dict.fromkeys(_HEAD, 0)
    if agent.held in RECIPE_OF:
        recipe = RECIPE_OF[agent.held]
        row |= {"holds_soup": 1, "soup_onions": recipe.count("o"), "soup_tomatoes": recipe.count("t")}
    elif agent.held is not None:
        row[f"holds_{agent.held.name}"] = 1
    return list(row.values())


def _xy(tables: Tables) -> Int[np.ndarray, "N 2"]:
    """The (x, y) of each cell, as the original has it."""
    cells = np.arange(tables.n_cells)
    return np.stack([cells % tables.width, cells // tables.width], axis=-1)


overcooked_ai_features: OvercookedAIFeatures = OvercookedAIFeatures()
register_feature("overcooked_ai_features", overcooked_ai_features)

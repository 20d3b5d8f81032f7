"""A compiled game as the two rows of numbers that kernels read, packed from `Game.to_arrays`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64

from cogrid.backend.env_state import NUMBER_NAMES
from cogrid.core.guards import guard_sums
from cogrid.core.tables import Tables
from cogrid.game import Game
from cogrid.kernel import places as at

READ_NEEDS = (
    "chance",
    "counts",
    "goes",
    "takes",
    "acts_here",
    "agent_tick",
    "reach",
    "meet",
    "stand",
    "passable_by",
    "leave",
    "draws",
    "draws_for_agents",
    "moves",
    "amounts",
    "payment_tables",
    "sight",
    "lists",
)
"""The kinds of rules that kernels read; a game with any other need is played by the array step. The last two are ways
to observe, which do not concern the step."""

RUN_AROUND = ("step_hook", "feature", "reward")
"""The array functions that can run around a kernel; the others run in the middle of a step, or of a reset."""

_STAGES = {"tick": at.TICK_STAGE, "move": at.MOVE_STAGE, "interact": at.INTERACT_STAGE}
_COLLISIONS = {
    "in_turn": at.IN_TURN,
    "all_stay": at.ALL_STAY,
    "colliders_stay": at.COLLIDERS_STAY,
    "contenders_stay": at.CONTENDERS_STAY,
    "chains": at.CHAINS,
}
_KEPT_OF_AGENTS = (
    "ACTIONS",
    "ATTEMPTS",
    "TARGETS",
    "BEFORE",
    "SETTLED",
    "SCORES",
    "FLAGS",
    "KINDS",
    "SPOTS",
    "VALUES",
    "PUSHED_FROM",
    "PUSHED_TO",
    "PUSHED_LEFT",
    "PUSHED_AFTER",
    "PUSHED_EVENTS",
)
_OVER = {"map": at.OVER_MAP, "agents": at.OVER_AGENTS, "actors": at.OVER_ACTORS, "disc": at.OVER_DISC}


@dataclasses.dataclass(frozen=True, eq=False)
class GameData:
    """A compiled game as kernels read it.

    Attributes:
      game: `[G]` int64, header and tables; `cogrid.kernel.places` says where everything is.
      sums: `[S]` float32, what is paid.
      pays: whether all rewards are among the payments; else they are array functions.
    """

    game: Int64[np.ndarray, "G"]
    sums: Float32[np.ndarray, "S"]
    pays: bool


def unread_parts(game: Game) -> list[str]:
    """What of a game's step no kernel reads, by name; empty for a game that can be played by kernels."""
    header, _ = game.to_arrays()
    needs = [need for need in header["needs"] if need not in READ_NEEDS]
    functions = [name for name in header["functions"] if name.split(" ")[0] not in RUN_AROUND]
    if _guards_are_data(game.tables):
        functions = [name for name in functions if not name.startswith("guard of ")]
    return needs + functions


def _guards_are_data(tables: Tables) -> bool:
    """Whether kernels read all guards of a world: they are sums, and no agent acts on another one."""
    guards = tables.rules.guards
    return tables.rules.meet is None and all(guard_sums(guard, tables) is not None for _, guard in guards)


def game_data(game: Game) -> GameData:
    """Pack a game.

    Args:
      game: one without `unread_parts`.
    """
    header, arrays = game.to_arrays()
    packer = _Packer(header, arrays)
    packer.pack_sizes(game.tables)
    packer.pack_columns()
    packer.pack_map(game.tables)
    packer.pack_rules()
    packer.pack_moves()
    packer.pack_draws()
    packer.pack_guards(game.tables)
    pays = packer.pack_payments()
    packer.pack_memory()
    packer.pack_words()
    return GameData(*packer.rows(), pays)


class _Packer:
    """Puts tables behind each other, and their places into the header."""

    def __init__(self, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        self._header, self._arrays = header, arrays
        self._shapes = {name: about["shape"] for name, about in header["arrays"].items()}
        self._rules: Mapping[str, Any] = header["rules"]
        self._places = [-1] * at.N_HEADER
        self._parts: list[np.ndarray[Any, Any]] = []
        self._length = at.N_HEADER
        self._sums: list[np.ndarray[Any, Any]] = []
        self._n_sums = 0

    def rows(self) -> tuple[Int64[np.ndarray, "G"], Float32[np.ndarray, "S"]]:
        """The two rows."""
        game = np.concatenate([np.array(self._places, dtype=np.int64), *self._parts])
        return game, np.concatenate([np.zeros(0, dtype=np.float32), *self._sums])

    def _add(self, values: Any) -> int:
        """Put numbers behind the others, and return their place."""
        array = np.asarray(values).reshape(-1).astype(np.int64)
        self._parts.append(array)
        self._length += len(array)
        return self._length - len(array)

    def _add_named(self, name: str) -> int:
        """Put one of the game's arrays behind the others; -1 for one that it does not have."""
        return self._add(self._arrays[name]) if name in self._arrays else -1

    def _set(self, **numbers: int) -> None:
        for name, number in numbers.items():
            self._places[getattr(at, name)] = int(number)

    def pack_sizes(self, tables: Tables) -> None:
        """Sizes, masks, and the order of the stages."""
        rules, about = self._rules, self._header["map"]
        self._set(
            N_AGENTS=rules["n_agents"],
            N_CELLS=about["height"] * about["width"],
            HEIGHT=about["height"],
            WIDTH=about["width"],
            N_ACTIONS=len(rules["actions"]),
            NOOP=rules["noop"],
            N_CELL_VALUES=rules["n_cell_values"],
            N_AGENT_VALUES=rules["n_agent_values"],
            N_WORLD_VALUES=rules["n_world_values"],
            N_LAYOUTS=about["n_layouts"],
            N_AMOUNTS=len(rules["amounts"]),
            MAX_STEPS=-1 if rules["max_steps"] is None else rules["max_steps"],
            STAGES=self._add([_STAGES[stage] for stage in rules["stages"]]),
            COLLISIONS=_COLLISIONS[rules["collisions"]],
            COLLISION_MASK=rules["collision_mask"],
            REDRAW_MASK=rules["redraw_mask"],
        )

    def pack_columns(self) -> None:
        """The columns of a world's row of numbers, in the order of `Numbers`."""
        n_agents, about = self._rules["n_agents"], self._header["map"]
        sizes: dict[str, Any] = dict.fromkeys(NUMBER_NAMES, n_agents) | {"rng_key": 2, "time": 1}
        sizes |= {"world_value": int(self._rules["has_world_values"]), "layout_idx": int(about["is_set"])}
        sizes["amounts"] = n_agents * len(self._rules["amounts"])
        first, columns = 0, dict[str, int]()
        for name, size in sizes.items():
            columns[name] = first if size else -1
            first += size
        self._set(
            N_NUMBERS=first,
            DIRECTION=columns["agent_dir"],
            VALUE=columns["agent_value"],
            TERMINATED=columns["terminated"],
            EVENTS=columns["events"],
            KEY=columns["rng_key"],
            TIME=columns["time"],
            WORLD_VALUE=columns["world_value"],
            LAYOUT=columns["layout_idx"],
            AMOUNTS=max(columns["amounts"], 0),
        )

    def pack_map(self, tables: Tables) -> None:
        """The layouts, and how episodes start on them."""
        ticking, directions = tables.map.tickable_cells, self._rules["start_directions"]
        self._set(
            FRONT=self._add_named("map.front"),
            AROUND=self._add_named("map.around"),
            TICKING=self._add(ticking),
            N_TICKING=len(ticking),
            START_CELLS=self._add_named("map.start_cells"),
            START_PLACES=self._add_named("map.start_places"),
            START_ROOMS=self._add_named("map.start_rooms"),
            START_VALUES=self._add_named("map.start_values"),
            START_DIRECTIONS=self._add(directions),
            N_DIRECTIONS=len(directions),
            OPEN_AT_START=self._add_named("map.open_at_start"),
        )

    def pack_rules(self) -> None:
        """What actions, values and rules are."""
        names = ("turn", "proposes", "goes", "takes", "interaction", "acts_here", "passable", "passable_by", "leave")
        self._set(**{name.upper(): self._add_named(f"rules.{name}") for name in names})
        chances, counts = self._rules["chances"], self._rules["counts"]
        for name in ("tick", "agent_tick", "enter", "stand", "interact", "meet"):
            rows = f"rules.{name}.rows" if name == "meet" else f"rules.{name}"
            if rows in self._arrays:
                self._set(**{name.upper(): self._add_table(rows, chances.get(name), counts.get(name))})
        if "rules.reach.offsets" in self._arrays:
            *_, n_lines, length, _ = self._shapes["rules.reach.offsets"]
            self._set(
                REACH=self._add_named("rules.reach.offsets"),
                N_LINES=n_lines,
                LINE_LENGTH=length,
                IS_BEAM=self._add_named("rules.reach.is_beam"),
                BLOCKS=self._add_named("rules.reach.blocks"),
                ANSWERS=self._add_named("rules.reach.answers"),
                MEET_ANSWERS=self._add_named("rules.meet.answers"),
            )

    def _add_table(self, rows: str, chance: Mapping[str, Any] | None, counts: Mapping[str, Any] | None) -> int:
        """Put a table of rules behind the others, and then its record, whose place is returned."""
        shape = self._shapes[rows]
        record = [-1] * at.TABLE_SIZE
        record[at.ROWS], record[at.ROW_WIDTH] = self._add_named(rows), shape[1] if len(shape) > 1 else 1
        if chance is not None:
            record[at.CHANCE_KINDS] = self._add_named(chance["kind"])
            record[at.LAST_WORDS] = self._add_named(chance["last_words"])
            record[at.N_LAST_WORDS] = self._shapes[chance["last_words"]][1]
            record[at.REST] = self._add_named(chance["rest"])
        if counts is not None:
            record[at.COUNT_SIZE], record[at.WHICH_COUNT] = counts["size"], self._add_named(counts["which"])
            record[at.COUNTS] = self._add([self._count(count) for count in counts["counts"]])
        return self._add(record)

    def _count(self, count: Mapping[str, Any]) -> list[int]:
        """The record of a count, whose tables are put behind the others."""
        n_offsets = self._shapes[count["offsets"]][0]
        weights, offsets = self._add_named(count["weights"]), self._add_named(count["offsets"])
        return [_OVER[count["over"]], weights, count["cap"], n_offsets, offsets]

    def pack_moves(self) -> None:
        """What is pushed, and what moves by itself."""
        moves = self._rules["moves"]
        if moves is None:
            return
        self._set(RECEIVE=self._add_named("moves.receive"), LIFT=self._add_named("moves.lift"))
        if "moves.roam" in self._arrays:
            self._set(ROAM=self._add_table("moves.roam", moves["roam_chance"], None))

    def pack_draws(self) -> None:
        """What is drawn among cells and agents."""
        records = [self._draw(draw) for draw in self._rules["draws"]]
        self._set(DRAWS=self._add(records), N_DRAWS=len(records))

    def _draw(self, draw: Mapping[str, Any]) -> list[int]:
        record = [-1] * at.DRAW_SIZE
        record[at.DRAWN_K], record[at.DRAWN_IS_FREE] = draw["k"], int(draw["is_free"])
        record[at.DRAWN_MASK], record[at.AT_MOST] = draw["event_mask"], draw["at_most"]
        record[at.FIRST_WORD] = draw["first_word"]
        record[at.N_APART], record[at.APART] = len(draw["apart"]), self._add(draw["apart"])
        for members, after, table in (
            (at.CELL_MEMBERS, at.AFTER_CELLS, draw["cells"]),
            (at.AGENT_MEMBERS, at.AFTER_AGENTS, draw["agents"]),
        ):
            if table is not None:
                record[members] = self._add_named(table["is_member"])
                record[after] = self._add_table(table["after"], table["chance"], table["counts"])
        return record

    def pack_guards(self, tables: Tables) -> None:
        """The conditions under which events count."""
        records = [
            [bit, part.constant, *map(self._weights, (part.cells, part.cells_before, part.agents, part.agents_before))]
            for bit, guard in tables.rules.guards
            for part in guard_sums(guard, tables) or ()
        ]
        self._set(GUARD_SUMS=self._add(records), N_GUARD_SUMS=len(records))

    def _weights(self, weights: Any) -> int:
        return -1 if weights is None else self._add(weights)

    def pack_payments(self) -> bool:
        """What is paid; returns whether all rewards are payments."""
        rewards, shaped = self._header["rewards"], self._header["shaped_rewards"] or []
        pays = all(payment["kind"] == "payment" for payment in (*rewards, *shaped))
        rewards, shaped = (rewards, shaped) if pays else ([], [])
        self._set(
            REWARDS=self._add([self._payment(payment) for payment in rewards]),
            N_REWARDS=len(rewards),
            SHAPED_REWARDS=self._add([self._payment(payment) for payment in shaped]),
            N_SHAPED_REWARDS=len(shaped),
            PAYS_ATTEMPTS=any(payment["attempts"] is not None for payment in (*rewards, *shaped)),
        )
        return pays

    def _payment(self, payment: Mapping[str, Any]) -> list[int]:
        record = [-1] * at.PAYMENT_SIZE
        record[at.PAID_MASK], record[at.PAID_ACTION] = payment["event_mask"], payment["action"]
        record[at.IS_COMMON], record[at.N_TIMES] = int(payment["is_common"]), payment["n_times"]
        record[at.PAID_AMOUNT], record[at.LARGEST_AMOUNT] = payment["amount"], payment["largest_amount"]
        if payment["attempts"] is not None:
            record[at.PAID_ATTEMPTS] = self._add_named(payment["attempts"])
        if payment["count"] is not None:
            record[at.PAID_COUNT] = self._add(self._count(payment["count"]))
        record[at.SUMS] = self._n_sums
        self._sums.append(self._arrays[payment["sums"]])
        self._n_sums += len(self._sums[-1])
        return record

    def pack_memory(self) -> None:
        """Where the parts of a world begin in its memory, behind its numbers."""
        n_agents, n_cells = self._places[at.N_AGENTS], self._places[at.N_CELLS]
        sizes = {"CELLS": n_cells, **dict.fromkeys(_KEPT_OF_AGENTS, n_agents)}
        sizes |= {"WHOLES": at.MAX_COUNTS, "KEPT_CELLS": n_cells, "MEMBERS_LEFT": n_cells + n_agents}
        sizes |= {"CELLS_BEFORE": n_cells, "VALUES_BEFORE": n_agents}
        first = self._places[at.N_NUMBERS]
        for name, size in sizes.items():
            self._set(**{name: first})
            first += size
        self._set(N_PLACES=first)

    def pack_words(self) -> None:
        """The first block of random words of each purpose."""
        draws = self._header["draws"]
        shift = draws["purpose_shift"]
        names = {f"{purpose.upper()}_WORDS": number << shift for purpose, number in draws["purposes"].items()}
        self._set(**{name: first for name, first in names.items() if hasattr(at, name)})

"""A compiled game as flat arrays and a header: what an engine needs that is not written in Python.

The header is plain data (JSON): sizes, names, the order of the stages, the collision rule by its name, what each draw
is addressed by, and for rewards and observations which arrays they read. `needs` names what a game asks of an engine
beyond this: an engine refuses a game with a need that it does not know. A step is: note the attempts; the stages in
order, of which interact draws the world value anew if an event asked for it; time goes up by one. See `cogrid.integer`
for each stage, and `cogrid.feature_space.blocks` for how the row of a block is found.

`header["needs"]` names what only some games have:

- "chance": `header["rules"]["chances"]` has a `ChanceTable` for some of the tables "tick", "enter", "stand" and
  "interact". Each has the purpose of its name; words are drawn at the step's time, and word i decides for cell i in a
  tick, for agent i elsewhere.
- "counts": `header["rules"]["counts"]` has a `CountTable` for some of these tables. Such a table has `size` rows for
  each thing (cell value, pair), and a chance decides among these rows. Counts are taken at the start of the stage.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Shaped

from cogrid.core.chance_table import ChanceTable
from cogrid.core.count_table import CountTable
from cogrid.core.draws import PURPOSE_SHIFT, Purpose
from cogrid.core.reward import CountedReward, TotalReward, payment_of
from cogrid.core.tables import Tables
from cogrid.errors import function_name
from cogrid.feature_space.blocks import ArrayBlock, Block
from cogrid.feature_space.observation import Observation

VERSION = 1
"""Of the header and the arrays; goes up where a reader of an older one would go wrong."""

GameArrays = tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]
"""The header, and the arrays by name, each flat; `header["arrays"]` has their shapes."""


def game_arrays(
    tables: Tables, observation: Observation, reward: TotalReward, shaped_reward: TotalReward | None
) -> GameArrays:
    """The arrays and the header of a game; see `Game.to_arrays`."""
    writer = _Writer()
    header: dict[str, Any] = {
        "version": VERSION,
        "needs": _needs(tables),
        "rules": _rules(writer, tables),
        "map": _map(writer, tables),
        "observation": _observation(writer, observation, tables),
        "rewards": _rewards(writer, reward, tables),
        "shaped_rewards": None if shaped_reward is None else _rewards(writer, shaped_reward, tables),
        "draws": {
            "generator": "threefry2x32",
            "counter": "(purpose << purpose_shift) + block, time",
            "purpose_shift": PURPOSE_SHIFT,
            "purposes": {purpose.name.lower(): int(purpose) for purpose in Purpose},
        },
    }
    payments = [*header["rewards"], *(header["shaped_rewards"] or [])]
    if any(payment["kind"] == "payment" and (payment["count"] or payment["n_times"] > 1) for payment in payments):
        header["needs"].append("payment_tables")
    if any(block.get("sight") for block in header["observation"]["blocks"]):
        header["needs"].append("sight")
    if any(draw.is_after_starts or (draw.cells and draw.cells.counts) for draw in tables.draws):
        header["needs"].append("draws_for_agents")
    if any(block["kind"] == "list" for block in header["observation"]["blocks"]):
        header["needs"].append("lists")
    if tables.rules.amount_names:
        header["needs"].append("amounts")
    header["functions"] = _functions(tables, header)
    header["arrays"] = {
        name: {"shape": shape, "dtype": str(writer.arrays[name].dtype)} for name, shape in writer.shapes
    }
    return header, writer.arrays


def _needs(tables: Tables) -> list[str]:
    """What a reader must know beside what every game has, by name.

    chance: rows that are drawn among. counts: rows that are chosen by a count. goes: actions that go elsewhere than
    ahead. takes: actions that some agents do not take, which become Noop. acts_here: acts on the agent's own cell.
    agent_tick: agents that change by themselves, after the cells. reach: acts that look along lines of cells. meet:
    acts on agents. stand: rules that are read as `enter` is, after it, for all that have not ended. passable_by, leave:
    for each pair of an agent value and a cell value, whether such an agent can move into such a cell, and out of it.
    All these but the first two have arrays `rules.<name>`, or `rules.<name>.<part>` (see `cogrid.core.reach_table`).
    draws: `header["rules"]["draws"]` are `DrawTable`s, made in their order; agents start in cells that
    `map.open_at_start` allows after the draws of a reset. moves: things that are pushed and that move by themselves,
    `MoveTables` in `header["rules"]["moves"]`, and `map.around`. payment_tables: payments with a count, or with times
    (see `cogrid.core.reward.Payment`). draws_for_agents: draws that come after agents have started (those with
    `is_free` and no event), and draws whose members ask for a count. lists: blocks of the kind list (see
    `cogrid.feature_space.blocks.ListBlock`). sight: windows some places of which are hidden, as the block's `sight`
    says (see `cogrid.feature_space.blocks.Sight`).
    """
    optional = ("goes", "takes", "acts_here", "agent_tick", "reach", "meet", "stand", "passable_by", "leave")
    named = [name for name in optional if getattr(tables.rules, name) is not None]
    used = {"chance": any(_chances(tables).values()), "counts": any(_counts(tables).values())}
    drawn = [name for name, part in (("draws", tables.draws), ("moves", tables.moves)) if part]
    return [name for name, is_used in used.items() if is_used] + named + drawn


def _chances(tables: Tables) -> dict[str, ChanceTable | None]:
    """By the name of each table of rules, which of its rows are drawn among."""
    rules = tables.rules
    tables_of = {name: getattr(rules, name) for name in ("agent_tick", "enter", "stand", "interact", "meet")}
    chances = {name: None if table is None else table.chance for name, table in tables_of.items()}
    return {"tick": rules.tick_chance, **chances}


def _counts(tables: Tables) -> dict[str, CountTable | None]:
    """By the name of each table of rules, which of its things ask for a count."""
    rules = tables.rules
    tables_of = {"enter": rules.enter, "stand": rules.stand, "interact": rules.interact}
    counts = {name: None if table is None else table.counts for name, table in tables_of.items()}
    return {"tick": rules.tick_counts, **counts}


def _described_counts(writer: _Writer, prefix: str, table: CountTable) -> dict[str, Any]:
    return {
        "size": table.size,
        "which": writer.add(f"{prefix}.which", table.which),
        "counts": [writer.describe(f"{prefix}.{idx}", summed) for idx, summed in enumerate(table.counts)],
    }


class _Writer:
    """Collects arrays under names."""

    def __init__(self) -> None:
        self.arrays: dict[str, Shaped[np.ndarray, "K"]] = {}
        self.shapes: list[tuple[str, list[int]]] = []

    def add(self, name: str, values: Any) -> str:
        """Keep an array, flat, and return its name."""
        array = np.asarray(values)
        self.arrays[name] = np.ascontiguousarray(array).reshape(-1)
        self.shapes.append((name, list(array.shape)))
        return name

    def describe(self, prefix: str, data: Any) -> dict[str, Any]:
        """The fields of a dataclass: arrays by the name that they are kept under, all else as it is."""
        described: dict[str, Any] = {}
        for field in dataclasses.fields(data):
            value = getattr(data, field.name)
            if isinstance(value, np.ndarray):
                value = self.add(f"{prefix}.{field.name}", value)
            elif dataclasses.is_dataclass(value):
                value = self.describe(f"{prefix}.{field.name}", value)
            elif isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
                value = [self.describe(f"{prefix}.{field.name}.{idx}", part) for idx, part in enumerate(value)]
            described[field.name] = list(value) if isinstance(value, tuple) else value
        return described


def _add_rule_tables(writer: _Writer, tables: Tables) -> None:
    """The tables of the rules, those that there are."""
    rules = tables.rules
    for name in ("turn", "proposes", "interaction", "tick", "passable"):
        writer.add(f"rules.{name}", getattr(rules, name))
    for name in ("object_type", "object_state", "is_wall", "item_type"):
        writer.add(f"rules.{name}", getattr(tables.declared, name))
    for name in ("goes", "takes", "acts_here", "passable_by", "leave"):
        if getattr(rules, name) is not None:
            writer.add(f"rules.{name}", getattr(rules, name))
    for name in ("agent_tick", "interact", "enter", "stand"):
        if (table := getattr(rules, name)) is not None:
            writer.add(f"rules.{name}", table.rows)
    for name, table in (("reach", rules.reach), ("meet", rules.meet)):
        for field in () if table is None else dataclasses.fields(table):
            if isinstance(getattr(table, field.name), np.ndarray):
                writer.add(f"rules.{name}.{field.name}", getattr(table, field.name))


def _rules(writer: _Writer, tables: Tables) -> dict[str, Any]:
    rules, settings = tables.rules, tables.settings.rules
    _add_rule_tables(writer, tables)
    chances = {name: chance for name, chance in _chances(tables).items() if chance is not None}
    counts = {name: table for name, table in _counts(tables).items() if table is not None}
    return {
        "moves": None if tables.moves is None else writer.describe("moves", tables.moves),
        "draws": [writer.describe(f"draws.{idx}", draw) for idx, draw in enumerate(tables.draws)],
        "chances": {name: writer.describe(f"rules.{name}.chance", chance) for name, chance in chances.items()},
        "counts": {name: _described_counts(writer, f"rules.{name}.counts", table) for name, table in counts.items()},
        "name": settings.name,
        "n_agents": tables.n_agents,
        "n_cell_values": rules.n_cell_values,
        "n_agent_values": rules.n_agent_values,
        "n_world_values": rules.n_world_values,
        "has_world_values": rules.has_world_values,
        "has_enter": rules.enter is not None,
        "max_steps": tables.max_steps,
        "actions": list(tables.action_set.names),
        "noop": tables.action_set.noop,
        "stages": list(settings.stages),
        "collisions": rules.collisions.name,
        "collision_mask": rules.collision_mask,
        "redraw_mask": rules.redraw_mask,
        "events": list(rules.event_names),
        "amounts": list(rules.amount_names),
        "types": list(tables.declared.type_names),
        "cell_values": [repr(value) for value in rules.compiled.cell_values],
        "agent_values": [repr(value) for value in rules.compiled.agent_values],
        "start_directions": list(settings.start_directions),
    }


def _map(writer: _Writer, tables: Tables) -> dict[str, Any]:
    starts = tables.map.starts
    writer.add("map.front", tables.map.front)
    writer.add("map.start_cells", starts.cells)
    writer.add("map.start_places", starts.places)
    writer.add("map.start_values", tables.map.start_values)
    if tables.moves is not None:
        writer.add("map.around", tables.map.around)
    if tables.draws_at_reset:
        writer.add("map.open_at_start", tables.map.open_at_start)
    rooms = np.repeat(starts.is_free[:, None], tables.n_agents, axis=1)
    writer.add("map.start_rooms", rooms if starts.rooms is None else starts.rooms)
    sizes = {"height": tables.height, "width": tables.width}
    return {**sizes, "n_layouts": starts.n_layouts, "is_set": tables.map.is_set}


def _observation(writer: _Writer, observation: Observation, tables: Tables) -> dict[str, Any]:
    low, high = observation.bounds(tables)
    writer.add("observation.low", low)
    writer.add("observation.high", high)
    blocks = observation.blocks(tables)
    return {
        "dtype": str(observation.dtype(tables)),
        "shape": list(low.shape),
        "channels": list(observation.channels(tables)),
        "blocks": [_block(writer, f"observation.{idx}", block) for idx, block in enumerate(blocks)],
    }


def _block(writer: _Writer, prefix: str, block: Block) -> dict[str, Any]:
    if isinstance(block, ArrayBlock):
        return {"kind": "function", "name": block.name, "shape": list(block.shape)}
    kind = type(block).__name__.removesuffix("Block").lower()
    return {"kind": kind, **writer.describe(prefix, block)}


def _rewards(writer: _Writer, reward: TotalReward, tables: Tables) -> list[dict[str, Any]]:
    described: list[dict[str, Any]] = []
    for part in reward.rewards:
        if isinstance(part, CountedReward):
            prefix = f"reward.{len(writer.shapes)}"
            described.append({"kind": "payment", **writer.describe(prefix, payment_of(part, tables))})
        else:
            described.append({"kind": "function", "name": type(part).__name__})
    return described


def _functions(tables: Tables, header: dict[str, Any]) -> list[str]:
    """What only an array function says: a world with any of these cannot be played from the arrays alone."""
    rules = tables.settings.rules
    found = [
        f"{name} {function_name(hook)}"
        for name, hook in (("step_hook", rules.step_hook), ("start_hook", rules.start_hook))
        if hook is not None
    ]
    found += [f"guard of {event}" for event in sorted(rules.guards)]
    found += [f"feature {block['name']}" for block in header["observation"]["blocks"] if block["kind"] == "function"]
    rewards = [*header["rewards"], *(header["shaped_rewards"] or [])]
    return found + [f"reward {part['name']}" for part in rewards if part["kind"] == "function"]

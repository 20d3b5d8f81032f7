"""A rule of a cell is run on plain integers: its row is found, by a count and a chance, and followed."""

from __future__ import annotations

from collections.abc import Sequence

from cogrid.core.draws import Purpose
from cogrid.integer.counts import Counted
from cogrid.integer.draws import draw_word
from cogrid.integer.stages import follow_rule
from cogrid.integer.state import IntegerState
from cogrid.integer.tables import IntegerPairs


def run_rule(
    world: IntegerState, table: IntegerPairs, purpose: Purpose, block: int, agent_idx: int, cell: int, number: int = -1
) -> None:
    """Run a rule of a cell for an agent.

    Args:
      world: the world, which is changed.
      table: what the rules of a stage do.
      purpose: of the word, where the rule draws one.
      block: the row that the rule's rows begin at.
      agent_idx: the agent.
      cell: the cell.
      number: that of the word, if it is not the agent's.
    """
    lists = world.lists
    first = block + world.world_value * lists.n_pairs
    pair = first + world.agent_value[agent_idx] * lists.n_cell_values + world.cells[cell]
    if table.counts is not None:
        pair = table.counts.row(pair, block // lists.n_block, cell, world.counted)
    if table.is_idle[pair]:
        return
    if table.chance is not None and table.chance.kind[pair]:
        word = draw_word(*world.key, purpose, world.time, agent_idx if number < 0 else number)
        pair = table.chance.draw(pair, word)
    happened = table.rows[pair][2]
    if world.guards:
        happened = guarded(world, agent_idx, happened)
    follow_rule(
        pair,
        happened,
        agent_idx,
        cell,
        world.cells,
        world.agent_value,
        world.terminated,
        world.events,
        world.changed_cells,
        table.rows,
    )
    if world.n_amounts:
        carried = zip(world.amounts[agent_idx], table.rows[pair][4:], strict=True)
        world.amounts[agent_idx] = [amount + more for amount, more in carried]


def guarded(world: IntegerState, agent_idx: int, happened: int) -> int:
    """The events of a rule without those whose guard does not hold now."""
    for bit, guard in world.guards:
        if happened & bit and not guard(world.state_before(), world.to_state(), agent_idx):
            happened &= ~bit
    return happened


def start_counting(world: IntegerState, kinds: Sequence[int] = (), places: Sequence[int] = ()) -> None:
    """Keep what counts are taken of, at the start of a stage; see `Counted`."""
    world.take_in_changes()
    world.counted = Counted(world.tallies, world.agent_value.copy(), kinds, places)

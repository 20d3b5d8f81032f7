"""What agents do to cells: rules `enter` right after movement, rules `pickup_drop` and `toggle` in the third stage."""

from __future__ import annotations

from jaxtyping import Bool, Int, UInt

from cogrid.backend.array_ops import Array, gather, loop, lookup, namespace, put, scatter
from cogrid.backend.env_state import EnvState
from cogrid.core.draws import Purpose, words
from cogrid.core.tables import PairTable, Tables


def enter_cells(prev_state: EnvState, state: EnvState) -> EnvState:
    """Run the `enter` rule of every cell that an agent has just moved into, in index order.

    Args:
      prev_state: the state before the movement.
      state: the state after it.
    Returns:
      The state with what the rules changed: cells, agent values, events, ends.
    """
    if state.tables.enter is None:
        return state
    moved = state.agent_cell != prev_state.agent_cell
    cell = state.agent_cell
    no_interaction = namespace(cell).zeros_like(cell)
    return _run_rules(state, state.tables.enter, no_interaction, cell, moved)


def process_interactions(state: EnvState, actions: Int[Array, "*B A"]) -> EnvState:
    """Let each agent in turn interact with the cell in front of it, in index order.

    Each agent sees what the earlier ones did. Nothing happens if another agent stands in that cell, if it is off the
    grid, or if the agent has terminated. After the last interaction the world value is drawn anew if an event asks for it.

    Args:
      state: the state after movement.
      actions: `[*B, A]` int32.
    Returns:
      The state with what the rules changed: cells, agent values, events, ends, world value.
    """
    tables = state.tables
    xp = namespace(state.cells)
    ahead = lookup(tables.front, state.agent_cell * 4 + state.agent_dir)
    is_somebody_there = xp.any(ahead[..., :, None] == state.agent_cell[..., None, :], axis=-1)
    kind = lookup(tables.interaction, actions)
    state = _run_rules(state, tables.interact, kind, ahead, ~is_somebody_there)
    return redraw_world(state)


def redraw_world(state: EnvState) -> EnvState:
    """Draw the world value anew where an event of this step asks for it.

    Args:
      state: the state after the last interaction, its `events` those of this step.
    Returns:
      The state with the new world value.
    """
    if not state.tables.redraw_mask:
        return state
    xp = namespace(state.cells)
    is_asked = xp.any((state.events & state.tables.redraw_mask) != 0, axis=-1)
    word = words(state.rng_key, Purpose.WORLD_VALUE, state.time + 1, 1)[..., 0]
    drawn = (word % state.tables.n_world_values).astype(state.world.dtype)
    return state.replace(world=xp.where(is_asked, drawn, state.world))


def _run_rules(
    state: EnvState,
    table: PairTable,
    block: Int[Array, "*B A"],
    place: Int[Array, "*B A"],
    is_active: Bool[Array, "*B A"],
) -> EnvState:
    """Run one rule for each agent in index order, each seeing what the earlier ones did.

    Args:
      state: the state before.
      table: what the rules do; blocks of (world value, agent value, cell value).
      block: `[*B, A]` int32, each agent's block.
      place: `[*B, A]` int32, the cell that each agent acts on.
      is_active: `[*B, A]` bool, who acts.
    """
    tables: Tables = state.tables
    n_pairs = tables.n_agent_values * tables.n_cell_values
    first_pair = block * (tables.n_world_values * n_pairs)
    if state.world is not None:
        first_pair = first_pair + (state.world * n_pairs)[..., None]
    is_active = is_active & ~state.terminated

    def act(agent_idx: int | Int[Array, ""], carry: _Carry) -> _Carry:
        cells, agent_value, events, terminated = carry
        here = place[..., agent_idx]
        before = gather(cells, here[..., None])[..., 0].astype(here.dtype)
        mine = agent_value[..., agent_idx]
        pair = first_pair[..., agent_idx] + mine * tables.n_cell_values + before
        acts = is_active[..., agent_idx]
        xp = namespace(cells)
        happened = xp.where(acts, lookup(table.events, pair), 0)
        for bit, guard in tables.guards:
            now = state.replace(cells=cells, agent_value=agent_value, events=events, terminated=terminated)
            happened = xp.where(guard(now, agent_idx), happened, happened & ~bit)
        if table.can_end:
            ends = terminated[..., agent_idx] | (acts & lookup(table.ends, pair))
            terminated = put(terminated, agent_idx, ends)
        cells = scatter(cells, here, xp.where(acts, lookup(table.cell, pair), before.astype(cells.dtype)))
        agent_value = put(agent_value, agent_idx, xp.where(acts, lookup(table.agent, pair), mine))
        events = put(events, agent_idx, events[..., agent_idx] | happened)
        return cells, agent_value, events, terminated

    start = (state.cells, state.agent_value, state.events, state.terminated)
    cells, agent_value, events, terminated = loop(tables.n_agents, act, start, like=state.cells)
    return state.replace(cells=cells, agent_value=agent_value, events=events, terminated=terminated)


_Carry = tuple[UInt[Array, "*B N"], Int[Array, "*B A"], Int[Array, "*B A"], Bool[Array, "*B A"]]

process_interactions_jax = process_interactions

"""The stages of a step on plain integers; equal to `cogrid.core.movement` and `cogrid.core.interactions`.

`cells`, `agent_cell`, `agent_dir`, `agent_value`, `terminated` and `events` are those of a state and are changed in
place; `actions` has Noop for a terminated agent. The other sequences are columns of the compiled tables. The numbers of
cells that change are added to `changed`.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence


def tick_agents(
    agent_value: MutableSequence[int],
    drawn: Sequence[int],
    terminated: MutableSequence[bool],
    events: MutableSequence[int],
    rows: Sequence[Sequence[int]],
) -> None:
    """Let every agent become what it becomes by itself in one step; not one that has terminated.

    Args:
      drawn: the row of each agent: that of its value, or a further one that was drawn.
      rows: for each agent value the one that follows, events, and whether the agent's episode ends.
    """
    for agent_idx in range(len(agent_value)):
        if not terminated[agent_idx]:
            row = rows[drawn[agent_idx]]
            agent_value[agent_idx] = row[0]
            events[agent_idx] |= row[1]
            if row[2]:
                terminated[agent_idx] = True


def refuse_actions(
    actions: MutableSequence[int], agent_value: Sequence[int], takes: Sequence[bool], n_actions: int, noop: int
) -> None:
    """Put Noop for every action that an agent does not take.

    Args:
      takes: for each agent value and action, whether it is taken.
    """
    for agent_idx in range(len(actions)):
        if not takes[agent_value[agent_idx] * n_actions + actions[agent_idx]]:
            actions[agent_idx] = noop


def follow_rows(
    cells: MutableSequence[int],
    tick: Sequence[int],
    rows: Sequence[int],
    candidates: Sequence[int],
    changed: MutableSequence[int],
) -> None:
    """Let some cells become what a row each says.

    Args:
      cells: value id of each cell.
      tick: the value that follows by each row.
      rows: the row of each of these cells.
      candidates: these cells.
      changed: where to add the cells that change.
    """
    for cell, row in zip(candidates, rows, strict=True):
        if tick[row] != cells[cell]:
            cells[cell] = tick[row]
            changed.append(cell)


def turn_and_propose(
    actions: Sequence[int],
    cells: Sequence[int],
    agent_cell: Sequence[int],
    agent_dir: MutableSequence[int],
    target: MutableSequence[int],
    turn: Sequence[int],
    proposes: Sequence[bool],
    front: Sequence[int],
    passable: Sequence[bool],
    goes: Sequence[int] | None = None,
) -> bool:
    """Turn the agents, and write the cell that each wants to `target`: its own, where it stays.

    Args:
      goes: the direction in which an action goes, for each direction after its turn; None where each goes ahead.

    Returns:
      Whether anybody wants to move.
    """
    is_anybody = False
    for agent_idx in range(len(actions)):
        action, cell = actions[agent_idx], agent_cell[agent_idx]
        direction = turn[action * 4 + agent_dir[agent_idx]]
        agent_dir[agent_idx] = direction
        target[agent_idx] = cell
        if proposes[action]:
            ahead = front[cell * 4 + (direction if goes is None else goes[action * 4 + direction])]
            if ahead != cell and passable[cells[ahead]]:
                target[agent_idx] = ahead
                is_anybody = True
    return is_anybody


def keep_back(
    target: MutableSequence[int],
    cells: Sequence[int],
    agent_cell: Sequence[int],
    agent_value: Sequence[int],
    passable_by: Sequence[bool] | None,
    leave: Sequence[bool] | None,
    n_cell_values: int,
) -> None:
    """Keep those agents where they are that may not move into the cell that they want, or out of their own.

    Args:
      passable_by: for each pair of an agent value and a cell value, whether it may move in; None where all may.
      leave: whether it may move out, likewise.
    """
    for agent_idx, cell in enumerate(agent_cell):
        first_pair = agent_value[agent_idx] * n_cell_values
        may_enter = passable_by is None or passable_by[first_pair + cells[target[agent_idx]]]
        if not may_enter or (leave is not None and not leave[first_pair + cells[cell]]):
            target[agent_idx] = cell


def note_collisions(
    place: Sequence[int], target: Sequence[int], events: MutableSequence[int], collision_mask: int
) -> None:
    """Note the event of those who wanted to move and were held back."""
    for agent_idx in range(len(place)):
        if place[agent_idx] != target[agent_idx]:
            events[agent_idx] |= collision_mask


def faced_cell(agent_idx: int, agent_cell: Sequence[int], agent_dir: Sequence[int], front: Sequence[int]) -> int:
    """The cell in front of an agent; its own, where that is off the grid."""
    return front[agent_cell[agent_idx] * 4 + agent_dir[agent_idx]]


def note_attempts(
    attempts: MutableSequence[int],
    actions: Sequence[int],
    cells: Sequence[int],
    agent_cell: Sequence[int],
    agent_dir: Sequence[int],
    agent_value: Sequence[int],
    interaction: Sequence[int],
    front: Sequence[int],
    n_cell_values: int,
) -> None:
    """Note for each agent the pair of its value and the faced cell's, if it interacts with a cell on the grid; else -1.

    Args:
      attempts: where to write these, `agent value * n_cell_values + cell value`.
      interaction: which interaction each action is, 0 for none.
    """
    for agent_idx in range(len(actions)):
        attempts[agent_idx] = -1
        if interaction[actions[agent_idx]]:
            ahead = faced_cell(agent_idx, agent_cell, agent_dir, front)
            if ahead != agent_cell[agent_idx]:
                attempts[agent_idx] = agent_value[agent_idx] * n_cell_values + cells[ahead]


def follow_rule(
    pair: int,
    happened: int,
    agent_idx: int,
    cell: int,
    cells: MutableSequence[int],
    agent_value: MutableSequence[int],
    terminated: MutableSequence[bool],
    events: MutableSequence[int],
    changed: MutableSequence[int],
    rows: Sequence[Sequence[int]],
) -> None:
    """Make of an agent and a cell what a rule makes of them.

    Args:
      pair: the row of the rule's pair table.
      happened: the events that count, as a bit mask.
      rows: the pair table: cell value, agent value, events, whether the agent's episode ends.
    """
    row = rows[pair]
    events[agent_idx] |= happened
    agent_value[agent_idx] = row[1]
    if row[3]:
        terminated[agent_idx] = True
    if row[0] != cells[cell]:
        cells[cell] = row[0]
        changed.append(cell)

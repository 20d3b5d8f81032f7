"""The stage "move" of one world: agents turn and go, push what they can, and stand in cells that have rules for it."""

from __future__ import annotations

from cogrid.core.draws import Purpose
from cogrid.integer.moves import Push, hinders
from cogrid.integer.rules import run_rule, start_counting
from cogrid.integer.stages import keep_back, note_collisions, turn_and_propose
from cogrid.integer.state import IntegerState
from cogrid.integer.tables import IntegerPairs


def move_and_enter(world: IntegerState, actions: list[int]) -> None:
    """Turn and move the agents; those that have got into another cell enter it."""
    lists, target = world.lists, [0] * world.n_agents
    is_anybody = turn_and_propose(
        actions,
        world.cells,
        world.agent_cell,
        world.agent_dir,
        target,
        lists.turn,
        lists.proposes,
        lists.front,
        lists.passable,
        lists.goes,
    )
    if not is_anybody and not lists.can_push:
        return
    pushes = _keep_back_and_push(world, actions, target) if lists.is_restricted else None
    before = world.agent_cell
    world.agent_cell = before.copy()
    lists.settle(world.agent_cell, target, *world.key, world.time)
    if world.agent_cell != target:
        note_collisions(world.agent_cell, target, world.events, world.tables.rules.collision_mask)
    if pushes:
        _make_pushes(world, pushes)
    if lists.enter is not None:
        _enter(world, lists.enter, before)


def move_those_left(world: IntegerState, actions: list[int]) -> None:
    """The same in a world where an episode can end in the same step before it."""
    noop = world.tables.action_set.noop
    given = zip(world.terminated, actions, strict=True)
    move_and_enter(world, [noop if has_ended else action for has_ended, action in given])


def stand(world: IntegerState, actions: list[int]) -> None:
    """Run the rules of the cells that the agents stand in, whether they have moved or not."""
    table = world.lists.stand
    if table is None:
        return
    if table.counts is not None:
        start_counting(world)
    for agent_idx, cell in enumerate(world.agent_cell):
        if not world.terminated[agent_idx]:
            run_rule(world, table, Purpose.STAND, world.lists.n_block, agent_idx, cell)


def _enter(world: IntegerState, enter: IntegerPairs, before: list[int]) -> None:
    """Run the rules of the cells that agents have got into."""
    if enter.counts is not None:
        start_counting(world)
    for agent_idx, cell in enumerate(world.agent_cell):
        if cell != before[agent_idx] and not world.terminated[agent_idx]:
            run_rule(world, enter, Purpose.ENTER, world.lists.n_block, agent_idx, cell)


def _keep_back_and_push(world: IntegerState, actions: list[int], target: list[int]) -> dict[int, Push]:
    """Keep those where they are that may not go; then what is pushed."""
    lists = world.lists
    if lists.passable_by is not None or lists.leave is not None:
        keep_back(
            target,
            world.cells,
            world.agent_cell,
            world.agent_value,
            lists.passable_by,
            lists.leave,
            lists.n_cell_values,
        )
    return _find_pushes(world, actions, target) if lists.can_push else {}


def _find_pushes(world: IntegerState, actions: list[int], target: list[int]) -> dict[int, Push]:
    """What agents push, whose targets are set to the cells that they want then; notes who is hindered."""
    found = dict[int, Push]()
    for agent_idx, (action, cell) in enumerate(zip(actions, world.agent_cell, strict=True)):
        if world.lists.proposes[action] and target[agent_idx] == cell:
            push = _push_of(world, agent_idx, action)
            if push is not None:
                found[agent_idx] = push
    hindered = [idx for idx, push in found.items() if hinders(push, idx, world.agent_cell, target, found)]
    for agent_idx in hindered:
        world.events[agent_idx] |= world.tables.rules.collision_mask
    made = {agent_idx: push for agent_idx, push in found.items() if agent_idx not in hindered}
    for agent_idx, (ahead, *_) in made.items():
        target[agent_idx] = ahead
    return made


def _push_of(world: IntegerState, agent_idx: int, action: int) -> Push | None:
    """What an agent that cannot go pushes instead, if nobody hinders it."""
    lists, cell = world.lists, world.agent_cell[agent_idx]
    value, direction = world.agent_value[agent_idx], world.agent_dir[agent_idx]
    if lists.goes is not None:
        direction = lists.goes[action * 4 + direction]
    ahead = lists.front[cell * 4 + direction]
    may_leave = lists.leave is None or lists.leave[value * lists.n_cell_values + world.cells[cell]]
    if lists.moves is None or not may_leave or _may_enter(world, value, ahead):
        return None
    return lists.moves.push_of(world.cells, value, ahead, direction)


def _may_enter(world: IntegerState, value: int, cell: int) -> bool:
    lists = world.lists
    if lists.passable_by is None:
        return lists.passable[world.cells[cell]]
    return lists.passable_by[value * lists.n_cell_values + world.cells[cell]]


def _make_pushes(world: IntegerState, pushes: dict[int, Push]) -> None:
    """Move what the agents have pushed that have got into their cells."""
    for agent_idx, (ahead, beyond, left, received, events) in pushes.items():
        if world.agent_cell[agent_idx] == ahead:
            world.cells[ahead], world.cells[beyond] = left, received
            world.changed_cells += (ahead, beyond)
            world.events[agent_idx] |= events

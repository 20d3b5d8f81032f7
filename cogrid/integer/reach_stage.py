"""The stage "interact" of one world where acts look along lines of cells, or fall on other agents."""

from __future__ import annotations

from cogrid.core.draws import Purpose
from cogrid.integer.draws import draw_word
from cogrid.integer.reach import IntegerMeetings, IntegerReach
from cogrid.integer.rules import guarded, run_rule, start_counting
from cogrid.integer.state import IntegerState


def interact_along_lines(world: IntegerState, actions: list[int]) -> None:
    """Let the agents act on the first thing along each line that answers."""
    lists = world.lists
    reach = lists.reach
    kinds = [lists.interaction[action] for action in actions]
    if reach is None or not any(kinds):
        return
    if lists.interact.counts is not None:
        start_counting(world, *_falls(world, reach, kinds))
    for agent_idx, kind in enumerate(kinds):
        if kind:
            lines = reach.lines_from(kind, world.agent_dir[agent_idx], world.agent_cell[agent_idx])
            for line_idx, line in enumerate(lines):
                if not world.terminated[agent_idx]:
                    _act_along(world, reach, kind, agent_idx, line_idx, line)


def _act_along(
    world: IntegerState, reach: IntegerReach, kind: int, agent_idx: int, line_idx: int, line: list[int]
) -> None:
    """Let an agent act on the first cell of a line that answers, before one that ends the line."""
    hit = _fall(world, reach, kind, agent_idx, line)
    if hit is None:
        return
    lists, number = world.lists, agent_idx * reach.n_lines + line_idx
    cell, other = hit
    if other == agent_idx:
        run_rule(world, lists.interact, Purpose.INTERACT, kind * lists.n_block, agent_idx, cell, number)
    elif lists.meet is not None:
        pair = _first_row(world, kind, agent_idx) + world.agent_value[other]
        _meet(world, lists.meet, pair, agent_idx, other, number)


def _first_row(world: IntegerState, kind: int, agent_idx: int) -> int:
    """The first row of the table of meetings for an act of an agent."""
    rules = world.tables.rules
    block = kind * rules.n_world_values + world.world_value
    return (block * rules.n_agent_values + world.agent_value[agent_idx]) * rules.n_agent_values


def _fall(
    world: IntegerState, reach: IntegerReach, kind: int, agent_idx: int, line: list[int]
) -> tuple[int, int] | None:
    """The first cell of a line that answers, and the agent that does so; for an object the acting agent itself."""
    lists = world.lists
    meet = lists.meet
    block = kind * lists.n_block + world.world_value * lists.n_pairs
    first = block + world.agent_value[agent_idx] * lists.n_cell_values
    first_meeting = _first_row(world, kind, agent_idx)
    for cell in line:
        other = world.agent_cell.index(cell) if cell in world.agent_cell else agent_idx
        if other == agent_idx:
            if reach.answers[first + world.cells[cell]]:
                return cell, other
        elif (
            meet is not None and not world.terminated[other] and meet.answers[first_meeting + world.agent_value[other]]
        ):
            return cell, other
        if reach.is_beam[kind] and (other != agent_idx or reach.blocks[world.cells[cell]]):
            return None
    return None


def _meet(world: IntegerState, meet: IntegerMeetings, pair: int, agent_idx: int, other: int, number: int) -> None:
    """Make of two agents what a rule makes of them."""
    if meet.chance is not None and meet.chance.kind[pair]:
        pair = meet.chance.draw(pair, draw_word(*world.key, Purpose.INTERACT, world.time, number))
    after_other, after_agent, happened, happened_to_other, ends, other_ends = meet.rows[pair]
    world.agent_value[other] = after_other
    world.events[other] |= happened_to_other
    world.terminated[other] = world.terminated[other] or bool(other_ends)
    world.events[agent_idx] |= guarded(world, agent_idx, happened)
    world.agent_value[agent_idx] = after_agent
    world.terminated[agent_idx] = world.terminated[agent_idx] or bool(ends)


def _falls(world: IntegerState, reach: IntegerReach, kinds: list[int]) -> tuple[list[int], list[int]]:
    """What each agent is about to do to a cell by the first line of its act, 0 for nothing, and that cell."""
    falling, places = [0] * world.n_agents, list(world.agent_cell)
    for agent_idx, kind in enumerate(kinds):
        if kind and not world.terminated[agent_idx]:
            line, *_ = reach.lines_from(kind, world.agent_dir[agent_idx], world.agent_cell[agent_idx])
            hit = _fall(world, reach, kind, agent_idx, line)
            if hit is not None and hit[1] == agent_idx:
                falling[agent_idx], places[agent_idx] = kind, hit[0]
    return falling, places

"""The stage "interact" of one world, agent by agent; acts along lines and on other agents are in `reach_stage`."""

from __future__ import annotations

from cogrid.core.draws import Purpose
from cogrid.integer.rules import run_rule, start_counting
from cogrid.integer.stages import faced_cell
from cogrid.integer.starts import draw_one_of
from cogrid.integer.state import IntegerState


def interact(world: IntegerState, actions: list[int]) -> None:
    """Let the agents act on the cells in front of them, where no other agent stands."""
    lists = world.lists
    if lists.interact.counts is not None:
        start_counting(world, *_acts(world, actions))
    for agent_idx, action in enumerate(actions):
        kind = lists.interaction[action]
        if kind and not world.terminated[agent_idx]:
            ahead = faced_cell(agent_idx, world.agent_cell, world.agent_dir, lists.front)
            if ahead not in world.agent_cell:
                run_rule(world, lists.interact, Purpose.INTERACT, kind * lists.n_block, agent_idx, ahead)


def interact_near(world: IntegerState, actions: list[int]) -> None:
    """The same in a world with acts on the own cell."""
    lists = world.lists
    is_here = lists.acts_here or ()
    if lists.interact.counts is not None:
        start_counting(world, *_acts(world, actions))
    for agent_idx, action in enumerate(actions):
        kind, place = lists.interaction[action], world.agent_cell[agent_idx]
        if kind and not world.terminated[agent_idx]:
            if not is_here[kind]:
                place = faced_cell(agent_idx, world.agent_cell, world.agent_dir, lists.front)
            if is_here[kind] or place not in world.agent_cell:
                run_rule(world, lists.interact, Purpose.INTERACT, kind * lists.n_block, agent_idx, place)


def draw_anew(world: IntegerState, actions: list[int]) -> None:
    """Draw the world value anew, and members of groups, where an event of this step asks for it."""
    rules = world.tables.rules
    if rules.redraw_mask and any(events & rules.redraw_mask for events in world.events):
        world.world_value = draw_one_of(*world.key, Purpose.WORLD_VALUE, world.time + 1, rules.n_world_values)
    for draw in world.lists.draws:
        if draw.table.event_mask and (n_drawn := draw.n_asked(world.events)):
            world.draw_members(draw, n_drawn, world.time + 1)


def _acts(world: IntegerState, actions: list[int]) -> tuple[list[int], list[int]]:
    """What each agent is about to do, 0 for nothing, and the cell that it falls on."""
    lists, kinds, places = world.lists, list[int](), list[int]()
    for agent_idx, action in enumerate(actions):
        kind = lists.interaction[action]
        is_here = lists.acts_here is not None and lists.acts_here[kind]
        ahead = faced_cell(agent_idx, world.agent_cell, world.agent_dir, lists.front)
        is_hindered = world.terminated[agent_idx] or (not is_here and ahead in world.agent_cell)
        kinds.append(0 if is_hindered else kind)
        places.append(world.agent_cell[agent_idx] if is_here else ahead)
    return kinds, places

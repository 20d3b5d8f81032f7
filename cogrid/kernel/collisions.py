"""What becomes of agents that want one cell, or each other's; equal to `cogrid.core.collisions`.

The agents stand in `world[agent]` and want `TARGETS`; each function moves those that get there.
"""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner
from cogrid.kernel.draws import draw_order
from cogrid.kernel.grid import is_occupied, who_stands_in


@inner
def settle(game: Any, world: Any) -> None:
    """Move the agents as the world's rule for collisions says."""
    rule = game[at.COLLISIONS]
    if rule == at.IN_TURN:
        settle_in_turn(game, world)
    elif rule == at.ALL_STAY:
        settle_all_stay(game, world)
    elif rule == at.CHAINS:
        settle_chains(game, world)
    else:
        send_back_contenders(game, world)
        settle_wanted(game, world, rule == at.COLLIDERS_STAY)


@inner
def target_of(game: Any, world: Any, agent: int) -> int:
    """The cell that an agent wants."""
    return world[game[at.TARGETS] + agent]


@inner
def settle_in_turn(game: Any, world: Any) -> None:
    """Settle the moves one by one, in an order that is only drawn where it matters."""
    n_agents, order = game[at.N_AGENTS], game[at.SETTLED]
    is_drawn = is_contended(game, world)
    if is_drawn:
        draw_order(game, world)
    for turn in range(n_agents):
        agent = world[order + turn] if is_drawn else turn
        target = target_of(game, world, agent)
        if not is_occupied(game, world, target):
            world[agent] = target


@inner
def is_contended(game: Any, world: Any) -> bool:
    """Whether the order matters: somebody wants the cell that another mover wants too, or is about to leave."""
    n_agents = game[at.N_AGENTS]
    for agent in range(n_agents):
        wanted = target_of(game, world, agent)
        if wanted != world[agent]:
            for other in range(n_agents):
                there, theirs = world[other], target_of(game, world, other)
                if other != agent and theirs != there and wanted in (theirs, there):
                    return True
    return False


@inner
def settle_all_stay(game: Any, world: Any) -> None:
    """Keep everybody in place if any two agents want one cell, or each other's."""
    n_agents = game[at.N_AGENTS]
    for agent in range(n_agents):
        if shares(game, world, game[at.TARGETS], agent) or swaps(game, world, agent):
            return
    for agent in range(n_agents):
        world[agent] = target_of(game, world, agent)


@inner
def shares(game: Any, world: Any, first: int, agent: int) -> bool:
    """Whether an agent's cell is another one's too, of cells that begin at some place."""
    n_same = 0
    for other in range(game[at.N_AGENTS]):
        n_same += world[first + other] == world[first + agent]
    return n_same > 1


@inner
def swaps(game: Any, world: Any, agent: int) -> bool:
    """Whether an agent and another one want each other's cells."""
    target = target_of(game, world, agent)
    for other in range(game[at.N_AGENTS]):
        if other != agent and target == world[other] and target_of(game, world, other) == world[agent]:
            return True
    return False


@inner
def send_back_contenders(game: Any, world: Any) -> None:
    """Write to `SETTLED` where agents come to stand if those stay who want what another one wants or stays in."""
    n_agents = game[at.N_AGENTS]
    settled, sent_back = game[at.SETTLED], game[at.FLAGS]
    for agent in range(n_agents):
        world[settled + agent] = target_of(game, world, agent)
    for _ in range(n_agents - 1):
        is_anybody = False
        for agent in range(n_agents):
            is_sent = shares(game, world, settled, agent)
            world[sent_back + agent] = is_sent
            is_anybody |= is_sent
        if not is_anybody:
            return
        for agent in range(n_agents):
            if world[sent_back + agent]:
                world[settled + agent] = world[game[at.BEFORE] + agent]


@inner
def settle_wanted(game: Any, world: Any, none_swap: bool) -> None:
    """Move the agents to the cells in `SETTLED`, but not those who would change places if none may."""
    n_agents = game[at.N_AGENTS]
    settled, before = game[at.SETTLED], game[at.BEFORE]
    for agent in range(n_agents):
        wanted, stays = world[settled + agent], False
        for other in range(n_agents):
            is_swap = wanted == world[before + other] and world[settled + other] == world[before + agent]
            if none_swap and other != agent and is_swap:
                stays = True
        if not stays:
            world[agent] = wanted


@inner
def settle_chains(game: Any, world: Any) -> None:
    """Let chains and cycles follow each other; of several that want one cell the one with the longest chain goes."""
    n_agents = game[at.N_AGENTS]
    measure_chains(game, world)
    goes = game[at.FLAGS]
    for agent in range(n_agents):
        wants = target_of(game, world, agent) != world[agent]
        is_held = swaps(game, world, agent) or yields(game, world, agent)
        world[goes + agent] = wants and not is_held
    for _ in range(n_agents - 1):
        for agent in range(n_agents):
            ahead = who_stands_in(game, world, target_of(game, world, agent))
            if ahead >= 0 and ahead != agent and not world[goes + ahead]:
                world[goes + agent] = False
    for agent in range(n_agents):
        if world[goes + agent]:
            world[game[at.SETTLED] + agent] = target_of(game, world, agent)
        else:
            world[game[at.SETTLED] + agent] = world[agent]
    for agent in range(n_agents):
        world[agent] = world[game[at.SETTLED] + agent]


@inner
def measure_chains(game: Any, world: Any) -> None:
    """Write to `SETTLED` how many agents the longest chain has that ends with each; of a cycle more than there are."""
    n_agents = game[at.N_AGENTS]
    lengths = game[at.SETTLED]
    for agent in range(n_agents):
        world[lengths + agent] = 1
    for first in range(n_agents):
        agent, length = first, 1
        while length <= n_agents and target_of(game, world, agent) != world[agent]:
            agent = who_stands_in(game, world, target_of(game, world, agent))
            if agent < 0:
                break
            length += 1
            world[lengths + agent] = max(world[lengths + agent], length)


@inner
def yields(game: Any, world: Any, agent: int) -> bool:
    """Whether another agent that wants the same cell goes first, by the length of its chain, then by its index."""
    n_agents = game[at.N_AGENTS]
    lengths = game[at.SETTLED]
    own = world[lengths + agent]
    for other in range(n_agents):
        if other != agent and target_of(game, world, other) == target_of(game, world, agent):
            length = world[lengths + other]
            if length > own or (length == own and other < agent):
                return True
    return False

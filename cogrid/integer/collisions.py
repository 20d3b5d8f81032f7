"""What becomes of agents that want one cell, or each other's, on plain integers; equal to `cogrid.core.collisions`.

Each function moves the agents: it changes `place`, the cell of each agent, where the agent's `target` lets it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableSequence, Sequence

from cogrid.integer.draws import move_order

Settle = Callable[[MutableSequence[int], Sequence[int], int, int, int], None]
"""`(place, target, key0, key1, time)`; the key and the time are for those who draw."""


def settle_in_turn(place: MutableSequence[int], target: Sequence[int], key0: int, key1: int, time: int) -> None:
    """Settle the moves one by one, in an order that is only drawn where it matters."""
    order = range(len(place))
    for agent_idx in move_order(key0, key1, time, len(place)) if _is_contended(place, target) else order:
        if target[agent_idx] not in place:
            place[agent_idx] = target[agent_idx]


def settle_all_stay(place: MutableSequence[int], target: Sequence[int], key0: int, key1: int, time: int) -> None:
    """Keep everybody in place if any two agents want one cell, or each other's."""
    agents = range(len(place))
    for agent_idx in agents:
        if _shares(agent_idx, target) or _swaps(agent_idx, place, target):
            return
    for agent_idx in agents:
        place[agent_idx] = target[agent_idx]


def settle_colliders_stay(place: MutableSequence[int], target: Sequence[int], key0: int, key1: int, time: int) -> None:
    """Keep those in place who want a cell that another one wants or stays in; at the end those who swap."""
    wanted = _without_contenders(place, target)
    goes = [agent_idx for agent_idx in range(len(place)) if not _swaps(agent_idx, place, wanted)]
    for agent_idx in goes:
        place[agent_idx] = wanted[agent_idx]


def settle_contenders_stay(place: MutableSequence[int], target: Sequence[int], key0: int, key1: int, time: int) -> None:
    """Keep those in place who want a cell that another one wants or stays in; two may swap."""
    place[:] = _without_contenders(place, target)


def settle_chains(place: MutableSequence[int], target: Sequence[int], key0: int, key1: int, time: int) -> None:
    """Let chains and cycles follow each other; of several that want one cell the one with the longest chain goes."""
    before = list(place)
    agent_at = {cell: agent_idx for agent_idx, cell in enumerate(before)}
    lengths = _chain_lengths(before, target, agent_at)
    best: dict[int, int] = {}
    for agent_idx, wanted in enumerate(target):
        if wanted not in best or lengths[agent_idx] > lengths[best[wanted]]:
            best[wanted] = agent_idx
    stays = [
        agent_idx
        for agent_idx, wanted in enumerate(target)
        if best[wanted] != agent_idx or wanted == before[agent_idx] or _swaps(agent_idx, before, target)
    ]
    held = set(stays)
    while stays:  # Whoever wants the cell of one that stays, stays.
        cell = before[stays.pop()]
        behind = [agent_idx for agent_idx, wanted in enumerate(target) if wanted == cell and agent_idx not in held]
        held.update(behind)
        stays += behind
    for agent_idx, wanted in enumerate(target):
        if agent_idx not in held:
            place[agent_idx] = wanted


SETTLE: dict[str, Settle] = {
    "in_turn": settle_in_turn,
    "all_stay": settle_all_stay,
    "colliders_stay": settle_colliders_stay,
    "contenders_stay": settle_contenders_stay,
    "chains": settle_chains,
}
"""The function of each collision rule, by the rule's name."""


def _is_contended(place: Sequence[int], target: Sequence[int]) -> bool:
    """Whether the order matters: somebody wants the cell that another mover wants too, or is about to leave."""
    for agent_idx in range(len(place)):
        wanted = target[agent_idx]
        if wanted == place[agent_idx]:
            continue
        for other in range(len(place)):
            if other != agent_idx and target[other] != place[other] and wanted in (target[other], place[other]):
                return True
    return False


def _shares(agent_idx: int, target: Sequence[int]) -> bool:
    """Whether an agent's cell is another one's too."""
    return target.count(target[agent_idx]) > 1


def _swaps(agent_idx: int, place: Sequence[int], target: Sequence[int]) -> bool:
    """Whether an agent and another one would change places."""
    for other in range(len(target)):
        if other != agent_idx and target[other] == place[agent_idx] and target[agent_idx] == place[other]:
            return True
    return False


def _without_contenders(place: Sequence[int], target: Sequence[int]) -> list[int]:
    """Where the agents come to stand if those stay who want a cell that another one wants or stays in."""
    wanted = list(target)
    for _ in range(len(place) - 1):
        if len(set(wanted)) == len(wanted):
            break
        for agent_idx in [agent_idx for agent_idx in range(len(place)) if _shares(agent_idx, wanted)]:
            wanted[agent_idx] = place[agent_idx]
    return wanted


def _chain_lengths(place: Sequence[int], target: Sequence[int], agent_at: Mapping[int, int]) -> list[int]:
    """How many agents the longest chain has that ends with each agent; more than there are agents, in a cycle."""
    lengths = [1] * len(place)
    for first in range(len(place)):
        agent_idx, length = first, 1
        while target[agent_idx] != place[agent_idx] and length <= len(place) and target[agent_idx] in agent_at:
            agent_idx = agent_at[target[agent_idx]]
            length += 1
            lengths[agent_idx] = max(lengths[agent_idx], length)
    return lengths

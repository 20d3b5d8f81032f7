"""What becomes of agents that want one cell, or each other's, where no random order decides.

"all_stay" and "colliders_stay" are the rules of originals that worlds of ours promise to equal; the library's own,
"in_turn", is in `movement`. An agent may follow another one into the cell that it leaves, and two agents never swap.
"""

from __future__ import annotations

from collections.abc import Iterator

from jaxtyping import Bool, Int

from cogrid.backend.array_ops import any_of
from cogrid.backend.control_flow import loop
from cogrid.backend.namespaces import Array, namespace


def all_stay(pos: Int[Array, "*B A"], target: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
    """Keep everybody in place if any two agents want one cell, or each other's.

    Source: the grid world of Carroll et al. (2019, arXiv 1910.05789), version 1.1.0, `_handle_collisions`. Exact for
    any number of agents.

    Args:
      pos: `[*B, A]` int32, flat cell of each agent, pairwise distinct.
      target: `[*B, A]` int32, flat cell wanted; equal to pos for an agent that stays.
    Returns:
      `[*B, A]` int32, flat cells, pairwise distinct.
    """
    is_collision = any_of(_shares_cell(target) | _swaps(pos, target))[..., None]
    return namespace(pos).where(is_collision, pos, target)


def colliders_stay(pos: Int[Array, "*B A"], target: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
    """Keep those in place who want a cell that another one wants or stays in, until nobody does; then those who swap.

    Source: the grid world of Gessler et al. (2025, arXiv 2503.17821) in JaxMARL 0.2.0, `step_agents`. Exact.

    Args:
      pos: `[*B, A]` int32, flat cell of each agent, pairwise distinct.
      target: `[*B, A]` int32, flat cell wanted; equal to pos for an agent that stays.
    Returns:
      `[*B, A]` int32, flat cells, pairwise distinct.
    """
    xp = namespace(pos)

    def send_back(_: int | Int[Array, ""], place: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
        return xp.where(_shares_cell(place), pos, place)

    # Each round sends at least one more agent back, and the last one cannot collide alone.
    place = loop(pos.shape[-1] - 1, send_back, target, like=pos)
    return xp.where(_swaps(pos, place), pos, place)


def integer_all_stay(pos: list[int], target: list[int]) -> list[int]:
    """`all_stay` on plain integers."""
    if len(set(target)) < len(target) or any(_integer_swaps(pos, target)):
        return pos
    return target


def integer_colliders_stay(pos: list[int], target: list[int]) -> list[int]:
    """`colliders_stay` on plain integers."""
    place = target
    while len(set(place)) < len(place):
        place = [before if place.count(cell) > 1 else cell for before, cell in zip(pos, place, strict=True)]
    swaps = _integer_swaps(pos, place)
    return [before if is_swap else cell for before, cell, is_swap in zip(pos, place, swaps, strict=True)]


def _shares_cell(place: Int[Array, "*B A"]) -> Bool[Array, "*B A"]:
    """Whether each agent's cell is another one's too."""
    shares = namespace(place).zeros_like(place, dtype=bool)
    for (others,) in _everybody_else(place):
        shares = shares | (place == others)
    return shares


def _swaps(pos: Int[Array, "*B A"], place: Int[Array, "*B A"]) -> Bool[Array, "*B A"]:
    """Whether each agent and another one would change places."""
    swaps = namespace(pos).zeros_like(pos, dtype=bool)
    for other_pos, other_place in _everybody_else(pos, place):
        swaps = swaps | ((place == other_pos) & (other_place == pos))
    return swaps


def _everybody_else(*columns: Int[Array, "*B A"]) -> Iterator[tuple[Int[Array, "*B A"], ...]]:
    """Every agent's columns beside the next one's, then beside those of the one after that, and so on."""
    xp = namespace(columns[0])
    for shift in range(1, columns[0].shape[-1]):
        yield tuple(xp.concat([column[..., shift:], column[..., :shift]], axis=-1) for column in columns)


def _integer_swaps(pos: list[int], place: list[int]) -> list[bool]:
    leaver = {before: agent_idx for agent_idx, before in enumerate(pos)}
    swaps: list[bool] = []
    for agent_idx, cell in enumerate(place):
        other = leaver.get(cell, agent_idx)
        swaps.append(other != agent_idx and place[other] == pos[agent_idx])
    return swaps

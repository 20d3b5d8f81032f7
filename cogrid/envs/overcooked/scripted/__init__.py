"""`ScriptedCook`: a cook that plays well enough to show the game, and to measure others against.

It looks at the whole state and plans for all cooks at once: who does which job (`assign_jobs`), then who walks where so
that nobody stands in the way of a more urgent job (`plan_moves`). Every cook makes the same plan and plays its own part
of it, so cooks that are scripted alike need not talk. Nothing is remembered and nothing is left to chance: a state
decides the actions.

A thing that a cook cannot bring to its place itself goes over a counter that touches the other cook's room
(ForcedCoordination); over several rooms in a row it does not go. The traffic is planned for two cooks: more of them get
along where there is room, and may block each other for good where there is none.
"""

from __future__ import annotations

from cogrid.backend.env_state import EnvState
from cogrid.core.actions import get_action_set
from cogrid.envs.overcooked.scripted.jobs import assign_jobs
from cogrid.envs.overcooked.scripted.kitchen import Kitchen
from cogrid.envs.overcooked.scripted.moves import Move, plan_moves
from cogrid.errors import ConfigError

_MOVES = ("MoveRight", "MoveDown", "MoveLeft", "MoveUp")


class ScriptedCook:
    """A cook that brings ingredients to pots, and soups to the delivery zone, together with others of its kind.

    Attributes:
      agent_idx: which agent it plays.
    """

    def __init__(self, agent_idx: int) -> None:
        self.agent_idx = agent_idx

    def act(self, state: EnvState) -> int:
        """Choose the action.

        Args:
          state: one state of a kitchen, of either backend and action set.
        Returns:
          The number of the action.
        Raises:
          ConfigError: when the state has no such agent.
        """
        if not 0 <= self.agent_idx < state.n_agents:
            raise ConfigError(f"This cook plays agent {self.agent_idx}, and the state has {state.n_agents} agents.")
        return scripted_actions(state)[self.agent_idx]


def scripted_actions(state: EnvState) -> list[int]:
    """The actions of all cooks, if all are scripted.

    Args:
      state: one state of a kitchen, of either backend and action set.
    Returns:
      An action number for each agent.
    """
    kitchen = Kitchen.read(state)
    moves = plan_moves(kitchen, assign_jobs(kitchen))
    return [
        _action_number(state.action_set, move, direction)
        for move, direction in zip(moves, kitchen.directions, strict=True)
    ]


def _action_number(action_set: str, move: Move, direction: int) -> int:
    """The action that a move is, for a cook that looks in a direction."""
    actions = get_action_set(action_set)
    if move.uses_hand:
        return actions.pickup_drop
    if move.direction is None:
        return actions.noop
    if action_set != "rotation":
        return actions.index(_MOVES[move.direction])
    quarter_turns = (move.direction - direction) % 4
    return actions.index(("Forward", "RotateRight", "RotateRight", "RotateLeft")[quarter_turns])

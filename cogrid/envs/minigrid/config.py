"""The settings of MiniGrid's worlds."""

from __future__ import annotations

from cogrid.core.config import EnvConfig
from cogrid.core.draw import Draw
from cogrid.core.layout import LayoutSource
from cogrid.core.layout_set import LayoutSet
from cogrid.core.rules import Rules
from cogrid.envs.minigrid.features import SEEN, SEEN_THROUGH_WALLS
from cogrid.envs.minigrid.layouts import LAYOUTS, door_key, empty_room, lava_gap
from cogrid.envs.minigrid.rewards import CRASH, goal_reward
from cogrid.envs.minigrid.rules import FOUR_GAPS, minigrid_rules
from cogrid.errors import ConfigError


def empty_config(size: int, *, is_random: bool = False, num_agents: int = 1, max_steps: int | None = None) -> EnvConfig:
    """An empty room.

    Args:
      size: rows and columns, walls included.
      is_random: whether the start is drawn, place and direction.
      num_agents: how many agents play.
      max_steps: steps until the episode is truncated; 4 * size ** 2 if left out.
    """
    rules = minigrid_rules(start_direction=None if is_random else 0)
    return _config(rules, empty_room(size, not is_random), num_agents, max_steps or 4 * size**2, SEEN_THROUGH_WALLS)


def four_rooms_config(*, num_agents: int = 1, max_steps: int = 100) -> EnvConfig:
    """Four rooms; the openings between them, the goal and the start are drawn.

    Args:
      num_agents: how many agents play.
      max_steps: steps until the episode is truncated.
    """
    rules = minigrid_rules((*FOUR_GAPS, Draw("place_goal")), start_direction=None)
    return _config(rules, LAYOUTS["FourRooms"], num_agents, max_steps)


def lava_gap_config(size: int, *, num_agents: int = 1, max_steps: int | None = None) -> EnvConfig:
    """A room divided by lava with one gap; where both are is drawn.

    Args:
      size: rows and columns, walls included.
      num_agents: how many agents play.
      max_steps: steps until the episode is truncated; 4 * size ** 2 if left out.
    """
    layouts = LayoutSet([lava_gap(size, column) for column in range(2, size - 2)])
    return _config(minigrid_rules((Draw("open_gap"),)), layouts, num_agents, max_steps or 4 * size**2)


def door_key_config(size: int, *, num_agents: int = 1, max_steps: int | None = None) -> EnvConfig:
    """Two rooms, a locked door between them, and its key in the first; all but the goal's place is drawn.

    Args:
      size: rows and columns, walls included.
      num_agents: how many agents play.
      max_steps: steps until the episode is truncated; 10 * size ** 2 if left out.
    Raises:
      ConfigError: for more agents than find room beside the key.
    """
    if num_agents > size - 3:
        raise ConfigError(
            f"{num_agents} agents and the key do not fit into the first room: {size - 3} agents may play."
        )
    layouts = LayoutSet([door_key(size, column, num_agents) for column in range(2, size - 2)])
    rules = minigrid_rules((Draw("hang_door"), Draw("place_key")), start_direction=None, start_in_room=True)
    return _config(rules, layouts, num_agents, max_steps or 10 * size**2)


def dynamic_obstacles_config(
    size: int, n_obstacles: int, *, is_random: bool = False, num_agents: int = 1, max_steps: int | None = None
) -> EnvConfig:
    """An empty room in which balls move.

    Args:
      size: rows and columns, walls included.
      n_obstacles: how many balls.
      is_random: whether the start is drawn, place and direction.
      num_agents: how many agents play.
      max_steps: steps until the episode is truncated; 4 * size ** 2 if left out.
    """
    draws, direction = (Draw("place_ball", k=n_obstacles),), None if is_random else 0
    rules = minigrid_rules(draws, direction, has_obstacles=True)
    layout = empty_room(size, not is_random)
    return _config(rules, layout, num_agents, max_steps or 4 * size**2, SEEN_THROUGH_WALLS, (CRASH,))


def _config(
    rules: Rules,
    layout: LayoutSource | LayoutSet,
    num_agents: int,
    max_steps: int,
    feature: str = SEEN,
    more_rewards: tuple[str, ...] = (),
) -> EnvConfig:
    return EnvConfig(
        rules=rules,
        layout=layout,
        num_agents=num_agents,
        features=(feature,),
        rewards=(goal_reward(max_steps), *more_rewards),
        max_steps=max_steps,
    )

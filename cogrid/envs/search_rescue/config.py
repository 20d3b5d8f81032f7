"""The settings of search and rescue, on a given map or on one that is generated."""

from __future__ import annotations

from collections.abc import Sequence

from cogrid.core.config import EnvConfig
from cogrid.core.layout import LayoutSource
from cogrid.core.layout_set import LayoutSet
from cogrid.envs.search_rescue.generator import SiteSettings, generate_site
from cogrid.envs.search_rescue.rewards import RESCUE_REWARDS
from cogrid.envs.search_rescue.rules import DEFAULT_ROLES, Role, check_roles, search_rescue_rules
from cogrid.errors import ConfigError


def drawn_site_config(
    *,
    layout: LayoutSource | LayoutSet,
    roles: Sequence[Role] = DEFAULT_ROLES,
    ends_when_all_rescued: bool = True,
    num_agents: int | None = None,
    max_steps: int | None = 1000,
) -> EnvConfig:
    """The settings of a search and rescue world on a given map.

    Args:
      layout: the map, or a set of them.
      roles: the role of each agent: "medic", "engineer" or None; from the first one again if there are more agents.
      ends_when_all_rescued: whether the episode is over when no victim is left.
      num_agents: how many agents play; as many as there are roles if left out.
      max_steps: steps until the episode is truncated; None for never.
    Raises:
      ConfigError: for a role that does not exist.
    """
    team = check_roles(roles)
    return EnvConfig(
        name="SearchRescue",
        rules=search_rescue_rules(team, ends_when_all_rescued),
        layout=layout,
        num_agents=len(team) if num_agents is None else num_agents,
        features=("role_planes",),
        rewards=RESCUE_REWARDS,
        max_steps=max_steps,
    )


def search_rescue_config(
    *,
    layout: LayoutSource | LayoutSet | None = None,
    roles: Sequence[Role] = DEFAULT_ROLES,
    ends_when_all_rescued: bool = True,
    num_agents: int | None = None,
    max_steps: int | None = 1000,
    rows: int | None = None,
    columns: int | None = None,
    map_seed: int | None = None,
    n_green: int | None = None,
    n_yellow: int | None = None,
    n_red: int | None = None,
) -> EnvConfig:
    """The settings of a search and rescue world, on a map that is generated or on a given one.

    Args:
      layout: the map, or a set of them; None to generate one.
      roles, ends_when_all_rescued, num_agents, max_steps: see `drawn_site_config`.
      rows, columns, map_seed, n_green, n_yellow, n_red: what the generated map is like; see `SiteSettings`, whose
        defaults stand for those that are left out.
    Raises:
      ConfigError: for a bad role or setting of the map, or for such a setting beside a layout.
      LayoutError: when the generated map has too little room.
    """
    given = {
        "rows": rows,
        "columns": columns,
        "map_seed": map_seed,
        "n_green": n_green,
        "n_yellow": n_yellow,
        "n_red": n_red,
    }
    site = {name: value for name, value in given.items() if value is not None}
    if layout is not None and site:
        raise ConfigError(f"A given layout is not generated, so it has no {', '.join(sorted(site))}.")
    if layout is None:
        team = check_roles(roles)
        n_agents = len(team) if num_agents is None else num_agents
        everybody = [team[idx % len(team)] for idx in range(n_agents)]
        layout = generate_site(SiteSettings(roles=everybody, **site))
    return drawn_site_config(
        layout=layout,
        roles=roles,
        ends_when_all_rescued=ends_when_all_rescued,
        num_agents=num_agents,
        max_steps=max_steps,
    )

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

DEFAULT_SITE = SiteSettings()


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
    rows: int = DEFAULT_SITE.rows,
    columns: int = DEFAULT_SITE.columns,
    map_seed: int = DEFAULT_SITE.map_seed,
    n_green: int = DEFAULT_SITE.n_green,
    n_yellow: int = DEFAULT_SITE.n_yellow,
    n_red: int = DEFAULT_SITE.n_red,
) -> EnvConfig:
    """The settings of a search and rescue world, on a map that is generated or on a given one.

    Args:
      layout: the map, or a set of them; None to generate one.
      roles: each agent's role, "medic", "engineer" or None; begins again if there are more agents.
      ends_when_all_rescued: whether the episode ends when no victim is left.
      num_agents: how many agents play; as many as there are roles, if left out.
      max_steps: how long an episode is at most; None for no limit.
      rows: of the generated map.
      columns: of the generated map.
      map_seed: what the map is drawn from; equal settings give equal maps.
      n_green: victims whom anybody rescues.
      n_yellow: victims for a medic.
      n_red: victims for an engineer and a medic together.
    Raises:
      ConfigError: for a bad role or setting of the map, or for such a setting beside a layout.
      LayoutError: when the generated map has too little room.
    """
    numbers = (rows, columns, map_seed, n_green, n_yellow, n_red)
    site = dict(zip(("rows", "columns", "map_seed", "n_green", "n_yellow", "n_red"), numbers, strict=True))
    changed = [name for name, value in site.items() if value != getattr(DEFAULT_SITE, name)]
    if layout is not None and changed:
        raise ConfigError(f"A given layout is not generated, so it has no {', '.join(changed)}.")
    if layout is None:
        team = check_roles(roles)
        n_agents = len(team) if num_agents is None else num_agents
        layout = generate_site(SiteSettings(roles=[team[idx % len(team)] for idx in range(n_agents)], **site))
    return drawn_site_config(
        layout=layout,
        roles=roles,
        ends_when_all_rescued=ends_when_all_rescued,
        num_agents=num_agents,
        max_steps=max_steps,
    )

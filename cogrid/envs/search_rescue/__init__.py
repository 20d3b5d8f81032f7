"""Search and rescue: a team of medics and engineers finds a way to the victims of a disaster, and gets them out.

What can be done to what is in `objects.py`, who is who and when it is over in `rules.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.config import EnvConfig
from cogrid.core.layout import LayoutSource, register_layout
from cogrid.core.layout_set import LayoutSet
from cogrid.envs.registry import EnvFactory, register
from cogrid.envs.search_rescue.features import RolePlanes as RolePlanes
from cogrid.envs.search_rescue.generator import SiteSettings, generate_site
from cogrid.envs.search_rescue.layouts import LAYOUTS, MAX_STEPS
from cogrid.envs.search_rescue.rewards import RESCUE_REWARDS
from cogrid.envs.search_rescue.rules import DEFAULT_ROLES, Role, check_roles, search_rescue_rules
from cogrid.envs.search_rescue.solvability import is_solvable as is_solvable
from cogrid.envs.search_rescue.solvability import stranded_victims as stranded_victims
from cogrid.errors import ConfigError, did_you_mean

TEAM_SETTINGS = ("layout", "roles", "ends_when_all_rescued", "num_agents")
"""Overrides that every id here takes beside the settings of `EnvConfig`."""

SITE_SETTINGS = tuple(field.name for field in dataclasses.fields(SiteSettings) if field.name != "roles")
"""Further overrides of the id whose maps are generated."""


def search_rescue_config(
    *,
    layout: LayoutSource | LayoutSet | None = None,
    roles: Sequence[Role] = DEFAULT_ROLES,
    ends_when_all_rescued: bool = True,
    num_agents: int | None = None,
    max_steps: int | None = 1000,
    name: str = "SearchRescue-Generated-V0",
    **site: int,
) -> EnvConfig:
    """The settings of a search and rescue world, on a given map or on one that is generated.

    Args:
      layout: the map, or a set of them; None to generate one.
      roles: the role of each agent: "medic", "engineer" or None; from the first one again if there are more agents.
      ends_when_all_rescued: whether the episode is over when no victim is left.
      num_agents: how many agents play; as many as there are roles if left out.
      max_steps: steps until the episode is truncated; None for never.
      name: what the environment is called.
      site: what the generated map is like: `rows`, `columns`, `map_seed`, `n_green`, `n_yellow`, `n_red` (see
        `SiteSettings`).
    Raises:
      ConfigError: for a bad role or setting of the map, or for such a setting beside a layout.
      LayoutError: when the generated map has too little room.
    """
    team = check_roles(roles)
    n_agents = len(team) if num_agents is None else num_agents
    if layout is None:
        layout = generate_site(_site_settings(site, [team[idx % len(team)] for idx in range(n_agents)]))
    elif site:
        raise ConfigError(f"A given layout is not generated, so it has no {', '.join(sorted(site))}.")
    return EnvConfig(
        name=name,
        rules=search_rescue_rules(team, ends_when_all_rescued),
        layout=layout,
        num_agents=n_agents,
        features=("role_planes",),
        rewards=RESCUE_REWARDS,
        max_steps=max_steps,
    )


def _site_settings(site: dict[str, int], team: Sequence[Role]) -> SiteSettings:
    for setting in site:
        if setting not in SITE_SETTINGS:
            raise ConfigError(f"There is no setting {setting!r} of a map. {did_you_mean(setting, SITE_SETTINGS)}")
    return SiteSettings(roles=team, **site)


def _factory(**defaults: Any) -> EnvFactory:
    """A factory that makes environments from settings of this folder and of any environment."""
    own_names = TEAM_SETTINGS if "layout" in defaults else (*TEAM_SETTINGS, *SITE_SETTINGS)

    def factory(backend: str = "numpy", render_mode: str | None = None, **overrides: Any) -> CoGridEnv:
        own = {name: overrides.pop(name) for name in own_names if name in overrides}
        config = search_rescue_config(**{**defaults, **own})
        return CoGridEnv(config.with_overrides(overrides), backend=backend, render_mode=render_mode)

    return factory


DEFAULT_RULES = search_rescue_rules()
"""The rules of a medic and an engineer; made here so that the type ids are known from the start."""

for _name, _drawing in LAYOUTS.items():
    register_layout(f"search_rescue/{_name}", _drawing)
    register(
        f"SearchRescue-{_name}-V0",
        _factory(layout=f"search_rescue/{_name}", max_steps=MAX_STEPS[_name], name=f"SearchRescue-{_name}-V0"),
    )
register("SearchRescue-Generated-V0", _factory())

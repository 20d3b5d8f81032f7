"""JaxMARL's Overcooked, exactly: five kitchens, two cooks, onion soups that cook by themselves.

The rule of the pot is in `objects.py`, the order of a step in `rules.py`.
"""

from __future__ import annotations

from cogrid.core.config import EnvConfig
from cogrid.core.layout import register_layout
from cogrid.envs.jaxmarl_overcooked.features import jaxmarl_overcooked_planes as jaxmarl_overcooked_planes
from cogrid.envs.jaxmarl_overcooked.layouts import LAYOUTS
from cogrid.envs.jaxmarl_overcooked.rewards import SHAPED_REWARDS, DeliveryReward
from cogrid.envs.jaxmarl_overcooked.rules import JAXMARL_OVERCOOKED_RULES
from cogrid.envs.kitchen.layouts import HORIZON, id_name
from cogrid.envs.registry import config_factory, register

for _name, _drawing in LAYOUTS.items():
    _id = f"JaxMARLOvercooked-{id_name(_name)}-V0"
    register_layout(f"jaxmarl_overcooked/{_name}", _drawing)
    register(
        _id,
        config_factory(
            EnvConfig(
                name=_id,
                rules=JAXMARL_OVERCOOKED_RULES,
                layout=f"jaxmarl_overcooked/{_name}",
                action_set="cardinal_no_toggle",
                features=("jaxmarl_overcooked_planes",),
                rewards=(DeliveryReward(),),
                shaped_rewards=SHAPED_REWARDS,
                max_steps=HORIZON,
            )
        ),
    )

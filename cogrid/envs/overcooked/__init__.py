"""Overcooked: cooks who make and deliver soups together. The rule of the pot is in `objects.py`."""

from cogrid.core.config import EnvConfig
from cogrid.core.layout import register_layout
from cogrid.envs.overcooked.array_config import build_overcooked_scope_config
from cogrid.envs.overcooked.layouts import LAYOUTS
from cogrid.envs.overcooked.rewards import SoupDeliveryReward
from cogrid.envs.registry import config_factory, register
from cogrid.feature_space.array_features import CLASSIC_FEATURES

for _name, _drawing in LAYOUTS.items():
    register_layout(_name, _drawing)
    register(
        f"Overcooked-{_name}-V0",
        config_factory(
            EnvConfig(
                name=f"Overcooked-{_name}-V0",
                rules=build_overcooked_scope_config(),
                layout=_name,
                features=CLASSIC_FEATURES,
                rewards=(SoupDeliveryReward(),),
            )
        ),
    )

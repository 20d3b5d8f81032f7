"""The built-in environments: their maps, their ids, and the function that makes the settings of each."""

from __future__ import annotations

import dataclasses

from cogrid.core.layout import register_layout
from cogrid.envs.clean_up import layouts as clean_up
from cogrid.envs.clean_up.config import clean_up_config
from cogrid.envs.config_factory import ConfigFactory, config_factory
from cogrid.envs.drawings import read_drawings
from cogrid.envs.foraging import layouts as foraging
from cogrid.envs.foraging.config import foraging_config
from cogrid.envs.goal_seeking.config import goal_seeking_config
from cogrid.envs.goal_seeking.rules import goal_seeking_rules
from cogrid.envs.harvest import layouts as harvest
from cogrid.envs.harvest.config import harvest_config
from cogrid.envs.jaxmarl_overcooked import layouts as jaxmarl_overcooked
from cogrid.envs.jaxmarl_overcooked.config import jaxmarl_overcooked_config
from cogrid.envs.kitchen.layouts import id_name
from cogrid.envs.minigrid.config import (
    door_key_config,
    dynamic_obstacles_config,
    empty_config,
    four_rooms_config,
    lava_gap_config,
)
from cogrid.envs.overcooked import layouts as overcooked
from cogrid.envs.overcooked.config import overcooked_config
from cogrid.envs.overcooked_ai import layouts as overcooked_ai
from cogrid.envs.overcooked_ai.config import overcooked_ai_config
from cogrid.envs.overcooked_ai.orders import Orders
from cogrid.envs.overcooked_ai.rules import overcooked_ai_rules
from cogrid.envs.overcooked_orders import layouts as overcooked_orders
from cogrid.envs.overcooked_orders.config import overcooked_orders_config
from cogrid.envs.overcooked_v2 import layouts as overcooked_v2
from cogrid.envs.overcooked_v2.config import overcooked_v2_config
from cogrid.envs.registry import register
from cogrid.envs.search_rescue import layouts as search_rescue
from cogrid.envs.search_rescue.config import drawn_site_config, search_rescue_config
from cogrid.envs.search_rescue.rules import search_rescue_rules
from cogrid.envs.warehouse import layouts as warehouse
from cogrid.envs.warehouse.config import warehouse_config
from cogrid.envs.warehouse.rules import warehouse_rules

AI_KITCHENS = overcooked_ai.kitchens().values()

OBSTACLES = {5: 2, 6: 3, 8: 4, 16: 8}
"""How many balls move in a room of each size."""

ENVIRONMENTS: dict[str, ConfigFactory] = {
    **{f"Overcooked-{name}-V0": config_factory(overcooked_config, name) for name in overcooked.LAYOUTS},
    **{f"OvercookedAI-{one.id_name}-V0": config_factory(overcooked_ai_config, one) for one in AI_KITCHENS},
    **{
        f"JaxMARLOvercooked-{id_name(name)}-V0": config_factory(jaxmarl_overcooked_config, name)
        for name in jaxmarl_overcooked.LAYOUTS
    },
    **{f"OvercookedV2-{one.id_name}-V0": config_factory(overcooked_v2_config, one) for one in overcooked_v2.KITCHENS},
    **{
        f"OvercookedOrders-{name}-V0": config_factory(overcooked_orders_config, layout=name)
        for name in overcooked_orders.LAYOUTS
    },
    **{
        f"SearchRescue-{name}-V0": config_factory(
            drawn_site_config, layout=f"search_rescue/{name}", max_steps=search_rescue.MAX_STEPS[name]
        )
        for name in search_rescue.LAYOUTS
    },
    "SearchRescue-Generated-V0": config_factory(search_rescue_config),
    **{f"MiniGrid-Empty-{size}x{size}-V0": config_factory(empty_config, size) for size in (5, 6, 8, 16)},
    **{
        f"MiniGrid-Empty-Random-{size}x{size}-V0": config_factory(empty_config, size, is_random=True) for size in (5, 6)
    },
    "MiniGrid-FourRooms-V0": config_factory(four_rooms_config),
    **{f"MiniGrid-DoorKey-{size}x{size}-V0": config_factory(door_key_config, size) for size in (5, 6, 8, 16)},
    **{f"MiniGrid-LavaGapS{size}-V0": config_factory(lava_gap_config, size) for size in (5, 6, 7)},
    **{
        f"MiniGrid-Dynamic-Obstacles-{size}x{size}-V0": config_factory(dynamic_obstacles_config, size, n_obstacles)
        for size, n_obstacles in OBSTACLES.items()
    },
    **{
        f"MiniGrid-Dynamic-Obstacles-Random-{size}x{size}-V0": config_factory(
            dynamic_obstacles_config, size, OBSTACLES[size], is_random=True
        )
        for size in (5, 6)
    },
    "GoalSeeking-Fixed-V0": config_factory(goal_seeking_config, layout="goal_seeking/Corridor"),
    "GoalSeeking-Random-V0": config_factory(goal_seeking_config, layout="goal_seeking/Nooks", is_drawn=True),
    **{
        f"Warehouse-{name}-V0": config_factory(warehouse_config, layout=f"warehouse/{name}")
        for name in warehouse.LAYOUTS
    },
    **{f"LevelBasedForaging-{size}x{size}-V0": config_factory(foraging_config, size) for size in foraging.SIZES},
    **{f"Harvest-{name}-V0": config_factory(harvest_config, layout=f"harvest/{name}") for name in harvest.LAYOUTS},
    **{f"CleanUp-{name}-V0": config_factory(clean_up_config, layout=f"clean_up/{name}") for name in clean_up.LAYOUTS},
}
"""The function that makes each environment's settings, and its arguments."""

FAMILIES_WITHOUT_PREFIX = ("overcooked", "overcooked_orders")
"""Their maps are registered by their bare names, those of others as `search_rescue/Small`."""

KNOWN_RULES = (overcooked_ai_rules(Orders()), goal_seeking_rules(2, 2), search_rescue_rules(), warehouse_rules(2))
"""Rule sets that depend on settings, made here once, so that their type ids are known before any environment is."""

for _family in {_factory.package.rpartition(".")[2] for _factory in ENVIRONMENTS.values()}:
    for _name, _drawing in read_drawings(_family).items():
        register_layout(_name if _family in FAMILIES_WITHOUT_PREFIX else f"{_family}/{_name}", _drawing)
for _id, _factory in ENVIRONMENTS.items():
    register(_id, dataclasses.replace(_factory, name=_id))

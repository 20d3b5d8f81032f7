"""The built-in environments; importing this package registers them."""

from cogrid.envs import goal_seeking as goal_seeking
from cogrid.envs import jaxmarl_overcooked as jaxmarl_overcooked
from cogrid.envs import overcooked as overcooked
from cogrid.envs import overcooked_ai as overcooked_ai
from cogrid.envs import overcooked_orders as overcooked_orders
from cogrid.envs import overcooked_v2 as overcooked_v2
from cogrid.envs import registry as registry
from cogrid.envs import search_rescue as search_rescue

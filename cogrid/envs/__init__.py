"""The built-in environments; importing this package registers them."""

from cogrid.envs import overcooked as overcooked
from cogrid.envs import registry as registry

"""The built-in environments; importing this package registers them (`registration.py`)."""

from cogrid.envs import registration as registration
from cogrid.envs import registry as registry

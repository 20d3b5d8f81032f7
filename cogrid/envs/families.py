"""What a family's features refuse: worlds of other families."""

from __future__ import annotations

from cogrid.core.grid_object import GridObject
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError


def check_family(tables: Tables, feature: str, family: str, kind: type[GridObject]) -> None:
    """Refuse a feature in a world of another family, where it would show nothing.

    Args:
      tables: the world.
      feature: the feature's name.
      family: the family whose worlds it shows.
      kind: a class of object that only this family has.
    Raises:
      ConfigError: if the world's rules do not have this class.
    """
    rules = tables.settings.rules
    if not any(issubclass(one, kind) for one in rules.kinds):
        raise ConfigError(
            f"{feature} shows {family} worlds, and rules {rules.name!r} have no {kind.__name__} of that family: choose "
            "other features, such as object_planes."
        )

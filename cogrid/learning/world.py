"""`World`: which world a run or a policy is of, in a form that fits into a file."""

from __future__ import annotations

import dataclasses
import importlib
import json
import pathlib
import sys
from collections.abc import Mapping
from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.registry import make
from cogrid.errors import CheckpointError, ConfigError, MissingDependencyError
from cogrid.feature_space import Observation
from cogrid.recording.fingerprint import fingerprint


@dataclasses.dataclass(frozen=True, kw_only=True)
class World:
    """A registered world with its settings.

    Attributes:
      id: its id.
      overrides: settings to change, as `cogrid.make` takes them; what JSON can hold.
      imports: modules to import first, which register worlds of their own.
    """

    id: str
    overrides: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    imports: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        try:
            plain = json.loads(json.dumps(dict(self.overrides)))
        except TypeError as error:
            raise ConfigError(
                f"The settings of a world that is trained in are kept in a file, and {dict(self.overrides)!r} cannot "
                f"be ({error}): register a world of your own that has them, and train there."
            ) from error
        object.__setattr__(self, "overrides", plain)
        object.__setattr__(self, "imports", tuple(self.imports))

    def make(self) -> CoGridEnv:
        """Make it, to be played by JAX.

        Raises:
          ConfigError: for a module that cannot be imported, and what `cogrid.make` raises.
        """
        for name in self.imports:
            import_here(name)
        return make(self.id, backend="jax", **self.overrides)

    def make_for_learning(self) -> tuple[World, CoGridEnv]:
        """The same world with an observation to learn from, and made.

        A world that shows its agents planes keeps its own observation; one that shows a plain list of numbers shows
        `object_planes` instead, unless `features` is among the overrides.
        """
        env = self.make()
        if "features" in self.overrides or len(env.game.observation.bounds(env.tables)[0].shape) > 1:
            return self, env
        world = dataclasses.replace(self, overrides={**self.overrides, "features": ["object_planes"]})
        return world, world.make()

    def to_json(self) -> dict[str, Any]:
        """The description as JSON has it; `World.from_json` reads it."""
        return {"id": self.id, "overrides": dict(self.overrides), "imports": list(self.imports)}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> World:
        """Read what `to_json` wrote."""
        return cls(id=given["id"], overrides=given["overrides"], imports=tuple(given["imports"]))


def identity(env: CoGridEnv, observation: Observation | None = None) -> dict[str, Any]:
    """What says whether a file fits a world: its rules, map and settings, and what its agents observe.

    Args:
      env: the world.
      observation: what is observed, if that is not what the world shows.
    """
    seen = observation or env.game.observation
    return {"fingerprint": fingerprint(env.tables), "channels": list(seen.channels(env.tables))}


def check_identity(path: pathlib.Path, header: Mapping[str, Any], found: Mapping[str, Any], world: World) -> None:
    """Refuse a file of another world.

    Args:
      path: the file.
      header: its own.
      found: the identity of the world that it is to fit.
      world: what that one is called.
    Raises:
      CheckpointError: names the file, its world and the one that it does not fit.
    """
    if {name: header.get(name) for name in found} != found:
        theirs = header.get("world", {})
        raise CheckpointError(
            f"{str(path)!r} is of {theirs.get('id')!r} with {theirs.get('overrides')!r}, whose rules, map, settings or "
            f"observation are not those of {world.id!r} with {dict(world.overrides)!r} as it is now: choose another "
            "folder or file, or make the world as it was."
        )


def import_here(name: str) -> Any:
    """Import a module, which may lie in the working directory.

    Raises:
      ConfigError: where there is no such module, or it is no Python.
    """
    here = str(pathlib.Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except MissingDependencyError:
        raise
    except (ImportError, SyntaxError, ValueError) as error:
        raise ConfigError(f"The module {name!r} cannot be imported: {error}.") from error

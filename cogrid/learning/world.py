"""`World`: which world a run or a policy is of, in a form that fits into a file."""

from __future__ import annotations

import dataclasses
import hashlib
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


def interface(env: CoGridEnv, observation: Observation | None = None) -> dict[str, Any]:
    """What says whether a policy can play a world: its map, agents and actions, and what the policy observes.

    Rules are not among it: a policy may play where soups cook for longer, and a later version of the library may
    compile the same rules in another way.

    Args:
      env: the world.
      observation: what is observed, if that is not what the world shows.
    """
    seen, settings = observation or env.game.observation, env.tables.settings
    layouts = settings.layout if isinstance(settings.layout, tuple) else (settings.layout,)
    drawings = json.dumps([layout.rows for layout in layouts])
    return {
        "map": hashlib.sha256(drawings.encode()).hexdigest(),
        "agents": settings.n_agents,
        "actions": list(settings.action_set.names),
        "channels": list(seen.channels(env.tables)),
    }


def check_identity(path: pathlib.Path, header: Mapping[str, Any], found: Mapping[str, Any], world: World) -> None:
    """Refuse a file of another world.

    Args:
      path: the file.
      header: its own.
      found: the identity of the world that it is to fit, or for a policy its interface.
      world: what that one is called.
    Raises:
      CheckpointError: names the file, its world and the one that it does not fit.
    """
    other = [name for name, value in found.items() if header.get(name) != value]
    if other:
        theirs = header.get("world", {})
        raise CheckpointError(
            f"{str(path)!r} is of {theirs.get('id')!r} with {theirs.get('overrides')!r}, which is not {world.id!r} "
            f"with {dict(world.overrides)!r} as it is now ({', '.join(other)} differ): choose another folder or file, "
            "or make the world as it was."
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

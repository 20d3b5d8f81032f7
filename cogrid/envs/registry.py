"""The registry: environments by id."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast, overload

from gymnasium.vector import AutoresetMode

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.config import EnvConfig
from cogrid.envs.config_factory import ConfigFactory, config_factory
from cogrid.errors import ConfigError, can_be_called
from cogrid.game import Game
from cogrid.policy import Policy
from cogrid.single_agent.environment import SingleAgentEnv
from cogrid.vector.environment import CoGridVectorEnv
from cogrid.vector.single_agent import SingleAgentVectorEnv
from cogrid.vector.tensors import TorchVectorEnv

__all__ = [
    "ConfigFactory",
    "EnvFactory",
    "config_factory",
    "get_factory",
    "make",
    "make_single_agent",
    "make_single_agent_vec",
    "make_vec",
    "register",
    "registered_ids",
]

Partners = Policy | str | Sequence[Policy | str]
"""Who plays the other agents: policies, or names of `cogrid.envs.scripts`."""

EnvFactory = Callable[..., CoGridEnv]
"""`factory(backend, render_mode, **overrides) -> CoGridEnv`"""

_FACTORIES: dict[str, EnvFactory] = {}


def register(id: str, factory: EnvFactory) -> None:
    """Make an environment known by an id.

    Args:
      id: the id, such as "MyWorld-V0".
      factory: called as `factory(backend, render_mode, **overrides)`; `config_factory` makes one from settings.
    Raises:
      ConfigError: if the id is taken, or the factory cannot be called so.
    """
    if not callable(factory) or not can_be_called(factory, "numpy", None):
        raise ConfigError(
            f"The factory of {id!r} is a function (backend, render_mode, **overrides), not {factory!r}. "
            "`config_factory(config)` makes one from settings."
        )
    if _FACTORIES.get(id, factory) is not factory:
        raise ConfigError(f"An environment with the id {id!r} is registered already.")
    _FACTORIES[id] = factory


def make(id: str, backend: str = "numpy", render_mode: str | None = None, **overrides: Any) -> CoGridEnv:
    """Make a registered environment.

    Args:
      id: its id.
      backend: "numpy" or "jax".
      render_mode: "ansi", "rgb_array", "human" or None.
      overrides: settings to change (`layout`, `num_agents`, `action_set`, `features`, `rewards`, `max_steps`, ...).
    Raises:
      ConfigError: for an unknown id or setting, with the close ones; what `CoGridEnv` raises for bad settings.
    """
    factory = get_factory(id)
    if not can_be_called(factory, backend, render_mode, **overrides):
        raise ConfigError(f"The factory that is registered for {id!r} does not take {', '.join(overrides)}.")
    return factory(backend, render_mode, **overrides)


@overload
def make_vec(
    id: str,
    num_envs: int,
    backend: str = "numpy",
    autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
    copy: bool = True,
    render_mode: str | None = None,
    to: None = None,
    engine: str | None = None,
    threads: int | None = None,
    **overrides: Any,
) -> CoGridVectorEnv: ...


@overload
def make_vec(
    id: str,
    num_envs: int,
    backend: str = "numpy",
    autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
    copy: bool = True,
    render_mode: str | None = None,
    *,
    to: Literal["torch"],
    engine: str | None = None,
    threads: int | None = None,
    **overrides: Any,
) -> TorchVectorEnv: ...


def make_vec(
    id: str,
    num_envs: int,
    backend: str = "numpy",
    autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
    copy: bool = True,
    render_mode: str | None = None,
    to: str | None = None,
    engine: str | None = None,
    threads: int | None = None,
    **overrides: Any,
) -> CoGridVectorEnv | TorchVectorEnv:
    """Make many environments of a registered id, stepped together, in which all agents are yours.

    Args:
      id: its id.
      num_envs: how many environments, B.
      backend: "numpy" or "jax".
      autoreset_mode: what happens where an episode is over: "NextStep", "SameStep" or "Disabled", or Gymnasium's enum.
      copy: whether each step returns observations in an array of its own; if not, the next step may take its memory.
      render_mode: "ansi", "rgb_array", "human" or None: what `render()` makes of each environment.
      to: "torch" for PyTorch's tensors instead of arrays, in the same memory; None for arrays of the backend.
      engine: what steps the batch under NumPy: "compiled" kernels, which Numba makes, or "arrays", the array step, for
        the same bits. By default kernels, where Numba is installed and they can play the world.
      threads: over how many threads kernels may spread a large batch; left out, COGRID_THREADS or the number of cores.
      overrides: settings to change, as in `make`.
    Returns:
      A `CoGridVectorEnv`, whose arrays are `[B, A, ...]` however many agents there are; a `TorchVectorEnv` around it,
      if tensors are asked for.
    Raises:
      ConfigError: for an unknown id, setting, mode or engine, or a bad number of environments or threads.
      MissingDependencyError: for tensors without PyTorch, and for compiled kernels without Numba.
    """
    for name in ("partners", "controlled_agent"):
        if name in overrides:
            raise ConfigError(f"make_vec leaves all agents to you: {name}=... is for make_single_agent_vec.")
    if to not in (None, "torch"):
        raise ConfigError(f'to is "torch", or None for arrays of the backend, not {to!r}.')
    settings = _settings(id, backend, overrides)
    chosen: dict[str, Any] = {"render_mode": render_mode, "engine": engine, "threads": threads}
    envs = CoGridVectorEnv(settings, num_envs, backend, autoreset_mode, copy, **chosen)
    return envs if to is None else TorchVectorEnv(envs)


def make_single_agent(
    id: str,
    backend: str = "numpy",
    render_mode: str | None = None,
    *,
    partners: Partners = (),
    controlled_agent: int = 0,
    **overrides: Any,
) -> SingleAgentEnv:
    """Make one agent of a registered environment, a Gymnasium `Env`; given policies play the other agents.

    Args:
      id: its id.
      backend: "numpy" or "jax".
      render_mode: "ansi", "rgb_array", "human" or None.
      partners: who plays the agents beside `controlled_agent`: one policy for all of them, or one for each in order;
        `(obs, key) -> action`, see `cogrid.policy`, or the name of a scripted one, such as "greedy".
      controlled_agent: index of the agent that is left to you.
      overrides: settings to change, as in `make`.
    Raises:
      ConfigError: for an unknown id or setting, or bad partners.
    """
    env = make(id, backend, render_mode, **overrides)
    return SingleAgentEnv(env, _named(partners, env.game), controlled_agent)


def make_single_agent_vec(
    id: str,
    num_envs: int,
    backend: str = "numpy",
    autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
    copy: bool = True,
    *,
    partners: Partners = (),
    controlled_agent: int = 0,
    render_mode: str | None = None,
    engine: str | None = None,
    threads: int | None = None,
    **overrides: Any,
) -> SingleAgentVectorEnv:
    """Make one agent of many environments, stepped together, a Gymnasium `VectorEnv` whose arrays are `[B, ...]`.

    Args:
      id: as in `make_vec`, and so are those that follow.
      num_envs: how many environments, B.
      backend: "numpy" or "jax".
      autoreset_mode: what happens where an episode is over.
      copy: whether each step returns observations in an array of its own.
      partners: as in `make_single_agent`; a partner plays its agent in all environments at once,
        `(obs [B, ...], key [B, 2]) -> actions [B]`.
      controlled_agent: index of the agent that is left to you.
      render_mode: what `render()` makes of each environment.
      engine, threads: as in `make_vec`.
      overrides: settings to change, as in `make`.
    Raises:
      ConfigError: for an unknown id, setting or mode, or a bad number of environments or partners.
    """
    settings, mode = _settings(id, backend, overrides), autoreset_mode
    players = _named(partners, settings)
    played = (players, controlled_agent, render_mode, engine, threads)
    return SingleAgentVectorEnv(settings, num_envs, backend, mode, copy, *played)


def _named(partners: Partners, world: Any) -> Policy | Sequence[Policy]:
    """Partners with scripted ones for names."""
    if isinstance(partners, str):
        from cogrid.envs.scripts import scripted_policy

        return scripted_policy(partners, Game.of(world))
    if isinstance(partners, (list, tuple)):
        return [cast(Policy, _named(partner, world)) for partner in cast("Sequence[Policy | str]", partners)]
    return cast(Policy, partners)  # What it is, is checked where it is used.


def _settings(id: str, backend: str, overrides: Mapping[str, Any]) -> EnvConfig | CoGridEnv:
    """The settings of an id, or an environment that has them, where its factory makes nothing else."""
    factory = get_factory(id)
    return factory.config(**overrides) if isinstance(factory, ConfigFactory) else make(id, backend, **overrides)


def get_factory(id: str) -> EnvFactory:
    """The factory of an id; a `ConfigFactory` if `config_factory` made it.

    Raises:
      ConfigError: for an unknown id, with the close ones of every family, and for what is no id.
    """
    if not isinstance(id, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigError(
            f"An id is a text such as 'Overcooked-CrampedRoom-V0', not {type(id).__name__}. An EnvConfig is played by "
            "CoGridEnv(config) and CoGridVectorEnv(config, num_envs), or under an id of its own: "
            "cogrid.register(id, cogrid.config_factory(config))."
        )
    if id in _FACTORIES:
        return _FACTORIES[id]
    plain = {_plain(known): known for known in sorted(_FACTORIES)}
    close = [plain[one] for one in difflib.get_close_matches(_plain(id), plain, n=len(plain))]
    closest_of_family = dict(reversed([(one.partition("-")[0], one) for one in close]))
    best = sorted(closest_of_family.values(), key=close.index)[:5]
    families = dict.fromkeys(known.partition("-")[0] for known in sorted(_FACTORIES))
    hint = (
        f"Did you mean {' or '.join(map(repr, best))}?"
        if best
        else f"There are the families {', '.join(families)}; registered_ids() and `cogrid list` name their worlds."
    )
    raise ConfigError(
        f"There is no environment {id!r}. {hint} A world of your own is known once the module that registers it is "
        "imported (`cogrid ... --import my_module`)."
    )


def _plain(id: object) -> str:
    """An id without what is easily written otherwise: capitals, hyphens, underscores."""
    return re.sub("[^a-z0-9]", "", str(id).lower())


def registered_ids() -> list[str]:
    """The ids of all registered environments, sorted."""
    return sorted(_FACTORIES)

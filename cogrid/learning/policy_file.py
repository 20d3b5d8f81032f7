"""A policy as one file: its weights, and which world, observation and network they are for."""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Int, Shaped, UInt

from cogrid.backend._dispatch import has_jax
from cogrid.backend.namespaces import Array, is_numpy
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.draws import Purpose, words
from cogrid.envs.scripts import SCRIPT_NAMES, ScriptedPolicy, scripted_policy
from cogrid.errors import CheckpointError, ConfigError
from cogrid.feature_space import Observation
from cogrid.learning.tensor_file import missing_extra, read_tensors, write_tensors
from cogrid.learning.world import World, check_identity, interface
from cogrid.policy import Policy

if TYPE_CHECKING:
    from cogrid.learning.networks import Network
    from cogrid.learning.unsticking import Unsticking

_HEADER = ("world", "map", "agents", "actions", "channels", "network", "about")


@dataclasses.dataclass(frozen=True, eq=False)
class LearnedPolicy:
    """A policy from a file: called as `policy(obs, key)`, like every policy (`cogrid.policy`).

    It takes NumPy and JAX arrays, and works inside of `jit`. Each agent draws its action from the network's
    probabilities, by the key alone: the same key, the same action.

    Attributes:
      name: the file.
      world: which world it is for; `policy.world.make()` makes it.
      network: what it is made of.
      params: its weights, float32, with an axis in front for the agents that do not share them.
      about: how it came to be: the algorithm, seed, steps and return.
      is_greedy: whether the likeliest action is taken instead of a drawn one.
    """

    name: str
    world: World
    network: Network
    params: Mapping[str, Any]
    about: Mapping[str, Any]
    is_greedy: bool = False

    @property
    def n_groups(self) -> int:
        """How many sets of weights there are: 1 if all agents share one, else one for each agent."""
        return len(self.params["output"]["bias"])

    @property
    def unsticking(self) -> Unsticking | None:
        """What it does when it is stuck, where it was made so: a human proxy."""
        from cogrid.learning.unsticking import Unsticking

        told = self.about.get("unsticking")
        return None if told is None else Unsticking.from_json(told)

    @property
    def has_memory(self) -> bool:
        """Whether its actions depend on what was before: of its network, or to see that it is stuck."""
        return self.network.has_memory or self.unsticking is not None

    def begin(self) -> Policy:
        """What plays one agent for one episode, `(obs, key) -> action`: it keeps what the policy remembers.

        Raises:
          ConfigError: for a memory where each agent has weights of its own.
        """
        if not self.has_memory:
            return self
        if self.n_groups > 1:
            raise ConfigError(
                f"{self.name!r} has a memory, and weights of its own for each agent: `cogrid eval` and `xplay` play it."
            )
        return _Remembering(self)

    def __call__(self, obs: Shaped[Array, "..."], key: Array) -> Int[Array, "..."]:
        """Choose actions.

        Args:
          obs: `[*B, ...]` or `[*B, A, ...]`, observations of single agents, or of all agents.
          key: `[*B, 2]` uint32.
        Returns:
          `[*B]` or `[*B, A]` int32.
        Raises:
          ConfigError: for observations of another shape, and for a network with memory.
        """
        self._check(obs, key)
        if not is_numpy(obs) and not isinstance(obs, (list, tuple)):
            return self._act(obs, key)
        actions = np.asarray(self._compiled(np.asarray(obs), np.asarray(key)))
        return actions if actions.ndim else actions[()]

    @functools.cached_property
    def features(self) -> tuple[Any, ...]:
        """What it observes, whatever the world shows to others (`cogrid.policy.own_observation`)."""
        return tuple(self.world.make().config.features)

    @functools.cached_property
    def compiled_choice(self) -> Any:
        """The choice of one agent that remembers, compiled: see `cogrid.learning.seats.Choose`."""
        import jax

        from cogrid.learning.seats import learned_chooser

        return jax.jit(learned_chooser(self, jax.tree.map(lambda leaf: leaf[0], self.params)))

    @functools.cached_property
    def _compiled(self) -> Any:
        import jax

        return jax.jit(self._act)

    def _act(self, obs: Array, key: Array) -> Array:
        import jax.numpy as jnp

        from cogrid.learning.agent_networks import AgentNetworks

        batch, has_agents = key.shape[:-1], self._has_agents(obs, key)
        n_agents = obs.shape[len(batch)] if has_agents else 1
        rows = obs.reshape(-1, n_agents, *self.network.obs_shape)
        agents = AgentNetworks(self.network, n_agents, is_shared=self.n_groups == 1)
        logits = agents.now(self.params, agents.memory(len(rows)), rows, jnp.ones(len(rows), bool))[0]
        logits = logits.reshape(*batch, n_agents, -1)
        drawn = words(jnp.asarray(key), Purpose.POLICY, jnp.zeros(batch, jnp.int32), n_agents)
        actions = self.choose(logits, drawn)
        return actions if has_agents else actions[..., 0]

    def choose(self, logits: Array, drawn: Array) -> Array:
        """The actions for a network's outputs, each with a random word."""
        import jax.numpy as jnp

        from cogrid.learning.networks import draw_actions

        return logits.argmax(axis=-1).astype(jnp.int32) if self.is_greedy else draw_actions(logits, drawn)

    def _has_agents(self, obs: Array, key: Array) -> bool:
        return obs.ndim - len(self.network.obs_shape) == key.ndim

    def _check(self, obs: Any, key: Any) -> None:
        if self.has_memory:
            raise ConfigError(
                f"{self.name!r} has a memory, which a function (obs, key) -> actions has not: it plays one agent as "
                "policy.begin() and in make_single_agent, and teams by `cogrid eval`, `watch` and `xplay`."
            )
        shape, wanted, batch = np.shape(obs), self.network.obs_shape, np.shape(key)[:-1]
        n_axes = len(shape) - len(wanted)
        fits = shape[max(n_axes, 0) :] == wanted and shape[: len(batch)] == batch and n_axes - len(batch) in (0, 1)
        if not fits or (self.n_groups > 1 and shape[len(batch) : n_axes] != (self.n_groups,)):
            agents = f"[*B, {self.n_groups}, ...]" if self.n_groups > 1 else "[*B, ...] or [*B, A, ...]"
            raise ConfigError(
                f"{self.name!r} takes observations {agents} of shape {wanted} each and keys [*B, 2], not {shape} and "
                f"{np.shape(key)}: it is for {self.world.id!r} with {dict(self.world.overrides)!r}."
            )


class _Remembering:
    """A policy with a memory, as one agent plays it for one episode."""

    def __init__(self, policy: LearnedPolicy) -> None:
        from cogrid.learning.seats import memory_of

        self.features = policy.features
        self._choose = policy.compiled_choice
        self._memory, self._is_first = memory_of(policy, 1), True

    def __call__(self, obs: Shaped[Array, "..."], key: UInt[Array, "2"]) -> int:
        """Choose the next action of the episode.

        Args:
          obs: what the agent observes.
          key: raw.
        """
        drawn = words(np.asarray(key), Purpose.POLICY, np.zeros((), np.int32), 1)
        given = np.asarray(obs)[None], self._memory, drawn, np.asarray(key)[None], np.array([self._is_first]), None
        action, self._memory = self._choose(*given)
        self._is_first = False
        return int(action[0])


def save_policy(
    path: pathlib.Path,
    *,
    world: World,
    env: CoGridEnv,
    network: Network,
    params: Mapping[str, Any],
    about: Mapping[str, Any],
    is_greedy: bool = False,
    dtype: Any = np.float32,
) -> None:
    """Write a policy to a file.

    Args:
      path: the file.
      world, network, params, about, is_greedy: see `LearnedPolicy`.
      env: the world, made.
      dtype: of the numbers in the file; half of the size with float16.
    Raises:
      CheckpointError: when it cannot be written.
    """
    header = {"world": world.to_json(), **interface(env), "network": network.to_json(), "about": dict(about)}
    header["is_greedy"] = is_greedy
    arrays = {
        f"{layer}.{name}": np.asarray(array, dtype) for layer, part in params.items() for name, array in part.items()
    }
    write_tensors(path, "policy", header, arrays)


def load_policy(
    source: str | os.PathLike[str], env: CoGridEnv | None = None, *, is_greedy: bool = False
) -> LearnedPolicy | ScriptedPolicy:
    """Load a policy: from a file, from a run's folder, or a scripted one by its name.

    Args:
      source: the file; a folder that `cogrid train` has made: its first seed's policy; or a name of
        `cogrid.envs.scripts`, such as "greedy", which needs `env`.
      env: the world that it is to play; one with another map, other agents or actions is refused.
      is_greedy: whether it takes its likeliest action instead of drawing one; what VDN has learnt always does.
    Returns:
      A policy `(obs, key) -> actions` (see `cogrid.policy`). One from a file knows its world: `policy.world.make()`.
    Raises:
      CheckpointError: for a file that is missing, damaged, no policy, or of another world; MissingDependencyError
        without the extra `cogrid[learn]`; ConfigError for a scripted policy without a world, or that it cannot play.
    """
    if not is_script(source):
        return read_policy(policy_files(source)[0], env, is_greedy=is_greedy)
    if env is None:
        raise ConfigError(f"The scripted policy {source!r} is made for a world: load_policy({source!r}, env).")
    return scripted_policy(str(source), env)


def is_script(source: str | os.PathLike[str]) -> bool:
    """Whether a name is a scripted policy's."""
    return isinstance(source, str) and source.partition("@")[0] in SCRIPT_NAMES


def read_policy(path: pathlib.Path, env: CoGridEnv | None = None, *, is_greedy: bool = False) -> LearnedPolicy:
    """Read a policy's file.

    Args:
      path: the file.
      env, is_greedy: as in `load_policy`.
    Raises:
      CheckpointError: as in `load_policy`.
    """
    if not has_jax():
        raise missing_extra("JAX")
    from cogrid.learning.networks import Network

    header, arrays = read_tensors(path, "policy")
    missing = [name for name in _HEADER if name not in header]
    if missing:
        raise CheckpointError(f"{str(path)!r} is no policy: its header has no {missing[0]!r}.")
    params: dict[str, dict[str, Any]] = {}
    for name, array in arrays.items():
        layer, _, part = name.rpartition(".")
        params.setdefault(layer, {})[part] = np.asarray(array, np.float32)
    is_greedy = is_greedy or header.get("is_greedy", False)
    world, network = World.from_json(header["world"]), Network.from_json(header["network"])
    policy = LearnedPolicy(str(path), world, network, params, header["about"], is_greedy)
    if env is not None:
        seen = Observation.of(policy.features)
        check_identity(path, header, interface(env, seen), World(id=env.config.name))
    return policy


def policy_files(source: str | os.PathLike[str]) -> list[pathlib.Path]:
    """The policies that a name stands for: a file, or a folder with one for each seed, or several from along the way.

    Raises:
      CheckpointError: for a folder without a policy.
    """
    if not has_jax():
        raise missing_extra("JAX")
    path = pathlib.Path(source)
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("seed_*.safetensors"), key=lambda file: [int(part) for part in file.stem.split("_")[1:]])
    if not found:
        raise CheckpointError(
            f"The folder {str(path)!r} has no policy (seed_0.safetensors and so on): finish its training with the "
            "command that began it."
        )
    return found

"""`TorchVectorEnv`: many environments whose arrays are PyTorch tensors, in the memory that they have already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from cogrid.core.actions import refuse_traced
from cogrid.errors import ConfigError, MissingDependencyError
from cogrid.vector.environment import CoGridVectorEnv
from cogrid.vector.single_agent import SingleAgentVectorEnv

Tensor = Any
"""A `torch.Tensor`; PyTorch is not a dependency of the library."""


class TorchVectorEnv:
    """A batch of environments as `make_vec` makes it, with tensors instead of arrays.

    Observations, rewards, ends and the arrays of the infos are handed over without a copy: NumPy's on the processor,
    JAX's through DLPack on whatever device they are on. Under JAX they share their memory with what JAX takes for
    constant, so they must not be written into; `tensor.clone()` may. Actions are copied.

    Attributes:
      envs: the environments behind it, which have all else (`envs.num_agents`, `envs.get_state()`, ...).
      num_envs: how many environments, B.
      single_observation_space, single_action_space: one agent's, in one environment.
    """

    def __init__(self, envs: CoGridVectorEnv | SingleAgentVectorEnv) -> None:
        """Wrap environments.

        Args:
          envs: what `make_vec` or `make_single_agent_vec` makes, of either backend.
        Raises:
          MissingDependencyError: without PyTorch.
          ConfigError: for something else than such environments.
        """
        if not isinstance(envs, (CoGridVectorEnv, SingleAgentVectorEnv)):
            raise ConfigError(f"Tensors are of what make_vec or make_single_agent_vec makes, not of {envs!r}.")
        self._torch = _import_torch()
        self.envs: CoGridVectorEnv | SingleAgentVectorEnv = envs
        self.num_envs: int = envs.num_envs
        self.single_observation_space: spaces.Space[Any] = envs.single_observation_space
        self.single_action_space: spaces.Space[Any] = envs.single_action_space

    def reset(
        self, *, seed: int | Sequence[int] | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Tensor, dict[str, Any]]:
        """Start an episode in every environment, or in some; see `CoGridVectorEnv.reset`.

        Args:
          seed: as there.
          options: as there; `options["reset_mask"]` may be a tensor.
        Returns:
          Observations `[B, A, ...]` (of one learner `[B, ...]`), and infos.
        """
        read = {name: self._numpy(value) for name, value in (options or {}).items()}
        obs, infos = self.envs.reset(seed=seed, options=read)
        return self._tensor(obs), self._tensors(infos)

    def step(self, actions: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, dict[str, Any]]:
        """Make one step in every environment; see `CoGridVectorEnv.step`.

        Args:
          actions: `[B, A]` integer (of one learner `[B]`), a tensor on any device, or an array.
        Returns:
          Observations, rewards, terminations, truncations and infos, as tensors.
        """
        obs, reward, terminated, truncated, infos = self.envs.step(self._actions(actions))
        paid = (self._tensor(part) for part in (reward, terminated, truncated))
        return self._tensor(obs), *paid, self._tensors(infos)

    def render(self) -> Any:
        """Draw each environment as it is now; see `CoGridVectorEnv.render`."""
        return self.envs.render()

    def close(self) -> None:
        """Nothing is held open."""

    def __repr__(self) -> str:
        return f"TorchVectorEnv({self.envs!r})"

    def _actions(self, actions: Any) -> Any:
        """Actions as an array of the environments' backend, in memory of its own."""
        if not isinstance(actions, self._torch.Tensor):
            refuse_traced(actions, "Actions")
            return actions
        is_integer = not (actions.is_floating_point() or actions.is_complex() or actions.dtype == self._torch.bool)
        if self.envs.backend == "numpy" or not is_integer:
            return self._numpy(actions)
        import jax.numpy as jnp

        return jnp.from_dlpack(actions.detach().to(self._torch.int32, copy=True).contiguous())

    def _numpy(self, value: Any) -> Any:
        return value.detach().cpu().numpy() if isinstance(value, self._torch.Tensor) else value

    def _tensor(self, array: Any) -> Tensor:
        return self._torch.from_numpy(array) if isinstance(array, np.ndarray) else self._torch.from_dlpack(array)

    def _tensors(self, infos: Mapping[str, Any]) -> dict[str, Any]:
        """Infos with tensors for arrays; arrays of objects stay as they are."""
        made: dict[str, Any] = {}
        for name, value in infos.items():
            if isinstance(value, Mapping):
                made[name] = self._tensors(value)
            elif hasattr(value, "dtype") and value.dtype != object:
                made[name] = self._tensor(value)
            else:
                made[name] = value
        return made


def _import_torch() -> Any:
    try:
        import torch  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise MissingDependencyError("Tensors need PyTorch: pip install torch.") from error
    return torch

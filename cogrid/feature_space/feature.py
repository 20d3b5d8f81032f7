"""`Feature`: an array function from a state to what each agent sees; and the features' names."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Shaped

from cogrid.backend.env_state import EnvState
from cogrid.backend.joining import Constant, Stretch
from cogrid.backend.namespaces import Array
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from cogrid.core.integer_world import IntegerWorld

IntegerView = Callable[["IntegerWorld"], list[bytes]]
"""What a feature shows of a world on plain integers: for each agent, the bytes of its observation."""

BatchView = Callable[[EnvState, Shaped[np.ndarray, "..."]], None]
"""Writes what all agents see of a batch of NumPy states, always of one size, into an array that is there already."""


class Feature(abc.ABC):
    """An array function from states to per-agent observations, with declared bounds.

    A feature is hashable and equal by its settings (write a frozen dataclass), so that equal environments share what
    JAX compiles for them.
    """

    @abc.abstractmethod
    def __call__(self, state: EnvState) -> Shaped[Array, "..."]:
        """What each agent sees.

        Args:
          state: any state, batched or not.
        Returns:
          `[*B, A, *shape]`, the dtype that `smallest_dtype` gives for the bounds.
        """

    @abc.abstractmethod
    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        """The least and the greatest value of each number that one agent sees.

        Args:
          tables: the world.
        Returns:
          Two arrays of the observation's shape.
        Raises:
          ConfigError: when the feature cannot show this world.
        """

    def write(self, state: EnvState, out: Shaped[np.ndarray, "..."]) -> None:
        """Write what each agent sees of NumPy states into an array that is there already.

        Args:
          state: a state of NumPy arrays, batched or not.
          out: `[*B, A, *shape]`, contiguous, of the feature's dtype.
        """
        out[...] = self(state)

    def batch_view(self, tables: Tables, num_envs: int, dtype: np.dtype[Any]) -> BatchView:
        """A form of `write` for a batch that is observed over and over, which may keep what it has computed.

        It writes into an array `[B, A, *shape]`: a contiguous one, or, if the feature has a single axis, part of the
        last axis of one.

        Args:
          tables: the world.
          num_envs: how many environments.
          dtype: the dtype of the whole observation, into which it writes.
        """

        def write(state: EnvState, out: Shaped[np.ndarray, "..."]) -> None:
            out[...] = self(state)

        is_own = dtype == smallest_dtype(*self.bounds(tables))
        return self.write if is_own and self.bounds(tables)[0].ndim > 1 else write

    def parts(self, state: EnvState, dtype: np.dtype[Any]) -> list[list[Stretch | Constant]]:
        """The observations as parts to be joined, for each agent; all numbers flat.

        Args:
          state: any state, batched or not.
          dtype: the dtype of the whole observation.
        """
        seen = self(state).astype(dtype)
        n_agents = state.tables.n_agents
        flat = seen.reshape(*state.cells.shape[:-1], -1)
        size = flat.shape[-1] // n_agents
        return [[Stretch(flat, idx * size, (idx + 1) * size)] for idx in range(n_agents)]

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the entries of the last axis."""
        return tuple(f"{type(self).__name__}[{idx}]" for idx in range(self.bounds(tables)[0].shape[-1]))

    def integer_view(self, tables: Tables, dtype: np.dtype[Any]) -> IntegerView | None:
        """The same feature on plain integers, for the NumPy environment; None where it has no such form.

        Args:
          tables: the world.
          dtype: the dtype of the whole observation.
        """
        return None


@dataclasses.dataclass(frozen=True)
class ArrayFeature(Feature):
    """A feature made of a function of your own.

    Attributes:
      fn: state to `[*B, A, *shape]`, written against the array API standard.
      shape: what one agent sees of it.
      low, high: the least and the greatest value of any number in it.
    """

    fn: Callable[[EnvState], Shaped[Array, "..."]]
    shape: tuple[int, ...]
    low: float = 0
    high: float = 255

    def __call__(self, state: EnvState) -> Shaped[Array, "..."]:
        """Call the function, and cast to the smallest dtype that holds the bounds."""
        return self.fn(state).astype(smallest_dtype(self.low, self.high))

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        """The declared bounds, at every number."""
        return np.full(self.shape, self.low), np.full(self.shape, self.high)


def smallest_dtype(low: Any, high: Any) -> np.dtype[Any]:
    """The smallest dtype that holds all numbers from low to high.

    Args:
      low, high: numbers or arrays. Integers give an integer dtype (unsigned where nothing is negative), others float32.
    """
    least, greatest = np.min(low), np.max(high)
    if not np.issubdtype(np.result_type(low, high), np.integer):
        return np.dtype(np.float32)
    kinds = (np.uint8, np.uint16, np.uint32) if least >= 0 else (np.int8, np.int16, np.int32)
    for kind in kinds:
        if np.iinfo(kind).min <= least and greatest <= np.iinfo(kind).max:
            return np.dtype(kind)
    raise ConfigError(f"A feature's bounds must fit 32 bits, and {least} to {greatest} do not.")


_FEATURES: dict[str, Feature] = {}


def register_feature(name: str, feature: Feature) -> None:
    """Give a feature a name that the `features` setting accepts.

    Args:
      name: the name.
      feature: the feature.
    Raises:
      ConfigError: if another feature has that name.
    """
    if _FEATURES.get(name, feature) != feature:
        raise ConfigError(f"A feature called {name!r} exists already.")
    _FEATURES[name] = feature


def get_feature(name: str) -> Feature:
    """The feature of a name.

    Raises:
      ConfigError: for an unknown name.
    """
    if name not in _FEATURES:
        raise ConfigError(f"There is no feature {name!r}. {did_you_mean(name, _FEATURES)}")
    return _FEATURES[name]


def feature_names() -> list[str]:
    """The names of all registered features, sorted."""
    return sorted(_FEATURES)

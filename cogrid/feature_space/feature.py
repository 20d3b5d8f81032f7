"""`Feature`: an array function from a state to what each agent sees; and the features' names."""

from __future__ import annotations

import abc
import dataclasses
import math
import numbers
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from jaxtyping import Shaped

from cogrid.backend.env_state import EnvState
from cogrid.backend.joining import Constant, Stretch
from cogrid.backend.namespaces import Array
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError, did_you_mean, function_name

if TYPE_CHECKING:
    from cogrid.integer.world import IntegerWorld

IntegerView = Callable[["IntegerWorld"], list[bytes]]
"""What a feature shows of a world on plain integers: for each agent, the bytes of its observation."""

BatchView = Callable[[EnvState, Shaped[np.ndarray, "..."]], None]
"""Writes what all agents see of a batch of NumPy states, always of one size, into an array that is there already."""


class Feature(abc.ABC):
    """An array function from states to per-agent observations, with declared bounds.

    A feature is hashable and equal by its settings (write a frozen dataclass), so that equal environments share what
    JAX compiles for them.
    """

    @property
    def is_data(self) -> bool:
        """Whether tables say all that it shows; else it is an array function."""
        return not isinstance(self, ArrayFeature)

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

    def check(self, state: EnvState) -> None:
        """Raise ConfigError where the feature shows of a NumPy state what it does not declare; asked for by a check."""

    def dtype_of(self, tables: Tables) -> np.dtype[Any]:
        """The dtype that it is shown in, if it is all that is observed: the smallest that holds the bounds."""
        return smallest_dtype(*self.bounds(tables))

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

    What the function gives is checked: its shape and its kind of numbers at every call, inside a trace too; its bounds
    when a world is built, on the first state, and at every step of a NumPy environment that is made with `check=True`.
    A number out of bounds that is not seen by a check is cast as NumPy and JAX cast it, to any number.

    Attributes:
      fn: state to `[*B, A, *shape]`, written against the array API standard.
      shape: what one agent sees of it; one axis at least.
      low, high: the least and the greatest value of any number in it.
      dtype: what it is shown in: an integer type up to 32 bits, or float32. Left out, the smallest that holds the
        bounds: an integer type where both are integers, else float32.
    """

    fn: Callable[[EnvState], Shaped[Array, "..."]]
    shape: tuple[int, ...]
    low: float = 0
    high: float = 255
    dtype: Any = None

    def __post_init__(self) -> None:
        if not callable(self.fn):
            raise ConfigError(f"The fn of an ArrayFeature is a function of a state, not {self.fn!r}.")
        given: Any = self.shape
        shape: tuple[int, ...] = tuple(cast(Any, given)) if isinstance(given, (tuple, list)) else ()
        if not shape or not all(type(size) is int and size > 0 for size in shape):
            raise ConfigError(
                f"The shape of {self._name} is a tuple of one or more positive integers, such as (2,), not "
                f"{self.shape!r}."
            )
        for end in (self.low, self.high):
            if isinstance(end, bool) or not isinstance(end, numbers.Real) or not math.isfinite(end):
                raise ConfigError(f"low and high of {self._name} are finite numbers, not {end!r}.")
        if self.low > self.high:
            raise ConfigError(f"low of {self._name}, {self.low!r}, is above high, {self.high!r}.")
        dtype = smallest_dtype(self.low, self.high) if self.dtype is None else _read_dtype(self.dtype)
        if dtype is None or (dtype != np.float32 and not _holds(dtype, self.low, self.high)):
            raise ConfigError(
                f"The dtype of {self._name} is float32 or an integer type up to 32 bits that holds its bounds "
                f"{self.low!r} and {self.high!r}, not {self.dtype!r}."
            )
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "dtype", dtype)

    @property
    def _name(self) -> str:
        return f"ArrayFeature {function_name(self.fn)}"

    def __call__(self, state: EnvState) -> Shaped[Array, "..."]:
        """Call the function, and cast what it gives to the declared dtype.

        Raises:
          ConfigError: before tracing, for a result of another shape than declared, or for fractions where integers are
            declared.
        """
        given = self.fn(state)
        expected = (*state.agent_cell.shape, *self.shape)
        if getattr(given, "shape", None) != expected:
            raise ConfigError(
                f"{self._name} declares shape={self.shape}, which is {expected} for all agents of this state, and its "
                f"function gives {_described(given)}."
            )
        if self.dtype != np.float32 and not (given.dtype == np.bool_ or np.issubdtype(given.dtype, np.integer)):
            raise ConfigError(
                f"{self._name} shows {self.dtype} (its bounds are {self.low!r} to {self.high!r}), and its function "
                f"gives {given.dtype}: declare dtype=np.float32, or give integers."
            )
        return given.astype(self.dtype)

    def check(self, state: EnvState) -> None:
        """Raise ConfigError where the function gives a number that is out of bounds, or nan."""
        given = np.asarray(self.fn(state))
        is_inside = (given >= self.low) & (given <= self.high)
        if not is_inside.all():
            raise ConfigError(
                f"{self._name} declares numbers from {self.low!r} to {self.high!r}, and its function gives "
                f"{given[~is_inside][0]!r}: widen low and high."
            )

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        """The declared bounds, at every number."""
        kind = np.float32 if self.dtype == np.float32 else np.int64
        return np.full(self.shape, self.low, kind), np.full(self.shape, self.high, kind)

    def dtype_of(self, tables: Tables) -> np.dtype[Any]:
        """The declared dtype."""
        return self.dtype


def _read_dtype(given: Any) -> np.dtype[Any] | None:
    """A dtype as NumPy's, if it is one that an observation can have."""
    try:
        dtype = np.dtype(given)
    except TypeError:
        return None
    return dtype if dtype == np.float32 or (np.issubdtype(dtype, np.integer) and dtype.itemsize <= 4) else None


def _holds(dtype: np.dtype[Any], low: float, high: float) -> bool:
    return np.iinfo(dtype).min <= low and high <= np.iinfo(dtype).max and low == int(low) and high == int(high)


def _described(given: Any) -> str:
    return f"the shape {given.shape}" if hasattr(given, "shape") else f"no array but {given!r}"


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

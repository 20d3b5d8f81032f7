"""`Feature`: what each agent sees of a state, as data or as an array function; and the features' names."""

from __future__ import annotations

import abc
import dataclasses
import functools
import math
import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from jaxtyping import Int, Integer, Shaped

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.agent import DIRECTION_NAMES
from cogrid.core.plain_state import read_state
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError, did_you_mean, function_name
from cogrid.feature_space.array_view import show
from cogrid.feature_space.blocks import ArrayBlock, Block, Bounds


class Feature(abc.ABC):
    """What each agent sees of a state, with declared bounds: an array function.

    One that can be said in tables is a `TableFeature`. A feature is hashable and equal by its settings (write a frozen
    dataclass), so that equal environments share what JAX compiles for them.
    """

    @property
    def is_data(self) -> bool:
        """Whether its blocks are all that it shows; else it is an array function."""
        return False

    @abc.abstractmethod
    def __call__(self, state: EnvState) -> Shaped[Array, "..."]:
        """What each agent sees.

        Args:
          state: any state, batched or not.
        Returns:
          `[*B, A, *shape]`, of the dtype that `dtype_of` says.
        """

    @abc.abstractmethod
    def bounds(self, tables: Tables) -> Bounds:
        """The least and the greatest value of each number that one agent sees.

        Args:
          tables: the world.
        Returns:
          Two arrays of the observation's shape.
        Raises:
          ConfigError: when the feature cannot show this world.
        """

    def check(self, state: EnvState) -> None:
        """Raise ConfigError where the feature shows of a NumPy state what it does not declare; asked for by a check."""

    def dtype_of(self, tables: Tables) -> np.dtype[Any]:
        """The dtype that it is shown in, if it is all that is observed: the smallest that holds the bounds."""
        return smallest_dtype(*self.bounds(tables))

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the entries of the last axis."""
        return tuple(f"{type(self).__name__}[{idx}]" for idx in range(self.bounds(tables)[0].shape[-1]))


class TableFeature(Feature):
    """A feature that is data: write `blocks`, and every engine shows it."""

    @property
    def is_data(self) -> bool:
        """Whether its blocks are all that it shows: not where a subclass has a `__call__` of its own."""
        return type(self).__call__ is TableFeature.__call__

    @abc.abstractmethod
    def blocks(self, tables: Tables) -> tuple[Block, ...]:
        """What it shows of a world; several blocks are flattened and joined. Asked once for a world.

        Args:
          tables: the world.
        Raises:
          ConfigError: when the feature cannot show this world.
        """

    def __call__(
        self, state: EnvState | Mapping[str, Any], agent_idx: int | Integer[Array, ""] | None = None
    ) -> Shaped[Array, "..."]:
        """What each agent sees, or what one agent sees.

        Args:
          state: any state, batched or not; or a plain dict of one's arrays (`envstate_to_dict`).
          agent_idx: whose observation; all agents' if left out.
        """
        whole = read_state(state)
        seen = show(_declared_blocks(self, whole.tables), whole, self.dtype_of(whole.tables))
        return seen if agent_idx is None else of_agent(seen, whole, agent_idx)

    def bounds(self, tables: Tables) -> Bounds:
        """The bounds of its blocks."""
        pairs = [block.bounds() for block in _declared_blocks(self, tables) if not isinstance(block, ArrayBlock)]
        return pairs[0] if len(pairs) == 1 else joined_bounds(pairs)

    def turned_rows(self, tables: Tables, rows: Integer[np.ndarray, "R C"]) -> Integer[np.ndarray, "4 R C"]:
        """Rows as a viewer sees them whose own direction counts as up; for views that turn.

        Four channels whose names end in `right`, `down`, `left` and `up` change places; all others stay.

        Args:
          tables: the world.
          rows: `[R, C]`, the rows of its block.
        Returns:
          `[4, R, C]`, for each direction of the viewer.
        """
        return np.stack([rows[:, order] for order in turned_channels(self.channels(tables))])


@functools.lru_cache(maxsize=512)
def _declared_blocks(feature: TableFeature, tables: Tables) -> tuple[Block, ...]:
    return feature.blocks(tables)


def blocks_of(feature: Feature, tables: Tables) -> tuple[Block, ...]:
    """What a feature shows of a world: its blocks, the same objects at every call, or its array function as one."""
    if feature.is_data:
        return _declared_blocks(cast(TableFeature, feature), tables)
    return (ArrayBlock(feature, feature.bounds(tables)[0].shape, type(feature).__name__),)


def joined_bounds(pairs: Sequence[Bounds]) -> Bounds:
    """The bounds of several features or blocks, flattened and joined."""
    low, high = zip(*pairs, strict=True)
    return np.concatenate([part.reshape(-1) for part in low]), np.concatenate([part.reshape(-1) for part in high])


def of_agent(seen: Shaped[Array, "..."], state: EnvState, agent_idx: Any) -> Shaped[Array, "..."]:
    """One agent's part of what all agents see."""
    return seen[(*[slice(None)] * state.time.ndim, agent_idx)]


def relative_direction(direction: int, viewer: int) -> int:
    """A direction as a viewer sees it whose own direction counts as up."""
    return (direction - viewer + DIRECTION_NAMES.index("up")) % 4


def turned_channels(channels: tuple[str, ...]) -> Int[np.ndarray, "4 C"]:
    """The order that channels come in for a viewer whose own direction counts as up.

    Args:
      channels: their names; four that differ in their endings `right`, `down`, `left` and `up` alone are about
        directions.
    Returns:
      `[4, C]` int32: for each direction of the viewer, which channel is shown in each place.
    """
    place = {name: idx for idx, name in enumerate(channels)}
    order = np.tile(np.arange(len(channels), dtype=np.int32), (4, 1))
    for name in channels:
        stem = name.removesuffix("right")
        group = [place[stem + direction] for direction in DIRECTION_NAMES if stem + direction in place]
        if stem == name or len(group) < 4:
            continue
        for viewer in range(4):
            for direction in range(4):
                order[viewer, group[relative_direction(direction, viewer)]] = group[direction]
    return order


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

    def bounds(self, tables: Tables) -> Bounds:
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

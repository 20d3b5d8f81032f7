"""`Observation`: features composed into what an environment returns."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from gymnasium import spaces
from jaxtyping import Shaped

from cogrid.backend.env_state import EnvState, register_pytree
from cogrid.backend.joining import join
from cogrid.backend.namespaces import Array
from cogrid.core.jax_step import start_state
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError
from cogrid.feature_space.feature import BatchView, Feature, IntegerView, get_feature, smallest_dtype

if TYPE_CHECKING:
    from cogrid.integer.world import IntegerWorld


@dataclasses.dataclass(frozen=True)
class Observation:
    """Several features as one array per agent.

    Several are flattened and joined in order; a single one keeps its shape. The dtype is the smallest that holds all
    bounds.

    Attributes:
      features: the features in order.
    """

    features: tuple[Feature, ...]

    @classmethod
    def of(cls, names: Sequence[str | Feature], max_map_size: tuple[int, int] = (12, 12)) -> Observation:
        """Compose features given by name or as they are.

        Raises:
          ConfigError: for an unknown name, or no feature at all.
        """
        if isinstance(names, str):
            raise ConfigError(f"features is a list of names: features=[{names!r}].")
        if not names:
            raise ConfigError("features must name at least one feature.")
        features = [get_feature(name) if isinstance(name, str) else name for name in names]
        for feature in features:
            if not isinstance(feature, Feature):
                raise ConfigError(f"A feature is a registered name or a Feature, not {feature!r}.")
        return cls(tuple(_with_map_size(feature, max_map_size) for feature in features))

    def __call__(self, state: EnvState) -> Shaped[Array, "..."]:
        """What each agent observes.

        Args:
          state: any state, batched or not.
        Returns:
          `[*B, A, F]`, or `[*B, A, *shape]` for a single feature.
        """
        if len(self.features) == 1:
            return self.features[0](state)
        dtype = self.dtype(state.tables)
        by_feature = [feature.parts(state, dtype) for feature in self.features]
        by_agent = [part for agent_parts in zip(*by_feature, strict=True) for parts in agent_parts for part in parts]
        return join(by_agent).reshape(*state.cells.shape[:-1], state.tables.n_agents, -1)

    def write(self, state: EnvState, out: Shaped[np.ndarray, "..."]) -> None:
        """Write what each agent observes of NumPy states into an array that is there already.

        Args:
          state: a state of NumPy arrays, batched or not.
          out: `[*B, A, F]`, or `[*B, A, *shape]` for a single feature; contiguous.
        """
        if len(self.features) == 1:
            self.features[0].write(state, out)
        else:
            out[...] = self(state)

    def batch_view(self, tables: Tables, num_envs: int) -> BatchView:
        """A form of `write` for a batch that is observed over and over, which may keep what it has computed.

        Args:
          tables: the world.
          num_envs: how many environments.
        """
        dtype = self.dtype(tables)
        views = [feature.batch_view(tables, num_envs, dtype) for feature in self.features]
        if len(views) == 1:
            return views[0]
        shapes = [feature.bounds(tables)[0].shape for feature in self.features]
        return _join_views(views, [np.empty((num_envs, tables.n_agents, *shape), dtype) for shape in shapes])

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        """The least and the greatest value of each number that one agent observes."""
        pairs = [feature.bounds(tables) for feature in self.features]
        if len(pairs) == 1:
            return pairs[0]
        low, high = zip(*pairs, strict=True)
        return np.concatenate([part.reshape(-1) for part in low]), np.concatenate([part.reshape(-1) for part in high])

    def dtype(self, tables: Tables) -> np.dtype[Any]:
        """The feature's, if it is a single one; the smallest dtype that holds all bounds of several."""
        return _observation_dtype(self, tables)

    def check(self, state: EnvState) -> None:
        """Raise ConfigError where a feature shows of a NumPy state what it does not declare."""
        for feature in self.features:
            feature.check(state)

    def check_world(self, tables: Tables, is_jax: bool) -> None:
        """Observe the first state of a world, so that a feature that cannot show it is refused at once.

        Args:
          tables: the world.
          is_jax: whether the world is stepped by JAX: then the features are traced, too.
        Raises:
          ConfigError: for a feature whose shape, numbers or bounds are not what it declares.
        """
        if all(feature.is_data for feature in self.features):
            return
        state = start_state(np.zeros(2, dtype=np.uint32), tables)
        if not is_jax:
            self(state)
            self.check(state)
            return
        import jax

        register_pytree()
        state = jax.tree.map(jax.numpy.asarray, state)
        jax.eval_shape(self, state)
        self.check(state)

    def space(self, tables: Tables) -> spaces.Box:
        """The Gymnasium space of one agent's observation."""
        low, high = self.bounds(tables)
        dtype = self.dtype(tables)
        return spaces.Box(low.astype(dtype), high.astype(dtype), dtype=cast(Any, dtype.type))

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the entries of the last axis."""
        return tuple(name for feature in self.features for name in feature.channels(tables))

    def integer_view(self, tables: Tables) -> IntegerView | None:
        """The observation on plain integers; None where a feature has no such form."""
        dtype = self.dtype(tables)
        views = [feature.integer_view(tables, dtype) for feature in self.features]
        if any(view is None for view in views):
            return None
        if len(views) == 1:
            return views[0]

        def joined(world: IntegerWorld) -> list[bytes]:
            return [b"".join(parts) for parts in zip(*[view(world) for view in views if view], strict=True)]

        return joined


def _join_views(views: Sequence[BatchView], buffers: Sequence[Shaped[np.ndarray, "..."]]) -> BatchView:
    """A view that shows what several show, flattened and joined.

    Args:
      views: these, in order.
      buffers: for each, an array of the shape that it writes, `[B, A, *shape]`. What has a single axis is written
        where it belongs at once, the rest by way of its buffer.
    """
    stops = np.cumsum([buffer[0, 0].size for buffer in buffers]).tolist()
    places = [slice(stop - buffer[0, 0].size, stop) for stop, buffer in zip(stops, buffers, strict=True)]

    def write(state: EnvState, out: Shaped[np.ndarray, "B A F"]) -> None:
        for view, buffer, place in zip(views, buffers, places, strict=True):
            if buffer.ndim == 3:
                view(state, out[..., place])
            else:
                view(state, buffer)
                out[..., place] = buffer.reshape(*buffer.shape[:2], -1)

    return write


@functools.lru_cache(maxsize=256)
def _observation_dtype(observation: Observation, tables: Tables) -> np.dtype[Any]:
    if len(observation.features) == 1:
        return observation.features[0].dtype_of(tables)
    return smallest_dtype(*observation.bounds(tables))


def _with_map_size(feature: Feature, max_map_size: tuple[int, int]) -> Feature:
    """The feature with the map's size, if it has a setting for that."""
    if not (dataclasses.is_dataclass(feature) and hasattr(feature, "max_map_size")):
        return feature
    return dataclasses.replace(cast(Any, feature), max_map_size=tuple(max_map_size))

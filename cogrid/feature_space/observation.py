"""`Observation`: features composed into what an environment returns."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from gymnasium import spaces
from jaxtyping import Integer, Shaped

from cogrid.backend.env_state import EnvState, register_pytree
from cogrid.backend.meshes import on_any_mesh
from cogrid.backend.namespaces import Array
from cogrid.core.jax_step import start_state
from cogrid.core.plain_state import read_state
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError
from cogrid.feature_space.array_view import show
from cogrid.feature_space.blocks import Block, Bounds
from cogrid.feature_space.feature import Feature, blocks_of, get_feature, joined_bounds, of_agent, smallest_dtype
from cogrid.feature_space.scaling import scaled_block, scaled_bounds


@dataclasses.dataclass(frozen=True)
class Observation:
    """Several features as one array per agent.

    Several are flattened and joined in order; a single one keeps its shape. The dtype is the smallest that holds all
    bounds, unless float32 is asked for.

    Attributes:
      features: the features in order.
      is_float: whether all numbers are shown as float32, whatever their bounds.
      is_scaled: whether each number is shown as its place between its bounds, from 0 to 1, as float32; one whose bounds
        are equal is 0.
    """

    features: tuple[Feature, ...]
    is_float: bool = False
    is_scaled: bool = False

    @classmethod
    def of(
        cls,
        names: Sequence[str | Feature],
        max_map_size: tuple[int, int] = (12, 12),
        is_float: bool = False,
        is_scaled: bool = False,
    ) -> Observation:
        """Compose features given by name or as they are.

        Args:
          names: the features.
          max_map_size: (rows, columns) of the padded map of `full_map_encoding`.
          is_float: whether it is shown as float32.
          is_scaled: whether each number is shown as its place between its bounds, from 0 to 1.
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
        sized = tuple(_with_map_size(feature, max_map_size) for feature in features)
        return cls(sized, is_float or is_scaled, is_scaled)

    def __call__(
        self, state: EnvState | Mapping[str, Any], agent_idx: int | Integer[Array, ""] | None = None
    ) -> Shaped[Array, "..."]:
        """What each agent observes, or what one agent observes.

        Args:
          state: any state, batched or not; or a plain dict of one's arrays (`envstate_to_dict`).
          agent_idx: whose observation; all agents' if left out.
        Returns:
          `[*B, A, F]`, or `[*B, A, *shape]` for a single feature; without the agents' axis for one agent.
        """
        whole = read_state(state)
        seen = on_any_mesh(self._show, whole, like=whole.cells)
        return seen if agent_idx is None else of_agent(seen, whole, agent_idx)

    def _show(self, state: EnvState) -> Shaped[Array, "..."]:
        return show(self.blocks(state.tables), state, self.dtype(state.tables))

    def blocks(self, tables: Tables) -> tuple[Block, ...]:
        """What is shown of a world, as data where it can be: the blocks of all features, in order."""
        if self.is_scaled:
            return _scaled_blocks(self.features, tables)
        return tuple(block for feature in self.features for block in blocks_of(feature, tables))

    def bounds(self, tables: Tables) -> Bounds:
        """The least and the greatest value of each number that one agent observes."""
        pairs = [feature.bounds(tables) for feature in self.features]
        low, high = pairs[0] if len(pairs) == 1 else joined_bounds(pairs)
        return scaled_bounds(low, high) if self.is_scaled else (low, high)

    def dtype(self, tables: Tables) -> np.dtype[Any]:
        """float32 if asked for; else a single feature's own, or the smallest that holds all bounds of several."""
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


@functools.lru_cache(maxsize=256)
def _observation_dtype(observation: Observation, tables: Tables) -> np.dtype[Any]:
    if observation.is_float:
        return np.dtype(np.float32)
    if len(observation.features) == 1:
        return observation.features[0].dtype_of(tables)
    return smallest_dtype(*observation.bounds(tables))


@functools.lru_cache(maxsize=256)
def _scaled_blocks(features: tuple[Feature, ...], tables: Tables) -> tuple[Block, ...]:
    """The blocks of features, each number scaled; the same objects at every call."""
    return tuple(
        scaled_block(block, feature.bounds(tables)) for feature in features for block in blocks_of(feature, tables)
    )


def _with_map_size(feature: Feature, max_map_size: tuple[int, int]) -> Feature:
    """The feature with the map's size, if it has a setting for that."""
    if not (dataclasses.is_dataclass(feature) and hasattr(feature, "max_map_size")):
        return feature
    return dataclasses.replace(cast(Any, feature), max_map_size=tuple(max_map_size))

"""Networks: a description that fits into JSON, and pure functions of plain pytrees of parameters."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Shaped, UInt

from cogrid.backend.env_state import EnvState
from cogrid.errors import ConfigError, did_you_mean
from cogrid.game import Game
from cogrid.learning.varying import varying_entries

NOT_TAKEN = -1e9
"""Stands for a network's output at an action that an agent does not take."""

Params = Mapping[str, Any]
"""Parameters by layer: `{"layer_0": {"weight": [inputs, outputs], "bias": [outputs]}, ...}`."""

KINDS = ("mlp", "cnn", "gru")

CNN_FILTERS = 32
CNN_WINDOWS = (5, 3, 3)
"""The sizes of the windows of the convolutions, which keep the size of the map."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Network:
    """What a network looks like.

    Attributes:
      kind: "mlp" (two dense layers on the flat observation), "cnn" (three convolutions, a dense layer) or "gru" (a
        dense layer, a gated recurrent unit).
      obs_shape: of one agent's observation.
      obs_scale: what the entries of the observation's last axis are divided by.
      n_outputs: how many numbers come out.
      width: of each layer.
      kept: the entries of the flat observation that a dense layer reads; None for all of them.
    """

    kind: str
    obs_shape: tuple[int, ...]
    obs_scale: tuple[float, ...]
    n_outputs: int
    width: int = 64
    kept: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ConfigError(f"There is no network {self.kind!r}. {did_you_mean(self.kind, KINDS)}")
        if self.kind == "cnn" and len(self.obs_shape) != 3:
            raise ConfigError(
                f"A cnn takes observations of rows x columns x channels, not {self.obs_shape}: choose a feature such "
                'as object_planes, or the network "mlp".'
            )
        if self.kind == "cnn" and self.kept is not None:
            raise ConfigError("A cnn reads whole maps: kept is for networks of dense layers.")

    @property
    def has_memory(self) -> bool:
        """Whether the output depends on what was observed before."""
        return self.kind == "gru"

    def init(self, key: Array, last_scale: float) -> Params:
        """Draw parameters.

        Args:
          key: a typed key.
          last_scale: of the last layer's weights.
        """
        keys = iter(jax.random.split(key, 8))
        size, params = math.prod(self.obs_shape) if self.kept is None else len(self.kept), {}
        if self.kind == "cnn":
            n_channels = self.obs_shape[-1]
            for idx, window in enumerate(CNN_WINDOWS):
                params[f"window_{idx}"] = _layer(next(keys), (window, window, n_channels, CNN_FILTERS))
                n_channels = CNN_FILTERS
            size = math.prod(self.obs_shape[:2]) * CNN_FILTERS
        params["layer_0"] = _layer(next(keys), (size, self.width))
        if self.kind == "mlp":
            params["layer_1"] = _layer(next(keys), (self.width, self.width))
        if self.kind == "gru":
            params["input"] = _layer(next(keys), (self.width, 3 * self.width), 1.0)
            params["memory"] = _layer(next(keys), (self.width, 3 * self.width), 1.0)
        params["output"] = _layer(next(keys), (self.width, self.n_outputs), last_scale)
        return params

    def memory(self, *batch: int) -> Float[Array, "*B H"]:
        """What is remembered at an episode's start: zeros; none without memory (H is 0)."""
        return jnp.zeros((*batch, self.width if self.has_memory else 0), jnp.float32)

    def unroll(
        self,
        params: Params,
        memory: Float[Array, "N H"],
        obs: Shaped[Array, "N T ..."],
        is_first: Bool[Array, "N T"],
    ) -> tuple[Float[Array, "N T O"], Float[Array, "N H"]]:
        """The outputs at consecutive observations.

        Args:
          params: what `init` draws.
          memory: what is remembered from before.
          obs: observations, in time's order along T.
          is_first: where an episode begins, and nothing is remembered.
        Returns:
          The outputs, and what is remembered afterwards.
        """
        hidden = self._encode(params, self._scaled(obs))
        if self.kind == "mlp":
            hidden = jax.nn.relu(_dense(params["layer_1"], hidden))
        if self.has_memory:
            hidden, memory = _remember(params, memory, hidden, is_first)
        return _dense(params["output"], hidden), memory

    def _scaled(self, obs: Shaped[Array, "N T ..."]) -> Float[Array, "N T ..."]:
        """What is read of observations, each entry divided by its scale."""
        scale = np.broadcast_to(np.array(self.obs_scale, np.float32), self.obs_shape)
        if self.kept is not None:
            which = np.array(self.kept)
            obs, scale = jnp.take(obs.reshape(*obs.shape[:2], -1), which, axis=-1), scale.reshape(-1)[which]
        return obs.astype(jnp.float32) / jnp.broadcast_to(scale, obs.shape)

    def _encode(self, params: Params, obs: Float[Array, "N T ..."]) -> Float[Array, "N T W"]:
        if self.kind == "cnn":
            planes = obs.reshape(-1, *self.obs_shape)
            for idx in range(len(CNN_WINDOWS)):
                planes = jax.nn.relu(_convolve(params[f"window_{idx}"], planes))
            obs = planes.reshape(*obs.shape[:2], -1)
        return jax.nn.relu(_dense(params["layer_0"], obs.reshape(*obs.shape[:2], -1)))

    def to_json(self) -> dict[str, Any]:
        """The description as JSON has it; `Network.from_json` reads it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Network:
        """Read what `to_json` wrote."""
        tuples = {
            name: tuple(given[name]) for name in ("obs_shape", "obs_scale", "kept") if given.get(name) is not None
        }
        return cls(**{**given, **tuples})


def network_for(game: Game, kind: str, width: int, n_outputs: int, n_joined: int = 1) -> Network:
    """The network that reads what a game's agents observe; a dense one reads only what can differ in this world.

    Args:
      game: whose observation.
      kind, width, n_outputs: see `Network`.
      n_joined: how many agents' observations are joined along the last axis.
    """
    low, high = game.observation.bounds(game.tables)
    bound = np.maximum(np.abs(low.astype(np.float64)), np.abs(high.astype(np.float64)))
    bound = bound.reshape(-1, bound.shape[-1]).max(axis=0)
    scale = np.where(np.isfinite(bound) & (bound > 1), bound, 1.0)
    shape = (*low.shape[:-1], low.shape[-1] * n_joined)
    return Network(
        kind=kind,
        obs_shape=shape,
        obs_scale=tuple(scale.tolist()) * n_joined,
        n_outputs=n_outputs,
        width=width,
        kept=None if kind == "cnn" else _kept(game, n_joined),
    )


def _kept(game: Game, n_joined: int) -> tuple[int, ...] | None:
    """The entries that can differ, of joined observations; None for all."""
    differs = varying_entries(game.observation, game.tables)
    differs = np.concatenate([differs] * n_joined, axis=-1)
    return None if differs.all() or not differs.any() else tuple(np.flatnonzero(differs).tolist())


def allowed(outputs: Float[Array, "*B A K"], state: EnvState) -> Float[Array, "*B A K"]:
    """A network's outputs, very low at actions that the agent does not take now (`Agent.takes`)."""
    if state.tables.rules.takes is None:
        return outputs
    return jnp.where(state.action_mask, outputs, jnp.float32(NOT_TAKEN))


def draw_actions(logits: Float[Array, "*B n"], words: UInt[Array, "*B"]) -> Array:
    """Draw an action from each softmax, with one random word each, so that no setting of JAX changes the draw.

    Args:
      logits: `[*B, n]`.
      words: `[*B]` uint32.
    Returns:
      `[*B]` int32, 0..n-1.
    """
    uniform = (words >> 8).astype(jnp.float32) * jnp.float32(2**-24)
    reached = jnp.cumsum(jax.nn.softmax(logits), axis=-1)[..., :-1]
    return (reached <= uniform[..., None]).sum(axis=-1, dtype=jnp.int32)


def log_probability(logits: Float[Array, "*B n"], actions: Int[Array, "*B"]) -> Float[Array, "*B"]:
    """The logarithm of how likely each action was."""
    return jnp.take_along_axis(jax.nn.log_softmax(logits), actions[..., None], axis=-1)[..., 0]


def _layer(key: Array, shape: tuple[int, ...], scale: float = math.sqrt(2)) -> Params:
    """Orthogonal weights, and biases of zero."""
    weight = jax.nn.initializers.orthogonal(scale)(key, shape, jnp.float32)
    return {"weight": weight, "bias": jnp.zeros(shape[-1], jnp.float32)}


def _dense(layer: Params, x: Float[Array, "N T F"]) -> Float[Array, "N T O"]:
    out = x @ layer["weight"]
    return out + jnp.broadcast_to(layer["bias"], out.shape)


def _convolve(layer: Params, planes: Float[Array, "N R C F"]) -> Float[Array, "N R C O"]:
    axes = ("NHWC", "HWIO", "NHWC")
    out = jax.lax.conv_general_dilated(planes, layer["weight"], (1, 1), "SAME", dimension_numbers=axes)
    return out + jnp.broadcast_to(layer["bias"], out.shape)


def _remember(
    params: Params, memory: Float[Array, "N H"], inputs: Float[Array, "N T H"], is_first: Bool[Array, "N T"]
) -> tuple[Float[Array, "N T H"], Float[Array, "N H"]]:
    """A gated recurrent unit (Cho et al., 2014) over time; it starts from zeros where an episode begins."""
    from_input = _dense(params["input"], inputs)

    def step(memory: Array, given: tuple[Array, Array]) -> tuple[Array, Array]:
        gates_in, is_first = given
        memory = jnp.where(is_first[:, None], jnp.float32(0), memory)
        reset_in, update_in, new_in = jnp.split(gates_in, 3, axis=-1)
        reset_mem, update_mem, new_mem = jnp.split(_dense(params["memory"], memory), 3, axis=-1)
        update = jax.nn.sigmoid(update_in + update_mem)
        candidate = jnp.tanh(new_in + jax.nn.sigmoid(reset_in + reset_mem) * new_mem)
        memory = (1 - update) * candidate + update * memory
        return memory, memory

    end, outputs = jax.lax.scan(step, memory, (from_input.swapaxes(0, 1), is_first.swapaxes(0, 1)))
    return outputs.swapaxes(0, 1), end

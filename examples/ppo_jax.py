"""PPO whose whole training is one JAX program, in one file: two cooks learn to make soups.

    python examples/ppo_jax.py

Environments, network and updates are compiled together, so nothing waits for Python between two steps. All agents act
by one network, each on its own observation. What helps learning is paid here as a part of the reward. With the settings
below seed 0 comes to three soups in 400 steps after 1.2 million.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

import cogrid

KITCHEN = "JaxMARLOvercooked-CrampedRoom-V0"
SOUP = 20
"""What a delivery pays."""

HELP = ("jaxmarl_overcooked_onion_in_pot", "jaxmarl_overcooked_useful_plate", "jaxmarl_overcooked_soup_in_dish")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """How to learn: environments and steps between two updates, how often, and PPO's constants."""

    n_envs: int = 64
    n_steps: int = 128
    n_updates: int = 150
    n_epochs: int = 4
    n_minibatches: int = 16
    learning_rate: float = 1e-3
    discount: float = 0.99
    trace: float = 0.95
    clip: float = 0.2
    entropy: float = 0.02
    width: int = 64


class Batch(NamedTuple):
    """What is learnt from, `[T, B, A, ...]`."""

    obs: Any
    action: Any
    log_prob: Any
    value: Any
    reward: Any
    done: Any


def make_params(key: Any, n_inputs: int, n_actions: int, width: int) -> list[tuple[Any, Any]]:
    """Two hidden layers, then the logits of all actions and the value."""
    sizes = (n_inputs, width, width, n_actions + 1)
    keys = jax.random.split(key, len(sizes) - 1)
    orthogonal = jax.nn.initializers.orthogonal
    gains = (2**0.5, 2**0.5, 0.01)
    layers = zip(keys, sizes, sizes[1:], gains, strict=False)
    return [(orthogonal(gain)(one, (n, m), jnp.float32), jnp.zeros(m)) for one, n, m, gain in layers]


def apply(params: list[tuple[Any, Any]], obs: Any) -> tuple[Any, Any]:
    """Logits and value of observations `[..., H, W, C]`."""
    x = obs.reshape(*obs.shape[:-3], -1).astype(jnp.float32)
    for weights, bias in params[:-1]:
        x = jnp.tanh(x @ weights + bias)
    out = x @ params[-1][0] + params[-1][1]
    return out[..., :-1], out[..., -1]


def log_prob_of(logits: Any, action: Any) -> Any:
    """The logarithm of the probability of each action that was taken."""
    return jnp.take_along_axis(jax.nn.log_softmax(logits), action[..., None], axis=-1)[..., 0]


def play(env: cogrid.CoGridEnv, params: Any, carry: Any, key: Any) -> tuple[Any, tuple[Batch, Any]]:
    """One step of all environments; those whose episode is over begin the next one."""
    state, obs = carry
    act_key, reset_key = jax.random.split(key)
    logits, value = apply(params, obs)
    action = jax.random.categorical(act_key, logits).astype(jnp.int32)
    state, after, reward, done, _ = jax.vmap(env.jax_step)(state, action)
    fresh = jax.vmap(env.jax_reset)(jax.random.split(reset_key, len(done)))

    def pick(new: Any, old: Any) -> Any:
        return jnp.where(done.reshape(-1, *(1,) * (old.ndim - 1)), new, old)

    batch = Batch(obs, action, log_prob_of(logits, action), value, reward, done[:, None] | jnp.zeros_like(action, bool))
    n_soups = (reward >= SOUP).any(axis=-1).mean()  # Both are paid for one.
    return jax.tree.map(pick, fresh, (state, after)), (batch, n_soups)


def advantages(batch: Batch, last_value: Any, settings: Settings) -> Any:
    """Generalised advantage estimation, backwards over time."""

    def back(carry: Any, row: Batch) -> tuple[Any, Any]:
        advantage, following = carry
        goes_on = 1.0 - row.done
        error = row.reward + settings.discount * following * goes_on - row.value
        advantage = error + settings.discount * settings.trace * goes_on * advantage
        return (advantage, row.value), advantage

    return jax.lax.scan(back, (jnp.zeros_like(last_value), last_value), batch, reverse=True)[1]


def loss(params: Any, batch: Batch, advantage: Any, target: Any, settings: Settings) -> Any:
    """PPO's clipped objective, the error of the value, and what variety of actions is worth."""
    logits, value = apply(params, batch.obs)
    ratio = jnp.exp(log_prob_of(logits, batch.action) - batch.log_prob)
    scaled = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    clipped = jnp.clip(ratio, 1 - settings.clip, 1 + settings.clip)
    policy = -jnp.minimum(ratio * scaled, clipped * scaled).mean()
    entropy = -(jax.nn.softmax(logits) * jax.nn.log_softmax(logits)).sum(axis=-1).mean()
    return policy + 0.5 * jnp.square(value - target).mean() - settings.entropy * entropy


def train(env: cogrid.CoGridEnv, key: Any, settings: Settings) -> tuple[Any, Any]:
    """Train from the first step to the last, in one program.

    Returns:
      The parameters, and how many soups an environment delivered in a step before each update, `[n_updates]`.
    """
    init_key, reset_key, loop_key = jax.random.split(key, 3)
    state, obs = jax.vmap(env.jax_reset)(jax.random.split(reset_key, settings.n_envs))
    n_inputs = obs[0, 0].size
    params = make_params(init_key, n_inputs, len(env.tables.action_set), settings.width)
    n_slopes = settings.n_updates * settings.n_epochs * settings.n_minibatches
    rate = optax.linear_schedule(settings.learning_rate, 0.0, n_slopes)
    optimiser = optax.chain(optax.clip_by_global_norm(0.5), optax.adam(rate))

    def learn(carry: Any, parts: Any) -> tuple[Any, None]:
        params, memory = carry
        slopes = jax.grad(loss)(params, *parts, settings)
        steps, memory = optimiser.update(slopes, memory, params)
        return (optax.apply_updates(params, steps), memory), None

    def update(carry: Any, key: Any) -> tuple[Any, Any]:
        params, memory, world = carry
        play_key, *epoch_keys = jax.random.split(key, settings.n_epochs + 1)
        keys = jax.random.split(play_key, settings.n_steps)
        world, (batch, soups) = jax.lax.scan(lambda state, one: play(env, params, state, one), world, keys)
        advantage = advantages(batch, apply(params, world[1])[1], settings)
        flat = jax.tree.map(lambda rows: rows.reshape(-1, *rows.shape[3:]), (batch, advantage, advantage + batch.value))
        for one in epoch_keys:
            order = jax.random.permutation(one, len(flat[1]))
            parts = jax.tree.map(
                lambda rows, order=order: rows[order].reshape(settings.n_minibatches, -1, *rows.shape[1:]), flat
            )
            (params, memory), _ = jax.lax.scan(learn, (params, memory), parts)
        return (params, memory, world), soups.mean()

    start = (params, optimiser.init(params), (state, obs))
    (params, *_), soups = jax.lax.scan(update, start, jax.random.split(loop_key, settings.n_updates))
    return params, soups


def make_kitchen() -> cogrid.CoGridEnv:
    """The cramped room, with what helps learning paid as a part of the reward."""
    paid = cogrid.make(KITCHEN).config["rewards"]
    floats = {"observation_dtype": "float32", "scale_observations": True}
    return cogrid.make(KITCHEN, backend="jax", rewards=[*paid, *HELP], **floats)


if __name__ == "__main__":
    settings = Settings()
    params, soups = jax.jit(lambda key: train(make_kitchen(), key, settings))(jax.random.key(0))
    for first in range(0, settings.n_updates, 10):
        n_steps = (first + 10) * settings.n_envs * settings.n_steps
        print(f"{n_steps:>9,} steps: {400 * float(soups[first : first + 10].mean()):.2f} soups in 400 steps")

"""Human proxies: networks that imitate the people of the trials that come with the library (behaviour cloning).

The 37 trials of 2019 are about half of those that were published, so these proxies have seen half as much play as the
original's, and are not the same models. People are divided into two halves, and no pair is in both: agents that are
trained with a proxy of one half are judged with one of the other.

Source: the recipe of Carroll et al. (2019), arXiv 1910.05789: the hand-made featurisation, two dense layers of 64,
cross entropy, Adam at 1e-3, 100 epochs in batches of 64, and a stuck agent takes another action (`unsticking`).
Differs: features are divided by their bounds.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from cogrid.envs.overcooked_ai.human_trials import HumanTrial, layouts_of_2019, load_trial, trial_names
from cogrid.envs.overcooked_ai.layouts import kitchens
from cogrid.errors import ConfigError, check_integer, did_you_mean
from cogrid.learning.networks import Network, Params, network_for
from cogrid.learning.policy_file import save_policy
from cogrid.learning.tensor_file import missing_extra
from cogrid.learning.unsticking import Unsticking
from cogrid.learning.world import World

FEATURES = ("overcooked_ai_features",)

HALVES: tuple[frozenset[int], frozenset[int]] = (
    frozenset({0, 1, 2, 6, 7, 9, 10, 12, 14}),
    frozenset({3, 4, 5, 8, 11, 13, 15, 16}),
)
"""The pairs of people of each half, divided so that each kitchen's steps are divided as evenly as can be."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cloning:
    """Whom to imitate, and how.

    Attributes:
      layout: the original's name of the kitchen, one of `layouts_of_2019()`.
      half: 0 or 1, which people.
      epochs: how often every step is gone over.
      batch_size: steps of a batch.
      learning_rate: of Adam.
      width: of the two layers.
      unstick_after: see `Unsticking`.
      seed: of the weights and of the order of the steps.
    """

    layout: str
    half: int = 0
    epochs: int = 100
    batch_size: int = 64
    learning_rate: float = 1e-3
    width: int = 64
    unstick_after: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        if self.layout not in layouts_of_2019():
            hint = did_you_mean(self.layout, layouts_of_2019())
            raise ConfigError(f"There are no trials of the kitchen {self.layout!r}. {hint}")
        if self.half not in (0, 1):
            raise ConfigError(f"half is 0 or 1, which half of the people, not {self.half!r}.")
        for name in ("epochs", "batch_size", "width", "unstick_after"):
            check_integer(name, getattr(self, name), 1)

    @property
    def world(self) -> World:
        """Where the proxy plays: the kitchen, under the rules of 2019."""
        settings = {"old_dynamics": True, "features": list(FEATURES)}
        return World(id=f"OvercookedAI-{kitchens()[self.layout].id_name}-V0", overrides=settings)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Clone:
    """What came out.

    Attributes:
      path: the policy's file.
      trials: the names of the trials that were learnt from.
      accuracy: how often the likeliest action is the person's, on these.
      accuracy_on_others: the same on the trials of the other half, whom it has never seen.
    """

    path: pathlib.Path
    trials: tuple[str, ...]
    accuracy: float
    accuracy_on_others: float


def trials_of(layout: str, half: int) -> list[HumanTrial]:
    """The trials of a kitchen by the people of a half."""
    names = [name for name in trial_names() if name.startswith(f"2019_{layout}.")]
    return [trial for trial in map(load_trial, names) if trial.pair in HALVES[half]]


def clone(cloning: Cloning, path: pathlib.Path) -> Clone:
    """Imitate people, and write the policy to a file.

    Args:
      cloning: whom, and how.
      path: the file.
    Returns:
      What came out.
    Raises:
      CheckpointError: when the file cannot be written; MissingDependencyError without the extra `cogrid[learn]`.
    """
    env = cloning.world.make()
    trials, others = trials_of(cloning.layout, cloning.half), trials_of(cloning.layout, 1 - cloning.half)
    obs, actions = pairs_of(trials)
    network = network_for(env.game, "mlp", cloning.width, len(env.tables.action_set))
    params = fit(network, obs, actions, cloning)
    unsticking = Unsticking.of_channels(env.observation_channels, cloning.unstick_after)
    accuracy, on_others = (accuracy_of(network, params, *pairs) for pairs in ((obs, actions), pairs_of(others)))
    names = tuple(trial.name for trial in trials)
    about = {
        "algorithm": "behaviour cloning",
        "trials": list(names),
        "accuracy": accuracy,
        "accuracy_on_others": on_others,
        "seed": cloning.seed,
        "unsticking": unsticking.to_json(),
    }
    grouped = jax.tree.map(lambda leaf: leaf[None], params)
    save_policy(path, world=cloning.world, env=env, network=network, params=grouped, about=about)
    return Clone(path=path, trials=names, accuracy=accuracy, accuracy_on_others=on_others)


def pairs_of(trials: Sequence[HumanTrial]) -> tuple[Shaped[np.ndarray, "N F"], Int[np.ndarray, "N"]]:
    """What people saw and did, of both agents of all trials."""
    seen = [trial.observations(FEATURES)[:-1] for trial in trials]
    done = [trial.arrays["actions"].astype(np.int32) for trial in trials]
    return np.concatenate(seen).reshape(-1, seen[0].shape[-1]), np.concatenate(done).reshape(-1)


def fit(network: Network, obs: Shaped[np.ndarray, "N F"], actions: Int[np.ndarray, "N"], cloning: Cloning) -> Params:
    """The parameters that make the people's actions likeliest."""
    try:
        import optax
    except ImportError as error:
        raise missing_extra("optax") from error
    optimizer = optax.adam(cloning.learning_rate)
    n_batches = max(1, len(obs) // cloning.batch_size)
    seen, done = jnp.asarray(obs), jnp.asarray(actions)

    def loss(params: Params, which: Int[Array, "M"]) -> Float[Array, ""]:
        chosen = jax.nn.log_softmax(logits_of(network, params, seen[which]))
        return -jnp.take_along_axis(chosen, done[which][:, None], axis=-1).mean()

    def step(carry: Any, which: Int[Array, "M"]) -> tuple[Any, None]:
        params, state = carry
        with jax.numpy_dtype_promotion("standard"):  # Adam raises a float to the power of an integer.
            updates, state = optimizer.update(jax.grad(loss)(params, which), state)
        return (optax.apply_updates(params, updates), state), None

    def epoch(carry: Any, key: Array) -> tuple[Any, None]:
        order = jax.random.permutation(key, len(seen))[: n_batches * cloning.batch_size]
        return jax.lax.scan(step, carry, order.reshape(n_batches, -1))[0], None

    first, *keys = jax.random.split(jax.random.key(cloning.seed), cloning.epochs + 1)
    params = network.init(first, 0.01)
    run = jax.jit(lambda params, keys: jax.lax.scan(epoch, (params, optimizer.init(params)), keys)[0][0])
    return run(params, jnp.stack(keys))


def logits_of(network: Network, params: Params, obs: Shaped[Array, "N F"]) -> Float[Array, "N n"]:
    """The network's outputs for observations that have nothing to do with each other."""
    is_first = jnp.ones((len(obs), 1), bool)
    return network.unroll(params, network.memory(len(obs)), obs[:, None], is_first)[0][:, 0]


def accuracy_of(
    network: Network, params: Params, obs: Shaped[np.ndarray, "N F"], actions: Int[np.ndarray, "N"]
) -> float:
    """How often the likeliest action is the one that was taken."""
    return float((logits_of(network, params, jnp.asarray(obs)).argmax(axis=-1) == actions).mean())

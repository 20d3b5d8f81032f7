"""Independent PPO (Schulman et al., 2017; de Witt et al., 2020): each agent learns from what it observes and is paid.

One call of `IPPO.update` plays every environment for a while, and learns from that. It is a pure function of a
`Runner`, compiled as a whole; `training.py` maps it over seeds, repeats it, and writes down what it returns.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from gymnasium.vector import AutoresetMode
from jaxtyping import Array, Float, Int, UInt

from cogrid.core.draws import Purpose, split_key, words
from cogrid.errors import ConfigError
from cogrid.game import Game
from cogrid.learning.advantages import advantages
from cogrid.learning.agent_networks import AgentNetworks, for_agents, typed
from cogrid.learning.networks import NOT_TAKEN, Network, Params, allowed, draw_actions, log_probability, network_for
from cogrid.learning.settings import AlgorithmSettings
from cogrid.policy import policy_key
from cogrid.vector.auto_reset import AutoReset, Progress, register_progress

CentralView = Callable[[Array], Array]
"""From all agents' observations, `[B, A, ...]`, to what the critic sees for each agent, `[B, A, ...]`."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PPOSettings(AlgorithmSettings):
    """The settings of PPO; those that all algorithms have are in `AlgorithmSettings`.

    Attributes:
      entropy: weight of the policy's entropy at the start.
      last_entropy: the same at the end; in between it changes in a straight line.
      clip: how far a probability may move in an update before it counts no more.
      value_weight: of the critic's error.
    """

    n_steps: int = 400
    n_epochs: int = 4
    n_minibatches: int = 16
    entropy: float = 0.05
    last_entropy: float = 0.0
    trace: float = 0.95
    clip: float = 0.2
    value_weight: float = 0.5
    max_gradient: float = 0.5


class Runner(NamedTuple):
    """Everything that a training run goes on from.

    Attributes:
      params: of the actor and the critic, each with an axis in front for the agents that do not share them.
      optimizer: its state.
      progress: where the environments are.
      obs: `[B, A, ...]`, what the agents observe now.
      memory: what the actor and the critic remember.
      key: `[2]` uint32, of the run.
      n_updates: `[]` int32, how many were made.
    """

    params: dict[str, Params]
    optimizer: Any
    progress: Progress
    obs: Array
    memory: dict[str, Any]
    key: UInt[Array, "2"]
    n_updates: Int[Array, ""]


class IPPO:
    """Independent PPO on one game."""

    Settings = PPOSettings
    is_greedy = False

    def __init__(self, game: Game, settings: PPOSettings, n_updates: int, central: CentralView | None = None) -> None:
        """Make ready.

        Args:
          game: what is played.
          settings: how it learns.
          n_updates: how many updates the whole training has: the schedules end with it.
          central: what the critic sees instead of each agent's own observation.
        Raises:
          ConfigError: for a number of minibatches that does not divide what is played.
        """
        register_progress()
        self.settings: PPOSettings = settings
        self.n_updates: int = n_updates
        self.central: CentralView | None = central
        self.functions: AutoReset = AutoReset(game, AutoresetMode.SAME_STEP)
        self.n_agents: int = game.tables.n_agents
        self.takes_all: bool = game.tables.rules.takes is None
        n_seen, kind = 1 if central is None else self.n_agents, (settings.network, settings.width)
        self.actor: Network = network_for(game, *kind, len(game.tables.action_set))
        self.actors: AgentNetworks = AgentNetworks(self.actor, self.n_agents, settings.share_parameters)
        critic = network_for(game, *kind, 1, n_seen)
        self.critics: AgentNetworks = AgentNetworks(critic, self.n_agents, settings.share_parameters)
        n_rows = self.actors.n_rows(settings.n_envs) * (1 if self.actor.has_memory else settings.n_steps)
        if n_rows % settings.n_minibatches:
            raise ConfigError(f"n_minibatches is {settings.n_minibatches}, which does not divide {n_rows} rows.")
        n_parts = n_updates * settings.n_epochs * settings.n_minibatches
        rate = optax.linear_schedule(settings.learning_rate, 0.0, n_parts)
        self.optimizer: Any = optax.chain(optax.clip_by_global_norm(settings.max_gradient), optax.adam(rate, eps=1e-5))

    def start(self, key: UInt[Array, "2"]) -> Runner:
        """The beginning of a run.

        Args:
          key: raw; one key, one run.
        """
        own, actor_key, critic_key, env_key = split_key(key, 4)
        params = {"actor": self.actors.init(actor_key, 0.01), "critic": self.critics.init(critic_key, 1.0)}
        n_envs = self.settings.n_envs
        progress, obs = self.functions.start(split_key(env_key, n_envs))
        memory = {"actor": self.actors.memory(n_envs), "critic": self.critics.memory(n_envs)}
        return Runner(params, self.optimizer.init(params), progress, obs, memory, own, jnp.zeros((), jnp.int32))

    def actor_params(self, runner: Runner) -> Params:
        """The parameters of the network that plays."""
        return runner.params["actor"]

    def update(self, runner: Runner) -> tuple[Runner, dict[str, Array]]:
        """Play, and learn from it.

        Returns:
          The runner to go on from, and what there is to log: a number each.
        """
        elapsed, memory = runner.n_updates.astype(jnp.float32) / self.n_updates, runner.memory
        runner, played = jax.lax.scan(self._step, runner, None, self.settings.n_steps)
        played |= self._targets(runner, played, elapsed)
        params, optimizer, losses = self._learn(runner, memory, played, elapsed)
        report = {**mean_return(played), **losses}
        return runner._replace(params=params, optimizer=optimizer, n_updates=runner.n_updates + 1), report

    def _step(self, runner: Runner, _: None) -> tuple[Runner, dict[str, Array]]:
        """One step of every environment, and what is kept of it."""
        obs, before = runner.obs, runner.progress.state
        is_first = before.time == 0
        logits, actor_memory = self.actors.now(runner.params["actor"], runner.memory["actor"], obs, is_first)
        logits = allowed(logits, before)
        values, critic_memory = self._value(runner, obs, is_first)
        drawn = words(policy_key(before), Purpose.POLICY, jnp.zeros_like(before.time), self.n_agents)
        actions, others = self._beside(runner, draw_actions(logits, drawn))
        progress, made = self.functions.step(runner.progress, actions)
        memory = {"actor": actor_memory, "critic": critic_memory, **others}
        runner = runner._replace(progress=progress, obs=made.obs, memory=memory)
        kept = {
            "obs": obs,
            "is_first": for_agents(is_first, self.n_agents),
            "action": actions,
            "log_prob": log_probability(logits, actions),
            "value": values,
            "cut_value": self._value_where_cut(runner, made.final_obs, made.done),
            "reward": made.reward,
            "shaped_reward": jnp.zeros_like(made.reward) if made.shaped_reward is None else made.shaped_reward,
            "terminated": made.terminated,
            "done": for_agents(made.done, self.n_agents),
            "alive": ~before.terminated,
            "ended": made.has_ended,
            "episode_return": made.episode_return,
        }
        return runner, kept if self.takes_all else {**kept, "mask": before.action_mask}

    def _beside(self, runner: Runner, actions: Int[Array, "B A"]) -> tuple[Int[Array, "B A"], dict[str, Any]]:
        """What agents do, where others than the learner play too, and what those remember: here nobody does."""
        return actions, {}

    def _value_where_cut(self, runner: Runner, final_obs: Array, done: Array) -> Float[Array, "B A"]:
        """The value of the last observation where an episode ended; 0 elsewhere, where the next step's is the same."""

        def look(obs: Array) -> Array:
            return self._value(runner, obs, jnp.zeros_like(done))[0]

        return jax.lax.cond(done.any(), look, lambda obs: jnp.zeros(obs.shape[:2], jnp.float32), final_obs)

    def _targets(self, runner: Runner, played: dict[str, Array], elapsed: Array) -> dict[str, Array]:
        """The advantages, and what the critic should have said."""
        shaping = jnp.float32(0) if not self.settings.shaping else jnp.maximum(0.0, 1 - elapsed / self.settings.shaping)
        after = self._value(runner, runner.obs, runner.progress.state.time == 0)[0]
        following = jnp.concatenate([played["value"][1:], after[None]])
        found = advantages(
            played["reward"] + shaping * played["shaped_reward"],
            played["value"],
            jnp.where(played["done"], played["cut_value"], following),
            played["terminated"],
            played["done"],
            self.settings.discount,
            self.settings.trace,
        )
        return {"advantage": found, "target": found + played["value"]}

    def _learn(
        self, runner: Runner, memory: dict[str, Any], played: dict[str, Array], elapsed: Array
    ) -> tuple[Any, Any, dict[str, Array]]:
        """Epochs of minibatches; the parameters, the optimiser's state and the mean losses."""
        names = ("obs", "is_first", "action", "log_prob", "advantage", "target", "alive", "mask")
        rows = {name: self.actors.rows(played[name]) for name in names if name in played}
        if self.central is not None:
            rows["seen"] = self.critics.rows(jax.vmap(self.central)(played["obs"]))
        if self.actor.has_memory:
            rows |= {"actor_memory": memory["actor"], "critic_memory": memory["critic"]}
        n_rows, n_parts = len(rows["obs"]), self.settings.n_minibatches
        start, end = self.settings.entropy, self.settings.last_entropy
        entropy_weight = start + (end - start) * elapsed

        def epoch(learned: tuple[Any, Any], key: Array) -> tuple[tuple[Any, Any], dict[str, Array]]:
            order = jax.random.permutation(key, n_rows).reshape(n_parts, -1)
            return jax.lax.scan(part, learned, order)

        def part(learned: tuple[Any, Any], chosen: Array) -> tuple[tuple[Any, Any], dict[str, Array]]:
            params, optimizer = learned
            batch = {name: jnp.take(values, chosen, axis=0) for name, values in rows.items()}
            gradient, losses = jax.grad(self._loss, has_aux=True)(params, batch, entropy_weight)
            with jax.numpy_dtype_promotion("standard"):  # Adam raises a float to the power of an integer.
                changes, optimizer = self.optimizer.update(gradient, optimizer, params)
            return (optax.apply_updates(params, changes), optimizer), losses

        keys = jax.random.split(jax.random.fold_in(typed(runner.key), runner.n_updates), self.settings.n_epochs)
        (params, optimizer), losses = jax.lax.scan(epoch, (runner.params, runner.optimizer), keys)
        return params, optimizer, {name: loss.mean() for name, loss in losses.items()}

    def _loss(
        self, params: dict[str, Params], batch: dict[str, Array], entropy_weight: Array
    ) -> tuple[Array, dict[str, Array]]:
        """PPO's loss on rows `[N, T, G, ...]`; agents whose episode was over before a step do not count there."""
        obs, clip = batch["obs"], self.settings.clip
        logits = self.actors.unroll(params["actor"], batch.get("actor_memory"), obs, batch["is_first"])[0]
        logits = logits if self.takes_all else jnp.where(batch["mask"], logits, NOT_TAKEN)
        seen = batch.get("seen", obs)
        values = self.critics.unroll(params["critic"], batch.get("critic_memory"), seen, batch["is_first"])[0][..., 0]
        weight = batch["alive"].astype(jnp.float32)
        weight = weight / jnp.maximum(weight.sum(), 1.0)
        mean = (weight * batch["advantage"]).sum()
        deviation = jnp.sqrt((weight * (batch["advantage"] - mean) ** 2).sum())
        advantage = (batch["advantage"] - mean) / (deviation + 1e-8)
        ratio = jnp.exp(log_probability(logits, batch["action"]) - batch["log_prob"])
        gain = jnp.minimum(ratio * advantage, jnp.clip(ratio, 1 - clip, 1 + clip) * advantage)
        error = (values - batch["target"]) ** 2
        entropy = -(jax.nn.softmax(logits) * jax.nn.log_softmax(logits)).sum(axis=-1)
        terms = {
            "policy_loss": -(weight * gain).sum(),
            "value_loss": 0.5 * (weight * error).sum(),
            "entropy": (weight * entropy).sum(),
            "clipped": jnp.where(jnp.abs(ratio - 1) > clip, weight, 0.0).sum(),
        }
        loss = terms["policy_loss"] + self.settings.value_weight * terms["value_loss"]
        return loss - entropy_weight * terms["entropy"], terms

    def _value(self, runner: Runner, obs: Array, is_first: Array) -> tuple[Float[Array, "B A"], Array]:
        """What the critic says of observations `[B, A, ...]`, and what it remembers."""
        seen = obs if self.central is None else self.central(obs)
        values, memory = self.critics.now(runner.params["critic"], runner.memory["critic"], seen, is_first)
        return values[..., 0], memory


def mean_return(played: dict[str, Array]) -> dict[str, Array]:
    """The mean return of the episodes that ended, over them and their agents (NaN if none did), and how many did."""
    n_ended = played["ended"].sum()
    finished = jnp.where(played["ended"][..., None], played["episode_return"], 0.0).mean(axis=-1).sum()
    return {"return": finished / n_ended.astype(jnp.float32), "episodes": n_ended}

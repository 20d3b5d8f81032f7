"""VDN (Sunehag et al., 2018) by parallel Q-learning (Gallici et al., 2024): the team's value is the sum of its agents'.

Many environments at once stand in for a memory of old steps, and returns over several steps for a second, slower
network. Only the team's reward is learnt from: the mean of what its agents are paid. One call of `VDN.update` is a pure
function of a `Runner`, as in `ippo.py`.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
from gymnasium.vector import AutoresetMode
from jaxtyping import Array, Bool, Float, Int, UInt

from cogrid.core.draws import Purpose, split_key, words
from cogrid.errors import ConfigError
from cogrid.game import Game
from cogrid.learning.advantages import advantages
from cogrid.learning.agent_networks import AgentNetworks, for_agents, typed
from cogrid.learning.ippo import Runner, mean_return
from cogrid.learning.networks import Network, Params, allowed, network_for
from cogrid.learning.settings import AlgorithmSettings
from cogrid.policy import policy_key
from cogrid.vector.auto_reset import AutoReset, register_progress


@dataclasses.dataclass(frozen=True, kw_only=True)
class VDNSettings(AlgorithmSettings):
    """The settings of VDN; those that all algorithms have are in `AlgorithmSettings`.

    Attributes:
      last_exploration: the share of random actions at the end; it begins at 1.
      exploration: the part of the training in which that share falls, 0..1.
    """

    n_steps: int = 50
    n_epochs: int = 2
    n_minibatches: int = 8
    exploration: float = 0.5
    last_exploration: float = 0.02
    trace: float = 0.9
    max_gradient: float = 1.0

    shares: ClassVar[tuple[str, ...]] = (*AlgorithmSettings.shares, "exploration", "last_exploration")


class VDN:
    """Q-learning of a team on one game."""

    Settings = VDNSettings
    is_greedy = True
    """What a policy does with the network's outputs: it takes the action of the highest."""

    def __init__(self, game: Game, settings: VDNSettings, n_updates: int) -> None:
        """Make ready.

        Args:
          game: what is played.
          settings: how it learns.
          n_updates: how many updates the whole training has: the schedules end with it.
        Raises:
          ConfigError: for a number of minibatches that does not divide what is played.
        """
        register_progress()
        self.settings: VDNSettings = settings
        self.n_updates: int = n_updates
        self.functions: AutoReset = AutoReset(game, AutoresetMode.SAME_STEP)
        self.n_agents: int = game.tables.n_agents
        self.n_actions: int = len(game.tables.action_set)
        self.actor: Network = network_for(game, settings.network, settings.width, self.n_actions)
        self.actors: AgentNetworks = AgentNetworks(self.actor, self.n_agents, settings.share_parameters)
        n_rows = settings.n_envs * (1 if self.actor.has_memory else settings.n_steps)
        if n_rows % settings.n_minibatches:
            raise ConfigError(f"n_minibatches is {settings.n_minibatches}, which does not divide {n_rows} rows.")
        rate = optax.linear_schedule(
            settings.learning_rate, 0.0, n_updates * settings.n_epochs * settings.n_minibatches
        )
        self.optimizer: Any = optax.chain(optax.clip_by_global_norm(settings.max_gradient), optax.adam(rate, eps=1e-5))

    def start(self, key: UInt[Array, "2"]) -> Runner:
        """The beginning of a run.

        Args:
          key: raw; one key, one run.
        """
        own, actor_key, env_key = split_key(key, 3)
        params = {"actor": self.actors.init(actor_key, 1.0)}
        progress, obs = self.functions.start(split_key(env_key, self.settings.n_envs))
        memory = {"actor": self.actors.memory(self.settings.n_envs)}
        return Runner(params, self.optimizer.init(params), progress, obs, memory, own, jnp.zeros((), jnp.int32))

    def actor_params(self, runner: Runner) -> Params:
        """The parameters of the network that plays."""
        return runner.params["actor"]

    def update(self, runner: Runner) -> tuple[Runner, dict[str, Array]]:
        """Play, and learn from it.

        Returns:
          The runner to go on from, and what there is to log: a number each.
        """
        elapsed = runner.n_updates.astype(jnp.float32) / self.n_updates
        memory = runner.memory["actor"]
        share = _falling(1.0, self.settings.last_exploration, self.settings.exploration, elapsed)
        runner, played = jax.lax.scan(lambda runner, _: self._step(runner, share), runner, None, self.settings.n_steps)
        target = self._targets(runner, played, elapsed)
        params, optimizer, error = self._learn(runner, memory, played, target)
        report = {**mean_return(played), "error": error, "exploration": share, "value": played["value"].mean()}
        return runner._replace(params=params, optimizer=optimizer, n_updates=runner.n_updates + 1), report

    def _step(self, runner: Runner, share: Float[Array, ""]) -> tuple[Runner, dict[str, Array]]:
        """One step of every environment, and what is kept of it."""
        obs, before = runner.obs, runner.progress.state
        is_first, alive = before.time == 0, ~before.terminated
        values, memory = self.actors.now(runner.params["actor"], runner.memory["actor"], obs, is_first)
        values = allowed(values, before)
        drawn = words(policy_key(before), Purpose.POLICY, jnp.zeros_like(before.time), 2 * self.n_agents)
        actions = self._explore(values, drawn, share)
        progress, made = self.functions.step(runner.progress, actions)
        runner = runner._replace(progress=progress, obs=made.obs, memory={"actor": memory})
        shaped = jnp.zeros_like(made.reward) if made.shaped_reward is None else made.shaped_reward
        kept = {
            "obs": obs,
            "is_first": for_agents(is_first, self.n_agents),
            "action": actions,
            "value": _team(values.max(axis=-1), alive),
            "cut_value": self._value_where_cut(runner, made.final_obs, made.done, ~made.terminated),
            "reward": made.reward.mean(axis=-1),
            "shaped_reward": shaped.mean(axis=-1),
            "terminated": made.terminated.all(axis=-1),
            "done": made.done,
            "alive": alive,
            "ended": made.has_ended,
            "episode_return": made.episode_return,
        }
        return runner, kept

    def _explore(self, values: Float[Array, "B A n"], drawn: UInt[Array, "B W"], share: Array) -> Int[Array, "B A"]:
        """The action of the highest value, or now and then any."""
        chance = (drawn[:, : self.n_agents] >> 8).astype(jnp.float32) * jnp.float32(2**-24)
        at_random = (drawn[:, self.n_agents :] % np.uint32(self.n_actions)).astype(jnp.int32)
        return jnp.where(chance < share, at_random, values.argmax(axis=-1).astype(jnp.int32))

    def _value_where_cut(self, runner: Runner, final_obs: Array, done: Array, alive: Array) -> Float[Array, "B"]:
        """The team's value of the last observation where an episode ended; 0 elsewhere."""

        def look(obs: Array) -> Array:
            return self._team_value(runner, obs, jnp.zeros_like(done), alive)

        return jax.lax.cond(done.any(), look, lambda obs: jnp.zeros(len(obs), jnp.float32), final_obs)

    def _team_value(self, runner: Runner, obs: Array, is_first: Array, alive: Array) -> Float[Array, "B"]:
        values = self.actors.now(runner.params["actor"], runner.memory["actor"], obs, is_first)[0]
        return _team(values.max(axis=-1), alive)

    def _targets(self, runner: Runner, played: dict[str, Array], elapsed: Array) -> Float[Array, "T B"]:
        """What the team's value should have been: the return, mixed over its lengths by the trace."""
        state = runner.progress.state
        after = self._team_value(runner, runner.obs, state.time == 0, ~state.terminated)
        following = jnp.concatenate([played["value"][1:], after[None]])
        shaping = _falling(1.0, 0.0, self.settings.shaping, elapsed)
        found = advantages(
            played["reward"] + shaping * played["shaped_reward"],
            played["value"],
            jnp.where(played["done"], played["cut_value"], following),
            played["terminated"],
            played["done"],
            self.settings.discount,
            self.settings.trace,
        )
        return found + played["value"]

    def _learn(
        self, runner: Runner, memory: Array, played: dict[str, Array], target: Array
    ) -> tuple[Any, Any, Float[Array, ""]]:
        """Epochs of minibatches; the parameters, the optimiser's state and the mean error."""
        rows = {name: self._rows(played[name]) for name in ("obs", "is_first", "action", "alive")}
        rows["target"] = self._rows(target)
        if self.actor.has_memory:
            rows["memory"] = memory.reshape(self.settings.n_envs, self.n_agents, -1)
        n_rows, n_parts = len(rows["obs"]), self.settings.n_minibatches

        def epoch(learned: tuple[Any, Any], key: Array) -> tuple[tuple[Any, Any], Array]:
            return jax.lax.scan(part, learned, jax.random.permutation(key, n_rows).reshape(n_parts, -1))

        def part(learned: tuple[Any, Any], chosen: Array) -> tuple[tuple[Any, Any], Array]:
            params, optimizer = learned
            batch = {name: jnp.take(values, chosen, axis=0) for name, values in rows.items()}
            error, gradient = jax.value_and_grad(self._loss)(params, batch)
            with jax.numpy_dtype_promotion("standard"):  # Adam raises a float to the power of an integer.
                changes, optimizer = self.optimizer.update(gradient, optimizer, params)
            return (optax.apply_updates(params, changes), optimizer), error

        keys = jax.random.split(jax.random.fold_in(typed(runner.key), runner.n_updates), self.settings.n_epochs)
        (params, optimizer), errors = jax.lax.scan(epoch, (runner.params, runner.optimizer), keys)
        return params, optimizer, errors.mean()

    def _loss(self, params: dict[str, Params], batch: dict[str, Array]) -> Float[Array, ""]:
        """The squared error of the team's value, the sum over the agents whose episode goes on."""
        n_rows, n_steps = batch["target"].shape
        memory = batch.get("memory")
        if self.settings.share_parameters:  # Agents are rows of their own.
            obs, is_first = (jnp.moveaxis(batch[name], 2, 1) for name in ("obs", "is_first"))
            obs = obs.reshape(n_rows * self.n_agents, n_steps, 1, *obs.shape[3:])
            is_first = is_first.reshape(n_rows * self.n_agents, n_steps, 1)
            memory = None if memory is None else memory.reshape(n_rows * self.n_agents, 1, -1)
            values = self.actors.unroll(params["actor"], memory, obs, is_first)[0]
            values = jnp.moveaxis(values.reshape(n_rows, self.n_agents, n_steps, -1), 1, 2)
        else:
            values = self.actors.unroll(params["actor"], memory, batch["obs"], batch["is_first"])[0]
        chosen = jnp.take_along_axis(values, batch["action"][..., None], axis=-1)[..., 0]
        return ((_team(chosen, batch["alive"]) - batch["target"]) ** 2).mean()

    def _rows(self, values: Array) -> Array:
        """`[T, B, ...]` as rows `[N, T, ...]`: without memory each step is a row of its own, and T is 1."""
        return values.swapaxes(0, 1) if self.actor.has_memory else values.reshape(-1, 1, *values.shape[2:])


def _team(values: Float[Array, "*B A"], alive: Bool[Array, "*B A"]) -> Float[Array, "*B"]:
    """The team's value: the sum over the agents whose episode goes on."""
    return jnp.where(alive, values, jnp.float32(0)).sum(axis=-1)


def _falling(start: float, end: float, part: float, elapsed: Float[Array, ""]) -> Float[Array, ""]:
    """A number that goes from start to end in a straight line while a part of the training passes."""
    return start + (end - start) * jnp.minimum(1.0, elapsed / part if part else 1.0)

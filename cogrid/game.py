"""`Game`: what is made once from an environment's settings, and its pure reset and step on arrays."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from jaxtyping import Bool, Float, Int, Integer, Shaped

from cogrid.backend.env_state import EnvState, register_pytree
from cogrid.backend.namespaces import Array, is_numpy
from cogrid.core.config import EnvConfig
from cogrid.core.hook_check import check_played
from cogrid.core.jax_step import advance, is_done, jax_reset
from cogrid.core.layout_set import read_layouts
from cogrid.core.reward import TotalReward, read_rewards
from cogrid.core.tables import Tables, WorldSettings, get_tables
from cogrid.errors import ConfigError, LayoutError
from cogrid.feature_space import Observation
from cogrid.game_arrays import GameArrays, game_arrays


class StepResult(NamedTuple):
    """What a step gives, in every engine and adapter.

    Attributes:
      state: the state to go on from; None from an engine that keeps it.
      obs: `[*B, A, ...]`, observations of it.
      reward: `[*B, A]` float32.
      shaped_reward: `[*B, A]` float32, what the setting `shaped_rewards` adds for learning and the environment does not
        pay; None where it is not given.
      terminated: `[*B, A]` bool, whose episode has ended by the rules.
      truncated: `[*B, A]` bool, whose episode the clock has ended.
      done: `[*B]` bool, where the episode is over.
      final_obs: `[*B, A, ...]`, observations before any reset in this step: the true last ones where done. This and
        what follows is None where nothing is reset.
      episode_return: `[*B, A]` float32, reward of the episode up to this step.
      episode_length: `[*B]` int32, steps of the episode up to this one.
      has_ended: `[*B]` bool, where this step has ended an episode.
      last_obs: `[*B, A, ...]`, in a rollout what the policy saw before the step.
      action: `[*B, A]` integer, in a rollout what the policy did.
    """

    state: Any
    obs: Shaped[Array, "..."]
    reward: Float[Array, "*B A"]
    shaped_reward: Float[Array, "*B A"] | None
    terminated: Bool[Array, "*B A"]
    truncated: Bool[Array, "*B A"]
    done: Bool[Array, "*B"]
    final_obs: Any = None
    episode_return: Any = None
    episode_length: Any = None
    has_ended: Any = None
    last_obs: Any = None
    action: Any = None


@dataclasses.dataclass(frozen=True)
class Game:
    """A world with what its agents observe and are paid; equal games share what JAX compiles.

    `reset` and `advance` are pure functions on states: batched or not, on NumPy arrays and on JAX arrays, whichever
    they are given, inside `jit` and `vmap` too.

    Attributes:
      tables: the compiled world.
      observation: what agents observe, a function of a state.
      reward: what agents are paid, a function of the previous state, the state and the actions.
      shaped_reward: what the setting `shaped_rewards` adds for learning, likewise; None where it is not given.
      check: whether what hooks and features make of NumPy states is checked after each reset and step.
    """

    tables: Tables
    observation: Observation
    reward: TotalReward
    shaped_reward: TotalReward | None = None
    check: bool = False

    @classmethod
    def of(cls, given: Any) -> Game:
        """The game of an environment, or of settings.

        Args:
          given: a game, anything that has one as `game` (every environment has), an `EnvConfig`, or a mapping of
            settings.
        Raises:
          ConfigError: for a setting or a name that does not exist; LayoutError for a bad layout; RuleError for rules
            that cannot be compiled.
        """
        if not isinstance(given, (EnvConfig, Mapping)):
            game = getattr(given, "game", given)
            if not isinstance(game, Game):
                raise ConfigError(f"A game is made from an environment, or from an EnvConfig, not from {given!r}.")
            return game
        config = EnvConfig.of(given)
        tables = _build_tables(config)
        rewards, shaped_rewards = read_rewards(config.rewards), read_rewards(config.shaped_rewards)
        for part in (*rewards, *shaped_rewards):
            part.check(tables)
        shaped_reward = TotalReward(shaped_rewards) if shaped_rewards else None
        is_float = config.observation_dtype is not None
        observation = Observation.of(config.features, config.max_map_size, is_float, config.scale_observations)
        return cls(tables, observation, TotalReward(rewards), shaped_reward, config.check)

    def reset(self, key: Array, layout_idx: Integer[Array, "*L"] | None = None) -> tuple[EnvState, Array]:
        """Start an episode.

        Args:
          key: a threefry key, typed or raw (`[*B, 2]` uint32).
          layout_idx: integer, `[*B]` or one for all: in a world that plays a set of layouts, the layout to play; drawn
            if left out.
        Returns:
          The first state, and its observations `[*B, A, ...]`.
        Raises:
          SeedError: before tracing, for a key of another generator, shape or dtype.
        """
        state, obs = jax_reset(key, self.tables, self.observation, layout_idx)
        self.check_state(state)
        return state, obs

    def advance(self, state: EnvState, actions: Int[Array, "*B A"]) -> StepResult:
        """Make one step; nothing is reset, and a state whose episode is over plays on.

        Args:
          state: the state before.
          actions: `[*B, A]` integer. A number that is no action counts as Noop.
        Raises:
          ActionError: before tracing, for actions of another shape or dtype.
        """
        after, reward, shaped_reward = self.play(state, actions)
        self.check_state(after)
        obs = self.observation(after)
        return StepResult(after, obs, reward, shaped_reward, after.terminated, after.truncated, is_done(after))

    def play(
        self, state: EnvState, actions: Int[Array, "*B A"]
    ) -> tuple[EnvState, Float[Array, "*B A"], Float[Array, "*B A"] | None]:
        """Make one step without observing: the state after it, the reward and the shaped reward."""
        after, actions = advance(state, actions)
        reward = self.reward(state, after, actions)
        return after, reward, None if self.shaped_reward is None else self.shaped_reward(state, after, actions)

    def to_arrays(self) -> GameArrays:
        """The compiled game as data, for engines that are not written in Python.

        Returns:
          A header that JSON can hold, with its `version`, sizes, names and which array each part reads; and the arrays
          by name, flat. What only an array function says (a hook, a guard, an `ArrayFeature`, an `ArrayReward`) is
          named in `header["functions"]`: a game can be played from the arrays alone where that is empty.
        """
        return game_arrays(self.tables, self.observation, self.reward, self.shaped_reward)

    def check_state(self, state: EnvState) -> None:
        """Check a state that was just reached, if `check` is set and it holds NumPy arrays.

        Raises:
          RuleError: for a state that a hook has made and that this world can never be in.
          ConfigError: for a feature that shows what it does not declare.
        """
        if self.check and is_numpy(state.cells):
            check_played(state)
            self.observation.check(state)


@functools.lru_cache(maxsize=256)
def jitted_advance(game: Game) -> Callable[[EnvState, Array], StepResult]:
    """`Game.advance`, compiled for JAX at its first call; the same function for equal games."""
    import jax

    register_pytree()
    return jax.jit(game.advance)


def _build_tables(config: EnvConfig) -> Tables:
    layout = read_layouts(config.layout, config.rules)
    first = layout[0] if isinstance(layout, tuple) else layout
    if config.num_agents > first.height * first.width:
        raise LayoutError(
            f"{config.num_agents} agents cannot stand in {first.height} x {first.width} cells: set num_agents to fewer."
        )
    settings = WorldSettings(
        rules=config.rules,
        layout=layout,
        n_agents=config.num_agents,
        action_set=config.rules.choose_action_set(config.action_set),
        max_steps=config.max_steps,
    )
    return get_tables(settings)

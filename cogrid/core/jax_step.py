"""One step and one reset, as pure functions on states: for NumPy and for JAX, for one world and for a batch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped, UInt

from cogrid.backend.array_ops import Array, all_of, at, lookup, loop, namespace, put
from cogrid.backend.env_state import STATE_NAMES, AgentColumns, EnvState, register_pytree
from cogrid.backend.threefry import raw_key
from cogrid.core.draws import Purpose, derived_key, words
from cogrid.core.interactions import enter_cells, process_interactions
from cogrid.core.movement import move_agents
from cogrid.core.tables import Tables

ObserveFn = Callable[[EnvState], Shaped[Array, "..."]]
RewardFn = Callable[[EnvState, EnvState, Int[Array, "*B A"]], Float[Array, "*B A"]]
StepResult = tuple[EnvState, Shaped[Array, "..."], Float[Array, "*B A"], Bool[Array, "*B"], dict[str, Any]]


def jax_step(state: EnvState, actions: Int[Array, "*B A"], observe: ObserveFn, reward: RewardFn) -> StepResult:
    """Make one step: tick, move, interact, clock, observation, reward.

    No auto-reset, and time going past `max_steps` changes nothing but `done`.

    Args:
      state: the state before.
      actions: `[*B, A]` integer. A number that is no action counts as Noop, so that a compiled step has one meaning for
        it.
      observe: state to observations.
      reward: previous state, state and actions to rewards.
    Returns:
      The new state; observations `[*B, A, ...]`; rewards `[*B, A]` float32; done `[*B]` bool; an empty dict.
    """
    after, actions = advance(state, actions)
    xp = namespace(after.cells)
    paid = xp.where(state.terminated, xp.asarray(0, dtype=np.float32), reward(state, after, actions))
    return after, observe(after), paid, is_done(after), {}


def advance(state: EnvState, actions: Int[Array, "*B A"]) -> tuple[EnvState, Int[Array, "*B A"]]:
    """Make one step of the world, without looking at it.

    Args:
      state: the state before.
      actions: `[*B, A]` integer.
    Returns:
      The new state, and the actions with Noop for every number that is no action and for terminated agents.
    """
    tables: Tables = state.tables
    xp = namespace(state.cells)
    n_actions, noop = len(tables.action_set), tables.action_set.noop
    is_meant = (actions >= 0) & (actions < n_actions) & ~state.terminated
    actions = xp.where(is_meant, actions, noop).astype(np.int32)
    fresh = state.unpack().replace(events=xp.zeros_like(actions))
    ticked = tick_cells(fresh)
    moved = move_agents(ticked, actions)
    entered = enter_cells(ticked, moved)
    acted = process_interactions(entered, actions).pack()
    return clock(run_step_hook(state, acted, actions)), actions


def tick_cells(state: EnvState) -> EnvState:
    """Let every cell do what it does by itself in one step."""
    tables = state.tables
    if tables.ticking_cells is None:
        return state.replace(cells=lookup(tables.tick, state.cells))
    cells = state.cells
    for cell in tables.ticking_cells:
        cells = put(cells, cell, lookup(tables.tick, at(state.cells, cell)))
    return state.replace(cells=cells)


def run_step_hook(prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"]) -> EnvState:
    """Run the rule set's step hook, if it has one, with a key of its own.

    Args:
      prev_state: the state before the step.
      state: the state after the last interaction, its clock not yet advanced.
      actions: `[*B, A]` int32.
    """
    hook = state.tables.settings.rules.step_hook
    if hook is None:
        return state
    return hook(prev_state, state, actions, derived_key(state.rng_key, Purpose.STEP_HOOK, state.time))


def clock(state: EnvState) -> EnvState:
    """Advance the clock by one step."""
    return state.replace(time=state.time + 1)


def is_done(state: EnvState) -> Bool[Array, "*B"]:
    """Whether the episode is over: time is up, or all agents have terminated.

    Returns:
      `[*B]` bool.
    """
    return state.is_time_up | all_of(state.terminated)


def jax_reset(key: Array, tables: Tables, observe: ObserveFn) -> tuple[EnvState, Shaped[Array, "..."]]:
    """Start an episode.

    Args:
      key: a threefry key, typed or raw (`[*B, 2]` uint32).
      tables: the world.
      observe: state to observations.
    Returns:
      The first state, and its observations `[*B, A, ...]`.
    Raises:
      SeedError: before tracing, for a key of another generator, shape or dtype.
    """
    state = start_state(raw_key(key), tables)
    return state, observe(state)


def start_state(key: UInt[Array, "*B 2"], tables: Tables) -> EnvState:
    """The first state of an episode.

    Agents with a mark start there; the others on distinct free cells, each free cell as likely as any other. Directions
    and the world value are drawn, unless the rules fix them.

    Args:
      key: `[*B, 2]` uint32, the episode's key.
      tables: the world.
    """
    xp = namespace(key)
    batch = key.shape[:-1]
    n_agents = tables.n_agents
    time = xp.zeros(batch, dtype=np.int32)
    direction = tables.settings.rules.start_direction
    if direction is None:
        agent_dir = (words(key, Purpose.START_DIRECTION, time, n_agents) >> 30).astype(np.int32)
    else:
        agent_dir = xp.full((*batch, n_agents), direction, dtype=np.int32)
    world = None
    if tables.settings.rules.world_values:
        word = words(key, Purpose.WORLD_VALUE, time, 1)[..., 0]
        world = (word % tables.n_world_values).astype(np.int32)
    columns = AgentColumns(
        agent_cell=_start_cells(key, tables),
        agent_dir=agent_dir,
        agent_value=_repeat(tables.start_values, key),
        terminated=xp.zeros((*batch, n_agents), dtype=np.bool_),
        events=xp.zeros((*batch, n_agents), dtype=np.int32),
    )
    return EnvState(
        cells=_repeat(tables.start_cells, key),
        agents=columns.pack(),
        rng_key=key,
        time=time,
        world=world,
        tables=tables,
    )


def _repeat(constant: Shaped[np.ndarray, "K"], key: UInt[Array, "*B 2"]) -> Shaped[Array, "*B K"]:
    xp = namespace(key)
    repeated = xp.broadcast_to(xp.asarray(constant), (*key.shape[:-1], constant.shape[0]))
    return repeated.copy() if xp is np else repeated


def _start_cells(key: UInt[Array, "*B 2"], tables: Tables) -> Int[Array, "*B A"]:
    fixed = np.array([-1 if cell is None else cell for cell in tables.fixed_starts], dtype=np.int32)
    places = _repeat(fixed, key)
    if not tables.drawn_agents:
        return places
    xp = namespace(key)
    drawn = words(key, Purpose.START_CELL, xp.zeros(key.shape[:-1], dtype=np.int32), len(tables.drawn_agents))
    agent_of = np.array(tables.drawn_agents, dtype=np.int32)
    cell_numbers = np.arange(tables.n_cells, dtype=np.int32)

    def place_one(turn: int | Int[Array, ""], carry: Any) -> Any:
        is_free, places = carry
        nth = xp.cumsum(is_free, axis=-1, dtype=np.int32)
        chosen = (drawn[..., turn] % nth[..., -1].astype(np.uint32)).astype(np.int32)
        is_chosen = is_free & (nth == chosen[..., None] + 1)
        cell = xp.sum(xp.where(is_chosen, xp.asarray(cell_numbers), 0), axis=-1, dtype=np.int32)
        return is_free & ~is_chosen, put(places, xp.asarray(agent_of)[turn], cell)

    _, places = loop(len(tables.drawn_agents), place_one, (_repeat(tables.is_free_at_start, key), places), like=key)
    return places


def envstate_to_dict(state: EnvState) -> dict[str, Any]:
    """A state as a plain dict of its arrays, by the names that `EnvState` reads as.

    Args:
      state: any state, batched or not.
    Returns:
      The arrays that every world has and those that this one declares, and the static sizes.
    """
    world = () if state.world is None else ("world",)
    names = (*STATE_NAMES, *world, *state.tables.derived_names, "n_agents", "height", "width", "action_set")
    return {name: getattr(state, name) for name in names}


@functools.lru_cache(maxsize=256)
def make_jitted_step(observe: ObserveFn, reward: RewardFn) -> Callable[[EnvState, Array], StepResult]:
    """Compile a step for JAX; the same compiled function for equal arguments.

    Args:
      observe: state to observations, hashable.
      reward: previous state, state and actions to rewards, hashable.
    Returns:
      `(state, actions) -> (state, obs, reward, done, info)`, jitted. Compiled at its first call.
    """
    import jax

    register_pytree()

    def step(state: EnvState, actions: Int[Array, "*B A"]) -> StepResult:
        return jax_step(state, actions, observe, reward)

    return jax.jit(step)


@functools.lru_cache(maxsize=256)
def make_jitted_reset(tables: Tables, observe: ObserveFn) -> Callable[[Array], tuple[EnvState, Any]]:
    """Compile a reset for JAX; the same compiled function for equal arguments.

    Args:
      tables: the world.
      observe: state to observations, hashable.
    Returns:
      `key -> (state, obs)`, jitted. Compiled at its first call.
    """
    import jax

    register_pytree()

    def reset(key: Array) -> tuple[EnvState, Any]:
        return jax_reset(key, tables, observe)

    return jax.jit(reset)

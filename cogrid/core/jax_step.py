"""One step and one reset, as pure functions on states: for NumPy and for JAX, for one world and for a batch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int, Integer, Shaped, UInt

from cogrid.backend.array_ops import all_of, lookup
from cogrid.backend.env_state import STATE_NAMES, EnvState, Numbers, register_pytree
from cogrid.backend.meshes import on_any_mesh
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.threefry import raw_key
from cogrid.core.actions import check_actions
from cogrid.core.draw_tables import draw_at_reset, draw_on_events
from cogrid.core.draws import Purpose, derived_key, words
from cogrid.core.interactions import enter_cells, process_interactions, stand_on_cells
from cogrid.core.movement import move_agents
from cogrid.core.plain_state import PlainState
from cogrid.core.roaming import roam
from cogrid.core.starts import draw_layout, draw_start_cells, repeat, rows_of_layout
from cogrid.core.tables import Tables
from cogrid.core.ticks import tick_agents, tick_cells
from cogrid.errors import LayoutError, StateError

ObserveFn = Callable[[EnvState], Shaped[Array, "..."]]
RewardFn = Callable[[EnvState, EnvState, Int[Array, "*B A"]], Float[Array, "*B A"]]
StepTuple = tuple[EnvState, Array, Array, Array, dict[str, Any]]
"""State, observations, rewards, done, info: what `jax_step` returns."""


def jax_step(
    state: EnvState, actions: Int[Array, "*B A"], observe: ObserveFn, reward: RewardFn
) -> tuple[EnvState, Shaped[Array, "..."], Float[Array, "*B A"], Bool[Array, "*B"], dict[str, Any]]:
    """Make one step: tick, move and interact in the rule set's order, then clock, observation, reward.

    No auto-reset, and time going past `max_steps` changes nothing but `done`.

    Args:
      state: the state before.
      actions: `[*B, A]` integer. A number that is not an action counts as Noop, so that a compiled
        step gives one result for it.
      observe: state to observations.
      reward: previous state, state and actions to rewards, such as a `TotalReward`.
    Returns:
      The new state; observations `[*B, A, ...]`; rewards `[*B, A]` float32; done `[*B]` bool; an empty dict.
    Raises:
      ActionError: before tracing, for actions of another shape or dtype.
    """
    after, actions = advance(state, actions)
    return after, observe(after), reward(state, after, actions), is_done(after), {}


def advance(state: EnvState, actions: Int[Array, "*B A"]) -> tuple[EnvState, Int[Array, "*B A"]]:
    """Make one step of the world, without looking at it.

    Args:
      state: the state before.
      actions: `[*B, A]` integer.
    Returns:
      The new state, and the actions with Noop for every number that is not an action, for what an agent does not take,
      and for terminated agents.
    Raises:
      StateError, ActionError: before tracing, for anything but a state, and for actions of another shape or dtype.
    """
    if not isinstance(state, EnvState):
        raise StateError(f"A step takes a state, as a reset returns it, and then the actions, not {type(state)} first.")
    check_actions(actions, (*state.cells.shape[:-1], state.n_agents))
    return on_any_mesh(_advance, state, actions, like=state.cells)


def _advance(state: EnvState, actions: Int[Array, "*B A"]) -> tuple[EnvState, Int[Array, "*B A"]]:
    tables: Tables = state.tables
    xp = namespace(state.cells)
    n_actions, noop = len(tables.action_set), tables.action_set.noop
    is_meant = (actions >= 0) & (actions < n_actions) & ~state.terminated
    actions = xp.where(is_meant, actions, noop).astype(np.int32)
    if tables.rules.takes is not None:
        is_taken = lookup(tables.rules.takes, state.agent_value * n_actions + actions)
        actions = xp.where(is_taken, actions, noop).astype(np.int32)
    fresh = state.with_changes(events=xp.zeros_like(actions))
    if state.amounts is not None:
        fresh = fresh.with_changes(amounts=xp.zeros_like(state.amounts))
    now = fresh
    for stage in tables.settings.rules.stages:
        now = _STAGES[stage](now, actions, fresh)
    return clock(run_step_hook(state, now, actions)), actions


def _tick(state: EnvState, actions: Int[Array, "*B A"], start: EnvState) -> EnvState:
    return roam(tick_agents(tick_cells(state)))


def _move(state: EnvState, actions: Int[Array, "*B A"], start: EnvState) -> EnvState:
    return stand_on_cells(enter_cells(state, move_agents(state, actions), start), start)


def _interact(state: EnvState, actions: Int[Array, "*B A"], start: EnvState) -> EnvState:
    return draw_on_events(process_interactions(state, actions, start))


_STAGES = {"tick": _tick, "move": _move, "interact": _interact}
"""`(state, actions, state at the start of the step) -> state`."""


def run_step_hook(
    prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"], key: UInt[Array, "*B 2"] | None = None
) -> EnvState:
    """Run the rule set's step hook, if it has one, with a key of its own.

    Args:
      prev_state: the state before the step.
      state: the state after the last stage, its clock not yet advanced.
      actions: `[*B, A]` int32.
      key: `[*B, 2]` uint32, the hook's key, if the caller has drawn it already.
    """
    hook = state.tables.settings.rules.step_hook
    if hook is None:
        return state
    if key is None:
        key = derived_key(state.rng_key, Purpose.STEP_HOOK, state.time)
    return hook(prev_state, state, actions, key)


def clock(state: EnvState) -> EnvState:
    """Advance the clock by one step."""
    return state.with_changes(time=state.time + 1)


def is_done(state: EnvState) -> Bool[Array, "*B"]:
    """Whether the episode is over: time is up, or all agents have terminated.

    Returns:
      `[*B]` bool.
    """
    return state.is_time_up | all_of(state.terminated)


def jax_reset(
    key: Array, tables: Tables, observe: ObserveFn, layout_idx: Integer[Array, "*L"] | None = None
) -> tuple[EnvState, Shaped[Array, "..."]]:
    """Start an episode.

    Args:
      key: a threefry key, typed or raw (`[*B, 2]` uint32).
      tables: the world.
      observe: state to observations.
      layout_idx: integer, `[*B]` or one for all: in a world that plays a set of layouts, the layout to play; drawn if
        left out.
    Returns:
      The first state, and its observations `[*B, A, ...]`.
    Raises:
      SeedError, LayoutError: before tracing, for a key of another generator, and for a key or layout_idx of another
        shape or dtype.
    """
    state = start_state(raw_key(key), tables, layout_idx)
    return state, observe(state)


def start_state(key: UInt[Array, "*B 2"], tables: Tables, layout_idx: Integer[Array, "*L"] | None = None) -> EnvState:
    """The first state of an episode.

    Agents with a mark start there; the others on distinct free cells, each free cell as likely as any other. Directions
    and the world value are drawn, unless the rules fix them; then the rule set's start hook runs, if it has one. All
    draws but that of the layout are the same whether the layout is played alone or as one of a set.

    Args:
      key: `[*B, 2]` uint32, the episode's key.
      tables: the world.
      layout_idx: integer, `[*B]` or one for all: in a world that plays a set of layouts, the layout to play (a number
        that is out of range counts modulo their number); drawn if left out.
    Returns:
      The state.
    """

    def start(key: UInt[Array, "*B 2"], layout_idx: Integer[Array, "*L"] | None) -> EnvState:
        state = drawn_start(key, tables, layout_idx)
        hook = tables.settings.rules.start_hook
        return state if hook is None else hook(state, derived_key(key, Purpose.START_HOOK, state.time))

    return on_any_mesh(start, key, layout_idx, like=key)


def drawn_start(key: UInt[Array, "*B 2"], tables: Tables, layout_idx: Integer[Array, "*L"] | None = None) -> EnvState:
    """The first state of an episode as it is before the start hook; arguments as in `start_state`."""
    starts, played = tables.map.starts, _played_layout(key, tables, layout_idx)
    state = EnvState(
        cells=rows_of_layout(starts.cells, played, key), numbers=_start_numbers(key, tables, played), tables=tables
    )
    is_open = None
    if tables.draws_at_reset:
        state = draw_at_reset(state)
        is_open = lookup(tables.map.open_at_start, state.cells)
    started = state.with_changes(agent_cell=draw_start_cells(key, played, starts, is_open))
    return draw_at_reset(started, is_after_starts=True)


def _played_layout(
    key: UInt[Array, "*B 2"], tables: Tables, layout_idx: Integer[Array, "*L"] | None
) -> Int[Array, "*B"] | None:
    """Which layout of a set is played: the chosen one, or one that is drawn; None in a world with a single layout."""
    starts, batch = tables.map.starts, key.shape[:-1]
    if not starts.is_set:
        return None
    if layout_idx is None:
        return draw_layout(key, starts)
    xp = namespace(key)
    return xp.broadcast_to(_checked_layouts(xp.asarray(layout_idx), batch) % starts.n_layouts, batch)


def _start_numbers(key: UInt[Array, "*B 2"], tables: Tables, played: Int[Array, "*B"] | None) -> Numbers:
    """What a first state holds beside its cells; the agents' cells are still those of their marks."""
    xp, batch, n_agents = namespace(key), key.shape[:-1], tables.n_agents
    time = xp.zeros(batch, dtype=np.int32)
    directions, n_amounts = tables.settings.rules.start_directions, len(tables.rules.amount_names)
    if directions:
        agent_dir = repeat(np.resize(np.array(directions, dtype=np.int32), n_agents), key)
    else:
        agent_dir = (words(key, Purpose.START_DIRECTION, time, n_agents) >> 30).astype(np.int32)
    world = None
    if tables.settings.rules.world_values:
        word = words(key, Purpose.WORLD_VALUE, time, 1)[..., 0]
        world = (word % tables.rules.n_world_values).astype(np.int32)
    return Numbers(
        agent_cell=rows_of_layout(tables.map.starts.places, played, key),
        agent_dir=agent_dir,
        agent_value=repeat(tables.map.start_values, key),
        terminated=xp.zeros((*batch, n_agents), dtype=np.bool_),
        events=xp.zeros((*batch, n_agents), dtype=np.int32),
        rng_key=key,
        time=time,
        world_value=world,
        layout_idx=played,
        amounts=xp.zeros((*batch, n_agents, n_amounts), dtype=np.int32) if n_amounts else None,
    )


def _checked_layouts(layout_idx: Array, batch: tuple[int, ...]) -> Int[Array, "*L"]:
    if layout_idx.dtype.kind not in "iu" or layout_idx.shape not in ((), batch):
        raise LayoutError(
            f"layout_idx is an integer, or an array of integers of the keys' batch shape {batch}, not "
            f"{layout_idx.dtype} of shape {layout_idx.shape}."
        )
    return layout_idx.astype(np.int32)


def envstate_to_dict(state: EnvState) -> PlainState:
    """A state as a plain dict of its arrays, by the names that `EnvState` reads as.

    Args:
      state: any state, batched or not.
    Returns:
      The arrays that every world has and those that this one declares, and the static sizes. Features take it as the
      state that it was made of.
    """
    further = tuple(name for name in ("world_value", "layout_idx", "amounts") if getattr(state, name) is not None)
    names = (*STATE_NAMES, *further, *state.tables.declared.names, "n_agents", "height", "width", "action_set")
    return PlainState(state, {name: getattr(state, name) for name in names})


@functools.lru_cache(maxsize=256)
def make_jitted_step(observe: ObserveFn, reward: RewardFn) -> Callable[[EnvState, Array], StepTuple]:
    """Compile a step for JAX; the same compiled function for equal arguments.

    Args:
      observe: state to observations, hashable.
      reward: previous state, state and actions to rewards, hashable.
    Returns:
      `(state, actions) -> (state, obs, reward, done, info)`, jitted. Compiled at its first call.
    """
    import jax

    register_pytree()

    def step(state: EnvState, actions: Int[Array, "*B A"]) -> StepTuple:
        return jax_step(state, actions, observe, reward)

    return jax.jit(step)


@functools.lru_cache(maxsize=256)
def make_jitted_reset(tables: Tables, observe: ObserveFn) -> Callable[..., tuple[EnvState, Any]]:
    """Compile a reset for JAX; the same compiled function for equal arguments.

    Args:
      tables: the world.
      observe: state to observations, hashable.
    Returns:
      `key -> (state, obs)`, jitted; with a second argument `layout_idx` (see `jax_reset`). Compiled at its first call.
    """
    import jax

    register_pytree()

    def reset(key: Array, layout_idx: Array | None = None) -> tuple[EnvState, Any]:
        return jax_reset(key, tables, observe, layout_idx)

    return jax.jit(reset)

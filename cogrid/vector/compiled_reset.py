"""`CompiledReset`: what `AutoReset` does under NumPy, in kernels that Numba compiles."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from jaxtyping import Bool, Int, Shaped, UInt

from cogrid.backend.env_state import EnvState
from cogrid.core.agent import DIRECTION_NAMES
from cogrid.core.hook_check import check_played
from cogrid.core.jax_step import run_step_hook
from cogrid.errors import RuleError
from cogrid.game import Game, StepResult
from cogrid.kernel import places as at
from cogrid.kernel.compiled import make_ready
from cogrid.kernel.game_data import GameData, game_data
from cogrid.kernel.observer import KernelObserver
from cogrid.kernel.step import (
    FINISH,
    GIVEN_KEY,
    LEFT_ALONE,
    NEXT_EPISODE,
    PLAY,
    PLAYS_ON,
    STARTS_AT_ONCE,
    STARTS_NEXT,
    start_worlds,
    step_worlds,
)
from cogrid.kernel.threads import Slices
from cogrid.vector.auto_reset import AutoReset, Progress

_MODES = {
    AutoresetMode.DISABLED: PLAYS_ON,
    AutoresetMode.NEXT_STEP: STARTS_NEXT,
    AutoresetMode.SAME_STEP: STARTS_AT_ONCE,
}


class CompiledReset:
    """A game in many environments whose episodes follow each other; see `AutoReset`, which it equals bit for bit.

    Attributes:
      game: what is played; one of which kernels read everything (`cogrid.kernel.game_data.unread_parts`).
      mode, leader: as in `AutoReset`.
      data: the game as kernels read it.
      memory: `[P]` int64, of one world, for the kernels; each thread has one like it.
      observer: what observes the batch.
      slices: what spreads the batch over threads.
    """

    def __init__(self, functions: AutoReset, num_envs: int, copy: bool, threads: int | None = None) -> None:
        """Make ready, and compile what is needed.

        Args:
          functions: what to equal.
          num_envs: how many environments.
          copy: whether each step returns observations in an array of its own.
          threads: over how many threads to spread a large batch; see `cogrid.kernel.threads.n_threads`.
        """
        self.game: Game = functions.game
        self.mode: AutoresetMode = functions.mode
        self.leader: int | None = functions.leader
        self.data: GameData = game_data(functions.game)
        self.memory: Int[np.ndarray, "P"] = np.empty(int(self.data.game[at.N_PLACES]), dtype=np.int64)
        self.observer: KernelObserver = KernelObserver(functions.game, num_envs, copy)
        self.slices: Slices = Slices(num_envs, threads)
        self._compile()

    def _compile(self) -> None:
        """Compile the kernels for this game, or load them from disk."""
        game, cells = self.data.game, np.empty(0, dtype=self.game.tables.rules.cell_dtype)
        flags, integers, floats = (np.empty(0, dtype=dtype) for dtype in (np.bool_, np.int32, np.float32))
        make_ready(start_worlds, game, self.memory, 0, 0, cells, integers, integers, integers)
        where, paid, ends = (flags, floats, integers), (floats, floats), (flags, flags, flags)
        given = (game, self.data.sums, self.memory, *(0,) * 5, cells, *(integers,) * 3)
        make_ready(step_worlds, *given, *where, *paid, *ends)

    def start(
        self, key: UInt[np.ndarray, "B 2"], layout_idx: Int[np.ndarray, "B"] | None = None
    ) -> tuple[Progress, Shaped[np.ndarray, "..."]]:
        """Start an episode in every environment; see `AutoReset.start`."""
        n_envs, n_agents = len(key), self.game.tables.n_agents
        blank = self._blank_state(n_envs)
        returns, lengths = np.zeros((n_envs, n_agents), dtype=np.float32), np.zeros(n_envs, dtype=np.int32)
        before = Progress(blank, np.zeros(n_envs, dtype=np.bool_), returns, lengths)
        return self.restart(before, np.ones(n_envs, dtype=np.bool_), key, layout_idx)

    def restart(
        self,
        progress: Progress,
        mask: Bool[np.ndarray, "B"],
        key: UInt[np.ndarray, "B 2"] | None = None,
        layout_idx: Int[np.ndarray, "B"] | None = None,
    ) -> tuple[Progress, Shaped[np.ndarray, "..."]]:
        """Start an episode in some environments; see `AutoReset.restart`."""
        cells, numbers = _leaves(progress.state)
        if key is not None:
            first = int(self.data.game[at.KEY])
            numbers[mask, first : first + 2] = key[mask].view(np.int32)
        self._begin(cells, numbers, mask, NEXT_EPISODE if key is None else GIVEN_KEY, layout_idx)
        begun = Progress(
            self._state(cells, numbers),
            progress.is_over & ~mask,
            np.where(mask[:, None], np.float32(0), progress.returns),
            np.where(mask, np.int32(0), progress.lengths),
        )
        return begun, self._observe(begun.state)

    def step(self, progress: Progress, actions: Int[np.ndarray, "B A"]) -> tuple[Progress, StepResult]:
        """Make one step in every environment, and reset as the mode says; see `AutoReset.step`."""
        batch = _Batch(self, progress, actions)
        obs = None if self.game.check else self.observer.begin()  # A state that is checked is not looked at before.
        batch.run(PLAY | FINISH, obs) if self._hook is None else batch.run_with_hook(obs)
        state = self._state(batch.cells, batch.numbers)
        if not self.data.pays:
            batch.pay(state)
        obs = final_obs = self._observe(state) if obs is None else self.observer.finish(state, obs)
        if self.mode == AutoresetMode.SAME_STEP and batch.n_ended:
            cells, numbers = _leaves(state)
            self._begin(cells, numbers, batch.is_over, NEXT_EPISODE)
            state = self._state(cells, numbers)
            self.game.check_state(state)
            obs = self.observer.replace(obs, state, batch.is_over)
        after = Progress(state, batch.is_over, batch.returns, batch.lengths)
        return after, batch.result(state, obs, final_obs)

    def check_places(self, made: EnvState, before: EnvState) -> None:
        """Refuse what a hook has made if kernels would look up beyond their tables: they check no bounds.

        Args:
          made: what the hook returned.
          before: what it was given.
        Raises:
          RuleError: names the hook, and what is wrong.
        """
        forms = [(array.shape, array.dtype) for state in (made, before) for array in (state.cells, state.numbers)]
        if forms[:2] != forms[2:]:
            raise RuleError(f"The step_hook returned arrays of {forms[:2]}, and was given {forms[2:]}.")
        sizes = {
            "cells": at.N_CELL_VALUES,
            "agent_cell": at.N_CELLS,
            "agent_value": at.N_AGENT_VALUES,
            "world_value": at.N_WORLD_VALUES,
            "layout_idx": at.N_LAYOUTS,
        }
        found = [(getattr(made, name), self.data.game[size]) for name, size in sizes.items()]
        found.append((made.agent_dir, len(DIRECTION_NAMES)))
        if any(array is not None and (array.min() < 0 or array.max() >= size) for array, size in found):
            check_played(made)

    @property
    def _hook(self) -> Any:
        return self.game.tables.settings.rules.step_hook

    def _begin(
        self,
        cells: Shaped[np.ndarray, "B N"],
        numbers: Int[np.ndarray, "B K"],
        mask: Bool[np.ndarray, "B"],
        how: int,
        layout_idx: Int[np.ndarray, "B"] | None = None,
    ) -> None:
        """Start episodes in place."""
        layouts = np.full(len(mask), -1, dtype=np.int32)
        if layout_idx is not None:
            layouts[...] = np.asarray(layout_idx) % self.game.tables.map.starts.n_layouts
        chosen = np.where(mask, np.int32(how), np.int32(LEFT_ALONE))
        flat = cells.reshape(-1), numbers.reshape(-1)
        start_worlds(self.data.game, self.memory, 0, len(mask), *flat, chosen, layouts)

    def _blank_state(self, n_envs: int) -> EnvState:
        tables = self.game.tables
        cells = np.zeros((n_envs, tables.n_cells), dtype=tables.rules.cell_dtype)
        numbers = np.zeros((n_envs, int(self.data.game[at.N_NUMBERS])), dtype=np.int32)
        return self._state(cells, numbers)

    def _state(self, cells: Shaped[np.ndarray, "B N"], numbers: Int[np.ndarray, "B K"]) -> EnvState:
        return EnvState(cells=cells, numbers=numbers, tables=self.game.tables)

    def _observe(self, state: EnvState) -> Shaped[np.ndarray, "..."]:
        self.game.check_state(state)
        return self.observer(state)


class _Batch:
    """One step of a batch: copies of where it is, which the kernel changes, and what it writes."""

    def __init__(self, functions: CompiledReset, progress: Progress, actions: Int[np.ndarray, "B A"]) -> None:
        game = functions.game
        self._functions, self._game, self._before = functions, game, progress
        self.cells, self.numbers = _leaves(progress.state)
        self.actions = np.array(actions, dtype=np.int32, order="C")
        shape = self.actions.shape
        self.attempts = np.empty(shape, dtype=np.int32)
        self.is_over, self.returns = progress.is_over.copy(), progress.returns.copy()
        self.lengths = progress.lengths.copy()
        self.rewards = np.empty(shape, dtype=np.float32)
        self.shaped = np.empty(shape if game.shaped_reward is not None else (0, 0), dtype=np.float32)
        self.terminated, self.truncated = np.empty(shape, dtype=np.bool_), np.empty(shape, dtype=np.bool_)
        self.has_ended = np.empty(shape[0], dtype=np.bool_)
        self.n_ended = 0

    def run(self, halves: int, out: Shaped[np.ndarray, "..."] | None = None) -> None:
        """Run the kernel, and observe what comes of it in the same slices, while it is in the cache.

        Args:
          halves: `PLAY`, `FINISH` or both.
          out: where to write observations; None for nowhere.
        """
        functions, data, mode = self._functions, self._functions.data, _MODES[self._functions.mode]
        leader = -1 if functions.leader is None else functions.leader
        leaves = (self.cells.reshape(-1), self.numbers.reshape(-1))
        given = (*leaves, self.actions.reshape(-1), self.attempts.reshape(-1))
        where = (self.is_over, self.returns.reshape(-1), self.lengths)
        paid = (self.rewards.reshape(-1), self.shaped.reshape(-1))
        ends = (self.terminated.reshape(-1), self.truncated.reshape(-1), self.has_ended)
        n_ended: list[int] = []

        def work(first: int, last: int) -> None:
            memory, how = np.empty_like(functions.memory), (first, last, mode, leader, halves)
            n_ended.append(step_worlds(data.game, data.sums, memory, *how, *given, *where, *paid, *ends))
            if out is not None:
                functions.observer.write(*leaves, first, last, out)

        functions.slices.run(work)
        self.n_ended = sum(n_ended)

    def run_with_hook(self, out: Shaped[np.ndarray, "..."] | None) -> None:
        """Run the kernel up to the step hook, and then the rest of it."""
        self.run(PLAY)
        now = EnvState(cells=self.cells, numbers=self.numbers, tables=self._game.tables)
        made = run_step_hook(self._before.state, now, self.actions)
        self._functions.check_places(made, now)
        self.cells, self.numbers = _leaves(made)
        self.run(FINISH, out)

    def pay(self, state: EnvState) -> None:
        """Pay what array functions say."""
        is_new = self._before.is_over & (self._functions.mode == AutoresetMode.NEXT_STEP)
        for function, paid in ((self._game.reward, self.rewards), (self._game.shaped_reward, self.shaped)):
            if function is not None:
                paid[...] = function(self._before.state, state, self.actions)
                paid[is_new] = 0
        self.returns += self.rewards

    def result(self, state: EnvState, obs: Any, final_obs: Any) -> StepResult:
        """What the step gives."""
        shaped = self.shaped if self.shaped.size else None
        return StepResult(
            state,
            obs,
            self.rewards,
            shaped,
            self.terminated,
            self.truncated,
            self.is_over,
            final_obs,
            self.returns,
            self.lengths,
            self.has_ended,
        )


def _leaves(state: EnvState) -> tuple[Shaped[np.ndarray, "B N"], Int[np.ndarray, "B K"]]:
    """Copies of a state's cells and numbers."""
    return np.array(state.cells, order="C"), np.array(state.numbers, order="C")

"""The tools for hooks: on one state and on a batch, under NumPy and JAX, and what they refuse when a world is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cogrid import Agent, EnvConfig, Floor, GridObject, Outcome, Rules, hooks
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.errors import ConfigError, RuleError
from cogrid.tests.engines import play_everywhere


@dataclass(frozen=True)
class Tree(GridObject, symbol="T"):
    """Grows up to age 2, and is felled."""

    age: int = 0

    def tick(self) -> Tree:
        return Tree(min(self.age + 1, 2))

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(Floor(), agent, events=("felled",))


def sow(prev_state: EnvState, state: EnvState, actions: Any, key: Any) -> EnvState:
    """Plants a tree on free land where there are fewer than three, and counts old trees as felled by agent 0."""
    is_land = hooks.cells_with(state, Floor()) & ~hooks.agent_cells(state)
    few = hooks.count_cells(state, Tree) < 3
    sown = hooks.write_cells(state, hooks.draw_cell(key, is_land) & few[..., None], Tree())
    n_old = hooks.count_cells(state, lambda value: isinstance(value, Tree) and value.age == 2)
    is_first = np.arange(2) == 0
    return hooks.emit(sown, "felled", (n_old > 0)[..., None] & is_first)


def world(hook: Any = sow) -> EnvConfig:
    rules = Rules(name="test_hooks", objects=(Tree,), step_hook=hook, start_direction=0)
    return EnvConfig(rules=rules, layout=["1T  2", "     "], num_agents=2, features=("agent_position",))


def test_a_hook_made_of_the_tools_plays_alike_on_every_engine(with_jax: bool) -> None:
    config = world()

    episode = play_everywhere(config, [("Noop", "MoveLeft"), ("Toggle", "Noop")] * 6, with_jax=with_jax)

    env = CoGridEnv(config)
    counts = [int((state["object_type_map"] > 0).sum()) for state in episode.states]
    assert counts[:4] == [1, 2, 2, 3]
    assert max(counts) == 3
    happened = episode.happened(env)
    assert [names[0] for names in happened[:2]] == [set(), {"felled"}]
    assert not any("felled" in names[1] for names in happened)


def test_the_tools_read_a_batch_as_they_read_each_state() -> None:
    env = CoGridEnv(world())
    keys = np.stack([np.zeros(6), np.arange(6)], axis=-1).astype(np.uint32)
    batch, _ = env.jax_reset(keys)

    assert hooks.cells_with(batch, Tree).tolist() == [hooks.cells_with(batch, Tree())[0].tolist()] * 6
    assert hooks.count_cells(batch, Floor()).tolist() == [9] * 6
    assert hooks.agent_cells(batch).sum(axis=-1).tolist() == [2] * 6
    assert hooks.value_id(batch, Floor()) == 0
    assert hooks.value_id(batch, Agent()) == 0


def test_draws_are_even_and_another_number_is_another_draw() -> None:
    keys = np.stack([np.zeros(6000), np.arange(6000)], axis=-1).astype(np.uint32)

    first, second = hooks.draw_below(keys, 6), hooks.draw_below(keys, 6, number=1)
    chosen = hooks.draw_cell(keys, np.broadcast_to(np.array([True, False, True, True]), (6000, 4)))

    assert all(abs(np.bincount(drawn, minlength=6) - 1000).max() < 150 for drawn in (first, second))
    assert 800 < (first == second).sum() < 1200
    assert chosen.sum(axis=1).tolist() == [1] * 6000
    assert abs(chosen.sum(axis=0) - [2000, 0, 2000, 2000]).max() < 200
    assert not hooks.draw_cell(keys[0], np.zeros(4, dtype=np.bool_)).any()


@dataclass(frozen=True)
class Rock(GridObject):
    """Is in no rule set."""


@pytest.mark.parametrize(
    ("tool", "error", "message"),
    [
        (
            lambda state: hooks.write_cells(state, state.cells > 0, Tree(age=7)),
            RuleError,
            r"Tree\(age=7\).*Tree\.examples",
        ),
        (lambda state: hooks.cells_with(state, Rock), RuleError, "objects of Rock.*list it in objects"),
        (lambda state: hooks.emit(state, "fell", state.terminated), ConfigError, "'fell'.*Did you mean 'felled'"),
    ],
)
def test_what_a_world_does_not_have_is_refused_when_it_is_built(tool: Any, error: type, message: str) -> None:
    def hook(prev_state: EnvState, state: EnvState, actions: Any, key: Any) -> EnvState:
        tool(state)
        return state

    with pytest.raises(error, match=message):
        CoGridEnv(world(hook))

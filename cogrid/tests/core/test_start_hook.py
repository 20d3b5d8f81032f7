"""A start hook: what a rule set draws at reset beside places, directions and the world value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from cogrid import Agent, EnvConfig, GridObject, Item, Outcome, Rules
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import namespace
from cogrid.backend.threefry import random_bits
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.draws import Purpose
from cogrid.integer.draws import draw_words
from cogrid.tests.engines import needs_jax, play_everywhere

GEM = Item("start_gem")


@dataclass(frozen=True)
class Lamp(GridObject, symbol="l"):
    """Counts down, if somebody has left it on."""

    left: int = 0

    def tick(self) -> Lamp:
        return replace(self, left=max(self.left - 1, 0))

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(replace(self, left=3), agent)

    def object_state(self) -> int:
        return self.left


def leave_on(state: EnvState, key: Any) -> EnvState:
    """Every lamp is left on or off, each agent has a gem or not."""
    values = state.tables.rules.compiled.cell_values
    agents = state.tables.rules.compiled.agent_values
    lamp, lit, rich = values.index(Lamp()), values.index(Lamp(3)), agents.index(Agent(held=GEM))
    xp = namespace(state.cells)
    n_cells = state.cells.shape[-1]
    is_on = random_bits(key, n_cells + state.n_agents) >> 31 == 1
    cells = xp.where((state.cells == lamp) & is_on[..., :n_cells], lit, state.cells).astype(state.cells.dtype)
    held = xp.where(is_on[..., n_cells:], rich, state.agent_value).astype(np.int32)
    return state.replace(cells=cells, agent_value=held)


CONFIG = EnvConfig(
    rules=Rules(
        name="test_start_hook",
        objects=(Lamp,),
        items=(GEM,),
        start_hook=leave_on,
        start_direction=3,
        stages=("tick", "move", "interact"),
    ),
    layout="#lll#\n#1 2#\n#lll#",
    num_agents=2,
    features=("full_map_encoding", "inventory"),
)


def expected(seed: int) -> tuple[list[int], list[bool]]:
    """The lamps and the hands that a seed begins with."""
    key = np.array(draw_words(*(0, seed), Purpose.START_HOOK, 0, 2), dtype=np.uint32)
    is_on = random_bits(key, 17) >> 31 == 1
    return [3 * int(is_on[cell]) for cell in (1, 2, 3, 11, 12, 13)], is_on[15:].tolist()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_engine_begins_where_the_start_hook_says(seed: int) -> None:
    episode = play_everywhere(CONFIG, [("Noop", "Toggle"), ("Noop", "Noop")], seed=seed, with_jax=seed == 1)

    first = episode.states[0]
    lamps = [int(first["object_state_map"][row, column]) for row in (0, 2) for column in (1, 2, 3)]
    assert (lamps, (first["agent_inv"][:, 0] != -1).tolist()) == expected(seed)
    assert episode.cell(0, 1)[1] == max(lamps[0] - 1, 0)
    assert episode.cell(0, 3)[1] == 3


def test_a_start_hook_is_mapped_over_a_batch() -> None:
    keys = np.stack([np.zeros(64), np.arange(64)], axis=-1).astype(np.uint32)

    states = CoGridEnv(CONFIG).jax_reset(keys)[0]

    lamps = states.object_state_map[:, [0, 2], 1:4].reshape(64, 6)
    assert [
        (row, hands) for row, hands in zip(lamps.tolist(), (states.agent_inv[..., 0] != -1).tolist(), strict=True)
    ] == [expected(seed) for seed in range(64)]


def test_every_episode_has_a_start_of_its_own() -> None:
    env = CoGridEnv(CONFIG)
    starts = []
    for _ in range(8):
        env.reset(seed=None if starts else 0)
        starts.append(env.get_state().object_state_map.tolist())

    assert len({str(start) for start in starts}) > 3


@needs_jax
def test_the_start_hook_runs_under_jit_and_vmap() -> None:
    import jax

    env = CoGridEnv(CONFIG, backend="jax")
    keys = np.stack([np.zeros(8), np.arange(8)], axis=-1).astype(np.uint32)

    states = jax.vmap(env.jax_reset)(keys)[0]

    wanted = CoGridEnv(CONFIG).jax_reset(keys)[0]
    np.testing.assert_array_equal(states.cells, wanted.cells)
    np.testing.assert_array_equal(states.agent_value, wanted.agent_value)


def test_states_that_a_start_hook_makes_can_be_built_and_set() -> None:
    env = CoGridEnv(CONFIG)
    env.reset(seed=1)
    state = env.get_state()

    built = env.state_from_arrays(
        object_state_map=state.object_state_map, agent_inv=state.agent_inv, rng_key=state.rng_key
    )

    np.testing.assert_array_equal(built.cells, state.cells)
    np.testing.assert_array_equal(built.agent_value, state.agent_value)

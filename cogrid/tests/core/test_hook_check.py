"""What hooks and guards return is checked when a world is built, and at each step where that is asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cogrid import Agent, EnvConfig, GridObject, Outcome, Rules
from cogrid.backend.array_ops import put
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import namespace
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.hook_check import check_played
from cogrid.errors import RuleError
from cogrid.tests.engines import needs_jax

pytestmark = pytest.mark.usefixtures("type_checks_off")

Change = Callable[[EnvState], Any]


@dataclasses.dataclass(frozen=True)
class Bell(GridObject, symbol="B"):
    """Rings."""

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(self, agent, events=("rang",))


def config(**rules: Any) -> EnvConfig:
    """A room of five cells, two agents and a bell."""
    return EnvConfig(
        rules=Rules(name="test_hook_check", objects=(Bell,), start_direction=0, **rules),
        layout=["12  B"],
        features=("agent_position",),
    )


def full(array: Any, number: Any) -> Any:
    """An array of the same shape and dtype that holds one number everywhere."""
    return namespace(array).full_like(array, number)


BAD_STATES: list[tuple[Change, str]] = [
    (lambda state: None, r"returned None: it returns a state"),
    (lambda state: (state,), r"returned \(.*: it returns a state"),
    (lambda state: state.replace(agent_cell=full(state.agent_cell, 2)), r"agent_0 and agent_1 are both in row 0"),
    (lambda state: state.replace(agent_cell=state.agent_cell + 4), r"agent_cell \[4, 5\] is out of range: 0 to 4"),
    (lambda state: state.replace(agent_cell=state.agent_cell + 3), r"agent_1 is in row 0, column 4, where Bell"),
    (lambda state: state.replace(agent_dir=state.agent_dir + 4), r"agent_dir \[4, 4\] is out of range"),
    (lambda state: state.replace(agent_value=state.agent_value + 1), r"agent_value \[1, 1\] is out of range"),
    (lambda state: state.replace(cells=full(state.cells, 99)), r"cells .* is out of range: 0 to 2"),
    (lambda state: state.replace(cells=full(state.cells, 2)), r"agent_0 is in row 0, column 0, where Bell"),
    (lambda state: state.replace(cells=state.cells / 2), r"cells is float64 of shape .*uint8 of shape.*astype"),
    (
        lambda state: state.replace(cells=state.cells[..., :3]),
        r"cells is uint8 of shape \(2, 3\), and it was",
    ),
    (lambda state: state.replace(time=state.time + 0.5), r"failed on a first state.*time holds integers, not float64"),
    (lambda state: state.replace(tiem=state.time), r"failed on a first state.*'tiem'.*Did you mean 'time'"),
    (lambda state: 1 // 0, r"failed on a first state of the world: ZeroDivisionError"),
    (
        lambda state: state.replace(agent_dir=put(state.agent_dir, 0, full(state.time, state.time.ndim))),
        r"makes agent_dir something else in a batch of states",
    ),
]


@pytest.mark.parametrize("setting", ["start_hook", "step_hook"])
@pytest.mark.parametrize(("change", "message"), BAD_STATES)
def test_a_hook_that_returns_no_state_of_this_world_is_refused_by_name(
    setting: str, change: Change, message: str
) -> None:
    def start_hook(state: EnvState, key: Any) -> Any:
        return change(state)

    def step_hook(prev_state: EnvState, state: EnvState, actions: Any, key: Any) -> Any:
        return change(state)

    hook = {"start_hook": start_hook, "step_hook": step_hook}[setting]

    with pytest.raises(RuleError, match=rf"The {setting} .*{setting} of rules 'test_hook_check' .*{message}"):
        CoGridEnv(config(**{setting: hook}))


@pytest.mark.parametrize(
    ("guard", "message"),
    [
        (lambda prev_state, state, agent_idx: None, r"returned None: it returns a bool for each state"),
        (lambda prev_state, state, agent_idx: state.time, r"it returns a bool for each state"),
        (lambda prev_state, state, agent_idx: state.terminated, r"it returns a bool for each state"),
        (lambda prev_state, state: True, r"failed on a first state of the world: TypeError"),
    ],
)
def test_a_guard_that_returns_no_bool_is_refused_by_its_event(guard: Callable[..., Any], message: str) -> None:
    with pytest.raises(RuleError, match=rf"The guard .* of 'rang' .*{message}"):
        CoGridEnv(config(guards={"rang": guard}))


@needs_jax
def test_a_hook_that_looks_at_numbers_is_refused_where_jax_steps_the_world() -> None:
    def wait(prev_state: EnvState, state: EnvState, actions: Any, key: Any) -> EnvState:
        return state if (state.time > 3).any() else state.replace(agent_dir=state.agent_dir)

    CoGridEnv(config(step_hook=wait))
    with pytest.raises(RuleError, match=r"The step_hook .*wait of rules .* failed .*Tracer"):
        CoGridEnv(config(step_hook=wait), backend="jax")


def test_a_hook_that_goes_wrong_later_is_found_by_the_check_of_a_played_state() -> None:
    def gather_up(prev_state: EnvState, state: EnvState, actions: Any, key: Any) -> EnvState:
        first = state.agent_cell[..., 0]
        return state.replace(
            agent_cell=namespace(first).where((state.time >= 1)[..., None], first[..., None], state.agent_cell)
        )

    env = CoGridEnv(config(step_hook=gather_up))
    noops = np.full((3, 2), env.tables.action_set.noop, dtype=np.int32)
    state = env.jax_reset(np.zeros((3, 2), dtype=np.uint32))[0]
    check_played(state)
    state = env.jax_step(state, noops)[0]
    check_played(state)
    state = env.jax_step(state, noops)[0]

    with pytest.raises(RuleError, match=r"The step_hook .*gather_up .* agent_0 and agent_1 are both in"):
        check_played(state)


def test_hooks_that_keep_to_the_rules_pass() -> None:
    def turn(prev_state: EnvState, state: EnvState, actions: Any, key: Any) -> EnvState:
        return state.replace(agent_dir=put(state.agent_dir, 0, (state.agent_dir[..., 0] + 1) % 4))

    env = CoGridEnv(config(step_hook=turn, guards={"rang": lambda prev_state, state, agent_idx: True}))
    env.reset(seed=0)
    env.step({"agent_0": 6, "agent_1": 6})

    assert env.get_state().agent_dir.tolist() == [1, 0]

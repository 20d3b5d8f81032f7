"""Which actions an agent takes, as each interface tells it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from cogrid import ITSELF, Act, Agent, CoGridEnv, CoGridVectorEnv, EnvConfig, Rules, SingleAgentVectorEnv
from cogrid.tests.engines import needs_jax


@dataclass(frozen=True)
class Sleeper(Agent):
    """Does nothing but wake up, once it has fallen asleep."""

    is_asleep: bool = False

    def doze(self) -> Agent:
        return replace(self, is_asleep=not self.is_asleep)

    def takes(self, action: str) -> bool:
        return not self.is_asleep or action != "Forward"


SLEEPERS = EnvConfig(
    rules=Rules(
        name="test_sleepers",
        agents=(Sleeper(),),
        actions=("Noop", "Forward", Act("Doze", reach=ITSELF)),
        start_direction=0,
    ),
    layout=("####", "#12#", "####"),
    num_agents=2,
    features=("agent_position",),
)
NOOP, FORWARD, DOZE = range(3)
AWAKE, ASLEEP = [1, 1, 1], [1, 0, 1]


@pytest.mark.parametrize("backend", ["numpy", pytest.param("jax", marks=needs_jax)])
def test_infos_of_reset_and_step_have_each_agents_mask(backend: str) -> None:
    env = CoGridEnv(SLEEPERS, backend=backend)
    _, infos = env.reset(seed=0)
    assert [infos[agent]["action_mask"].tolist() for agent in env.agents] == [AWAKE, AWAKE]

    *_, infos = env.step({"agent_0": NOOP, "agent_1": DOZE})
    assert [infos[agent]["action_mask"].tolist() for agent in env.agents] == [AWAKE, ASLEEP]
    assert {env.action_space("agent_1").sample(infos["agent_1"]["action_mask"]) for _ in range(20)} <= {NOOP, DOZE}


def test_infos_of_worlds_where_every_action_is_taken_have_no_mask() -> None:
    env = CoGridEnv(EnvConfig(rules=Rules(name="test_no_masks"), layout=("+ ",), num_agents=1))
    _, infos = env.reset(seed=0)

    assert "action_mask" not in infos["agent_0"]
    assert "action_mask" not in env.step({"agent_0": 0})[-1]["agent_0"]


def waits(obs: Any, key: Any) -> Any:
    return np.full(len(obs), NOOP)


def test_infos_of_many_environments_have_a_mask_for_each_agent_or_for_the_learner() -> None:
    envs = CoGridVectorEnv(SLEEPERS, 2)
    _, infos = envs.reset(seed=0)
    assert infos["action_mask"].all()
    *_, infos = envs.step(np.array([[NOOP, DOZE], [DOZE, NOOP]]))
    assert infos["action_mask"].astype(int).tolist() == [[AWAKE, ASLEEP], [ASLEEP, AWAKE]]

    learner = SingleAgentVectorEnv(SLEEPERS, 2, partners=waits)
    _, infos = learner.reset(seed=0)
    assert infos["action_mask"].astype(int).tolist() == [AWAKE, AWAKE]
    *_, infos = learner.step(np.array([DOZE, NOOP]))
    assert infos["action_mask"].astype(int).tolist() == [ASLEEP, AWAKE]


@needs_jax
def test_the_adapters_tell_the_mask_as_their_libraries_know_it() -> None:
    import jax.numpy as jnp

    env: Any = CoGridEnv(SLEEPERS, backend="jax")
    state, _ = env.jax_reset(np.array([0, 1], dtype=np.uint32))
    asleep = env.jax_step(state, jnp.array([NOOP, DOZE]))[0]
    jaxmarl = pytest.importorskip("cogrid.interop.jaxmarl").JaxMARLEnv(env)
    masks = jaxmarl.get_avail_actions(asleep)
    assert [masks[agent].tolist() for agent in jaxmarl.agents] == [AWAKE, ASLEEP]

    jumanji = pytest.importorskip("cogrid.interop.jumanji").JumanjiEnv(env)
    first, _ = jumanji.reset(np.array([0, 1], dtype=np.uint32))
    _, timestep = jumanji.step(first, jnp.array([NOOP, DOZE]))
    assert timestep.observation.action_mask.astype(int).tolist() == [AWAKE, ASLEEP]

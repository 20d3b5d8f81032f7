"""Human proxies imitate people of one half, play by what they observe, and try something else where they are stuck."""

from __future__ import annotations

import copy
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("optax")

import jax.numpy as jnp

import cogrid
from cogrid.command_line import main
from cogrid.envs.overcooked_ai.human_trials import layouts_of_2019, load_trial
from cogrid.errors import ConfigError
from cogrid.learning import cloning
from cogrid.learning.cloning import HALVES, Clone, Cloning, clone, logits_of, pairs_of, trials_of
from cogrid.learning.evaluation import self_play
from cogrid.learning.players import read_players
from cogrid.learning.policy_file import read_policy
from cogrid.learning.unsticking import Unsticking
from cogrid.page.policies import load_policies
from cogrid.tests.envs.overcooked_ai.test_human_trials import beginning_of

N_STEPS = 150
"""So much of each trial is imitated here."""

CLONING = Cloning(layout="forced_coordination", epochs=20)


@pytest.fixture(scope="module", autouse=True)
def short_trials() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloning, "load_trial", lambda name: beginning_of(load_trial(name), N_STEPS))
        yield


@pytest.fixture(scope="module")
def cloned(short_trials: None, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return clone(CLONING, tmp_path_factory.mktemp("proxies") / "half_0.safetensors")


def test_the_halves_share_nobody_and_each_has_played_in_every_kitchen() -> None:
    assert HALVES[0] & HALVES[1] == frozenset()
    assert len(layouts_of_2019()) == 5
    n_trials = {layout: [len(trials_of(layout, half)) for half in (0, 1)] for layout in layouts_of_2019()}
    assert all(min(of_halves) >= 3 for of_halves in n_trials.values())
    assert sum(map(sum, n_trials.values())) == 37


def test_a_proxy_predicts_what_people_do_whom_it_has_never_seen(cloned: Clone) -> None:
    obs, actions = pairs_of(trials_of("forced_coordination", 1))
    policy, stay = read_policy(cloned.path), 5
    params = {layer: {name: array[0] for name, array in part.items()} for layer, part in policy.params.items()}
    acts = actions != stay
    outputs = np.asarray(logits_of(policy.network, params, jnp.asarray(obs[acts])))[:, :stay]

    is_right = outputs.argmax(axis=-1) == actions[acts]
    commonest = np.bincount(actions[acts]).max() / acts.sum()

    assert is_right.mean() > commonest + 0.1
    assert 0 < cloned.accuracy_on_others < 1
    assert {name.split(".")[0] for name in cloned.trials} == {"2019_forced_coordination"}


@pytest.mark.long
def test_a_proxy_plays_whole_episodes_and_is_made_the_same_again(cloned: Clone, tmp_path: pathlib.Path) -> None:
    again = clone(CLONING, tmp_path / "again.safetensors")
    _, players = read_players([str(cloned.path), str(again.path)])
    returns = self_play(players, 4, 0)

    np.testing.assert_array_equal(returns[0], returns[1])
    assert read_policy(cloned.path).features == ("overcooked_ai_features",)


def test_what_cannot_remember_refuses_a_proxy(cloned: Clone) -> None:
    policy = read_policy(cloned.path)
    with pytest.raises(ConfigError, match="memory"):
        policy(np.zeros((1, 96), dtype=np.int8), np.zeros((1, 2), dtype=np.uint32))
    with pytest.raises(ConfigError, match="proxy"):
        load_policies([cloned.path])


def test_a_proxy_is_a_partner_who_remembers_an_episode_and_forgets_it_at_the_next(cloned: Clone) -> None:
    policy = read_policy(cloned.path)
    world: dict[str, Any] = {"old_dynamics": True, "max_steps": 60}
    env = cogrid.make_single_agent("OvercookedAI-ForcedCoordination-V0", partners=policy, controlled_agent=1, **world)

    def poses(env: Any, n_steps: int) -> list[tuple[int, ...]]:
        """Where the partner was and which way it looked, while the learner stays."""
        found = []
        for _ in range(n_steps):
            env.step(4)
            state = env.env.get_state()
            found.append((*state.agent_pos[0].tolist(), int(state.agent_dir[0])))
        return found

    env.reset(seed=1)
    first = poses(env, 30)
    twin = copy.copy(env)
    later = poses(env, 25)
    assert poses(twin, 25) == later
    env.reset(seed=1)
    assert poses(env, 55) == first + later
    assert len(set(first)) > 3
    with pytest.raises(ConfigError, match=r"has a memory.*make_single_agent"):
        policy(np.zeros((2, 96), np.int8), np.zeros((2, 2), np.uint32))


def test_who_stands_still_for_three_steps_does_none_of_what_it_has_tried() -> None:
    unsticking = Unsticking(after=3, channels=(1,))
    memory, logits = unsticking.start(2, 4), jnp.zeros((2, 4))
    masked: list[Any] = []
    for step, action in enumerate([0, 1, 1, 1, 2]):
        # The first agent stays in place 5, the second one moves on in each step.
        memory = unsticking.look(memory, jnp.array([[0, 5], [0, step]]), jnp.zeros(2, bool))
        masked.append(np.isinf(unsticking.mask(memory, logits)).tolist())
        memory = unsticking.note(memory, jnp.array([action, action]))

    nothing = [False] * 4
    assert [row[0] for row in masked] == [
        nothing,
        nothing,
        nothing,
        [True, True, False, False],
        [True, True, False, False],
    ]
    assert [row[1] for row in masked] == [nothing] * 5


def test_who_has_tried_everything_may_do_anything_again() -> None:
    unsticking = Unsticking(after=1, channels=(0,))
    memory = unsticking.start(1, 2)
    for action in (0, 1, 0):
        memory = unsticking.note(unsticking.look(memory, jnp.array([[3]]), jnp.zeros(1, bool)), jnp.array([action]))

    assert np.isfinite(unsticking.mask(memory, jnp.zeros((1, 2)))).all()


@pytest.mark.long
def test_the_command_makes_both_halves(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clone", "forced_coordination", "--epochs", "1", "--out", str(tmp_path), "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert [pathlib.Path(one["path"]).name for one in told] == [
        "forced_coordination_half_0.safetensors",
        "forced_coordination_half_1.safetensors",
    ]
    assert all(0 < one["accuracy_on_others"] < 1 for one in told)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"layout": "cramped_rom"}, "cramped_room"),
        ({"layout": "cramped_room", "half": 2}, "half is 0 or 1"),
        ({"layout": "cramped_room", "epochs": 0}, "epochs"),
    ],
)
def test_other_people_and_numbers_are_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        Cloning(**settings)


def test_a_pose_is_looked_for_by_name() -> None:
    with pytest.raises(ConfigError, match="overcooked_ai_features"):
        Unsticking.of_channels(("row", "column"))

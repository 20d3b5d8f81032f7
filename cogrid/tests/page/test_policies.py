"""Networks in the page choose as those of the library do."""

from __future__ import annotations

import pathlib
import re

import numpy as np
import pytest

pytest.importorskip("optax")

import jax
import jax.numpy as jnp

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.core.draws import Purpose, words
from cogrid.errors import CheckpointError, ConfigError
from cogrid.learning.networks import draw_actions, network_for
from cogrid.learning.policy_file import LearnedPolicy, read_policy, save_policy
from cogrid.learning.world import World
from cogrid.page.export import page_text, write_page
from cogrid.page.policies import PolicyShelf, action_probabilities, load_policies
from cogrid.page.replay import replay_states
from cogrid.policy import policy_keys
from cogrid.tests.command_line.commands import run_command
from cogrid.tests.engines import first_of
from cogrid.tests.page.test_page import needs_node, play
from cogrid.tests.page.test_replay import read_data

KITCHEN = "JaxMARLOvercooked-CrampedRoom-V0"
STEPS = 60


def write(path: pathlib.Path, kind: str, n_groups: int = 1, world_id: str = KITCHEN) -> LearnedPolicy:
    """A policy with random weights, in a file."""
    world = World(id=world_id, overrides={"max_steps": STEPS})
    env = world.make()
    network = network_for(env.game, kind, 16, len(env.tables.action_set))
    params = jax.vmap(lambda key: network.init(key, 3.0))(jax.random.split(jax.random.key(1), n_groups))
    save_policy(path, world=world, env=env, network=network, params=jax.tree.map(np.asarray, params), about={})
    return read_policy(path)


def outputs(policy: LearnedPolicy, obs: np.ndarray) -> np.ndarray:
    """What the network gives for an episode of observations `[T, A, ...]`: `[T, A, n]`."""
    given = []
    for agent_idx in range(obs.shape[1]):
        group = agent_idx % policy.n_groups
        params = jax.tree.map(lambda array, group=group: array[group], policy.params)
        is_first = np.arange(len(obs))[None] == 0
        given.append(
            policy.network.unroll(params, policy.network.memory(1), jnp.asarray(obs[None, :, agent_idx]), is_first)[0][
                0
            ]
        )
    return np.stack(given, axis=1)


@needs_node
@pytest.mark.parametrize(
    ("kind", "n_groups", "is_greedy"),
    first_of([("gru", 1, False), ("mlp", 1, True), ("cnn", 2, False)]),
    ids=["gru", "mlp", "cnn"],
)
def test_the_page_chooses_what_the_library_chooses(
    kind: str, n_groups: int, is_greedy: bool, tmp_path: pathlib.Path
) -> None:
    policy = write(tmp_path / "cook.safetensors", kind, n_groups)
    env = cogrid.make(KITCHEN, max_steps=STEPS)
    policies = load_policies([tmp_path / "cook.safetensors"], is_greedy)
    play(write_page([env], tmp_path, shelf=PolicyShelf(policies)), tmp_path, STEPS, *policies)
    trajectory = cogrid.Trajectory.load(tmp_path / f"{KITCHEN}.npz")
    states = replay_states(trajectory, env)[:-1]
    logits = outputs(policy, np.stack([np.asarray(env.observation(state)) for state in states]))
    drawn = draw_actions(jnp.asarray(logits), jnp.asarray([words_of(state) for state in states]))
    chosen = logits.argmax(axis=-1) if is_greedy else np.asarray(drawn)
    is_clear = np.diff(np.sort(logits, axis=-1)[..., -2:])[..., 0] > 1e-5

    probabilities = action_probabilities(policy, env, states)
    np.testing.assert_allclose(probabilities, jax.nn.softmax(logits), atol=1e-5)
    assert len(np.unique(chosen)) > 1
    assert is_clear.mean() > 0.9
    np.testing.assert_array_equal(trajectory.actions[is_clear], chosen[is_clear])


def words_of(state: EnvState) -> np.ndarray:
    """The word by which each agent draws its action."""
    return np.array([words(key, Purpose.POLICY, np.zeros((), np.int32), 1)[0] for key in policy_keys(state)])


def test_a_policy_of_another_world_is_refused(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "cook.safetensors", "mlp")
    shelf = PolicyShelf(load_policies([tmp_path / "cook.safetensors"]))

    with pytest.raises(
        ConfigError, match=f"cook' is for {re.escape(repr(KITCHEN))} with .*max_steps.*the same settings"
    ):
        page_text([cogrid.make(KITCHEN)], shelf=shelf)


def test_a_replay_shows_what_a_policy_would_do(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "cook.safetensors", "mlp")
    recorder = cogrid.TrajectoryRecorder(cogrid.make(KITCHEN, max_steps=STEPS))
    recorder.reset(seed=1)
    for _ in range(5):
        recorder.step(dict.fromkeys(recorder.env.agents, 2))
    file = recorder.trajectory().save(tmp_path / "episode")
    options = ("--set", f"max_steps={STEPS}", "--html", str(tmp_path / "episode.html"))

    told = run_command(capsys, "replay", str(file), *options, "--policies", str(tmp_path / "cook.safetensors"))
    refused = run_command(capsys, "replay", str(file), *options[:2], "--policies", str(tmp_path / "none.safetensors"))

    shown = read_data((tmp_path / "episode.html").read_text(encoding="utf-8"))["replay"]
    assert told.status == 0
    assert [policy["name"].rpartition("/")[2] for policy in shown["policies"]] == ["cook"]
    assert "no file" in refused.err


def test_a_policy_that_is_given_twice_or_is_not_there_is_refused(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "cook.safetensors", "mlp")

    with pytest.raises(ConfigError, match="given twice"):
        load_policies([tmp_path / "cook.safetensors"] * 2)
    with pytest.raises(CheckpointError, match="no file"):
        load_policies([tmp_path / "none.safetensors"])

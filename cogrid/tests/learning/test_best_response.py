"""One agent learns beside partners: who they are, what they do, and what is learnt from."""

from __future__ import annotations

import csv
import dataclasses
import pathlib
from typing import Any

import numpy as np
import pytest

pytest.importorskip("optax")

import jax
import jax.numpy as jnp

import cogrid
from cogrid.command_line import main
from cogrid.errors import CheckpointError, ConfigError
from cogrid.learning.algorithms import make_algorithm, read_settings
from cogrid.learning.cloning import Cloning, clone
from cogrid.learning.evaluation import play_teams
from cogrid.learning.players import Player, read_players
from cogrid.learning.policy_file import policy_files, read_policy, save_policy
from cogrid.learning.training import Training, train
from cogrid.learning.world import World
from cogrid.tests.learning.lamps import LAMPS, N_STEPS, QUICK, lamps, training
from cogrid.tests.learning.test_training import StoppedError, Tracker

__all__ = ["lamps"]

TOGGLE, NOOP = 5, 6
TOGGLING, WAITING = f"{__name__}:toggling", f"{__name__}:waiting"


def toggling(obs: Any, key: Any) -> Any:
    return jnp.full(len(obs), TOGGLE)


def waiting(obs: Any, key: Any) -> Any:
    return jnp.full(len(obs), NOOP)


def beside(*partners: str, n_updates: int = 4, **settings: Any) -> Training:
    """A short training beside partners."""
    return dataclasses.replace(training(n_updates, **settings), algorithm="best_response", partners=partners)


def returns_of(folder: pathlib.Path, column: str = "return") -> list[float]:
    with (folder / "log.csv").open() as file:
        return [float(row[column] or "nan") for row in csv.DictReader(file)]


def test_one_agent_learns_and_its_partner_stays_as_it_is(lamps: str, tmp_path: pathlib.Path) -> None:
    result = train(beside(WAITING, n_updates=16), tmp_path)
    _, players = read_players([str(tmp_path), WAITING])
    learned = play_teams(players, [(0, 1), (1, 0), (0, 0)], 100).mean(axis=(1, 2))

    # Alone an agent is paid for 16 toggles. The learner sits in both seats in turn, and plays with itself, too.
    assert result.returns[0] > 0.75 * N_STEPS
    assert max(returns_of(tmp_path)) <= N_STEPS
    assert learned[:2].min() > 0.75 * N_STEPS
    assert learned[2] > 0.75 * 2 * N_STEPS
    assert read_policy(tmp_path / "seed_0.safetensors").about["partners"] == [WAITING]


@pytest.mark.long
def test_each_partner_of_a_population_plays_as_often_as_the_others(lamps: str, tmp_path: pathlib.Path) -> None:
    def first_return(*partners: str) -> float:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        train(beside(*partners, n_updates=1, learning_rate=0.0), folder)
        return returns_of(folder)[0]

    by_chance = first_return(WAITING)
    assert 0 < by_chance < 1  # Whoever acts at random soon looks away from its lamp.
    assert first_return(TOGGLING) == pytest.approx(by_chance + N_STEPS, abs=0.5)
    assert first_return(TOGGLING, WAITING) == pytest.approx(by_chance + N_STEPS / 2, abs=0.5)


@pytest.mark.long
def test_self_play_goes_from_everywhere_to_nowhere(lamps: str, tmp_path: pathlib.Path) -> None:
    train(beside(TOGGLING, n_updates=4, learning_rate=0.0, self_play=1.0), tmp_path)
    team, own = returns_of(tmp_path), returns_of(tmp_path, "with_partners")

    # Nobody learns, so next to nothing is earned in self-play; the partner is there in 0, 1, 2 and 3 of 4 parts.
    assert np.isnan(own[0])
    assert own[1:] == pytest.approx([N_STEPS + 0.5] * 3, abs=0.5)
    assert team == pytest.approx([0.25 * part * N_STEPS + 0.5 for part in range(4)], abs=1)


@pytest.mark.long
def test_noise_disturbs_partners_and_not_the_learner(lamps: str, tmp_path: pathlib.Path) -> None:
    train(beside(TOGGLING, n_updates=1, learning_rate=0.0), tmp_path / "calm")
    train(beside(TOGGLING, n_updates=1, learning_rate=0.0, noise=1.0), tmp_path / "noisy")
    calm, noisy = (returns_of(tmp_path / name)[0] for name in ("calm", "noisy"))

    assert calm > N_STEPS
    assert 0 < noisy < 3


@pytest.mark.long
@pytest.mark.parametrize("kind", ["mlp", "gru"])
def test_partners_play_in_training_as_they_do_in_evaluation(kind: str, lamps: str, tmp_path: pathlib.Path) -> None:
    world, env = World(id=LAMPS), World(id=LAMPS).make()
    given = {**QUICK, "network": kind, "n_minibatches": 2, "n_steps": 40}
    alone = make_algorithm("ippo", env.game, read_settings("ippo", given), 2)
    key = jnp.array([1, 2], jnp.uint32)
    runner = alone.start(key)
    path = tmp_path / "seed_0.safetensors"
    params = jax.tree.map(np.asarray, alone.actor_params(runner))
    save_policy(path, world=world, env=env, network=alone.actor, params=params, about={})
    partner = Player("partner", read_policy(path, env), env.game)
    settings = read_settings("best_response", given)
    among = make_algorithm("best_response", env.game, settings, 2, [partner, None, partner, partner])

    # The partners are what the learner is before it has learnt, and draw with the same words: the same 40 steps follow,
    # over two ends of episodes.
    ends = [jax.jit(algorithm.update)(algorithm.start(key))[0].progress for algorithm in (alone, among)]

    jax.tree.map(np.testing.assert_array_equal, *ends)
    assert (np.asarray(ends[0].state.time) == 40 % N_STEPS).all()
    assert np.asarray(ends[0].returns).max() > 0


@pytest.mark.long
def test_a_run_among_partners_that_was_stopped_ends_as_one_that_was_not(lamps: str, tmp_path: pathlib.Path) -> None:
    train(training(network="gru", n_minibatches=2), tmp_path / "partners")
    partners = str(tmp_path / "partners"), TOGGLING, "self"
    asked = beside(*partners, network="gru", n_minibatches=2, n_steps=10, noise=0.2, self_play=0.5)

    train(asked, tmp_path / "whole")
    with pytest.raises(StoppedError):
        train(asked, tmp_path / "stopped", tracker=Tracker(n_parts=2))
    train(asked, tmp_path / "stopped")

    for name in ("seed_0.safetensors", "log.csv"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "stopped" / name).read_bytes()


@pytest.mark.long
def test_a_run_goes_on_beside_the_same_partners_alone(lamps: str, tmp_path: pathlib.Path) -> None:
    for seed, name in enumerate(("partner", "other")):
        train(dataclasses.replace(training(1), first_seed=seed), tmp_path / name)
    (tmp_path / "other" / "seed_1.safetensors").rename(tmp_path / "other" / "seed_0.safetensors")
    file = tmp_path / "partner" / "seed_0.safetensors"
    with pytest.raises(StoppedError):
        train(beside(str(file)), tmp_path / "run", tracker=Tracker(n_parts=1))

    with pytest.raises(CheckpointError, match=r"partners=.*give the same again"):
        train(beside(str(file), WAITING), tmp_path / "run")
    file.write_bytes((tmp_path / "other" / "seed_0.safetensors").read_bytes())
    with pytest.raises(CheckpointError, match=r"seed_0.safetensors' has changed.*put back"):
        train(beside(str(file)), tmp_path / "run")


def test_a_folder_of_policies_from_along_the_way_is_a_population_in_order(tmp_path: pathlib.Path) -> None:
    names = ["seed_0_0000000000", "seed_0_0000001024", "seed_2_0000000000", "seed_10_0000000000"]
    for name in reversed(names):
        (tmp_path / f"{name}.safetensors").touch()

    assert [path.stem for path in policy_files(tmp_path)] == names


def test_partners_that_make_no_sense_are_refused_by_name(lamps: str, tmp_path: pathlib.Path) -> None:
    wrong = (
        ("none are given: --partners", beside()),
        ("algorithm='best_response'", dataclasses.replace(beside(WAITING), algorithm="ippo")),
        ("3 partners .* n_envs=6", beside(WAITING, TOGGLING, "self", n_envs=4)),
        ("noise is a number from 0 to 1", beside(WAITING, noise=2.0)),
        ("share_parameters=True", beside(WAITING, share_parameters=False)),
        ("no function 'nobody'", beside(f"{__name__}:nobody")),
        ("num_agents=2", dataclasses.replace(beside(WAITING), world=World(id=LAMPS, overrides={"num_agents": 1}))),
    )
    for match, asked in wrong:
        with pytest.raises(ConfigError, match=match):
            train(asked, tmp_path)


@pytest.mark.long
def test_the_command_trains_beside_a_human_proxy_and_a_script(tmp_path: pathlib.Path, capsys: Any) -> None:
    proxy = clone(Cloning(layout="cramped_room", epochs=1), tmp_path / "proxy.safetensors").path
    settings = ("n_envs=8", "n_steps=20", "n_minibatches=2", "width=8", "self_play=0.5")
    options = [part for setting in settings for part in ("--with", setting)]
    world = ("OvercookedAI-CrampedRoom-V0", "--set", "old_dynamics=True", "--steps", "320")
    out = ("--quiet", "--out", str(tmp_path / "run"))

    assert main(["train", *world, *out, *options, "--partners", str(proxy), "greedy@0.5"]) == 0

    assert "run/seed_0.safetensors" in capsys.readouterr().out
    policy = cogrid.load_policy(tmp_path / "run")
    assert policy.about["algorithm"] == "best_response"  # pyright: ignore[reportAttributeAccessIssue]

"""Training runs: what they learn, and that they go on where they were stopped."""

from __future__ import annotations

import csv
import dataclasses
import errno
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from typing import Any

import pytest

pytest.importorskip("optax")

from PIL import Image

from cogrid import EventReward
from cogrid.core.reward import register_reward
from cogrid.envs.registry import make
from cogrid.errors import CheckpointError, ConfigError
from cogrid.learning.evaluation import play_episode, self_play
from cogrid.learning.players import read_players
from cogrid.learning.policy_file import read_policy
from cogrid.learning.training import CHECKPOINT, Training, train
from cogrid.learning.world import World
from cogrid.tests.checkout import CHECKOUT, needs_checkout
from cogrid.tests.learning.lamps import LAMPS, N_STEPS, lamps, training

__all__ = ["lamps"]


class StoppedError(Exception):
    """What stops a run."""


class Tracker:
    """A tracker as trackio and wandb are, which can stop a run after some parts."""

    def __init__(self, n_parts: int | None = None) -> None:
        self.n_parts, self.rows, self.config, self.is_finished = n_parts, [], {}, False

    def init(self, project: str, name: str, config: dict[str, Any]) -> None:
        self.config = config

    def log(self, numbers: dict[str, float], step: int) -> None:
        self.rows.append((step, numbers))
        if len(self.rows) == self.n_parts:
            raise StoppedError

    def finish(self) -> None:
        self.is_finished = True


def test_a_team_learns_what_random_play_never_does(lamps: str, tmp_path: pathlib.Path) -> None:
    result = train(training(n_updates=16), tmp_path)
    env, players = read_players([str(tmp_path), "random"])
    learned, by_chance = self_play(players, 1000).mean(axis=2)

    assert env.config.name == "cogrid"
    assert learned.mean() > by_chance.max() + 4
    assert learned.mean() > 0.75 * 2 * N_STEPS
    assert result.returns[0] == pytest.approx(learned.mean(), abs=4)


@pytest.mark.long
def test_a_run_that_was_stopped_ends_as_one_that_was_not(lamps: str, tmp_path: pathlib.Path) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    told = Tracker()

    train(training(seeds=2), whole, tracker=told)
    with pytest.raises(StoppedError):
        train(training(seeds=2), stopped, tracker=Tracker(n_parts=2))
    assert not (stopped / "seed_0.safetensors").exists()
    later = Tracker()
    result = train(training(seeds=2), stopped, tracker=later)

    for path in (file for file in whole.rglob("*.safetensors") if file.name != CHECKPOINT):
        assert path.read_bytes() == (stopped / path.relative_to(whole)).read_bytes()
    assert (whole / "log.csv").read_bytes() == (stopped / "log.csv").read_bytes()
    assert later.rows == told.rows[2:]
    assert told.is_finished
    assert told.config["algorithm"] == "ippo"
    assert len(result.policies) == 2
    assert result.policies[0].read_bytes() != result.policies[1].read_bytes()


def test_the_folder_has_the_log_the_curve_and_policies_from_along_the_way(lamps: str, tmp_path: pathlib.Path) -> None:
    result = train(training(seeds=2), tmp_path, goal=0.5)
    rows = (tmp_path / "log.csv").read_text().splitlines()
    written = json.loads((tmp_path / "result.json").read_text())

    assert {"steps", "seed", "return", "entropy", "episodes"} <= set(rows[0].split(","))
    assert [row.split(",")[:2] for row in rows[1:4]] == [["512", "0"], ["512", "1"], ["1024", "0"]]
    with Image.open(tmp_path / "curve.png") as curve:
        assert curve.size == (800, 480)
    assert [path.name for path in sorted((tmp_path / "along_the_way").iterdir())] == [
        "seed_0_0000000000.safetensors",
        "seed_0_0000001024.safetensors",
        "seed_1_0000000000.safetensors",
        "seed_1_0000001024.safetensors",
    ]
    assert written["returns"] == list(result.returns)
    assert result.reached is not None
    assert result.reached[0] == 512
    assert result.seconds > 0


@pytest.mark.long
@pytest.mark.parametrize("settings", [{}, {"share_parameters": False}, {"network": "gru", "n_minibatches": 2}])
def test_a_central_critic_teaches_agents_that_act_on_their_own_view(
    lamps: str, tmp_path: pathlib.Path, settings: dict[str, Any]
) -> None:
    result = train(dataclasses.replace(training(16, **settings), algorithm="mappo"), tmp_path)
    policy = read_policy(tmp_path / "seed_0.safetensors")

    assert result.returns[0] > 0.5 * 2 * N_STEPS
    assert policy.network.obs_shape == World(id=lamps).make().observation_space("agent_0").shape


@pytest.mark.long
def test_a_run_tells_how_far_it_is_from_inside(lamps: str, tmp_path: pathlib.Path) -> None:
    line = io.StringIO()
    train(training(), tmp_path, progress=line)

    assert "512 of 2,048 steps (25 %), return" in line.getvalue()
    assert line.getvalue().endswith("0 s left\n")


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"share_parameters": False}, marks=pytest.mark.long),
        pytest.param({"network": "gru", "n_minibatches": 2}, marks=pytest.mark.long),
        pytest.param({"network": "gru", "share_parameters": False, "n_minibatches": 2}, marks=pytest.mark.long),
        pytest.param({"network": "cnn"}, marks=pytest.mark.long),
    ],
)
def test_networks_of_every_kind_learn(lamps: str, tmp_path: pathlib.Path, settings: dict[str, Any]) -> None:
    train(training(n_updates=16, **settings), tmp_path)
    with (tmp_path / "log.csv").open() as file:
        returns = [float(row["return"]) for row in csv.DictReader(file)]

    assert returns[-1] > 3 * max(returns[0], 1)


@pytest.mark.long
def test_shaped_rewards_are_learnt_from_and_are_no_return(lamps: str, tmp_path: pathlib.Path) -> None:
    shaped = {"name": "toggle_reward", "coefficient": 1.0}
    register_reward("toggle_reward", EventReward(event="toggled"))
    unpaid = World(id=LAMPS, overrides={"rewards": [], "shaped_rewards": [shaped]})
    paid = train(dataclasses.replace(training(16, shaping=1.0), world=unpaid), tmp_path / "shaped")
    _, players = read_players([str(tmp_path / "shaped"), "random"])
    states = [play_episode([player] * 2)[0] for player in players]
    toggles = [sum(int((state.events != 0).sum()) for state in episode) for episode in states]

    assert paid.returns == (0.0,)
    assert toggles[0] > 3 * toggles[1]


def change(path: pathlib.Path, place: int) -> None:
    """Flip a bit of a file."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.long
def test_a_checkpoint_that_does_not_fit_is_refused_by_name(lamps: str, tmp_path: pathlib.Path) -> None:
    train(training(), tmp_path / "run")
    kept = (tmp_path / "run" / CHECKPOINT).read_bytes()

    def refused(match: str, of: Training) -> None:
        with pytest.raises(CheckpointError, match=match) as caught:
            train(of, tmp_path / "run")
        assert CHECKPOINT in str(caught.value)

    longer = dataclasses.replace(training(), world=World(id=LAMPS, overrides={"max_steps": 8}))
    refused("choose another folder", longer)
    refused(r"settings=.*'width': 16.*give the same again", training(width=32))
    refused("steps=2048.*give the same again", training(n_updates=5))
    change(tmp_path / "run" / CHECKPOINT, -1)
    refused("damaged.*Delete it", training())
    (tmp_path / "run" / CHECKPOINT).write_bytes(kept[:1000])
    refused("damaged.*Delete it", training())
    shutil.copy(tmp_path / "run" / "seed_0.safetensors", tmp_path / "run" / CHECKPOINT)
    refused("is a policy.*a checkpoint", training())


def test_a_full_disk_is_an_error_that_leaves_the_last_checkpoint_whole(
    lamps: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoppedError):
        train(training(), tmp_path, tracker=Tracker(n_parts=1))
    before = (tmp_path / CHECKPOINT).read_bytes()

    def no_room(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_room)
        with pytest.raises(CheckpointError, match=r"No space left on device.*make room"):
            train(training(), tmp_path)

    assert (tmp_path / CHECKPOINT).read_bytes() == before
    assert not list(tmp_path.rglob("*.unfinished"))
    assert train(training(), tmp_path).steps == 2048


def test_settings_that_make_no_sense_are_refused_by_name(lamps: str, tmp_path: pathlib.Path) -> None:
    wrong: tuple[tuple[str, dict[str, Any]], ...] = (
        ("no setting 'entropie'.*'entropy'", {"entropie": 1.0}),
        ("clip is a float", {"clip": "wide"}),
        ("n_minibatches is 7", {"n_minibatches": 7}),
        ("discount is a number from 0 to 1", {"discount": 1.5}),
    )
    for match, given in wrong:
        with pytest.raises(ConfigError, match=match):
            train(training(**given), tmp_path)
    with pytest.raises(ConfigError, match=r"no algorithm 'ipo'.*'ippo'"):
        train(dataclasses.replace(training(), algorithm="ipo"), tmp_path)
    endless = World(id=LAMPS, overrides={"max_steps": None})
    with pytest.raises(ConfigError, match="set max_steps"):
        train(dataclasses.replace(training(), world=endless), tmp_path)


def test_agents_learn_from_planes_unless_told_otherwise() -> None:
    plain, own = World(id="Overcooked-CrampedRoom-V0"), World(id="JaxMARLOvercooked-CrampedRoom-V0")

    assert plain.make_for_learning()[0].overrides == {"features": ["object_planes"]}
    assert own.make_for_learning()[0] == own
    assert make(own.id).observation_channels == own.make_for_learning()[1].observation_channels


PROGRAM = """
    import pathlib, sys

    from cogrid.learning.training import Training, train
    from cogrid.learning.world import World

    settings = {"n_envs": 4, "n_steps": 50, "n_minibatches": 2, "width": 8}
    world = World(id="MyLamps-V0", imports=("my_lamps",))
    train(Training(world=world, steps=200 * 48, settings=settings), pathlib.Path(sys.argv[1]))
"""

MODULE = """
    import cogrid
    from cogrid.tests.learning.lamps import CONFIG

    cogrid.register("MyLamps-V0", cogrid.config_factory(CONFIG))
"""


@needs_checkout
@pytest.mark.long
def test_a_run_that_was_killed_ends_with_the_same_bits(tmp_path: pathlib.Path) -> None:
    (tmp_path / "my_lamps.py").write_text(textwrap.dedent(MODULE))
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}

    def begin(folder: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", textwrap.dedent(PROGRAM), folder]
        return subprocess.Popen(command, cwd=tmp_path, env=environment)

    killed = begin("killed")
    checkpoint = tmp_path / "killed" / CHECKPOINT
    patience = time.monotonic() + 300
    while not checkpoint.exists() and time.monotonic() < patience:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert not (tmp_path / "killed" / "seed_0.safetensors").exists()
    assert begin("killed").wait() == begin("whole").wait() == 0

    for name in ("seed_0.safetensors", "log.csv"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()

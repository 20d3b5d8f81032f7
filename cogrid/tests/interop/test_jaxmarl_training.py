"""A training script of JaxMARL's form runs on our environment, with nothing but its make line changed."""

from __future__ import annotations

import importlib.util
import pathlib
import subprocess

import pytest

from cogrid.errors import ConfigError
from cogrid.tests.test_readme import run_python
from comparisons.proofs.jaxmarl_training import load_script

SCRIPT = """
import jax
import jax.numpy as jnp
import wandb
from flax.training.train_state import TrainState
import optax


def make_train(config):
    env = jaxmarl.make(config["ENV_NAME"], **config["ENV_KWARGS"])
    n_updates = config["TOTAL_TIMESTEPS"] // config["NUM_STEPS"] // config["NUM_ENVS"]

    def train(key):
        state = TrainState.create(apply_fn=None, params={"wage": jnp.float32(0)}, tx=optax.sgd(0.5))
        _, world = jax.vmap(env.reset)(jax.random.split(key, config["NUM_ENVS"]))

        def update(carry, idx):
            state, world = carry
            keys = jax.random.split(jax.random.fold_in(key, idx), config["NUM_ENVS"])
            actions = {agent: jnp.full(config["NUM_ENVS"], 5) for agent in env.agents}
            _, world, rewards, _, info = jax.vmap(env.step)(keys, world, actions)
            paid = sum(rewards[agent].mean() + info["shaped_reward"][agent].mean() for agent in env.agents)
            grads = jax.grad(lambda params: (params["wage"] - 1 - paid) ** 2)(state.params)
            jax.debug.callback(wandb.log, {"update_step": idx + 1})
            return (state.apply_gradients(grads=grads), world), {"update_step": idx + 1}

        runner_state, metrics = jax.lax.scan(update, (state, world), jnp.arange(n_updates))
        return {"runner_state": runner_state, "metrics": metrics}

    return train
"""
SETTINGS = """
"NUM_ENVS": 32
"NUM_STEPS": 1
"TOTAL_TIMESTEPS": 5e6
"ENV_NAME": "overcooked"
"ENV_KWARGS":
  "layout": "cramped_room"
"""


def write(folder: pathlib.Path, source: str) -> pathlib.Path:
    (folder / "config").mkdir()
    (folder / "config" / "ippo_short.yaml").write_text(SETTINGS)
    script = folder / "ippo_short.py"
    script.write_text(source)
    return script


def train(script: pathlib.Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command, if what it needs is installed."""
    if importlib.util.find_spec("jaxmarl") is None:
        pytest.skip("not installed: jaxmarl")
    return run_python(
        "-W", "ignore", "-m", "comparisons.proofs.jaxmarl_training", str(script), "--envs", "2", *arguments
    )


def test_it_trains_on_ours(tmp_path: pathlib.Path) -> None:
    result = train(write(tmp_path, SCRIPT), "--updates", "3")

    assert result.returncode == 0, result.stderr
    assert "update_step: 1, 2, 3\n" in result.stdout
    assert "all 3 updates made, all weights finite: yes\n" in result.stdout


def test_weights_that_are_not_finite_are_told(tmp_path: pathlib.Path) -> None:
    result = train(write(tmp_path, SCRIPT.replace("optax.sgd(0.5)", 'optax.sgd(float("inf"))')), "--updates", "2")

    assert result.returncode == 1, result.stderr
    assert "all weights finite: NO\n" in result.stdout


def test_only_the_make_line_is_changed(tmp_path: pathlib.Path) -> None:
    source = 'def make_train(config):\n    return jaxmarl.make(config["ENV_NAME"], **config["ENV_KWARGS"]), "make(2)"\n'

    script = load_script(write(tmp_path, source), lambda: "ours")

    assert script.make_train({"ENV_NAME": "overcooked", "ENV_KWARGS": {"layout": "any"}}) == ("ours", "make(2)")


def test_what_is_no_training_script_is_refused(tmp_path: pathlib.Path) -> None:
    script = write(tmp_path, "def make_train(config):\n    return None\n")

    with pytest.raises(ConfigError, match=r"no line with jaxmarl\.make"):
        load_script(script, lambda: None)
    with pytest.raises(ConfigError, match=r"There is no script .*clone JaxMARL"):
        load_script(tmp_path / "other.py", lambda: None)
    script.write_text("env = jaxmarl.make('overcooked')\n")
    with pytest.raises(ConfigError, match=r"ippo_short\.py has no function make_train"):
        load_script(script, lambda: None)

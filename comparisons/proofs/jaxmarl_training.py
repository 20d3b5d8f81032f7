"""JaxMARL's own training script for Overcooked, on an environment of ours: nothing in it changes but its make line.

    git clone https://github.com/FLAIROx/JaxMARL
    python -m comparisons.proofs.jaxmarl_training JaxMARL/baselines/IPPO/ippo_cnn_overcooked.py

Needs the extras `jax` and `interop`. The script's settings are read from the file of the same name in the folder
`config` beside it; how long it trains is chosen here. Nothing is logged to Weights & Biases. The exit status is 1 if it
does not make all updates, or ends with weights that are not finite.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import types
from collections.abc import Sequence
from typing import Any

import numpy as np

from cogrid.errors import ConfigError

MAKE = "jaxmarl.make("
"""How the script makes an environment."""

ENV_ID = "JaxMARLOvercooked-CrampedRoom-V0"


def load_script(file: pathlib.Path, make_env: Any) -> types.ModuleType:
    """Load a training script that makes our environment where it made JaxMARL's.

    Args:
      file: the script.
      make_env: called without arguments in the place of `jaxmarl.make(...)`.
    Raises:
      ConfigError: when the file is not there, makes no environment, or has no `make_train`.
    """
    if not file.is_file():
        raise ConfigError(f"There is no script {str(file)!r}: clone JaxMARL, and name a file of its baselines.")
    source = file.read_text(encoding="utf-8")
    if MAKE not in source:
        raise ConfigError(f"{file.name} has no line with jaxmarl.make(...), so there is nothing to put ours for.")
    script = types.ModuleType(file.stem)
    vars(script)["make_our_env"] = lambda *name, **settings: make_env()
    sys.modules[script.__name__] = script  # Where dataclasses look their own module up.
    exec(compile(source.replace(MAKE, "make_our_env("), str(file), "exec"), vars(script))  # noqa: S102 - the script that the user asks to run.
    if not hasattr(script, "make_train"):
        raise ConfigError(f"{file.name} has no function make_train(config).")
    return script


def train(script: types.ModuleType, settings: dict[str, Any], seed: int = 0) -> tuple[Any, Any]:
    """Train as the script does.

    Args:
      script: what `load_script` returned.
      settings: its settings.
      seed: of the training.
    Returns:
      The numbers that it logs, `[updates]` each; the weights at the end.
    """
    import jax

    out = jax.block_until_ready(jax.jit(script.make_train(settings))(jax.random.PRNGKey(seed)))
    return jax.device_get(out["metrics"]), jax.device_get(out["runner_state"][0].params)


def read_settings(file: pathlib.Path, n_updates: int, n_envs: int) -> dict[str, Any]:
    """The settings that the script comes with, for so many updates.

    Args:
      file: the script.
      n_updates: how often the weights are updated.
      n_envs: how many environments play.
    Raises:
      ConfigError: when they are not beside the script.
    """
    from omegaconf import OmegaConf  # pyright: ignore[reportMissingImports]

    beside = file.parent / "config" / f"{file.stem}.yaml"
    if not beside.is_file():
        raise ConfigError(f"{file.name} comes with its settings in {str(beside)!r}, and that file is not there.")
    settings: Any = OmegaConf.to_container(OmegaConf.load(beside))
    n_steps = n_updates * n_envs * settings["NUM_STEPS"]
    return {**settings, "NUM_ENVS": n_envs, "TOTAL_TIMESTEPS": n_steps}


def is_sound(logged: Any, weights: Any, n_updates: int) -> bool:
    """Whether all updates were made, and all weights are finite at the end."""
    import jax

    made = np.atleast_1d(logged["update_step"]).tolist()
    return made == list(range(1, n_updates + 1)) and all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(weights))


def main(arguments: Sequence[str] | None = None) -> int:
    """Train for a few updates, and print what the script would log.

    Args:
      arguments: the command line's, by default those of this process.
    Returns:
      The exit status.
    Raises:
      ConfigError: for a script or settings that are not there.
    """
    parser = argparse.ArgumentParser(
        prog="python -m comparisons.proofs.jaxmarl_training",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("script", type=pathlib.Path, metavar="FILE", help="the training script")
    parser.add_argument("--env", default=ENV_ID, metavar="ID", help="what it trains on (default: %(default)s)")
    parser.add_argument("--updates", type=int, default=4, help="updates of the weights (default: %(default)s)")
    parser.add_argument("--envs", type=int, default=8, help="environments that play (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the training (default: %(default)s)")
    options = parser.parse_args(arguments)

    import wandb  # pyright: ignore[reportMissingImports]

    from cogrid.interop.jaxmarl import JaxMARLEnv

    script = load_script(options.script, lambda: JaxMARLEnv(options.env))
    wandb.init(mode="disabled")
    logged, weights = train(script, read_settings(options.script, options.updates, options.envs), options.seed)
    for name, values in sorted(logged.items()):
        print(f"{name}: {', '.join(f'{value:.4g}' for value in np.atleast_1d(values))}")
    is_good = is_sound(logged, weights, options.updates)
    print(f"all {options.updates} updates made, all weights finite: {'yes' if is_good else 'NO'}")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())

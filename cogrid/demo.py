"""Two scripted cooks make soup in a cramped kitchen, under NumPy and under JAX, step by step the same.

Run as `python -m cogrid.demo [--out DIR] [--seed N] [--steps N] [--skip-benchmark]`.
"""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cogrid.backend._dispatch import has_jax
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.jax_step import envstate_to_dict
from cogrid.envs.overcooked.scripted import ScriptedCook
from cogrid.envs.registry import make
from cogrid.errors import CoGridError
from cogrid.rendering import render_rgb, write_gif

ENV_ID = "Overcooked-CrampedRoom-V0"
TILE_SIZE = 40


@dataclasses.dataclass(frozen=True, kw_only=True)
class Moment:
    """All that is known of one step.

    Attributes:
      observations: by agent.
      rewards: by agent; empty after the reset.
      ends: terminated and truncated, by agent; empty after the reset.
      state: the state, as NumPy arrays.
    """

    observations: Mapping[str, np.ndarray]
    rewards: Mapping[str, Any]
    ends: Mapping[str, tuple[bool, bool]]
    state: EnvState

    def parts(self) -> dict[str, Mapping[str, Any]]:
        """Everything that two equal episodes share, by name."""
        return {
            "observations": self.observations,
            "rewards": self.rewards,
            "ends": self.ends,
            "state": envstate_to_dict(self.state),
        }


def play(env: CoGridEnv, seed: int) -> list[Moment]:
    """Let scripted cooks play an episode.

    Args:
      env: a kitchen.
      seed: of the episode.
    Returns:
      A moment for the start and one for each step.
    """
    cooks = {agent: ScriptedCook(idx) for idx, agent in enumerate(env.possible_agents)}
    observations, _ = env.reset(seed=seed)
    moments = [Moment(observations=observations, rewards={}, ends={}, state=_numpy_state(env))]
    while env.agents:
        actions = {agent: cooks[agent].act(moments[-1].state) for agent in env.agents}
        observations, rewards, terminations, truncations, _ = env.step(actions)
        ends = {agent: (terminations[agent], truncations[agent]) for agent in terminations}
        moments.append(Moment(observations=observations, rewards=rewards, ends=ends, state=_numpy_state(env)))
    return moments


def _numpy_state(env: CoGridEnv) -> EnvState:
    """A snapshot as NumPy arrays; reading one that is in JAX name by name would take longer than the game."""
    state = env.get_state()
    if env.backend == "jax":
        import jax

        return jax.tree.map(np.asarray, state)
    return state


def count_deliveries(moment: Moment) -> int:
    """How many soups the delivery zone took in the step that led to a moment."""
    delivery = 1 << moment.state.tables.rules.event_names.index("delivery")
    return int(np.count_nonzero(moment.state.events & delivery))


def first_difference(moments: Sequence[Moment], others: Sequence[Moment]) -> str | None:
    """Compare two episodes, bit for bit.

    Args:
      moments, others: an episode each.
    Returns:
      Where they differ first, in words; None if they are equal throughout.
    """
    for step, (moment, other) in enumerate(zip(moments, others, strict=False)):
        other_parts = other.parts()
        for part, values in moment.parts().items():
            other_values = other_parts[part]
            if values.keys() != other_values.keys():
                return f"step {step}, {part}: {sorted(values)} against {sorted(other_values)}"
            for name, value in values.items():
                if not _is_same(value, other_values[name]):
                    return f"step {step}, {part}, {name}: {value} against {other_values[name]}"
    if len(moments) != len(others):
        return f"one lasts {len(moments) - 1} steps, the other {len(others) - 1}"
    return None


def _is_same(value: Any, other: Any) -> bool:
    value, other = np.asarray(value), np.asarray(other)
    return value.dtype == other.dtype and value.shape == other.shape and value.tobytes() == other.tobytes()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo.

    Args:
      arguments: the command line; the process's own if left out.
    Returns:
      The exit status: 0; 1 if the two backends do not play the same episode, or no soup is delivered; 2 for settings
      that cannot be used.
    """
    options = _read_arguments(arguments)
    try:
        moments = play(make(ENV_ID, max_steps=options.steps), options.seed)
    except CoGridError as error:
        print(error, file=sys.stderr)
        return 2
    n_deliveries = sum(count_deliveries(moment) for moment in moments)
    total = sum(float(reward) for moment in moments for reward in moment.rewards.values())
    print(f"Two scripted cooks in {ENV_ID}, seed {options.seed}, {len(moments) - 1} steps:")
    print(f"  soups delivered: {n_deliveries}")
    print(f"  return: {total:g} ({total / len(moments[0].observations):g} for each cook)")
    is_same = _compare_with_jax(moments, options)
    path = pathlib.Path(options.out) / "cramped_room.gif"
    write_gif((render_rgb(moment.state, TILE_SIZE) for moment in moments), path)
    print(f"The episode as a GIF: {path.resolve()}")
    if not options.skip_benchmark:
        _run_benchmark()
    return 0 if is_same and n_deliveries > 0 else 1


def _read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cogrid.demo", description="Two scripted cooks, on both backends.")
    parser.add_argument("--out", default="out", help="folder for the GIF (default: out)")
    parser.add_argument("--seed", type=int, default=0, help="the episode's seed (default: 0)")
    parser.add_argument("--steps", type=int, default=400, help="the episode's length (default: 400)")
    parser.add_argument("--skip-benchmark", action="store_true", help="do not measure steps per second")
    return parser.parse_args(arguments)


def _compare_with_jax(moments: list[Moment], options: argparse.Namespace) -> bool:
    """Play the episode under JAX too and say whether it is the same; without JAX there is nothing to compare."""
    if not has_jax():
        print('JAX is not installed, so this was NumPy only. To compare the backends: pip install "cogrid[jax]"')
        return True
    others = play(make(ENV_ID, backend="jax", max_steps=options.steps), options.seed)
    difference = first_difference(moments, others)
    if difference is not None:
        print(f"NumPy and JAX DIFFER: {difference}")
        return False
    print(
        f"NumPy and JAX played the same episode: observations, rewards, ends and states are equal, bit for bit, "
        f"after the reset and at each of the {len(moments) - 1} steps."
    )
    return True


def _run_benchmark() -> None:
    from cogrid.benchmarks.benchmark_suite import run_benchmark_suite

    print()
    run_benchmark_suite()


if __name__ == "__main__":
    sys.exit(main())

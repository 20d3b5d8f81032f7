"""Two scripted cooks make soup in a cramped kitchen, under NumPy and under JAX, step by step the same.

Run as `python -m cogrid.demo [--out DIR] [--seed N] [--steps N] [--skip-benchmark]`.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Sequence

from cogrid.backend._dispatch import has_jax
from cogrid.command_line.policies import scripted_play
from cogrid.command_line.run import play
from cogrid.envs.registry import make
from cogrid.errors import CoGridError
from cogrid.extras import installing
from cogrid.page.export import write_page
from cogrid.recording.trajectory import Trajectory, TrajectoryRecorder
from cogrid.rendering import render_rgb, write_gif

ENV_ID = "Overcooked-CrampedRoom-V0"
TILE_SIZE = 64

PAGE_IDS = (
    ENV_ID,
    "Overcooked-AsymmetricAdvantages-V0",
    "Overcooked-CoordinationRing-V0",
    "Overcooked-ForcedCoordination-V0",
    "Overcooked-CounterCircuit-V0",
    "OvercookedV2-GroundedCoordSimple-V0",
    "GoalSeeking-Random-V0",
    "LevelBasedForaging-8x8-V0",
    "CleanUp-River-V0",
    "Warehouse-Tiny-V0",
    "MiniGrid-DoorKey-8x8-V0",
)
"""The worlds of the page that the demo writes."""


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
        recorder = TrajectoryRecorder(make(ENV_ID, max_steps=options.steps), keep_observations=True)
        episode = play(recorder, scripted_play, options.seed, options.steps, keep_states=True)
    except CoGridError as error:
        print(error, file=sys.stderr)
        return 2
    n_deliveries = sum(counts.get("delivery", 0) for counts in episode.events.values())
    total = sum(episode.returns.values())
    print(f"Two scripted cooks in {ENV_ID}, seed {options.seed}, {episode.n_steps} steps:")
    print(f"  soups delivered: {n_deliveries}")
    print(f"  return: {total:g} ({total / len(episode.returns):g} for each cook)")
    is_same = compare_with_jax(recorder.trajectory())
    path = pathlib.Path(options.out) / "cramped_room.gif"
    write_gif((render_rgb(state, TILE_SIZE) for state in episode.states), path)
    print(f"The episode as a GIF: {path.resolve()}")
    if not options.skip_benchmark:
        _run_benchmark()
    page = write_page([make(name) for name in PAGE_IDS], pathlib.Path(options.out) / "page")
    print(f"\nPlay yourself, in kitchens and in other worlds: open {page.resolve()} in a browser.")
    return 0 if is_same and n_deliveries > 0 else 1


def compare_with_jax(trajectory: Trajectory) -> bool:
    """Play an episode of NumPy's again under JAX, and say whether it is the same; without JAX there is nothing to do.

    Args:
      trajectory: the episode, to its end.
    """
    if not has_jax():
        print(f"JAX is not installed, so this was NumPy only. To compare the backends: {installing('jax')}")
        return True
    differences = trajectory.check(make(ENV_ID, backend="jax", max_steps=trajectory.n_steps))
    if differences:
        print(f"NumPy and JAX DIFFER: {differences[0].what} of step {differences[0].step}")
        return False
    print(
        "NumPy and JAX played the same episode: observations, rewards and ends are equal, bit for bit, after the "
        f"reset and at each of the {trajectory.n_steps} steps."
    )
    return True


def _read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cogrid.demo", description="Two scripted cooks, on both backends.")
    parser.add_argument("--out", default="out", help="folder for the GIF and the page (default: out)")
    parser.add_argument("--seed", type=int, default=0, help="the episode's seed (default: 0)")
    parser.add_argument("--steps", type=int, default=400, help="the episode's length (default: 400)")
    parser.add_argument("--skip-benchmark", action="store_true", help="do not measure steps per second")
    return parser.parse_args(arguments)


def _run_benchmark() -> None:
    from cogrid.benchmarks.benchmark_suite import run_benchmark_suite

    print()
    run_benchmark_suite()


if __name__ == "__main__":
    sys.exit(main())

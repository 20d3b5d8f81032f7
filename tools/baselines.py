"""`make baselines`: trains the table's cells, keeps their weights in `baselines/`, and writes `docs/baselines.md`.

It may be stopped at any moment: the next call goes on with the cell, and within it with the seed and the checkpoint,
where it was. Every number on the page comes from `baselines/<cell>/result.json`, which this command alone writes.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from cogrid.learning.charts import draw_heat_map
from cogrid.learning.evaluation import cross_play, self_play
from cogrid.learning.players import read_players
from cogrid.learning.policy_file import read_policy, save_policy
from cogrid.learning.training import Training, train
from cogrid.learning.world import World

N_SEEDS = 5
N_EPISODES = 100
MAX_BYTES = 200_000
"""Of a policy's file."""

PLACES = ("CrampedRoom", "CoordRing", "AsymmAdvantages", "ForcedCoord", "CounterCircuit")
PLACES_OF_THE_ORIGINAL = (
    "CrampedRoom",
    "CoordinationRing",
    "AsymmetricAdvantages",
    "ForcedCoordination",
    "CounterCircuitO1Order",
)
N_STEPS = {"CrampedRoom": 1_500_000, "AsymmAdvantages": 2_000_000, "AsymmetricAdvantages": 2_000_000}
N_STEPS_ELSEWHERE = 3_000_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cell:
    """A row of the table.

    Attributes:
      name: of its folder.
      group: the table that it is in.
      world: where agents learn.
      steps: of each seed.
      settings: of the algorithm.
    """

    name: str
    group: str
    world: World
    steps: int
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def training(self, seed: int) -> Training:
        """The training of one seed."""
        return Training(world=self.world, steps=self.steps, first_seed=seed, keep=0, settings=self.settings)


def cells() -> list[Cell]:
    """All rows, in the order in which they are trained."""
    compact = {"features": ["object_planes"]}
    groups = (
        ("JaxMARL's rules", "JaxMARLOvercooked", PLACES, {}),
        ("Overcooked-AI's rules", "OvercookedAI", PLACES_OF_THE_ORIGINAL, {}),
        ("Overcooked-AI's rules before 2020", "OvercookedAI", PLACES_OF_THE_ORIGINAL, {"old_dynamics": True}),
    )
    return [
        Cell(
            name=f"{family}-{place}{'-old' if overrides else ''}",
            group=group,
            world=World(id=f"{family}-{place}-V0", overrides={**compact, **overrides}),
            steps=N_STEPS.get(place, N_STEPS_ELSEWHERE),
        )
        for group, family, places, overrides in groups
        for place in places
    ]


def make_cell(cell: Cell, runs: pathlib.Path, weights: pathlib.Path, n_seeds: int) -> None:
    """Train what is missing of a cell, and measure what there is after each seed; another training's is removed."""
    if not _is_current(cell, weights):
        shutil.rmtree(weights / cell.name, ignore_errors=True)
        shutil.rmtree(runs / cell.name, ignore_errors=True)
    for seed in range(n_seeds):
        file = weights / cell.name / f"seed_{seed}.safetensors"
        if seed in read_result(weights / cell.name).get("seeds", ()):
            continue
        print(f"{cell.name}, seed {seed}", file=sys.stderr, flush=True)
        result = train(cell.training(seed), runs / cell.name / f"seed_{seed}", progress=sys.stderr)
        trained = read_policy(result.policies[0])
        env = trained.world.make()
        save_policy(
            file,
            world=trained.world,
            env=env,
            network=trained.network,
            params=trained.params,
            about=trained.about,
            is_greedy=trained.is_greedy,
            dtype=np.float16,
        )
        if file.stat().st_size > MAX_BYTES:
            raise SystemExit(f"{file} has {file.stat().st_size:,} bytes: choose a smaller network or observation.")
        cost = {"seconds": round(result.seconds), "cpu_seconds": round(result.cpu_seconds), "steps": result.steps}
        measure(cell, seed, cost, weights)


def measure(cell: Cell, seed: int, cost: Mapping[str, Any], weights: pathlib.Path) -> None:
    """Let all of a cell's policies play, from the files that are kept, and write the result."""
    folder = weights / cell.name
    found, env = _crossed(folder)
    before = read_result(folder)
    costs = {**before.get("costs", {}), str(seed): cost}
    result = {
        "group": cell.group,
        "training": cell.training(0).to_json(),
        "episodes": N_EPISODES,
        **found,
        "costs": costs,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores; {platform.system()}",
        "world": env.config.name,
    }
    (folder / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    if len(found["seeds"]) > 1:
        names = [f"seed {number}" for number in found["seeds"]]
        draw_heat_map(folder / "xplay.png", cell.name, names, np.array(found["matrix"]["matrix"]))


def differences(folder: pathlib.Path) -> list[str]:
    """Play everything of a cell again from the weights that are kept, and compare to the digit.

    Returns:
      The names of the results that are not the same now; on another processor, which rounds differently, there may be
      some.
    """
    kept, found = read_result(folder), json.loads(json.dumps(_crossed(folder)[0]))
    return [name for name, value in found.items() if kept.get(name) != value]


def _crossed(folder: pathlib.Path) -> tuple[dict[str, Any], Any]:
    """What all of a cell's policies come to, alone and together, and their world."""
    env, players = read_players([str(folder)])
    returns = self_play(players, N_EPISODES).astype(np.float64).mean(axis=2)
    found = {
        "seeds": [player.policy.about["seed"] for player in players],  # pyright: ignore[reportFunctionMemberAccess]
        "returns": returns.mean(axis=1).tolist(),
        "standard_errors": (returns.std(axis=1, ddof=1) / N_EPISODES**0.5).tolist(),
        "matrix": cross_play(players, N_EPISODES).to_json(),
    }
    return found, env


def read_result(folder: pathlib.Path) -> dict[str, Any]:
    """A cell's result, empty where there is none yet."""
    path = folder / "result.json"
    return json.loads(path.read_text()) if path.is_file() else {}


def _is_current(cell: Cell, weights: pathlib.Path) -> bool:
    """Whether what is kept of a cell, if anything, is of the training that it asks for."""
    result = read_result(weights / cell.name)
    return not result or result["training"] == json.loads(json.dumps(cell.training(0).to_json()))


HEADER = """\
# Baselines

What independent PPO with the library's default settings comes to, one seed after the other, nothing chosen afterwards.
`make baselines` writes this page and the weights in `baselines/`; it goes on where it was stopped.

A number is the mean return of the team (as the world pays it, without shaped rewards) over {n_episodes} episodes of 400
steps with one policy in all seats, played from the weights that are kept, in half precision. Seconds are those of one
core (in brackets the clock's, on a machine that does other things too), compiling included. Cross-play is the
interquartile mean over seeds of what each came to with the others, with a 95 % interval: [evaluation](evaluation.md).
"""


def page(results: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """The page, from the cells' results."""
    lines = [HEADER.format(n_episodes=N_EPISODES)]
    for group in dict.fromkeys(result["group"] for _, result in results):
        lines += [f"## {group}", ""]
        lines += ["| kitchen | steps of a seed | each seed's return | median | cross-play | gap | seconds of a seed |"]
        lines += ["|---|---|---|---|---|---|---|"]
        lines += [_row(name, result) for name, result in results if result["group"] == group]
        lines += [""]
        lines += [
            f"{name}: {result['note']}.\n" for name, result in results if result["group"] == group and "note" in result
        ]
    missing = [cell.name for cell in cells() if cell.name not in dict(results)]
    if missing:
        lines += [f"Not trained yet: {', '.join(missing)}.", ""]
    lines += ["No agent of this table has been trained beside a human proxy, or been judged with one.", ""]
    machines = sorted({result["machine"] for _, result in results})
    lines += [f"Measured on: {'; '.join(machines)}.", ""]
    lines += [
        "`cogrid eval baselines/<kitchen>` and `cogrid xplay baselines/<kitchen>` play the same episodes again,",
        "and come to the same numbers on the same machine. `make baselines-check` does so for all of them, and fails",
        "where a digit differs.",
        "",
    ]
    command = page_command(results)
    if command:
        lines += ["To cook with them in a browser, in a checkout:", "", "```", command, "```", ""]
    return "\n".join(lines)


def page_command(results: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """What makes a page of the kitchens in which a policy was trained, with its first seed to play beside; else ""."""
    plain = {name: result["training"]["world"] for name, result in results}
    plain = {name: world["id"] for name, world in plain.items() if list(world["overrides"]) == ["features"]}
    folders = " ".join(f"baselines/{name}" for name in plain)
    return "" if not plain else f"cogrid page {' '.join(plain.values())} --policies {folders} --out trained"


def _row(name: str, result: Mapping[str, Any]) -> str:
    each = ", ".join(f"{value:.1f}" for value in result["returns"])
    crossed, costs = result["matrix"]["cross_play"], list(result["costs"].values())
    together = "" if crossed is None else f"{crossed['value']:.1f} ({crossed['low']:.1f} to {crossed['high']:.1f})"
    gap = "" if result["matrix"]["gap"] is None else f"{result['matrix']['gap']:.1f}"
    cpu, clock = (np.median([cost[unit] for cost in costs]) for unit in ("cpu_seconds", "seconds"))
    n_missing = N_SEEDS - len(result["returns"])
    missing = f" ({n_missing} of {N_SEEDS} seeds not yet trained)" if n_missing > 0 else ""
    return (
        f"| {name} | {costs[0]['steps']:,} | {each}{missing} | {np.median(result['returns']):.1f} | {together} | {gap} "
        f"| {cpu:.0f} ({clock:.0f}) |"
    )


def results_in(weights: pathlib.Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The cells that have a result, in the table's order."""
    for cell in cells():
        result = read_result(weights / cell.name)
        if result:
            yield cell.name, result


def check(folders: Sequence[pathlib.Path]) -> None:
    """Say of each cell whether its weights play as its result says.

    Raises:
      SystemExit: where one does not.
    """
    is_same = True
    for folder in folders:
        changed = differences(folder)
        print(f"{folder.name}: {', '.join(changed) + ' differ' if changed else 'the same to the digit'}", flush=True)
        is_same = is_same and not changed
    if not is_same:
        raise SystemExit(1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the table, or some of it."""
    parser = argparse.ArgumentParser(prog="baselines")
    parser.add_argument("--runs", type=pathlib.Path, default=pathlib.Path("runs/baselines"))
    parser.add_argument("--weights", type=pathlib.Path, default=pathlib.Path("baselines"))
    parser.add_argument("--page", type=pathlib.Path, default=pathlib.Path("docs/baselines.md"))
    parser.add_argument("--only", nargs="*", metavar="NAME", help="cells, by the names of their folders")
    parser.add_argument("--seeds", type=int, default=N_SEEDS)
    parser.add_argument("--check", action="store_true", help="train nothing: play again, and compare to the digit")
    options = parser.parse_args(arguments)
    wanted = [cell for cell in cells() if not options.only or cell.name in options.only]
    if options.check:
        check([options.weights / cell.name for cell in wanted if read_result(options.weights / cell.name)])
        return
    for cell in wanted:
        make_cell(cell, options.runs, options.weights, options.seeds)
        options.page.write_text(page(list(results_in(options.weights))))
    options.page.write_text(page(list(results_in(options.weights))))


if __name__ == "__main__":
    main()

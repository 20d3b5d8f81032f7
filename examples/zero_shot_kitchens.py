"""Cooks for kitchens that they have never seen: trained in 1,000 drawn ones, judged in the five classic ones.

    python examples/zero_shot_kitchens.py --steps 2e7 --out runs/zero_shot

One pair of cooks learns in a drawn kitchen, another one in every episode (after Jha et al., 2025, arXiv 2504.12714,
whose agents learn to cooperate with strangers by playing in very many kitchens). Nothing of the classic kitchens is
learnt from; they are drawn into the same frame of walls, so that a network that has read drawn kitchens can read them.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

import cogrid
from cogrid import LayoutSet
from cogrid.core.layout import read_drawing
from cogrid.envs.overcooked.generator import KitchenSettings, kitchen_set
from cogrid.learning.evaluation import self_play
from cogrid.learning.players import Player
from cogrid.learning.policy_file import read_policy
from cogrid.learning.training import Training, train
from cogrid.learning.world import World

ID = "GeneratedKitchens-V0"
BASE = "Overcooked-CrampedRoom-V0"
CLASSIC = ("CrampedRoom", "AsymmetricAdvantages", "CoordinationRing", "ForcedCoordination", "CounterCircuit")
HEIGHT, WIDTH = 7, 11
"""Of the frame, which the largest classic kitchen fits into."""


@functools.cache
def drawn_kitchens(count: int) -> LayoutSet:
    """The kitchens that are learnt from: the same for everybody."""
    return kitchen_set(0, count, KitchenSettings(height=HEIGHT, width=WIDTH))


def framed(name: str) -> str:
    """A classic kitchen in the frame, walls below it and to its right."""
    rows = [row.ljust(WIDTH, "#") for row in read_drawing(name)]
    return "\n".join(rows + ["#" * WIDTH] * (HEIGHT - len(rows)))


def make_world(backend: str = "numpy", render_mode: str | None = None, n_kitchens: int = 1000, **settings: Any) -> Any:
    """The drawn kitchens as one world, of which each reset draws one."""
    settings = {"layout": drawn_kitchens(n_kitchens), "max_steps": 400, "features": ["object_planes"], **settings}
    return cogrid.make(BASE, backend=backend, render_mode=render_mode, **settings)


def judge(policy_file: pathlib.Path, kitchen: str, n_episodes: int) -> float:
    """What the cooks come to in a kitchen that they have never seen: the team's mean return."""
    game = make_world("jax", layout=framed(kitchen)).game
    returns = self_play([Player(kitchen, read_policy(policy_file), game)], n_episodes)
    return float(returns.mean())


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    """Train, and judge in every classic kitchen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=float, default=2e7)
    parser.add_argument("--kitchens", type=int, default=1000)
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--network", default="cnn")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/zero_shot"))
    parser.add_argument("--n-envs", type=int, default=64)
    options = parser.parse_args(arguments)
    world = World(id=ID, overrides={"n_kitchens": options.kitchens}, imports=(pathlib.Path(__file__).stem,))
    settings = {"network": options.network, "n_envs": options.n_envs}
    training = Training(world=world, steps=int(options.steps), settings=settings)
    result = train(training, options.out, progress=sys.stderr)
    print(f"in the kitchens that were learnt from: {result.returns[0]:.1f}")
    found = {kitchen: judge(result.policies[0], kitchen, options.episodes) for kitchen in CLASSIC}
    for kitchen, value in found.items():
        print(f"{kitchen}, never seen: {value:.1f}")
    return found


if __name__ == "__main__":
    # The policy's file remembers this module by its name, so it is that module that runs.
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    importlib.import_module(pathlib.Path(__file__).stem).main()
else:
    cogrid.register(ID, make_world)

"""`train`: a training run in a folder, which goes on where it was stopped and comes to the same result.

The folder holds `checkpoint.safetensors` (everything that the run goes on from, with its whole history), and what is
made from it: `log.csv`, `curve.png`, `result.json`, and the policies, one file for each seed and further ones from
along the way.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import os
import pathlib
import platform
import time
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

import numpy as np
from jaxtyping import Shaped

from cogrid.backend.threefry import seed_words
from cogrid.errors import CheckpointError, ConfigError, check_integer
from cogrid.game import Game
from cogrid.learning.algorithms import Algorithm, make_algorithm, read_settings
from cogrid.learning.charts import draw_curve
from cogrid.learning.logs import ProgressLine, Tracker, told, tracked_rows, write_csv
from cogrid.learning.partners import digests, read_partners
from cogrid.learning.players import Player
from cogrid.learning.policy_file import save_policy
from cogrid.learning.tensor_file import SUFFIX, read_tensors, write_tensors, write_whole
from cogrid.learning.world import World, check_identity, identity

CHECKPOINT = "checkpoint.safetensors"
N_CHECKPOINTS = 24
"""Into how many parts a run is divided, at least; after each a checkpoint is written."""

_HISTORY = "history."
"""What the names of a checkpoint's arrays start with that are the history and not the runner."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Training:
    """What is trained, and how; two equal ones come to the same policies, bit for bit, on one machine.

    Attributes:
      world: where.
      algorithm: its name.
      steps: of the environment, for each seed; rounded up to whole parts of the run.
      seeds: how many runs, side by side.
      first_seed: theirs are this and the following numbers.
      keep: how many policies of each seed are kept from along the way, evenly spaced from the untrained one on.
      settings: of the algorithm, those that are not its default.
      partners: who plays beside the learner of `best_response`: files of policies, folders with several, names of
        scripts, "module:function", and "self" for the learner's own policy.
    """

    world: World
    algorithm: str = "ippo"
    steps: int = 2_000_000
    seeds: int = 1
    first_seed: int = 0
    keep: int = 4
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    partners: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, least in (("steps", 1), ("seeds", 1), ("first_seed", 0), ("keep", 0)):
            check_integer(name, getattr(self, name), least)
        object.__setattr__(self, "partners", tuple(map(os.fspath, self.partners)))

    def to_json(self) -> dict[str, Any]:
        """The description as JSON has it; partners are named where there are any."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        found = {**fields, "world": self.world.to_json(), "settings": dict(self.settings)}
        return found if self.partners else {name: value for name, value in found.items() if name != "partners"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """What a training run came to.

    Attributes:
      folder: where it is.
      policies: the file of each seed.
      returns: each seed's mean return of the episodes that ended in its last updates; NaN where none did.
      steps: of each seed.
      seconds: that the run took, all its parts together, compiling included.
      cpu_seconds: the same in seconds of a processor core, however busy the machine was with other things.
      reached: the steps and the seconds after which the mean return of the seeds was the goal; None where it was not,
        or there is none. Seconds are known at checkpoints only.
    """

    folder: pathlib.Path
    policies: tuple[pathlib.Path, ...]
    returns: tuple[float, ...]
    steps: int
    seconds: float
    cpu_seconds: float
    reached: tuple[int, float] | None


def train(
    training: Training,
    out: str | os.PathLike[str],
    *,
    progress: TextIO | None = None,
    tracker: Any = None,
    goal: float | None = None,
) -> TrainingResult:
    """Train, or go on with what was begun in the folder, and write everything there.

    Args:
      training: what is trained, and how.
      out: the folder.
      progress: where a line tells how far the run is; nowhere if left out.
      tracker: a module with `init`, `log` and `finish`, such as trackio or wandb, that is told of everything.
      goal: a mean return; the curve shows it, and the result says when it was reached.
    Raises:
      ConfigError: for settings that make no sense; MissingDependencyError without the extra `cogrid[learn]`.
      CheckpointError: for a folder that holds another run or a damaged one, and for files that cannot be written.
    """
    began, cpu_began = time.monotonic(), time.process_time()
    read_settings(training.algorithm, training.settings)  # Before anything is made: what is not installed, or wrong.
    world, env = training.world.make_for_learning()
    training = dataclasses.replace(training, world=world)
    if env.config.max_steps is None:
        raise ConfigError(f"An episode of {world.id!r} has no end, so no return: set max_steps.")
    run = _Run(training, env, pathlib.Path(out), progress)
    where = run.begin()
    follower = None if tracker is None else Tracker(tracker, run.folder.name, training.to_json())
    passed = where.seconds[-1] if where.seconds else (0.0, 0.0)
    while where.n_parts < run.n_parts:
        n_told = where.n_updates
        where = run.play_part(where)
        now = passed[0] + time.monotonic() - began, passed[1] + time.process_time() - cpu_began
        where = dataclasses.replace(where, seconds=(*where.seconds, now))
        run.write(where, goal)
        if follower is not None:
            follower.log(tracked_rows(where.history, run.seeds, run.steps_per_update, n_told))
    if follower is not None:
        follower.finish()
    return run.finish(where, goal)


@dataclasses.dataclass(frozen=True)
class _Where:
    """How far a run is: the runners of all seeds, the history, and the seconds (of the clock, of a core) so far."""

    runners: Any
    n_parts: int
    history: Mapping[str, Shaped[np.ndarray, "U S"]]
    seconds: tuple[tuple[float, float], ...]

    @property
    def n_updates(self) -> int:
        return len(next(iter(self.history.values()), ()))


class _Run:
    """A training in a folder."""

    def __init__(self, training: Training, env: Any, folder: pathlib.Path, progress: TextIO | None) -> None:
        settings = read_settings(training.algorithm, training.settings)
        self.training, self.env, self.folder = training, env, folder
        self.steps_per_update: int = settings.steps_per_update
        n_needed = math.ceil(training.steps / self.steps_per_update)
        self.updates_per_part = max(1, n_needed // N_CHECKPOINTS)
        self.n_parts = math.ceil(n_needed / self.updates_per_part)
        self.total_steps = self.n_parts * self.updates_per_part * self.steps_per_update
        self.seeds = range(training.first_seed, training.first_seed + training.seeds)
        n_updates = self.n_parts * self.updates_per_part
        partners = read_partners(training.partners, env)
        self._partners = digests(partners)
        self._what = training.algorithm, env.game, settings, n_updates, partners
        self.algorithm: Algorithm = make_algorithm(*self._what)
        label, n_seeds = training.world.id, len(self.seeds)
        self._line = None if progress is None else ProgressLine(label, self.total_steps, n_seeds, progress)
        self._kept_at = {round(idx * self.n_parts / training.keep) for idx in range(training.keep)}

    def begin(self) -> _Where:
        """The runners to go on from: those of the checkpoint, or new ones."""
        import jax
        import jax.numpy as jnp

        start, _ = _compiled(*self._what, self.updates_per_part, None)
        keys = jnp.asarray(np.array([seed_words(seed) for seed in self.seeds], dtype=np.uint32))
        if (self.folder / CHECKPOINT).exists():
            return self._read(jax.eval_shape(start, keys))
        where = _Where(start(keys), 0, {}, ())
        self._keep_policies(where)
        return where

    def play_part(self, where: _Where) -> _Where:
        """Train until the next checkpoint."""
        runners, logged = _compiled(*self._what, self.updates_per_part, self._line)[1](where.runners)
        logged = {name: np.asarray(values) for name, values in logged.items()}
        history = {
            name: np.concatenate([where.history[name], values]) if where.history else values
            for name, values in logged.items()
        }
        return _Where(runners, where.n_parts + 1, history, where.seconds)

    def write(self, where: _Where, goal: float | None) -> None:
        """Write the policies that are kept, the checkpoint, and what is made from it, in this order."""
        self._keep_policies(where)
        arrays = {_HISTORY + name: values for name, values in where.history.items()}
        arrays |= {name: np.asarray(leaf) for name, leaf in _named_leaves(where.runners)}
        header = {
            "training": self.training.to_json(),
            "world": self.training.world.to_json(),
            **identity(self.env),
            "n_parts": where.n_parts,
            "seconds": where.seconds,
            "partners": self._partners,
        }
        write_tensors(self.folder / CHECKPOINT, "checkpoint", header, arrays)
        write_csv(self.folder / "log.csv", where.history, self.seeds, self.steps_per_update)
        steps = [(idx + 1) * self.steps_per_update for idx in range(where.n_updates)]
        title = f"{self.training.algorithm} in {self.training.world.id}: {told(where.history['return'][-1])}"
        draw_curve(self.folder / "curve.png", title, steps, where.history["return"], goal)

    def _read(self, expected: Any) -> _Where:
        import jax

        path = self.folder / CHECKPOINT
        header, arrays = read_tensors(path, "checkpoint")
        check_identity(path, header, identity(self.env), self.training.world)
        asked = json.loads(json.dumps(self.training.to_json()))
        other = [name for name, value in asked.items() if header["training"].get(name) != value]
        if other:
            was = ", ".join(f"{name}={header['training'].get(name)!r}" for name in other)
            raise CheckpointError(f"{str(path)!r} is of a run with {was}: give the same again, or another folder.")
        changed = [name for name, digest in self._partners.items() if header.get("partners", {}).get(name) != digest]
        if changed:
            raise CheckpointError(
                f"{str(path)!r} was written beside other partners than there are now ({changed[0]!r} has changed): put "
                "back the file that was there, or choose another folder."
            )
        named = dict(_named_leaves(expected))
        for name, leaf in named.items():
            if name not in arrays or (arrays[name].shape, arrays[name].dtype) != (leaf.shape, leaf.dtype):
                raise CheckpointError(
                    f"{str(path)!r} was written by another version of CoGrid or JAX ({name} differs): delete it to "
                    "begin anew, or finish the run with the version that began it."
                )
        runners = jax.tree.unflatten(jax.tree.structure(expected), [jax.numpy.asarray(arrays[name]) for name in named])
        history = {name.removeprefix(_HISTORY): arrays[name] for name in sorted(arrays) if name.startswith(_HISTORY)}
        return _Where(runners, header["n_parts"], history, tuple(map(tuple, header["seconds"])))

    def _keep_policies(self, where: _Where) -> None:
        if where.n_parts in self._kept_at:
            steps = where.n_parts * self.updates_per_part * self.steps_per_update
            folder = self.folder / "along_the_way"
            self._save_policies(where, lambda seed: folder / f"seed_{seed}_{steps:010d}{SUFFIX}")

    def _save_policies(self, where: _Where, name: Any) -> tuple[pathlib.Path, ...]:
        import jax

        params = jax.tree.map(np.asarray, self.algorithm.actor_params(where.runners))
        paths = tuple(name(seed) for seed in self.seeds)
        for idx, (seed, path) in enumerate(zip(self.seeds, paths, strict=True)):
            returns = where.history["return"][:, idx] if where.history else np.full(1, np.nan)
            save_policy(
                path,
                world=self.training.world,
                env=self.env,
                network=self.algorithm.actor,
                is_greedy=self.algorithm.is_greedy,
                params=jax.tree.map(lambda leaf, idx=idx: leaf[idx], params),
                about={
                    "algorithm": self.training.algorithm,
                    "seed": seed,
                    "steps": where.n_updates * self.steps_per_update,
                    "return": None if np.isnan(returns[-1]) else float(returns[-1]),
                    **({"partners": list(self.training.partners)} if self.training.partners else {}),
                },
            )
        return paths

    def finish(self, where: _Where, goal: float | None) -> TrainingResult:
        """Write the policies and the result."""
        policies = self._save_policies(where, lambda seed: self.folder / f"seed_{seed}{SUFFIX}")
        returns = _last_known(where.history["return"])
        reached = None if goal is None else self._reached(where, goal)
        result = {
            "training": self.training.to_json(),
            "returns": [None if math.isnan(value) else value for value in returns],
            "steps": self.total_steps,
            "seconds": where.seconds[-1][0],
            "cpu_seconds": where.seconds[-1][1],
            "goal": goal,
            "reached": reached,
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        }
        write_whole(self.folder / "result.json", (json.dumps(result, indent=2) + "\n").encode())
        return TrainingResult(
            folder=self.folder,
            policies=policies,
            returns=returns,
            steps=self.total_steps,
            seconds=where.seconds[-1][0],
            cpu_seconds=where.seconds[-1][1],
            reached=reached,
        )

    def _reached(self, where: _Where, goal: float) -> tuple[int, float] | None:
        has_reached = np.nan_to_num(where.history["return"], nan=-math.inf).mean(axis=1) >= goal
        if not has_reached.any():
            return None
        idx = int(has_reached.argmax())
        return (idx + 1) * self.steps_per_update, where.seconds[idx // self.updates_per_part][0]


@functools.lru_cache(maxsize=8)
def _compiled(
    name: str,
    game: Game,
    settings: Any,
    n_updates: int,
    partners: tuple[Player | None, ...],
    updates_per_part: int,
    line: ProgressLine | None,
) -> tuple[Any, Any]:
    """The start of all seeds, from their keys, and a part of the run, both compiled as a whole when they are called.

    Args:
      name, game, settings, n_updates, partners: the algorithm.
      updates_per_part: how many updates a part has.
      line: is told of each update from inside, if there is one.
    """
    import jax

    algorithm = make_algorithm(name, game, settings, n_updates, partners)

    def update(runners: Any, _: None) -> tuple[Any, dict[str, Any]]:
        # Side by side where there is room; one after the other on a processor, which takes a seventh less time there.
        is_cpu = jax.default_backend() == "cpu"
        runners, logged = jax.lax.map(algorithm.update, runners) if is_cpu else jax.vmap(algorithm.update)(runners)
        if line is not None:
            jax.debug.callback(functools.partial(_tell, line, settings), runners.n_updates, logged["return"])
        return runners, logged

    def part(runners: Any) -> tuple[Any, dict[str, Any]]:
        return jax.lax.scan(update, runners, None, updates_per_part)

    return jax.jit(jax.vmap(algorithm.start)), jax.jit(part, donate_argnums=0)


def _tell(line: ProgressLine, settings: Any, n_updates: Any, returns: Any) -> None:
    line.show(int(n_updates[0]) * settings.steps_per_update, np.asarray(returns))


def _last_known(returns: Shaped[np.ndarray, "U S"]) -> tuple[float, ...]:
    """Each seed's last return that is a number; NaN where there is none."""
    known = [column[~np.isnan(column)] for column in returns.T]
    return tuple(float(column[-1]) if len(column) else math.nan for column in known)


def _named_leaves(tree: Any) -> Iterator[tuple[str, Any]]:
    """The arrays of a pytree, each with a name."""
    import jax

    for path, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]:
        yield "runner" + jax.tree_util.keystr(path), leaf

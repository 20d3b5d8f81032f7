"""How a worker is asked for figures, and how it times: the same for this library and for every peer.

A worker reads one JSON request a line and answers each with one JSON line. The clock sees steps only: environments,
keys and actions are made before, every repetition begins with a reset, and under JAX the clock stops when the last
step's results are there. Needs NumPy, and nothing else that its library does not bring along.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import os
import platform
import re
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

EPISODE_STEPS = 400
WARM_UP_STEPS = 5
CALIBRATION_STEPS = 8
MAX_DRAWN_NUMBERS = 2**22
"""Actions, and keys, that are made beforehand at most; longer repetitions use them again from the first one on."""

NO_KERNELS = {"parameter", "constant", "tuple", "get-tuple-element", "bitcast", "after-all"}
"""Operations of a compiled program that do not run anything."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Work:
    """What a worker is asked to do.

    Attributes:
      kind: how environments are stepped; each worker has its own list.
      observation: "own", what the cramped room's own agents observe; "planes"; "short", four features of few numbers;
        or "position", two numbers.
      n_envs: how many environments.
      n_steps: steps of a repetition at most; of a scan, exactly.
      seed: of resets and actions.
      has_outer_wall: whether our cramped room has the ring of walls that the peers' have not.
      grid: rows and columns of a square kitchen instead of the cramped room.
      n_agents: how many agents play.
      n_values: for a world whose objects have so many values instead of a kitchen.
      reuses_memory: whether a step writes its observations into the memory of those before.
      env_id: a world by the id that this library has for it, instead of the cramped room; workers of peers make their
        own world of that name.
    """

    kind: str
    observation: str = "planes"
    n_envs: int = 1
    n_steps: int = EPISODE_STEPS
    seed: int = 42
    has_outer_wall: bool = True
    grid: int | None = None
    n_agents: int = 2
    n_values: int | None = None
    reuses_memory: bool = False
    env_id: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Prepared:
    """Work that is ready to be timed.

    Attributes:
      play: resets, makes so many steps, and returns the seconds that the steps took.
      observe: the observations of one environment, an array or a dict of arrays.
      inspect: `state_bytes` and `kernels`, where these can be told.
      has_fixed_length: whether `play` makes `Work.n_steps` steps whatever it is asked for.
    """

    play: Callable[[int], float]
    observe: Callable[[], Any]
    inspect: Callable[[], dict[str, Any]] = dict
    has_fixed_length: bool = False


Builder = Callable[[Work], Prepared]


def draw_actions(work: Work, n_actions: int) -> Any:
    """Random actions, made before the clock starts.

    Args:
      work: whose actions.
      n_actions: how many actions there are.
    Returns:
      `[T, B, A]` int32; T is `n_steps`, or less where that would be too much memory.
    """
    n_drawn = n_different_steps(work)
    shape = (n_drawn, work.n_envs, work.n_agents)
    return np.random.default_rng(work.seed).integers(0, n_actions, size=shape, dtype=np.int32)


def n_different_steps(work: Work) -> int:
    """For how many steps inputs are made; after so many they start again."""
    affordable = MAX_DRAWN_NUMBERS // (work.n_envs * work.n_agents)
    return min(work.n_steps, max(CALIBRATION_STEPS, affordable))


def repetition_length(prepared: Prepared, work: Work, seconds: float) -> int:
    """How many steps a repetition makes: an episode, or less where this would take much longer than asked for.

    Args:
      prepared: what is timed; warmed up by this.
      work: its description.
      seconds: how long a measurement is to take.
    """
    prepared.play(WARM_UP_STEPS)
    if prepared.has_fixed_length:
        return work.n_steps
    n_tried = min(CALIBRATION_STEPS, work.n_steps)
    seconds_a_step = prepared.play(n_tried) / n_tried
    return max(n_tried, min(work.n_steps, round(seconds / seconds_a_step)))


def measure(prepared: Prepared, n_steps: int, n_envs: int, seconds: float) -> float:
    """Repeat until the steps have taken long enough.

    Args:
      prepared: what is timed.
      n_steps: steps of a repetition.
      n_envs: environments that each step steps.
      seconds: how long the steps take at least, all repetitions together.
    Returns:
      Steps of single environments per second.
    """
    taken, n_repetitions = prepared.play(n_steps), 1
    while taken < seconds:
        taken += prepared.play(n_steps)
        n_repetitions += 1
    return n_repetitions * n_steps * n_envs / taken


class Worker:
    """Answers requests about one library."""

    def __init__(self, distribution: str | None, builders: dict[str, Builder]) -> None:
        """Take note of what can be built.

        Args:
          distribution: the library's name as a package; None for a library that need not be an installed one.
          builders: for each kind of work what makes it ready.
        """
        self._distribution = distribution
        self._builders = builders
        self._prepared: dict[Work, tuple[Prepared, dict[float, int]]] = {}

    def serve(self) -> None:
        """Answer requests until the input ends. What the library prints goes to standard error."""
        answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        for line in sys.stdin:
            print(json.dumps(self.answer(json.loads(line))), file=answers, flush=True)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one request: `{"do": "describe" | "prepare" | "measure" | "observe" | "inspect" | "forget", ...}`."""
        if request["do"] == "describe":
            return self.describe()
        if request["do"] == "forget":
            self._prepared.clear()
            return {}
        work = Work(**request["work"])
        if request["do"] == "prepare":
            return {"first_step_seconds": self._prepare(work)}
        if work not in self._prepared:
            self._prepare(work)
        prepared, lengths = self._prepared[work]
        if request["do"] == "observe":
            return {"observation": describe_arrays(prepared.observe())}
        if request["do"] == "inspect":
            return prepared.inspect()
        seconds = request["seconds"]
        if seconds not in lengths:
            lengths[seconds] = repetition_length(prepared, work, seconds)
        return {"steps_per_second": measure(prepared, lengths[seconds], work.n_envs, seconds)}

    def describe(self) -> dict[str, Any]:
        """Versions, and the device that JAX uses."""
        names = [name for name in (self._distribution, "numpy", "jax" if "jax" in sys.modules else None) if name]
        versions = {name: importlib.metadata.version(name) for name in names}
        return {"python": platform.python_version(), "versions": versions, "device": jax_device()}

    def _prepare(self, work: Work) -> float:
        start = time.perf_counter()
        prepared = self._builders[work.kind](work)
        prepared.play(1)
        taken = time.perf_counter() - start
        self._prepared[work] = (prepared, {})
        return taken


def jax_device() -> str | None:
    """The device that JAX uses, where JAX is loaded. Starts JAX's backend, so that no later figure has that in it."""
    if "jax" not in sys.modules:
        return None
    import jax

    device = jax.devices()[0]
    return f"{device.platform} ({device.device_kind})"


def describe_arrays(tree: Any) -> str:
    """Shape and dtype of observations: an array, or a dict with one for each agent."""
    arrays = list(tree.values()) if isinstance(tree, dict) else [tree]
    shape = (len(arrays), *arrays[0].shape) if isinstance(tree, dict) else tuple(arrays[0].shape)
    return f"{shape} {arrays[0].dtype}"


def inspect_jax(step: Any, arguments: tuple[Any, ...], state: Any, n_envs: int) -> dict[str, Any]:
    """The bytes of a batch's states per environment, and the length of a jitted step's program.

    Args:
      step: jitted.
      arguments: of one call.
      state: the batch of states.
      n_envs: environments in the batch.
    """
    import jax

    n_bytes = sum(_n_bytes(jax, leaf) for leaf in jax.tree.leaves(state))
    program = step.lower(*arguments).compile().as_text()
    return {"state_bytes": n_bytes / n_envs, "kernels": count_kernels(program)}


def _n_bytes(jax: Any, leaf: Any) -> int:
    is_key = jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key)
    return (jax.random.key_data(leaf) if is_key else leaf).nbytes


def count_kernels(program: str) -> int:
    """Count what a compiled program runs one after the other: its fused operations, each loop as one.

    Args:
      program: the text of the optimised program.
    """
    entry = program[program.index("\nENTRY ") :]
    lines = [line for line in entry[: entry.index("\n}")].splitlines() if " = " in line]
    operations = [re.search(r"\s([a-z][a-z0-9-]*)\(", line.split(" = ", 1)[1]) for line in lines]
    return sum(found is not None and found[1] not in NO_KERNELS for found in operations)

"""What is compared: every race as a list of contestants, who run in turn."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from cogrid.benchmarks.peers.worker_protocol import EPISODE_STEPS, Work
from cogrid.errors import ConfigError

OWN = "own"
OLD, JAXMARL, ORIGINAL = "cogrid-0.3.2", "jaxmarl-0.2.0", "overcooked-ai-1.1.0"
MIN_ROUNDS = 3

Figure = Literal["steps_per_second", "first_step_seconds", "state_bytes", "kernels"]
Section = Literal["side by side", "scaling", "cost", "size"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Contestant:
    """One that runs in a race.

    Attributes:
      library: `OWN`, or the name of a peer.
      work: what it does.
      series: the line of a chart, or the column of a table, that it belongs to.
      size: its place along that line.
    """

    library: str
    work: Work
    series: str = ""
    size: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Race:
    """What is measured in turn.

    Attributes:
      name: what `--only` calls it; the races of one curve share theirs.
      title: what tables call it.
      contestants: ours first.
      section: where it is shown.
      figure: what is measured.
      least_ratio: our target, ours by the first peer's (by the second contestant's, if there is no peer).
      greatest: our target for our own figure, where less is better.
    """

    name: str
    title: str
    contestants: tuple[Contestant, ...]
    section: Section = "side by side"
    figure: Figure = "steps_per_second"
    least_ratio: float | None = None
    greatest: float | None = None

    @property
    def is_jax(self) -> bool:
        """Whether everybody in it runs JAX."""
        return all(contestant.work.kind.startswith("jax") for contestant in self.contestants)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """How much is measured.

    Attributes:
      rounds: how often the contestants of a race take turns.
      seconds: how long each measurement takes at least.
      n_steps: steps of an episode; every library resets after so many, outside of the clock but in a scan.
      n_envs: environments of a batch.
      n_large: environments of a large batch.
      scaling: numbers of environments.
      grids: rows and columns of square kitchens.
      agents: numbers of agents.
      values: numbers of values of an object.
      n_curve_envs: environments of a batch in the cost curves.
    """

    rounds: int = MIN_ROUNDS
    seconds: float = 1.0
    n_steps: int = EPISODE_STEPS
    n_envs: int = 1024
    n_large: int = 65_536
    scaling: tuple[int, ...] = (1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536)
    grids: tuple[int, ...] = (5, 8, 16, 32, 64)
    agents: tuple[int, ...] = (1, 2, 4, 8, 16, 32)
    values: tuple[int, ...] = (4, 16, 64, 256, 1024, 4096)
    n_curve_envs: int = 256

    def __post_init__(self) -> None:
        if self.rounds < MIN_ROUNDS:
            raise ConfigError(f"rounds must be at least {MIN_ROUNDS}, not {self.rounds}.")
        if not self.seconds > 0:
            raise ConfigError(f"seconds must be more than 0, not {self.seconds}.")
        if not 1 <= self.n_steps <= EPISODE_STEPS:
            raise ConfigError(f"n_steps is from 1 to {EPISODE_STEPS}, an episode's steps, not {self.n_steps}.")

    def as_json(self) -> dict[str, Any]:
        """The settings as JSON knows them."""
        fields = dataclasses.asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}

    def quick(self) -> Settings:
        """The same races, as short as they can be: to see that everything works, not to learn how fast it is."""
        return dataclasses.replace(
            self,
            seconds=min(self.seconds, 0.05),
            n_steps=20,
            n_large=4096,
            scaling=(1, 64, 1024),
            grids=(5, 8),
            agents=(1, 2),
            values=(4, 16),
            n_curve_envs=16,
        )

    def on_gpu(self) -> Settings:
        """The numbers of environments that a GPU is made for."""
        sizes = (1024, 4096, 16_384, 65_536, 262_144, 1_048_576)
        return dataclasses.replace(self, scaling=sizes, n_large=sizes[-1], n_envs=sizes[0])


def all_races(settings: Settings) -> list[Race]:
    """Every race, in the order in which they are run and shown.

    Args:
      settings: how much is measured.
    """
    return [
        *single_races(settings),
        *batch_races(settings),
        *size_races(settings),
        *scaling_races(settings),
        *cost_races(settings),
    ]


def race_names() -> list[str]:
    """What `--only` accepts."""
    return list(dict.fromkeys(race.name for race in all_races(Settings())))


def single_races(settings: Settings) -> list[Race]:
    """One environment."""
    numpy = Work(kind="numpy_single", observation="own", n_steps=settings.n_steps)
    compiled = dataclasses.replace(numpy, kind="jax_single")
    short, planes = (dataclasses.replace(numpy, observation=observation) for observation in ("short", "planes"))
    return [
        Race(
            name="numpy_single",
            title="one environment, NumPy, 443 numbers; CoGrid 0.3.2 its own 892",
            contestants=_pair(numpy, OLD, numpy),
            least_ratio=75,
        ),
        Race(
            name="numpy_single_short",
            title="one environment, NumPy, position, direction, free ways, item in hand",
            contestants=_pair(short, OLD, short),
        ),
        Race(
            name="numpy_single_original",
            title="one environment, NumPy, 443 numbers; Overcooked-AI its lossless planes",
            contestants=_pair(numpy, ORIGINAL, planes),
            least_ratio=4,
        ),
        Race(
            name="numpy_single_planes",
            title="one environment, NumPy, planes; Overcooked-AI its lossless planes",
            contestants=_pair(planes, ORIGINAL, planes),
        ),
        Race(
            name="jax_single",
            title="one environment, JAX, 443 numbers; CoGrid 0.3.2 its own 892",
            contestants=_pair(compiled, OLD, compiled),
            least_ratio=8,
        ),
    ]


def batch_races(settings: Settings) -> list[Race]:
    """Many environments."""
    n_envs, n_large = settings.n_envs, settings.n_large
    loop = Work(kind="jax_loop", n_envs=n_envs, n_steps=settings.n_steps)
    vector, scan = (dataclasses.replace(loop, kind=kind) for kind in ("numpy_vector", "jax_scan"))
    own, short = (dataclasses.replace(loop, observation=observation) for observation in ("own", "short"))
    large = dataclasses.replace(loop, n_envs=n_large)
    pairs = {"numpy_vector": (vector, loop), "jax_loop_planes": (loop, loop), "jax_scan": (scan, scan)}
    as_jaxmarl = [
        Race(
            name=f"{name}_4x5",
            title=f"as `{name}`, our kitchen without its outer wall: 4 x 5 cells, as JaxMARL's",
            contestants=_pair(dataclasses.replace(ours, has_outer_wall=False), JAXMARL, theirs),
        )
        for name, (ours, theirs) in pairs.items()
    ]
    return [
        Race(
            name="numpy_vector",
            title=f"{n_envs:,} environments, NumPy, planes; JaxMARL jitted, its planes",
            contestants=_pair(vector, JAXMARL, loop),
            least_ratio=1.5,
        ),
        Race(
            name="jax_loop_planes",
            title=f"{n_envs:,} environments, `jit(vmap(step))` in a loop, no auto-reset, planes",
            contestants=_pair(loop, JAXMARL, loop),
            least_ratio=5,
        ),
        Race(
            name="jax_loop_numbers",
            title=f"{n_envs:,} environments, `jit(vmap(step))` in a loop, 443 numbers; CoGrid 0.3.2 its own 892",
            contestants=_pair(own, OLD, own),
            least_ratio=10,
        ),
        Race(
            name="jax_loop_short",
            title=f"{n_envs:,} environments, `jit(vmap(step))` in a loop, position, direction, free ways, item in hand",
            contestants=_pair(short, OLD, short),
        ),
        Race(
            name="jax_scan",
            title=f"{n_envs:,} environments, `lax.scan`, random actions, auto-reset, planes",
            contestants=_pair(scan, JAXMARL, scan),
            least_ratio=4,
        ),
        *as_jaxmarl,
        Race(
            name="jax_large",
            title=f"{n_large:,} environments beside {n_envs:,}, a loop over `step_in_place`, planes",
            contestants=_large_and_small(large, loop, reuses_memory=True),
            least_ratio=0.7,
        ),
        Race(
            name="jax_large_fresh",
            title=f"as `jax_large`, but over `jit(vmap(step))`, which takes fresh memory at every step: {n_large:,}",
            contestants=_large_and_small(large, loop, reuses_memory=False),
        ),
    ]


def _large_and_small(large: Work, small: Work, *, reuses_memory: bool) -> tuple[Contestant, ...]:
    return tuple(
        Contestant(
            library=OWN,
            work=dataclasses.replace(work, reuses_memory=reuses_memory),
            series=f"{work.n_envs:,} environments",
        )
        for work in (large, small)
    )


def size_races(settings: Settings) -> list[Race]:
    """What a batch costs before it has made many steps: compile time, memory, length of the compiled program."""
    planes = Work(kind="jax_loop", n_envs=settings.n_envs, n_steps=1)
    own = dataclasses.replace(planes, observation="own")
    pairs = ((planes, JAXMARL, "planes"), (own, OLD, "443 numbers; CoGrid 0.3.2 its own 892"))
    figures: list[tuple[str, str, Figure, float | None]] = [
        ("first_step", "from making the environment to the first step, imports aside", "first_step_seconds", 2),
        ("memory", "state per environment", "state_bytes", 200),
        ("kernels", "fused operations of the compiled step", "kernels", None),
    ]
    return [
        Race(
            name=name,
            title=f"{title}; {settings.n_envs:,} environments, {observation}",
            contestants=_pair(work, peer, work),
            section="size",
            figure=figure,
            greatest=greatest,
        )
        for name, title, figure, greatest in figures
        for work, peer, observation in pairs
    ]


def scaling_races(settings: Settings) -> list[Race]:
    """Steps per second over the number of environments, one race for each number."""
    races = []
    for n_envs in settings.scaling:
        planes = Work(kind="jax_loop", n_envs=n_envs, n_steps=settings.n_steps)
        own = dataclasses.replace(planes, observation="own")
        vector = dataclasses.replace(planes, kind="numpy_vector")
        lines = [
            (OWN, planes, "CoGrid, JAX, planes"),
            (JAXMARL, planes, "JaxMARL 0.2.0, planes"),
            (OWN, vector, "CoGrid, NumPy, planes"),
            (OWN, own, "CoGrid, JAX, 443 numbers"),
            (OLD, own, "CoGrid 0.3.2, JAX, 892 numbers"),
        ]
        races.append(
            Race(
                name="scaling",
                title=f"a batch of {n_envs:,}",
                contestants=tuple(
                    Contestant(library=library, work=work, series=series, size=n_envs)
                    for library, work, series in lines
                ),
                section="scaling",
            )
        )
    return races


def cost_races(settings: Settings) -> list[Race]:
    """What a step of ours costs as the world grows; one race for each line, so that its points take turns."""
    steps = settings.n_steps
    batch = Work(kind="jax_loop", n_envs=settings.n_curve_envs, n_steps=steps, reuses_memory=True)
    grids = [(side * side, {"grid": side}) for side in settings.grids]
    agents = [(n_agents, {"grid": 16, "n_agents": n_agents}) for n_agents in settings.agents]
    values = [(n_values, {"n_values": n_values}) for n_values in settings.values]
    curves = [
        ("cost_grid", "cells of a square kitchen, two agents", grids),
        ("cost_agents", "agents in a kitchen of 16 x 16", agents),
        ("cost_values", "values of an object, room of 8 x 8, two agents", values),
    ]
    lines = [
        ("NumPy, one environment, position only", Work(kind="numpy_single", observation="position", n_steps=steps)),
        ("NumPy, one environment, planes", Work(kind="numpy_single", n_steps=steps)),
        (
            f"JAX, {settings.n_curve_envs} environments, position only",
            dataclasses.replace(batch, observation="position"),
        ),
        (f"JAX, {settings.n_curve_envs} environments, planes", batch),
    ]
    return [
        Race(
            name=name,
            title=title,
            contestants=tuple(
                Contestant(library=OWN, work=dataclasses.replace(work, **world), series=series, size=size)
                for size, world in points
            ),
            section="cost",
        )
        for name, title, points in curves
        for series, work in lines
    ]


def _pair(ours: Work, peer: str, theirs: Work) -> tuple[Contestant, ...]:
    return Contestant(library=OWN, work=ours), Contestant(library=peer, work=theirs)

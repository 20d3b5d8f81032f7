"""What a race is, who takes part in it, and how much is measured."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from cogrid.errors import ConfigError
from comparisons.peers.worker_protocol import EPISODE_STEPS, Work

OWN = "own"
OLD, JAXMARL, ORIGINAL = "cogrid-0.3.2", "jaxmarl-0.2.0", "overcooked-ai-1.1.0"
LBFORAGING, RWARE, MINIGRID, JUMANJI = "lbforaging-2.0.0", "rware-2.0.0", "minigrid-3.2.0", "jumanji-1.1.2"
MIN_ROUNDS = 3

Figure = Literal["steps_per_second", "first_step_seconds", "state_bytes", "kernels"]
Section = Literal["side by side", "rules", "scaling", "cost", "size"]


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

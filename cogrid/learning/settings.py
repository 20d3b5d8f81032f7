"""What the settings of every algorithm have in common."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from cogrid.errors import ConfigError, check_integer


@dataclasses.dataclass(frozen=True, kw_only=True)
class AlgorithmSettings:
    """How an algorithm plays, how much it learns from what it has played, and with which network.

    Attributes:
      n_envs: environments that are played at once.
      n_steps: steps of each environment between two updates.
      n_epochs: how often what was played is gone through at each update.
      n_minibatches: into how many parts it is split each time.
      learning_rate: of Adam at the start; it falls to 0 in a straight line.
      shaping: the part of the training in which the game's shaped reward falls from full to 0, 0..1.
      discount: gamma.
      trace: lambda of the returns.
      max_gradient: the gradient's norm is cut to this.
      network: "mlp", "cnn" or "gru".
      width: of each layer.
      share_parameters: whether all agents have the same network.
      shares: the settings that are a number from 0 to 1.
    """

    n_envs: int = 64
    n_steps: int
    n_epochs: int
    n_minibatches: int
    learning_rate: float = 1e-3
    shaping: float = 0.5
    discount: float = 0.99
    trace: float
    max_gradient: float
    network: str = "mlp"
    width: int = 64
    share_parameters: bool = True

    shares: ClassVar[tuple[str, ...]] = ("shaping", "discount", "trace")

    def __post_init__(self) -> None:
        for name in ("n_envs", "n_steps", "n_epochs", "n_minibatches", "width"):
            check_integer(name, getattr(self, name), 1)
        for name in self.shares:
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} is a number from 0 to 1, not {getattr(self, name)!r}.")

    @property
    def steps_per_update(self) -> int:
        """Steps of environments that one update is made from."""
        return self.n_envs * self.n_steps

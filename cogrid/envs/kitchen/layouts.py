"""How the kitchens of other projects are named here, and how long they are played."""

from __future__ import annotations

import dataclasses
import re

HORIZON = 400
"""Steps of an episode: the default of Overcooked-AI and of JaxMARL."""


def id_name(name: str) -> str:
    """A kitchen's original name as an id has it, each part's first letter a capital.

    `CounterCircuitO1Order` stands for `counter_circuit_o_1order`.
    """
    return "".join(re.sub("[a-z]", lambda letter: letter[0].upper(), part, count=1) for part in name.split("_"))


@dataclasses.dataclass(frozen=True)
class Kitchen:
    """A kitchen of another project.

    Attributes:
      name: its name there, such as `cramped_room`.
      drawing: the map.
    """

    name: str
    drawing: str

    @property
    def id_name(self) -> str:
        """The name as an id has it: `CrampedRoom`."""
        return id_name(self.name)

    @property
    def n_agents(self) -> int:
        """How many agents the drawing has a start for."""
        return sum(symbol.isdigit() for symbol in self.drawing)

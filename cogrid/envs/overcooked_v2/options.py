"""What can be chosen of OvercookedV2."""

from __future__ import annotations

import dataclasses

from cogrid.errors import ConfigError


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """The options of OvercookedV2, by the names that they have there.

    Attributes:
      sample_recipe_on_delivery: whether the recipe is drawn anew, from all that can be wanted, after a step in which
        somebody delivered the wanted soup.
      random_agent_positions: whether each agent starts on a free cell of the room that its mark is in, and looks in a
        direction, both drawn at each reset; else on its mark and up.
      random_reset: whether items in hands and on counters and the contents of pots are drawn at each reset too.
      start_cooking_interaction: whether a cook starts the pots, with an empty hand, from one ingredient on; else they
        start by themselves at three.
      negative_rewards: whether the delivery of another soup than the wanted one costs everybody something.
      indicate_successful_delivery: whether the observation tells of a correct delivery, in one more channel.
    """

    sample_recipe_on_delivery: bool = False
    random_agent_positions: bool = False
    random_reset: bool = False
    start_cooking_interaction: bool = False
    negative_rewards: bool = False
    indicate_successful_delivery: bool = False

    def __post_init__(self) -> None:
        for name, value in dataclasses.asdict(self).items():
            if not isinstance(value, bool):
                raise ConfigError(f"{name} is True or False, not {value!r}.")

    @property
    def draws_positions(self) -> bool:
        """Whether agents' first cells and directions are drawn."""
        return self.random_agent_positions or self.random_reset


OPTION_NAMES = tuple(field.name for field in dataclasses.fields(Options))
"""What the options are called."""

"""Level-based foraging: food is too heavy for one alone, and whoever helps to lift it is paid by its own level.

After Papoudakis et al. (2021). Run it: `python examples/foraging.py`.
"""

from dataclasses import dataclass, replace

import cogrid
from cogrid import ACTORS, AROUND, Act, Agent, Chance, Count, Draw, Event, EventReward, Floor, GridObject, Outcome


@dataclass(frozen=True)
class Forager(Agent):
    """Lifts as much as its level."""

    level: int = 1


@dataclass(frozen=True)
class Soil(Floor, symbol="."):
    """Where food may grow."""

    def grow(self):
        return Chance(*((1, Food(level)) for level in (1, 2, 3)))


@dataclass(frozen=True)
class Food(GridObject, symbol="F", color=(200, 70, 60)):
    """Is eaten by all around it that load in the same step, if they are strong enough together."""

    level: int = 1
    is_eaten: bool = False

    def load(self, agent, *, strength):
        if strength < self.level:
            return None
        return Outcome(replace(self, is_eaten=True), agent, events=(Event("ate", agent.level * self.level),))

    def tick(self):
        return Soil() if self.is_eaten else self


rules = cogrid.Rules(
    name="foraging",
    objects=(Soil, Food),
    agents=(Forager(level=1), Forager(level=2)),
    actions=("Noop", "MoveUp", "MoveDown", "MoveLeft", "MoveRight", Act("Load", reach=AROUND)),
    counts=(Count("strength", of=lambda agent: agent.level, over=ACTORS, cap=3),),
    draws=(Draw("grow", k=3, apart=((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0))),),
    collisions="contenders_stay",
)
paid = EventReward(event="ate", table=lambda amount: amount)
config = cogrid.EnvConfig(rules=rules, layout=["." * 8] * 8, rewards=[paid], max_steps=50)
cogrid.register("Foraging-8x8-V0", cogrid.config_factory(config))

if __name__ == "__main__":
    env = cogrid.make("Foraging-8x8-V0", render_mode="ansi")
    env.reset(seed=0)
    print(env.render())

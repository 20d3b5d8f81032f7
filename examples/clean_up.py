"""Clean Up: apples grow only while somebody cleans the river, and nobody is paid for cleaning.

After Hughes et al. (2018), smaller. Run it: `python examples/clean_up.py`.
"""

from dataclasses import dataclass

import numpy as np

import cogrid
from cogrid import MAP, Act, Agent, Beam, Chance, Count, EnvConfig, EventReward, GridObject, Meeting, Outcome, Rules

N_RIVER = 12
GROWTH, WASTE = 0.05, 0.02


@dataclass(frozen=True)
class Walker(Agent):
    """Can be fined by others."""

    def fine(self, agent):
        return Meeting(self, agent, events=("has_fined",), other_events=("was_fined",))


@dataclass(frozen=True)
class River(GridObject, symbol="~", color=(110, 160, 210)):
    """Gets dirty by itself, and clean by a beam."""

    is_dirty: bool = False

    def tick(self):
        return self if self.is_dirty else Chance((WASTE, River(is_dirty=True)), (1 - WASTE, self))

    def clean(self, agent):
        return Outcome(River(), agent, events=("cleaned",)) if self.is_dirty else None

    def blocks_beam(self):
        return False


@dataclass(frozen=True)
class Orchard(GridObject, symbol="o", color=(150, 190, 110)):
    """Bears an apple the sooner, the cleaner the river is; none at all if half of it is dirty."""

    has_apple: bool = False

    def passable(self):
        return True

    def tick(self, *, n_dirty):
        growth = GROWTH * max(0, 1 - 2 * n_dirty / N_RIVER)
        return self if self.has_apple else Chance((growth, Orchard(has_apple=True)), (1 - growth, self))

    def enter(self, agent):
        return Outcome(Orchard(), agent, events=("ate",)) if self.has_apple else None


rules = Rules(
    name="small_clean_up",
    objects=(River, Orchard),
    agents=(Walker(),),
    actions=(
        *("Noop", "Forward", "Backward", "StepLeft", "StepRight", "RotateLeft", "RotateRight"),
        Act("Clean", reach=Beam(4, width=3)),
        Act("Fine", reach=Beam(4, width=3)),
    ),
    counts=(Count("n_dirty", of=lambda value: getattr(value, "is_dirty", False), over=MAP, cap=N_RIVER),),
)
valley = ["~" * 12, " " * 12, " +        + ", " " * 12, " +        + ", " " * 12, "o" * 12]
config = EnvConfig(
    rules=rules,
    layout=valley,
    num_agents=4,
    features=("ego_view_3",),
    rewards=[
        EventReward(event="ate", coefficient=1),
        EventReward(event="has_fined", coefficient=-1),
        EventReward(event="was_fined", coefficient=-50),
    ],
)
cogrid.register("SmallCleanUp-V0", cogrid.config_factory(config))

if __name__ == "__main__":
    env = cogrid.make("SmallCleanUp-V0", render_mode="ansi")
    env.reset(seed=0)
    drawn = np.random.default_rng(0)
    for actions in drawn.integers(len(rules.actions), size=(200, 4)):
        env.step(dict(zip(env.agents, actions, strict=True)))
    print(env.render())

"""The section on rewards of an environment family's page."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Mapping, Sequence

from environment_families import unique

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.reward import EventReward, Reward, read_rewards
from cogrid.feature_space import Observation
from cogrid.feature_space.array_features import CLASSIC_FEATURES


def rewards(envs: Sequence[CoGridEnv]) -> str:
    """What is paid, and what is only reported; by id, where the ids pay differently."""
    lines: list[str] = []
    for title, setting in (("paid", "rewards"), ("reported as `shaped_reward`", "shaped_rewards")):
        ids_of: dict[tuple[Reward, ...], list[str]] = defaultdict(list)
        for env in envs:
            ids_of[tuple(read_rewards(env.config[setting]))].append(env.config.name)
        if len(ids_of) == 1:
            lines += [""] if lines and lines[-1].startswith("|") else []
            lines += [reward_line(part, title, envs[0].config.max_steps) for part in next(iter(ids_of))]
        else:
            lines += different_rewards(ids_of, title, {env.config.name: env.config.max_steps for env in envs})
    return "\n".join([*lines, *learning(envs[0])])


def learning(env: CoGridEnv) -> list[str]:
    """How the shaped rewards of a world help a learner, with an example that anneals them."""
    if not env.config.shaped_rewards:
        return []
    is_classic = env.observation.features == Observation.of(CLASSIC_FEATURES).features
    lines = ["", "### Learning", ""]
    if is_classic:
        lines += [
            "The 443 numbers that are observed by default are there for compatibility with environments of",
            "that name; networks learn from `object_planes`.",
            "",
        ]
    planes = ', features=["object_planes"]' if is_classic else ""
    text = f"""\
The reward that is paid is rare, and chance hardly ever finds it. Each agent's info has `shaped_reward`, which pays
for steps on the way (vector environments have it as `infos["shaped_reward"]`). It is not part of the reward: a learner
adds a share of it, and anneals the share to 0. `shaped_rewards=[]` leaves it out.

```python
import cogrid

env = cogrid.make("{env.config.name}"{planes})
n_annealed = 1_000_000  # Steps until the shaped rewards count no more.
n_steps = 0
env.reset(seed=0)
while env.agents:
    actions = {{agent: 4 for agent in env.agents}}  # The learner's.
    observations, rewards, terminations, truncations, infos = env.step(actions)
    share = max(0.0, 1 - n_steps / n_annealed)
    learned_from = {{agent: rewards[agent] + share * infos[agent]["shaped_reward"] for agent in actions}}
    n_steps += 1
print(n_steps, sorted(learned_from))  # {env.config.max_steps} {sorted(env.possible_agents)}
```"""
    return [*lines, *text.splitlines()]


def reward_line(part: Reward, title: str, max_steps: int | None) -> str:
    """A reward that all ids have."""
    whom = "everybody" if part.common_reward else "the agent"
    return f"- {reward_name(part)}, {title}: {amount(part, max_steps)} to {whom}. {summary(part)}"


def different_rewards(
    ids_of: Mapping[tuple[Reward, ...], list[str]], title: str, max_steps: Mapping[str, int | None]
) -> list[str]:
    """Rewards that are not the same for all ids, as a table."""
    kinds = unique((type(part), part.common_reward) for parts in ids_of for part in parts)
    lines = [
        f"- `{kind.__name__}`, {title} to {'everybody' if is_common else 'the agent'}: {first_line(kind)}"
        for kind, is_common in kinds
    ]
    lines += ["", f"| {title} | ids |", "|---|---|"]
    for parts, names in ids_of.items():
        amounts = ", ".join(f"{reward_name(part)} {amount(part, max_steps[names[0]])}" for part in parts) or "nothing"
        lines.append(f"| {amounts} | {', '.join(f'`{name}`' for name in names)} |")
    return lines


def amount(part: Reward, max_steps: int | None) -> str:
    """What a reward pays; where a table over the time says it, at the first step and at the last."""
    table = part.table if isinstance(part, EventReward) else None
    if table is None:
        return f"{part.coefficient:g}"
    axes = list(inspect.signature(table).parameters)
    if axes != ["time"] or max_steps is None:
        return f"{part.coefficient:g} times a table over {' and '.join(axes)}"
    first, last = (part.coefficient * table(time=time) for time in (1, max_steps))
    return f"{first:.4g} at the first step to {last:.4g} at step {max_steps:,}"


def reward_name(part: Reward) -> str:
    """How a reward differs from others of a world: by its event, or by its class."""
    return f"`{part.event if isinstance(part, EventReward) else type(part).__name__}`"


def summary(part: Reward) -> str:
    """What a reward pays for, in a sentence."""
    return part.about or first_line(type(part))


def first_line(kind: type[Reward]) -> str:
    """The first line of a class's docstring."""
    return (inspect.getdoc(kind) or "").splitlines()[0]

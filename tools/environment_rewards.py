"""The section on rewards of an environment family's page."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Mapping, Sequence

from environment_families import unique

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.reward import EventReward, Reward, read_rewards


def rewards(envs: Sequence[CoGridEnv]) -> str:
    """What is paid, and what is only reported; by id, where the ids pay differently."""
    lines = ["## Rewards", ""]
    for title, setting in (("paid", "rewards"), ("reported as `shaped_reward`", "shaped_rewards")):
        ids_of: dict[tuple[Reward, ...], list[str]] = defaultdict(list)
        for env in envs:
            ids_of[tuple(read_rewards(env.config[setting]))].append(env.config.name)
        if len(ids_of) == 1:
            lines += [reward_line(part, title) for part in next(iter(ids_of))]
        else:
            lines += different_rewards(ids_of, title)
    return "\n".join(lines)


def reward_line(part: Reward, title: str) -> str:
    """A reward that all ids have."""
    whom = "everybody" if part.common_reward else "the agent"
    return f"- {reward_name(part)}, {title}: {part.coefficient:g} to {whom}. {summary(part)}"


def different_rewards(ids_of: Mapping[tuple[Reward, ...], list[str]], title: str) -> list[str]:
    """Rewards that are not the same for all ids, as a table."""
    kinds = unique((type(part), part.common_reward) for parts in ids_of for part in parts)
    lines = [
        f"- `{kind.__name__}`, {title} to {'everybody' if is_common else 'the agent'}: {first_line(kind)}"
        for kind, is_common in kinds
    ]
    lines += ["", f"| {title} | ids |", "|---|---|"]
    for parts, names in ids_of.items():
        amounts = ", ".join(f"{reward_name(part)} {part.coefficient:g}" for part in parts) or "nothing"
        lines.append(f"| {amounts} | {', '.join(f'`{name}`' for name in names)} |")
    return lines


def reward_name(part: Reward) -> str:
    """How a reward differs from others of a world: by its event, or by its class."""
    return f"`{part.event if isinstance(part, EventReward) else type(part).__name__}`"


def summary(part: Reward) -> str:
    """What a reward pays for, in a sentence."""
    return part.about or first_line(type(part))


def first_line(kind: type[Reward]) -> str:
    """The first line of a class's docstring."""
    return (inspect.getdoc(kind) or "").splitlines()[0]

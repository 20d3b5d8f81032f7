"""Write a page for each family of environments: `python tools/environment_pages.py`, or `make pages`.

What a page says comes from the classes: docstrings, symbols, channels, rewards. With `--check` nothing is written, and
the exit status says whether the pages are up to date (pictures are not compared).
"""

from __future__ import annotations

import inspect
import pathlib
import re
import sys

import numpy as np
from environment_families import PACKAGES, Family, families, free_cells, span
from PIL import Image

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.actions import get_action_set
from cogrid.core.grid_object import GridObject
from cogrid.core.reward import EventReward, read_rewards
from cogrid.envs.registry import make
from cogrid.rendering import render_rgb

FOLDER = pathlib.Path(__file__).parents[1] / "docs" / "environments"
PICTURE_STEPS = 40
TILE_SIZE = 40
COLLISIONS = {
    "in_turn": "one after the other in a random order; whoever finds its cell taken stays",
    "all_stay": "everybody stays if any two want one cell, or each other's",
    "colliders_stay": "those who want one cell, or each other's, stay",
}


def page(family: Family) -> str:
    """The page of a family."""
    env = make(family.ids[0])
    parts = [
        f"# {family.name}",
        family.about,
        f"![{family.ids[0]}]({picture_name(family)})",
        ids(family),
        rules(env),
        objects(env),
        observation(env),
        rewards(env),
        sources(family),
        "## Versions\n\n- V0: the first, in release 1.0.0.",
        layouts(family),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def ids(family: Family) -> str:
    """The table of its ids."""
    rows = ["## Ids", "", "| id | rows x columns | agents | room for | steps |", "|---|---|---|---|---|"]
    for env_id, env in zip(family.ids, family.envs(), strict=True):
        tables = env.tables
        size = f"{tables.height} x {tables.width}"
        rows.append(
            f"| `{env_id}` | {size} | {tables.n_agents} | {free_cells(env)} | {tables.max_steps or 'no limit'} |"
        )
    return "\n".join(rows)


def rules(env: CoGridEnv) -> str:
    """How a step goes."""
    rule_set = env.config.rules
    actions = get_action_set(env.config.action_set)
    numbered = ", ".join(f"{number} {name}" for number, name in enumerate(actions.names))
    ends = (
        "An agent's episode ends where a rule ends it; everybody's" if ends_agents(env) else "The episode is truncated"
    )
    lines = [
        "## A step",
        "",
        f"- Stages: {', '.join(rule_set.stages)}.",
        f"- Collisions: {COLLISIONS[rule_set.collisions]}.",
        f"- Items on the floor: {'may be put down, and are in the way' if rule_set.items_on_floor else 'none'}.",
        f"- Actions (`{actions.name}`): {numbered}.",
        f"- {ends} after {env.tables.max_steps or 'no number of'} steps.",
    ]
    if env.event_names:
        lines.append(f"- Events: {', '.join(f'`{name}`' for name in env.event_names)}.")
    return "\n".join(lines)


def ends_agents(env: CoGridEnv) -> bool:
    """Whether a rule can end an agent's episode."""
    pairs = [env.tables.interact, *([env.tables.enter] if env.tables.enter is not None else [])]
    return any(table.can_end for table in pairs)


def objects(env: CoGridEnv) -> str:
    """What stands in the world, and what is carried."""
    rows = ["## Objects", "", "| object | in drawings | what it does |", "|---|---|---|"]
    rows += [
        f"| `{kind.name}` | {symbol(kind)} | {in_a_cell(inspect.getdoc(kind) or '')} |"
        for kind in env.config.rules.objects
    ]
    items = ", ".join(f"`{item.name}`" for item in env.config.rules.items)
    return "\n".join([*rows, "", f"Items: {items or 'none'}."])


def symbol(kind: type[GridObject]) -> str:
    """Its character, as a table shows it."""
    return "-" if kind.symbol is None else "space" if kind.symbol == " " else f"`{kind.symbol}`"


def in_a_cell(docstring: str) -> str:
    """A docstring's first two paragraphs on one line, without what a table would stumble over."""
    told = [part for part in docstring.split("\n\n") if not part.startswith(("Attributes:", "Source:"))][:2]
    return " ".join(" ".join(told).split()).replace("|", "\\|")


def observation(env: CoGridEnv) -> str:
    """What an agent observes by default, channel by channel."""
    space = env.observation_space("agent_0")
    names = ", ".join(f"`{type(feature).__name__}`" for feature in env.observation.features)
    low, high = (np.moveaxis(edge, -1, 0).reshape(space.shape[-1], -1) for edge in (space.low, space.high))
    told = [
        f"`{name}` {int(least.min())} to {int(most.max())}"
        for name, least, most in zip(env.observation_channels, low, high, strict=True)
    ]
    channels = ", ".join(told) if len(told) < 100 else f"{', '.join(told[:8])}, ... ({len(told)} numbers)"
    return (
        f"## Observation\n\n{names}, `{space.shape}` {space.dtype} in `{env.config.name}`. "
        f"[All features](../observations.md).\n\nChannels with their bounds: {channels}."
    )


def rewards(env: CoGridEnv) -> str:
    """What is paid, and what is told."""
    lines = ["## Rewards", ""]
    for title, parts in (("paid", env.config.rewards), ("told as `shaped_reward`", env.config.shaped_rewards)):
        for part in read_rewards(parts):
            whom = "everybody" if part.common_reward else "the agent"
            event = f" (event `{part.event}`)" if isinstance(part, EventReward) else ""
            told = (inspect.getdoc(type(part)) or "").splitlines()[0]
            lines.append(f"- `{type(part).__name__}`{event}, {title}: {part.coefficient:g} to {whom}. {told}")
    return "\n".join(lines)


def sources(family: Family) -> str:
    """Where its rules come from, and how they differ, as the package's files say."""
    folder = FOLDER.parents[1] / "cogrid" / "envs" / PACKAGES[family.name]
    found: list[str] = []
    for file in sorted(folder.glob("*.py")):
        text = file.read_text(encoding="utf-8")
        for told in re.findall(
            r"^ *((?:Source|Differs): .*?)(?=\n *\n|\n *(?:Args|Attributes|Returns):|\"\"\")",
            text,
            re.MULTILINE | re.DOTALL,
        ):
            line = f"- {' '.join(told.split())}"
            if line not in found:
                found.append(line)
    return "\n".join(["## Sources and differences", "", *found]) if found else ""


def layouts(family: Family) -> str:
    """Its drawings."""
    parts = ["## Layouts"]
    for env_id in family.ids:
        drawing = make(env_id).tables.settings.layouts[0].rows
        parts.append(f"`{env_id}`\n\n```\n" + "\n".join(drawing) + "\n```")
    return "\n\n".join(parts)


def index() -> str:
    """The page that lists the families."""
    rows = ["| family | ids | agents | what it is |", "|---|---|---|---|"]
    for family in families():
        told = family.about.splitlines()[0].split(". ")[0].rstrip(".") + "."
        agents = span([env.tables.n_agents for env in family.envs()])
        rows.append(f"| [{family.name}]({family.page}) | {len(family.ids)} | {agents} | {told} |")
    told = (
        "Made by `make pages` from the environments' own classes. Which of the Overcookeds is which: "
        "[a page](../which-overcooked.md)."
    )
    return "\n".join(["# Environments", "", told, "", *rows, ""])


def picture_name(family: Family) -> str:
    """The file of its picture."""
    return f"../images/{family.page.removesuffix('.md')}.png"


def draw(family: Family) -> None:
    """Play a little at random, and draw what the world looks like then."""
    env = make(family.ids[0])
    env.reset(seed=3)
    rng = np.random.default_rng(5)
    for _ in range(PICTURE_STEPS):
        if len(env.agents) < env.tables.n_agents:
            break
        env.step({agent: int(rng.integers(len(env.tables.action_set))) for agent in env.agents})
    image = Image.fromarray(render_rgb(env.get_state(), TILE_SIZE))
    image.quantize(64).save(FOLDER / picture_name(family), optimize=True)


def main(arguments: list[str]) -> int:
    """Run the command.

    Args:
      arguments: what follows the command.
    Returns:
      The exit status.
    """
    texts = {family.page: page(family) for family in families()} | {"README.md": index()}
    if "--check" in arguments:
        there = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.md")}
        stale = sorted(name for name in texts.keys() | there.keys() if texts.get(name) != there.get(name))
        print(*stale, sep="\n", file=sys.stderr)
        return int(bool(stale))
    FOLDER.mkdir(exist_ok=True)
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    for family in families():
        draw(family)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

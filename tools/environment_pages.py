"""Write what the pages of the environments say from the code: `python tools/environment_pages.py`, or `make pages`.

A page is written by people, but for what stands between the marks `<!-- made: NAME -->` and `<!-- made: end -->`: that
comes from the classes, their docstrings, symbols, channels and rewards. With `--check` nothing is written, and the exit
status says whether the pages are up to date (pictures are not compared).
"""

from __future__ import annotations

import inspect
import json
import pathlib
import re
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from environment_families import Family, families, free_cells, span, unique
from environment_rewards import rewards
from films import FILMS
from live_worlds import live_world
from PIL import Image

from cogrid.cogrid_env import CoGridEnv
from cogrid.command_line.show import BARE_FLOOR, acted_on_by, is_bare_floor, without_indices
from cogrid.core.agent import Agent
from cogrid.core.draw import Draw
from cogrid.core.grid_object import GridObject
from cogrid.core.rules import kind_of
from cogrid.envs.registry import make
from cogrid.rendering import render_rgb

FOLDER = pathlib.Path(__file__).parents[1] / "docs" / "environments"
BASELINES = FOLDER.parents[1] / "baselines"
PICTURE_STEPS = 40
TILE_SIZE = 40
COLLISIONS = {
    "in_turn": "one after the other in a random order; whoever finds its cell taken stays",
    "all_stay": "everybody stays if any two want one cell, or each other's",
    "colliders_stay": "those who want one cell, or each other's, stay",
    "contenders_stay": "those who want one cell stay; two can change places",
    "chains": "chains and cycles follow each other; of those who want one cell the one with the longest chain goes",
}
DIRECTIONS = ("right", "down", "left", "up")
GALLERY = """\
What comes with the library, a picture and a line each. `cogrid list` lists every id with its size, and
`make(id, layout=..., num_agents=..., features=[...])` takes any of them with other settings. Which of the Overcookeds
is which: [a page](../which-overcooked.md). Made by `make pages` from the environments' own classes.
"""
SECTIONS = ("Args:", "Attributes:", "Returns:", "Source:")
"""How a paragraph of a docstring begins that a table leaves out."""


MADE = re.compile(r"<!-- made: (?P<name>\w+) -->\n.*?<!-- made: end -->\n", re.DOTALL)
"""A part of a page that this command writes."""


def parts(family: Family) -> dict[str, str]:
    """What the code says of a family, by the names that stand in the marks of its page."""
    envs = family.envs()
    shown = most_varied(envs)
    return {
        "start": start(family, shown),
        "ids": ids(envs),
        "step": rules(envs),
        "objects": objects(envs),
        "observation": observation(shown),
        "rewards": rewards(envs),
        "sources": sources(family),
        "baselines": baselines(family),
        "layouts": layouts(family),
    }


def page(family: Family, text: str) -> str:
    """The page of a family, brought up to date.

    Args:
      family: the family.
      text: its page as it is.
    Raises:
      SystemExit: for a page without the marks of a part, or with marks of one that there is not.
    """
    made = parts(family)
    named = [match["name"] for match in MADE.finditer(text)]
    if sorted(named) != sorted(made):
        raise SystemExit(f"{family.page} has marks for {sorted(named)}, and should have them for {sorted(made)}.")
    return MADE.sub(lambda match: f"<!-- made: {match['name']} -->\n{made[match['name']]}\n<!-- made: end -->\n", text)


def new_page(family: Family) -> str:
    """The page of a family that has none yet."""
    sections = (
        ("", "start"),
        ("Ids", "ids"),
        ("Rules", "step"),
        ("Objects", "objects"),
        ("Observations", "observation"),
        ("Rewards", "rewards"),
        ("Sources and differences", "sources"),
        ("Baselines", "baselines"),
    )
    texts = [f"# {family.name}"]
    for title, name in sections:
        texts += [f"## {title}"] if title else []
        texts.append(f"<!-- made: {name} -->\n<!-- made: end -->")
    texts.append("## Versions\n\n- V0: the first, in release 1.0.0.")
    texts.append("## Layouts\n\n<!-- made: layouts -->\n<!-- made: end -->")
    return "\n\n".join(texts) + "\n"


def start(family: Family, shown: CoGridEnv) -> str:
    """What a family is, a world of it to play in, and a picture."""
    name = family.page.removesuffix(".md")
    lines = [first_sentence(family)]
    live = live_world(family)
    if live is not None:
        lines.append(
            f'<iframe class="live-world" src="../play/{name}.html" title="{live.config.name}, to play in" '
            f'loading="lazy"></iframe>\n\n*`cogrid play {live.config.name}` is the same on your own machine.*'
        )
    film = FILMS.get(family.name)
    if film is not None:
        lines.append(f"![{film.about}](../images/{name}.gif)\n\n*{film.about}.*")
    else:
        lines.append(f"![{shown.config.name}]({picture_name(family)})")
    return "\n\n".join(lines)


def first_sentence(family: Family) -> str:
    """What a family is."""
    return family.about.splitlines()[0].split(". ")[0].rstrip(".") + "."


def baselines(family: Family) -> str:
    """What trained agents come to in its worlds."""
    rows = ["| world | seeds | median return of a team | cross-play |", "|---|---|---|---|"]
    for file in sorted(BASELINES.glob("*/result.json")):
        result = json.loads(file.read_text(encoding="utf-8"))
        if result["world"] in family.ids:
            crossed = result["matrix"]["cross_play"]
            together = "" if crossed is None else f"{crossed['value']:.1f}"
            returns = result["returns"]
            rows.append(f"| {file.parent.name} | {len(returns)} | {statistics.median(returns):.1f} | {together} |")
    if len(rows) == 2:
        return "No agents have been trained here yet: [baselines](../baselines.md) has those that have."
    return "\n".join([*rows, "", "How they were trained, and every seed: [baselines](../baselines.md)."])


def most_varied(envs: Sequence[CoGridEnv]) -> CoGridEnv:
    """The world with the most kinds of things on its map, the first of several: the one that shows most."""
    return max(envs, key=lambda env: len(np.unique(env.tables.declared.object_type[env.tables.map.starts.cells[0]])))


def ids(envs: Sequence[CoGridEnv]) -> str:
    """The table of the ids."""
    rows = [
        "| id | rows x columns | agents | room for | steps | observation |",
        "|---|---|---|---|---|---|",
    ]
    for env in envs:
        tables = env.tables
        size, seen = f"{tables.height} x {tables.width}", env.observation_space("agent_0").shape
        rows.append(
            f"| `{env.config.name}` | {size} | {tables.n_agents} | {free_cells(env)} | "
            f"{tables.max_steps or 'no limit'} | {' x '.join(map(str, seen))} |"
        )
    return "\n".join(rows)


def rules(envs: Sequence[CoGridEnv]) -> str:
    """How a step goes."""
    env = envs[0]
    rule_set = env.config.rules
    actions = env.tables.action_set
    numbered = ", ".join(f"{number} {name}" for number, name in enumerate(actions.names))
    ends = "An agent's episode ends where a rule ends it; everybody's" if ends_agents(env) else "An episode ends"
    lines = [
        f"- Stages: {', '.join(rule_set.stages)}.",
        f"- Collisions: {COLLISIONS[rule_set.collisions]}.",
        f"- Items on the floor: {'may be put down, and are in the way' if rule_set.items_on_floor else 'none'}.",
        f"- Actions (`{actions.name}`): {numbered}.",
        f"- Agents begin {' or '.join(unique(start_text(env) for env in envs))}.",
        f"- {ends} after {either(sorted({env.tables.max_steps or 0 for env in envs}))} steps (truncated).",
    ]
    for hook in unique(env.config.rules.start_hook for env in envs):
        lines += [f"- At each reset: {docstring_line(hook)}"] if hook else []
    for hook in unique(env.config.rules.step_hook for env in envs):
        lines += [f"- After the stages: {docstring_line(hook)}"] if hook else []
    sizes = sorted({len(env.config.rules.world_values) for env in envs} - {0})
    if sizes:
        name = ", ".join(f"`{array}`" for array in most_worlds(envs).config.rules.world_arrays)
        lines.append(f"- Drawn at each reset: {name}, one of {either(sizes)}{', by id' if len(sizes) > 1 else ''}.")
    lines += [f"- Drawn {draw_text(draw)}." for draw in rule_set.draws]
    guards = {event: guard for env in envs for event, guard in env.config.rules.guards.items()}
    lines += [f"- Guard of `{event}`: {docstring_line(guard)}" for event, guard in guards.items()]
    events = sorted({name for env in envs for name in env.event_names})
    lines += [f"- Events: {', '.join(f'`{name}`' for name in events)}."] if events else []
    return "\n".join(lines)


def draw_text(draw: Draw) -> str:
    """When a draw is made, and among whom."""
    when = f"after each {' and '.join(f'`{event}`' for event in draw.on)}" if draw.on else "at each reset"
    return f"{when}: {draw.k} of those that answer `{draw.calls}`"


def start_text(env: CoGridEnv) -> str:
    """How agents start."""
    rule_set = env.config.rules
    facing = ", ".join(DIRECTIONS[direction] for direction in rule_set.start_directions) or "a direction that is drawn"
    facing += " in turn" if len(set(rule_set.start_directions)) > 1 else ""
    agents = "" if rule_set.agents == (Agent(),) else f", as {', '.join(f'`{agent!r}`' for agent in rule_set.agents)}"
    place = ", where each could walk to from its mark" if rule_set.start_in_room else ""
    return f"facing {facing}{place}{agents}"


def most_worlds(envs: Sequence[CoGridEnv]) -> CoGridEnv:
    """The world with the most world values."""
    return max(envs, key=lambda env: len(env.config.rules.world_values))


def either(numbers: Sequence[int]) -> str:
    """Numbers of which one holds: `300, 600 or 1,000`; 0 is written as `no number of`."""
    written = [f"{number:,}" if number else "no number of" for number in numbers]
    return " or ".join([part for part in (", ".join(written[:-1]), written[-1]) if part])


def ends_agents(env: CoGridEnv) -> bool:
    """Whether a rule can end an agent's episode."""
    rules = env.tables.rules
    return any(table is not None and table.can_end for table in (rules.interact, rules.enter, rules.stand))


def objects(envs: Sequence[CoGridEnv]) -> str:
    """What stands in the worlds, and what is carried."""
    rows = ["| object | in drawings | acted on by | what it does |", "|---|---|---|---|"]
    kinds: dict[str, list[type[GridObject]]] = defaultdict(list)
    for env in envs:
        for entry in env.config.rules.objects:
            kinds[env.config.rules.type_name(entry)].append(kind_of(entry))
    for name, classes in kinds.items():
        kind = classes[0]
        acts = ", ".join(acted_on_by(kind, envs[0].config.rules)) or "-"
        about = BARE_FLOOR if is_bare_floor(kind, envs[0].config.rules) else docstring_line(kind)
        rows.append(f"| `{name}` | {symbols(name, classes, envs)} | {acts} | {about} |")
    items = ", ".join(f"`{item}`" for item in unique(item.name for env in envs for item in env.config.rules.items))
    return "\n".join([*rows, "", f"Items: {items or 'none'}."])


def symbols(name: str, classes: Sequence[type[GridObject]], envs: Sequence[CoGridEnv]) -> str:
    """The characters of an object, as a table shows them.

    Args:
      name: the object's name.
      classes: its class in each of the worlds.
      envs: the worlds.
    """
    rule_sets = [env.config.rules for env in envs]
    further = [(symbol, rules.type_name(value)) for rules in rule_sets for symbol, value in rules.symbols.items()]
    written = [kind.symbol for kind in classes] + [symbol for symbol, owner in further if owner == name]
    shown = ["space" if symbol == " " else f"`{symbol}`" for symbol in unique(written) if symbol is not None]
    return ", ".join(shown) or "-"


def docstring_line(documented: type[Any] | Callable[..., Any]) -> str:
    """A docstring's first two paragraphs on one line, without what a table would stumble over."""
    paragraphs = (inspect.getdoc(documented) or "").split("\n\n")
    first = [part for part in paragraphs if not part.startswith(SECTIONS)][:2]
    return " ".join(" ".join(first).split()).replace("|", "\\|")


def observation(env: CoGridEnv) -> str:
    """What an agent observes by default, channel by channel; channels that differ in their indices only together."""
    space = env.observation_space("agent_0")
    names = ", ".join(f"`{type(feature).__name__}`" for feature in env.observation.features)
    low, high = (np.moveaxis(edge, -1, 0).reshape(space.shape[-1], -1) for edge in (space.low, space.high))
    groups: dict[str, list[int]] = defaultdict(list)
    for idx, name in enumerate(env.observation_channels):
        groups[without_indices(name)].append(idx)
    channels = []
    for name, members in groups.items():
        number = f" ({len(members)} of them)" if len(members) > 1 else ""
        channels.append(f"`{name}` {int(low[members].min())} to {int(high[members].max())}{number}")
    return (
        f"By default: {names}, `{space.shape}` {space.dtype} in `{env.config.name}`. "
        f"[All features](../observations.md).\n\nChannels with their bounds: {', '.join(channels)}."
    )


def sources(family: Family) -> str:
    """Where its rules come from, and how they differ, as the package's files say."""
    folder = FOLDER.parents[1] / "cogrid" / "envs" / family.folder
    texts = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.py"))]
    shared = unique(kind for env in family.envs() for kind in env.config.rules.kinds if ".kitchen." in kind.__module__)
    texts += [f"{inspect.getdoc(kind)}\n\n" for kind in shared]
    found: list[str] = []
    for text in texts:
        for source in re.findall(
            r"^ *((?:Source|Differs): .*?)(?=\n *\n|\n *(?:Args|Attributes|Returns):|\"\"\")",
            text,
            re.MULTILINE | re.DOTALL,
        ):
            line = f"- {' '.join(source.split())}"
            if line not in found:
                found.append(line)
    return "\n".join(found or ["The rules are our own."])


def layouts(family: Family) -> str:
    """Its drawings."""
    parts: list[str] = []
    for env_id in family.ids:
        drawing = make(env_id).tables.settings.layouts[0].rows
        parts.append(f"`{env_id}`\n\n```\n" + "\n".join(drawing) + "\n```")
    return "\n\n".join(parts)


def index() -> str:
    """The gallery: a picture of each family, a line, and its ids."""
    parts = ["# All environments", " ".join(GALLERY.split())]
    for family in families():
        about = first_sentence(family)
        agents = span([env.tables.n_agents for env in family.envs()])
        n_agents = f"{agents} {'agent' if agents == '1' else 'agents'} by default"
        listed = f"`{family.ids[0]}`" if len(family.ids) == 1 else f"{len(family.ids)} ids, such as `{family.ids[0]}`"
        parts += [f"## [{family.name}]({family.page})", f"[![{family.name}]({picture_name(family)})]({family.page})"]
        parts.append(f"{about} {listed}; {n_agents}.")
    return "\n\n".join(parts) + "\n"


def picture_name(family: Family) -> str:
    """The file of its picture."""
    return f"../images/{family.page.removesuffix('.md')}.png"


def draw(family: Family) -> None:
    """Play a little at random, and draw what the world looks like then."""
    env = most_varied(family.envs())
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
    there = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.md")}
    texts = {family.page: page(family, there.get(family.page) or new_page(family)) for family in families()}
    texts["README.md"] = index()
    if "--check" in arguments:
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

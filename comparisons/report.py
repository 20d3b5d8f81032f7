"""Writes the results of a comparison: lines for the terminal, and Markdown tables.

Everything here reads results as they are in the JSON file, so that a report can be made again from it.
"""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Collection, Sequence

from cogrid.errors import ConfigError, did_you_mean
from comparisons.measuring import Result
from comparisons.peer_environments import PEERS
from comparisons.races import OWN

LESS_IS_BETTER = {"first_step_seconds", "state_bytes", "kernels"}
UNITS = {"steps_per_second": "steps/s", "first_step_seconds": "s", "state_bytes": "bytes", "kernels": "operations"}
BLOCK = re.compile(r"(<!-- comparison: (\w+) -->\n).*?(<!-- comparison: end -->)", flags=re.DOTALL)


def label(entry: Result) -> str:
    """What a contestant is called."""
    library = "CoGrid" if entry["library"] == OWN else PEERS[entry["library"]].label
    return entry["series"] or library


def number(value: float) -> str:
    """A figure in as many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def spread(values: Sequence[float], unit: str) -> str:
    """A median with its unit, and the range of the rounds if there were several."""
    told = f"{number(statistics.median(values))} {unit}".rstrip()
    return told if len(values) == 1 else f"{told} ({number(min(values))} to {number(max(values))})"


def told_figure(entry: Result, unit: str) -> str:
    """A contestant's figure; says so if there is none."""
    return spread(entry["trials"], unit) if entry["trials"] else "no figure"


def compare_pair(race: Result, ours: Result, theirs: Result) -> list[float]:
    """How many times better the one is than the other, round by round.

    Args:
      race: what they ran in; says whether less is better.
      ours: the one.
      theirs: the other.
    """
    pairs = zip(ours["trials"], theirs["trials"], strict=False)
    return [theirs / ours if race["figure"] in LESS_IS_BETTER else ours / theirs for ours, theirs in pairs]


def ratios(race: Result) -> list[float]:
    """How many times better the first contestant is than the second, round by round; none without a second."""
    entries = race["contestants"]
    return compare_pair(race, entries[0], entries[1]) if len(entries) > 1 else []


def is_met(race: Result) -> bool | None:
    """Whether a race's target is met; None where it has none, or was not measured."""
    found, own = ratios(race), race["contestants"][0]["trials"]
    if race["least_ratio"] is not None and found:
        return statistics.median(found) >= race["least_ratio"]
    if race["greatest"] is not None and own:
        return statistics.median(own) <= race["greatest"]
    return None


def told_target(race: Result) -> str:
    """A race's target, and whether it is met; empty without one."""
    if race["least_ratio"] is not None:
        target = f"at least {race['least_ratio']:g} x"
    elif race["greatest"] is not None:
        target = f"at most {race['greatest']:g} {UNITS[race['figure']]}"
    else:
        return ""
    return f"{target}: {({True: 'met', False: 'missed', None: 'not measured'})[is_met(race)]}"


def race_lines(race: Result) -> list[str]:
    """What the terminal shows of a race.

    Args:
      race: its result.
    """
    lines = ["", f"{race['title']}  [{race['name']}]"]
    for entry in race["contestants"]:
        size = "" if entry["size"] is None else f" at {entry['size']:,}"
        seen = f"   observes {entry['observation']}" if "observation" in entry else ""
        lines.append(f"  {label(entry) + size:<50}{told_figure(entry, UNITS[race['figure']])}{seen}")
        lines += [f"    {line}" for line in entry.get("error", "").splitlines()]
    if race["section"] in PAIRED and ratios(race):
        lines.append(f"  {'ratio':<50}{spread(ratios(race), 'x')}")
    if told_target(race):
        lines.append(f"  {'target':<50}{told_target(race)}")
    return lines


SHOWN_FIRST = {"side by side", "size"}
PAIRED = {*SHOWN_FIRST, "rules"}
"""Sections whose races have two contestants; those that a summary shows, and all."""


def where_behind(results: Result) -> list[str]:
    """Where a peer is ahead, a sentence for each; against our contestant with the same work, or else the first."""
    sentences = []
    for race in results["races"]:
        own = [entry for entry in race["contestants"] if entry["library"] == OWN]
        for theirs in (entry for entry in race["contestants"] if entry["library"] != OWN):
            ours = next((entry for entry in own if entry["work"] == theirs["work"]), own[0])
            found = compare_pair(race, ours, theirs)
            if found and statistics.median(found) < 1:
                ahead = spread([1 / ratio for ratio in found], "x")
                sentences.append(f"{race['title']}: {label(theirs)} is ahead of {label(ours)}, {ahead}.")
    return sentences


def where_missed(results: Result) -> list[str]:
    """The targets that were missed, a sentence for each."""
    sentences = []
    for race in results["races"]:
        if is_met(race) is False:
            own = told_figure(race["contestants"][0], UNITS[race["figure"]])
            found = own if race["least_ratio"] is None else spread(ratios(race), "x")
            sentences.append(f"{race['title']}: {told_target(race)}, {found}.")
    return sentences


def without_figures(results: Result) -> list[str]:
    """Who gave no figure, a sentence for each."""
    return [
        f"{race['title']}: {label(entry)} gave no figure: {entry['error'].splitlines()[-1]}"
        for race in results["races"]
        for entry in race["contestants"]
        if "error" in entry
    ]


def closing_lines(results: Result) -> list[str]:
    """What to know after all races: where a peer is ahead, which targets were missed, who failed."""
    behind, missed, failed = where_behind(results), where_missed(results), without_figures(results)
    return [
        "Where a peer is ahead: " + ("" if behind else "nowhere in what was measured."),
        *(f"- {sentence}" for sentence in behind),
        "Targets missed: " + ("" if missed else "none of those measured."),
        *(f"- {sentence}" for sentence in missed),
        *(["No figure:"] if failed else []),
        *(f"- {sentence}" for sentence in failed),
    ]


def machine_line(results: Result) -> str:
    """What was measured on, and when."""
    machine, settings = results["machine"], results["settings"]
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, on {machine['device']}; "
        f"Python {machine['python']}, NumPy {machine['numpy']}, JAX {machine['jax']}; CoGrid {results['version']}; "
        f"{results['date']}; load at the start {machine['load']}; median of {settings['rounds']} rounds in turn, "
        f"{settings['seconds']:g} s each"
        + ("; **a quick run, whose figures mean nothing**" if results["is_quick"] else "")
    )


def summary_table(results: Result, sections: Collection[str], only_targets: bool = False) -> list[str]:
    """The races of two in some sections, as Markdown; if asked for, only those that have a target."""
    rows = ["| | CoGrid | peer | ratio | target |", "|---|---|---|---|---|"]
    for race in results["races"]:
        if race["section"] in sections and (told_target(race) or not only_targets):
            unit = UNITS[race["figure"]]
            ours, *others = race["contestants"]
            theirs = f"{label(others[0])}: {told_figure(others[0], unit)}" if others else ""
            ratio = spread(ratios(race), "x") if ratios(race) else ""
            rows.append(f"| {race['title']} | {told_figure(ours, unit)} | {theirs} | {ratio} | {told_target(race)} |")
    return rows if len(rows) > 2 else []


def scaling_table(results: Result) -> list[str]:
    """Steps per second over the number of environments, as Markdown."""
    races = [race for race in results["races"] if race["section"] == "scaling"]
    lines = list(dict.fromkeys(entry["series"] for race in races for entry in race["contestants"]))
    if not races:
        return []
    rows = [f"| environments | {' | '.join(lines)} |", "|---" * (len(lines) + 1) + "|"]
    for race in races:
        by_line = {entry["series"]: entry for entry in race["contestants"]}
        figures = [told_figure(by_line[line], "") if line in by_line else "" for line in lines]
        rows.append(f"| {race['contestants'][0]['size']:,} | {' | '.join(figures)} |")
    return rows


def cost_tables(results: Result) -> list[str]:
    """What a step costs over each size, in microseconds of one environment, as Markdown."""
    rows: list[str] = []
    races = [race for race in results["races"] if race["section"] == "cost"]
    for title, curves in itertools.groupby(races, key=lambda race: race["title"]):
        lines = list(curves)
        sizes = [entry["size"] for entry in lines[0]["contestants"]]
        rows += ["", f"| microseconds a step; {title} | {' | '.join(f'{size:,}' for size in sizes)} | growth |"]
        rows.append("|---" * (len(sizes) + 2) + "|")
        for race in lines:
            costs = [_microseconds(entry) for entry in race["contestants"]]
            told = " | ".join("" if cost is None else number(cost) for cost in costs)
            rows.append(f"| {race['contestants'][0]['series']} | {told} | {_growth(sizes, costs)} |")
    return rows[1:]


def _microseconds(entry: Result) -> float | None:
    return 1e6 / statistics.median(entry["trials"]) if entry["trials"] else None


def _growth(sizes: Sequence[int], costs: Sequence[float | None]) -> str:
    """How much dearer the last size is than the first, beside how much larger it is."""
    first, last = costs[0], costs[-1]
    if first is None or last is None or len(sizes) < 2:
        return ""
    return f"{number(last / first)} x (size {number(sizes[-1] / sizes[0])} x)"


def summary(results: Result) -> str:
    """The races of two that have a target and what was measured on, as Markdown."""
    return "\n".join([*summary_table(results, SHOWN_FIRST, only_targets=True), "", f"{machine_line(results)}.", ""])


BRIEF = {
    "numpy_single": "one world, NumPy",
    "numpy_single_original": "one world, NumPy",
    "numpy_vector": "1,024 worlds at once, NumPy",
    "jax_loop_numbers": "1,024 worlds at once, JAX",
    "jax_loop_planes": "1,024 worlds at once, JAX",
    "jax_scan": "the same, a hundred steps in one program",
}
"""The races of the shortest table, by name, and what it calls each."""


def brief(results: Result) -> str:
    """A few medians and what was measured on, for a reader who knows none of the terms, as Markdown."""
    rows = ["| steps a second | CoGrid | another library | times as fast |", "|---|---|---|---|"]
    for race in results["races"]:
        medians = [statistics.median(entry["trials"]) for entry in race["contestants"] if entry["trials"]]
        if race["name"] in BRIEF and len(medians) > 1:
            ours, theirs = (f"{median:,.0f}" for median in medians[:2])
            ratio = number(statistics.median(ratios(race)))
            rows.append(f"| {BRIEF[race['name']]} | {ours} | {label(race['contestants'][1])}: {theirs} | {ratio} |")
    return "\n".join([*rows, "", f"{machine_line(results)}.", ""])


def details(results: Result) -> str:
    """Everything, as Markdown."""
    parts = [
        [f"{machine_line(results)}."],
        summary_table(results, SHOWN_FIRST),
        summary_table(results, {"rules"}),
        _paragraphs(closing_lines(results)),
        scaling_table(results),
        cost_tables(results),
        _paragraphs(_observations(results)),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """Lines with an empty one between any two that are not of one list, as Markdown wants it."""
    text: list[str] = []
    for line in lines:
        if text and not (text[-1].startswith("- ") and line.startswith("- ")):
            text.append("")
        text.append(line.rstrip())
    return text


def _observations(results: Result) -> list[str]:
    seen = {
        (label(entry), entry["work"].get("env_id") or entry["work"]["observation"], entry["observation"])
        for race in results["races"]
        for entry in race["contestants"]
        if "observation" in entry and not entry["series"]
    }
    lines = [f"- {library}, {observation}: {shape}" for library, observation, shape in sorted(seen)]
    return ["Observations of both agents of one environment:", *lines] if lines else []


def fill_in(text: str, results: Result) -> str:
    """Bring the marked blocks of a page up to date.

    Args:
      text: the page; a block is what is between `<!-- comparison: summary -->` (or `brief`, or `details`) and
        `<!-- comparison: end -->`.
      results: of a comparison.
    Returns:
      The page; all details, if it has no such block.
    Raises:
      ConfigError: for a block of another name.
    """
    parts = {"brief": brief, "summary": summary, "details": details}

    def replaced(found: re.Match[str]) -> str:
        if found[2] not in parts:
            raise ConfigError(f"There is no comparison block {found[2]!r}. {did_you_mean(found[2], parts)}")
        return f"{found[1]}{parts[found[2]](results)}{found[3]}"

    return BLOCK.sub(replaced, text) if BLOCK.search(text) else details(results)

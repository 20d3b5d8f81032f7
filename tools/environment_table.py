"""Write the README's table of environments: `python tools/environment_table.py`, or `make readme`.

With `--check` it writes nothing, and its exit status says whether the table is up to date.
"""

from __future__ import annotations

import pathlib
import sys

from environment_families import Family, families

README = pathlib.Path(__file__).parents[1] / "README.md"
START, END = "<!-- environments: made by tools/environment_table.py -->\n", "<!-- environments: end -->"
HEADER = ["| ids | maps | what it is |", "|---|---|---|"]


def family_row(family: Family) -> str:
    """One family's line of the table.

    Args:
      family: ids that differ in their map.
    """
    ids = f"`{family.ids[0]}`" if len(family.ids) == 1 else f"`{family.name}-<Layout>-V0`"
    about = family.about.splitlines()[0].split(". ")[0].rstrip(".")
    return f"| {ids} | {len(family.ids)} | [{about}](docs/environments/{family.page}) |"


def environment_table() -> str:
    """The whole table, one line for each family of ids."""
    return "\n".join([*HEADER, *(family_row(family) for family in families()), ""])


def with_table(text: str) -> str:
    """A README with the table brought up to date.

    Args:
      text: the README as it is.
    """
    before, rest = text.split(START)
    return before + START + environment_table() + END + rest.split(END)[1]


def main(arguments: list[str]) -> int:
    """Run the command.

    Args:
      arguments: what follows the command.
    Returns:
      The exit status.
    """
    text = README.read_text(encoding="utf-8")
    if "--check" in arguments:
        return int(with_table(text) != text)
    README.write_text(with_table(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

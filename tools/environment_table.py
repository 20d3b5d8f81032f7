"""Write the README's table of environments: `python tools/environment_table.py`, or `make readme`.

With `--check` it writes nothing, and its exit status says whether the table is up to date.
"""

from __future__ import annotations

import pathlib
import sys

from cogrid.envs.registry import make, registered_ids

README = pathlib.Path(__file__).parents[1] / "README.md"
START, END = "<!-- environments: made by tools/environment_table.py -->\n", "<!-- environments: end -->"
HEADER = ["| id | rows x columns | pots | most agents | steps |", "|---|---|---|---|---|"]


def environment_row(env_id: str) -> str:
    """One environment's line of the table.

    Args:
      env_id: its id.
    """
    env = make(env_id)
    env.reset(seed=0)
    state = env.get_state()
    n_free = int((state.object_type_map == 0).sum())
    steps = env.config.max_steps or "no limit"
    n_pots = state.n_pots if "n_pots" in state.tables.derived_names else "-"
    return f"| `{env_id}` | {state.height} x {state.width} | {n_pots} | {n_free} | {steps} |"


def environment_table() -> str:
    """The whole table, one line for each registered id."""
    rows = [environment_row(env_id) for env_id in registered_ids()]
    return "\n".join([*HEADER, *rows, ""])


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

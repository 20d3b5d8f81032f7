"""Whether everything that users of the library can reach has a type: what `pyright --verifytypes` finds, sorted.

Run as `python tools/type_completeness.py`; ends with exit status 1 if anything of ours has no type, or one that is not
known. Two kinds of findings are not ours to mend: a base class from a package that declares no types (PettingZoo), and
what is "partially unknown" for no other reason than that such a class occurs in it.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[1]
NOT_PUBLIC = ("cogrid.tests.", "cogrid.conftest.", "cogrid.test_")
"""Modules that nobody imports: tests."""

UNINSTALLED = ("cogrid.interop.",)
"""Modules built on libraries that need not be installed where types are checked."""


def untyped(symbols: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with the types of some symbols, a line each.

    Args:
      symbols: the symbols of pyright's JSON report.
    """
    return [
        f"{symbol['name']}: {' '.join(diagnostic['message'].split())}"
        for symbol in symbols
        if not symbol["name"].startswith((*NOT_PUBLIC, *UNINSTALLED))
        for diagnostic in symbol["diagnostics"]
        if diagnostic["severity"] == "error" and is_ours(diagnostic["message"])
    ]


def is_ours(message: str) -> bool:
    """Whether a finding is about a type that we wrote, or did not write.

    Args:
      message: pyright's.
    """
    if message in ("Type of base class unknown", "Type of metaclass unknown"):
        return False
    # A type of ours that is not known is spelt out, and the class that it comes from has a finding of its own.
    return "partially unknown" not in message or "Unknown" in message


def report() -> list[Mapping[str, Any]]:
    """Pyright's symbols of the library, as this Python finds the packages that it uses."""
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable]
    command += ["--verifytypes", "cogrid", "--ignoreexternal", "--outputjson"]
    # Pyright looks for `py.typed` in folders of packages, and takes one that an editable install names for none.
    search_path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": search_path}
    made = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    try:
        symbols = json.loads(made.stdout)["typeCompleteness"]["symbols"]
    except (KeyError, json.JSONDecodeError):
        raise SystemExit(f"pyright has no report: {made.stdout}{made.stderr}") from None
    if not symbols:
        raise SystemExit(f"pyright found no symbols of cogrid in {ROOT}: does cogrid/py.typed exist?")
    return [symbol for symbol in symbols if symbol["isExported"]]


def main() -> int:
    """Check, and say what was found."""
    symbols = report()
    found = untyped(symbols)
    print("\n".join(found) or f"all of {len(symbols):,} symbols have types, those of tests not looked at")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

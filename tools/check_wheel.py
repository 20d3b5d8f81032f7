"""Whether a built wheel can be released: `python tools/check_wheel.py dist/cogrid-1.0.0-py3-none-any.whl [v1.0.0]`.

It has to be small, to leave out the tests, to hold what is loaded at run time, and to be of the version of the tag.
"""

from __future__ import annotations

import pathlib
import sys
import zipfile
from collections.abc import Sequence

MAX_BYTES = 3_000_000
TESTS = ("cogrid/tests/", "cogrid/test_", "cogrid/conftest.py")
NEEDED = ("cogrid/py.typed", "cogrid/page/app/page.html", "cogrid/command_line/program.py")


def faults(wheel: pathlib.Path, tag: str | None = None) -> list[str]:
    """What stands against a release, a sentence each.

    Args:
      wheel: the file.
      tag: `v` and a version; anything else (a branch's name) is not compared.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    found = [f"It holds a test: {name}." for name in names if name.startswith(TESTS)][:1]
    found += [f"It lacks {name}." for name in NEEDED if name not in names]
    if wheel.stat().st_size > MAX_BYTES:
        found.append(f"It has {wheel.stat().st_size:,} bytes; at most {MAX_BYTES:,} are allowed.")
    version = wheel.name.split("-")[1]
    if tag is not None and tag.startswith("v") and tag[1:2].isdigit() and tag != f"v{version}":
        found.append(f"The tag is {tag}, and the version {version}: they should be the same.")
    return found


def main(arguments: Sequence[str]) -> int:
    """Check a wheel, and say what was found.

    Returns:
      0 if it can be released.
    """
    wheel = pathlib.Path(arguments[0])
    found = faults(wheel, arguments[1] if len(arguments) > 1 else None)
    print("\n".join(found) or f"{wheel.name}: {wheel.stat().st_size:,} bytes, without tests")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

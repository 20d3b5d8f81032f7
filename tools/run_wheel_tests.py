"""Run the tests on a built wheel outside the checkout: `python tools/run_wheel_tests.py WHEEL [ARGUMENTS OF PYTEST]`.

The wheel has no tests, so they are laid beside a copy of what it holds; nothing else of the checkout is in reach.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence

ROOT = pathlib.Path(__file__).resolve().parents[1]


def lay_out(wheel: pathlib.Path, folder: pathlib.Path) -> None:
    """Unpack a wheel into a folder, and lay the tests beside it.

    Args:
      wheel: the file.
      folder: an empty folder.
    """
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    package = ROOT / "cogrid"
    shutil.copytree(package / "tests", folder / "cogrid" / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for file in (package / "conftest.py", *package.glob("test_*.py")):
        shutil.copy(file, folder / "cogrid" / file.name)
    shutil.copytree(ROOT / "comparisons", folder / "comparisons", ignore=shutil.ignore_patterns("__pycache__"))


def main(arguments: Sequence[str]) -> int:
    """Run the tests.

    Returns:
      The exit status of pytest.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        lay_out(pathlib.Path(arguments[0]).resolve(), folder)
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml")]
        command += ["--rootdir", ".", "--jaxtyping-packages=", "-m", "not long", *(arguments[1:] or ["cogrid"])]
        return subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What is built can be released: small, without tests, with all that is loaded at run time, of the tag's version."""

from __future__ import annotations

import pathlib
import zipfile

import pytest

from cogrid.tests.checkout import needs_checkout

pytestmark = needs_checkout

WHOLE = ("cogrid/py.typed", "cogrid/page/app/page.html", "cogrid/command_line/program.py")


def wheel_of(folder: pathlib.Path, names: tuple[str, ...], n_bytes: int = 10) -> pathlib.Path:
    """A made-up wheel."""
    wheel = folder / "cogrid-1.2.3-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in names:
            archive.writestr(name, b"0" * n_bytes)
    return wheel


def test_a_wheel_with_all_that_is_needed_passes(tmp_path: pathlib.Path) -> None:
    from check_wheel import faults

    assert faults(wheel_of(tmp_path, WHOLE), "v1.2.3") == []
    assert faults(wheel_of(tmp_path, WHOLE), "main") == []


@pytest.mark.parametrize(
    ("names", "n_bytes", "tag", "match"),
    [
        ((*WHOLE, "cogrid/tests/test_x.py"), 10, None, "holds a test"),
        (WHOLE[1:], 10, None, "lacks cogrid/py.typed"),
        (WHOLE, 1_500_000, None, "at most 3,000,000"),
        (WHOLE, 10, "v1.2.4", "tag is v1.2.4"),
    ],
)
def test_what_stands_against_a_release_is_told(
    tmp_path: pathlib.Path, names: tuple[str, ...], n_bytes: int, tag: str | None, match: str
) -> None:
    from check_wheel import faults

    (fault,) = faults(wheel_of(tmp_path, names, n_bytes), tag)
    assert match in fault

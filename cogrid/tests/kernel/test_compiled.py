"""What Numba compiles is kept on disk for later processes, wherever a folder can be written."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("numba")

from cogrid.kernel import compiled as module
from cogrid.kernel.compiled import source_hash
from cogrid.tests.checkout import PACKAGE

SCRIPT = "cogrid.tests.kernel.small_kernel"
RESULT = "[0, 2, 4, 6, 8]"


def start(home: pathlib.Path, temporary: pathlib.Path) -> subprocess.Popen[str]:
    """A process that uses a kernel, with a home and a folder for temporary files of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    folders = {"HOME": str(home), "LOCALAPPDATA": str(home), "TMPDIR": str(temporary), "TEMP": str(temporary)}
    environment = {**kept, **folders, "PYTHONPATH": str(PACKAGE.parent)}
    return subprocess.Popen(
        [sys.executable, "-m", SCRIPT], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What a process has printed: its result, and the lines about compiling."""
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return out.strip(), errors


def test_processes_at_once_compile_and_a_later_one_loads(tmp_path: pathlib.Path) -> None:
    first = [start(tmp_path, tmp_path) for _ in range(2)]
    for out, _ in [finish(process) for process in first]:
        assert out.startswith(RESULT)
    out, errors = finish(start(tmp_path, tmp_path))
    assert out == f"{RESULT} loaded"
    assert errors == ""


def test_a_home_that_cannot_be_written_is_passed_over_for_temporary_files(tmp_path: pathlib.Path) -> None:
    no_folder = tmp_path / "home"
    no_folder.write_text("A file, where no folder can be made.")
    out, errors = finish(start(no_folder, tmp_path))
    assert out == f"{RESULT} compiled"
    assert str(tmp_path) in errors
    assert list(tmp_path.glob("cogrid-*/kernel-*/**/*.nbc"))


def test_without_any_folder_each_process_compiles(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_folder = tmp_path / "file"
    no_folder.write_text("A file, where no folder can be made.")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(no_folder))
    monkeypatch.setattr(module, "_user_folder", lambda: None)
    monkeypatch.setattr(module.tempfile, "gettempdir", lambda: str(no_folder))
    assert module.cache_folder.__wrapped__() is None


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="the temporary files of Windows are each user's own")
def test_a_folder_that_others_can_write_into_is_not_read(tmp_path: pathlib.Path) -> None:
    tmp_path.chmod(0o777)
    assert not module._is_ours_alone(tmp_path)
    tmp_path.chmod(0o700)
    assert module._is_ours_alone(tmp_path)


def test_a_changed_version_of_the_library_keeps_its_code_apart(tmp_path: pathlib.Path) -> None:
    hashes = set()
    for version in ("1", "2"):
        package = tmp_path / version
        package.mkdir()
        (package / "views.py").write_text(f"VERSION = {version}")
        hashes.add(source_hash(package))
    assert len(hashes) == 2

"""Arrays in files: safetensors with a header of ours, and nothing that runs. Written whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Shaped

from cogrid.errors import CheckpointError, MissingDependencyError
from cogrid.extras import installing

VERSION = 1
"""Of the header."""

SUFFIX = ".safetensors"

Arrays = Mapping[str, np.ndarray[Any, Any]]


def write_tensors(path: pathlib.Path, kind: str, header: Mapping[str, Any], arrays: Arrays) -> None:
    """Write arrays and a header to a file.

    Args:
      path: the file; missing folders on the way to it are made.
      kind: what the file is, "checkpoint" or "policy".
      header: JSON values.
      arrays: by name.
    Raises:
      CheckpointError: when the file cannot be written; the one that was there before is still whole.
    """
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    text = json.dumps({"kind": kind, "version": VERSION, "digest": _digest(plain), **header})
    write_whole(path, _safetensors().numpy.save(plain, metadata={"cogrid": text}))


def write_whole(path: pathlib.Path, data: bytes) -> None:
    """Write a file under a temporary name, and give it its own when all of it is on the disk.

    Raises:
      CheckpointError: when that fails, because the disk is full for example.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CheckpointError(
            f"{str(path)!r} cannot be written ({error.strerror}, {len(data):,} bytes): make room or choose another "
            "folder, and give the same command again. What was written before is whole, and is gone on from."
        ) from error


def read_tensors(path: pathlib.Path, kind: str) -> tuple[dict[str, Any], dict[str, Shaped[np.ndarray, "..."]]]:
    """Read what `write_tensors` wrote.

    Args:
      path: the file.
      kind: what it must be.
    Returns:
      The header, and the arrays by name.
    Raises:
      CheckpointError: if there is no such file, or it is damaged, not CoGrid's, of another kind or version.
    """
    if not path.is_file():
        raise CheckpointError(f"There is no file {str(path)!r}.")
    data = path.read_bytes()
    header, arrays = _read(path, data)
    if header.get("kind") != kind or header.get("version") != VERSION:
        raise CheckpointError(
            f"{str(path)!r} is a {header.get('kind')} (version {header.get('version')}), and a {kind} of version "
            f"{VERSION} is needed."
        )
    if header.get("digest") != _digest(arrays):
        raise CheckpointError(f"{str(path)!r} is damaged: its numbers are not those that were written. {_REMEDY}")
    return header, arrays


_REMEDY = "Delete it: a training run then begins anew and comes to the same result; a policy has to be saved again."


def _read(path: pathlib.Path, data: bytes) -> tuple[dict[str, Any], dict[str, Shaped[np.ndarray, "..."]]]:
    library = _safetensors()
    try:
        arrays = library.numpy.load(data)
        size = int.from_bytes(data[:8], "little")
        header = json.loads(json.loads(data[8 : 8 + size])["__metadata__"]["cogrid"])
    except (library.SafetensorError, KeyError, ValueError, TypeError) as error:
        raise CheckpointError(
            f"{str(path)!r} is not a file that CoGrid wrote, or it is damaged ({type(error).__name__}: {error}). "
            f"{_REMEDY}"
        ) from error
    return header, arrays


def _digest(arrays: Arrays) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode() + array.tobytes())
    return digest.hexdigest()


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise missing_extra("safetensors") from error
    return safetensors


def missing_extra(name: str) -> MissingDependencyError:
    """The error that says how to install what training and policies need."""
    return MissingDependencyError(
        f"{name} is not installed, which training and trained policies need: {installing('learn')}"
    )

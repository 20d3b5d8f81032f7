"""Environments and trajectories in files: `.npz` archives of plain arrays with a JSON header, and nothing that runs.

The header says what the file is, in which version of the format, of which environment, and it has the fingerprint of
that environment's rules, map and settings. A file that does not fit is refused instead of misread.
"""

from __future__ import annotations

import io
import json
import math
import os
import pathlib
import zipfile
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from jaxtyping import Shaped

from cogrid.backend.env_state import NUMBER_NAMES, EnvState
from cogrid.core.state_builder import build_state, stored_limits
from cogrid.core.tables import Tables
from cogrid.errors import StateError
from cogrid.recording.fingerprint import fingerprint

VERSION = 2
"""Of the format. A fingerprint of another version cannot be compared, so only files of this one are read."""

HEADER = "header"

_STATE = "state."
"""What the names of a state's arrays start with."""

_HEADER_READERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def write_archive(
    path: str | os.PathLike[str], kind: str, header: Mapping[str, Any], arrays: Mapping[str, Shaped[np.ndarray, "..."]]
) -> pathlib.Path:
    """Write arrays and a header to a file.

    Args:
      path: the file; ".npz" is added if it is missing.
      kind: what the file is, "state" or "trajectory".
      header: further entries of the header; JSON values.
      arrays: the arrays, by name.
    Returns:
      Where the file is.
    """
    where = pathlib.Path(path)
    where = where if where.suffix == ".npz" else where.with_name(f"{where.name}.npz")
    text = json.dumps({"format": f"cogrid {kind}", "version": VERSION, **header})
    with where.open("wb") as file:
        np.savez_compressed(file, **{HEADER: np.array(text), **arrays})  # pyright: ignore[reportArgumentType]
    return where


def read_archive(
    path: str | os.PathLike[str], kind: str
) -> tuple[dict[str, Any], dict[str, Shaped[np.ndarray, "..."]]]:
    """Read what `write_archive` wrote. No code in the file is run, and no more memory is taken than it has bytes.

    Args:
      path: the file.
      kind: what it must be, "state" or "trajectory".
    Returns:
      The header, and the arrays by name.
    Raises:
      StateError: if there is no such file, or it is damaged, not CoGrid's, of another kind, or of another version of
        the format.
    """
    if not isinstance(cast(object, path), (str, os.PathLike)):
        raise StateError(f"A file is named by a text or a path, not by {path!r}.")
    where = pathlib.Path(path)
    if not where.is_file():
        raise StateError(f"There is no file {str(where)!r}.")
    arrays = read_arrays(where)
    try:
        header = json.loads(str(arrays.pop(HEADER)))
        found, version = header["format"], header["version"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise StateError(
            f"{str(where)!r} is not a file that CoGrid wrote: it has no header that can be read."
        ) from error
    if found != f"cogrid {kind}":
        raise StateError(f"{str(where)!r} is a {found!r} file, and a 'cogrid {kind}' file is needed.")
    if version != VERSION:
        raise StateError(
            f"{str(where)!r} is of version {version!r} of the format, and this release of CoGrid reads version "
            f"{VERSION}: read it with the release that wrote it, or write it again."
        )
    return header, arrays


def read_arrays(path: str | os.PathLike[str]) -> dict[str, Shaped[np.ndarray, "..."]]:
    """The arrays of an `.npz` file, by name. No code in it is run, and no more memory is taken than it has bytes.

    Args:
      path: the file.
    Raises:
      StateError: if the file is not an archive of plain arrays, or is damaged.
    """
    try:
        with zipfile.ZipFile(path) as file:
            return {name.removesuffix(".npy"): _read_array(file.read(name)) for name in file.namelist()}
    except Exception as error:  # A foreign or damaged file can make zipfile, zlib and NumPy raise anything.
        raise StateError(
            f"{os.fspath(path)!r} is not a file that CoGrid wrote, or it is damaged "
            f"({type(error).__name__}: {error}): write it again."
        ) from error


def _read_array(data: bytes) -> Shaped[np.ndarray, "..."]:
    """An array in NumPy's own format, whose header may promise no more than the bytes that follow it."""
    stream = io.BytesIO(data)
    shape, is_fortran, dtype = _HEADER_READERS[np.lib.format.read_magic(stream)](stream)
    if math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
        raise ValueError(f"an array of shape {shape} and dtype {dtype} has another number of bytes")
    return np.ndarray(shape, dtype, data, stream.tell(), order="F" if is_fortran else "C").copy()


def environment_header(tables: Tables, name: str) -> dict[str, Any]:
    """The entries of a header that say which environment a file is of.

    Args:
      tables: the world.
      name: what the environment is called.
    """
    return {"environment": name, "fingerprint": fingerprint(tables)}


def check_environment(path: str | os.PathLike[str], header: Mapping[str, Any], tables: Tables, name: str) -> None:
    """Refuse a file of another environment.

    Raises:
      StateError: names both environments.
    """
    if header.get("fingerprint") != fingerprint(tables):
        raise StateError(
            f"{os.fspath(path)!r} is of {header.get('environment')!r}, and its rules, map or settings are not those of "
            f"this environment, {name!r}: make it with the same id and the same settings (layout, num_agents, "
            "action_set, max_steps, and what else this family of environments lets one choose)."
        )


def state_leaves(state: EnvState) -> dict[str, Shaped[np.ndarray, "..."]]:
    """A state's stored arrays as NumPy arrays, by the names that they have in a file."""
    leaves = {name: getattr(state, name) for name in ("cells", *NUMBER_NAMES)}
    return {_STATE + name: np.array(leaf) for name, leaf in leaves.items() if leaf is not None}


def state_from_leaves(tables: Tables, arrays: Mapping[str, Shaped[np.ndarray, "..."]]) -> EnvState:
    """The state whose arrays are in a file, as NumPy leaves.

    Args:
      tables: the world.
      arrays: the file's arrays; those of the state start with "state.".
    Raises:
      StateError: when an array of the state is missing, unknown or wrong, or the world can never be in the state.
    """
    leaves = {name.removeprefix(_STATE): leaf for name, leaf in arrays.items() if name.startswith(_STATE)}
    for name in stored_limits(tables):
        if name not in leaves:
            raise StateError(f"The file has no array {_STATE + name!r}.")
    return build_state(tables, leaves)

"""Environments and trajectories in files: `.npz` archives of plain arrays with a JSON header, and nothing that runs.

A file tells what it is, in which version of the format, of which environment, and a fingerprint of that environment's
compiled rules, map and settings: what does not fit is refused, not misread.
"""

from __future__ import annotations

import json
import os
import pathlib
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Shaped

from cogrid.backend.env_state import NUMBER_NAMES, EnvState, Numbers
from cogrid.core.tables import Tables
from cogrid.errors import StateError
from cogrid.recording.fingerprint import fingerprint

VERSION = 1
"""Of the format; a reader takes its own version and those before."""

HEADER = "header"

STORED_NAMES = ("cells", *NUMBER_NAMES)
"""What a file holds of a state, by name."""


def write_archive(
    path: str | os.PathLike[str], kind: str, header: Mapping[str, Any], arrays: Mapping[str, Shaped[np.ndarray, "..."]]
) -> pathlib.Path:
    """Write arrays and a header to a file.

    Args:
      path: where to; ".npz" is added if it is missing.
      kind: what the file is.
      header: what else is to be told; JSON values.
      arrays: the arrays.
    Returns:
      Where the file is.
    """
    where = pathlib.Path(path)
    where = where if where.suffix == ".npz" else where.with_name(f"{where.name}.npz")
    told = json.dumps({"format": f"cogrid {kind}", "version": VERSION, **header})
    with where.open("wb") as file:
        np.savez_compressed(file, **{HEADER: np.array(told), **arrays})  # pyright: ignore[reportArgumentType]
    return where


def read_archive(
    path: str | os.PathLike[str], kind: str
) -> tuple[dict[str, Any], dict[str, Shaped[np.ndarray, "..."]]]:
    """Read what `write_archive` wrote; runs no code of the file.

    Args:
      path: the file.
      kind: what it is to be.
    Returns:
      The header, and the arrays.
    Raises:
      StateError: for a file that is none, is of another kind, or of a later version of the format.
    """
    where = pathlib.Path(path)
    if not where.is_file():
        raise StateError(f"There is no file {str(where)!r}.")
    try:
        with np.load(where, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(str(arrays.pop(HEADER)))
        told, version = header["format"], header["version"]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise StateError(f"{str(where)!r} is no file that CoGrid wrote, or a broken one: {error}") from error
    if told != f"cogrid {kind}":
        raise StateError(f"{str(where)!r} is a {told!r} file, and a 'cogrid {kind}' file is needed.")
    if version > VERSION:
        raise StateError(f"{str(where)!r} is of version {version} of the format; this library reads up to {VERSION}.")
    return header, arrays


def about(tables: Tables, name: str) -> dict[str, Any]:
    """The part of a header that says which environment a file is of.

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
            f"this environment, {name!r}: make it with the same id, layout, num_agents, action_set and max_steps."
        )


def state_leaves(state: EnvState) -> dict[str, Shaped[np.ndarray, "..."]]:
    """A state's stored arrays as NumPy's, for a file."""
    leaves = {name: getattr(state, name) for name in STORED_NAMES}
    return {f"state.{name}": np.asarray(leaf) for name, leaf in leaves.items() if leaf is not None}


def state_from_leaves(tables: Tables, arrays: Mapping[str, Shaped[np.ndarray, "..."]]) -> EnvState:
    """A state from the arrays of a file, unchecked.

    Raises:
      StateError: when one is missing.
    """
    leaves: dict[str, Any] = {name: arrays.get(f"state.{name}") for name in STORED_NAMES}
    for name, leaf in leaves.items():
        if leaf is None and name not in Numbers._field_defaults:
            raise StateError(f"The file has no array 'state.{name}'.")
    return EnvState(cells=leaves.pop("cells"), numbers=Numbers(**leaves), tables=tables)

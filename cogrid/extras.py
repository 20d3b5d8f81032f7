"""What else can be installed beside the library, and the command that does it however the library came here."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import re
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Extra:
    """Packages that something optional needs.

    Attributes:
      about: what they are for.
      requirements: the packages with their lower bounds, as in `pyproject.toml`.
    """

    about: str
    requirements: tuple[str, ...]


JAX = "jax>=0.6.1"

EXTRAS: Mapping[str, Extra] = {
    "jax": Extra("the backend JAX: jit, vmap, GPU and TPU", (JAX,)),
    "fast": Extra("batches under NumPy by compiled code, without JAX", ("numba>=0.61",)),
    "learn": Extra("train agents, and play trained ones", (JAX, "optax>=0.2.7", "safetensors>=0.4.5")),
    "serve": Extra(
        "serve studies with people, together over a network",
        ("sqlalchemy>=2.0.30", "starlette>=0.46", "uvicorn>=0.54", "websockets>=15"),
    ),
    "bench": Extra("charts of learning curves and benchmarks", ("matplotlib>=3.9",)),
    "window": Extra('render_mode="human", a window on the desktop', ("pygame-ce>=2.5",)),
    "video": Extra("videos of episodes, as MP4 files", ("imageio-ffmpeg>=0.5.1",)),
    "completion": Extra("the shell completes commands and ids", ("argcomplete>=3.5",)),
}
"""The extras that users of the library install, by name."""


def installing(extra: str) -> str:
    """The command that installs an extra's packages.

    It names the packages, not the library: on the package index the library's name is that of another one.

    Args:
      extra: its name.
    """
    return " ".join(["pip install", *(f'"{requirement}"' for requirement in EXTRAS[extra].requirements)])


def missing(extra: str) -> list[str]:
    """The requirements of an extra that are not met here: not installed, or older than the lower bound.

    Args:
      extra: its name.
    """
    return [requirement for requirement in EXTRAS[extra].requirements if not is_met(requirement)]


def is_met(requirement: str) -> bool:
    """Whether a package is installed, and not older than its lower bound.

    Args:
      requirement: such as `jax>=0.6.1`.
    """
    name, _, bound = requirement.partition(">=")
    version = installed_version(name)
    return version is not None and _numbers(version) >= _numbers(bound)


def installed_version(name: str) -> str | None:
    """The version of a package that is installed here; None for one that is not.

    Args:
      name: the package's, as pip knows it.
    """
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: `(0, 6, 1)` of `0.6.1rc2`."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, found.group().split("."))) if found else ()

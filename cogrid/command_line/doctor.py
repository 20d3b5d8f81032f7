"""`cogrid doctor`: what is installed here, whether it works, and what else could be installed for what."""

from __future__ import annotations

import argparse
import importlib.metadata
import pathlib
import platform
import re
from typing import Any

import cogrid
from cogrid.command_line.command import Command, Exit, add_json
from cogrid.command_line.output import print_json
from cogrid.envs.registry import make
from cogrid.errors import CoGridError
from cogrid.extras import EXTRAS, installed_version, installing, is_met, missing

NEEDED = ("array-api-compat", "gymnasium", "jaxtyping", "numpy", "pettingzoo", "pillow")
"""What the library itself needs."""

WORLD = "Overcooked-CrampedRoom-V0"
"""The world that both backends play for a step."""


def examine() -> dict[str, Any]:
    """All that the command tells."""
    backends = {name: _examine_backend(name) for name in ("numpy", "jax")}
    return {
        "cogrid": cogrid.__version__,
        "folder": str(pathlib.Path(cogrid.__file__).parent),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "packages": {name: installed_version(name) for name in NEEDED},
        "too_old": [requirement for requirement in _requirements() if not is_met(requirement)],
        "backends": backends,
        "extras": {
            name: {"about": extra.about, "missing": missing(name), "install": installing(name)}
            for name, extra in EXTRAS.items()
        },
    }


def _requirements() -> list[str]:
    """What the installed package says that it needs; nothing where it only lies in the search path."""
    try:
        asked = importlib.metadata.requires("cogrid") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    return [requirement for requirement in asked if re.fullmatch(r"[\w.-]+>=[\d.]+", requirement)]


def _examine_backend(name: str) -> dict[str, Any]:
    """Whether a backend plays, and on what."""
    if name == "jax" and installed_version("jax") is None:
        return {"version": None, "devices": [], "fault": None}
    found: dict[str, Any] = {"version": installed_version(name), "devices": [], "fault": None}
    try:
        env = make(WORLD, backend=name)
        env.reset(seed=0)
        env.step(dict.fromkeys(env.agents, 6))
        if name == "jax":
            import jax

            found["devices"] = [f"{device.platform}: {device.device_kind}" for device in jax.devices()]
    except (CoGridError, ImportError, RuntimeError, ValueError, AttributeError, TypeError) as error:
        # What a library throws that is broken, too old, or without its device.
        found["fault"] = f"{type(error).__name__}: {error}"
    return found


def run(options: argparse.Namespace) -> int:
    """Tell it."""
    found = examine()
    faults = [backend["fault"] for backend in found["backends"].values() if backend["fault"]]
    if options.json:
        print_json(found)
    else:
        print("\n".join(_lines(found)))
    return Exit.PROBLEM if faults or found["too_old"] else Exit.OK


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [f"cogrid {found['cogrid']} in {found['folder']}", f"Python {found['python']}, {found['machine']}"]
    lines += [", ".join(f"{name} {version or 'missing'}" for name, version in found["packages"].items()), ""]
    lines += [f"too old: {requirement} is needed" for requirement in found["too_old"]]
    lines += [_backend_line(name, backend) for name, backend in found["backends"].items()]
    lines += ["", "extras:"]
    width = max(map(len, EXTRAS))
    for name, extra in found["extras"].items():
        state = f"not there: {extra['install']}" if extra["missing"] else "installed"
        lines.append(f"  {name:<{width}}  {extra['about']}: {state}")
    return lines


def _backend_line(name: str, backend: dict[str, Any]) -> str:
    if backend["fault"]:
        return f"backend {name}: {WORLD} cannot be played: {backend['fault']}"
    if backend["version"] is None:
        return f"backend {name}: not installed, and not needed for one world or for NumPy's batches"
    devices = f", on {', '.join(backend['devices'])}" if backend["devices"] else ""
    return f"backend {name} {backend['version']}: plays {WORLD}{devices}"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)


DOCTOR = Command(
    name="doctor",
    summary="what is installed here, and whether it works",
    about="Tell the versions of the library and of what it needs, play a step on each backend, name the devices, and\n"
    "say what else could be installed for what. The exit status is 1 if something that is installed does not work.",
    examples=(
        ("cogrid doctor", "for a person"),
        ("cogrid doctor --json", "for a program, or to put into a report of a fault"),
        ("cogrid doctor && cogrid train GoalSeeking-Fixed-V0", "go on only if all is well"),
    ),
    add_arguments=_add_arguments,
    run=run,
)

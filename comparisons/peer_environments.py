"""The peers, and the virtual environments in which they are measured."""

from __future__ import annotations

import dataclasses
import functools
import importlib.metadata
import os
import pathlib
import subprocess
import sys
import venv
from collections.abc import Mapping

from cogrid.errors import CoGridError
from comparisons import peers

SCRIPTS = pathlib.Path(peers.__file__).parent


class PeerError(CoGridError, RuntimeError):
    """A peer that cannot be installed, or whose worker ended."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Peer:
    """A library that this one is compared with.

    Attributes:
      name: what the command line and the folder of its environment are called.
      label: what tables call it.
      requirements: what is installed.
      same_versions: packages that are installed in the version that this process has.
      script: what measures it, in `SCRIPTS`.
      has_one_backend: whether a process can use only the backend that it used first.
    """

    name: str
    label: str
    requirements: tuple[str, ...]
    same_versions: tuple[str, ...]
    script: str
    has_one_backend: bool = False

    def wanted(self, device: str) -> list[str]:
        """Everything that its environment must have.

        Args:
          device: "cpu" or "gpu"; JAX comes with what the device needs.
        """
        pinned = [f"{name}=={importlib.metadata.version(name)}" for name in self.same_versions]
        if device == "gpu" and "jax" in self.same_versions:
            pinned.append(f"jax[{cuda_extra()}]")
        return [*self.requirements, *pinned]

    def command(self, python: pathlib.Path) -> list[str]:
        """What starts its worker: without this process's paths, so that it sees nothing of this library."""
        return [str(python), "-E", "-s", str(SCRIPTS / self.script)]


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            name="cogrid-0.3.2",
            label="CoGrid 0.3.2",
            requirements=("cogrid[jax]==0.3.2",),
            same_versions=("jax", "jaxlib", "numpy"),
            script="cogrid_0_3_worker.py",
            has_one_backend=True,
        ),
        Peer(
            name="jaxmarl-0.2.0",
            label="JaxMARL 0.2.0",
            requirements=("jaxmarl==0.2.0",),
            same_versions=("jax", "jaxlib", "numpy"),
            script="jaxmarl_worker.py",
        ),
        Peer(
            name="overcooked-ai-1.1.0",
            label="Overcooked-AI 1.1.0",
            requirements=("overcooked-ai==1.1.0", "numpy<2", "scipy", "setuptools<81"),
            same_versions=(),
            script="overcooked_ai_worker.py",
        ),
        *(
            Peer(
                name=f"{package}-{version}",
                label=f"{label} {version}",
                requirements=(f"{package}=={version}",),
                same_versions=(),
                script=f"{package}_worker.py",
            )
            for package, label, version in (
                ("lbforaging", "lbforaging", "2.0.0"),
                ("rware", "rware", "2.0.0"),
                ("minigrid", "MiniGrid", "3.2.0"),
            )
        ),
        Peer(
            name="jumanji-1.1.2",
            label="jumanji 1.1.2",
            requirements=("jumanji==1.1.2",),
            same_versions=("jax", "jaxlib", "numpy"),
            script="jumanji_worker.py",
        ),
    )
}


def default_directory() -> pathlib.Path:
    """Where the environments are kept unless told otherwise: a folder of the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return pathlib.Path(cache).expanduser() / "cogrid" / "peers"


def cuda_extra() -> str:
    """The extra of `jax` that brings the CUDA libraries that this process's JAX has."""
    installed = {distribution.metadata["Name"] for distribution in importlib.metadata.distributions()}
    return "cuda13" if "jax-cuda13-plugin" in installed else "cuda12"


@dataclasses.dataclass(frozen=True, kw_only=True)
class PeerEnvironments:
    """Where each peer's Python is.

    Attributes:
      directory: holds one virtual environment for each peer and device; made where it is missing.
      pythons: by name of a peer, a Python that has it already.
      device: "cpu" or "gpu".
    """

    directory: pathlib.Path
    pythons: Mapping[str, pathlib.Path] = dataclasses.field(default_factory=dict)
    device: str = "cpu"

    def python(self, peer: Peer) -> pathlib.Path:
        """A peer's Python; its environment is made at the first use.

        Raises:
          PeerError: when it cannot be installed; says what pip said.
        """
        if peer.name in self.pythons:
            return self.pythons[peer.name]
        folder = self.directory.absolute() / (peer.name if self.device == "cpu" else f"{peer.name}-{self.device}")
        python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        wanted = peer.wanted(self.device)
        marker = folder / "installed"
        if not marker.is_file() or marker.read_text(encoding="utf-8").splitlines() != wanted:
            self._install(folder, python, wanted)
            marker.write_text("\n".join(wanted) + "\n", encoding="utf-8")
        return python

    def _install(self, folder: pathlib.Path, python: pathlib.Path, wanted: list[str]) -> None:
        print(f"Installing {' '.join(wanted)} into {folder} ...", file=sys.stderr, flush=True)
        venv.create(folder, with_pip=True, clear=True)
        result = subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted],
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise PeerError(f"{' '.join(wanted)} cannot be installed with {python}:\n{last_lines(result.stderr)}")


def last_lines(text: str, n_lines: int = 6) -> str:
    """The end of a long message."""
    return "\n".join(text.strip().splitlines()[-n_lines:])


@functools.cache
def has_gpu() -> bool:
    """Whether this process's JAX finds a GPU; asked in a process of its own, which takes no memory there."""
    script = "import jax; print(jax.devices()[0].platform)"
    environment = {**os.environ, "JAX_PLATFORMS": "cuda"}
    result = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    return result.returncode == 0 and result.stdout.strip() in {"gpu", "cuda"}

"""The drawings that come with a family of environments: text files in its folder `layouts`."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable


def layout_folder(family: str) -> Traversable:
    """The folder of a family's drawings."""
    return resources.files(f"cogrid.envs.{family}") / "layouts"


def read_drawings(family: str) -> dict[str, str]:
    """A family's drawings by the names of their files, in the order of the names; none if it draws by itself."""
    folder = layout_folder(family)
    files = sorted(folder.iterdir() if folder.is_dir() else (), key=lambda file: file.name)
    texts = {file.name: file.read_text(encoding="utf-8") for file in files if file.name.endswith(".txt")}
    return {name.removesuffix(".txt"): text for name, text in texts.items()}

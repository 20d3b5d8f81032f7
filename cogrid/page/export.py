"""`write_page`: worlds as a folder with one file, which a browser plays from a web server or from a double click."""

from __future__ import annotations

import base64
import html
import inspect
import pathlib
import urllib.parse
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.overcooked_ai.recordings import SCOPE
from cogrid.envs.overcooked_ai.trajectory_json import value_forms
from cogrid.envs.registration import ENVIRONMENTS
from cogrid.errors import ConfigError, StateError
from cogrid.page.bundle import BundleWriter
from cogrid.page.game_data import game_data
from cogrid.page.looks import Drawings, legend, picture_data, text_data
from cogrid.page.policies import PolicyShelf
from cogrid.page.scripts import FOLDER, joined_script
from cogrid.recording.archive import VERSION, environment_header, state_leaves
from cogrid.rendering.svg import EDGE

FILE = "index.html"

ENTRIES = {"page": "main.js", "replay": "replay_main.js"}
"""The module that opens each kind of page."""


def write_page(
    envs: Sequence[CoGridEnv], folder: pathlib.Path, title: str = "CoGrid", shelf: PolicyShelf | None = None
) -> pathlib.Path:
    """Write a page on which people play worlds.

    Args:
      envs: the worlds; the page opens with the first one.
      folder: where to; it is made if it is missing.
      title: what the browser calls it.
      shelf: the trained policies that play in the page (`PolicyShelf(load_policies(files))`).
    Returns:
      The file to open.
    Raises:
      ConfigError: for a world that cannot be played in the page, or two of one name.
    """
    text = page_text(envs, title, shelf)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    file.write_text(text, encoding="utf-8")
    return file


def page_text(envs: Sequence[CoGridEnv], title: str = "CoGrid", shelf: PolicyShelf | None = None) -> str:
    """The whole page, as one text that needs nothing else.

    Args:
      envs: the worlds.
      title: what the browser calls it.
      shelf: the trained policies that play in the page.
    Raises:
      ConfigError: for a world that cannot be played in the page, two of one name, or a policy of none of the worlds.
    """
    names = [env.config.name for env in envs]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"The world {repeated} stands in the page twice: name each once.")
    writer, drawings = BundleWriter(), Drawings()
    worlds = [world_data(env, writer, drawings, shelf) for env in envs]
    if shelf is not None:
        shelf.check_used(names)
    icon = worlds[0]["pictures"]["agents"][0][0]
    return fill_page("page", title, {"worlds": worlds}, writer, drawings, icon)


def fill_page(
    kind: str, title: str, document: Mapping[str, Any], writer: BundleWriter, drawings: Drawings, icon: int
) -> str:
    """Put data into a page.

    Args:
      kind: "page" for one to play on, "replay" for one that shows an episode.
      title: what the browser calls it.
      document: the page's data; JSON values.
      writer: the arrays that the data names.
      drawings: the drawings that the data names.
      icon: the number of the drawing that stands beside the title.
    """
    data = writer.write({**document, "drawings": drawings.elements, "edge": EDGE})
    parts = {
        "body": (FOLDER / "app" / f"{kind}.html").read_text(encoding="utf-8"),
        "title": html.escape(title),
        "icon": _icon(drawings.elements[icon]),
        "style": (FOLDER / "app" / "style.css").read_text(encoding="utf-8"),
        "data": packed(data),
        "program": packed(joined_script(f"app/{ENTRIES[kind]}").encode()),
    }
    page = (FOLDER / "app" / "frame.html").read_text(encoding="utf-8")
    for name, text in parts.items():
        page = page.replace("{{" + name + "}}", text)
    return page


def world_data(
    env: CoGridEnv, writer: BundleWriter, drawings: Drawings, shelf: PolicyShelf | None = None
) -> dict[str, Any]:
    """What a page needs to know of a world to play it.

    Args:
      env: the world.
      writer: where its arrays go.
      drawings: where its drawings go.
      shelf: the trained policies that play in the page.
    Raises:
      ConfigError: for a world that cannot be played in the page.
    """
    tables = env.tables
    env.reset(seed=0)
    start = state_leaves(env.get_state())
    kinds = {name: {"dtype": str(leaf.dtype), "shape": list(leaf.shape)} for name, leaf in start.items()}
    return {
        "id": env.config.name,
        "about": about(env),
        "game": game_data(env.config.name, env.game, writer, is_observed=False),
        "pictures": picture_data(tables, drawings),
        "text": text_data(tables),
        "legend": legend(env, drawings),
        "trajectory": {
            "version": VERSION,
            "environment": environment_header(tables, env.config.name),
            "start": {name.removeprefix("state."): kind for name, kind in kinds.items()},
        },
        "overcookedAi": _overcooked_ai(env),
        "policies": [] if shelf is None else shelf.data_for(env, writer),
    }


def _overcooked_ai(env: CoGridEnv) -> dict[str, Any] | None:
    """How the original writes the values of a kitchen of Overcooked-AI; None for another world."""
    if env.tables.settings.rules.name != SCOPE:
        return None
    try:
        return value_forms(env)
    except StateError:
        return None  # A map of one's own, which the original does not know.


def about(env: CoGridEnv) -> str:
    """What the family of a built-in world says of itself, in a paragraph; nothing for another one."""
    family = ENVIRONMENTS.get(env.config.name)
    doc = inspect.cleandoc(family.about or "") if family is not None else ""
    return " ".join(doc.split("\n\n")[0].split()).replace("`", "")


def packed(data: bytes) -> str:
    """Bytes, deflated, as text that `readPage` of `app/data.js` reads."""
    return base64.b64encode(zlib.compress(data, 9)).decode()


def _icon(elements: str) -> str:
    """A drawing as the address of an image."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {EDGE} {EDGE}">{elements}</svg>'
    return html.escape("data:image/svg+xml," + urllib.parse.quote(svg))

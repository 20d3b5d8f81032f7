"""What a study serves to browsers: worlds, the program, and how it looks; and the same as a plugin for jsPsych."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping, Sequence

from cogrid.cogrid_env import CoGridEnv
from cogrid.errors import ConfigError
from cogrid.page.bundle import BundleWriter
from cogrid.page.export import packed, world_data
from cogrid.page.looks import Drawings
from cogrid.page.policies import PolicyShelf
from cogrid.page.scripts import FOLDER, joined_script
from cogrid.rendering.svg import EDGE

PLUGIN_FILE = "plugin-cogrid.js"


def worlds_text(envs: Mapping[str, CoGridEnv], shelf: PolicyShelf | None = None) -> str:
    """Worlds in the form that the page unpacks.

    Args:
      envs: the worlds, by the names that the page gives them.
      shelf: the trained policies that play in the page.
    Raises:
      ConfigError: for a world that cannot be played in the page, or a policy of none of the worlds.
    """
    writer, drawings = BundleWriter(), Drawings()
    worlds = [{**world_data(env, writer, drawings, shelf), "id": name} for name, env in envs.items()]
    if shelf is not None:
        shelf.check_used(list(envs))
    return packed(writer.write({"worlds": worlds, "drawings": drawings.elements, "edge": EDGE}))


def study_script() -> str:
    """The program of the page on which people wait and play."""
    return joined_script("app/study_main.js")


def study_style() -> str:
    """How the pages of a study look."""
    return _style("view") + _style("study")


def _style(name: str) -> str:
    return (FOLDER / "app" / f"{name}.css").read_text(encoding="utf-8")


def plugin_text(envs: Sequence[CoGridEnv], shelf: PolicyShelf | None = None) -> str:
    """A plugin for jsPsych 8 in one file that needs nothing else; it defines `jsPsychCogrid`.

    Args:
      envs: the worlds that its trials can play.
      shelf: the trained policies that can be partners.
    Raises:
      ConfigError: for a world that cannot be played in the page, two of one name, or a policy of none of the worlds.
    """
    names = [env.config.name for env in envs]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"The world {repeated} stands in the plugin twice: name each once.")
    data = {
        "worlds": worlds_text(dict(zip(names, envs, strict=True)), shelf),
        "style": _style("view"),
    }
    told = f"// jsPsychCogrid: a plugin for jsPsych 8 that plays {', '.join(names)}.\n"
    return f"{told}globalThis.cogridPluginData = {json.dumps(data)};\n{joined_script('app/plugin_main.js')}"


def write_plugin(envs: Sequence[CoGridEnv], folder: pathlib.Path, shelf: PolicyShelf | None = None) -> pathlib.Path:
    """Write `plugin_text` to a folder, which is made if it is missing.

    Args:
      envs: the worlds.
      folder: where to.
      shelf: the trained policies that can be partners.
    Returns:
      The file.
    Raises:
      ConfigError: as `plugin_text` does.
    """
    text = plugin_text(envs, shelf)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / PLUGIN_FILE
    file.write_text(text, encoding="utf-8")
    return file

"""The page's JavaScript as one script: modules joined in the order in which they need each other.

A page that is opened from a file may not load modules, so each module becomes a function that returns what it exports.
Modules use named imports (`import { a, b } from "./file.js";`) and named exports in front of a declaration, no others.
"""

from __future__ import annotations

import functools
import pathlib
import re

from cogrid.errors import ConfigError

FOLDER = pathlib.Path(__file__).parent

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)


@functools.cache
def joined_script(entry: str = "app/main.js") -> str:
    """A module and all that it needs as one script without comments.

    Args:
      entry: the module, from the folder of the page.
    Raises:
      ConfigError: for a module that imports or exports in another way, or two that need each other.
    """
    parts: dict[pathlib.Path, str] = {}
    _add(FOLDER / entry, parts, ())
    names = {path: f"module{number}" for number, path in enumerate(parts)}
    written = [f"const {names[path]} = await (async () => {{\n{text}}})();\n" for path, text in parts.items()]
    script = re.sub(r"\{\{module (.*?)\}\}", lambda found: names[pathlib.Path(found[1])], "".join(written))
    return f'(async () => {{\n"use strict";\n{script}}})();\n'


def _add(path: pathlib.Path, parts: dict[pathlib.Path, str], needed_by: tuple[pathlib.Path, ...]) -> None:
    """Add a module behind those that it needs."""
    if path in needed_by:
        raise ConfigError(f"The modules {path.name} and {needed_by[-1].name} need each other.")
    if path in parts:
        return
    text = path.read_text(encoding="utf-8")
    for _, other in _IMPORT.findall(text):
        _add((path.parent / other).resolve(), parts, (*needed_by, path))
    parts[path] = _as_function(path, text)


def _as_function(path: pathlib.Path, text: str) -> str:
    """The body of the function that a module becomes."""
    exported = [name for _, name in _EXPORT.findall(text)]
    text = _COMMENT.sub("", text)
    text = _IMPORT.sub(lambda found: _destructured(found[1], (path.parent / found[2]).resolve()), text)
    text = _EXPORT.sub(r"\1 \2", text)
    if left_over := _LEFT_OVER.search(text):
        raise ConfigError(f"{path.name} has a line that cannot be joined: {left_over[0]}")
    return f"{text}return {{ {', '.join(exported)} }};\n"


def _destructured(names: str, path: pathlib.Path) -> str:
    return f"const {{{names}}} = {{{{module {path}}}}};\n"

"""The pages hang together: links lead somewhere, all are in the navigation, every public name is in the reference."""

from __future__ import annotations

import importlib
import pathlib
import re
from typing import Any

import pytest

from cogrid.tests.checkout import CHECKOUT, needs_checkout
from cogrid.tests.test_public_surface import NAMES

pytestmark = needs_checkout

DOCS = CHECKOUT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def text_of(page: pathlib.Path) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchor(title: str) -> str:
    """The anchor of a heading, as the site makes it (Python-Markdown's `toc`)."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def anchors(page: pathlib.Path) -> set[str]:
    """All anchors of a page."""
    return {anchor(title) for title in re.findall(r"^#+ (.*)$", text_of(page), flags=re.MULTILINE)}


def is_broken(link: str, page: pathlib.Path) -> bool:
    """Whether a link of a page leads to no file in docs/, or to a heading that is not there."""
    path, _, heading = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.is_file() or not target.is_relative_to(DOCS):
        return True
    return bool(heading) and target.suffix == ".md" and heading not in anchors(target)


def links_of(page: pathlib.Path) -> list[str]:
    """The links of a page to other pages and to itself."""
    return [link for link in LINK.findall(text_of(page)) if "://" not in link]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: pathlib.Path) -> None:
    assert [link for link in links_of(page) if is_broken(link, page)] == []


@pytest.mark.parametrize("link", ["nowhere.md", "index.md#no-such-heading", "../README.md"])
def test_a_broken_link_is_found(link: str) -> None:
    assert not is_broken("index.md", DOCS / "install.md")
    assert is_broken(link, DOCS / "install.md")


def listed_pages() -> list[str]:
    """The pages that the site's navigation names."""
    navigation = (CHECKOUT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    return re.findall(r"(\S+\.md)$", navigation, flags=re.MULTILINE)


def test_the_navigation_names_every_page_once() -> None:
    assert sorted(listed_pages()) == sorted(page.relative_to(DOCS).as_posix() for page in PAGES)


def find(path: str) -> Any:
    """What a dotted name stands for."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def in_reference() -> list[str]:
    """The dotted names that the reference documents."""
    texts = [page.read_text(encoding="utf-8") for page in sorted((DOCS / "reference").glob("*.md"))]
    return [name for text in texts for name in re.findall(r"^::: (\S+)$", text, flags=re.MULTILINE)]


def test_the_reference_has_every_public_name_once() -> None:
    documented = in_reference()
    things = [find(name) for name in documented if not name.startswith("cogrid.interop.")]
    missing = [
        f"::: {module}.{name}"
        for module, name in NAMES
        if f"{module}.{name}" not in documented
        and not any(thing is getattr(importlib.import_module(module), name) for thing in things)
    ]

    assert missing == [], "write these lines into a page of docs/reference/"
    assert len(documented) == len(set(documented))


@pytest.mark.parametrize("name", ["pettingzoo", "gymnasium", "gymnax", "jaxmarl", "jumanji"])
def test_the_reference_has_every_adapter(name: str) -> None:
    assert any(entry.startswith(f"cogrid.interop.{name}.") for entry in in_reference())

"""The page of observations tells of every feature that there is."""

from __future__ import annotations

import re

from cogrid import make
from cogrid.feature_space.feature import feature_names, get_feature, smallest_dtype
from cogrid.tests.checkout import CHECKOUT, needs_checkout

pytestmark = needs_checkout


def told_of() -> dict[str, str]:
    """The rows of the page's tables by the features that they name."""
    text = (CHECKOUT / "docs" / "observations.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    return {name: row for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_every_feature_has_a_row() -> None:
    assert set(feature_names()) <= told_of().keys()


def test_the_dtypes_of_the_classic_kitchen_are_those_that_the_page_tells() -> None:
    tables = make("Overcooked-CrampedRoom-V0").tables
    told = told_of()
    for name in ("object_planes", "symbolic", "ego_view_2", "agent_position", "full_map_encoding", "inventory"):
        dtype = smallest_dtype(*get_feature(name).bounds(tables))
        assert f"`{dtype}`" in told[name], name


def test_the_shape_of_the_codes_is_the_one_that_the_page_tells() -> None:
    tables = make("Overcooked-CrampedRoom-V0").tables

    assert f"(H, W, {get_feature('symbolic').bounds(tables)[0].shape[-1]})" in told_of()["symbolic"]

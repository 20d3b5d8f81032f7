"""The pages of the environments say everything that a world has, whichever of a family's ids it belongs to."""

from __future__ import annotations

import re

import pytest

from cogrid.core.reward import EventReward
from cogrid.envs.registry import make, registered_ids
from cogrid.tests.checkout import CHECKOUT, needs_checkout

pytestmark = needs_checkout

FOLDER = CHECKOUT / "docs" / "environments"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}


def page_of(env_id: str) -> str:
    (text,) = [text for text in PAGES.values() if f"\n| `{env_id}` |" in text]
    return text


@pytest.mark.parametrize("env_id", registered_ids())
def test_a_page_has_all_objects_items_events_and_rewards_of_each_of_its_ids(env_id: str) -> None:
    page, env = page_of(env_id), make(env_id)
    rules = env.config.rules
    items, events = (re.findall(rf"{what}: (.*)\.$", page, flags=re.MULTILINE)[0] for what in ("Items", "Events"))

    assert [name for name in map(rules.type_name, rules.objects) if f"\n| `{name}` |" not in page] == []
    assert [item.name for item in rules.items if f"`{item.name}`" not in items] == []
    assert [name for name in env.event_names if f"`{name}`" not in events] == []
    for reward in env.reward.rewards:
        assert f"`{reward.event if isinstance(reward, EventReward) else type(reward).__name__}`" in page
        assert not isinstance(reward, EventReward) or f"{reward.coefficient:g}" in page
    if rules.step_hook is not None:
        assert (rules.step_hook.__doc__ or "").split("\n")[0] in page
    assert "\n".join(env.tables.settings.layouts[0].rows) in page


def test_a_world_that_pays_something_else_than_its_family_has_a_row_of_its_own() -> None:
    rows = [row for row in page_of("OvercookedAI-SimpleOT-V0").splitlines() if "`OvercookedAI-SimpleOT-V0`" in row]

    assert "| `delivery_soup_o3t0` 20, `delivery_soup_o0t3` 15 | `OvercookedAI-SimpleOT-V0` |" in rows


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_pictures_of_a_page_are_there(name: str) -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", PAGES[name])

    assert pictures
    assert [picture for picture in pictures if not (FOLDER / picture).is_file()] == []


@pytest.mark.parametrize("name", sorted(PAGES.keys() - {"README.md"}))
def test_a_page_has_every_section_once(name: str) -> None:
    titles = re.findall(r"^## (.*)$", PAGES[name], flags=re.MULTILINE)
    needed = ("Ids", "Rules", "Objects", "Observations", "Rewards", "Sources and differences", "Baselines", "Versions")

    assert [title for title in (*needed, "Layouts") if titles.count(title) != 1] == []


def test_the_gallery_shows_every_page() -> None:
    shown = set(re.findall(r"^## \[[^\]]*\]\(([\w-]+\.md)\)$", PAGES["README.md"], flags=re.MULTILINE))

    assert shown == PAGES.keys() - {"README.md"}

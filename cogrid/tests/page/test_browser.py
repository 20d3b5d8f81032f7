"""The page in a browser: people play by keys and by touch, and what they play is kept."""

from __future__ import annotations

import pathlib

import pytest

import cogrid
from cogrid.page.export import write_page
from cogrid.rendering import render_ansi
from cogrid.tests.page.browser import needs_browser, open_browser

pytestmark = needs_browser

KITCHEN = "Overcooked-CrampedRoom-V0"
PEOPLE = f"world={KITCHEN}&seed=3&players=person,person&speed=wait"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

TO_THE_ONIONS = ("ArrowUp", "ArrowRight", "Enter")
ONION_INTO_POT = ("ArrowLeft", "ArrowUp", "Enter")
NEXT_ONION = ("ArrowRight", "ArrowRight", "Enter")
PLATE = ("ArrowDown", "ArrowLeft", "ArrowDown", "Enter", "ArrowRight", "ArrowUp", "ArrowUp")
DELIVERY = ("Enter", "ArrowDown", "ArrowRight", "ArrowDown", "Enter")
COOK_TIME = 30


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A page with a kitchen and another world."""
    worlds = [cogrid.make(KITCHEN), cogrid.make("GoalSeeking-Random-V0")]
    return write_page(worlds, tmp_path_factory.mktemp("page"))


@pytest.mark.long
def test_a_soup_is_made_by_keys_and_the_file_is_what_the_rules_say(file: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with open_browser() as played:
        played.open(file, PEOPLE)
        played.start()
        played.press("a", "w", *TO_THE_ONIONS, *ONION_INTO_POT)
        for _ in range(2):
            played.press(*NEXT_ONION, *ONION_INTO_POT)
        played.press(*PLATE)
        played.press(*["ArrowUp"] * (COOK_TIME - len(PLATE)), *DELIVERY)
        score, log = played.page.inner_text("#score"), played.page.inner_text("#log")
        text = played.text
        played.page.click("#files summary")
        with played.page.expect_download() as download:
            played.page.click("#download")
        download.value.save_as(tmp_path / "soup.npz")

    env = cogrid.make(KITCHEN)
    trajectory = cogrid.Trajectory.load(tmp_path / "soup.npz")
    assert (score, "delivery" in log, "+1" in log) == ("1", True, True)
    assert trajectory.check(env) == []
    assert float(trajectory.rewards.sum()) == 2.0
    assert render_ansi(env.get_state()) == text


def test_the_touch_pad_plays(file: pathlib.Path) -> None:
    with open_browser(**PHONE) as played:
        played.open(file, f"world={KITCHEN}&seed=3&players=person,stay&speed=wait")
        played.start()
        played.tap("up", "right", "act")
        text = played.text
        width = played.page.evaluate("document.documentElement.scrollWidth")

    assert "agent_0 > at (2, 4) facing right, holds onion" in text
    assert width == 390


def test_a_reload_in_mid_game_goes_on_where_it_was(file: pathlib.Path) -> None:
    with open_browser() as played:
        played.open(file, PEOPLE)
        played.start()
        played.press(*TO_THE_ONIONS, "ArrowLeft")
        before = played.text
        played.page.reload()
        played.page.wait_for_selector("#veil-title:visible")
        title, after = played.page.inner_text("#veil-title"), played.text
        played.page.click("#veil-buttons button:first-child")
        played.press("ArrowDown")
        goes_on = played.text

    assert title == "Where you were"
    assert after == before
    assert "time 5" in goes_on
    assert "agent_0 v at (2, 3) facing down, holds onion" in goes_on


def test_the_address_says_what_is_played(file: pathlib.Path) -> None:
    with open_browser() as played:
        played.open(file, "world=GoalSeeking-Random-V0&seed=11&players=stay,random&speed=9")
        text, address = played.text, played.page.evaluate("location.hash")
        played.page.select_option("#world", KITCHEN)
        played.page.wait_for_function("() => location.hash.includes('CrampedRoom')")
        other = played.text

    env = cogrid.make("GoalSeeking-Random-V0")
    env.reset(seed=11)
    assert text == render_ansi(env.get_state())
    assert address == "#world=GoalSeeking-Random-V0&seed=11&players=stay,random&speed=9"
    assert other.startswith("#######\n#CCUCC#")


def test_a_key_is_answered_before_its_step_comes(file: pathlib.Path) -> None:
    pixels = "document.getElementById('board').toDataURL()"
    two_frames = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    with open_browser() as played:
        played.open(file, f"world={KITCHEN}&seed=3&players=person,stay&speed=1")
        played.page.click("#play")
        played.page.wait_for_function("() => document.getElementById('time').textContent.startsWith('2')")
        played.page.evaluate("() => new Promise(done => setTimeout(done, 100))")
        before, time = played.page.evaluate(pixels), played.time
        played.page.keyboard.press("ArrowLeft")
        played.page.evaluate(two_frames)
        after, still = played.page.evaluate(pixels), played.time

    assert time == still
    assert before != after


def test_a_page_that_is_hidden_pauses_and_a_key_goes_on(file: pathlib.Path) -> None:
    with open_browser() as played:
        played.open(file, f"world={KITCHEN}&seed=3&players=person,stay&speed=15")
        played.page.keyboard.press("ArrowLeft")
        played.page.wait_for_selector("#veil", state="hidden")
        played.page.keyboard.press("p")
        paused = played.page.inner_text("#veil-title")
        played.page.keyboard.press("ArrowUp")
        played.page.wait_for_selector("#veil", state="hidden")

    assert paused == "Paused"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A page with a world in which agents turn, and have an act of their own beside the usual ones."""
    env = cogrid.make("MiniGrid-DoorKey-5x5-V0")
    return write_page([cogrid.make(KITCHEN), env], tmp_path_factory.mktemp("locked"))


def test_the_touch_pad_has_a_key_for_every_act(locked: pathlib.Path) -> None:
    with open_browser(**PHONE) as played:
        played.open(locked, "world=MiniGrid-DoorKey-5x5-V0&seed=3&speed=wait")
        keys = played.page.locator("#pad button:visible").all_inner_texts()
        hint, width = played.page.inner_text("#veil-text"), played.page.evaluate("document.documentElement.scrollWidth")
        played.start()
        played.tap("left", "more1")
        played.page.select_option("#world", KITCHEN)
        played.page.wait_for_function("() => location.hash.includes('CrampedRoom')")
        others = played.page.locator("#pad button:visible").all_inner_texts()

    assert [key for key in keys if key] == ["Drop", "Use", "Pickup"]
    assert "its large key is \u201cPickup\u201d" in hint
    assert width == 390
    assert [" ".join(key.split()) for key in others if key] == ["Take put"]


def test_a_gamepad_plays(file: pathlib.Path) -> None:
    pad = "window.pad = { buttons: Array.from({ length: 16 }, () => ({ pressed: false })), axes: [0, 0] };"
    with open_browser() as played:
        played.page.add_init_script(f"{pad} navigator.getGamepads = () => [window.pad];")
        played.open(file, f"world={KITCHEN}&seed=3&players=person,stay&speed=wait")
        played.start()
        for press, release in (
            ("pad.axes = [0, -1]", "pad.axes = [0, 0]"),
            ("pad.buttons[15].pressed = true", "pad.buttons[15].pressed = false"),
            ("pad.buttons[0].pressed = true", "pad.buttons[0].pressed = false"),
        ):
            before = played.time
            played.page.evaluate(press)
            played.page.wait_for_function(
                "before => Number(document.getElementById('time').textContent.match(/\\d+/)[0]) > before", arg=before
            )
            played.page.evaluate(release)
            played.page.evaluate("() => new Promise(done => setTimeout(done, 60))")
        text = played.text

    assert "agent_0 > at (2, 4) facing right, holds onion" in text

"""The plugin for jsPsych: a study with it runs to its end, and somebody who leaves keeps what they have played."""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import cogrid
from cogrid.errors import ConfigError
from cogrid.page.study import PLUGIN_FILE, plugin_text, write_plugin
from cogrid.tests.checkout import CHECKOUT
from cogrid.tests.command_line.commands import run_command
from cogrid.tests.page.browser import PATIENCE, needs_browser, shared_browser
from cogrid.tests.page.transitions import NODE

KITCHENS = tuple(f"Overcooked-{name}-V0" for name in ("CrampedRoom", "CoordinationRing", "ForcedCoordination"))
EXAMPLE = CHECKOUT / "examples" / "study"

TSC = shutil.which("tsc")
MODULES = None if TSC is None else pathlib.Path(TSC).parent.parent
"""Where npm has put what `make play-test` installs."""

needs_jspsych = pytest.mark.skipif(
    MODULES is None or not (MODULES / "jspsych").is_dir(), reason="needs jsPsych, from npm"
)

SINGLE_TRIAL = """<!doctype html><html><head><meta charset="utf-8"><link rel="icon" href="data:,">
<script src="node_modules/jspsych/dist/index.browser.min.js"></script><script src="plugin-cogrid.js"></script></head>
<body><script>
const jsPsych = initJsPsych({ on_finish: () => (window.data = jsPsych.data.get().values()) });
jsPsych.run([{ type: jsPsychCogrid, players: ["person", "stay"], seed: 7, speed: 15, max_steps: 60, keep: "me",
  leave_address: "data", leave_fields: { experimentID: "x", filename: "left.json" } }]);
</script></body></html>
"""


class Site(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and keeps what is posted."""

    posted: list[dict[str, Any]]

    def do_POST(self) -> None:
        self.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def site(folder: pathlib.Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve a folder with the plugin and npm's packages: the address, and what is posted."""
    write_plugin([cogrid.make(env_id) for env_id in KITCHENS], folder)
    (folder / "node_modules").symlink_to(str(MODULES))
    posted: list[dict[str, Any]] = []
    kept = type("KeptSite", (Site,), {"posted": posted})
    handler = functools.partial(kept, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", posted
        server.shutdown()


@contextlib.contextmanager
def open_page() -> Iterator[Any]:
    """A page in the browser that must do nothing wrong."""
    context = shared_browser().new_context(accept_downloads=True)
    page, faults = context.new_page(), list[str]()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    yield page
    context.close()
    assert faults == []


def step_of(page: Any) -> int:
    """Steps made, as the page tells a screen reader."""
    return int(str(page.text_content("pre.cogrid-unseen")).rpartition(" ")[2])


@needs_jspsych
@needs_browser
def test_the_example_runs_to_its_end_and_its_data_are_what_the_rules_say(tmp_path: pathlib.Path) -> None:
    for name in ("index.html", "study.js"):
        shutil.copy(EXAMPLE / name, tmp_path)
    with site(tmp_path) as (address, _), open_page() as page:
        page.goto(f"{address}/index.html?steps=12&speed=15&PROLIFIC_PID=abc")
        page.click("text=I agree")
        with page.expect_download() as download:
            for number in range(6):
                page.click("text=Start")
                page.keyboard.press("ArrowLeft")
                if number == 0:
                    page.screenshot(path=tmp_path / "trial.png")
                page.click("#jspsych-survey-likert-next")
        page.wait_for_selector("#thanks")
        download.value.save_as(tmp_path / "data.json")
    data = json.loads((tmp_path / "data.json").read_text(encoding="utf-8"))
    trials = [row for row in data if row["trial_type"] == "cogrid"]

    assert {(row["world"], row["players"][1]) for row in trials} == {
        (kitchen, partner) for kitchen in KITCHENS for partner in ("planner", "random")
    }
    assert {(row["n_steps"], row["is_complete"], row["person"]) for row in trials} == {(12, True, "abc")}
    for number, row in enumerate(trials):
        file = tmp_path / f"{number}.npz"
        file.write_bytes(base64.b64decode(row["trajectory"]))
        trajectory = cogrid.Trajectory.load(file)
        assert trajectory.check(cogrid.make(row["world"])) == []
        assert trajectory.actions.tolist() == row["actions"]
        assert 2 in trajectory.actions[:, 0]
    assert sum(row["trial_type"] == "survey-likert" for row in data) == 6


@needs_jspsych
@needs_browser
def test_somebody_who_leaves_half_way_keeps_what_was_played(tmp_path: pathlib.Path) -> None:
    (tmp_path / "index.html").write_text(SINGLE_TRIAL, encoding="utf-8")
    has_some = "n => Number(document.querySelector('pre.cogrid-unseen')?.textContent.split(' ').pop()) >= n"
    with site(tmp_path) as (address, posted), open_page() as page:
        page.goto(f"{address}/index.html")
        page.click("text=Start")
        page.wait_for_function(has_some, arg=6)
        page.reload()
        page.wait_for_selector("text=Start")
        page.wait_for_function(has_some, arg=1)
        at_reload = step_of(page)
        page.click("text=Start")
        page.wait_for_function("() => window.data")
        rows = page.evaluate("window.data")
    left = json.loads(posted[0]["data"])[0]

    assert (posted[0]["experimentID"], posted[0]["filename"]) == ("x", "left.json")
    assert (left["is_complete"], left["seed"]) == (False, 7)
    assert 6 <= left["n_steps"] == len(left["actions"])
    assert 0 < at_reload <= left["n_steps"]  # The browser writes a moment later than the world steps.
    assert (rows[0]["n_steps"], rows[0]["is_complete"]) == (60, True)
    assert rows[0]["actions"][:at_reload] == left["actions"][:at_reload]


@pytest.mark.skipif(NODE is None, reason="needs Node")
def test_the_plugin_is_defined_when_the_next_script_begins(tmp_path: pathlib.Path) -> None:
    file = write_plugin([cogrid.make(KITCHENS[0])], tmp_path)
    told = "Promise.resolve().then(() => setImmediate(() => console.log(JSON.stringify(jsPsychCogrid.info))))"
    script = f"require({json.dumps(str(file))}); {told}"
    done = subprocess.run([str(NODE), "-e", script], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert json.loads(done.stdout)["name"] == "cogrid"


def test_the_parameters_of_the_plugin_are_in_the_documentation() -> None:
    page = CHECKOUT / "docs" / "studies.md"
    if not page.is_file():
        pytest.skip("the documentation is not here")
    text = plugin_text([cogrid.make(KITCHENS[0])])
    listed = re.search(r"parameters: \{(.*?)\n    \},", text, re.DOTALL)
    assert listed is not None
    names = re.findall(r"^\s+(\w+): \{ type", listed[1], re.MULTILINE)

    assert len(names) > 8
    assert [name for name in names if f"`{name}`" not in page.read_text(encoding="utf-8")] == []


def test_a_world_stands_in_the_plugin_once() -> None:
    with pytest.raises(ConfigError, match="stands in the plugin twice"):
        plugin_text([cogrid.make(KITCHENS[0])] * 2)


def test_the_command_writes_a_plugin(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = run_command(capsys, "page", KITCHENS[0], "--plugin", "--out", str(tmp_path))

    assert told.status == 0
    assert f"{PLUGIN_FILE}: 1 world" in told.out

"""Write and run the notebook of the examples: `python tools/notebook.py`; with `--check` nothing is written.

Each cell runs in turn, and what it prints is kept, so that the notebook shows its results where nothing runs.
"""

from __future__ import annotations

import contextlib
import io
import json
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

FILE = pathlib.Path(__file__).resolve().parents[1] / "examples" / "first_steps.ipynb"

TEXT, CODE = "markdown", "code"
CELLS: Sequence[tuple[str, str]] = (
    (
        TEXT,
        """# First steps with CoGrid

In Colab, first upload the wheel that `make wheel` has written, and run
`%pip install "cogrid-1.0.0-py3-none-any.whl[learn]"`. On your own machine open this file where CoGrid is installed.""",
    ),
    (
        CODE,
        """import cogrid

env = cogrid.make("Overcooked-CrampedRoom-V0", max_steps=200, render_mode="ansi")
observations, infos = env.reset(seed=7)
print(env.render())""",
    ),
    (TEXT, "A cook by script plays both agents, and the episode is kept."),
    (
        CODE,
        """from cogrid.envs.scripts import scripted_policy
from cogrid.policy import own_observation, policy_keys

cook = scripted_policy("greedy", env)
recorder = cogrid.TrajectoryRecorder(env)
recorder.reset(seed=7)
total = 0.0
while env.agents:
    state = env.get_state()
    actions = cook(own_observation(cook)(state), policy_keys(state))
    rewards = recorder.step(dict(zip(env.agents, actions.tolist(), strict=True)))[1]
    total += rewards["agent_0"]
print(total)""",
    ),
    (TEXT, "A trajectory of a built-in world shows itself: `recorder.trajectory()` as the last line of a cell."),
    (CODE, "trajectory = recorder.trajectory()\nprint(trajectory.n_steps, trajectory.check(env))"),
    (TEXT, "A thousand worlds at once, stepped together."),
    (
        CODE,
        """import numpy as np

envs = cogrid.make_vec("Overcooked-CrampedRoom-V0", num_envs=1000, features=["object_planes"])
obs, infos = envs.reset(seed=0)
rng = np.random.default_rng(0)
for _ in range(20):
    obs, rewards, terminations, truncations, infos = envs.step(rng.integers(0, 7, size=(1000, 2)))
print(obs.shape, obs.dtype)""",
    ),
    (TEXT, "A world of your own: an object, its rule, a drawing."),
    (
        CODE,
        """from dataclasses import dataclass


@dataclass(frozen=True)
class Bell(cogrid.GridObject, symbol="b"):
    \"\"\"Rings at a toggle.\"\"\"

    def toggle(self, agent):
        return cogrid.Outcome(self, agent, events=("rung",))


config = cogrid.EnvConfig(
    rules=cogrid.Rules(name="bells", objects=(Bell,), start_direction=0),
    layout=["####", "#1b#", "####"],
    num_agents=1,
    rewards=[cogrid.EventReward(event="rung")],
)
cogrid.register("Bell-V0", cogrid.config_factory(config))
env = cogrid.make("Bell-V0")
env.reset(seed=0)
print(env.step({"agent_0": 5})[1])""",
    ),
)


def run_cells() -> list[dict[str, Any]]:
    """The cells as a notebook has them, with what the code prints."""
    names: dict[str, Any] = {"__name__": "first_steps"}
    sys.modules.setdefault("first_steps", type(sys)("first_steps"))  # Where dataclasses look for the names of a module.
    return [_cell(idx, kind, text, names) for idx, (kind, text) in enumerate(CELLS)]


def _cell(idx: int, kind: str, text: str, names: dict[str, Any]) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{idx}", "metadata": {}, "source": _lines(text)}
    if kind == TEXT:
        return cell
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(text, f"cell {idx}", "exec"), names)  # noqa: S102 - the cells above, nothing else.
    told = {"name": "stdout", "output_type": "stream", "text": _lines(printed.getvalue().rstrip("\n"))}
    return {**cell, "execution_count": (idx + 1) // 2 if idx else 1, "outputs": [told]}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def notebook() -> str:
    """The whole file."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    written = {"cells": run_cells(), "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(written, indent=1) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Run the cells, and write the notebook; or compare it.

    Returns:
      1 if it is compared, and differs.
    """
    text = notebook()
    if "--check" in arguments:
        return int(FILE.read_text(encoding="utf-8") != text)
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

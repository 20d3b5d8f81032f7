"""Our Overcooked-AI beside overcooked_ai 1.1.0: every layout, the same actions, every state, reward and encoding.

    python -m comparisons.proofs.overcooked_ai                       # all layouts, 100,000 steps each; under an hour
    python -m comparisons.proofs.overcooked_ai --steps 4000 cramped_room

The original is installed at the first use into a virtual environment of its own; it plays there, at random and on
errands from station to station, half of the time from random starts, and what it did is replayed here.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int, Shaped

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.envs.overcooked_ai.layouts import Kitchen, kitchens
from cogrid.envs.overcooked_ai.rewards import SHAPED_REWARDS
from cogrid.errors import CoGridError
from cogrid.feature_space.feature import get_feature
from comparisons.peer_environments import PEERS, PeerEnvironments, last_lines
from comparisons.proofs.batches import pick, stack
from comparisons.proofs.command import make_parser
from comparisons.proofs.pages import fill_in

RECORDER = pathlib.Path(__file__).parent / "recorders" / "overcooked_ai_recorder.py"
EPISODE_STEPS = 400
SCOPE = "overcooked_ai"


@dataclasses.dataclass(kw_only=True)
class Count:
    """What was compared on one layout, and how much of it differed.

    Attributes:
      layout: the original's name of it.
      n_players: how many play.
      steps: transitions played.
      deliveries: soups delivered by both.
      states, rewards, shaped, planes, features: arrays compared: states of all episodes at one time, and so on.
      differences: for each kind, how many of these differed somewhere.
    """

    layout: str
    n_players: int
    steps: int = 0
    deliveries: int = 0
    compared: dict[str, int] = dataclasses.field(default_factory=dict)
    differences: dict[str, int] = dataclasses.field(default_factory=dict)

    def compare(self, kind: str, ours: Any, theirs: Any) -> None:
        """Compare two arrays, row by row along the first axis."""
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        n_rows = len(theirs)
        is_equal = ours.shape == theirs.shape and (ours == theirs).reshape(n_rows, -1).all(axis=-1)
        self.compared[kind] = self.compared.get(kind, 0) + n_rows
        self.differences[kind] = self.differences.get(kind, 0) + n_rows - int(np.sum(is_equal))

    @property
    def n_differences(self) -> int:
        """Everything that differed."""
        return sum(self.differences.values())


def replay(kitchen: Kitchen, recorded: Mapping[str, Any], observe_every: int) -> Count:
    """Play recorded actions from the recorded starts, and compare everything.

    Args:
      kitchen: the world.
      recorded: the recorder's arrays.
      observe_every: of how many states the recorder observed one.
    """
    env = cogrid.make(f"OvercookedAI-{kitchen.id_name}-V0")
    shaping = cogrid.make(f"OvercookedAI-{kitchen.id_name}-V0", rewards=SHAPED_REWARDS)
    n_episodes, n_steps, n_players = recorded["actions"].shape
    count = Count(layout=kitchen.name, n_players=n_players, steps=n_episodes * n_steps)
    theirs = _our_terms(recorded)
    state = _starts(env, theirs)
    _compare_states(count, env, state, theirs, 0)
    observed = _Observed(recorded, n_episodes, n_steps, observe_every)
    for step in range(n_steps):
        actions = recorded["actions"][:, step].astype(np.int32)
        after, _, paid, _, _ = env.jax_step(state, actions)
        _, _, shaped, _, _ = shaping.jax_step(state.replace(tables=shaping.tables), actions)
        sparse = np.broadcast_to(recorded["sparse"][:, step].sum(axis=-1, keepdims=True), paid.shape)
        count.compare("rewards", paid, sparse.astype(np.float32))
        count.compare("shaped rewards", shaped, recorded["shaped"][:, step].astype(np.float32))
        count.deliveries += int(np.sum(after.events >> env.event_names.index("delivery") & 1))
        _compare_states(count, env, after, theirs, step + 1)
        observed.compare(count, after, step + 1)
        state = after
    return count


class _Observed:
    """The recorded encodings, found by episode and time."""

    def __init__(self, recorded: Mapping[str, Any], n_episodes: int, n_steps: int, observe_every: int) -> None:
        self._recorded = recorded
        numbers = np.arange(n_episodes * (n_steps + 1)).reshape(n_episodes, n_steps + 1)
        self._row = np.where(numbers % observe_every == 0, numbers // observe_every, -1)

    def compare(self, count: Count, state: EnvState, time: int) -> None:
        """Compare what is observed at one time, in the episodes that were observed then."""
        rows = self._row[:, time]
        if "planes" not in self._recorded or (rows < 0).all():
            return
        seen = np.flatnonzero(rows >= 0)
        part = pick(state, seen)
        for kind, name in (("planes", "overcooked_ai_planes"), ("features", "overcooked_ai_features")):
            count.compare(kind, get_feature(name)(part), self._recorded[kind][rows[seen]])


def _our_terms(recorded: Mapping[str, Any]) -> dict[str, Shaped[np.ndarray, "..."]]:
    """The recorded states in the terms of ours."""
    items = np.array([object_to_idx(None if name == "none" else str(name), SCOPE) for name in recorded["items"]])
    onion, tomato = object_to_idx("onion", SCOPE), object_to_idx("tomato", SCOPE)
    counts = recorded["pot_contents"]
    slots = np.arange(3)
    onions, both = counts[..., :1], counts.sum(axis=-1, keepdims=True)
    contents = np.where(slots < onions, onion, np.where(slots < both, tomato, -1))
    held = items[recorded["agent_item"]]
    return {
        "agent_pos": recorded["agent_pos"],
        "agent_dir": recorded["agent_dir"],
        "agent_inv": np.where(held == 0, -1, held)[..., None],
        "pot_contents": contents,
        "pot_timer": recorded["pot_timer"],
        "on_counter": items[recorded["cell_item"]],
        "time": recorded["time"],
    }


def _starts(env: CoGridEnv, theirs: Mapping[str, Shaped[np.ndarray, "..."]]) -> EnvState:
    """The recorded starts as one batch of our states."""
    states = []
    for episode in range(len(theirs["time"])):
        arrays = {name: values[episode, 0] for name, values in theirs.items() if name != "on_counter"}
        states.append(env.state_from_arrays(object_state_map=theirs["on_counter"][episode, 0], **arrays))
    return stack(states)


def _compare_states(
    count: Count, env: CoGridEnv, state: EnvState, theirs: Mapping[str, Shaped[np.ndarray, "..."]], time: int
) -> None:
    ours = {name: np.asarray(getattr(state, name)) for name in theirs if name != "on_counter"}
    ours["on_counter"] = _on_counters(env, state)
    rows = [
        np.concatenate([values[name].reshape(len(state.time), -1) for name in theirs], axis=-1)
        for values in (ours, {name: values[:, time] for name, values in theirs.items()})
    ]
    count.compare("states", *rows)


def _on_counters(env: CoGridEnv, state: EnvState) -> Int[np.ndarray, "B H W"]:
    """The type of the item on each counter, 0 elsewhere."""
    is_counter = np.asarray(state.object_type_map) == object_to_idx("counter", SCOPE)
    return np.where(is_counter, np.asarray(state.object_state_map), 0)


def record(python: pathlib.Path, layout: str, n_episodes: int, seed: int, observe_every: int) -> dict[str, Any]:
    """Let the original play one layout.

    Args:
      python: the Python of its virtual environment.
      layout: its name there.
      n_episodes: of 400 steps each.
      seed: of everything that is drawn.
      observe_every: of how many states one is observed.
    Raises:
      CoGridError: when the recorder fails; says what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "recorded.npz"
        command = [str(python), "-E", "-s", str(RECORDER), layout, str(out), "--episodes", str(n_episodes)]
        command += ["--steps", str(EPISODE_STEPS), "--seed", str(seed), "--observe-every", str(observe_every)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise CoGridError(f"overcooked_ai failed on {layout!r}:\n{last_lines(result.stderr)}")
        with np.load(out) as file:
            return dict(file)


def table(counts: Sequence[Count]) -> str:
    """The counts as a table in Markdown."""
    kinds = ("states", "rewards", "shaped rewards", "planes", "features")
    lines = [f"| layout | players | steps | deliveries | {' | '.join(kinds)} | differences |", "|---" * 10 + "|"]
    for count in counts:
        compared = " | ".join(f"{count.compared.get(kind, 0):,}" for kind in kinds)
        lines.append(
            f"| `{count.layout}` | {count.n_players} | {count.steps:,} | {count.deliveries:,} | {compared} | "
            f"{count.n_differences:,} |"
        )
    totals = " | ".join(f"{sum(count.compared.get(kind, 0) for count in counts):,}" for kind in kinds)
    lines.append(
        f"| all {len(counts)} | | {sum(count.steps for count in counts):,} | "
        f"{sum(count.deliveries for count in counts):,} | {totals} | {sum(count.n_differences for count in counts):,} |"
    )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proof from the command line.

    Returns:
      0 if nothing differed, 1 if something did.
    """
    parser = make_parser(
        "comparisons.proofs.overcooked_ai", __doc__, PEERS["overcooked-ai-1.1.0"].requirements[0], 100_000
    )
    parser.add_argument(
        "--observe-every", type=int, default=10, metavar="N", help="compare encodings every N states (default: 10)"
    )
    options = parser.parse_args(arguments)
    pythons = {} if options.python is None else {"overcooked-ai-1.1.0": options.python}
    python = PeerEnvironments(directory=options.venvs, pythons=pythons).python(PEERS["overcooked-ai-1.1.0"])
    counts = []
    for number, name in enumerate(options.layouts or kitchens()):
        n_episodes = max(1, -(-options.steps // EPISODE_STEPS))
        recorded = record(python, name, n_episodes, options.seed + number, options.observe_every)
        counts.append(replay(kitchens()[name], recorded, options.observe_every))
        print(
            f"{name}: {counts[-1].steps:,} steps, {counts[-1].n_differences} differences", file=sys.stderr, flush=True
        )
    print(table(counts))
    if options.json is not None:
        told = {
            "peer": "overcooked-ai==1.1.0",
            "seed": options.seed,
            "layouts": [dataclasses.asdict(c) for c in counts],
        }
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if options.markdown is not None:
        fill_in(options.markdown, table(counts))
    return int(any(count.n_differences for count in counts))


if __name__ == "__main__":
    sys.exit(main())

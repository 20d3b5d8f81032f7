"""Every row of the page that tells the Overcookeds apart is tried out, in every family of ids."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.agent import DIRECTION_NAMES, get_dir_vec_table
from cogrid.core.grid_object import object_to_idx
from cogrid.core.layout import read_drawing
from cogrid.tests.checkout import CHECKOUT, needs_checkout
from cogrid.tests.states import stack_states

PAGE = CHECKOUT / "docs" / "which-overcooked.md"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Family:
    """A column of the page.

    Attributes:
      cramped_room: the id of its cramped room.
      mixed: an id with two ingredients, None if it has none.
      settings: further settings of `make`.
      ingredients: the names of its first two ingredients.
      wanted, unwanted: a soup that is paid for, and one that is not.
    """

    cramped_room: str
    mixed: str | None
    ingredients: tuple[str, ...]
    wanted: str
    unwanted: str | None
    settings: tuple[tuple[str, Any], ...] = ()

    def make(self, env_id: str | None = None) -> CoGridEnv:
        return cogrid.make(env_id or self.cramped_room, **dict(self.settings))


KITCHEN = ("onion", "tomato")
FAMILIES = {
    "`Overcooked`": Family(
        cramped_room="Overcooked-CrampedRoom-V0",
        mixed="Overcooked-CrampedRoom-V0",
        ingredients=KITCHEN,
        wanted="onion_soup",
        unwanted="tomato_soup",
    ),
    "`OvercookedAI`": Family(
        cramped_room="OvercookedAI-CrampedRoom-V0",
        mixed="OvercookedAI-CrampedRoom-V0",
        ingredients=KITCHEN,
        wanted="soup_o3t0",
        unwanted="soup_o2t1",
    ),
    "`OvercookedAI`, `old_dynamics=True`": Family(
        cramped_room="OvercookedAI-CrampedRoom-V0",
        mixed="OvercookedAI-CrampedRoom-V0",
        ingredients=KITCHEN,
        wanted="soup_o3t0",
        unwanted="soup_o2t1",
        settings=(("old_dynamics", True),),
    ),
    "`JaxMARLOvercooked`": Family(
        cramped_room="JaxMARLOvercooked-CrampedRoom-V0",
        mixed=None,
        ingredients=("onion",),
        wanted="soup_o3t0",
        unwanted=None,
    ),
    "`OvercookedV2`": Family(
        cramped_room="OvercookedV2-CrampedRoom-V0",
        mixed="OvercookedV2-TestTimeSimple-V0",
        ingredients=("ing0", "ing1"),
        wanted="soup_i000",
        unwanted="soup_i001",
    ),
}


class Trial:
    """One environment in which agent 0 stands before a station, and agent 1 as far away as it can."""

    def __init__(self, family: Family, env_id: str | None = None, station: str = "pot", **arrays: Any) -> None:
        self.env = family.make(env_id)
        self.scope = self.env.config["rules"].name
        state, _ = self.env.jax_reset(np.array([0, 1], dtype=np.uint32))
        cell, direction = self._before(state, station)
        free = [tuple(place) for place in np.argwhere(np.asarray(state.object_type_map) == 0).tolist()]
        away = max(free, key=lambda place: abs(place[0] - cell[0]) + abs(place[1] - cell[1]))
        self.given = {"agent_pos": [cell, away], "agent_dir": [direction, 3], "agent_inv": [[-1], [-1]], **arrays}
        self.state = self.env.state_from_arrays(**self.given)

    def _before(self, state: EnvState, station: str) -> tuple[tuple[int, int], int]:
        """A free cell next to the station, and the direction in which the station is."""
        types = np.asarray(state.object_type_map)
        for row, column in np.argwhere(types == object_to_idx(station, self.scope)).tolist():
            for direction, (down, right) in enumerate(get_dir_vec_table().tolist()):
                cell = (row - down, column - right)
                if 0 <= cell[0] < types.shape[0] and 0 <= cell[1] < types.shape[1] and types[cell] == 0:
                    return cell, direction
        raise AssertionError(f"nobody can stand before a {station}")

    def item(self, name: str) -> int:
        return object_to_idx(name, self.scope)

    def action(self, name: str) -> int:
        return self.env.tables.action_set.index(name)

    def hold(self, name: str | None) -> None:
        """Give agent 0 something, everything else as it is."""
        names = ("agent_pos", "agent_dir", "object_state_map", "pot_contents", "pot_timer")
        arrays = {array: np.asarray(getattr(self.state, array)) for array in names}
        self.state = self.env.state_from_arrays(**arrays, agent_inv=[[-1 if name is None else self.item(name)], [-1]])

    def do(self, action: str, other: str = "Noop") -> list[float]:
        """Make a step; what the agents are paid."""
        self.state, _, paid, _, _ = self.env.jax_step(self.state, np.array([self.action(action), self.action(other)]))
        return paid.tolist()

    @property
    def held(self) -> int:
        return int(np.asarray(self.state.agent_inv)[0, 0])

    def pots(self) -> tuple[Any, Any]:
        return np.asarray(self.state.pot_contents).tolist(), np.asarray(self.state.pot_timer).tolist()


def with_pots(family: Family, *names: str, holding: str | None = None, env_id: str | None = None) -> Trial:
    """Agent 0 before a pot with some ingredients that does not cook."""
    trial = Trial(family, env_id)
    for name in names:
        trial.hold(name)
        trial.do("PickupDrop")
    trial.hold(holding)
    return trial


def stages(family: Family) -> str:
    return ", ".join(family.make().config["rules"].stages)


def actions(family: Family) -> str:
    return str(family.make().action_space("agent_0").n)


def steps(family: Family) -> str:
    return str(family.make().config["max_steps"])


def size(family: Family) -> str:
    tables = family.make().tables
    return f"{tables.height} x {tables.width}"


def first_directions(family: Family) -> str:
    env = family.make()
    keys = np.array([[0, seed] for seed in range(40)], dtype=np.uint32)
    seen = set(np.asarray(env.jax_reset(keys)[0].agent_dir).reshape(-1).tolist())
    return DIRECTION_NAMES[seen.pop()] if len(seen) == 1 else "drawn"


def outcomes(family: Family, places: list[tuple[int, int]], moves: list[str]) -> set[tuple[bool, bool]]:
    """Who has moved, over many keys, from cells of the room's floor."""
    env = family.make()
    types = np.asarray(env.jax_reset(np.array([0, 0], dtype=np.uint32))[0].object_type_map)
    top, left = np.argwhere(types == 0).min(axis=0).tolist()
    pos = [(row + top, column + left) for row, column in places]
    state = env.state_from_arrays(agent_pos=pos, agent_dir=[3, 3])
    batch = stack_states([state] * 60).replace(rng_key=np.array([[1, seed] for seed in range(60)], dtype=np.uint32))
    joint = np.array([[env.tables.action_set.index(move) for move in moves]] * 60)
    after = np.asarray(env.jax_step(batch, joint)[0].agent_pos)
    has_moved = (after != np.array(pos)).any(axis=-1)
    return {(bool(first), bool(second)) for first, second in has_moved.tolist()}


def one_cell(family: Family) -> str:
    seen = outcomes(family, [(0, 0), (0, 2)], ["MoveRight", "MoveLeft"])
    return {frozenset({(False, False)}): "nobody goes", frozenset({(True, False), (False, True)}): "one goes, drawn"}[
        frozenset(seen)
    ]


def following(family: Family) -> str:
    seen = outcomes(family, [(0, 0), (0, 1)], ["MoveRight", "MoveRight"])
    return {frozenset({(True, True)}): "always", frozenset({(True, True), (False, True)}): "drawn"}[frozenset(seen)]


def swapping(family: Family) -> str:
    seen = outcomes(family, [(0, 0), (0, 1)], ["MoveRight", "MoveLeft"])
    return {frozenset({(False, False)}): "never"}[frozenset(seen)]


def floor_takes_items(family: Family) -> str:
    trial = Trial(family)
    trial.hold(family.ingredients[0])
    free = np.argwhere(np.asarray(trial.state.object_type_map) == 0)
    row, column = free.min(axis=0).tolist()
    arrays = {"agent_pos": [(row, column), (row + 1, column)], "agent_dir": [0, 0], "agent_inv": [[trial.held], [-1]]}
    trial.state = trial.env.state_from_arrays(**arrays)
    trial.do("PickupDrop")
    return "yes" if trial.held == -1 else "no"


def cooking_starts(family: Family) -> str:
    first = family.ingredients[0]
    pressed = with_pots(family, first)
    before = pressed.pots()
    pressed.do("PickupDrop")
    if pressed.pots() != before:
        return "by an empty hand, from one ingredient on"
    full = with_pots(family, first, first, first)
    timers = full.pots()[1]
    full.do("Noop")
    assert full.pots()[1] != timers
    return "by itself, at three"


def steps_to_soup(family: Family) -> str:
    first = family.ingredients[0]
    trial = with_pots(family, first, first, holding=first)
    trial.do("PickupDrop")
    if cooking_starts(family).startswith("by an empty hand"):
        trial.do("PickupDrop")
    for n_steps in range(1, 60):
        trial.hold("plate")
        before = trial.state
        trial.do("PickupDrop")
        if trial.held != trial.item("plate"):
            return str(n_steps)
        trial.state = before
        trial.hold(None)
        trial.do("Noop")
    raise AssertionError("the soup never got ready")


def mixing(family: Family) -> str:
    if family.mixed is None:
        return "there are only onions"
    first, second = family.ingredients
    trial = with_pots(family, first, holding=second, env_id=family.mixed)
    trial.do("PickupDrop")
    return "yes" if trial.held == -1 else "no"


def paid_for(family: Family, env_id: str, soup: str) -> list[float]:
    trial = Trial(family, env_id, station="delivery_zone")
    inventory = [[trial.item(soup)], [-1]]
    recipe = {"recipe": [0, 0, 0]} if "recipe" in trial.env.tables.declared.names else {}
    trial.state = trial.env.state_from_arrays(**{**trial.given, "agent_inv": inventory, **recipe})
    paid = trial.do("PickupDrop")
    assert trial.held == -1
    return paid


def delivery(family: Family) -> str:
    first, second = paid_for(family, family.cramped_room, family.wanted)
    return f"{first:g}, to both" if first == second else f"{first:g}"


def other_soup(family: Family) -> str:
    if family.unwanted is None or family.mixed is None:
        return "there is no other"
    env_id = family.mixed
    paid = paid_for(family, env_id, family.unwanted)
    return f"{paid[0]:g}"


ROWS: dict[str, Callable[[Family], str]] = {
    "order of a step": stages,
    "actions": actions,
    "steps of an episode": steps,
    "cramped room, rows x columns": size,
    "first directions": first_directions,
    "two want one cell": one_cell,
    "an agent follows another": following,
    "two change places": swapping,
    "floor takes items": floor_takes_items,
    "cooking starts": cooking_starts,
    "steps from there until a plate gets the soup": steps_to_soup,
    "a pot takes a mix": mixing,
    "delivery of three onions": delivery,
    "delivery of a soup that nobody ordered": other_soup,
}


def page_table() -> dict[str, dict[str, str]]:
    """The page's first table: row to column to what it says."""
    lines = re.findall(r"^\| (.*) \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    cells = [[cell.strip() for cell in line.split(" | ")] for line in lines]
    header = cells[0]
    table = {}
    for row in cells[1:]:
        if len(row) != len(header):
            break
        table[row[0]] = dict(zip(header[1:], row[1:], strict=True))
    return table


@needs_checkout
def test_the_page_has_every_row_and_every_family() -> None:
    table = page_table()
    assert list(table) == list(ROWS)
    assert all(list(columns) == list(FAMILIES) for columns in table.values())


@needs_checkout
@pytest.mark.parametrize("column", FAMILIES)
@pytest.mark.parametrize("row", ROWS)
def test_what_the_page_says_is_what_happens(row: str, column: str) -> None:
    assert page_table()[row][column] == ROWS[row](FAMILIES[column])


@needs_checkout
def test_kitchens_that_the_page_calls_the_same_have_the_same_floor_plan() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(Overcooked-\w+-V0)` \| `(\S+)` \| `(\S+)` \| (yes|no) \|$", text, flags=re.MULTILINE)
    assert len(rows) == 5
    for ours, original, jaxmarl, is_same in rows:
        plans = [floor_plan(env_id) for env_id in (ours, original, jaxmarl)]
        assert plans[0] == plans[1]
        assert (plans[1] == plans[2]) == (is_same == "yes"), (ours, plans)


def floor_plan(env_id: str) -> tuple[str, ...]:
    """A drawing without its outer wall and its marks."""
    rows = [re.sub(r"[+0-9]", " ", row) for row in read_drawing(cogrid.make(env_id).config["layout"])]
    if set(rows[0]) == {"#"}:
        rows = [row[1:-1] for row in rows[1:-1]]
    return tuple(rows)

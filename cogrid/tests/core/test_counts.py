"""`Count`: rules that ask how many of something there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cogrid import (
    ACTORS,
    AGENTS,
    AROUND,
    MAP,
    Act,
    Agent,
    Count,
    Disc,
    EnvConfig,
    GridObject,
    Item,
    Outcome,
    RuleError,
    Rules,
)
from cogrid.core.grid_object import object_to_idx
from cogrid.game import Game
from cogrid.tests.arrays_play import assert_arrays_play_alike
from cogrid.tests.engines import Episode, needs_jax, play_everywhere

GEM = Item("gem")


@dataclass(frozen=True)
class Lever(GridObject, symbol="l"):
    """Can be turned on and off."""

    is_on: bool = False

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(Lever(not self.is_on), agent)

    def object_state(self) -> int:
        return int(self.is_on)


@dataclass(frozen=True)
class Gate(GridObject, symbol="g"):
    """Shows how many levers are on, up to two."""

    n_on: int = 0

    def tick(self, *, n_levers: int = 0) -> Gate:
        return Gate(n_levers)

    def object_state(self) -> int:
        return self.n_on


@dataclass(frozen=True)
class Moss(GridObject, symbol="m"):
    """Lives where two or three live around it, as in the game of life."""

    is_alive: bool = False

    def tick(self, *, n_alive: int = 0) -> Moss:
        return Moss(n_alive == 3 or (n_alive == 4 and self.is_alive))

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(Moss(not self.is_alive), agent)

    def passable(self) -> bool:
        return True

    def object_state(self) -> int:
        return int(self.is_alive)


@dataclass(frozen=True)
class Rock(GridObject, symbol="r"):
    """Is broken by two at once, those with a gem counting twice; whoever helps is told."""

    pieces: int = 0

    def pickup_drop(self, agent: Agent, *, strength: int = 0) -> Outcome | None:
        return Outcome(Rock(strength), agent, events=("broken",)) if strength >= 2 else None

    def object_state(self) -> int:
        return self.pieces


@dataclass(frozen=True)
class Plate(GridObject, symbol="p"):
    """Shows how many gems are in hands when an agent walks onto it."""

    n_gems: int = 0

    def passable(self) -> bool:
        return True

    def enter(self, agent: Agent, *, n_gems: int = 0) -> Outcome:
        return Outcome(Plate(n_gems), agent)

    def object_state(self) -> int:
        return self.n_gems


COUNTS = (
    Count("n_levers", of=lambda value: isinstance(value, Lever) and value.is_on, over=MAP, cap=2),
    Count("n_alive", of=lambda value: isinstance(value, Moss) and value.is_alive, over=Disc(1, "chebyshev"), cap=9),
    Count("strength", of=lambda agent: 1 + (agent.held == GEM), over=ACTORS, cap=4),
    Count("n_gems", of=lambda agent: agent.held == GEM, over=AGENTS, cap=3),
)
RULES = Rules(
    name="test_counts", objects=(Lever, Gate, Moss, Rock, Plate), items=(GEM,), start_direction=0, counts=COUNTS
)


def config_of(layout: str, num_agents: int) -> EnvConfig:
    """A world of these objects."""
    return EnvConfig(
        rules=RULES, layout=layout.splitlines(), num_agents=num_agents, features=("inventory",), max_steps=None
    )


def played(layout: str, num_agents: int, actions: list[Any], start: Any = None) -> Episode:
    """An episode, the same under the two engines of NumPy."""
    return play_everywhere(config_of(layout, num_agents), actions, start=start, with_jax=False)


def test_a_count_over_the_map_is_taken_before_the_stage_and_capped() -> None:
    actions = [["Toggle"] * 3, ["Noop"] * 3, ["Noop", "Toggle", "Noop"], ["Noop", "Toggle", "Noop"], ["Noop"] * 3]
    episode = played("1lg\n2l#\n3lg", 3, [actions[0], *actions[1:3], actions[1]])

    assert episode.cell(0, 2) == [0, 0, 2, 2, 2]
    assert episode.cell(2, 2) == episode.cell(0, 2)


def test_a_disc_counts_the_cells_around_and_the_own_one_and_nothing_off_the_grid() -> None:
    start = {"object_state_map": np.zeros((4, 5), np.int32)}
    layout = "1mmmm\nmmmmm\nmmmmm\nmmmmm"
    env = config_of(layout, 1)
    episode = play_everywhere(env, [["MoveDown"], ["Toggle"], ["Noop"], ["Noop"]], with_jax=False)
    assert start["object_state_map"].shape == (4, 5)
    alive = [np.array(state["object_state_map"]).sum() for state in episode.states]

    assert alive == [0, 0, 1, 0, 0]


def test_a_disc_plays_the_game_of_life() -> None:
    """A row of three cells turns by a quarter in each step."""
    config = config_of("#####1\n#mmm##\n#mmm##\n#mmm##\n######", 1)
    game = Game.of(config)
    state, _ = game.reset(np.array([0, 0], dtype=np.uint32))
    alive = game.tables.rules.compiled.cell_values.index(Moss(is_alive=True))
    cells = state.cells.copy()
    cells[[13, 14, 15]] = alive
    state = state.replace(cells=cells)
    seen = []
    for _ in range(3):
        seen.append(np.flatnonzero(state.cells == alive).tolist())
        state = game.advance(state, np.array([6])).state

    assert seen == [[13, 14, 15], [8, 14, 20], [13, 14, 15]]


def test_a_count_over_actors_is_the_same_for_all_who_act_on_the_cell() -> None:
    layout = "1r2\n#3#"
    turn = ["Noop", "MoveLeft", "MoveUp"]
    alone, both = ["PickupDrop", "Noop", "Noop"], ["PickupDrop", "Noop", "PickupDrop"]
    episode = played(layout, 3, [turn, alone, both, ["PickupDrop"] * 3])
    happened = [np.count_nonzero(state["events"]) for state in episode.states]

    assert episode.cell(0, 1) == [0, 0, 0, 2, 3]
    assert happened == [0, 0, 0, 2, 3]


def test_what_an_actor_holds_may_count() -> None:
    gem = object_to_idx("gem", scope="test_counts")
    start = {"agent_pos": [[0, 0]], "agent_dir": [0], "agent_inv": [[gem]]}
    episode = played("1r", 1, [["PickupDrop"]], start)

    assert episode.cell(0, 1)[1:] == [2]


def test_a_count_over_agents_is_taken_when_an_agent_enters() -> None:
    gem = object_to_idx("gem", scope="test_counts")
    start = {"agent_pos": [[0, 0], [0, 3]], "agent_dir": [0, 0], "agent_inv": [[gem], [gem]]}
    episode = played("1p#2", 2, [["MoveRight", "Noop"]], start)

    assert episode.cell(0, 1)[1:] == [2]


LAYOUT = """\
1lgmm
mrpm#
2rpl3
gmm l"""


@pytest.mark.parametrize("with_jax", [False, pytest.param(True, marks=needs_jax)])
def test_every_engine_counts_the_same(with_jax: bool) -> None:
    random = np.random.default_rng(0)
    config = config_of(LAYOUT, 3)
    for seed in range(1 if with_jax else 5):
        episode = play_everywhere(config, random.integers(0, 7, size=(60, 3)).tolist(), seed=seed, with_jax=with_jax)

        assert len({tuple(state["object_state_map"].reshape(-1)) for state in episode.states}) > 5


def test_many_agents_are_counted_as_few_are() -> None:
    config = config_of("123\n4r5\n678\n9++\n   ", 11)
    random = np.random.default_rng(2)
    play_everywhere(config, random.integers(0, 7, size=(60, 11)).tolist(), with_jax=False)


def test_the_arrays_alone_count_the_same() -> None:
    random = np.random.default_rng(1)
    game = Game.of(config_of(LAYOUT, 3))

    assert game.to_arrays()[0]["needs"] == ["counts"]
    for seed in range(2):
        assert_arrays_play_alike(game, random.integers(0, 7, size=(60, 3)).tolist(), seed)


def rules_with(tick: Any, *counts: Count) -> Rules:
    """A rule set of one class whose tick is given."""

    class Thing(GridObject, symbol="t"):
        pass

    Thing.tick = tick
    return Rules(name="test_bad_counts", objects=(Thing,), counts=counts)


def build(rules: Rules) -> None:
    """Build a world of a rule set."""
    Game.of(EnvConfig(rules=rules, layout=["+t"], num_agents=1, features=("inventory",)))


ONE = Count("n_all", of=lambda value: 1, cap=2)


@pytest.mark.parametrize(
    ("tick", "counts", "culprit"),
    [
        (lambda self, *, n_dirt: self, (ONE,), r"Thing\.tick asks for 'n_dirt'.*n_all"),
        (
            lambda self, *, n_all, n_two: self,
            (ONE, Count("n_two", of=lambda value: 1)),
            "two counts, 'n_all' and 'n_two'",
        ),
        (lambda self, *, n_all: self, (Count("n_all", of=lambda value: 0),), "'n_all' counts nothing"),
        (lambda self, *, n_all: self, (Count("n_all", of=lambda value: -1),), "'n_all' gave -1"),
        (lambda self, *, n_all: self, (Count("n_all", of=lambda value: value.name),), r"'n_all' gave 'floor'"),
        (lambda self, *, n_all: self, (Count("n_all", of=lambda value: value.size),), "'n_all' failed.*size"),
        (lambda self, *, n_all: self, (Count("n_all", of=lambda agent: 1, over=ACTORS),), "only the rule of an act"),
        (lambda self, *, n_all: 3 if n_all == 2 else self, (ONE,), r"Thing\.tick gave 3"),
        (lambda self, *, n_all: [self, self][n_all], (ONE,), r"Thing\.tick failed.*n_all=2"),
    ],
)
def test_bad_counts_are_refused_when_the_world_is_built(tick: Any, counts: Any, culprit: str) -> None:
    with pytest.raises(RuleError, match=culprit):
        build(rules_with(tick, *counts))


@pytest.mark.parametrize(
    ("settings", "culprit"),
    [
        ({"name": "agent"}, "agent"),
        ({"name": "two words"}, "two words"),
        ({"of": 3}, "of is a function"),
        ({"over": "map"}, "over is MAP"),
        ({"cap": 0}, "cap"),
        ({"cap": 5_000}, "cap"),
    ],
)
def test_bad_settings_of_a_count_are_refused(settings: dict[str, Any], culprit: str) -> None:
    with pytest.raises(RuleError, match=culprit):
        Count(**{"name": "n_all", "of": lambda value: 1, **settings})


def test_bad_discs_and_two_counts_of_one_name_are_refused() -> None:
    with pytest.raises(RuleError, match="metric"):
        Disc(2, "hamming")
    with pytest.raises(RuleError, match="radius"):
        Disc(0)
    with pytest.raises(RuleError, match="Two counts"):
        Rules(name="test_bad_counts", counts=(ONE, ONE))


def test_the_metric_decides_which_cells_are_around() -> None:
    assert len(Disc(1).offsets()) == 5
    assert len(Disc(2, "manhattan").offsets()) == 13
    assert len(Disc(2, "chebyshev").offsets()) == 25
    assert len(Disc(1.5).offsets()) == 9


@dataclass(frozen=True)
class Crate(GridObject, symbol="c"):
    """Is lifted by two who stand around it."""

    lifted_by: int = 0

    def lift_up(self, agent: Agent, *, n_lifting: int = 0) -> Outcome | None:
        return Outcome(Crate(n_lifting), agent, events=("lifted",)) if n_lifting >= 2 else None

    def object_state(self) -> int:
        return self.lifted_by


LIFTING = Rules(
    name="test_lifting",
    objects=(Crate,),
    actions=("Noop", "MoveUp", "MoveDown", "MoveLeft", "MoveRight", Act("LiftUp", reach=AROUND)),
    counts=(Count("n_lifting", of=lambda agent: 1, over=ACTORS, cap=4),),
)


@pytest.mark.parametrize("with_jax", [False, pytest.param(True, marks=needs_jax)])
def test_those_who_act_around_them_are_counted_on_the_cell_that_answers(with_jax: bool) -> None:
    layout = [" 1  ", "2c3 ", "    ", "   4"]
    config = EnvConfig(rules=LIFTING, layout=layout, num_agents=4, features=("inventory",), max_steps=None)
    random = np.random.default_rng(0)
    actions = [[5, 0, 0, 5], [5, 5, 0, 5], [5, 5, 5, 5], *random.integers(0, 6, size=(40, 4)).tolist()]
    episode = play_everywhere(config, actions, with_jax=with_jax)

    assert episode.cell(1, 1)[:4] == [0, 0, 2, 3]
    assert (episode.states[3]["events"] != 0).tolist() == [True, True, True, False]
    assert_arrays_play_alike(Game.of(config), actions)

"""`Chance`: rules of several results, of which one is drawn; how often each comes, and for whom apart."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import pytest

from cogrid import Agent, Chance, EnvConfig, GridObject, Item, Outcome, RuleError, Rules, check_layout
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.chance import last_words_of, results_of
from cogrid.core.tables import Tables
from cogrid.game import Game
from cogrid.integer.world import IntegerWorld
from cogrid.tests.arrays_play import assert_arrays_play_alike
from cogrid.tests.engines import needs_jax, play_everywhere
from cogrid.tests.frequencies import assert_frequencies, assert_independent

WEIGHTS = (1, 2, 5)
GEM = Item("gem")


@dataclass(frozen=True)
class Die(GridObject, symbol="d"):
    """Is thrown anew in every step."""

    number: int = 0

    def tick(self) -> Chance:
        return Chance(*[(weight, Die(number)) for number, weight in enumerate(WEIGHTS)])

    def object_state(self) -> int:
        return self.number


@dataclass(frozen=True)
class Urn(GridObject, symbol="u"):
    """Gives a gem one time in four, and breaks one time in eight."""

    is_broken: bool = False

    def pickup_drop(self, agent: Agent) -> Chance | None:
        if self.is_broken:
            return None
        won = Outcome(self, agent.holding(GEM), events=("won",))
        return Chance((Fraction(1, 4), won), (0.125, Outcome(Urn(is_broken=True), agent)), (Fraction(5, 8), None))

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(Urn(), agent.empty_handed())


@dataclass(frozen=True)
class Ice(GridObject, symbol="i"):
    """Breaks under every third that walks in, whose episode ends."""

    is_hole: bool = False

    def passable(self) -> bool:
        return True

    def enter(self, agent: Agent) -> Chance:
        fallen = Outcome(replace(self, is_hole=True), agent, events=("fallen",), ends=True)
        return Chance((1, fallen), (2, None))

    def object_state(self) -> int:
        return int(self.is_hole)


def rules(*objects: type[GridObject], **settings: Any) -> Rules:
    """A rule set of some objects."""
    return Rules(name="test_chance", objects=objects, items=(GEM,), **{"start_direction": 0, **settings})


def tables_of(config: EnvConfig) -> Tables:
    """The tables of a world."""
    return Game.of(config).tables


def config_of(layout: str, *objects: type[GridObject], **settings: Any) -> EnvConfig:
    """A world of some objects."""
    drawing = layout.splitlines()
    agents = sum(line.count("+") for line in drawing)
    return EnvConfig(
        rules=rules(*objects), layout=drawing, num_agents=agents, features=("inventory",), max_steps=None, **settings
    )


def thrown(seed: int, n_steps: int = 60) -> np.ndarray:
    """What a map full of dice shows after each step, `[T, N]`."""
    config = config_of("\n".join(["+" + "d" * 11, *["d" * 12] * 11]), Die)
    world = IntegerWorld(tables_of(config))
    world.reset((0, seed))
    values = world.tables.rules.compiled.cell_values
    seen = []
    for _ in range(n_steps):
        world.step([world.tables.action_set.noop])
        seen.append([value.number for value in map(values.__getitem__, world.cells) if isinstance(value, Die)])
    return np.array(seen)


def test_each_result_of_a_tick_comes_as_often_as_its_weight_says() -> None:
    faces = thrown(seed=1)

    assert_frequencies(np.bincount(faces.reshape(-1)).tolist(), WEIGHTS)


def test_draws_of_cells_steps_and_episodes_have_nothing_to_do_with_each_other() -> None:
    faces, others = thrown(seed=1), thrown(seed=2)

    assert_independent(faces[:, 1:], faces[:, :-1])
    assert_independent(faces[:, 12:], faces[:, :-12])
    assert_independent(faces[1:], faces[:-1])
    assert_independent(faces, others)


def test_each_result_of_an_interaction_comes_as_often_as_its_weight_says_for_every_agent_apart() -> None:
    config = config_of("#####\n#+u #\n#+u #\n#####", Urn)
    world = IntegerWorld(tables_of(config))
    world.reset((0, 3))
    use, mend = (world.tables.action_set.index(name) for name in ("PickupDrop", "Toggle"))
    values = world.tables.rules.compiled.cell_values
    seen = []
    for _ in range(2_000):
        world.step([use, use])
        broken = [Urn(is_broken=True) == values[world.cells[cell]] for cell in (7, 12)]
        seen.append([1 if events else 2 * gone for events, gone in zip(world.events, broken, strict=True)])
        world.step([mend, mend])
    drawn = np.array(seen)

    for agent_idx in range(2):
        assert_frequencies(np.bincount(drawn[:, agent_idx]).tolist(), (5, 2, 1))
    assert_independent(drawn[:, 0], drawn[:, 1])
    assert_independent(drawn[1:], drawn[:-1])


LAYOUT = """\
#######
#+uii #
#d dd #
#+uii #
#######"""


@pytest.mark.parametrize("with_jax", [False, pytest.param(True, marks=needs_jax)])
def test_every_engine_draws_the_same(with_jax: bool) -> None:
    random = np.random.default_rng(0)
    config = config_of(LAYOUT, Die, Urn, Ice)
    actions = random.integers(0, 7, size=(40, 2)).tolist()

    for seed in range(2 if with_jax else 6):
        episode = play_everywhere(config, actions, seed=seed, with_jax=with_jax)

        assert len({tuple(state["object_state_map"].reshape(-1)) for state in episode.states}) > 5


def test_the_arrays_alone_draw_the_same() -> None:
    random = np.random.default_rng(1)
    game = Game.of(config_of(LAYOUT, Die, Urn, Ice))

    assert game.to_arrays()[0]["needs"] == ["chance"]
    for seed in range(3):
        assert_arrays_play_alike(game, random.integers(0, 7, size=(40, 2)).tolist(), seed)


def test_no_number_of_cells_that_draw_changes_what_one_of_them_draws() -> None:
    """Words are drawn one by one, some, or all; a cell's is the same."""
    full = thrown(seed=1, n_steps=5)
    few = config_of("\n".join(["+dd" + " " * 9, *[" " * 12] * 11]), Die)
    episode = play_everywhere(few, [["Noop"]] * 5, seed=1, with_jax=False)

    shown = np.array(episode.trace("object_state_map"))[1:, 0, 1:3]
    np.testing.assert_array_equal(shown, full[:, :2])


def test_what_can_only_follow_by_chance_counts_for_what_a_map_can_hold() -> None:
    @dataclass(frozen=True)
    class Bud(GridObject, symbol="b"):
        def tick(self) -> Chance:
            return Chance((1, Flower()), (9, self))

    @dataclass(frozen=True)
    class Flower(GridObject):
        def pickup_drop(self, agent: Agent) -> Chance:
            return Chance((1, Outcome(Bud(), agent, events=("picked",))), (1, None))

    config = config_of("+b#\n ##", Bud, Flower)
    env = CoGridEnv(config)

    assert env.tables.map.tickable_cells == (1,)
    assert env.tables.map.changeable_cells.tolist() == [0, 1, 3]
    assert "picked" in check_layout(env.tables).events


def test_equal_results_are_one_and_results_without_weight_are_none() -> None:
    given = Chance((3, "a"), (1, "b"), (0, "c"), (2, "a"))

    assert given == Chance((Fraction(5, 6), "a"), (Fraction(1, 6), "b"))
    assert results_of(given) == ("a", "b")
    assert results_of(None) == (None,)
    assert last_words_of(Chance((1, "a"), (3, "b"))) == (2**30 - 1, 2**32 - 1)
    assert last_words_of(Chance((1, "a"))) == last_words_of("a") == (2**32 - 1,)


def test_a_float_is_read_exactly() -> None:
    assert Chance((0.25, "a"), (0.75, "b")) == Chance((1, "a"), (3, "b"))
    assert Chance((0.1, "a"), (0.9, "b")) != Chance((1, "a"), (9, "b"))


@pytest.mark.parametrize(
    ("branches", "culprit"),
    [
        (((-1, "a"),), "-1"),
        (((float("nan"), "a"),), "nan"),
        (((float("inf"), "a"),), "inf"),
        (((True, "a"),), "True"),
        ((("1", "a"),), "'1'"),
        (((0, "a"), (0, "b")), "add up to 0"),
        ((), "add up to 0"),
        ((1, 2), "pairs"),
        (((1, Chance((1, "a"), (1, "b"))),), "within"),
        (tuple((1, number) for number in range(65)), "64"),
    ],
)
def test_bad_weights_are_refused(branches: Any, culprit: str) -> None:
    with pytest.raises(RuleError, match=culprit):
        Chance(*branches)


def test_bad_weights_of_a_rule_are_refused_with_the_names_of_class_and_method() -> None:
    class Leaky(GridObject, symbol="l"):
        def tick(self) -> Chance:
            return Chance((-0.5, self), (1, self))

    with pytest.raises(RuleError, match=r"Leaky\.tick.*-0\.5"):
        tables_of(config_of("+l", Leaky))


def test_a_chance_is_refused_where_a_rule_must_be_certain() -> None:
    class Fog(GridObject, symbol="f"):
        def passable(self) -> Any:
            return Chance((1, True), (1, False))

    with pytest.raises(RuleError, match=r"Fog\.passable.*Chance"):
        tables_of(config_of("+f", Fog))


def test_a_chance_is_checked_like_a_result() -> None:
    class Odd(GridObject, symbol="o"):
        wrong: ClassVar[Any] = 3

        def tick(self) -> Any:
            return Chance((1, self), (1, self.wrong))

    with pytest.raises(RuleError, match=r"Odd\.tick gave 3 for a cell"):
        tables_of(config_of("+o", Odd))

    class Nothing(Odd, symbol="n"):
        wrong: ClassVar[Any] = None

    with pytest.raises(RuleError, match=r"Nothing\.tick gave None for a cell"):
        tables_of(config_of("+n", Nothing))


def test_a_chance_that_does_not_stop_growing_is_told() -> None:
    @dataclasses.dataclass(frozen=True)
    class Tree(GridObject, symbol="t"):
        height: int = 0

        def tick(self) -> Chance:
            return Chance((1, Tree(self.height + 1)), (3, self))

    with pytest.raises(RuleError, match=r"do not stop growing.*height"):
        tables_of(config_of("+t", Tree))


def test_a_chance_of_other_weights_the_second_time_is_not_pure() -> None:
    calls = []

    class Moody(GridObject, symbol="m"):
        def tick(self) -> Chance:
            calls.append(1)
            return Chance((len(calls), self), (1, Die()))

    with pytest.raises(RuleError, match=r"Moody\.tick is not pure"):
        tables_of(config_of("+m", Moody, Die))

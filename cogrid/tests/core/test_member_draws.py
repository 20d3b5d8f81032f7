"""Draws among cells and agents: at reset and on events, how many, how likely, how far apart, and what is refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cogrid import ACTORS, AGENTS, MAP, Agent, Chance, Count, Draw, EnvConfig, GridObject, Outcome, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.compiler import compile_rules
from cogrid.errors import ConfigError, LayoutError, RuleError
from cogrid.layout_check import check_layout
from cogrid.tests.engines import needs_jax, play_everywhere

N_EPISODES = 4_000
KEYS = np.stack([np.zeros(N_EPISODES), np.arange(N_EPISODES)], axis=-1).astype(np.uint32)


@dataclass(frozen=True)
class Soil(GridObject, symbol="."):
    """Grows wheat, or a weed half as often; can be walked on."""

    def passable(self) -> bool:
        return True

    def sow(self) -> Chance:
        return Chance((2, Wheat()), (1, Wheat(is_weed=True)))


@dataclass(frozen=True)
class Wheat(GridObject):
    """Is harvested by hand."""

    is_weed: bool = False

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(Soil(), agent, events=("harvested",))

    def object_state(self) -> int:
        return int(self.is_weed)


@dataclass(frozen=True)
class Farmer(Agent):
    """Can be called to be the elder."""

    is_elder: bool = False

    def elect(self) -> Farmer | None:
        return None if self.is_elder else Farmer(is_elder=True)


SOW = Draw("sow", k=2)
ON_HARVEST = Draw("sow", on=("harvested",), is_free=True)


def world(layout: list[str], num_agents: int, *draws: Draw) -> EnvConfig:
    """A field with some draws."""
    rules = Rules(name="test_draws", objects=(Soil, Wheat), agents=(Farmer(),), draws=draws, start_direction=0)
    return EnvConfig(rules=rules, layout=layout, num_agents=num_agents, features=("agent_position",))


def fields(env: CoGridEnv, **changes: Any) -> np.ndarray:
    """The cell types of many first states, by name."""
    state, _ = env.jax_reset(KEYS)
    return np.array(env.tables.declared.type_names)[state.object_type_map.reshape(N_EPISODES, -1)]


def assert_even(counts: Counter[Any], n_kinds: int) -> None:
    """Assert that kinds come equally often, to a chi-square far beyond chance."""
    expected = sum(counts.values()) / n_kinds
    assert len(counts) == n_kinds
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < n_kinds + 6 * (2 * n_kinds) ** 0.5


def test_every_pair_of_cells_is_drawn_as_often_as_any_other_and_two_times_in_three_it_is_wheat() -> None:
    env = CoGridEnv(world(["....."], 1, SOW))
    state, _ = env.jax_reset(KEYS)
    is_wheat = np.array(env.tables.declared.type_names)[state.object_type_map.reshape(N_EPISODES, -1)] == "wheat"

    assert_even(Counter(tuple(np.flatnonzero(row).tolist()) for row in is_wheat), 10)
    n_weeds = int(state.object_state_map.sum())
    assert abs(n_weeds - 2 * N_EPISODES / 3) < 200


def test_agents_start_beside_what_is_drawn_and_marks_stay_free() -> None:
    env = CoGridEnv(world(["1....."], 3, SOW))
    state, _ = env.jax_reset(KEYS)
    is_wheat = np.array(env.tables.declared.type_names)[state.object_type_map.reshape(N_EPISODES, -1)] == "wheat"
    places = np.asarray(state.agent_cell)

    assert (is_wheat.sum(axis=1) == 2).all()
    assert not np.take_along_axis(is_wheat, places, axis=1).any()
    assert (places[:, 0] == 0).all()


def test_an_event_draws_a_member_for_each_agent_and_nobody_stands_there() -> None:
    config = world(["1.  ...2"], 2, SOW, ON_HARVEST)
    moves = [["MoveRight", "MoveLeft"], ["Toggle", "Toggle"]] * 8

    episodes = [play_everywhere(config, moves, seed=seed, with_jax=False) for seed in range(6)]

    for episode in episodes:
        for types in episode.trace("object_type_map"):
            assert sum(kind == 2 + 1 for kind in types[0]) == 2
    assert any(mask for episode in episodes for masks in episode.trace("events") for mask in masks)


@needs_jax
def test_jax_draws_the_same() -> None:
    config = world(["1...2", "....."], 2, SOW, ON_HARVEST, Draw("elect"))

    episode = play_everywhere(config, [["MoveRight", "MoveLeft"], ["Toggle", "Toggle"], ["MoveDown", "MoveDown"]] * 3)

    assert any(mask for masks in episode.trace("events") for mask in masks)


def test_at_most_so_many_agents_draw_in_one_step(with_jax: bool) -> None:
    config = world(["1wv2"], 2, Draw("sow", on=("harvested",), at_most=1))
    rules = Rules(
        name="test_draws",
        objects=(Soil, Wheat),
        draws=config.rules.draws,
        symbols={"w": Wheat(), "v": Wheat(is_weed=True)},
        start_direction=(0, 2),
    )
    episode = play_everywhere(
        EnvConfig(rules=rules, layout=["1wv2"], num_agents=2, features=("agent_position",)),
        [["Toggle", "Toggle"]],
        with_jax=with_jax,
    )

    assert sorted(episode.states[-1]["object_type_map"][0].tolist()) == [0, 0, 2, 3]


def test_members_that_agents_are_can_be_drawn() -> None:
    env = CoGridEnv(world(["....."], 3, Draw("elect")))
    state, _ = env.jax_reset(KEYS)

    assert (state.agent_is_elder.sum(axis=1) == 1).all()
    assert_even(Counter(np.argmax(state.agent_is_elder, axis=1).tolist()), 3)
    play_everywhere(world(["....."], 3, Draw("elect", k=2)), [["Noop"] * 3], with_jax=False)


def test_members_keep_apart_as_the_offsets_say_and_fewer_are_drawn_where_there_is_no_room() -> None:
    around = ((0, 1), (1, -1), (1, 0), (1, 1))
    env = CoGridEnv(world(["   ", "...", "..."], 1, Draw("sow", k=3, apart=around)))
    state, _ = env.jax_reset(KEYS)
    is_wheat = (np.asarray(state.object_type_map) == 3)[:, 1:]

    pairs = Counter(tuple(np.flatnonzero(grid).tolist()) for grid in is_wheat)

    assert set(pairs) == {(0, 2), (0, 5), (2, 3), (3, 5), (1,), (4,)}
    play_everywhere(env.config, [["Noop"]], with_jax=False)


def test_the_check_of_a_layout_knows_what_draws_bring() -> None:
    report = check_layout(CoGridEnv(world(["#...#"], 1, SOW)).tables)

    assert "harvested" in report.events


def test_agents_must_find_room_after_the_draws() -> None:
    with pytest.raises(LayoutError, match=r"too few free cells: 2 agents.*only 1 unmarked"):
        CoGridEnv(world(["..."], 2, SOW))


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: Draw("sew"), r"answers the draw of 'sew'.*def sew\(self\).*Did you mean 'sow'"),
        (lambda: Draw("tick"), r"a draw calls 'tick', which is another rule"),
        (lambda: Draw("sow", on=("harvest",)), r"draws names the event 'harvest'.*'harvested'"),
        (lambda: Draw("sow", k=0), r"k.*at least 1.*0"),
        (lambda: Draw("sow", apart=((0, 0),)), r"apart.*offsets"),
    ],
)
def test_a_draw_that_cannot_be_is_refused(draw: Any, message: str) -> None:
    with pytest.raises((RuleError, ConfigError), match=message):
        compile_rules(Rules(name="test_draws", objects=(Soil, Wheat), draws=(draw(),)))


@dataclass(frozen=True)
class Worker(Agent):
    """Is drawn to be strong or not."""

    level: int = 1

    def grow(self) -> Chance:
        return Chance((1, Worker(level=1)), (1, Worker(level=2)))


@dataclass(frozen=True)
class Bed(GridObject, symbol="."):
    """Grows what the workers together can lift."""

    size: int = 0

    def passable(self) -> bool:
        return True

    def sprout(self, *, strength: int) -> Bed | Chance | None:
        if self.size or strength == 0:
            return None
        return Chance((1, Bed(strength)), (1, Bed(max(strength - 1, 1))))


STRENGTH = Count("strength", of=lambda agent: agent.level, over=AGENTS, cap=6)
SPROUT = Draw("sprout", k=2, is_free=True)


def beds(*draws: Draw, count: Count = STRENGTH, num_agents: int = 2, layout: tuple[str, ...] = ("....",)) -> EnvConfig:
    rules = Rules(name="test_beds", objects=(Bed,), agents=(Worker(),), counts=(count,), draws=draws, start_direction=0)
    return EnvConfig(rules=rules, layout=layout, num_agents=num_agents, features=("agent_position",))


def sizes(env: CoGridEnv, state: Any) -> np.ndarray:
    values = env.tables.rules.compiled.cell_values
    return np.array([value.size if isinstance(value, Bed) else 0 for value in values])[state.cells]


def test_a_draw_can_ask_for_a_count_of_the_agents_that_were_drawn_before() -> None:
    env = CoGridEnv(beds(Draw("grow", k=2), SPROUT))
    state, _ = env.jax_reset(KEYS)
    grown, strength = np.sort(sizes(env, state), axis=1)[:, -2:], np.asarray(state.agent_level).sum(axis=1)

    assert ((grown == strength[:, None]) | (grown == strength[:, None] - 1)).all()
    assert abs(int((grown == strength[:, None]).sum()) - N_EPISODES) < 200


def test_a_free_draw_of_a_reset_comes_after_the_starts_which_are_drawn_from_all_cells() -> None:
    env = CoGridEnv(beds(Draw("sprout", k=3, is_free=True), num_agents=1))
    state, _ = env.jax_reset(KEYS)
    places = np.asarray(state.agent_cell)

    assert_even(Counter(places[:, 0].tolist()), 4)
    assert not np.take_along_axis(sizes(env, state), places, axis=1).any()
    assert (np.count_nonzero(sizes(env, state), axis=1) == 3).all()


def test_a_count_over_the_map_is_taken_before_the_first_member_is_drawn() -> None:
    count = Count("strength", of=lambda value: isinstance(value, Bed) and value.size == 0, over=MAP, cap=4)
    env = CoGridEnv(beds(Draw("sprout", k=4, is_free=True), count=count, num_agents=1))
    state, _ = env.jax_reset(KEYS[:50])

    assert set(np.unique(sizes(env, state)).tolist()) == {0, 3, 4}


def test_every_engine_draws_by_counts_alike(with_jax: bool) -> None:
    config = beds(Draw("grow", k=2), SPROUT, layout=("....", "...."))

    for seed in range(4):
        play_everywhere(config, [["MoveRight", "MoveLeft"]], seed=seed, with_jax=with_jax and seed == 0)


def test_a_draw_cannot_ask_for_those_who_act() -> None:
    count = Count("strength", of=lambda agent: 1, over=ACTORS)

    with pytest.raises(RuleError, match="over the agents that act"):
        compile_rules(beds(SPROUT, count=count).rules)

"""Random small rule sets with acts of their own, on every engine, against the rules run directly on the objects."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cogrid import (
    AROUND,
    ITSELF,
    OWN,
    Act,
    Agent,
    Beam,
    Chance,
    Changed,
    EnvConfig,
    GridObject,
    Meeting,
    Outcome,
    Rules,
)
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.chance import last_words_of, results_of
from cogrid.core.draws import Purpose
from cogrid.core.objects import Floor
from cogrid.core.reach_table import lines_of
from cogrid.integer.draws import draw_word, move_order
from cogrid.tests.arrays_play import assert_arrays_play_alike
from cogrid.tests.engines import Episode, event_names, needs_jax, play_everywhere

EVENTS = ("clang", "puff", "whirr")
N_MOODS, N_AGENTS, N_STEPS, SIZE = 3, 3, 12, 5
ACTS = (Act("Poke"), Act("Dig", reach=OWN), Act("Think", reach=ITSELF), Act("Seek", reach=AROUND), Act("Zap"))
MOVES = ("Noop", "Forward", "Backward", "StepLeft", "StepRight", "RotateLeft", "RotateRight")
CELLS = (0, 1, 2)

Result = tuple[int, int, tuple[str, ...], tuple[str, ...], bool, bool]
"""What follows: a number for the object or the other agent, the agent's mood, events of both, ends of both."""

Row = tuple[Result | None, ...]
"""What a rule says: nothing where it is empty, one result, or a chance of two with the weights 1 and 3."""


@dataclass(frozen=True)
class Book:
    """A rule set written down.

    Attributes:
      rows: `(method, whose, its number, mood of the one that acts)` to what follows.
      tick: what follows each mood by itself.
      passable, blocks: of each object.
      takes: of each mood and action.
      beam: how long and how wide the beam of Zap is.
    """

    rows: Mapping[tuple[str, str, int, int], Row]
    tick: Mapping[int, Row]
    passable: tuple[bool, ...]
    blocks: tuple[bool, ...]
    takes: Mapping[tuple[int, str], bool]
    beam: Beam


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Rule sets of an object and an agent with a number each."""
    number = st.integers(0, N_MOODS - 1)
    events = st.lists(st.sampled_from(EVENTS), max_size=1).map(tuple)
    ends = st.sampled_from([False] * 11 + [True])
    result = st.none() | st.tuples(number, number, events, events, ends, ends)
    row = st.lists(result, max_size=2).map(tuple)
    keys = [
        (act.calls, whose, at, mood)
        for act in ACTS
        for whose in ("thing", "other")
        for at in CELLS
        for mood in range(N_MOODS)
    ]
    rows = {key: draw(row) for key in keys}
    takes = {
        (mood, name): name == "Noop" or draw(st.sampled_from([True] * 5 + [False]))
        for mood in range(N_MOODS)
        for name in (*MOVES, *(act.name for act in ACTS))
    }
    flags = st.tuples(*[st.booleans()] * len(CELLS))
    beam = Beam(draw(st.integers(1, 4)), width=draw(st.sampled_from([1, 3])))
    return Book(rows, {mood: draw(row) for mood in range(N_MOODS)}, draw(flags), draw(flags), takes, beam)


def chosen(results: Sequence[Any]) -> Any:
    """A rule's answer: nothing, one result, or a chance of two."""
    if not results:
        return None
    return results[0] if len(results) == 1 else Chance((1, results[0]), (3, results[1]))


def answer(book: Book, method: str, owner: Any, agent: Any) -> Any:
    """What an object, or another agent, says to an act."""
    if isinstance(owner, Agent):
        made: list[Any] = [
            row and Meeting(with_mood(owner, row[0]), with_mood(agent, row[1]), *row[2:])
            for row in book.rows[method, "other", mood_of(owner), agent.mood]
        ]
    else:
        made = [
            row and Outcome(replace(owner, number=row[0]), with_mood(agent, row[1]), row[2], row[4])
            for row in book.rows[method, "thing", owner.number, agent.mood]
        ]
    return chosen(made)


def itself(row: Row, agent: Any, otherwise: Any = None) -> Any:
    """What an agent becomes by an act on itself, or by its tick."""
    made = [Changed(with_mood(agent, each[1]), each[2], each[4]) if each else otherwise for each in row]
    return chosen(made) if made else otherwise


def with_mood(agent: Any, mood: int) -> Any:
    return replace(agent, mood=mood)


def mood_of(agent: Any) -> int:
    return agent.mood


def rules_of(book: Book) -> Rules:
    """The rule set of a book, as classes with rules in Python."""

    class Answering:
        """Looks up in the book what an act does."""

        def poke(self, agent: Any) -> Any:
            return answer(book, "poke", self, agent)

        def seek(self, agent: Any) -> Any:
            return answer(book, "seek", self, agent)

        def zap(self, agent: Any) -> Any:
            return answer(book, "zap", self, agent)

    @dataclass(frozen=True)
    class Mover(Answering, Agent):
        mood: int = 0

        def think(self) -> Any:
            return itself(book.rows["think", "other", self.mood, 0], self)

        def tick(self) -> Any:
            return itself(book.tick[self.mood], self, otherwise=self)

        def takes(self, action: str) -> bool:
            return book.takes[self.mood, action]

    @dataclass(frozen=True)
    class Thing(Answering, GridObject, symbol="t"):
        number: int = 0
        marks: ClassVar[str] = "tuv"

        def dig(self, agent: Any) -> Any:
            return answer(book, "dig", self, agent)

        def passable(self) -> bool:
            return book.passable[self.number]

        def blocks_beam(self) -> bool:
            return book.blocks[self.number]

        def object_state(self) -> int:
            return self.number

    return Rules(
        name="test_random_acts",
        objects=(Thing,),
        symbols={"u": Thing(1), "v": Thing(2)},
        agents=tuple(Mover(mood=mood) for mood in range(N_MOODS)),
        actions=(*MOVES, *ACTS[:-1], replace(ACTS[-1], reach=book.beam)),
    )


class Interpreter:
    """A world of objects, played by the rules themselves."""

    STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))
    GOES: ClassVar[dict[str, int]] = {"Forward": 0, "StepRight": 1, "Backward": 2, "StepLeft": 3}

    def __init__(self, rules: Rules, layout: Sequence[str], start: dict[str, Any], seed: int) -> None:
        self.rules, self.key, self.time = rules, (0, seed), 0
        things = {"t": rules.fresh["thing"], **rules.symbols}
        self.grid = {
            (row, column): things.get(mark, Floor())
            for row, line in enumerate(layout)
            for column, mark in enumerate(line)
        }
        self.acts = {} if rules.own_actions is None else {act.name: act for act in rules.own_actions.own_acts}
        self.place = [tuple(place) for place in start["agent_pos"].tolist()]
        self.direction: list[int] = start["agent_dir"].tolist()
        self.agents: list[Any] = [rules.agents[agent] for agent in range(N_AGENTS)]
        self.terminated = [False] * N_AGENTS
        self.events: list[set[str]] = [set() for _ in range(N_AGENTS)]

    def step(self, actions: Sequence[str]) -> None:
        self.events = [set() for _ in range(N_AGENTS)]
        told = zip(self.agents, self.terminated, actions, strict=True)
        actions = [action if agent.takes(action) and not gone else "Noop" for agent, gone, action in told]
        for agent in range(N_AGENTS):
            if not self.terminated[agent]:
                self.change(agent, self.decide(self.agents[agent].tick(), Purpose.AGENT_TICK, agent))
        self.move(["Noop" if gone else action for gone, action in zip(self.terminated, actions, strict=True)])
        for agent, action in enumerate(actions):
            act = self.acts.get(action)
            for line, cells in enumerate(lines_of(act, self.direction[agent]) if act else ()):
                if act and not self.terminated[agent]:
                    self.act_along(agent, act, line, cells)
        self.time += 1

    def decide(self, given: Any, purpose: Purpose, number: int) -> Any:
        word = draw_word(*self.key, purpose, self.time, number)
        return results_of(given)[sum(last < word for last in last_words_of(given))]

    def change(self, agent: int, changed: Any) -> None:
        if changed is not None:
            whole: Any = changed if isinstance(changed, Changed) else Changed(changed)
            self.agents[agent] = whole.agent
            self.events[agent] |= set(whole.events)
            self.terminated[agent] |= whole.ends

    def move(self, actions: Sequence[str]) -> None:
        """Turn, propose, and settle: who stays first, then one by one in the order drawn for this step."""
        old, target = list(self.place), list(self.place)
        for agent, action in enumerate(actions):
            turn = {"RotateLeft": 3, "RotateRight": 1}.get(action, 0)
            self.direction[agent] = (self.direction[agent] + turn) % 4
            if action in self.GOES:
                down, right = self.STEPS[(self.direction[agent] + self.GOES[action]) % 4]
                there = old[agent][0] + down, old[agent][1] + right
                if there in self.grid and self.grid[there].passable():
                    target[agent] = there
        settled = {agent: old[agent] for agent in range(N_AGENTS) if target[agent] == old[agent]}
        for agent in move_order(*self.key, self.time, N_AGENTS):
            if agent not in settled:
                unsettled = [old[other] for other in range(N_AGENTS) if other != agent and other not in settled]
                may_go = target[agent] not in settled.values() and target[agent] not in unsettled
                settled[agent] = target[agent] if may_go else old[agent]
                if not may_go:
                    self.events[agent].add("collision")
        self.place = [settled[agent] for agent in range(N_AGENTS)]

    def act_along(self, agent: int, act: Act, line: int, cells: Sequence[tuple[int, int]]) -> None:
        """Act on the first cell of a line that answers."""
        n_lines = max(len(lines_of(other, 0)) for other in self.acts.values())
        word = agent * n_lines + line
        if act.reach is ITSELF:
            given = self.agents[agent].think()
            self.change(agent, given and self.decide(given, Purpose.INTERACT, word))
            return
        for down, right in cells:
            place = self.place[agent][0] + down, self.place[agent][1] + right
            if place not in self.grid:
                continue
            thing, others = (
                self.grid[place],
                [idx for idx in range(N_AGENTS) if idx != agent and self.place[idx] == place],
            )
            owner = self.agents[others[0]] if others else thing
            rule = getattr(owner, act.calls, None)
            given = rule and rule(self.agents[agent])
            if given is not None and not (others and self.terminated[others[0]]):
                self.follow(agent, place, others, self.decide(given, Purpose.INTERACT, word))
                return
            stops = others or (thing.blocks_beam() if not isinstance(thing, Floor) else False)
            if isinstance(act.reach, Beam) and stops:
                return

    def follow(self, agent: int, place: tuple[int, int], others: Sequence[int], made: Any) -> None:
        if isinstance(made, Outcome):
            self.grid[place] = made.cell
        if isinstance(made, Meeting):
            self.agents[others[0]] = made.other
            self.events[others[0]] |= set(map(str, made.other_events))
            self.terminated[others[0]] |= made.other_ends
        if made is not None:
            self.agents[agent] = made.agent
            self.events[agent] |= set(map(str, made.events))
            self.terminated[agent] |= made.ends

    def told(self) -> dict[str, Any]:
        """The world as a state reads, with names instead of numbers."""
        return {
            "agent_pos": [list(place) for place in self.place],
            "agent_dir": list(self.direction),
            "mood": [agent.mood for agent in self.agents],
            "states": [getattr(value, "number", 0) for value in self.grid.values()],
            "terminated": list(self.terminated),
            "events": self.events,
        }


def shown(env: CoGridEnv, state: dict[str, Any]) -> dict[str, Any]:
    """What a state tells, in the same terms."""
    return {
        "agent_pos": state["agent_pos"].tolist(),
        "agent_dir": state["agent_dir"].tolist(),
        "mood": state["agent_mood"].tolist(),
        "states": state["object_state_map"].reshape(-1).tolist(),
        "terminated": state["terminated"].tolist(),
        "events": [event_names(env, mask) for mask in state["events"].tolist()],
    }


@dataclasses.dataclass(frozen=True)
class Game:
    """A rule set on a map, a seed, and what the agents do."""

    book: Book
    layout: tuple[str, ...]
    seed: int
    actions: list[tuple[str, ...]]


@st.composite
def games(draw: st.DrawFn) -> Game:
    """Random rule sets, maps, seeds and actions."""
    n_free = SIZE * SIZE - N_AGENTS
    cells = draw(st.lists(st.sampled_from("   tuv"), min_size=n_free, max_size=n_free))
    drawing = "".join([*cells[:6], "1", *cells[6:10], "2", *cells[10:14], "3", *cells[14:]])
    layout = tuple(drawing[start : start + SIZE] for start in range(0, len(drawing), SIZE))
    joint = st.tuples(*[st.sampled_from((*MOVES, *(act.name for act in ACTS)))] * N_AGENTS)
    actions = draw(st.lists(joint, min_size=N_STEPS, max_size=N_STEPS))
    return Game(draw(books()), layout, draw(st.integers(0, 2**32 - 1)), actions)


def assert_played_as_told(game: Game, with_jax: bool) -> Episode:
    """Play a game on every engine, and assert that each step is what the rules themselves make of it."""
    rules = rules_of(game.book)
    config = EnvConfig(
        rules=rules, layout=game.layout, num_agents=N_AGENTS, features=("agent_position",), max_steps=None
    )
    env = CoGridEnv(config)
    episode = play_everywhere(config, game.actions, seed=game.seed, with_jax=with_jax)
    interpreter = Interpreter(rules, game.layout, episode.states[0], game.seed)
    assert shown(env, episode.states[0]) == interpreter.told()
    for joint, state in zip(game.actions, episode.states[1:], strict=False):
        interpreter.step(joint)
        assert shown(env, state) == interpreter.told()
    actions = rules.choose_action_set(None)
    assert_arrays_play_alike(env.game, [[actions.index(name) for name in joint] for joint in game.actions], game.seed)
    return episode


@given(games())
@settings(max_examples=8)
def test_acts_do_what_the_rules_say_under_numpy(game: Game) -> None:
    episode = assert_played_as_told(game, with_jax=False)

    assert len(episode.is_done) == N_STEPS or episode.is_done[-1]


@needs_jax
@pytest.mark.long
@given(games())
@settings(max_examples=2, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_acts_do_what_the_rules_say_under_jax(game: Game) -> None:
    episode = assert_played_as_told(game, with_jax=True)

    assert len(episode.is_done) == N_STEPS or episode.is_done[-1]


@pytest.mark.long
def test_the_random_games_of_this_file_are_worth_playing() -> None:
    """Over a fixed choice of rule sets, agents meet, objects change, moods change, and agents go."""
    random = np.random.default_rng(0)
    seen = {"walked": 0, "changed": 0, "happened": 0, "terminated": 0, "moods": 0}
    for seed in range(4):
        names = [*MOVES, *(act.name for act in ACTS)]
        actions = [tuple(random.choice(names, size=N_AGENTS).tolist()) for _ in range(25)]
        game = Game(random_book(random), ("t u  ", " 1 v ", "t2  u", "  3t ", "v   t"), seed, actions)
        episode = assert_played_as_told(game, with_jax=False)
        first, last = episode.states[0], episode.states[-1]
        seen["walked"] += int((first["agent_pos"] != last["agent_pos"]).any())
        seen["changed"] += int((first["object_state_map"] != last["object_state_map"]).any())
        seen["happened"] += int(any(state["events"].any() for state in episode.states))
        seen["terminated"] += int(last["terminated"].any())
        seen["moods"] += int((first["agent_mood"] != last["agent_mood"]).any())
    assert min(seen.values()) >= 2, seen


def random_book(random: np.random.Generator) -> Book:
    """A rule set in which most rules do something."""

    def result() -> Result | None:
        events = [(str(random.choice(EVENTS)),) if random.random() < 0.5 else () for _ in range(2)]
        ends = [bool(random.random() < 0.1) for _ in range(2)]
        made = (int(random.integers(3)), int(random.integers(3)), events[0], events[1], ends[0], ends[1])
        return made if random.random() < 0.8 else None

    def row() -> Row:
        return tuple(result() for _ in range(int(random.integers(3))))

    rows = {
        (act.calls, whose, at, mood): row()
        for act in ACTS
        for whose in ("thing", "other")
        for at in CELLS
        for mood in range(N_MOODS)
    }
    takes = {(mood, name): True for mood in range(N_MOODS) for name in (*MOVES, *(act.name for act in ACTS))}
    tick: dict[int, Row] = {mood: row() if random.random() < 0.5 else () for mood in range(N_MOODS)}
    return Book(rows, tick, (True, False, True), (False, True, False), takes, Beam(3, width=3))

"""Random small rule sets: the compiled tables on every engine, against the rules run directly on the objects."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cogrid import (
    ACTORS,
    AGENTS,
    EIGHT,
    FOUR,
    MAP,
    Agent,
    Chance,
    Count,
    Disc,
    Draw,
    EnvConfig,
    Event,
    GridObject,
    Item,
    Move,
    Outcome,
    Rules,
)
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.draws import Purpose
from cogrid.core.objects import Floor
from cogrid.integer.draws import draw_words, move_order
from cogrid.tests.engines import Episode, event_names, needs_jax, play_everywhere

GEM = Item("gem")
EVENTS = ("clang", "puff", "whirr")
CARRYING = EVENTS[0]
"""The event that carries a number: one more than that of the object."""

WORLDS = ("day", "night")
RULE_NAMES = ("enter", "stand", "pickup_drop", "toggle")
N_VALUES = 3
SIZE = 4
N_AGENTS = 3
N_STEPS = 14

Cell = tuple[int, int]
"""(class, its number) of a cell value."""

Row = tuple[Cell, bool, tuple[str, ...], bool] | None
"""What a rule says: the cell, whether a gem is in hand, events, and whether the episode ends; None for nothing."""

Rows = tuple[tuple[int, Row], ...]
"""What a rule may come to, with weights; one row where nothing is drawn."""


Told = tuple[Cell, Cell | None, tuple[str, ...], int] | None
"""What moves, what it leaves behind (None for floor), events, and to how many neighbours; None for nothing."""


@dataclasses.dataclass(frozen=True)
class Book:
    """A rule set written down: what each rule does to each value.

    Attributes:
      tick: cell to the cells that may follow by themselves, with weights.
      passable, leave: whether an agent can move into a cell, and out of it, by whether it has a gem.
      rows: `(rule, cell, has a gem, world)` to what may follow.
      has_worlds: whether there are world values.
      redraw_on: the events that draw one anew.
      drawn: what a cell that is drawn may become, with weights; none for a cell that is never drawn.
      draws: how many cells are drawn at reset, and for each agent to whom one of these events happens.
      lift, roam: what is pushed out of a cell, by whether the agent has a gem, and what moves out of it by itself.
      receive: what a cell is once something has been moved into it, by what that is; none for what cannot be.
      asks: the count that each rule of each class asks for. A rule that asks reads the row of another number of its
        class, as many further on as are counted.
    """

    tick: dict[Cell, tuple[tuple[int, Cell], ...]]
    passable: dict[tuple[Cell, bool], bool]
    leave: dict[tuple[Cell, bool], bool]
    rows: Mapping[tuple[str, Cell, bool, str | None], Rows]
    has_worlds: bool
    redraw_on: tuple[str, ...]
    drawn: dict[Cell, tuple[tuple[int, Cell], ...]]
    draws: tuple[Draw, ...]
    asks: Mapping[tuple[str, int], str | None]
    lift: Mapping[tuple[Cell, bool], Told] = dataclasses.field(default_factory=dict[tuple[Cell, bool], Told])
    receive: Mapping[tuple[Cell, Cell], Cell] = dataclasses.field(default_factory=dict[tuple[Cell, Cell], Cell])
    roam: Mapping[Cell, Told] = dataclasses.field(default_factory=dict[Cell, Told])


EVERYWHERE = ("n_near", "sum_of_levels", "n_gems")
COUNTS_OF: dict[str, tuple[str, ...]] = {
    "tick": EVERYWHERE,
    "shuffle": EVERYWHERE,
    "enter": EVERYWHERE,
    "stand": EVERYWHERE,
    "pickup_drop": (*EVERYWHERE, "n_actors"),
    "toggle": (*EVERYWHERE, "n_actors"),
}
"""What each rule may ask for."""

COUNTS = (
    Count("n_near", of=lambda value: value.name == "ash", over=Disc(1), cap=2),
    Count("sum_of_levels", of=lambda value: getattr(value, "number", -1) + 1, over=MAP, cap=9),
    Count("n_gems", of=lambda agent: agent.held == GEM, over=AGENTS, cap=3),
    Count("n_actors", of=lambda agent: 1, over=ACTORS, cap=2),
)

CELLS = [(kind, number) for kind in range(2) for number in range(N_VALUES)]
KEYS = [(at, held) for at in CELLS for held in (False, True)]


def weighted(results: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[tuple[int, Any], ...]]:
    """One result, or up to three with weights."""
    several = st.lists(st.tuples(st.integers(0, 3), results), min_size=1, max_size=2)
    return st.tuples(st.tuples(st.just(1), results)) | several.map(lambda more: (*more, (2, more[0][1])))


def by_chance(weighted: Sequence[tuple[int, Any]]) -> Any:
    """One result as it is, several as a chance."""
    return Chance(*weighted) if len(weighted) > 1 else weighted[0][1]


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Rule sets of two classes with a number each, one item, and at most two world values."""
    cell = st.sampled_from(CELLS)
    events = st.lists(st.sampled_from(EVENTS), max_size=2, unique=True).map(tuple)
    ends = st.sampled_from([False] * 7 + [True])
    row = st.none() | st.tuples(cell, st.booleans(), events, ends)
    has_worlds = draw(st.booleans())
    worlds: Sequence[str | None] = WORLDS if has_worlds else (None,)
    keys = [
        (name, at, held, world) for name in RULE_NAMES for at in CELLS for held in (False, True) for world in worlds
    ]
    rows = {key: draw(weighted(row)) for key in keys}
    reported = sorted({event for told in rows.values() for weight, row in told if row and weight for event in row[2]})
    redraw_on = draw(st.lists(st.sampled_from(reported), unique=True)) if reported and has_worlds else []
    tick = {at: draw(weighted(st.one_of(st.just(at), cell))) for at in CELLS}
    passable, leave = ({key: draw(st.booleans()) or extra for key in KEYS} for extra in (False, draw(st.booleans())))
    drawn = {at: draw(weighted(cell) | st.just(())) for at in CELLS} | {CELLS[0]: ((1, CELLS[1]),)}
    on_events = st.builds(
        Draw,
        st.just("shuffle"),
        on=st.sampled_from(reported or EVENTS).map(lambda event: (event,)),
        k=st.integers(1, 2),
        at_most=st.sampled_from([None, 1, 2]),
        is_free=st.booleans(),
        apart=st.sampled_from([(), ((0, 1),), ((1, 1), (2, 0))]),
    )
    at_reset = (Draw("shuffle", k=1, is_free=True), Draw("shuffle", k=2))[draw(st.integers(0, 1)) :]
    draws = (*at_reset, draw(on_events)) if reported and draw(st.booleans()) else ()
    asks = {(name, kind): draw(st.sampled_from((None, *COUNTS_OF[name]))) for name in COUNTS_OF for kind in range(2)}
    book = Book(tick, passable, leave, rows, has_worlds, tuple(redraw_on), drawn, draws, asks)
    return draw(with_moves(book)) if draw(st.booleans()) else book


@st.composite
def with_moves(draw: st.DrawFn, book: Book) -> Book:
    """The same rule set with things that are pushed and that move by themselves."""
    cell, events = st.sampled_from(CELLS), st.sampled_from([(), EVENTS[:1]])
    lift: dict[tuple[Cell, bool], Told] = {}
    for key in KEYS:
        left = st.sampled_from([None, *(at for at in CELLS if book.passable[at, key[1]])])
        lift[key] = draw(st.none() | st.tuples(cell, left, events, st.just(FOUR)))
    wanderer = st.tuples(cell, st.none() | cell, st.just(()), st.sampled_from([FOUR, EIGHT]))
    roam: dict[Cell, Told] = {at: draw(st.none() | wanderer) for at in CELLS}
    pairs = [(at, thing) for at in CELLS for thing in CELLS]
    receive = {pair: draw(cell) for pair in pairs if draw(st.integers(0, 2)) == 0}
    return dataclasses.replace(book, lift=lift, roam=roam, receive=receive)


class Written(GridObject):
    """Looks up in a book what it does."""

    book: ClassVar[Book]
    classes: ClassVar[list[Callable[[int], GridObject]]]
    kind: ClassVar[int]
    number: int

    def read_tick(self, count: int) -> GridObject | Chance:
        told = self.book.tick[self.kind, (self.number + count) % N_VALUES]
        return by_chance([(weight, self.classes[kind](number)) for weight, (kind, number) in told])

    def passable(self, agent: Agent) -> bool:
        return self.book.passable[(self.kind, self.number), agent.held == GEM]

    def leave(self, agent: Agent) -> bool:
        return self.book.leave[(self.kind, self.number), agent.held == GEM]

    def object_state(self) -> int:
        return self.number

    def lift(self, agent: Agent) -> Move | None:
        return self.moved(self.book.lift.get(((self.kind, self.number), agent.held == GEM)))

    def roam(self) -> Move | None:
        return self.moved(self.book.roam.get((self.kind, self.number)))

    def moved(self, told: Told) -> Move | None:
        if told is None:
            return None
        (kind, number), left, events, to = told
        behind = Floor() if left is None else self.classes[left[0]](left[1])
        return Move(self.classes[kind](number), behind, events, to)

    def receive(self, thing: Any) -> GridObject | None:
        after = self.book.receive.get(((self.kind, self.number), (thing.kind, thing.number)))
        return None if after is None else self.classes[after[0]](after[1])

    def read_shuffle(self, count: int) -> GridObject | Chance | None:
        told = self.book.drawn[self.kind, (self.number + count) % N_VALUES]
        return by_chance([(weight, self.classes[kind](number)) for weight, (kind, number) in told]) if told else None

    def read(self, rule: str, agent: Agent, world: str | None, count: int) -> Outcome | Chance | None:
        told = self.book.rows[rule, (self.kind, (self.number + count) % N_VALUES), agent.held == GEM, world]
        return by_chance([(weight, self.outcome(row, agent)) for weight, row in told])

    def outcome(self, row: Row, agent: Agent) -> Outcome | None:
        if row is None:
            return None
        (kind, number), has_gem, events, ends = row
        cell = self.classes[kind](number)
        carried = tuple(Event(name, self.number + 1) if name == CARRYING else name for name in events)
        return Outcome(cell, agent.holding(GEM) if has_gem else agent.empty_handed(), carried, ends)


def rules_of(book_of_rules: Book) -> Rules:
    """The rule set of a book, as classes with rules in Python."""

    class OfBook(Written):
        book = book_of_rules
        classes: ClassVar[list[Callable[[int], GridObject]]] = []

    @dataclasses.dataclass(frozen=True)
    class Ash(OfBook, symbol="a"):
        kind = 0
        number: int = 0

    @dataclasses.dataclass(frozen=True)
    class Bog(OfBook, symbol="b"):
        kind = 1
        number: int = 0

    for kind in (Ash, Bog):
        for name in COUNTS_OF:
            setattr(kind, name, method(name, book_of_rules.asks[name, kind.kind]))
    OfBook.classes += [Ash, Bog]
    return Rules(
        name="test_random_rules",
        objects=(Ash, Bog),
        items=(GEM,),
        agents=(Agent(), Agent(held=GEM)),
        world_values=WORLDS if book_of_rules.has_worlds else (),
        redraw_on=book_of_rules.redraw_on,
        draws=book_of_rules.draws,
        counts=COUNTS,
    )


def method(rule: str, count: str | None) -> Callable[..., Any]:
    """A rule of a class, with a parameter for the count that it asks for."""

    def alone(self: Any, **asked: int) -> Any:
        return getattr(self, f"read_{rule}")(sum(asked.values()))

    def with_agent(self: Any, agent: Agent, world_value: str | None = None, **asked: int) -> Any:
        return self.read(rule, agent, world_value, sum(asked.values()))

    function: Any = alone if rule in ("tick", "shuffle") else with_agent
    *parameters, _ = inspect.signature(function).parameters.values()
    asked = [inspect.Parameter(count, inspect.Parameter.KEYWORD_ONLY)] if count else []
    function.__signature__ = inspect.Signature([*parameters, *asked])
    return function


class Interpreter:
    """A world of objects, played by the rules themselves, as they are told: tick, move, enter, interact, clock."""

    STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))
    TURN: ClassVar[dict[str, int]] = {"MoveRight": 0, "MoveDown": 1, "MoveLeft": 2, "MoveUp": 3}

    def __init__(self, book: Book, rules: Rules, layout: Sequence[str], start: dict[str, Any], seed: int) -> None:
        self.rules = rules
        self.asks = book.asks
        self.acting: list[tuple[str, Cell] | None] = []
        self.key = (0, seed)
        self.time = 0
        kinds = {kind.symbol: kind for kind in self.rules.kinds}
        self.grid = {
            (row, column): kinds.get(character, Floor)()
            for row, line in enumerate(layout)
            for column, character in enumerate(line)
        }
        self.place = [tuple(place) for place in start["agent_pos"].tolist()]
        self.direction = start["agent_dir"].tolist()
        self.agents = [self.rules.agents[agent % len(self.rules.agents)] for agent in range(N_AGENTS)]
        self.terminated = [False] * N_AGENTS
        self.events: list[set[str]] = [set() for _ in range(N_AGENTS)]
        self.amounts = [0] * N_AGENTS
        self.world_value = self.rules.world_values[int(start["world_value"])] if self.rules.world_values else None
        self.first_word = 0
        for is_free in (False, True):  # The free ones come after agents have started.
            counts = [draw.k if not draw.on and draw.is_free == is_free else 0 for draw in self.rules.draws]
            self.draw(counts, time=0, is_reset=True)

    def step(self, actions: Sequence[str]) -> None:
        """Make one step."""
        self.events = [set() for _ in range(N_AGENTS)]
        self.amounts = [0] * N_AGENTS
        actions = ["Noop" if gone else action for gone, action in zip(self.terminated, actions, strict=True)]
        self.start_stage()
        self.grid = {
            place: self.decide(value.tick(**self.asked(value, "tick", place)), Purpose.TICK, number)
            for number, (place, value) in enumerate(self.grid.items())
        }
        self.roam()
        before = list(self.place)
        self.move(actions)
        self.start_stage()
        for agent in range(N_AGENTS):
            if self.place[agent] != before[agent] and not self.terminated[agent]:
                self.run(agent, self.place[agent], "enter")
        self.start_stage()
        for agent in range(N_AGENTS):
            if not self.terminated[agent]:
                self.run(agent, self.place[agent], "stand")
        self.start_stage()
        self.acting = [self.act(agent, action) for agent, action in enumerate(actions)]
        for agent, act in enumerate(self.acting):
            if act is not None:
                self.run(agent, act[1], act[0])
        if any(events & set(self.rules.redraw_on) for events in self.events):
            word = draw_words(*self.key, Purpose.WORLD_VALUE, self.time + 1, 1)[0]
            self.world_value = self.rules.world_values[word % len(self.rules.world_values)]
        happened = [sum(bool(events & set(draw.on)) for events in self.events) for draw in self.rules.draws]
        counts = zip(self.rules.draws, happened, strict=True)
        self.draw([draw.k * min(n, draw.at_most or N_AGENTS) for draw, n in counts], self.time + 1, is_reset=False)
        self.time += 1

    def draw(self, counts: Sequence[int], time: int, is_reset: bool) -> None:
        """Make each draw for so many members; its words follow those of the draws before it."""
        first = 0
        for draw, count in zip(self.rules.draws, counts, strict=True):
            words = draw_words(*self.key, Purpose.DRAW, time, first + 2 * count)[first:]
            first += 2 * draw.k * (min(draw.at_most or N_AGENTS, N_AGENTS) if draw.on else 1)
            self.start_stage()
            left = [place for place, value in self.grid.items() if self.can_be_drawn(value)]
            left = [place for place in left if place not in self.place or not (draw.is_free or is_reset)]
            for choice, chance in zip(words[::2], words[1::2], strict=True):
                if left:
                    row, column = left.pop(choice % len(left))
                    value = self.grid[row, column]
                    assert isinstance(value, Written)
                    told: Any = value
                    told = told.shuffle(**self.asked(value, "shuffle", (row, column)))
                    self.grid[row, column] = value if told is None else self.result(told, chance)
                    offsets = [(sign * down, sign * right) for down, right in draw.apart for sign in (1, -1)]
                    near = [(row + down, column + right) for down, right in offsets]
                    left = [place for place in left if place not in near]

    def can_be_drawn(self, value: Any) -> bool:
        """Whether a value answers a draw, for any number of what it counts."""
        name = self.asks.get(("shuffle", getattr(value, "kind", -1)))
        caps = {count.name: count.cap for count in COUNTS}
        asked: list[dict[str, int]] = [{name: number} for number in range(caps[name] + 1)] if name else [{}]
        return isinstance(value, Written) and any(getattr(value, "shuffle")(**told) for told in asked)  # noqa: B009

    def start_stage(self) -> None:
        """Keep what is counted."""
        self.seen, self.agents_seen = dict(self.grid), list(self.agents)

    def act(self, agent: int, action: str) -> tuple[str, Cell] | None:
        """The rule that an action calls, and where; None for none."""
        rule = {"PickupDrop": "pickup_drop", "Toggle": "toggle"}.get(action)
        ahead = self.ahead(agent)
        is_able = not self.terminated[agent] and ahead in self.grid and ahead not in self.place
        return (rule, ahead) if rule and is_able else None

    def asked(self, value: GridObject, rule: str, place: Cell) -> dict[str, int]:
        """The count that a rule asks for."""
        name = self.asks.get((rule, getattr(value, "kind", -1)))
        if name is None:
            return {}
        if name == "n_gems":
            return {name: min(3, sum(agent.held == GEM for agent in self.agents_seen))}
        if name == "sum_of_levels":
            return {name: min(9, sum(getattr(other, "number", -1) + 1 for other in self.seen.values()))}
        if name == "n_actors":
            return {name: min(2, self.acting.count((rule, place)))}
        near = [(place[0] + down, place[1] + right) for down, right in ((0, 0), *self.STEPS)]
        return {name: min(2, sum(other in self.seen and self.seen[other].name == "ash" for other in near))}

    def decide(self, told: Any, purpose: Purpose, number: int) -> Any:
        """What comes of a rule: the first result whose share of all words reaches beyond the word that is drawn."""
        if not isinstance(told, Chance):
            return told
        return self.result(told, draw_words(*self.key, purpose, self.time, number + 1)[number])

    def result(self, told: Any, word: int) -> Any:
        """The result of a rule that a word decides on."""
        if not isinstance(told, Chance):
            return told
        share = Fraction(word, 2**32)
        for weight, result in told.branches:
            share -= weight
            if share < 0:
                return result
        raise AssertionError("The weights add up to 1.")

    def roam(self) -> None:
        """Let things move by themselves, in the reading order of the cells before."""
        before = dict(self.grid)
        movers = [place for place, value in before.items() if value.roam() is not None]
        for turn, (row, column) in enumerate(movers):
            value = self.grid[row, column]
            move = value.roam() if value == before[row, column] else None
            if not isinstance(move, Move):
                continue
            steps = self.STEPS if move.to == FOUR else (*self.STEPS, (1, 1), (1, -1), (-1, -1), (-1, 1))
            around = [(row + down, column + right) for down, right in steps]
            ways = [place for place in around if place in self.grid and place not in self.place]
            ways = [place for place in ways if self.grid[place].receive(move.thing) is not None]
            word = draw_words(*self.key, Purpose.ROAM, self.time, 2 * turn + 2)[2 * turn + 1]
            if ways:
                there = ways[word % len(ways)]
                self.grid[there], self.grid[row, column] = self.received(there, move.thing), move.left

    def received(self, place: tuple[int, int], thing: Any) -> GridObject:
        after = self.grid[place].receive(thing)
        assert after is not None
        return after

    def pushes(self, target: list[tuple[int, int]], goers: Sequence[int]) -> dict[int, tuple[tuple[int, int], Move]]:
        """For each agent that pushes, the place beyond and the move; notes who is hindered by another agent."""
        found: dict[int, tuple[tuple[int, int], Move]] = {}
        for agent in goers:
            ahead, value = self.ahead(agent), self.grid[self.place[agent]]
            if target[agent] != self.place[agent] or ahead not in self.grid or not value.leave(self.agents[agent]):
                continue
            down, right = self.STEPS[self.direction[agent]]
            beyond, move = (ahead[0] + down, ahead[1] + right), self.grid[ahead].lift(self.agents[agent])
            if move and beyond in self.grid and self.grid[beyond].receive(move.thing) is not None:
                found[agent] = beyond, move
        made = {}
        for agent, (beyond, move) in found.items():
            others = [other for other in range(N_AGENTS) if other != agent]
            taken = {place for other in others for place in (self.place[other], target[other])}
            pushers = [other for other in others if other in found]
            taken |= {place for other in pushers for place in (self.ahead(other), found[other][0])}
            if beyond in taken or any(found[other][0] == self.ahead(agent) for other in pushers):
                self.events[agent].add("collision")
            else:
                made[agent] = beyond, move
        return made

    def ahead(self, agent: int) -> tuple[int, int]:
        """The place that an agent looks at, on the grid or off it."""
        (row, column), (down, right) = self.place[agent], self.STEPS[self.direction[agent]]
        return row + down, column + right

    def move(self, actions: Sequence[str]) -> None:
        """Turn, propose, and settle: who stays first, then one by one in the order drawn for this step."""
        target = list(self.place)
        for agent, action in enumerate(actions):
            if action in self.TURN:
                self.direction[agent] = self.TURN[action]
                ahead = self.ahead(agent)
                if ahead in self.grid and self.may_go(agent, ahead):
                    target[agent] = ahead
        pushes = self.pushes(target, [agent for agent, action in enumerate(actions) if action in self.TURN])
        for agent in pushes:
            target[agent] = self.ahead(agent)
        changes = {
            agent: {self.ahead(agent): move.left, beyond: self.received(beyond, move.thing)}
            for agent, (beyond, move) in pushes.items()
        }
        old = list(self.place)
        settled = {agent: old[agent] for agent in range(N_AGENTS) if target[agent] == old[agent]}
        for agent in move_order(*self.key, self.time, N_AGENTS):
            if agent in settled:
                continue
            unsettled = [old[other] for other in range(N_AGENTS) if other != agent and other not in settled]
            may_go = target[agent] not in settled.values() and target[agent] not in unsettled
            settled[agent] = target[agent] if may_go else old[agent]
            if not may_go:
                self.events[agent].add("collision")
        self.place = [settled[agent] for agent in range(N_AGENTS)]
        for agent, (_, move) in pushes.items():
            if self.place[agent] == target[agent]:
                self.grid |= changes[agent]
                self.events[agent] |= set(move.events)

    def may_go(self, agent: int, ahead: tuple[int, int]) -> bool:
        """Whether an agent may move into a place, and out of its own."""
        value = self.grid[ahead]
        may_enter = value.passable() if isinstance(value, Floor) else value.passable(self.agents[agent])
        return may_enter and self.grid[self.place[agent]].leave(self.agents[agent])

    def run(self, agent: int, place: tuple[int, int], rule: str) -> None:
        """Run one rule of the object in a place."""
        value = self.grid[place]
        extra: dict[str, Any] = {} if isinstance(value, Floor) else {"world_value": self.world_value}
        extra |= self.asked(value, rule, place)
        purpose = {"enter": Purpose.ENTER, "stand": Purpose.STAND}.get(rule, Purpose.INTERACT)
        outcome = self.decide(getattr(value, rule)(self.agents[agent], **extra), purpose, agent)
        if outcome is None:
            return
        self.grid[place] = outcome.cell
        self.agents[agent] = outcome.agent
        self.events[agent] |= {getattr(event, "name", event) for event in outcome.events}
        self.amounts[agent] += sum(event.amount for event in outcome.events if isinstance(event, Event))
        self.terminated[agent] |= outcome.ends

    def told(self) -> dict[str, Any]:
        """The world as a state reads, with names instead of numbers."""
        return {
            "agent_pos": [list(place) for place in self.place],
            "agent_dir": list(self.direction),
            "held": [agent.held.name if agent.held else None for agent in self.agents],
            "types": [
                value.on.name if isinstance(value, Floor) and value.on else value.name for value in self.grid.values()
            ],
            "states": [getattr(value, "number", 0) for value in self.grid.values()],
            "terminated": list(self.terminated),
            "events": self.events,
            "amounts": list(self.amounts),
            "world_value": self.world_value,
            "time": self.time,
        }


def shown(config: EnvConfig, env: CoGridEnv, state: dict[str, Any]) -> dict[str, Any]:
    """What a state tells, in the same terms."""
    names = config.rules.type_names
    return {
        "agent_pos": state["agent_pos"].tolist(),
        "agent_dir": state["agent_dir"].tolist(),
        "held": [None if held < 0 else names[held] for held in state["agent_inv"][:, 0].tolist()],
        "types": [names[kind] for kind in state["object_type_map"].reshape(-1).tolist()],
        "states": state["object_state_map"].reshape(-1).tolist(),
        "terminated": state["terminated"].tolist(),
        "events": [event_names(env, mask) for mask in state["events"].tolist()],
        "amounts": state["amounts"][:, 0].tolist() if "amounts" in state else [0] * N_AGENTS,
        "world_value": config.rules.world_values[int(state["world_value"])] if "world_value" in state else None,
        "time": int(state["time"]),
    }


ACTIONS = ("MoveUp", "MoveDown", "MoveLeft", "MoveRight", "PickupDrop", "Toggle", "Noop")


@dataclasses.dataclass(frozen=True)
class Game:
    """A rule set on a map, a seed, and what the agents do."""

    book: Book
    layout: tuple[str, ...]
    seed: int
    actions: list[tuple[str, ...]]

    def config(self) -> EnvConfig:
        """The settings of the world that is played."""
        return EnvConfig(
            rules=rules_of(self.book), layout=self.layout, num_agents=N_AGENTS, features=("inventory",), max_steps=None
        )


@st.composite
def games(draw: st.DrawFn) -> Game:
    """Random rule sets, maps, seeds and actions."""
    cells = draw(st.lists(st.sampled_from("  ab"), min_size=SIZE * SIZE - N_AGENTS, max_size=SIZE * SIZE - N_AGENTS))
    drawing = "".join([*cells[:5], "1", *cells[5:9], "2", *cells[9:], "3"])
    layout = tuple(drawing[start : start + SIZE] for start in range(0, len(drawing), SIZE))
    joint = st.tuples(*[st.sampled_from(ACTIONS)] * N_AGENTS)
    actions = draw(st.lists(joint, min_size=N_STEPS, max_size=N_STEPS))
    return Game(draw(books()), layout, draw(st.integers(0, 2**32 - 1)), actions)


def assert_played_as_told(game: Game, with_jax: bool) -> Episode:
    """Play a game on every engine, and assert that each step is what the rules themselves make of it."""
    config = game.config()
    episode = play_everywhere(config, game.actions, seed=game.seed, with_jax=with_jax)
    env = CoGridEnv(config)
    interpreter = Interpreter(game.book, config.rules, game.layout, episode.states[0], game.seed)
    assert shown(config, env, episode.states[0]) == interpreter.told()
    for joint, state, is_done in zip(game.actions, episode.states[1:], episode.is_done, strict=False):
        interpreter.step(joint)
        assert shown(config, env, state) == interpreter.told()
        assert is_done == all(interpreter.terminated)
    return episode


@given(games())
@settings(max_examples=10)
def test_compiled_tables_do_what_the_rules_say_under_numpy(game: Game) -> None:
    episode = assert_played_as_told(game, with_jax=False)

    assert len(episode.is_done) == N_STEPS or episode.is_done[-1]


@pytest.mark.long
@given(games())
@settings(max_examples=100)
def test_compiled_tables_do_what_the_rules_say_in_many_games(game: Game) -> None:
    episode = assert_played_as_told(game, with_jax=False)

    assert len(episode.is_done) == N_STEPS or episode.is_done[-1]


@pytest.mark.long
@needs_jax
@given(games())
@settings(max_examples=4, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_compiled_tables_do_what_the_rules_say_under_jax(game: Game) -> None:
    episode = assert_played_as_told(game, with_jax=True)

    assert len(episode.is_done) == N_STEPS or episode.is_done[-1]


@pytest.mark.long
def test_the_random_games_of_this_file_are_worth_playing() -> None:
    """Over a fixed choice of rule sets, agents walk, objects change, events happen, and episodes end early."""
    random = np.random.default_rng(0)
    seen = {"walked": 0, "changed": 0, "happened": 0, "terminated": 0, "redrawn": 0}
    for seed in range(8):
        actions = [tuple(random.choice(ACTIONS, size=N_AGENTS).tolist()) for _ in range(30)]
        game = Game(random_book(random), (" ab ", "a1 2", "b  a", " b 3"), seed, actions)
        episode = assert_played_as_told(game, with_jax=False)
        first, last = episode.states[0], episode.states[-1]
        seen["walked"] += int((first["agent_pos"] != last["agent_pos"]).any())
        seen["changed"] += int((first["object_state_map"] != last["object_state_map"]).any())
        seen["happened"] += int(any(state["events"].any() for state in episode.states))
        seen["terminated"] += int(last["terminated"].any())
        seen["redrawn"] += int(len(set(episode.trace("world_value"))) > 1)
    assert min(seen.values()) >= 3, seen


def random_book(random: np.random.Generator) -> Book:
    """A rule set with two world values in which most rules do something."""

    def cell() -> Cell:
        return CELLS[int(random.integers(len(CELLS)))]

    def row() -> Row:
        events = tuple(random.choice(EVENTS, size=int(random.integers(3)), replace=False).tolist())
        return cell(), bool(random.integers(2)), events, bool(random.random() < 0.1)

    rows: dict[tuple[str, Cell, bool, str | None], Rows] = {
        (name, at, held, world): ((2, row()), (1, None)) if random.random() < 0.3 else ((1, row()),)
        for name in RULE_NAMES
        for at in CELLS
        for held in (False, True)
        for world in WORLDS
    }
    passable = {key: bool(random.random() < 0.6) for key in KEYS}
    leave = {key: bool(random.random() < 0.9) for key in KEYS}
    tick = {at: ((1, cell()), (3, at)) for at in CELLS}
    drawn = {at: ((1, cell()), (1, at)) for at in CELLS[1:]} | {CELLS[0]: ()}
    draws = (Draw("shuffle", k=2), Draw("shuffle", on=(EVENTS[1],), at_most=2, apart=((0, 1),)))
    asks = {
        (name, kind): str(random.choice(COUNTS_OF[name])) if random.random() < 0.4 else None
        for name in COUNTS_OF
        for kind in range(2)
    }
    return Book(tick, passable, leave, rows, True, (EVENTS[0],), drawn, draws, asks)

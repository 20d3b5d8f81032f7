"""What the compiler finds, what it refuses and how it says so, and which worlds share what was compiled."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid import Agent, Chance, EnvConfig, GridObject, Item, Outcome, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.actions import CARDINAL
from cogrid.core.compiler import compile_rules
from cogrid.core.grid_object import listed_array
from cogrid.core.jax_step import start_state
from cogrid.core.layout import Layout
from cogrid.core.objects import Wall
from cogrid.core.reward import EventReward
from cogrid.core.rule_kinds import TICK
from cogrid.core.tables import Tables, WorldSettings, get_tables
from cogrid.errors import CoGridError, ConfigError, RuleError, StateError
from cogrid.tests.engines import needs_jax

pytestmark = pytest.mark.usefixtures("type_checks_off")

GEM = Item("gem")
COIN = Item("coin")
WOOD: Any = "wood"
NOTHING: Any = None
A_GEM: Any = GEM
NO_TUPLE: Any = "rang"
NO_NAMES: Any = (3,)


@dataclass(frozen=True)
class Lever(GridObject, symbol="L"):
    """Has two positions."""

    is_down: bool = False

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(Lever(not self.is_down), agent, events=("pulled",))


@dataclass(frozen=True)
class Stranger(GridObject, symbol="Z"):
    """Belongs to no rule set of this file."""


def one_object(rule: str, result: Callable[[Any, Agent], Any]) -> Rules:
    """Rules with one object `Thing(n)`, whose one rule gives what a function of it and the agent gives."""

    def method(self: Any, agent: Agent | None = None) -> Any:
        return result(self, agent or Agent())

    body = {"__annotations__": {"n": "int"}, "n": 0, rule: method, "__doc__": "Made for one test."}
    kind = dataclass(frozen=True)(type("Thing", (GridObject,), body))
    return Rules(name="test_compiler", objects=(kind,), items=(GEM,))


def make_tables(rules: Rules) -> Tables:
    """The tables of rules on a map of one cell."""
    return get_tables(
        WorldSettings(rules=rules, layout=Layout.read(["+"], rules), n_agents=1, action_set=CARDINAL, max_steps=None)
    )


def test_values_that_never_stop_growing_are_refused_by_class_and_field() -> None:
    rules = one_object("tick", lambda thing, agent: replace(thing, n=thing.n + 1))

    with pytest.raises(RuleError, match=r"Thing do not stop growing.*Thing\.tick.*field 'n'"):
        compile_rules(rules)


def test_agents_that_never_stop_growing_are_refused_by_class_and_field() -> None:
    @dataclass(frozen=True)
    class Miser(Agent):
        """Counts its coins."""

        coins: int = 0

    @dataclass(frozen=True)
    class Mint(GridObject, symbol="M"):
        """Gives a coin at each toggle."""

        def toggle(self, agent: Agent) -> Outcome:
            assert isinstance(agent, Miser)
            return Outcome(self, replace(agent, coins=agent.coins + 1))

    with pytest.raises(RuleError, match=r"Miser do not stop growing.*Mint\.toggle.*field 'coins'"):
        compile_rules(Rules(name="test_compiler", objects=(Mint,), agents=(Miser(),)))


@pytest.mark.parametrize(
    ("rule", "result", "message"),
    [
        ("toggle", lambda thing, agent: True, r"Thing\.toggle returned True: a rule returns an Outcome"),
        ("pickup_drop", lambda thing, agent: (thing, agent), r"Thing\.pickup_drop returned .*an Outcome, or None"),
        ("enter", lambda thing, agent: thing, r"Thing\.enter returned Thing\(n=0\): a rule returns an Outcome"),
        ("toggle", lambda thing, agent: Outcome(WOOD, agent), r"Thing\.toggle gave 'wood' for a cell"),
        ("toggle", lambda thing, agent: Outcome(thing, A_GEM), r"Thing\.toggle gave Item.*for an agent"),
        ("toggle", lambda thing, agent: Outcome(NOTHING, agent), r"Thing\.toggle gave None for a cell"),
        ("tick", lambda thing, agent: None, r"Thing\.tick gave None for a cell"),
        ("tick", lambda thing, agent: 3, r"Thing\.tick gave 3 for a cell"),
        (
            "toggle",
            lambda thing, agent: Outcome(thing, agent, events=NO_TUPLE),
            r"Thing\.toggle: events is a tuple of names",
        ),
        (
            "toggle",
            lambda thing, agent: Outcome(thing, agent, events=NO_NAMES),
            r"Thing\.toggle: events is a tuple of names",
        ),
        (
            "toggle",
            lambda thing, agent: Outcome(thing, agent, ends=WOOD),
            r"Thing\.toggle: ends is True or False, not 'wood'",
        ),
        ("passable", lambda thing, agent: "no", r"Thing\.passable returned 'no' for Thing\(n=0\): it is True or False"),
        ("passable", lambda thing, agent: None, r"Thing\.passable returned None"),
        ("passable", lambda thing, agent: 1 // thing.n, r"Thing\.passable failed for Thing\(n=0\).*ZeroDivisionError"),
        ("object_type", lambda thing, agent: 0.5, r"Thing\.object_type returned 0\.5 for Thing"),
        ("object_type", lambda thing, agent: "thign", r"'thign' is not among the items of .*, nor an object type"),
        ("examples", lambda thing, agent: 1 // 0, r"Thing\.examples failed: ZeroDivisionError"),
    ],
)
def test_a_rule_that_returns_what_is_no_value_is_refused_by_class_and_method(
    rule: str, result: Callable[[Any, Agent], Any], message: str
) -> None:
    with pytest.raises(RuleError, match=message):
        compile_rules(one_object(rule, result))


def test_a_field_that_is_not_hashable_is_refused_by_class_and_field() -> None:
    rules = one_object("toggle", lambda thing, agent: Outcome(replace(thing, n=[1]), agent))

    with pytest.raises(RuleError, match=r"Thing\.toggle gave a Thing whose field 'n' is \[1\].*hashable"):
        compile_rules(rules)


def test_an_object_that_the_rule_set_does_not_name_is_refused() -> None:
    rules = one_object("toggle", lambda thing, agent: Outcome(Stranger(), agent))

    with pytest.raises(RuleError, match=r"Thing\.toggle gave Stranger\(\).*not among the objects of rules"):
        compile_rules(rules)


def test_an_item_that_the_rule_set_does_not_name_is_refused() -> None:
    rules = one_object("pickup_drop", lambda thing, agent: Outcome(thing, agent.holding(COIN)))

    with pytest.raises(RuleError, match=r"Thing\.pickup_drop gave .*'coin'.*not among the items of rules"):
        compile_rules(rules)


def test_a_rule_that_raises_is_told_with_what_it_was_given() -> None:
    rules = one_object("toggle", lambda thing, agent: 1 // thing.n)

    with pytest.raises(RuleError, match=r"Thing\.toggle failed for Thing\(n=0\)\(Agent\(.*ZeroDivisionError") as caught:
        compile_rules(rules)

    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("rule", ["tick", "passable", "toggle", "object_type"])
def test_a_rule_that_is_not_a_function_of_its_arguments_is_named(rule: str) -> None:
    counter = itertools.count()
    answers: dict[str, Callable[[Any, Agent], Any]] = {
        "tick": lambda thing, agent: replace(thing, n=next(counter) % 7),
        "passable": lambda thing, agent: next(counter) % 2 == 0,
        "toggle": lambda thing, agent: Outcome(thing, agent, events=("rang",)) if next(counter) else None,
        "object_type": lambda thing, agent: ("thing", "gem", "wall")[next(counter) % 3],
    }

    with pytest.raises(RuleError, match=rf"Thing\.{rule} is not pure: for Thing\(.* it returned .* called again"):
        make_tables(one_object(rule, answers[rule]))


def test_a_rule_that_takes_other_arguments_is_told_which() -> None:
    class Gate(GridObject):
        """Cannot know who asks."""

        def tick(self, agent: Agent) -> Gate:  # type: ignore[override]
            return self

    with pytest.raises(RuleError, match=r"Gate\.tick failed for .*Write def tick\(self\)"):
        compile_rules(Rules(name="test_compiler", objects=(Gate,)))


@pytest.mark.parametrize(
    ("name", "answer", "message"),
    [
        ("object_state", lambda n: 0.5, r"Thing\.object_state returned 0\.5 for Thing\(n=0\): it returns an integer"),
        ("object_state", lambda n: "gme", r"Thing\.object_state returned 'gme'.*Did you mean 'gem'"),
        ("depth", lambda n: "gme", r"Thing\.depth returned 'gme'.*Did you mean 'gem'"),
        ("depth", lambda n: (1, 0.5), r"Thing\.depth returned 0\.5"),
        ("depth", lambda n: (0,) * (n + 1), r"Thing\.depth is of the shape \(1,\) for .* and \(2,\) for .*None"),
        ("depth", lambda n: 1 // n, r"Thing\.depth failed for Thing\(n=0\)\(\): ZeroDivisionError"),
        ("agent_pos", lambda n: 1, r"declared as 'agent_pos', which every state has already"),
        ("replace", lambda n: 1, r"declared as 'replace', which every state has already"),
    ],
)
def test_what_an_object_shows_is_checked_by_class_and_method(
    name: str, answer: Callable[[int], Any], message: str
) -> None:
    def shown(self: Any) -> Any:
        return answer(self.n)

    body = {"__annotations__": {"n": "int"}, "n": 0, "tick": lambda self: replace(self, n=1)}
    body[name] = shown if name == "object_state" else listed_array()(shown)
    kind = dataclass(frozen=True)(type("Thing", (GridObject,), {**body, "__doc__": "Made for one test."}))

    with pytest.raises(RuleError, match=message):
        make_tables(Rules(name="test_compiler", objects=(kind,), items=(GEM,)))


def test_a_number_of_the_world_value_is_read_by_single_states_and_by_batches() -> None:
    rules = Rules(name="test_compiler", world_values=(3, 4), world_arrays={"bid": lambda value: value})
    tables = make_tables(rules)

    assert start_state(np.zeros(2, dtype=np.uint32), tables).bid in (3, 4)
    assert start_state(np.zeros((5, 2), dtype=np.uint32), tables).bid.shape == (5,)


@pytest.mark.parametrize("read", [lambda value: value / 2, lambda value: 1 // (value - 3), lambda value: (0,) * value])
def test_a_world_array_of_anything_but_integers_is_refused_by_name(read: Callable[[int], Any]) -> None:
    with pytest.raises(RuleError, match=r"world_arrays\['bid'\] of rules 'test_compiler'"):
        make_tables(Rules(name="test_compiler", world_values=(3, 4), world_arrays={"bid": read}))


def test_too_many_values_are_told_by_limit_and_by_what_each_field_takes() -> None:
    @dataclass(frozen=True)
    class Dial(GridObject, symbol="D"):
        """Two hands that turn by themselves, one of them slowly."""

        hour: int = 0
        minute: int = 0

        def tick(self) -> Dial:
            minute = (self.minute + 1) % 150
            return Dial((self.hour + (minute == 0)) % 150, minute)

    with pytest.raises(RuleError, match=r"up to 10,000 cell values.*Dials.*hour 67, minute 150\. Let"):
        compile_rules(Rules(name="test_compiler", objects=(Dial,)))


def test_a_rule_that_changes_its_object_is_told_what_to_do_instead() -> None:
    class Bell(GridObject, symbol="B"):
        def toggle(self, agent: Agent) -> None:
            self.is_rung = True

    with pytest.raises(RuleError, match=r"Bell\.toggle failed .* return replace\(self, is_rung=\.\.\.\)"):
        compile_rules(Rules(name="test_change", objects=(Bell,)))


def test_a_rule_that_forces_a_change_on_its_object_is_refused() -> None:
    @dataclasses.dataclass(frozen=True)
    class Counting(GridObject, symbol="B"):
        count: int = 0

        def tick(self) -> GridObject:
            object.__setattr__(self, "count", 3)
            return self

    with pytest.raises(RuleError, match=r"changed a Counting in place.*return replace\(self"):
        compile_rules(Rules(name="test_change", objects=(Counting,)))


def test_two_objects_with_one_character_are_refused_by_both_names() -> None:
    class Ladder(GridObject, symbol="L"):
        """Takes the lever's character."""

    with pytest.raises(RuleError, match=r"Lever and Ladder have the same symbol 'L'"):
        Rules(name="test_compiler", objects=(Lever, Ladder))


def test_an_item_with_the_character_of_an_object_is_refused_by_both_names() -> None:
    with pytest.raises(RuleError, match=r"Lever and lemon have the same symbol 'L'"):
        Rules(name="test_compiler", objects=(Lever,), items=(Item("lemon", symbol="L"),))


def test_two_objects_with_one_name_are_refused() -> None:
    class Rod(GridObject, name="lever", symbol="R"):
        """Takes the lever's name."""

    with pytest.raises(RuleError, match=r"Two object types of rules 'test_compiler' are called 'lever'"):
        Rules(name="test_compiler", objects=(Lever, Rod))


@pytest.mark.parametrize("symbol", ["+", "1", "9"])
def test_a_character_that_marks_a_start_is_refused_for_an_object(symbol: str) -> None:
    kind = type("Post", (GridObject,), {"__doc__": "Made for one test."}, symbol=symbol)

    with pytest.raises(RuleError, match=rf"Post: the symbol '{re.escape(symbol)}' marks where agents start"):
        Rules(name="test_compiler", objects=(kind,))


def test_a_character_is_one_character() -> None:
    with pytest.raises(RuleError, match=r"Gate: symbol is one character, or None, not 'GG'"):
        type("Gate", (GridObject,), {}, symbol="GG")


def test_a_class_with_fields_that_is_no_dataclass_is_refused() -> None:
    class Bucket(GridObject, symbol="K"):
        """Lacks its decorator."""

        level: int = 0

    with pytest.raises(RuleError, match=r"Bucket has fields \(level\) but is not a dataclass.*@dataclass\("):
        Rules(name="test_compiler", objects=(Bucket,))


def test_a_drawn_object_whose_field_has_no_default_is_refused() -> None:
    @dataclass(frozen=True)
    class Bottle(GridObject, symbol="K"):
        """Cannot be made by a drawing."""

        level: int

    with pytest.raises(RuleError, match=r"Bottle has the symbol 'K'.*field 'level' a default"):
        Rules(name="test_compiler", objects=(Bottle,))


@pytest.mark.parametrize("thing", [3, "lever", int])
def test_what_is_no_object_or_class_of_objects_is_refused(thing: Any) -> None:
    with pytest.raises(RuleError, match=r"Rules are made of GridObject classes, or values of them, and .* is neither"):
        Rules(name="test_compiler", objects=(thing,))


def test_an_event_that_no_rule_reports_is_refused_in_redraw_on() -> None:
    rules = Rules(name="test_compiler", objects=(Lever,), world_values=(1, 2), redraw_on=("puled",))

    with pytest.raises(RuleError, match=r"redraw_on names the event 'puled'.*Did you mean 'pulled'\?"):
        compile_rules(rules)


def test_an_event_that_no_rule_reports_is_refused_in_guards() -> None:
    rules = Rules(name="test_compiler", objects=(Lever,), guards={"pushed": lambda state, agent_idx: True})

    with pytest.raises(RuleError, match=r"guards names the event 'pushed', which no rule reports"):
        compile_rules(rules)


def test_an_event_that_no_rule_reports_is_refused_in_a_reward() -> None:
    rules = Rules(name="test_compiler", objects=(Lever,))

    with pytest.raises(ConfigError, match=r"pays for the event 'pulls'\. No rule .* reports .*'pulled'"):
        CoGridEnv(
            EnvConfig(
                rules=rules, layout=["+L"], num_agents=1, features=("inventory",), rewards=(EventReward(event="pulls"),)
            )
        )


def test_every_refusal_is_an_error_of_this_library_and_a_value_error() -> None:
    with pytest.raises(CoGridError) as caught:
        compile_rules(one_object("tick", lambda thing, agent: None))

    assert isinstance(caught.value, ValueError)


def test_the_compiler_finds_every_value_that_rules_reach_and_no_other() -> None:
    rules = one_object("tick", lambda thing, agent: replace(thing, n=min(thing.n + 1, 4)))

    compiled = compile_rules(rules)

    things = [value for value in compiled.cell_values if type(value).__name__ == "Thing"]
    assert [value.n for value in things] == [0, 1, 2, 3, 4]  # type: ignore[attr-defined]
    assert {agent.held for agent in compiled.agent_values} == {None, GEM}
    assert compiled.cell_values[0] == rules.fresh["floor"]
    for (*_, before), ((after,),) in compiled.rows[TICK].items():
        assert compiled.cell_values[after] == compiled.cell_values[before].tick()


def test_declared_examples_are_compiled_although_no_play_leads_there() -> None:
    @dataclass(frozen=True)
    class Safe(GridObject, symbol="S"):
        """Never opens by itself."""

        is_open: bool = False

        def examples(self) -> tuple[Safe, ...]:
            return (replace(self, is_open=True),)

    assert Safe(is_open=True) in compile_rules(Rules(name="test_compiler", objects=(Safe,))).cell_values


def test_worlds_of_equal_settings_share_their_tables_whatever_they_observe_or_pay() -> None:
    one = cogrid.make("Overcooked-CrampedRoom-V0")
    same = cogrid.make("Overcooked-CrampedRoom-V0", features=["agent_position"], rewards=[])

    assert one.tables is same.tables


@pytest.mark.parametrize(
    "override", [{"num_agents": 3}, {"max_steps": 7}, {"action_set": "rotation"}, {"layout": "CounterCircuit"}]
)
def test_worlds_of_other_settings_have_other_tables(override: dict[str, Any]) -> None:
    one = cogrid.make("Overcooked-CrampedRoom-V0")

    assert cogrid.make("Overcooked-CrampedRoom-V0", **override).tables is not one.tables


@needs_jax
def test_two_environments_of_one_id_share_their_jitted_functions_and_tree_structure() -> None:
    import jax

    one, same = (cogrid.make("Overcooked-CrampedRoom-V0", backend="jax") for _ in range(2))
    key = np.array([0, 1], dtype=np.uint32)

    assert one.tables is same.tables
    assert one.jax_step is same.jax_step
    assert one.jax_reset is same.jax_reset
    assert one.jax_step is one.jax_step
    structures = [jax.tree.structure(env.jax_reset(key)[0]) for env in (one, same)]
    assert structures[0] == structures[1]


@needs_jax
def test_environments_of_both_backends_share_their_tables() -> None:
    on_numpy = cogrid.make("Overcooked-CoordinationRing-V0")
    on_jax = cogrid.make("Overcooked-CoordinationRing-V0", backend="jax")

    assert on_numpy.tables is on_jax.tables


def test_a_rule_set_is_compiled_once_for_all_its_layouts() -> None:
    one = cogrid.make("Overcooked-CrampedRoom-V0").tables
    other = cogrid.make("Overcooked-CounterCircuit-V0").tables

    assert one.rules.compiled is other.rules.compiled
    assert dataclasses.is_dataclass(one.rules.compiled)


@dataclass(frozen=True)
class Oven(GridObject, symbol="V"):
    """Heats up to what its rule set chooses."""

    degrees: int = 0
    hottest: int = dataclasses.field(kw_only=True, repr=False)

    def tick(self) -> Oven:
        return replace(self, degrees=min(self.degrees + 1, self.hottest))

    def examples(self) -> tuple[Oven, ...]:
        return (replace(self, degrees=-self.hottest),)


@dataclass(frozen=True)
class Stack(GridObject):
    """Hands out one item, three of it."""

    item: Item
    left: int = 3

    def object_type(self) -> str:
        return f"{self.item.name}_stack"

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        if agent.held or not self.left:
            return None
        return Outcome(replace(self, left=self.left - 1), agent.holding(self.item))

    @listed_array()
    def stack_left(self) -> int:
        return self.left


def test_a_listed_value_is_the_fresh_one_of_its_class() -> None:
    rules = Rules(name="test_compiler", objects=(Oven(hottest=2),))

    compiled = compile_rules(rules)

    ovens = [value for value in compiled.cell_values if isinstance(value, Oven)]
    assert [oven.degrees for oven in ovens] == [0, -2, 1, -1, 2]
    assert {oven.hottest for oven in ovens} == {2}
    assert Layout.read(["+V"], rules).objects[1] == Oven(hottest=2) == rules.fresh["oven"]
    assert rules != Rules(name="test_compiler", objects=(Oven(hottest=3),))


def test_a_drawn_class_that_needs_a_value_is_refused_unless_a_value_is_listed() -> None:
    with pytest.raises(RuleError, match=r"Oven has the symbol 'V'.*objects=\(Oven\(hottest=\.\.\.\), \.\.\.\)"):
        Rules(name="test_compiler", objects=(Oven,))


def test_values_of_one_class_are_types_of_their_own_by_what_object_type_says() -> None:
    stacks = (Stack(GEM), Stack(COIN))
    rules = Rules(name="test_compiler", objects=stacks, items=(GEM, COIN), symbols={"g": stacks[0], "c": stacks[1]})
    env = CoGridEnv(EnvConfig(rules=rules, layout=["+gc"], num_agents=1, features=("object_planes",)))
    observations, _ = env.reset(seed=0)

    assert rules.type_names == ("floor", "wall", "gem_stack", "coin_stack", "gem", "coin")
    assert env.get_state().object_type_map.tolist() == [[0, 2, 3]]
    planes = dict(zip(env.observation_channels, np.moveaxis(observations["agent_0"], -1, 0), strict=True))
    assert planes["gem_stack"].tolist() == [[0, 1, 0]]
    assert planes["coin_stack"].tolist() == [[0, 0, 1]]
    state = env.state_from_arrays(stack_left=np.array([2, 0]))
    values = [env.tables.rules.compiled.cell_values[idx] for idx in state.cells]
    assert values[1:] == [Stack(GEM, left=2), Stack(COIN, left=0)]
    with pytest.raises(StateError, match=r"holds Stack.*, which never turns into a coin_stack"):
        env.state_from_arrays(object_type_map=np.array([[0, 3, 3]]))


@pytest.mark.parametrize("entries", [(Oven(hottest=1), Oven(hottest=2)), (Lever, Lever()), (Lever, Lever)])
def test_two_entries_of_one_class_and_one_type_are_refused(entries: tuple[Any, ...]) -> None:
    with pytest.raises(RuleError, match=r"called '(oven|lever)'; (Oven|Lever) is listed 2 times.*object_type"):
        Rules(name="test_compiler", objects=entries)


class _Sapling(GridObject, symbol="s"):
    """Is written wrongly."""


@dataclass(frozen=True)
class _Frozen(GridObject, symbol="f"):
    """Tries to change."""

    n: int = 0

    def tick(self) -> GridObject:
        self.n = 1  # pyright: ignore[reportAttributeAccessIssue]
        return self


def _outcome_of(cell: Any) -> Callable[[Any, Agent], Outcome]:
    return lambda thing, agent: Outcome(cell, agent)


@pytest.mark.parametrize(
    ("rule", "answer", "message"),
    [
        ("toggle", _outcome_of(None), r"Thing\.toggle gave None for a cell.*cogrid\.Floor\(\)"),
        ("toggle", _outcome_of(Wall), r"Write a value, Wall\(\)"),
        ("tick", lambda thing, agent: Outcome(thing, Agent(), ("grew",)), r"Thing\.tick gave Outcome.*without events"),
        ("toggle", lambda thing, agent: Outcome(thing, replace(agent, pos=(1, 1))), "Rules do not place agents"),
        ("toggle", lambda thing, agent: Chance((thing, 1)), r"weight comes first: \(weight, result\)"),
    ],
)
def test_what_is_easily_mistaken_has_its_remedy(rule: str, answer: Any, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        make_tables(one_object(rule, answer))


def test_a_class_in_place_of_a_value_and_a_change_in_place_have_their_remedies() -> None:
    with pytest.raises(RuleError, match=r"agents is.*Write Agent\(\), a value"):
        Rules(name="test_compiler", agents=(Agent,))  # pyright: ignore[reportArgumentType]
    with pytest.raises(RuleError, match=r"symbols is.*Write _Sapling\(\), a value"):
        Rules(name="test_compiler", objects=(_Sapling,), symbols={"x": _Sapling})  # pyright: ignore[reportArgumentType]
    with pytest.raises(RuleError, match=r"_Frozen\.tick failed.*replace\(self, "):
        compile_rules(Rules(name="test_compiler", objects=(_Frozen,)))

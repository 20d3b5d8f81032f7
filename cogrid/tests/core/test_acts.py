"""Acts of a rule set's own: action lists, what an act falls on, what agents do by themselves, and what they refuse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from cogrid import (
    ACTORS,
    AROUND,
    FACED,
    ITSELF,
    OWN,
    Act,
    Agent,
    Beam,
    Changed,
    CoGridEnv,
    ConfigError,
    Count,
    EnvConfig,
    EventReward,
    GridObject,
    IntentReward,
    Item,
    Meeting,
    Outcome,
    RuleError,
    Rules,
)
from cogrid.tests.engines import Episode, play_everywhere
from cogrid.tests.plain_engine import PlainEngine


@dataclass(frozen=True)
class Crier(Agent):
    """Calls out, and cannot go on until it has got its breath back."""

    said: str = ""
    tired: int = 0

    def say_red(self) -> Agent:
        return replace(self, said="red", tired=2)

    def tick(self) -> Agent | Changed:
        if self.tired == 0:
            return self
        rested = replace(self, tired=self.tired - 1)
        return Changed(rested, events=("rested",)) if rested.tired == 0 else rested

    def takes(self, action: str) -> bool:
        return action != "Forward" or self.tired == 0


@dataclass(frozen=True)
class Mat(GridObject, symbol="M"):
    """Can be wiped by who stands on it, and beaten by who stands in front of it."""

    wiped: int = 0

    def passable(self) -> bool:
        return True

    def wipe(self, agent: Agent) -> Outcome:
        return Outcome(replace(self, wiped=(self.wiped + 1) % 3), agent, events=("wiped",))

    def object_state(self) -> int:
        return self.wiped


ACTIONS = ("Noop", "Forward", "Backward", "StepLeft", "StepRight", "RotateLeft", "RotateRight")
CRIERS = Rules(
    name="test_criers",
    objects=(Mat,),
    agents=(Crier(),),
    actions=(*ACTIONS, Act("Wipe", reach=OWN), Act("Beat", calls="wipe"), Act("SayRed", reach=ITSELF)),
    start_direction=0,
)
ROOM = ("#######", "#     #", "# 1MM #", "#     #", "#######")


def config(rules: Rules = CRIERS, **settings: Any) -> EnvConfig:
    return EnvConfig(**({"rules": rules, "layout": ROOM, "num_agents": 1, "features": ("agent_position",)} | settings))


def play(*actions: str, rules: Rules = CRIERS, **settings: Any) -> tuple[Episode, CoGridEnv]:
    """One agent alone, on the two NumPy engines."""
    world = config(rules, **settings)
    return play_everywhere(world, [(action,) for action in actions], with_jax=False), CoGridEnv(world)


@pytest.mark.parametrize(
    ("action", "pos"), [("Forward", [2, 3]), ("Backward", [2, 1]), ("StepLeft", [1, 2]), ("StepRight", [3, 2])]
)
def test_an_agent_goes_where_it_looks_or_aside_or_back_without_turning(action: str, pos: list[int]) -> None:
    episode, _ = play(action)

    assert episode.trace("agent_pos")[-1] == [pos]
    assert episode.trace("agent_dir")[-1] == [0]


def test_going_aside_depends_on_where_the_agent_looks() -> None:
    episode, _ = play("RotateRight", "StepLeft", "StepLeft", "RotateLeft", "RotateLeft", "Backward")

    assert episode.trace("agent_pos")[1:] == [[[2, 2]], [[2, 3]], [[2, 4]], [[2, 4]], [[2, 4]], [[3, 4]]]


def test_an_act_falls_on_the_own_cell_or_on_the_faced_one() -> None:
    episode, _ = play("Forward", "Wipe", "Beat", "Beat")

    assert episode.cell(2, 3) == [0, 0, 1, 1, 1]
    assert episode.cell(2, 4) == [0, 0, 0, 1, 2]


def test_an_act_on_the_own_cell_is_not_hindered_by_who_stands_there_and_one_on_the_faced_cell_is() -> None:
    mats = config(layout=("####", "#MM#", "####"), num_agents=2)
    start = {"agent_pos": np.array([[1, 1], [1, 2]]), "agent_dir": np.array([0, 0])}
    episode = play_everywhere(mats, [("Beat", "Wipe")], start=start, with_jax=False)

    assert episode.states[-1]["object_state_map"][1].tolist() == [0, 0, 1, 0]


def test_an_act_on_itself_changes_the_agent_and_nothing_else() -> None:
    episode, env = play("SayRed")

    before, after = episode.states
    np.testing.assert_array_equal(before["object_state_map"], after["object_state_map"])
    assert env.tables.rules.compiled.agent_values[1] == Crier(said="red", tired=2)
    assert after["agent_tired"].tolist() == [2]


def test_agents_change_by_themselves_in_the_stage_of_ticks() -> None:
    episode, env = play("SayRed", "Noop", "Noop", "Noop")

    assert episode.trace("agent_tired") == [[0], [2], [1], [0], [0]]
    assert episode.happened(env) == [[set()], [set()], [{"rested"}], [set()]]


def test_an_action_that_an_agent_does_not_take_is_a_noop() -> None:
    episode, _ = play("SayRed", "Forward", "Forward", "Forward")

    assert episode.trace("agent_pos") == [[[2, 2]], [[2, 2]], [[2, 2]], [[2, 2]], [[2, 3]]]


def test_a_state_tells_which_actions_each_agent_takes() -> None:
    env = CoGridEnv(config())
    env.reset(seed=0)
    env.step({"agent_0": CRIERS.choose_action_set(None).index("SayRed")})

    forward = env.tables.action_set.index("Forward")
    assert np.flatnonzero(~env.get_state().action_mask[0]).tolist() == [forward]


def test_where_all_actions_are_taken_the_mask_says_so() -> None:
    env = CoGridEnv(EnvConfig(rules=Rules(name="test_plain"), layout=ROOM_WITHOUT_MATS, num_agents=1))
    env.reset(seed=0)

    assert env.tables.rules.takes is None
    assert env.get_state().action_mask.tolist() == [[True] * 7]


ROOM_WITHOUT_MATS = ("####", "#+ #", "####")


@dataclass(frozen=True)
class Candle(Agent):
    """Burns down."""

    left: int = 2

    def tick(self) -> Agent | Changed:
        return replace(self, left=self.left - 1) if self.left > 1 else Changed(self, events=("out",), ends=True)


def test_an_agent_may_end_its_own_episode_and_no_longer_ticks_then() -> None:
    rules = Rules(name="test_candles", agents=(Candle(left=3), Candle(left=1)))
    world = config(rules, layout=("####", "#12#", "####"), num_agents=2, rewards=[EventReward(event="out")])
    episode = play_everywhere(world, [("Noop", "Noop")] * 4, with_jax=False)

    assert episode.trace("terminated") == [[False, False], [False, True], [False, True], [True, True]]
    assert [paid.tolist() for paid in episode.rewards] == [[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]]


@dataclass(frozen=True, kw_only=True)
class Forwards(IntentReward):
    """For facing a mat with the action Forward in mind."""

    action = "Beat"

    def earns(self, agent: Agent, cell: GridObject) -> bool:
        return isinstance(cell, Mat)


def test_an_attempt_of_an_act_is_paid_by_the_faced_cell() -> None:
    episode, _ = play("Beat", "Wipe", "Beat", rewards=[Forwards()])

    assert [paid.tolist() for paid in episode.rewards] == [[1.0], [0.0], [1.0]]


def test_a_game_with_acts_is_played_from_its_arrays_alone() -> None:
    env = CoGridEnv(config(rewards=[EventReward(event="wiped"), EventReward(event="rested", coefficient=0.5)]))
    engine = PlainEngine(*env.game.to_arrays())
    env.reset(seed=5)
    engine.reset((0, 5))
    rng = np.random.default_rng(0)
    for _ in range(80):
        action = int(rng.integers(10))
        paid = env.step({"agent_0": action})[1]
        assert engine.step([action]) == [paid["agent_0"]]
        state = env.get_state()
        assert (engine.cells, engine.agent_cell) == (state.cells.tolist(), state.agent_cell.tolist())
        assert (engine.agent_value, engine.events) == (state.agent_value.tolist(), state.events.tolist())
    assert env.game.to_arrays()[0]["needs"] == ["goes", "takes", "acts_here", "agent_tick"]


def test_a_rule_set_that_lists_its_actions_chooses_the_action_set() -> None:
    env = CoGridEnv(config())

    assert env.action_set == "test_criers"
    assert env.tables.action_set.names == (*ACTIONS, "Wipe", "Beat", "SayRed")
    assert env.action_space("agent_0").n == 10
    with pytest.raises(ConfigError, match=r"'test_criers' list their own actions.*action_set is left out.*'rotation'"):
        config(action_set="rotation")


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        (("MoveUp",), r"there is no 'Noop'.*add it"),
        (("Noop", "Fly"), r"no action 'Fly'.*Act\('Fly'\)"),
        (("Noop", "Forwards"), r"no action 'Forwards'.*Did you mean 'Forward'"),
        (("Noop", "Noop"), r"'Noop' is listed 2 times"),
        (("Noop", Act("Toggle")), r"'Toggle' is an action of the library"),
        (("Noop", Act("A", calls="x"), Act("B", calls="x", reach=ITSELF)), r"call 'x'.*let them call different"),
        ("Noop", r"actions is a tuple of names of actions, and Acts"),
    ],
)
def test_a_list_of_actions_that_is_none_is_refused(actions: Any, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        Rules(name="test_bad_acts", actions=actions)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Act("Load it"), r"name of an Act is a text like 'Water'"),
        (
            lambda: Act("Load", reach="around"),  # type: ignore[arg-type]
            r"'Load': reach is FACED, OWN, ITSELF, AROUND or a Beam, not 'around'",
        ),
        (lambda: Act("Enter"), r"'Enter' calls 'enter', a method that means something else.*calls=\.\.\."),
        (lambda: Act("Load", calls="object_type"), r"calls 'object_type'"),
        (lambda: Act("Load", calls="two words"), r"calls is the name of a method"),
        (lambda: Beam(0), r"length of a Beam is a number of cells, 1 to 64, not 0"),
        (lambda: Beam(3, width=2), r"width of a Beam is 1, 3 or 5 lines, not 2"),
    ],
)
def test_an_act_that_cannot_be_is_refused(make: Any, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        make()


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (Act("Wype"), r"no object and no agent answers the act 'Wype': write def wype\(self, agent\).*'wipe'"),
        (Act("Sing", reach=ITSELF), r"no agent answers the act 'Sing': write def sing\(self\)"),
        (
            Act("Wipe", reach=ITSELF),
            r"no agent answers the act 'Wipe': Mat has 'wipe', and reach=ITSELF calls the acting",
        ),
        (Act("SayRed", reach=FACED), r"Crier\.say_red failed .*Write def say_red\(self, agent\)"),
    ],
)
def test_an_act_that_nothing_answers_is_refused_by_name(act: Act, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        CoGridEnv(config(replace(CRIERS, actions=("Noop", act))))


def test_an_agent_that_does_not_take_noop_or_does_not_say_is_refused() -> None:
    @dataclass(frozen=True)
    class Restless(Agent):
        def takes(self, action: str) -> bool:
            return action != "Noop"

    with pytest.raises(RuleError, match=r"Restless\.takes returned False for .*'Noop'"):
        CoGridEnv(config(Rules(name="test_restless", agents=(Restless(),)), layout=ROOM_WITHOUT_MATS))

    @dataclass(frozen=True)
    class Vague(Agent):
        def takes(self, action: str) -> Any:
            return "perhaps"

    with pytest.raises(RuleError, match=r"Vague\.takes returned 'perhaps' for .*: it is True or False"):
        CoGridEnv(config(Rules(name="test_vague", agents=(Vague(),)), layout=ROOM_WITHOUT_MATS))


@pytest.mark.parametrize("given", ["a puddle", None])
def test_what_an_agent_becomes_by_itself_is_an_agent(given: Any) -> None:
    @dataclass(frozen=True)
    class Melting(Agent):
        def tick(self) -> Any:
            return given

    with pytest.raises(RuleError, match=rf"Melting\.tick gave {given!r} for an agent"):
        CoGridEnv(config(Rules(name="test_melting", agents=(Melting(),)), layout=ROOM_WITHOUT_MATS))


def test_the_number_of_an_agent_that_never_stops_growing_is_told_by_its_field() -> None:
    @dataclass(frozen=True)
    class Ageing(Agent):
        age: int = 0

        def tick(self) -> Agent:
            return replace(self, age=self.age + 1)

    with pytest.raises(RuleError, match=r"values of Ageing do not stop growing.*field 'age'"):
        CoGridEnv(config(Rules(name="test_ageing", agents=(Ageing(),)), layout=ROOM_WITHOUT_MATS))


def test_worlds_without_acts_of_their_own_need_nothing_more_of_an_engine() -> None:
    env = CoGridEnv(EnvConfig(rules=Rules(name="test_plain"), layout=ROOM_WITHOUT_MATS, num_agents=1))

    assert env.game.to_arrays()[0]["needs"] == []


@dataclass(frozen=True)
class Player(Agent):
    """Is tagged, hands things over, and is pushed out of the game by a shove."""

    tags: int = 0

    def tag(self, agent: Agent) -> Meeting:
        return Meeting(replace(self, tags=min(self.tags + 1, 3)), agent, events=("hit",), other_events=("was_hit",))

    def shove(self, agent: Agent) -> Meeting | None:
        return Meeting(self, agent, other_events=("out",), other_ends=True) if self.tags else None

    def pickup_drop(self, agent: Agent) -> Meeting | None:
        if self.held is None and agent.held == BALL:
            return Meeting(self.holding(BALL), agent.empty_handed(), events=("handed",))
        return None


BALL = Item("ball")


@dataclass(frozen=True)
class Post(GridObject, symbol="P"):
    """Counts how often it is tagged; stops beams."""

    tags: int = 0

    def tag(self, agent: Agent) -> Outcome | None:
        return Outcome(replace(self, tags=self.tags + 1), agent) if self.tags < 2 else None

    def object_state(self) -> int:
        return self.tags


class Glass(GridObject, symbol="G"):
    """Nobody gets through, and beams do."""

    def blocks_beam(self) -> bool:
        return False


class Fog(GridObject, symbol="F"):
    """Everybody gets through, and beams do not."""

    def passable(self) -> bool:
        return True

    def blocks_beam(self) -> bool:
        return True


def arena(*acts: Act, layout: tuple[str, ...], n_agents: int = 2, **settings: Any) -> EnvConfig:
    rules = Rules(
        name="test_arena",
        objects=(Post, Glass, Fog),
        items=(BALL,),
        agents=(Player(),),
        actions=("Noop", "Forward", "RotateLeft", "PickupDrop", *acts),
        start_direction=0,
        **settings,
    )
    return EnvConfig(rules=rules, layout=layout, num_agents=n_agents, features=("agent_position",))


def once(world: EnvConfig, *actions: str, **start: Any) -> Episode:
    """One step, on the two NumPy engines."""
    others = ["Noop"] * (world.num_agents - len(actions))
    return play_everywhere(world, [(*actions, *others)], start=start or None, with_jax=False)


def test_an_act_on_a_cell_with_an_agent_calls_that_agents_rule_and_both_change() -> None:
    world = arena(Act("Tag"), layout=("12",))
    episode = once(world, "Tag")

    assert episode.states[-1]["agent_tags"].tolist() == [0, 1]
    assert episode.happened(CoGridEnv(world)) == [[{"hit"}, {"was_hit"}]]


def test_an_agent_hands_over_what_it_holds() -> None:
    world = arena(Act("Tag"), layout=("12",))
    ball = world.rules.type_names.index("ball")
    episode = once(world, "PickupDrop", agent_inv=np.array([[ball], [-1]]))

    assert episode.states[-1]["agent_inv"].tolist() == [[-1], [ball]]


def test_an_agent_that_does_not_answer_shields_what_it_stands_on() -> None:
    world = arena(Act("Tag"), Act("Shove"), layout=("12",))

    assert once(world, "Shove").states[-1]["terminated"].tolist() == [False, False]


def test_who_has_terminated_answers_no_act_and_does_none() -> None:
    world = arena(Act("Tag"), Act("Shove"), layout=("12",))
    actions = [("Tag", "Noop"), ("Shove", "Noop"), ("Tag", "Noop")]
    episode = play_everywhere(world, actions, with_jax=False)

    assert episode.trace("terminated")[1:] == [[False, False], [False, True], [False, True]]
    assert episode.trace("agent_tags")[1:] == [[0, 1], [0, 1], [0, 1]]


def test_agents_act_in_index_order_and_each_sees_what_earlier_ones_did() -> None:
    world = arena(Act("Tag"), Act("Shove"), layout=("12",))
    start = {"agent_dir": np.array([0, 2]), "agent_tags": np.array([0, 1])}
    episode = once(world, "Shove", "Tag", **start)

    assert episode.states[-1]["terminated"].tolist() == [False, True]
    assert episode.states[-1]["agent_tags"].tolist() == [0, 1]


def test_an_act_around_falls_on_the_first_cell_that_answers_up_down_left_right() -> None:
    world = arena(Act("Tag", reach=AROUND), layout=(" P ", "P1P", " P "), n_agents=1)
    episode = play_everywhere(world, [("Tag",)] * 7, with_jax=False)

    maps = [state["object_state_map"] for state in episode.states]
    tags = [(int(shown[0, 1]), int(shown[2, 1]), int(shown[1, 0]), int(shown[1, 2])) for shown in maps]
    assert tags[1:] == [
        (1, 0, 0, 0),
        (2, 0, 0, 0),
        (2, 1, 0, 0),
        (2, 2, 0, 0),
        (2, 2, 1, 0),
        (2, 2, 2, 0),
        (2, 2, 2, 1),
    ]


def test_an_act_around_looks_past_the_edge_of_the_grid() -> None:
    episode = once(arena(Act("Tag", reach=AROUND), layout=("1P",), n_agents=1), "Tag")

    assert episode.cell(0, 1) == [0, 1]


@pytest.mark.parametrize(
    ("layout", "tags"),
    [
        ("1   P", 1),  # It goes on to what answers.
        ("1    P", 0),  # Four cells, and no more.
        ("1 # P", 0),  # A wall stops it.
        ("1 G P", 1),  # What nobody passes may let it through,
        ("1 F P", 0),  # and the other way round.
        ("1 2 P", 0),  # An agent stops it.
    ],
)
def test_a_beam_falls_on_the_first_thing_that_answers_or_stops_it(layout: str, tags: int) -> None:
    world = arena(Act("Tag", reach=Beam(4)), layout=(layout,), n_agents=2 if "2" in layout else 1)
    episode = once(world, "Tag")

    assert max(episode.cell(0, len(layout) - 1)) == tags


def test_an_agent_that_does_not_answer_stops_a_beam_too() -> None:
    world = arena(Act("Shove", reach=Beam(4)), Act("Tag"), layout=("1 2 3",), n_agents=3)
    episode = once(world, "Shove", agent_tags=np.array([0, 0, 1]))

    assert episode.states[-1]["terminated"].tolist() == [False, False, False]


def test_a_wide_beam_has_lines_beside_the_agent_each_with_a_hit_of_its_own() -> None:
    layout = ("P P  ", "#1 P ", "     ", "P    ")
    episode = once(arena(Act("Tag", reach=Beam(3, width=3)), layout=layout, n_agents=1), "Tag")

    after = episode.states[-1]["object_state_map"]
    assert [int(after[0, 2]), int(after[1, 3]), int(after[0, 0]), int(after[3, 0])] == [1, 1, 0, 0]


def test_a_wide_beam_turns_with_the_agent() -> None:
    layout = ("P P", " 1 ", "   ")
    up = {"agent_dir": np.array([3])}
    episode = once(arena(Act("Tag", reach=Beam(2, width=3)), layout=layout, n_agents=1), "Tag", **up)

    assert episode.states[-1]["object_state_map"][0].tolist() == [1, 0, 1]


def test_who_ends_its_own_episode_by_one_line_makes_no_use_of_the_next() -> None:
    class Mine(GridObject, symbol="M"):
        def prod(self, agent: Agent) -> Outcome:
            return Outcome(Post(), agent, ends=True)

    rules = Rules(
        name="test_mine", objects=(Mine, Post), actions=("Noop", Act("Prod", reach=Beam(2, width=3))), start_direction=0
    )
    world = EnvConfig(rules=rules, layout=("M ", "1M", "M "), num_agents=1, features=("agent_position",))
    names = [rules.type_names[kind] for kind in once(world, "Prod").states[-1]["object_type_map"].reshape(-1)]

    assert names == ["mine", "floor", "floor", "post", "mine", "floor"]


def test_an_episode_that_ends_before_the_movement_of_its_step_ends_where_it_is() -> None:
    world = arena(Act("Tag"), Act("Shove"), layout=("12   ",), stages=("interact", "move", "tick"))
    episode = once(world, "Shove", "Forward", agent_tags=np.array([0, 1]))

    assert episode.states[-1]["terminated"].tolist() == [False, True]
    assert episode.states[-1]["agent_pos"].tolist() == [[0, 0], [0, 1]]


def test_an_event_of_the_other_agent_cannot_be_guarded() -> None:
    guards = {"was_hit": lambda before, now, agent_idx: now.time > 0}

    with pytest.raises(RuleError, match=r"guards has the event 'was_hit'.*other_events.*name another event"):
        CoGridEnv(arena(Act("Tag"), layout=("12",), guards=guards))


@pytest.mark.parametrize(
    ("given", "message"),
    [("tag", r"Odd\.tag returned 'tag': a rule returns a Meeting"), (Outcome, r"returned .*Outcome.* a Meeting")],
)
def test_what_a_meeting_returns_is_a_meeting(given: Any, message: str) -> None:
    @dataclass(frozen=True)
    class Odd(Agent):
        def tag(self, agent: Agent) -> Any:
            return given

    with pytest.raises(RuleError, match=message):
        CoGridEnv(
            EnvConfig(rules=Rules(name="test_odd", agents=(Odd(),), actions=("Noop", Act("Tag"))), layout=("12",))
        )


def test_what_blocks_a_beam_says_yes_or_no() -> None:
    class Mist(GridObject, symbol="M"):
        def blocks_beam(self) -> Any:
            return 0.5

        def tag(self, agent: Agent) -> None:
            return None

    rules = Rules(name="test_mist", objects=(Mist,), actions=("Noop", Act("Tag", reach=Beam(2))))
    with pytest.raises(RuleError, match=r"Mist\.blocks_beam returned 0\.5 for .*Mist\(\): it is True or False"):
        CoGridEnv(EnvConfig(rules=rules, layout=("1M",), num_agents=1))


def test_a_table_that_is_too_large_is_told_by_its_axes() -> None:
    @dataclass(frozen=True)
    class Many(Agent):
        number: int = 0

        def tag(self, agent: Any) -> Meeting | None:
            return Meeting(self, agent) if self.number == agent.number == 0 else None

    acts = [Act(f"Tag{idx}", calls="tag") for idx in range(40)]
    rules = Rules(
        name="test_many", agents=tuple(Many(number=idx) for idx in range(700)), actions=("Noop", *acts), items=()
    )
    with pytest.raises(RuleError, match=r"table of meetings.*43 acts x 1 world values x 700 agent values x 700 values"):
        CoGridEnv(EnvConfig(rules=rules, layout=("1",), num_agents=1))


@dataclass(frozen=True)
class Shy(Agent):
    """Shakes hands by day only."""

    shaken: bool = False

    def shake(self, agent: Agent, world_value: str) -> Meeting | None:
        return Meeting(Shy(shaken=True), agent, events=("met",)) if world_value == "day" else None


class Bell(GridObject, symbol="B"):
    """Rings at night only."""

    def shake(self, agent: Agent, world_value: str) -> Outcome | None:
        return Outcome(self, agent, events=("rung",)) if world_value == "night" else None


def test_what_answers_an_act_may_ask_for_the_world_value() -> None:
    rules = Rules(
        name="test_shy",
        objects=(Bell,),
        agents=(Shy(),),
        actions=("Noop", Act("Shake", reach=AROUND)),
        world_values=("day", "night"),
        redraw_on=("met", "rung"),
    )
    world = EnvConfig(rules=rules, layout=(" 2 ", "B1 "), num_agents=2, features=("agent_position",))
    env = CoGridEnv(world)
    told = set()
    for seed in range(3):
        episode = play_everywhere(world, [("Shake", "Noop")] * 6, seed=seed, with_jax=False)
        is_day = [int(state["world_value"]) == 0 for state in episode.states]
        happened = [events[0] for events in episode.happened(env)]
        assert happened == [{"met"} if day else {"rung"} for day in is_day[:-1]]
        told |= set().union(*happened)
    assert told == {"met", "rung"}


@pytest.mark.parametrize(("reach", "layout"), [(AROUND, ("#C#", "#1#", "#P#")), (Beam(3), ("1CP",))])
def test_a_rule_that_asks_for_a_count_answers_whatever_the_count_is(reach: Any, layout: tuple[str, ...]) -> None:
    class Crate(GridObject, symbol="C"):
        def tag(self, agent: Agent, *, n_together: int) -> Outcome | None:
            return Outcome(self, agent, events=("moved",)) if n_together >= 2 else None

    rules = Rules(
        name="test_crates",
        objects=(Crate, Post),
        counts=(Count("n_together", of=lambda agent: 1, over=ACTORS, cap=2),),
        actions=("Noop", Act("Tag", reach=reach)),
        start_direction=0,
    )
    world = EnvConfig(rules=rules, layout=layout, num_agents=1, features=("agent_position",))
    episode = once(world, "Tag")

    assert episode.happened(CoGridEnv(world)) == [[set()]]
    np.testing.assert_array_equal(episode.states[0]["object_state_map"], episode.states[1]["object_state_map"])

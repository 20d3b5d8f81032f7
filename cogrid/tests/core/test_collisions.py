"""The rules for collisions: worked out by hand, as properties, and alike on every engine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogrid import Agent, EnvConfig, GridObject, Outcome, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.collisions import COLLISION_RULES, all_stay, chains, colliders_stay, contenders_stay
from cogrid.core.compiler import compile_rules
from cogrid.core.reward import EventReward
from cogrid.errors import RuleError
from cogrid.integer.collisions import SETTLE
from cogrid.tests.engines import first_of, play_everywhere
from cogrid.tests.plain_engine import follow_in_chains

WIDTH = 4
N_CELLS = 16

HAND_MADE = {
    "free ways": ([0, 5], [1, 6], [1, 6], [1, 6], [1, 6], [1, 6]),
    "one cell": ([0, 2], [1, 1], [0, 2], [0, 2], [0, 2], [1, 2]),
    "into one that stays": ([0, 1], [1, 1], [0, 1], [0, 1], [0, 1], [0, 1]),
    "following": ([0, 1], [1, 2], [1, 2], [1, 2], [1, 2], [1, 2]),
    "swap": ([0, 1], [1, 0], [0, 1], [0, 1], [1, 0], [0, 1]),
    "a ring of four goes round": ([0, 1, 5, 4], [1, 5, 4, 0], [1, 5, 4, 0], [1, 5, 4, 0], [1, 5, 4, 0], [1, 5, 4, 0]),
    "a ring lets nobody in": ([2, 0, 1, 5, 4], [1, 1, 5, 4, 0], *[[2, 0, 1, 5, 4]] * 3, [2, 1, 5, 4, 0]),
    "a third one walks free": ([0, 2, 8], [1, 1, 9], [0, 2, 8], [0, 2, 9], [0, 2, 9], [1, 2, 9]),
    "the queue behind a collision": ([0, 1, 3], [1, 2, 2], [0, 1, 3], [0, 1, 3], [0, 1, 3], [1, 2, 3]),
    "the longer queue goes": ([2, 0, 4, 8], [1, 1, 0, 4], *[[2, 0, 4, 8]] * 3, [2, 1, 0, 4]),
    "the queue behind a swap": ([0, 1, 2], [1, 2, 1], [0, 1, 2], [0, 1, 2], [0, 1, 2], [0, 1, 2]),
    "a swap beside a queue": ([0, 1, 4], [1, 0, 5], [0, 1, 4], [0, 1, 5], [1, 0, 5], [0, 1, 5]),
}
"""Cells, wanted cells, and where everybody is afterwards under each of the rules that leave nothing to chance."""

CERTAIN = {
    "all_stay": all_stay,
    "colliders_stay": colliders_stay,
    "contenders_stay": contenders_stay,
    "chains": chains,
}
"""These rules, in the order of the columns."""


@pytest.mark.parametrize("case", HAND_MADE)
def test_collisions_settle_as_worked_out_by_hand(case: str) -> None:
    pos, target, *afterwards = HAND_MADE[case]
    for (name, settle), after in zip(CERTAIN.items(), afterwards, strict=True):
        assert settle(np.array(pos), np.array(target)).tolist() == after
        assert settle_integers(name, pos, target) == after


def settle_integers(rule: str, pos: list[int], target: list[int], time: int = 0) -> list[int]:
    """Where everybody is afterwards, by the rule's form on plain integers."""
    place = list(pos)
    SETTLE[rule](place, target, 0, 9, time)
    return place


@st.composite
def moves(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Agents in distinct cells of a 4 x 4 grid, each wanting its own cell or one beside it."""
    pos = draw(st.lists(st.integers(0, N_CELLS - 1), min_size=1, max_size=10, unique=True))
    target = []
    for cell in pos:
        row, column = divmod(cell, WIDTH)
        beside = [(row, column), (row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
        target.append(draw(st.sampled_from([r * WIDTH + c for r, c in beside if 0 <= r < WIDTH and 0 <= c < WIDTH])))
    return pos, target


@given(moves(), st.integers(0, 100))
@pytest.mark.parametrize("rule", COLLISION_RULES)
def test_arrays_and_integers_agree_and_nobody_shares_a_cell_or_swaps_unless_the_rule_lets_them(
    rule: str, case: tuple[list[int], list[int]], time: int
) -> None:
    pos, target = case
    place = settle_integers(rule, pos, target, time)
    keys, times = np.array([[0, 9]] * 2, dtype=np.uint32), np.array([time] * 2, dtype=np.int32)
    arrays = (np.array([column] * 2, dtype=np.int32) for column in (pos, target))
    assert COLLISION_RULES[rule].settle(*arrays, keys, times).tolist() == [place, place]
    assert len(set(place)) == len(place)
    assert all(after in (before, wanted) for before, wanted, after in zip(pos, target, place, strict=True))
    swapped = [
        (one, other)
        for one in range(len(pos))
        for other in range(one)
        if place[one] == pos[other] and place[other] == pos[one]
    ]
    assert rule == "contenders_stay" or not swapped


@given(moves())
def test_chains_go_as_a_search_for_the_longest_one_says(case: tuple[list[int], list[int]]) -> None:
    assert settle_integers("chains", *case) == follow_in_chains(*case)


@given(moves())
@pytest.mark.parametrize("rule", ["colliders_stay", "contenders_stay", "chains"])
def test_who_collides_with_nobody_goes_where_only_colliders_stay(rule: str, case: tuple[list[int], list[int]]) -> None:
    pos, target = case
    place = settle_integers(rule, pos, target)
    for idx, wanted in enumerate(target):
        others = [cell for other in range(len(pos)) if other != idx for cell in (pos[other], target[other])]
        if wanted not in others:
            assert place[idx] == wanted


@pytest.mark.parametrize("rule", first_of(COLLISION_RULES))
def test_every_engine_settles_collisions_alike(rule: str, with_jax: bool) -> None:
    config = EnvConfig(
        rules=Rules(name="test_collisions", collisions=rule),
        layout=["######", "#++++#", "#+   #", "######"],
        num_agents=5,
        features=["agent_position"],
    )
    actions = np.random.default_rng(5).integers(0, 4, size=(60, 5)).tolist()
    episode = play_everywhere(config, actions, with_jax=with_jax)
    places = [{tuple(cell) for cell in cells} for cells in episode.trace("agent_pos")]
    assert all(len(cells) == 5 for cells in places)
    assert len({frozenset(cells) for cells in places}) > 1


PEN = ["######", "#1 2 #", "#3   #", "######"]
"""Agent 1 faces agent 0 two cells away; agent 2 is out of their way."""

MEETINGS = {
    "one cell": ({}, ("MoveRight", "MoveLeft", "MoveRight")),
    "into one that stays": ({"agent_pos": [(1, 1), (1, 2), (2, 1)]}, ("MoveRight", "Noop", "MoveRight")),
    "swap": ({"agent_pos": [(1, 1), (1, 2), (2, 1)]}, ("MoveRight", "MoveLeft", "MoveRight")),
    "following": ({"agent_pos": [(1, 1), (1, 2), (2, 1)]}, ("MoveRight", "MoveRight", "Noop")),
    "walls": ({}, ("MoveUp", "Noop", "MoveLeft")),
    "free ways": ({}, ("MoveRight", "MoveRight", "MoveRight")),
}
"""Where agents stand, other than on their marks, and what they do."""

NOBODY = set[int]()

COLLISIONS = {
    "one cell": {"all_stay": {0, 1, 2}, "colliders_stay": {0, 1}, "contenders_stay": {0, 1}, "chains": {1}},
    "into one that stays": {"all_stay": {0, 2}, "colliders_stay": {0}, "contenders_stay": {0}, "chains": {0}},
    "swap": {
        "in_turn": {0, 1},
        "all_stay": {0, 1, 2},
        "colliders_stay": {0, 1},
        "contenders_stay": NOBODY,
        "chains": {0, 1},
    },
    "walls": dict.fromkeys(COLLISION_RULES, NOBODY),
    "free ways": dict.fromkeys(COLLISION_RULES, NOBODY),
    "following": dict.fromkeys(CERTAIN, NOBODY),
}
"""Who is held back by another agent under each rule that leaves nothing to chance."""


@pytest.mark.parametrize("meeting", MEETINGS)
@pytest.mark.parametrize("rule", first_of(COLLISION_RULES, n_short=2))
def test_who_is_held_back_by_another_agent_has_the_event_on_every_engine(
    rule: str, meeting: str, with_jax: bool
) -> None:
    config = EnvConfig(
        rules=Rules(name="test_collisions", collisions=rule), layout=PEN, num_agents=3, features=["agent_position"]
    )
    start, joint = MEETINGS[meeting]
    episode = play_everywhere(config, [joint], start=start, with_jax=with_jax)
    happened = episode.happened(CoGridEnv(config))[0]
    held_back = {agent_idx for agent_idx, names in enumerate(happened) if names == {"collision"}}
    before, after = episode.trace("agent_pos")
    if rule in COLLISIONS[meeting]:
        assert held_back == COLLISIONS[meeting][rule]
    elif meeting == "one cell":  # One of the two has gone.
        assert held_back in ({0}, {1})
    elif meeting == "into one that stays":
        assert held_back == {0}
    else:  # Agent 0 has its turn after agent 1 left, or before.
        assert held_back == (set() if after[0] != before[0] else {0})
    assert all(before[agent_idx] == after[agent_idx] for agent_idx in held_back)


def test_collisions_are_told_by_name_and_can_be_paid() -> None:
    config = EnvConfig(
        rules=Rules(name="test_collisions"),
        layout=["####", "#12#", "####"],
        num_agents=2,
        features=["agent_position"],
        rewards=[EventReward(event="collision", coefficient=-0.5)],
    )
    env = CoGridEnv(config)
    env.reset(seed=0)
    _, rewards, _, _, infos = env.step({"agent_0": 3, "agent_1": 6})
    assert infos == {"agent_0": {"events": ("collision",)}, "agent_1": {"events": ()}}
    assert rewards == {"agent_0": -0.5, "agent_1": 0}


def test_the_name_is_kept_from_the_rules() -> None:
    class Gong(GridObject, symbol="G"):
        """Booms."""

        def toggle(self, agent: Agent) -> Outcome:
            return Outcome(self, agent, events=("collision",))

    with pytest.raises(RuleError, match=r"Gong\.toggle reports 'collision'.*choose another name"):
        compile_rules(Rules(name="test_collisions", objects=(Gong,)))


def test_an_unknown_collision_rule_is_refused_with_the_close_one() -> None:
    with pytest.raises(RuleError, match=r"no collision rule 'all_stays'.*'all_stay'"):
        Rules(name="test_collisions", collisions="all_stays")

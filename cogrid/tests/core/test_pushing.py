"""Things that are pushed and things that move by themselves; and Sokoban, whose rules they are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cogrid import EIGHT, Agent, Chance, EnvConfig, EventReward, GridObject, Move, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.compiler import compile_rules
from cogrid.core.objects import Floor
from cogrid.errors import RuleError
from cogrid.tests.engines import needs_jax, play_everywhere


@dataclass(frozen=True)
class Target(GridObject, symbol="."):
    """Where boxes belong."""

    has_box: bool = False

    def passable(self) -> bool:
        return not self.has_box

    def lift(self, agent: Agent) -> Move | None:
        return Move(Box(), Target(), events=("box_off",)) if self.has_box else None

    def receive(self, thing: Any) -> Target | None:
        return None if self.has_box else Target(has_box=True)

    def object_state(self) -> int:
        return int(self.has_box)


@dataclass(frozen=True)
class Box(GridObject, symbol="$"):
    """Can be pushed."""

    def lift(self, agent: Agent) -> Move:
        return Move(self, Floor(), events=("pushed",))


SOKOBAN = Rules(name="sokoban", objects=(Target, Box), symbols={"*": Target(has_box=True)}, start_direction=0)
KEYS = {"u": "MoveUp", "d": "MoveDown", "l": "MoveLeft", "r": "MoveRight"}


def sokoban(level: str, num_agents: int = 1, **settings: Any) -> EnvConfig:
    """A level."""
    features = ("agent_position", "symbolic")
    rewards = (EventReward(event="pushed"), EventReward(event="box_off", coefficient=-1))
    settings = {"rules": SOKOBAN, "features": features, "rewards": rewards, **settings}
    return EnvConfig(layout=level.splitlines(), num_agents=num_agents, **settings)


def drawing(env: CoGridEnv, state: dict[str, Any]) -> str:
    """A state as a drawing, the player as @."""
    names = np.array(env.tables.declared.type_names)[state["object_type_map"]]
    symbols = {"floor": " ", "wall": "#", "target": ".", "box": "$"}
    text = [[symbols[name] for name in row] for row in names]
    for (row, column), is_on in np.ndenumerate(state["object_state_map"]):
        if names[row, column] == "target" and is_on:
            text[row][column] = "*"
    for row, column in state["agent_pos"]:
        text[row][column] = "@" if text[row][column] == " " else "+"
    return "\n".join("".join(row) for row in text)


LEVEL = """\
########
#1 $ . #
# #$## #
#  .   #
########"""


def test_sokoban_boxes_go_where_they_are_pushed_and_nothing_is_pulled(with_jax: bool) -> None:
    moves = "rrr" + "ll" + "d"
    config = sokoban(LEVEL)

    episode = play_everywhere(config, [(KEYS[key],) for key in moves], with_jax=with_jax)

    env = CoGridEnv(config)
    assert drawing(env, episode.states[3]) == "########\n#   @* #\n# #$## #\n#  .   #\n########"
    assert episode.rewards[1][0] == 1
    assert episode.rewards[2][0] == 1
    assert drawing(env, episode.states[5]) == "########\n# @  * #\n# #$## #\n#  .   #\n########"


def test_two_boxes_in_a_row_and_a_box_before_a_wall_stay() -> None:
    for level in ("1$$ ", "1$#", "1$", "1**.", "1$*"):
        config = sokoban(level)
        episode = play_everywhere(config, [("MoveRight",)], with_jax=False)
        assert episode.trace("agent_pos")[-1] == [[0, 0]]
        assert not episode.trace("events")[-1][0]


def test_a_push_reports_what_it_says_and_enter_rules_come_after_it(with_jax: bool) -> None:
    config = sokoban("1*..")

    episode = play_everywhere(config, [("MoveRight",), ("MoveRight",)], with_jax=with_jax)

    assert episode.happened(CoGridEnv(config)) == [[{"box_off"}], [{"box_off"}]]
    assert [state["object_state_map"][0].tolist() for state in episode.states] == [
        [0, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
    ]


HINDERED = {
    "somebody stands beyond": ("1$2", ("MoveRight", "Noop"), {0}),
    "somebody leaves from beyond": ("1$2 ", ("MoveRight", "MoveRight"), {0}),
    "somebody wants the cell beyond": ("1$ 2", ("MoveRight", "MoveLeft"), {0}),
    "two push against each other": ("1$ $2", ("MoveRight", "MoveLeft"), {0, 1}),
    "two push one box from opposite sides": (" 1$2 ", ("MoveRight", "MoveLeft"), {0, 1}),
    "nobody is near": ("1$  2", ("MoveRight", "Noop"), set[int]()),
}


@pytest.mark.parametrize("case", HINDERED)
def test_a_push_fails_where_another_agent_is_in_its_way(case: str, with_jax: bool) -> None:
    level, joint, hindered = HINDERED[case]
    config = sokoban(level, num_agents=2)

    episode = play_everywhere(config, [joint], with_jax=with_jax)

    happened = episode.happened(CoGridEnv(config))[0]
    assert {agent for agent, names in enumerate(happened) if "collision" in names} == hindered
    assert ("pushed" in happened[0]) == (not hindered)


def test_of_two_who_push_one_box_to_different_sides_one_gets_in() -> None:
    config = sokoban("   \n1$ \n 2 \n   ", num_agents=2)

    for seed in range(6):
        episode = play_everywhere(config, [("MoveRight", "MoveUp")], seed=seed, with_jax=False)
        happened = episode.happened(CoGridEnv(config))[0]
        assert sorted(map(sorted, happened)) == [["collision"], ["pushed"]]
        assert int((episode.states[-1]["object_type_map"] == 3).sum()) == 1


def test_random_pushes_of_four_agents_are_equal_everywhere_and_lose_no_box(with_jax: bool) -> None:
    level = "1 $ 2\n $.$ \n $ * \n $.$ \n3 $ 4"
    actions = np.random.default_rng(3).integers(0, 4, size=(150, 4)).tolist()

    episode = play_everywhere(sokoban(level, num_agents=4), actions, with_jax=with_jax)

    for state in episode.states:
        assert (state["object_type_map"] == 3).sum() + state["object_state_map"].sum() == 8
    assert sum(paid.sum() for paid in episode.rewards) > 3


@dataclass(frozen=True)
class Sheep(GridObject, symbol="s"):
    """Walks in any direction when it does not graze."""

    def roam(self) -> Chance:
        return Chance((3, Move(self, Floor(), to=EIGHT)), (1, None))


@dataclass(frozen=True)
class Crab(GridObject, symbol="c"):
    """Always walks, but not diagonally."""

    def roam(self) -> Move:
        return Move(self, Floor())


PASTURE = Rules(name="pasture", objects=(Sheep, Crab), start_direction=0)


def test_what_moves_by_itself_goes_to_each_neighbour_as_often_as_to_any_other() -> None:
    for symbol, ways, stays in (("c", 4, 0), ("s", 8, 0.25)):
        layout = ["     ", "     ", f"  {symbol}  ", "     ", "1    "]
        env = CoGridEnv(EnvConfig(rules=PASTURE, layout=layout, num_agents=1, features=("agent_position",)))
        keys = np.stack([np.zeros(3000), np.arange(3000)], axis=-1).astype(np.uint32)
        state, _ = env.jax_reset(keys)
        after = env.jax_step(state, np.full((3000, 1), 6, dtype=np.int32))[0]
        types = np.asarray(after.object_type_map).reshape(3000, -1)
        places = Counter(np.argmax(types, axis=1).tolist())
        n_stayed = places.pop(12, 0)
        assert (types > 0).sum() == 3000
        assert len(places) == ways
        assert abs(n_stayed - 3000 * stays) < 120
        expected = (3000 - n_stayed) / ways
        assert sum((count - expected) ** 2 / expected for count in places.values()) < ways + 6 * (2 * ways) ** 0.5


def test_what_moves_by_itself_stays_off_agents_and_is_equal_everywhere(with_jax: bool) -> None:
    config = EnvConfig(
        rules=PASTURE, layout=["1sc", "cs ", " 2s"], num_agents=2, features=("agent_position", "symbolic")
    )
    actions = np.random.default_rng(4).integers(0, 4, size=(60, 2)).tolist()

    episode = play_everywhere(config, actions, with_jax=with_jax)

    for state in episode.states:
        assert Counter(state["object_type_map"].reshape(-1).tolist()) == {0: 4, 2: 3, 3: 2}
        assert all(state["object_type_map"][row, column] == 0 for row, column in state["agent_pos"])
    assert len({state["object_type_map"].tobytes() for state in episode.states}) > 20


@pytest.mark.long
@needs_jax
def test_a_batch_of_roaming_worlds_is_stepped_under_vmap() -> None:
    import jax

    env = CoGridEnv(EnvConfig(rules=PASTURE, layout=["1sc", "cs "], num_agents=1, features=("symbolic",)), "jax")
    keys = jax.random.split(jax.random.key(0), 3)
    state, _ = jax.vmap(env.jax_reset)(keys)
    noops = np.full((3, 1), 6, dtype=np.int32)

    together, *_ = jax.vmap(env.jax_step)(state, noops)

    for idx in range(3):
        alone, *_ = env.jax_step(jax.tree.map(lambda leaf, at=idx: leaf[at], state), noops[idx])
        assert together.cells[idx].tolist() == alone.cells.tolist()


def test_what_cannot_be_moved_is_refused_with_class_and_remedy() -> None:
    class Anvil(GridObject, symbol="A"):
        """Moves what nothing receives."""

        def lift(self, agent: Agent) -> Move:
            return Move("anvil", Floor())

    class Stump(GridObject, symbol="S"):
        """Stays itself in the way."""

        def lift(self, agent: Agent) -> Move:
            return Move(Box(), self)

    class Ghost(GridObject, symbol="G"):
        """Cannot make up its mind about a push."""

        def lift(self, agent: Agent) -> Any:
            return Chance((1, Move(Box(), Floor())), (1, None))

    class Siren(GridObject, symbol="N"):
        """Reports to nobody."""

        def roam(self) -> Move:
            return Move(self, Floor(), events=("wailed",))

    for kind, message in (
        (Anvil, r"Anvil\.lift moves 'anvil', which no object receives: write def receive\(self, thing\)"),
        (Stump, r"Stump\.lift leaves .*Stump.* cannot move onto it"),
        (Ghost, r"Ghost\.lift returned .*must be certain"),
        (Siren, r"Siren\.roam gives a Move with events"),
    ):
        rules = Rules(name="test_pushing", objects=(Box, kind))
        with pytest.raises(RuleError, match=message):
            CoGridEnv(EnvConfig(rules=rules, layout=["+ "], num_agents=1, features=("agent_position",)))


anything: Any = Move
"""A Move, made of what it should not be made of."""


@pytest.mark.parametrize(
    ("moved", "message"),
    [
        (lambda crab: anything(crab, Floor(), to="up"), "FOUR or EIGHT neighbours.*'up'"),
        (lambda crab: anything(crab, Floor(), to=3), "FOUR or EIGHT neighbours.*3"),
        (lambda crab: anything(crab, Floor), r"left of a Move is a value, not a class: write Floor\(\)"),
        (lambda crab: anything(Box, Floor()), r"thing of a Move is a value, not a class: write Box\(\)"),
        (lambda crab: anything(crab, None), r"leaves behind is an object, such as cogrid\.Floor\(\), not None"),
    ],
)
def test_a_move_that_cannot_be_is_refused(moved: Any, message: str) -> None:
    class Lobster(GridObject, symbol="l"):
        """Moves wrongly."""

        def roam(self) -> Move:
            return moved(self)

    with pytest.raises(RuleError, match=rf"Lobster\.roam failed.*{message}"):
        compile_rules(Rules(name="test_pushing", objects=(Lobster, Box)))


def test_a_thing_that_nothing_on_the_layout_receives_is_refused_with_the_remedy() -> None:
    class Sand(GridObject, symbol=" "):
        """Ground that receives nothing."""

        def passable(self) -> bool:
            return True

    rules = Rules(name="test_pushing", objects=(Sand, Crab))
    with pytest.raises(RuleError, match=r"Crab\.roam moves Crab\(\).*def receive\(self, thing\): return thing"):
        CoGridEnv(EnvConfig(rules=rules, layout=["+c "], num_agents=1, features=("agent_position",)))
    CoGridEnv(EnvConfig(rules=rules, layout=["+  "], num_agents=1, features=("agent_position",)))

"""A newcomer's own objects: state and rules in one short file, without touching the core, the same on every engine."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cogrid import Agent, EnvConfig, GridObject, Item, Outcome, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.core.objects import Floor
from cogrid.core.reward import EventReward
from cogrid.tests.engines import play_everywhere

KEY = Item("key", symbol="k")


@dataclass(frozen=True)
class LockedDoor(GridObject, symbol="D"):
    """Opens and closes for whoever holds the key."""

    is_open: bool = False

    def passable(self) -> bool:
        return self.is_open

    def toggle(self, agent: Agent) -> Outcome | None:
        if agent.held != KEY:
            return None
        return Outcome(replace(self, is_open=not self.is_open), agent, events=("door_moved",))


@dataclass(frozen=True)
class Button(GridObject, symbol="B"):
    """Counts its presses up to three, rings at the third, and begins again."""

    count: int = 0

    def toggle(self, agent: Agent) -> Outcome:
        if self.count == 2:
            return Outcome(Button(0), agent, events=("rang",))
        return Outcome(Button(self.count + 1), agent)

    def object_state(self) -> int:
        return self.count


@dataclass(frozen=True)
class Crate(GridObject, symbol="X"):
    """Breaks at the third blow, and leaves a key on the floor."""

    blows: int = 0

    def toggle(self, agent: Agent) -> Outcome:
        if self.blows == 2:
            return Outcome(Floor(KEY), agent, events=("crate_broken",))
        return Outcome(Crate(self.blows + 1), agent)

    def object_state(self) -> int:
        return self.blows


RULES = Rules(name="test_newcomer", objects=(LockedDoor, Button, Crate), items=(KEY,), start_direction=0)


def world(layout: str, num_agents: int = 1, **settings: object) -> EnvConfig:
    """A world of the newcomer's rules."""
    features = ("object_planes",)
    return EnvConfig(rules=RULES, layout=layout, num_agents=num_agents, features=features, **settings)  # type: ignore[arg-type]


def type_id(name: str) -> int:
    return object_to_idx(name, scope="test_newcomer")


def test_a_door_opens_for_the_key_only(with_jax: bool) -> None:
    without_key = play_everywhere(world("####\n#+D \n#k##\n####"), [("Toggle",), ("MoveRight",)], with_jax=with_jax)
    with_key = play_everywhere(
        world("####\n#+D \n#k##\n####"),
        [("MoveDown",), ("PickupDrop",), ("MoveRight",), ("Toggle",), ("MoveRight",), ("MoveRight",)],
        with_jax=with_jax,
    )

    assert without_key.cell(1, 2) == [0, 0, 0]
    assert without_key.trace("agent_pos")[-1] == [[1, 1]]
    assert with_key.cell(1, 2) == [0, 0, 0, 0, 1, 1, 1]
    assert with_key.trace("agent_pos") == [[[1, 1]]] * 5 + [[[1, 2]], [[1, 3]]]


def test_a_door_toggled_twice_is_closed_again(with_jax: bool) -> None:
    config = world("####\n#+D \n####")
    start = {"agent_inv": [[type_id("key")]]}

    episode = play_everywhere(config, [("Toggle",), ("Toggle",), ("MoveRight",)], start=start, with_jax=with_jax)

    assert episode.cell(1, 2) == [0, 1, 0, 0]
    assert episode.trace("agent_pos")[-1] == [[1, 1]]


def test_a_button_counts_to_three_and_rings(with_jax: bool) -> None:
    config = world("####\n#+B#\n####", rewards=(EventReward(event="rang", coefficient=2.0),))

    episode = play_everywhere(config, [("Toggle",)] * 7, with_jax=with_jax)

    assert episode.cell(1, 2) == [0, 1, 2, 0, 1, 2, 0, 1]
    assert [float(paid[0]) for paid in episode.rewards] == [0, 0, 2, 0, 0, 2, 0]
    rang = [{"rang"} in happened for happened in episode.happened(CoGridEnv(config))]
    assert rang == [False, False, True, False, False, True, False]


def test_two_agents_count_on_one_button_in_index_order(with_jax: bool) -> None:
    config = world("#####\n#1B2#\n#####", num_agents=2)

    episode = play_everywhere(
        config, [("Noop", "MoveLeft"), ("Toggle", "Toggle"), ("Toggle", "Toggle")], with_jax=with_jax
    )

    assert episode.cell(1, 2) == [0, 0, 2, 1]
    assert episode.happened(CoGridEnv(config))[-1] == [{"rang"}, set()]


def test_a_crate_breaks_at_the_third_toggle_and_leaves_what_was_in_it(with_jax: bool) -> None:
    config = world("####\n#+X#\n####")

    episode = play_everywhere(
        config, [*[("Toggle",)] * 4, ("MoveRight",), ("PickupDrop",), ("MoveRight",)], with_jax=with_jax
    )

    assert episode.cell(1, 2)[:3] == [0, 1, 2]
    assert episode.type_at(1, 2) == [type_id("crate")] * 3 + [type_id("key")] * 3 + [0, 0]
    assert episode.trace("agent_pos")[-2:] == [[[1, 1]], [[1, 2]]]
    assert episode.trace("agent_inv")[-1] == [[type_id("key")]]


def test_all_three_make_one_game(with_jax: bool) -> None:
    config = world(
        "#####\n#+XB#\n#D###\n# ###\n#####", rewards=(EventReward(event="rang"), EventReward(event="door_moved"))
    )
    script = [
        *["Toggle"] * 3,
        *["PickupDrop", "MoveRight"],
        *["MoveRight", "Toggle", "Toggle", "Toggle"],
        *["MoveLeft", "MoveDown", "Toggle", "MoveDown", "MoveDown"],
    ]

    episode = play_everywhere(config, [(name,) for name in script], with_jax=with_jax)

    paid = [float(rewards[0]) for rewards in episode.rewards]
    assert [time for time, sum_paid in enumerate(paid) if sum_paid] == [8, 11]
    assert episode.trace("agent_pos")[-1] == [[3, 1]]
    assert episode.trace("agent_inv")[-1] == [[type_id("key")]]

"""A small world with a world value: a shrine that asks for one of three colours, and asks anew when it is served."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from cogrid import Agent, EnvConfig, GridObject, Item, Outcome, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.draws import Purpose
from cogrid.core.grid_object import object_to_idx
from cogrid.core.reward import EventReward
from cogrid.integer.draws import draw_words
from cogrid.tests.engines import Episode, play_everywhere

RED, GREEN, BLUE = COLOURS = (Item("red"), Item("green"), Item("blue"))


@dataclass(frozen=True)
class Shrine(GridObject, symbol="S"):
    """Takes the colour that is wanted now."""

    def pickup_drop(self, agent: Agent, world_value: str = "") -> Outcome | None:
        if agent.held is not None and agent.held.name == world_value:
            return Outcome(self, agent.empty_handed(), events=("served",))
        return None

    def toggle(self, agent: Agent) -> Outcome | None:
        """The colour in hand becomes the next one, whatever is wanted."""
        if agent.held is None:
            return Outcome(self, agent.holding(RED))
        following = COLOURS[(COLOURS.index(agent.held) + 1) % 3]
        return Outcome(self, agent.holding(following))


RULES = Rules(
    name="test_world_value",
    objects=(Shrine,),
    items=COLOURS,
    world_values=("red", "green", "blue"),
    redraw_on=("served",),
    start_direction=0,
)
CONFIG = EnvConfig(
    rules=RULES,
    layout=["+S"],
    num_agents=1,
    features=("inventory",),
    rewards=(EventReward(event="served"),),
    max_steps=None,
)
TWO_SERVE = EnvConfig(
    rules=RULES,
    layout=["1S2"],
    num_agents=2,
    features=("inventory",),
    rewards=(EventReward(event="served"),),
    max_steps=None,
)


def type_id(name: str) -> int:
    return object_to_idx(name, scope="test_world_value")


def wanted(episode: Episode) -> list[int]:
    """The number of the colour that is wanted at the start and after each step."""
    return [int(state["world_value"]) for state in episode.states]


def test_a_rule_sees_the_world_value(with_jax: bool) -> None:
    for value, colour in enumerate(COLOURS):
        for in_hand in COLOURS:
            start = {"world_value": value, "agent_inv": [[type_id(in_hand.name)]]}
            episode = play_everywhere(CONFIG, [("PickupDrop",)], start=start, with_jax=with_jax)
            assert (episode.trace("agent_inv")[-1] == [[-1]]) == (in_hand == colour)
            assert episode.rewards[-1].tolist() == [float(in_hand == colour)]


def test_the_world_value_stays_until_an_event_asks_for_another(with_jax: bool) -> None:
    start = {"world_value": 2}

    episode = play_everywhere(
        CONFIG,
        [("PickupDrop",), ("Toggle",), ("PickupDrop",), ("Toggle",), ("Noop",)],
        start=start,
        with_jax=with_jax,
    )

    assert wanted(episode) == [2] * 6
    assert [row[0][0] for row in episode.trace("agent_inv")] == [
        type_id(name) if name else -1 for name in (None, None, "red", "red", "green", "green")
    ]


def test_the_world_value_is_drawn_at_reset_and_every_value_comes_about_as_often() -> None:
    env = CoGridEnv(CONFIG)
    drawn = Counter()
    for seed in range(300):
        env.reset(seed=seed)
        drawn[int(np.asarray(env.get_state().world_value))] += 1

    assert sorted(drawn) == [0, 1, 2]
    assert all(70 <= count <= 130 for count in drawn.values())


def test_all_engines_draw_the_same_world_values_from_one_seed(with_jax: bool) -> None:
    starts = [wanted(play_everywhere(CONFIG, [("Noop",)], seed=seed, with_jax=with_jax))[0] for seed in range(8)]

    assert set(starts) == {0, 1, 2}
    assert starts == [draw_words(*(0, seed), Purpose.WORLD_VALUE, 0, 1)[0] % 3 for seed in range(8)]


def test_serving_draws_the_world_value_anew(with_jax: bool) -> None:
    drawn = []
    for time in range(12):
        start = {
            "world_value": 0,
            "agent_inv": [[type_id("red")]],
            "time": time,
            "rng_key": np.array([0, 9], dtype=np.uint32),
        }
        drawn.append(wanted(play_everywhere(CONFIG, [("PickupDrop",)], start=start, with_jax=with_jax))[-1])

    assert set(drawn) == {0, 1, 2}
    assert drawn == [draw_words(*(0, 9), Purpose.WORLD_VALUE, time + 1, 1)[0] % 3 for time in range(12)]


def test_all_agents_of_one_step_see_the_old_world_value(with_jax: bool) -> None:
    for time in range(4):
        start = {"world_value": 1, "agent_dir": [0, 2], "agent_inv": [[type_id("green")]] * 2, "time": time}
        episode = play_everywhere(TWO_SERVE, [("PickupDrop", "PickupDrop")], start=start, with_jax=with_jax)
        assert episode.rewards[-1].tolist() == [1, 1]
        assert episode.trace("agent_inv")[-1] == [[-1], [-1]]


def test_a_long_episode_of_serving_is_the_same_on_every_engine(with_jax: bool) -> None:
    random = np.random.default_rng(4)
    actions = [tuple(random.choice([4, 5, 5, 6], size=2).tolist()) for _ in range(150)]
    start = {"agent_dir": [0, 2]}

    episode = play_everywhere(TWO_SERVE, actions, start=start, with_jax=with_jax)

    assert sum(paid.sum() for paid in episode.rewards) >= 10
    assert set(wanted(episode)) == {0, 1, 2}
    for before, after, paid in zip(wanted(episode), wanted(episode)[1:], episode.rewards, strict=False):
        assert paid.any() or before == after


def test_a_world_without_world_values_has_none_in_its_state() -> None:
    env = CoGridEnv(
        EnvConfig(rules=Rules(name="test_no_world_value"), layout=["+"], num_agents=1, features=("inventory",))
    )
    env.reset(seed=0)

    assert env.get_state().world_value is None

"""The JavaScript engine reads every kind of rule: the worlds of the tests of these rules are played alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest

from cogrid.core.config import EnvConfig
from cogrid.core.draw import Draw
from cogrid.core.reward import EventReward
from cogrid.envs.registry import make
from cogrid.game import Game
from cogrid.page.game_data import KNOWN_NEEDS
from cogrid.tests.core import (
    test_acts_against_tables,
    test_amounts,
    test_chance,
    test_counts,
    test_member_draws,
    test_movement_rules,
    test_payment_tables,
    test_pushing,
)
from cogrid.tests.page.test_engine import needs_node
from cogrid.tests.page.transitions import play_in_javascript, random_actions, record

FIELD = ["1....2", "......", "3....."]


def worlds() -> Iterator[tuple[str, EnvConfig]]:
    """Small worlds, each with something that the kitchens have not."""
    yield "chance", test_chance.config_of(test_chance.LAYOUT, test_chance.Die, test_chance.Urn, test_chance.Ice)
    draws = (test_member_draws.SOW, test_member_draws.ON_HARVEST, Draw("elect"))
    yield "draws", test_member_draws.world(FIELD, 3, *draws)
    yield (
        "draws apart",
        test_member_draws.world(
            FIELD, 3, Draw("sow", k=4, apart=((0, 1), (1, 0), (1, 1))), test_member_draws.ON_HARVEST
        ),
    )
    yield "movement", test_movement_rules.world("1_b_2\nbLmL_\n3_m_b", num_agents=3, max_steps=None)
    yield "counts", test_counts.config_of(test_counts.LAYOUT, 3)
    lifting = {"layout": [" 1  ", "2c3 ", "  c ", "   4"], "num_agents": 4, "features": ("inventory",)}
    yield "counts of actors", EnvConfig(rules=test_counts.LIFTING, max_steps=None, **lifting)
    yield "pushes", test_pushing.sokoban("1 $ 2\n $.$ \n $ * \n $.$ \n3 $ 4", num_agents=4)
    pasture = {"layout": ["1sc ", "cs  ", " 2s "], "num_agents": 2, "features": ("symbolic",)}
    yield "roaming", EnvConfig(rules=test_pushing.PASTURE, **pasture)
    for collisions in ("chains", "contenders_stay"):
        rules = dataclasses.replace(test_pushing.SOKOBAN, name=f"{collisions} only", collisions=collisions)
        yield collisions, test_pushing.sokoban("1 2 3\n $ $ \n4 5 6", num_agents=6, rules=rules)
    rewards = (
        EventReward(event="rung", table=lambda time: 1 / time),
        EventReward(event="rung", table=lambda count, time: count / time / 3, count="n_rung", common_reward=True),
    )
    yield "payments", test_payment_tables.config_of(*rewards, max_steps=200)
    carried = (
        test_amounts.BY_AMOUNT,
        EventReward(event="dug", table=lambda amount, time: amount / time, common_reward=True),
        EventReward(event="worked"),
    )
    yield "amounts", test_amounts.config_of(*carried, layout=("1h2h", "chch", " h h"))
    yield "sight", make("MiniGrid-DoorKey-6x6-V0").config
    grown = (Draw("grow", k=2), test_member_draws.SPROUT)
    yield "draws for agents", test_member_draws.beds(*grown, layout=("....", "...."))
    yield "lists", make("LevelBasedForaging-5x5-V0", num_agents=3, n_foods=3, sight=2, penalty=0.1).config
    scaled = {"observation_dtype": "float32", "scale_observations": True}
    yield "scaled lists", make("LevelBasedForaging-6x6-V0", num_agents=4, n_foods=2, **scaled).config
    random = np.random.default_rng(2)
    for number in range(6):
        book = test_acts_against_tables.random_book(random)
        takes = {of: of[1] == "Noop" or bool(random.random() < 0.8) for of in book.takes}
        rules = test_acts_against_tables.rules_of(dataclasses.replace(book, takes=takes))
        layout = ("t u  ", " 1 v ", "t2  u", "  3t ", "v   t")
        acts = {"layout": layout, "num_agents": 3, "features": ("agent_position",), "max_steps": None}
        yield f"acts {number}", EnvConfig(rules=rules, **acts)


@pytest.mark.long
@needs_node
def test_every_kind_of_rule_is_played_alike_in_javascript() -> None:
    games = {name: Game.of(config) for name, config in worlds()}
    needs = {need for game in games.values() for need in game.to_arrays()[0]["needs"]}
    found = play_in_javascript(
        {name: (game, record(game, random_actions(game, 120, 4))) for name, game in games.items()}
    )

    assert {name: result["difference"] for name, result in found.items()} == dict.fromkeys(games)
    assert needs == KNOWN_NEEDS

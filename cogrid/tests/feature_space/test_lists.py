"""Lists of what an agent sees: their order, what is left out, and how many entries there are."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from cogrid import Agent, EnvConfig, GridObject, Outcome, Rules
from cogrid.core.tables import Tables
from cogrid.feature_space.blocks import ListBlock, cell_positions
from cogrid.feature_space.feature import TableFeature
from cogrid.tests.engines import first_of, needs_jax, play_everywhere


@dataclasses.dataclass(frozen=True)
class Flower(GridObject, symbol="f"):
    """Is plucked."""

    petals: int = 3

    def toggle(self, agent: Agent) -> Outcome:
        hidden = agent.role == "shy"
        return Outcome(Flower(self.petals - 1) if self.petals > 1 else self, Agent(role=None if hidden else "shy"))


@dataclasses.dataclass(frozen=True)
class Listed(TableFeature):
    """Flowers that have all petals, or agents that are not shy, in a stretch of rows and columns."""

    of: Any
    length: int = 2
    reach: int = 9

    def blocks(self, tables: Tables) -> tuple[ListBlock]:
        rules = tables.rules.compiled
        values = rules.cell_values if self.of == "cells" else rules.agent_values
        places = cell_positions(tables)
        first = np.maximum(places - self.reach, 0)
        last = np.minimum(places + self.reach, [tables.height - 1, tables.width - 1])
        return (
            ListBlock(
                of=self.of,
                length=self.length,
                is_listed=np.array([value in (Flower(), Agent()) for value in values]),
                rows=np.arange(len(values))[:, None],
                row_numbers=np.arange(10) * 10,
                column_numbers=np.arange(10),
                blank=np.array([-1, -1, -1]),
                first=first.astype(np.int32),
                last=last.astype(np.int32),
            ),
        )


def observed(feature: Listed, *joint: tuple[str, str, str]) -> list[Any]:
    """What all agents see after each step, on a meadow with three flowers: row, column and what for each entry."""
    rules = Rules(name="test_lists", objects=(Flower,), agents=(Agent(), Agent(role="shy")), start_direction=0)
    layout = ["1f   ", "   3f", "  2f "]
    config = EnvConfig(rules=rules, layout=layout, num_agents=3, features=[feature])
    episode = play_everywhere(config, joint, with_jax=False)
    return [seen.reshape(3, feature.length, 3)[..., :2].tolist() for seen in episode.observations]


NOBODY = ("Noop", "Noop", "Noop")
NONE = [-1, -1]


def test_the_first_cells_in_reading_order_are_listed() -> None:
    assert observed(Listed("cells"), NOBODY)[0] == [[[0, 1], [10, 4]]] * 3


def test_a_cell_that_becomes_something_else_leaves_the_list_and_others_move_up() -> None:
    seen = observed(Listed("cells", length=3), ("Toggle", "Noop", "Noop"))

    assert [row[0] for row in seen] == [[[0, 1], [10, 4], [20, 3]], [[10, 4], [20, 3], NONE]]


def test_what_is_not_in_sight_is_left_out_and_places_are_counted_from_the_first_in_sight() -> None:
    assert observed(Listed("cells", length=3, reach=1), NOBODY)[0] == [
        [[0, 1], NONE, NONE],
        [[10, 2], NONE, NONE],
        [[10, 2], [20, 1], NONE],
    ]


def test_agents_are_listed_by_index_but_the_viewer_first_and_some_are_not() -> None:
    seen = observed(Listed("agents", length=3), NOBODY)[0]

    assert seen == [[[0, 0], [10, 3], NONE], [[0, 0], [10, 3], NONE], [[10, 3], [0, 0], NONE]]


def test_a_list_that_is_too_short_ends() -> None:
    assert observed(Listed("agents", length=1), NOBODY)[0] == [[[0, 0]], [[0, 0]], [[10, 3]]]


@needs_jax
@pytest.mark.parametrize("scaled", first_of([True, False]))
def test_jax_lists_the_same(scaled: bool) -> None:
    rules = Rules(name="test_lists", objects=(Flower,), agents=(Agent(), Agent(role="shy")), start_direction=0)
    settings: dict[str, Any] = {"observation_dtype": "float32", "scale_observations": True} if scaled else {}
    features = [Listed("cells", reach=1), Listed("agents", length=3, reach=2)]
    config = EnvConfig(rules=rules, layout=["1f   ", "   3f", "  2f "], num_agents=3, features=features, **settings)

    episode = play_everywhere(config, [("Toggle", "Toggle", "Toggle"), ("MoveDown", "MoveUp", "MoveLeft")] * 2)

    assert len({seen.tobytes() for seen in episode.observations}) > 2

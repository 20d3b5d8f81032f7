"""Maps that can be solved, maps that cannot, and maps from a seed."""

from __future__ import annotations

from typing import Any

import pytest

import cogrid
from cogrid.core.layout import Layout
from cogrid.envs.search_rescue import is_solvable, search_rescue_config, stranded_victims
from cogrid.envs.search_rescue.generator import SiteSettings, generate_site
from cogrid.envs.search_rescue.layouts import LAYOUTS, MAX_STEPS
from cogrid.envs.search_rescue.objects import ENGINEER, MEDIC, RedVictim
from cogrid.errors import ConfigError, LayoutError, SeedError
from cogrid.tests.checkout import CHECKOUT, needs_checkout

BOTH = (MEDIC, ENGINEER)


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_drawn_maps_need_a_medic_and_an_engineer_and_no_more(name: str) -> None:
    layout = f"search_rescue/{name}"

    assert is_solvable(layout, BOTH)
    assert stranded_victims(layout, (MEDIC, None))
    assert stranded_victims(layout, (None, ENGINEER))


@pytest.mark.parametrize(
    ("row", "roles", "can_be_solved"),
    [
        ("#1 g#", (None,), True),
        ("#1#g#", (None,), False),
        ("#1Rg#", (None,), False),
        ("#1Rg#", (ENGINEER,), True),
        ("#p1Rg#", (None,), True),
        ("#1Rpg#", (None,), False),
        ("#1Dg#", BOTH, False),
        ("#k1Dg#", (None,), True),
        ("#1kDg#", (None,), False),
        ("#1Dkg#", (None,), False),
        ("#1y#", (None,), False),
        ("#1y#", (MEDIC,), True),
        ("#m1y#", (None,), True),
        ("#m1yy#", (None,), False),
        ("#m1ym y#", (None,), False),
        ("#m1ygy2m#", (None, None), True),
        ("#m1yy2#", (None, MEDIC), True),
        ("#1r2#", BOTH, True),
        ("#1r2#", (MEDIC, None), False),
        ("#1r2#", (ENGINEER, ENGINEER), False),
        ("#1 2r#", BOTH, False),
        ("#1Rr2#", BOTH, False),
        ("#1Rr2#", (ENGINEER, MEDIC), True),
    ],
)
def test_a_map_is_solvable_if_tools_and_roles_are_within_reach(
    row: str, roles: tuple[str | None, ...], can_be_solved: bool
) -> None:
    wall = "#" * len(row)

    assert is_solvable([wall, row, wall], roles) == can_be_solved


def test_the_victims_that_are_left_are_named_by_place() -> None:
    assert stranded_victims(["#####", "#1 g#", "#####", "#y r#", "#####"], BOTH) == [(3, 1), (3, 3)]


@pytest.mark.parametrize("settings", [{}, {"rows": 16, "columns": 9}, {"roles": (None, MEDIC), "n_red": 0}], ids=str)
def test_a_seed_gives_a_map_that_can_be_solved_and_the_same_one_again(settings: dict[str, Any]) -> None:
    seen = set()
    for map_seed in range(50):
        site = SiteSettings(map_seed=map_seed, **settings)
        rows = generate_site(site)
        assert is_solvable(rows, site.roles)
        assert generate_site(site) == rows
        assert (len(rows), len(rows[0])) == (site.rows, site.columns)
        drawn = "".join(rows)
        assert [drawn.count(symbol) for symbol in "gyr+"] == [site.n_green, site.n_yellow, site.n_red, len(site.roles)]
        seen.add(rows)

    assert len(seen) == 50


def test_a_seed_gives_this_map_for_ever() -> None:
    assert generate_site(SiteSettings(rows=7, columns=11, map_seed=3)) == (
        "###########",
        "#     #r y#",
        "# +   #   #",
        "# +   R yg#",
        "#    m#  g#",
        "#     #g  #",
        "###########",
    )


def test_maps_have_passages_of_all_kinds_and_red_victims_two_sides() -> None:
    drawings = [generate_site(SiteSettings(map_seed=map_seed, n_red=2)) for map_seed in range(10)]

    assert set("RDk") <= set("".join("".join(rows) for rows in drawings))
    for rows in drawings:
        layout = Layout.read(rows, cogrid.make("SearchRescue-Small-V0").config.rules)
        for cell in (cell for cell, value in enumerate(layout.objects) if isinstance(value, RedVictim)):
            row, column = divmod(cell, layout.width)
            beside = rows[row][column - 1] + rows[row][column + 1] + rows[row - 1][column] + rows[row + 1][column]
            assert sum(symbol in " +" for symbol in beside) >= 2


def test_size_seed_and_team_are_overrides_of_the_generated_environment() -> None:
    env = cogrid.make(
        "SearchRescue-Generated-V0", rows=9, columns=23, map_seed=4, num_agents=3, n_green=1, max_steps=50
    )
    env.reset(seed=0)
    state = env.get_state()

    assert (state.height, state.width, state.n_agents, env.config.max_steps) == (9, 23, 3, 50)
    again = search_rescue_config(rows=9, columns=23, map_seed=4, num_agents=3, n_green=1)
    assert env.config.layout == again.layout
    assert env.config.layout != search_rescue_config(rows=9, columns=23, map_seed=5, num_agents=3, n_green=1).layout


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        ({"rows": 4}, ConfigError, "rows is an integer of at least 5"),
        ({"columns": 9.0}, ConfigError, "columns is an integer"),
        ({"n_yellow": -1}, ConfigError, "n_yellow is an integer of at least 0"),
        ({"n_green": 0, "n_yellow": 0, "n_red": 0}, ConfigError, "needs a victim"),
        ({"roles": (MEDIC,)}, ConfigError, "Red victims need a medic and an engineer"),
        ({"map_seed": -1}, SeedError, "seed"),
        ({"rows": 5, "columns": 5}, LayoutError, "too little room"),
        ({"row": 9}, ConfigError, "Did you mean 'rows'"),
        ({"layout": "search_rescue/Small", "rows": 9}, ConfigError, "not generated"),
    ],
    ids=str,
)
def test_a_map_that_cannot_be_is_refused(settings: dict[str, Any], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        cogrid.make("SearchRescue-Generated-V0", **settings)


@needs_checkout
@pytest.mark.parametrize("name", LAYOUTS)
def test_the_page_tells_what_is_on_each_map(name: str) -> None:
    rows = LAYOUTS[name].strip("\n").split("\n")
    counts = {symbol: "".join(rows).count(symbol) for symbol in "gyrRD"}
    line = (
        f"| `SearchRescue-{name}-V0` | {len(rows)} x {len(rows[0])} | {counts['g']}, {counts['y']}, {counts['r']} | "
        f"{counts['R']}, {counts['D']} | {MAX_STEPS[name]} |"
    )

    assert line in (CHECKOUT / "docs" / "environments" / "search-rescue.md").read_text(encoding="utf-8").splitlines()


def test_a_drawn_environment_has_no_settings_of_a_generated_one() -> None:
    with pytest.raises(ConfigError, match="no setting 'map_seed'"):
        cogrid.make("SearchRescue-Small-V0", map_seed=1)

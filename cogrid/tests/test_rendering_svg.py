"""Pictures of a world as SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.errors import StateError
from cogrid.rendering import render_svg
from cogrid.rendering.svg import EDGE, SvgArtist, SvgCanvas
from cogrid.rendering.tile import Tile

NAMESPACE = "{http://www.w3.org/2000/svg}"


def tile(size: float = EDGE) -> tuple[Tile, SvgCanvas]:
    """A tile on a canvas."""
    canvas = SvgCanvas()
    return Tile(canvas, lambda tile, thing: None, size), canvas


def read(element: str) -> tuple[str, dict[str, str]]:
    """The name and the attributes of an element."""
    node = ET.fromstring(element)
    return node.tag, dict(node.attrib)


@pytest.mark.parametrize(
    ("draw", "name", "expected"),
    [
        (
            lambda tile: tile.rectangle(0.1, 0.2, 0.9, 0.5, (255, 0, 16), radius=0.05),
            "rect",
            {"x": "10", "y": "20", "width": "80", "height": "30", "rx": "5", "fill": "#ff0010"},
        ),
        (lambda tile: tile.disc(0.5, 0.25, 0.125, (0, 0, 0)), "circle", {"cx": "50", "cy": "25", "r": "12.5"}),
        (lambda tile: tile.ellipse(0.5, 0.5, 0.4, 0.2, (0, 0, 0)), "ellipse", {"rx": "40", "ry": "20"}),
        (lambda tile: tile.polygon([(0, 0), (1, 0), (0.5, 1)], (0, 0, 0)), "polygon", {"points": "0,0 100,0 50,100"}),
        (
            lambda tile: tile.line([(0, 0), (1, 1)], (0, 0, 0), 0.1),
            "polyline",
            {"points": "0,0 100,100", "stroke-width": "10", "stroke-linecap": "round"},
        ),
        (
            lambda tile: tile.ring(0.5, 0.5, 0.45, (0, 0, 0), 0.1, share=0.25),
            "path",
            {"d": "M50,10A40 40 0 0 1 90,50", "stroke-width": "10"},
        ),
        (lambda tile: tile.ring(0.5, 0.5, 0.45, (0, 0, 0), 0.1), "circle", {"r": "40", "fill": "none"}),
    ],
    ids=["rectangle", "disc", "ellipse", "polygon", "line", "part of a ring", "ring"],
)
def test_a_tile_writes_each_shape(draw: Any, name: str, expected: dict[str, str]) -> None:
    drawn_on, canvas = tile()
    draw(drawn_on)
    found, attributes = read(canvas.elements[0])

    assert found == name
    assert expected.items() <= attributes.items()


def test_text_is_escaped_and_an_inset_tile_is_smaller() -> None:
    drawn_on, canvas = tile()
    drawn_on.inset(0.75, 0.25, 0.5).text("<&", 0.5, 0.5, 0.5, (0, 0, 0))
    node = ET.fromstring(canvas.elements[0])

    assert node.text == "<&"
    assert (node.attrib["x"], node.attrib["font-size"]) == ("75", "23.5")


@pytest.mark.parametrize("env_id", ["OvercookedV2-GroundedCoordSimple-V0", "SearchRescue-Small-V0"])
def test_a_world_is_a_document_with_a_square_for_each_cell_and_agent(env_id: str) -> None:
    env = cogrid.make(env_id)
    env.reset(seed=0)
    state = env.get_state()
    root = ET.fromstring(render_svg(state))
    squares = root.findall(f"{NAMESPACE}svg")

    assert root.attrib["viewBox"] == f"0 0 {state.width * EDGE} {state.height * EDGE}"
    assert len(squares) == state.height * state.width + 2
    assert (squares[-1].attrib["x"], squares[-1].attrib["y"]) == tuple(
        str(place * EDGE) for place in np.asarray(state.agent_pos)[1][::-1].tolist()
    )


def test_a_picture_shows_what_is_wanted() -> None:
    tables = cogrid.make("OvercookedV2-GroundedCoordSimple-V0").tables
    signs = [idx for idx, name in enumerate(tables.rules.type_of) if name == "recipe_indicator"]
    artist = SvgArtist(tables)

    assert len({artist.cell(signs[0], world) for world in range(tables.rules.n_world_values)}) > 1


def test_a_batch_of_states_is_refused() -> None:
    game = cogrid.make("Overcooked-CrampedRoom-V0").game
    state, _ = game.reset(np.zeros((2, 2), dtype=np.uint32))

    with pytest.raises(StateError, match="take one of them"):
        render_svg(state)

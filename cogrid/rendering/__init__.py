"""Pictures of a world: as text, as an image, and as a moving picture."""

from cogrid.rendering.ansi import render_ansi, render_view
from cogrid.rendering.canvas import Color
from cogrid.rendering.gif import write_gif
from cogrid.rendering.mp4 import write_mp4
from cogrid.rendering.rgb import render_rgb
from cogrid.rendering.side_by_side import mosaic
from cogrid.rendering.svg import render_svg
from cogrid.rendering.tile import Picture, Tile

__all__ = [
    "Color",
    "Picture",
    "Tile",
    "mosaic",
    "render_ansi",
    "render_rgb",
    "render_svg",
    "render_view",
    "write_gif",
    "write_mp4",
]

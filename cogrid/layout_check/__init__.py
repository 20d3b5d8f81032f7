"""Whether a layout can be played, and what is wrong with it if not."""

from cogrid.layout_check.check import check_layout as check_layout
from cogrid.layout_check.report import LayoutReport as LayoutReport
from cogrid.layout_check.report import Room as Room
from cogrid.layout_check.report import Station as Station

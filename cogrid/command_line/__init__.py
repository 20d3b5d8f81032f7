"""The command `cogrid`: look at worlds, play them, measure them, and check layouts. One file for each subcommand."""

from cogrid.command_line.program import main as main

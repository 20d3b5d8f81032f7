"""`Tables`: everything about a world that never changes while it is played."""

from __future__ import annotations

import dataclasses
import functools
import weakref
from typing import Any

from cogrid.backend.env_state import number_columns
from cogrid.core.actions import ActionSet
from cogrid.core.declared import Declared
from cogrid.core.draw_tables import DrawTable, draw_tables
from cogrid.core.layout import Layout
from cogrid.core.map_tables import MapTables
from cogrid.core.move_tables import MoveTables, check_that_layouts_can_receive
from cogrid.core.rule_tables import RuleTables
from cogrid.core.rules import Rules
from cogrid.errors import ConfigError


@dataclasses.dataclass(frozen=True, kw_only=True)
class WorldSettings:
    """What makes a world, apart from what is observed and paid in it.

    Attributes:
      rules: the game.
      layout: the map; a tuple of maps of one size for a world that plays a set of layouts.
      n_agents: how many agents play.
      action_set: what their action numbers mean.
      max_steps: steps until the clock ends the episode; None for never.
    """

    rules: Rules
    layout: Layout | tuple[Layout, ...]
    n_agents: int
    action_set: ActionSet
    max_steps: int | None

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """The maps: all those of a set, or the one."""
        return self.layout if isinstance(self.layout, tuple) else (self.layout,)


@dataclasses.dataclass(frozen=True, eq=False)
class Tables:
    """The compiled rules, the map, and what objects declare, as constant arrays.

    Two worlds with equal settings share one object (`get_tables`), so that JAX sees one tree structure and compiles
    once.

    Attributes:
      settings: what the tables were made from.
      rules: what the rules do.
      map: what the map is.
      declared: what objects say of themselves.
      draws: what is drawn among cells and agents.
      moves: what is pushed, and what moves by itself; None where nothing is.
    """

    settings: WorldSettings
    rules: RuleTables
    map: MapTables
    declared: Declared
    draws: tuple[DrawTable, ...] = ()
    moves: MoveTables | None = None

    @classmethod
    def of(cls, settings: WorldSettings) -> Tables:
        """Compile a world.

        Raises:
          LayoutError: when a layout has too few free cells for the agents.
          RuleError: when the rules cannot be compiled.
        """
        rules = RuleTables.of(settings.rules, settings.action_set)
        draws = draw_tables(rules.compiled, settings.n_agents)
        is_set = isinstance(settings.layout, tuple)
        map_tables = MapTables.of(rules, settings.layouts, is_set, settings.n_agents, draws)
        declared = Declared.of(map_tables, settings.layouts[0].width)
        moves = MoveTables.of(rules.compiled)
        if moves is not None and settings.rules.step_hook is None and settings.rules.start_hook is None:
            check_that_layouts_can_receive(moves, map_tables)
        return cls(settings, rules, map_tables, declared, draws, moves)

    @property
    def draws_at_reset(self) -> bool:
        """Whether anything is drawn among cells and agents at reset, before agents start."""
        return any(draw.is_at_reset for draw in self.draws)

    @functools.cached_property
    def number_columns(self) -> dict[str, tuple[int, int]]:
        """Where a state's row of numbers has each of them; see `cogrid.backend.env_state.number_columns`."""
        has_worlds, n_amounts = self.rules.has_world_values, len(self.rules.amount_names)
        return number_columns(self.n_agents, has_worlds, self.map.is_set, n_amounts)

    @property
    def n_agents(self) -> int:
        """How many agents play, A."""
        return self.settings.n_agents

    @property
    def height(self) -> int:
        """Rows of the map, H."""
        return self.settings.layouts[0].height

    @property
    def width(self) -> int:
        """Columns of the map, W."""
        return self.declared.width

    @property
    def n_cells(self) -> int:
        """How many cells the map has, N."""
        return self.height * self.width

    @property
    def max_steps(self) -> int | None:
        """Steps until the clock ends the episode; None for never."""
        return self.settings.max_steps

    @property
    def action_set(self) -> ActionSet:
        """What action numbers mean."""
        return self.settings.action_set

    def __deepcopy__(self, memo: dict[int, Any]) -> Tables:
        """The same object: tables never change, and JAX takes equal ones that are two for different worlds."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the settings, so that what is read again is the one object that belongs to them."""
        return get_tables, (self.settings,)

    def __repr__(self) -> str:
        layouts = f"{self.map.starts.n_layouts} layouts, " if self.map.is_set else ""
        return (
            f"<Tables of {self.settings.rules.name!r}, {layouts}{self.height}x{self.width}, {self.n_agents} agents, "
            f"{self.rules.n_cell_values} cell values, {self.rules.n_agent_values} agent values>"
        )


_INTERNED: weakref.WeakValueDictionary[WorldSettings, Tables] = weakref.WeakValueDictionary()


def get_tables(settings: WorldSettings) -> Tables:
    """The tables of a world; the same object for equal settings for as long as anybody holds it.

    Raises:
      ConfigError: for an agent count below 1 or a `max_steps` below 1.
      LayoutError: when the layout has too few free cells for the agents.
      RuleError: when the rules cannot be compiled.
    """
    if settings.n_agents < 1:
        raise ConfigError(f"num_agents must be at least 1, not {settings.n_agents}.")
    if settings.max_steps is not None and settings.max_steps < 1:
        raise ConfigError(f"max_steps must be at least 1, or None for no limit, not {settings.max_steps}.")
    tables = _INTERNED.get(settings)
    if tables is None:
        tables = _INTERNED[settings] = Tables.of(settings)
    return tables

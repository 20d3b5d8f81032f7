"""Where everything is in the row of numbers that a compiled game is to a kernel.

The row begins with a header. An entry of the header is a size or a mask, or the place in the row where a table begins,
-1 for a table that the world does not have: `game[game[FRONT] + cell * 4 + direction]` is the cell in front of another.
A world that is played is a row of numbers, too, and the header says where its parts begin: `world[game[VALUE] + agent]`
is an agent's value. The cells in which the agents stand come first: `world[agent]`.
"""

from __future__ import annotations

(
    N_AGENTS,
    N_CELLS,
    HEIGHT,
    WIDTH,
    N_ACTIONS,
    NOOP,
    N_CELL_VALUES,
    N_AGENT_VALUES,
    N_WORLD_VALUES,
    N_LAYOUTS,
    N_AMOUNTS,
    MAX_STEPS,  # -1 for no limit.
    STAGES,
    COLLISIONS,
    COLLISION_MASK,
    REDRAW_MASK,
    # Where the parts of a world begin in its memory (see `WORLD`): its numbers, in the order of `Numbers`.
    N_NUMBERS,
    DIRECTION,
    VALUE,
    TERMINATED,
    EVENTS,
    KEY,
    TIME,
    WORLD_VALUE,
    LAYOUT,
    AMOUNTS,
    # Its cells, and what is kept of each agent within a step.
    CELLS,
    ACTIONS,
    ATTEMPTS,
    TARGETS,
    BEFORE,
    SETTLED,
    SCORES,
    FLAGS,
    KINDS,
    SPOTS,
    VALUES,
    PUSHED_FROM,
    PUSHED_TO,
    PUSHED_LEFT,
    PUSHED_AFTER,
    PUSHED_EVENTS,
    # The counts over the whole world that a stage has taken, the cells at its start, and the members of a draw.
    WHOLES,
    KEPT_CELLS,
    MEMBERS_LEFT,
    # The cells and the agents' values at the start of the step, in a world with guards.
    CELLS_BEFORE,
    VALUES_BEFORE,
    N_PLACES,
    # The first block of random words for each purpose.
    START_CELL_WORDS,
    START_DIRECTION_WORDS,
    MOVE_ORDER_WORDS,
    WORLD_VALUE_WORDS,
    NEXT_EPISODE_WORDS,
    LAYOUT_WORDS,
    TICK_WORDS,
    AGENT_TICK_WORDS,
    ENTER_WORDS,
    STAND_WORDS,
    INTERACT_WORDS,
    ROAM_WORDS,
    DRAW_WORDS,
    # What actions are.
    TURN,
    PROPOSES,
    GOES,
    TAKES,
    INTERACTION,
    ACTS_HERE,
    # The map.
    FRONT,
    AROUND,
    TICKING,
    N_TICKING,
    START_CELLS,
    START_PLACES,
    START_ROOMS,
    START_VALUES,
    START_DIRECTIONS,
    N_DIRECTIONS,
    OPEN_AT_START,
    # What cell values and agent values are.
    PASSABLE,
    PASSABLE_BY,
    LEAVE,
    # Acts along lines, and what moves things.
    REACH,
    N_LINES,
    LINE_LENGTH,
    IS_BEAM,
    BLOCKS,
    ANSWERS,
    MEET_ANSWERS,
    LIFT,
    RECEIVE,
    # Lists of records: how many, and the first.
    DRAWS,
    N_DRAWS,
    REWARDS,
    N_REWARDS,
    SHAPED_REWARDS,
    N_SHAPED_REWARDS,
    PAYS_ATTEMPTS,
    GUARD_SUMS,
    N_GUARD_SUMS,
    # Tables of rules: the place of each one's record, see below.
    TICK,
    AGENT_TICK,
    ENTER,
    STAND,
    INTERACT,
    MEET,
    ROAM,
    N_HEADER,
) = range(107)

ROWS, ROW_WIDTH, CHANCE_KINDS, LAST_WORDS, N_LAST_WORDS, REST, COUNT_SIZE, WHICH_COUNT, COUNTS, TABLE_SIZE = range(10)
"""The record of a table of rules: its rows; which are drawn among (a `ChanceTable`); which ask for a count (a
`CountTable`, with the place of the first count's record)."""

OVER, WEIGHTS, CAP, N_OFFSETS, OFFSETS, COUNT_RECORD = range(6)
"""The record of a count, a `Summed`."""

OVER_MAP, OVER_AGENTS, OVER_ACTORS, OVER_DISC = range(4)
"""What a count is summed over."""

(
    PAID_MASK,
    PAID_ACTION,
    PAID_ATTEMPTS,
    IS_COMMON,
    PAID_COUNT,
    PAID_AMOUNT,
    LARGEST_AMOUNT,
    N_TIMES,
    SUMS,
    PAYMENT_SIZE,
) = range(10)
"""The record of a `Payment`; `SUMS` is a place in the row of sums."""

(
    DRAWN_K,
    DRAWN_IS_FREE,
    DRAWN_MASK,
    AT_MOST,
    FIRST_WORD,
    N_APART,
    APART,
    CELL_MEMBERS,
    AFTER_CELLS,
    AGENT_MEMBERS,
    AFTER_AGENTS,
    DRAW_SIZE,
) = range(12)
"""The record of a `DrawTable`; what follows a member is a table of rules of its own."""

(
    GUARDED_MASK,
    CONSTANT,
    CELL_WEIGHTS,
    CELL_WEIGHTS_BEFORE,
    AGENT_WEIGHTS,
    AGENT_WEIGHTS_BEFORE,
    GUARD_SUM_SIZE,
) = range(7)
"""The record of a `GuardSum`, and the event that does not count where the sum is not above 0."""

TICK_STAGE, MOVE_STAGE, INTERACT_STAGE = range(3)
"""The stages of a step."""

IN_TURN, ALL_STAY, COLLIDERS_STAY, CONTENDERS_STAY, CHAINS = range(5)
"""The rules for collisions."""

MAX_COUNTS = 16
"""How many counts a table of rules may ask for."""

// One world, stepped in place; equal to `cogrid/integer/world.py`.

import { drawWord, drawWords } from "./draws.js";
import { STAGE, noteAttempts } from "./stages.js";
import { drawStartCells, drawStartDirections } from "./starts.js";

/** @typedef {import("./game.js").Game} Game */

/**
 * What changes in a world, to be kept and put back.
 *
 * @typedef {object} Snapshot
 * @property {Key} key
 * @property {number} time
 * @property {number[]} cells
 * @property {number[]} agentCell
 * @property {number[]} agentDir
 * @property {number[]} agentValue
 * @property {boolean[]} terminated
 * @property {number[]} events
 * @property {number[][]} amounts
 * @property {number} worldValue
 * @property {number} layoutIdx
 */

export class World {
  /** @param {Game} game */
  constructor(game) {
    this.game = game;
    const { rules, map } = game.header;
    const startCells = game.array("map.start_cells");
    const startPlaces = game.array("map.start_places");
    const startRooms = game.array("map.start_rooms");
    const { nAgents, nCells } = game;
    /** @private */
    this.starts = Array.from({ length: map.n_layouts }, (_, layoutIdx) => ({
      cells: Array.from(startCells.slice(layoutIdx * nCells, (layoutIdx + 1) * nCells)),
      places: Array.from(startPlaces.slice(layoutIdx * nAgents, (layoutIdx + 1) * nAgents)),
      rooms: Array.from({ length: nAgents }, (_, agentIdx) => {
        const first = (layoutIdx * nAgents + agentIdx) * nCells;
        return Array.from({ length: nCells }, (_, cell) => cell).filter((cell) => startRooms[first + cell]);
      }),
    }));
    /** @private */
    this.stages = rules.stages.map((stage) => STAGE[stage]);
    /** The episode's key. @type {Key} */
    this.key = [0, 0];
    /** Steps made. */
    this.time = 0;
    /** Value id of each cell. @type {number[]} */
    this.cells = [];
    /** One entry for each agent, like those that follow. @type {number[]} */
    this.agentCell = [];
    /** @type {number[]} */
    this.agentDir = [];
    /** @type {number[]} */
    this.agentValue = [];
    /** @type {boolean[]} */
    this.terminated = [];
    /** What happened to each agent in the last step, as a bit mask. @type {number[]} */
    this.events = [];
    /** What the events of each agent in the last step have carried. @type {number[][]} */
    this.amounts = [];
    /** What each interacted with in the last step, as `noteAttempts` says. @type {number[]} */
    this.attempts = [];
    this.worldValue = 0;
    this.layoutIdx = 0;
    /** What counts are taken of in the present stage. @type {import("./counts.js").Counted} */
    this.counted = { cells: [], agentValue: [], kinds: [], places: [] };
    this.reset([0, 0]);
  }

  /**
   * Start an episode.
   *
   * @param {Key} key
   * @param {number | null} [layoutIdx] - of a set of layouts, which one; drawn if left out
   */
  reset(key, layoutIdx = null) {
    const { rules, map } = this.game.header;
    const { nAgents } = this.game;
    this.key = key;
    this.time = 0;
    this.layoutIdx = layoutIdx ?? (map.is_set ? this.draw("layout", 0, 1)[0] % map.n_layouts : 0);
    const start = this.starts[this.layoutIdx];
    this.cells = start.cells.slice();
    this.agentCell = start.places.slice();
    this.agentDir = drawStartDirections(rules.start_directions, nAgents, (n) => this.draw("start_direction", 0, n));
    this.agentValue = Array.from(this.game.array("map.start_values"));
    this.terminated = Array(nAgents).fill(false);
    this.events = Array(nAgents).fill(0);
    this.amounts = this.nothing();
    this.attempts = Array(nAgents).fill(-1);
    this.worldValue = rules.has_world_values ? this.draw("world_value", 0, 1)[0] % rules.n_world_values : 0;
    for (const draw of this.game.draws) if (draw.isAtReset) draw.make(this, draw.data.k, 0);
    const { openAtStart } = this.game;
    const rooms = start.rooms.map((room) =>
      openAtStart ? room.filter((cell) => openAtStart[this.cells[cell]]) : room,
    );
    this.agentCell = drawStartCells(start.places, rooms, (n) => this.draw("start_cell", 0, n));
    for (const draw of this.game.draws) if (draw.isAfterStarts) draw.make(this, draw.data.k, 0);
  }

  /**
   * Make one step.
   *
   * @param {number[]} actions - one for each agent, in range; that of a terminated agent does not count
   * @returns {number[]} the actions that were made
   */
  step(actions) {
    const made = actions.map((action, agentIdx) => this.taken(agentIdx, action));
    this.attempts = noteAttempts(this, made);
    this.events = Array(this.game.nAgents).fill(0);
    this.amounts = this.nothing();
    for (const stage of this.stages) stage(this, made);
    this.time += 1;
    return made;
  }

  /**
   * The action that an agent makes of one: Noop if it has terminated, or does not take such actions.
   *
   * @private
   * @param {number} agentIdx
   * @param {number} action
   */
  taken(agentIdx, action) {
    const { takes, header } = this.game;
    const { noop, actions } = header.rules;
    if (this.terminated[agentIdx]) return noop;
    return takes && !takes[this.agentValue[agentIdx] * actions.length + action] ? noop : action;
  }

  /** No amounts, for each agent. @private @returns {number[][]} */
  nothing() {
    const { amounts } = this.game.header.rules;
    return Array.from({ length: this.game.nAgents }, () => amounts.map(() => 0));
  }

  /**
   * Keep what counts are taken of, at the start of a stage.
   *
   * @param {number[]} [kinds] - which rule each agent calls, 0 for none
   * @param {number[]} [places] - for which cell
   */
  startCounting(kinds = [], places = []) {
    if (!this.game.doesCount) return;
    this.counted = { cells: this.cells.slice(), agentValue: this.agentValue.slice(), kinds, places: places.slice() };
  }

  /**
   * The row of a thing in a table, by the count that it asks for.
   *
   * @param {string} table
   * @param {number} thing
   * @param {number} kind - which rule is called
   * @param {number} place - for which cell
   */
  countedRow(table, thing, kind, place) {
    const counts = this.game.counts[table];
    return counts ? counts.row(thing, kind, place, this.counted) : thing;
  }

  /**
   * The row of a table that is drawn, where a row is drawn among.
   *
   * @param {string} table
   * @param {number} row
   * @param {number} number - of the word that decides
   * @param {string} [purpose] - of that word; the table's name if left out
   */
  drawnRow(table, row, number, purpose = table) {
    const chance = this.game.chances[table];
    return chance ? chance.choose(row, () => this.drawWord(purpose, this.time, number)) : row;
  }

  /**
   * Draw one of the words of a purpose.
   *
   * @param {string} purpose
   * @param {number} time
   * @param {number} number
   */
  drawWord(purpose, time, number) {
    return drawWord(this.key, this.game.counters[purpose], time, number);
  }

  /**
   * Draw n words for a purpose.
   *
   * @param {string} purpose - by its name in `header.draws`
   * @param {number} time
   * @param {number} n
   */
  draw(purpose, time, n) {
    return drawWords(this.key, this.game.counters[purpose], time, n);
  }

  /** Whether the clock has ended the episode. */
  get isTimeUp() {
    const { max_steps: maxSteps } = this.game.header.rules;
    return maxSteps !== null && this.time >= maxSteps;
  }

  /** Whether the episode is over. */
  get isOver() {
    return this.isTimeUp || this.terminated.every(Boolean);
  }

  /** What changes, as a copy. @returns {Snapshot} */
  snapshot() {
    const { key, time, worldValue, layoutIdx } = this;
    return {
      key,
      time,
      worldValue,
      layoutIdx,
      cells: this.cells.slice(),
      agentCell: this.agentCell.slice(),
      agentDir: this.agentDir.slice(),
      agentValue: this.agentValue.slice(),
      terminated: this.terminated.slice(),
      events: this.events.slice(),
      amounts: this.amounts.map((amounts) => amounts.slice()),
    };
  }

  /** Go on from a snapshot. @param {Snapshot} kept */
  restore(kept) {
    this.key = kept.key;
    this.time = kept.time;
    this.worldValue = kept.worldValue;
    this.layoutIdx = kept.layoutIdx;
    this.cells = kept.cells.slice();
    this.agentCell = kept.agentCell.slice();
    this.agentDir = kept.agentDir.slice();
    this.agentValue = kept.agentValue.slice();
    this.terminated = kept.terminated.slice();
    this.events = kept.events.slice();
    this.amounts = kept.amounts.map((amounts) => amounts.slice());
  }
}

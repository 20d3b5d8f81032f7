// A compiled game as this engine reads it: the header and the arrays of `Game.to_arrays`, checked.

import { Chance } from "./chance.js";
import { SETTLE } from "./collisions.js";
import { Count, Counts } from "./counts.js";
import { MemberDraw } from "./member_draws.js";
import { Moves } from "./moves.js";
import { KNOWN_NEEDS } from "./needs.js";
import { Reach } from "./reach.js";

const VERSION = 1;

const STAGES = ["tick", "move", "interact"];

/** Data that this engine cannot play. */
export class GameError extends Error {}

/** A game: what never changes while it is played. */
export class Game {
  /**
   * @param {Header} header
   * @param {Record<string, Numbers>} arrays - by name, flat
   */
  constructor(header, arrays) {
    check(header);
    this.header = header;
    this.arrays = arrays;
    const { rules, map, draws } = header;
    this.nAgents = rules.n_agents;
    this.nCells = map.height * map.width;
    this.nPairs = rules.n_agent_values * rules.n_cell_values;
    this.nBlock = rules.n_world_values * this.nPairs;
    /** @type {Record<string, number>} - for each purpose, the counter of its first block */
    this.counters = {};
    for (const [purpose, number] of Object.entries(draws.purposes))
      this.counters[purpose] = number << draws.purpose_shift;
    this.front = this.array("map.front");
    this.turn = this.array("rules.turn");
    this.proposes = this.array("rules.proposes");
    this.interaction = this.array("rules.interaction");
    this.tick = this.array("rules.tick");
    this.passable = this.array("rules.passable");
    this.interact = this.array("rules.interact");
    /** How many numbers a row of a table of pairs has: four, and one for each amount. */
    this.rowWidth = 4 + rules.amounts.length;
    this.enter = rules.has_enter ? this.array("rules.enter") : null;
    this.stand = this.optional("stand");
    this.goes = this.optional("goes");
    this.takes = this.optional("takes");
    this.actsHere = this.optional("acts_here");
    this.agentTick = this.optional("agent_tick");
    this.passableBy = this.optional("passable_by");
    this.leave = this.optional("leave");
    this.openAtStart = this.arrays["map.open_at_start"] ?? null;
    /** Which rows of the tables are drawn among. @type {Record<string, Chance>} */
    this.chances = {};
    for (const [table, data] of Object.entries(rules.chances)) this.chances[table] = new Chance(this, data);
    /** Of which tables a count chooses rows. @type {Record<string, Counts>} */
    this.counts = {};
    for (const [table, data] of Object.entries(rules.counts)) this.counts[table] = new Counts(this, data);
    this.doesCount = header.needs.includes("counts");
    /** What each payment depends on beside who has earned it. @type {(Count | null)[]} */
    this.paymentCounts = header.rewards.map(({ count }) => (count ? new Count(this, count) : null));
    this.moves = rules.moves === null ? null : new Moves(this, rules.moves);
    this.draws = rules.draws.map((data) => new MemberDraw(this, data));
    this.reach = header.needs.includes("reach") ? new Reach(this) : null;
  }

  /**
   * Whether an action can ever change anything: it moves, turns, or calls a rule that does something.
   *
   * @param {number} action
   */
  doesAnything(action) {
    const kind = this.interaction[action];
    if (!kind) return action !== this.header.rules.noop;
    if (this.reach?.meet) return true;
    const { n_cell_values: nCellValues, n_agent_values: nAgentValues } = this.header.rules;
    for (let row = kind * this.nBlock; row < (kind + 1) * this.nBlock; row += 1) {
      const first = row * this.rowWidth;
      const [cell, agent, events] = this.interact.subarray(first, first + 3);
      const isSame = cell === row % nCellValues && agent === Math.floor(row / nCellValues) % nAgentValues;
      if (!isSame || events) return true;
    }
    return false;
  }

  /** A table that only some games have. @private @param {string} name */
  optional(name) {
    return this.header.needs.includes(name) ? this.array(`rules.${name}`) : null;
  }

  /**
   * An array by its name.
   *
   * @param {string} name
   * @returns {Numbers}
   */
  array(name) {
    const found = this.arrays[name];
    if (!found) throw new GameError(`The game has no array ${name}.`);
    return found;
  }
}

/**
 * Refuse what this engine cannot play.
 *
 * @param {Header} header
 */
function check(header) {
  if (header.version !== VERSION) {
    throw new GameError(
      `The game is of version ${header.version} of the format, and this page reads version ${VERSION}.`,
    );
  }
  const unknown = header.needs.filter((need) => !KNOWN_NEEDS.includes(need));
  if (unknown.length) throw new GameError(`The game needs ${unknown.join(", ")}, which this page does not know.`);
  const strange = header.rules.stages.filter((stage) => !STAGES.includes(stage));
  if (strange.length) throw new GameError(`The game has a stage ${strange[0]}, which this page does not know.`);
  if (!(header.rules.collisions in SETTLE)) {
    throw new GameError(
      `The game has a rule for collisions ${header.rules.collisions}, which this page does not know.`,
    );
  }
}

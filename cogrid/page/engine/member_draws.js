// What is drawn among members of groups; equal to `cogrid/integer/member_draws.py`.

import { Chance } from "./chance.js";
import { Counts } from "./counts.js";

/** @typedef {import("./world.js").World} World */
/** @typedef {import("./game.js").Game} Game */
/** @typedef {import("./chance.js").ChanceData} ChanceData */

/** @typedef {import("./counts.js").CountData} CountData */
/** @typedef {import("./counts.js").Counted} Counted */

/** @typedef {{is_member: string, after: string, chance: ChanceData | null, counts?: CountData | null}} MemberData */

/**
 * A draw of a rule set.
 *
 * @typedef {object} DrawData
 * @property {number} k
 * @property {boolean} is_free
 * @property {[number, number][]} apart
 * @property {number} event_mask
 * @property {number} at_most
 * @property {number} first_word
 * @property {MemberData | null} cells
 * @property {MemberData | null} agents
 */

/** What a draw does to cells, or to agents. */
class Members {
  /**
   * @param {Game} game
   * @param {MemberData} data
   */
  constructor(game, data) {
    this.isMember = game.array(data.is_member);
    this.after = game.array(data.after);
    this.chance = data.chance === null ? null : new Chance(game, data.chance);
    this.counts = data.counts ? new Counts(game, data.counts) : null;
  }

  /**
   * What follows a value that is drawn.
   *
   * @param {number} value
   * @param {() => number} draw
   * @param {number} [cell] - where it stands
   * @param {Counted} [counted] - what counts are taken of
   */
  next(value, draw, cell = 0, counted = undefined) {
    const row = this.counts && counted ? this.counts.row(value, 0, cell, counted) : value;
    return this.after[this.chance ? this.chance.choose(row, draw) : row];
  }
}

/** One draw. */
export class MemberDraw {
  /**
   * @param {Game} game
   * @param {DrawData} data
   */
  constructor(game, data) {
    this.data = data;
    this.cells = data.cells === null ? null : new Members(game, data.cells);
    this.agents = data.agents === null ? null : new Members(game, data.agents);
  }

  /** Whether it is made at each reset, before agents start. */
  get isAtReset() {
    return this.data.event_mask === 0 && !this.data.is_free;
  }

  /** Whether it is made at each reset, after agents have started. */
  get isAfterStarts() {
    return this.data.event_mask === 0 && this.data.is_free;
  }

  /** How many members the events of a step draw. @param {number[]} events */
  nAsked(events) {
    const nEvents = events.filter((mask) => mask & this.data.event_mask).length;
    return Math.min(nEvents, this.data.at_most) * this.data.k;
  }

  /**
   * Choose members one after the other, and let each become what follows.
   *
   * @param {World} world
   * @param {number} nDrawn
   * @param {number} time - of the words
   */
  make(world, nDrawn, time) {
    const { cells, agentValue } = world;
    const counted = { cells: cells.slice(), agentValue: agentValue.slice(), kinds: [], places: [] };
    let left = this.members(world);
    const nSlots = Math.min(nDrawn, left.length);
    for (let slot = 0; slot < nSlots && left.length; slot += 1) {
      const number = this.data.first_word + 2 * slot;
      const [member] = left.splice(world.drawWord("draw", time, number) % left.length, 1);
      const draw = () => world.drawWord("draw", time, number + 1);
      if (member >= cells.length) {
        const agentIdx = member - cells.length;
        if (this.agents) agentValue[agentIdx] = this.agents.next(agentValue[agentIdx], draw);
      } else if (this.cells) {
        cells[member] = this.cells.next(cells[member], draw, member, counted);
        left = left.filter((other) => other >= cells.length || !this.isNear(world, member, other));
      }
    }
  }

  /** Who is in the group: cells, then, numbered on, agents that have not terminated. @private @param {World} world */
  members({ cells, agentCell, agentValue, terminated }) {
    const leavesOutAgents = this.data.is_free || this.isAtReset;
    const ofCells = cells
      .map((_, cell) => cell)
      .filter((cell) => this.cells?.isMember[cells[cell]] && !(leavesOutAgents && agentCell.includes(cell)));
    const ofAgents = agentValue
      .map((_, agentIdx) => agentIdx)
      .filter((agentIdx) => this.agents?.isMember[agentValue[agentIdx]] && !terminated[agentIdx]);
    return [...ofCells, ...ofAgents.map((agentIdx) => cells.length + agentIdx)];
  }

  /** Whether a cell lies too near to one that was drawn. @private @param {World} world @param {number} drawn @param {number} cell */
  isNear({ game }, drawn, cell) {
    const { width } = game.header.map;
    const down = Math.floor(cell / width) - Math.floor(drawn / width);
    const right = (cell % width) - (drawn % width);
    return this.data.apart.some(
      ([rows, columns]) => (down === rows && right === columns) || (down === -rows && right === -columns),
    );
  }
}

// Pushes, and what moves by itself; equal to `cogrid/integer/moves.py`.

import { Chance } from "./chance.js";
import { threefry } from "./draws.js";

/** @typedef {import("./game.js").Game} Game */
/** @typedef {import("./world.js").World} World */

/** @typedef {{lift: string | null, receive: string, roam: string | null, roam_chance: import("./chance.js").ChanceData | null}} MoveData */

/**
 * What an agent pushes.
 *
 * @typedef {object} Push
 * @property {number} ahead - the cell that it goes to
 * @property {number} beyond - the cell that the thing goes to
 * @property {number} left - what the first becomes
 * @property {number} received - what the other one becomes
 * @property {number} events
 */

export class Moves {
  /**
   * @param {Game} game
   * @param {MoveData} data
   */
  constructor(game, data) {
    this.game = game;
    this.lift = data.lift === null ? null : game.array(data.lift);
    this.receive = game.array(data.receive);
    this.roam = data.roam === null ? null : game.array(data.roam);
    this.chance = data.roam_chance === null ? null : new Chance(game, data.roam_chance);
    this.around = game.array("map.around");
  }

  /**
   * What becomes of a cell that gets a thing; -1 if it takes none.
   *
   * @private
   * @param {World} world
   * @param {number} thing
   * @param {number} cell
   */
  received(world, thing, cell) {
    return this.receive[thing * this.game.header.rules.n_cell_values + world.cells[cell]];
  }

  /**
   * What an agent pushes that goes towards a cell, if no other agent hinders it.
   *
   * @param {World} world
   * @param {number} agentIdx
   * @param {number} ahead
   * @param {number} direction
   * @returns {Push | null}
   */
  pushOf(world, agentIdx, ahead, direction) {
    if (!this.lift) return null;
    const pair = world.agentValue[agentIdx] * this.game.header.rules.n_cell_values + world.cells[ahead];
    const [thing, left, events] = this.lift.subarray(pair * 3, pair * 3 + 3);
    const beyond = this.game.front[ahead * 4 + direction];
    const received = thing < 0 || beyond === ahead ? -1 : this.received(world, thing, beyond);
    return received < 0 ? null : { ahead, beyond, left, received, events };
  }

  /** Let what moves by itself move, one after the other. @param {World} world */
  roamAll(world) {
    const { roam } = this;
    if (!roam) return;
    const before = world.cells.slice();
    const movers = before
      .map((_, cell) => cell)
      .filter((cell) => roam[before[cell] * 3] >= 0 || this.chance?.decides(before[cell]));
    movers.forEach((here, turn) => {
      const words = threefry(world.key[0], world.key[1], this.game.counters.roam + turn, world.time);
      if (world.cells[here] === before[here]) this.move(world, roam, here, words);
    });
  }

  /**
   * @private
   * @param {World} world
   * @param {Numbers} roam
   * @param {number} here
   * @param {[number, number]} words
   */
  move(world, roam, here, [ofChance, ofNeighbour]) {
    const { cells, agentCell } = world;
    const row = (this.chance ? this.chance.choose(cells[here], () => ofChance) : cells[here]) * 3;
    const [thing, left, isDiagonal] = roam.subarray(row, row + 3);
    if (thing < 0) return;
    const around = Array.from(this.around.subarray(here * 8, here * 8 + (isDiagonal ? 8 : 4)));
    const ways = around.filter(
      (there) => there !== here && !agentCell.includes(there) && this.received(world, thing, there) >= 0,
    );
    if (!ways.length) return;
    const there = ways[ofNeighbour % ways.length];
    cells[there] = this.received(world, thing, there);
    cells[here] = left;
  }
}

/**
 * Whether another agent stands in the cell beyond, wants it, or pushes out of it or into it.
 *
 * @param {Push} push
 * @param {number} agentIdx - who pushes
 * @param {World} world
 * @param {number[]} target - the cell that each agent walks to
 * @param {Map<number, Push>} pushes - by agent
 */
export function hinders({ ahead, beyond }, agentIdx, world, target, pushes) {
  const isThere = target.some(
    (cell, other) => other !== agentIdx && (beyond === cell || beyond === world.agentCell[other]),
  );
  return (
    isThere ||
    [...pushes].some(
      ([other, their]) =>
        other !== agentIdx && (beyond === their.ahead || beyond === their.beyond || ahead === their.beyond),
    )
  );
}

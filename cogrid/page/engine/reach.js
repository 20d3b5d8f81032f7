// Acts along lines of cells, and on other agents; equal to `cogrid/integer/reach.py` and the stage that uses it.

import { followRule } from "./rules.js";

/** @typedef {import("./world.js").World} World */
/** @typedef {import("./game.js").Game} Game */

/** Where the acts of a game fall, and what they do to agents. */
export class Reach {
  /** @param {Game} game */
  constructor(game) {
    const [, , nLines, nCells] = game.header.arrays["rules.reach.offsets"].shape;
    /** How many lines the widest act has. */
    this.nLines = nLines;
    /** @private */
    this.nCells = nCells;
    /** @private */
    this.offsets = game.array("rules.reach.offsets");
    this.isBeam = game.array("rules.reach.is_beam");
    this.blocks = game.array("rules.reach.blocks");
    this.answers = game.array("rules.reach.answers");
    const doesMeet = game.header.needs.includes("meet");
    this.meet = doesMeet ? { rows: game.array("rules.meet.rows"), answers: game.array("rules.meet.answers") } : null;
  }

  /**
   * The cells of a line, as far as the grid goes.
   *
   * @param {World} world
   * @param {number} kind - the number of the act
   * @param {number} agentIdx
   * @param {number} line
   * @returns {number[]}
   */
  cells(world, kind, agentIdx, line) {
    const { height, width } = world.game.header.map;
    const [row, column] = [Math.floor(world.agentCell[agentIdx] / width), world.agentCell[agentIdx] % width];
    const first = ((kind * 4 + world.agentDir[agentIdx]) * this.nLines + line) * this.nCells;
    const found = [];
    for (let idx = first; idx < first + this.nCells; idx += 1) {
      const [down, right] = [row + this.offsets[idx * 2], column + this.offsets[idx * 2 + 1]];
      if (down >= 0 && down < height && right >= 0 && right < width) found.push(down * width + right);
    }
    return found;
  }
}

/**
 * Let an agent act along all lines of its act.
 *
 * @param {World} world
 * @param {Reach} reach
 * @param {number} kind
 * @param {number} agentIdx
 */
export function actAlongLines(world, reach, kind, agentIdx) {
  for (let line = 0; line < reach.nLines; line += 1) {
    const fall = findFall(world, reach, kind, agentIdx, line);
    const number = agentIdx * reach.nLines + line;
    if (fall && fall.other < 0) followRule(world, "interact", kind, agentIdx, fall.cell, number);
    if (fall && fall.other >= 0 && reach.meet) {
      const pair =
        firstOf(world, kind, agentIdx) * world.game.header.rules.n_agent_values + world.agentValue[fall.other];
      meet(world, reach.meet.rows, pair, agentIdx, fall.other, number);
    }
  }
}

/**
 * The first cell of a line that answers, and the agent that does so, if it is one.
 *
 * @param {World} world
 * @param {Reach} reach
 * @param {number} kind
 * @param {number} agentIdx
 * @param {number} line
 * @returns {{cell: number, other: number} | null} other is -1 for a cell that answers itself
 */
export function findFall(world, reach, kind, agentIdx, line) {
  const { rules } = world.game.header;
  const first = firstOf(world, kind, agentIdx);
  for (const cell of world.terminated[agentIdx] ? [] : reach.cells(world, kind, agentIdx, line)) {
    const other = world.agentCell.findIndex((place, idx) => place === cell && idx !== agentIdx);
    if (other < 0 && reach.answers[first * rules.n_cell_values + world.cells[cell]]) return { cell, other };
    const isMet = other >= 0 && !world.terminated[other];
    if (isMet && reach.meet?.answers[first * rules.n_agent_values + world.agentValue[other]]) return { cell, other };
    if (reach.isBeam[kind] && (other >= 0 || reach.blocks[world.cells[cell]])) return null;
  }
  return null;
}

/**
 * The row of an act of an agent, to be told apart further by what it falls on.
 *
 * @param {World} world
 * @param {number} kind
 * @param {number} agentIdx
 */
function firstOf(world, kind, agentIdx) {
  const { rules } = world.game.header;
  return (kind * rules.n_world_values + world.worldValue) * rules.n_agent_values + world.agentValue[agentIdx];
}

/**
 * Make of two agents what a rule makes of them.
 *
 * @param {World} world
 * @param {Numbers} rows
 * @param {number} pair
 * @param {number} agentIdx
 * @param {number} other
 * @param {number} number
 */
function meet(world, rows, pair, agentIdx, other, number) {
  const row = world.drawnRow("meet", pair, number, "interact") * 6;
  world.agentValue[other] = rows[row];
  world.agentValue[agentIdx] = rows[row + 1];
  world.events[agentIdx] |= rows[row + 2];
  world.events[other] |= rows[row + 3];
  if (rows[row + 4]) world.terminated[agentIdx] = true;
  if (rows[row + 5]) world.terminated[other] = true;
}

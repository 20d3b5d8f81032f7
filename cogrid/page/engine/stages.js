// The stages of a step; equal to `cogrid/integer/stages.py`. Each changes the world that it is given.

import { SETTLE } from "./collisions.js";

/** @typedef {import("./world.js").World} World */

/**
 * Let every cell do what it does by itself in one step.
 *
 * @param {World} world
 */
function tickCells(world) {
  const { cells, game } = world;
  for (let cell = 0; cell < cells.length; cell += 1) cells[cell] = game.tick[cells[cell]];
}

/**
 * Turn the agents, let them move, and let the cells that they enter do what they do.
 *
 * @param {World} world
 * @param {number[]} actions
 */
function moveAndEnter(world, actions) {
  const { game, cells, agentDir } = world;
  const before = world.agentCell;
  const target = before.slice();
  let isAnybody = false;
  actions.forEach((action, agentIdx) => {
    agentDir[agentIdx] = game.turn[action * 4 + agentDir[agentIdx]];
    const ahead = facedCell(world, agentIdx);
    if (game.proposes[action] && ahead !== before[agentIdx] && game.passable[cells[ahead]]) {
      target[agentIdx] = ahead;
      isAnybody = true;
    }
  });
  if (!isAnybody) return;
  world.agentCell = before.slice();
  const { rules } = game.header;
  SETTLE[rules.collisions](world.agentCell, target, () => world.draw("move_order", world.time, game.nAgents));
  world.agentCell.forEach((cell, agentIdx) => {
    if (cell !== target[agentIdx]) world.events[agentIdx] |= rules.collision_mask;
  });
  const { enter } = game;
  if (!enter) return;
  world.agentCell.forEach((cell, agentIdx) => {
    if (cell !== before[agentIdx] && !world.terminated[agentIdx]) followRule(world, enter, 1, agentIdx, cell);
  });
}

/**
 * Let the agents act on the cells that they face, in turn; then draw what is wanted anew if an event asks for it.
 *
 * @param {World} world
 * @param {number[]} actions
 */
function interact(world, actions) {
  const { game } = world;
  const { rules } = game.header;
  actions.forEach((action, agentIdx) => {
    const kind = game.interaction[action];
    if (!kind || world.terminated[agentIdx]) return;
    const ahead = facedCell(world, agentIdx);
    if (!world.agentCell.includes(ahead)) followRule(world, game.interact, kind, agentIdx, ahead);
  });
  if (world.events.some((events) => events & rules.redraw_mask)) {
    world.worldValue = world.draw("world_value", world.time + 1, 1)[0] % rules.n_world_values;
  }
}

/** The function of each stage, by its name. @type {Record<string, (world: World, actions: number[]) => void>} */
export const STAGE = { tick: tickCells, move: moveAndEnter, interact };

/**
 * For each agent the pair of its value and the faced cell's, if it interacts with a cell on the grid; else -1.
 *
 * @param {World} world
 * @param {number[]} actions
 * @returns {number[]}
 */
export function noteAttempts(world, actions) {
  const { game, agentCell, agentValue, cells } = world;
  return actions.map((action, agentIdx) => {
    const ahead = facedCell(world, agentIdx);
    const isTried = game.interaction[action] && ahead !== agentCell[agentIdx];
    return isTried ? agentValue[agentIdx] * game.header.rules.n_cell_values + cells[ahead] : -1;
  });
}

/**
 * The cell in front of an agent; its own, where that is off the grid.
 *
 * @param {World} world
 * @param {number} agentIdx
 */
function facedCell(world, agentIdx) {
  return world.game.front[world.agentCell[agentIdx] * 4 + world.agentDir[agentIdx]];
}

/**
 * Make of an agent and a cell what a rule makes of them.
 *
 * @param {World} world
 * @param {Numbers} rows - the rule's pair table: cell value, agent value, events, whether the agent's episode ends
 * @param {number} kind - which block of the table
 * @param {number} agentIdx
 * @param {number} cell
 */
function followRule(world, rows, kind, agentIdx, cell) {
  const { game, cells, agentValue } = world;
  const first = kind * game.nBlock + world.worldValue * game.nPairs;
  const row = (first + agentValue[agentIdx] * game.header.rules.n_cell_values + cells[cell]) * 4;
  cells[cell] = rows[row];
  agentValue[agentIdx] = rows[row + 1];
  world.events[agentIdx] |= rows[row + 2];
  if (rows[row + 3]) world.terminated[agentIdx] = true;
}

// The stages of a step; equal to `cogrid/integer/stages.py`. Each changes the world that it is given.

import { SETTLE } from "./collisions.js";
import { hinders } from "./moves.js";
import { actAlongLines, findFall } from "./reach.js";
import { followRule } from "./rules.js";

/** @typedef {import("./world.js").World} World */
/** @typedef {import("./moves.js").Push} Push */

/**
 * Let every cell, and then every agent, do what it does by itself in one step.
 *
 * @param {World} world
 */
function tickAll(world) {
  const { cells, game, agentValue } = world;
  world.startCounting();
  for (let cell = 0; cell < cells.length; cell += 1) {
    cells[cell] = game.tick[world.drawnRow("tick", world.countedRow("tick", cells[cell], 1, cell), cell)];
  }
  const { agentTick } = game;
  agentValue.forEach((value, agentIdx) => {
    if (!agentTick || world.terminated[agentIdx]) return;
    const row = world.drawnRow("agent_tick", value, agentIdx) * 3;
    agentValue[agentIdx] = agentTick[row];
    world.events[agentIdx] |= agentTick[row + 1];
    if (agentTick[row + 2]) world.terminated[agentIdx] = true;
  });
  game.moves?.roamAll(world);
}

/**
 * Turn the agents, let them move, and let the cells that they enter, and those in which they stand, do what they do.
 *
 * @param {World} world
 * @param {number[]} actions
 */
function moveAndEnter(world, actions) {
  const { game } = world;
  const { noop, collisions, collision_mask: collisionMask } = game.header.rules;
  const before = world.agentCell;
  const told = actions.map((action, agentIdx) => (world.terminated[agentIdx] ? noop : action));
  const target = told.map((action, agentIdx) => turnAndPropose(world, agentIdx, action));
  const pushes = game.moves?.lift ? findPushes(world, told, target) : new Map();
  if (target.some((cell, agentIdx) => cell !== before[agentIdx])) {
    world.agentCell = before.slice();
    SETTLE[collisions](world.agentCell, target, () => world.draw("move_order", world.time, game.nAgents));
    world.agentCell.forEach((cell, agentIdx) => {
      if (cell !== target[agentIdx]) world.events[agentIdx] |= collisionMask;
    });
    for (const [agentIdx, push] of pushes)
      if (world.agentCell[agentIdx] === push.ahead) makePush(world, agentIdx, push);
    world.startCounting(
      world.agentCell.map((cell, agentIdx) => Number(cell !== before[agentIdx])),
      world.agentCell,
    );
    world.agentCell.forEach((cell, agentIdx) => {
      if (cell !== before[agentIdx] && !world.terminated[agentIdx]) followRule(world, "enter", 1, agentIdx, cell);
    });
  }
  world.startCounting(Array(game.nAgents).fill(1), world.agentCell);
  world.agentCell.forEach((cell, agentIdx) => {
    if (!world.terminated[agentIdx]) followRule(world, "stand", 1, agentIdx, cell);
  });
}

/**
 * Turn an agent, and find the cell that it wants: its own, where it stays.
 *
 * @param {World} world
 * @param {number} agentIdx
 * @param {number} action
 * @returns {number}
 */
function turnAndPropose(world, agentIdx, action) {
  const { game, agentDir } = world;
  const direction = game.turn[action * 4 + agentDir[agentIdx]];
  const place = world.agentCell[agentIdx];
  agentDir[agentIdx] = direction;
  if (!game.proposes[action]) return place;
  const ahead = game.front[place * 4 + wayOf(world, agentIdx, action)];
  return mayEnter(world, agentIdx, ahead) && mayLeave(world, agentIdx) ? ahead : place;
}

/**
 * The direction in which an agent goes by an action.
 *
 * @param {World} world
 * @param {number} agentIdx
 * @param {number} action
 */
function wayOf({ game, agentDir }, agentIdx, action) {
  return game.goes ? game.goes[action * 4 + agentDir[agentIdx]] : agentDir[agentIdx];
}

/**
 * Whether an agent may move into a cell.
 *
 * @param {World} world
 * @param {number} agentIdx
 * @param {number} cell
 */
function mayEnter({ game, cells, agentValue }, agentIdx, cell) {
  if (!game.passableBy) return game.passable[cells[cell]] !== 0;
  return game.passableBy[agentValue[agentIdx] * game.header.rules.n_cell_values + cells[cell]] !== 0;
}

/**
 * Whether an agent may move out of its cell.
 *
 * @param {World} world
 * @param {number} agentIdx
 */
function mayLeave({ game, cells, agentCell, agentValue }, agentIdx) {
  const pair = agentValue[agentIdx] * game.header.rules.n_cell_values + cells[agentCell[agentIdx]];
  return !game.leave || game.leave[pair] !== 0;
}

/**
 * What agents push, whose targets are set to the cells that they want then; notes who is hindered.
 *
 * @param {World} world
 * @param {number[]} actions
 * @param {number[]} target
 * @returns {Map<number, Push>}
 */
function findPushes(world, actions, target) {
  const { game, agentCell } = world;
  /** @type {Map<number, Push>} */
  const found = new Map();
  actions.forEach((action, agentIdx) => {
    const place = agentCell[agentIdx];
    if (!game.proposes[action] || target[agentIdx] !== place) return;
    const direction = wayOf(world, agentIdx, action);
    const ahead = game.front[place * 4 + direction];
    const push = game.moves?.pushOf(world, agentIdx, ahead, direction);
    if (push && mayLeave(world, agentIdx) && !mayEnter(world, agentIdx, ahead)) found.set(agentIdx, push);
  });
  const hindered = [...found].filter(([agentIdx, push]) => hinders(push, agentIdx, world, target, found));
  for (const [agentIdx] of hindered) {
    world.events[agentIdx] |= game.header.rules.collision_mask;
    found.delete(agentIdx);
  }
  for (const [agentIdx, { ahead }] of found) target[agentIdx] = ahead;
  return found;
}

/**
 * Move what an agent has pushed that has got into its cell.
 *
 * @param {World} world
 * @param {number} agentIdx
 * @param {Push} push
 */
function makePush(world, agentIdx, { ahead, beyond, left, received, events }) {
  world.cells[ahead] = left;
  world.cells[beyond] = received;
  world.events[agentIdx] |= events;
}

/**
 * Let the agents act, in turn; then draw anew what events ask for.
 *
 * @param {World} world
 * @param {number[]} actions
 */
function interact(world, actions) {
  const { game } = world;
  const { rules } = game.header;
  countActs(world, actions);
  actions.forEach((action, agentIdx) => {
    const kind = game.interaction[action];
    if (kind && !world.terminated[agentIdx]) act(world, kind, agentIdx);
  });
  if (world.events.some((events) => events & rules.redraw_mask)) {
    world.worldValue = world.draw("world_value", world.time + 1, 1)[0] % rules.n_world_values;
  }
  for (const draw of game.draws) {
    const nDrawn = draw.data.event_mask ? draw.nAsked(world.events) : 0;
    if (nDrawn) draw.make(world, nDrawn, world.time + 1);
  }
}

/**
 * Keep what counts of the stage are taken of: who is about to act, and on which cell; of lines the first one counts.
 *
 * @param {World} world
 * @param {number[]} actions
 */
function countActs(world, actions) {
  const { game } = world;
  if (!game.doesCount) return;
  const places = world.agentCell.slice();
  const kinds = actions.map((action, agentIdx) => {
    const kind = game.interaction[action];
    if (!kind || world.terminated[agentIdx]) return 0;
    if (game.reach) {
      const fall = findFall(world, game.reach, kind, agentIdx, 0);
      if (fall) places[agentIdx] = fall.cell;
      return fall && fall.other < 0 ? kind : 0;
    }
    if (game.actsHere?.[kind]) return kind;
    places[agentIdx] = facedCell(world, agentIdx);
    return world.agentCell.includes(places[agentIdx]) ? 0 : kind;
  });
  world.startCounting(kinds, places);
}

/**
 * Let an agent act: along lines, on its own cell, or on the cell that it faces if nobody stands there.
 *
 * @param {World} world
 * @param {number} kind
 * @param {number} agentIdx
 */
function act(world, kind, agentIdx) {
  const { game } = world;
  const ahead = facedCell(world, agentIdx);
  if (game.reach) actAlongLines(world, game.reach, kind, agentIdx);
  else if (game.actsHere?.[kind]) followRule(world, "interact", kind, agentIdx, world.agentCell[agentIdx]);
  else if (!world.agentCell.includes(ahead)) followRule(world, "interact", kind, agentIdx, ahead);
}

/** The function of each stage, by its name. @type {Record<string, (world: World, actions: number[]) => void>} */
export const STAGE = { tick: tickAll, move: moveAndEnter, interact };

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

// A partner that plans: it looks for the shortest way to something that is paid, as if it were alone, step after step.
//
// A plan is a row of errands; an errand is to go to a cell and act on it, or to walk onto it. Rules are tables, so what
// an errand makes of the agent and the cell is looked up, and the partner plays any world whose rewards pay for what one
// agent can bring about in a row. What it cannot reach itself counts as dear: it then hands over what it holds.

import { sumFor } from "../engine/payments.js";

/** @typedef {import("../engine/game.js").Game} Game */
/** @typedef {import("../engine/world.js").World} World */

const MAX_NODES = 2500;
const MAX_TICKS = 400;
const MAX_PUT_DOWN = 2;
const UNREACHED = 15;
const IN_THE_WAY = 5;
const LONG_AGO = 1e6;

/**
 * Something to do.
 *
 * @typedef {object} Errand
 * @property {number} cell
 * @property {number} action - that acts on the cell; -1 to walk onto it
 * @property {number} agentValue - what the agent must be
 * @property {number} wait - steps until the cell is what it must be
 * @property {boolean} isReached - whether the agent gets there
 * @property {boolean} isStorage - whether it only puts something down, or takes it up again
 */

/**
 * A point in a plan.
 *
 * @typedef {object} Node
 * @property {number[]} cells
 * @property {number} place
 * @property {number} value
 * @property {number} time
 * @property {number} nPutDown - things put aside so far
 * @property {Errand[]} path
 */

/** Rules that the planner does not think of. */
const NOT_PLANNED = ["counts", "reach", "moves", "acts_here", "draws", "amounts"];

/** Whether the planner understands a game. @param {Header} header */
export function canPlan(header) {
  return !header.needs.some((need) => NOT_PLANNED.includes(need));
}

export class Planner {
  /** @param {Game} game */
  constructor(game) {
    this.game = game;
    const { rules } = game.header;
    this.nCellValues = rules.n_cell_values;
    this.itemType = game.array("rules.item_type");
    /** Where no plan was found. @private @type {Set<string>} */
    this.hopeless = new Set();
    this.acts = rules.actions
      .map((_, action) => action)
      .filter((action) => game.interaction[action] && game.doesAnything(action));
    /** The cells beside each cell, by direction; its own where that is off the grid. */
    this.beside = Array.from({ length: game.nCells }, (_, cell) =>
      [0, 1, 2, 3].map((direction) => game.front[cell * 4 + direction]),
    );
    /** What each value becomes by itself in the end, and after how many steps. */
    this.rest = Array.from({ length: rules.n_cell_values }, (_, value) => this.findRest(value));
  }

  /** @private @param {number} value */
  findRest(value) {
    let [last, ticks] = [value, 0];
    while (this.game.tick[last] !== last && ticks < MAX_TICKS) [last, ticks] = [this.game.tick[last], ticks + 1];
    return ticks < MAX_TICKS ? { value: last, ticks } : { value, ticks: 0 };
  }

  /**
   * The next action of an agent.
   *
   * @param {World} world
   * @param {number} agentIdx
   * @param {number} word - drawn at random, to get out of the way
   * @returns {number}
   */
  act(world, agentIdx, word) {
    const { noop } = this.game.header.rules;
    const errand = this.choose(world, agentIdx);
    if (errand === null) return noop;
    const action = this.follow(world, agentIdx, errand);
    const isHeld = world.events[agentIdx] & this.game.header.rules.collision_mask;
    return isHeld && word % 3 === 0 ? this.anyMove(world, agentIdx, word) : action;
  }

  /**
   * What to do now: the first errand of the plan that the agent can do itself.
   *
   * @private
   * @param {World} world
   * @param {number} agentIdx
   * @returns {Errand | null}
   */
  choose(world, agentIdx) {
    const plan = this.plan(world, agentIdx);
    const value = world.agentValue[agentIdx];
    for (let idx = 0; idx < plan.length; idx += 1) {
      const errand = plan[idx];
      const next = plan[idx + 1];
      const isHandedOver = errand.isStorage && next !== undefined && !next.isReached;
      if (errand.isReached && errand.agentValue === value && !isHandedOver) return errand;
      if (errand.agentValue === value && !errand.isReached && idx === 0) {
        const place = this.findHandOver(world, agentIdx);
        if (place) return place;
      }
    }
    return null;
  }

  /**
   * The errands to the first payment; none if it is too far away.
   *
   * @private
   * @param {World} world
   * @param {number} agentIdx
   * @returns {Errand[]}
   */
  plan(world, agentIdx) {
    const key = `${agentIdx},${world.agentValue[agentIdx]},${world.worldValue},${String.fromCharCode(...world.cells)}`;
    if (this.hopeless.has(key)) return [];
    for (let maxPutDown = 0; maxPutDown <= MAX_PUT_DOWN; maxPutDown += 1) {
      const found = this.search(world, agentIdx, maxPutDown);
      if (found.length) return found;
    }
    this.hopeless.add(key);
    return [];
  }

  /**
   * The errands to the first payment, with so many things put aside on the way at most.
   *
   * @private
   * @param {World} world
   * @param {number} agentIdx
   * @param {number} maxPutDown
   * @returns {Errand[]}
   */
  search(world, agentIdx, maxPutDown) {
    const start = { cells: world.cells.slice(), place: world.agentCell[agentIdx], value: world.agentValue[agentIdx] };
    /** @type {Node[][]} - by time */
    const queue = [[{ ...start, time: 0, nPutDown: 0, path: [] }]];
    const seen = new Set();
    const others = world.agentCell.filter((_, other) => other !== agentIdx);
    for (let time = 0, nNodes = 0; time < queue.length; time += 1) {
      for (const node of queue[time] ?? []) {
        const key = `${node.place},${node.value},${String.fromCharCode(...node.cells)}`;
        if (seen.has(key)) continue;
        seen.add(key);
        nNodes += 1;
        if (nNodes > MAX_NODES) return [];
        for (const { errand, cost, stand } of this.errands(node, maxPutDown, others)) {
          const made = this.make(world, node, errand, cost, stand);
          if (made.isPaid) return made.node.path;
          (queue[made.node.time] ??= []).push(made.node);
        }
      }
    }
    return [];
  }

  /**
   * What can be done at a point of a plan: of equal things the nearest.
   *
   * @private
   * @param {Node} node
   * @param {number} maxPutDown
   * @param {number[]} others - where the other agents stand
   */
  errands(node, maxPutDown, others) {
    const free = this.distances(node.cells, node.place, others);
    const distance = this.distances(node.cells, node.place, []).map((steps, cell) =>
      Math.min(free[cell], steps + IN_THE_WAY),
    );
    /** @type {Map<string, {errand: Errand, cost: number, stand: number}>} */
    const found = new Map();
    const add = (
      /** @type {Errand} */ errand,
      /** @type {number} */ cost,
      /** @type {number} */ stand,
      /** @type {string} */ kind,
    ) => {
      const known = found.get(kind);
      if (!known || cost < known.cost) found.set(kind, { errand, cost, stand });
    };
    node.cells.forEach((now, cell) => {
      const { value: rest, ticks } = this.rest[now];
      if (this.game.passable[now]) {
        if (this.game.enter && distance[cell] < LONG_AGO && this.changes(this.game.enter, 1, node.value, now)) {
          add(
            { cell, action: -1, agentValue: node.value, wait: 0, isReached: true, isStorage: false },
            distance[cell],
            cell,
            `walk ${now}`,
          );
        }
        return;
      }
      const stand = this.standBefore(distance, cell);
      const isReached = stand >= 0;
      const cost = isReached ? distance[stand] + 2 : UNREACHED;
      for (const action of this.acts) {
        for (const wait of ticks ? [0, ticks] : [0]) {
          const value = wait ? rest : now;
          const kind = this.game.interaction[action];
          if (!this.changes(this.game.interact, kind, node.value, value)) continue;
          const isStorage = this.isStorage(kind, node.value, value);
          if (isStorage && !this.isFree(node.value) && node.nPutDown >= maxPutDown) continue;
          const errand = { cell, action, agentValue: node.value, wait, isReached, isStorage };
          add(errand, Math.max(cost, wait + 1), isReached ? stand : node.place, `${action} ${value}`);
        }
      }
    });
    return found.values();
  }

  /**
   * What an errand makes of a point of a plan.
   *
   * @private
   * @param {World} world
   * @param {Node} node
   * @param {Errand} errand
   * @param {number} cost - steps that it takes
   * @param {number} stand - where the agent is then
   */
  make(world, node, errand, cost, stand) {
    const { game } = this;
    const cells = node.cells.map((value) =>
      this.after(value, errand.wait ? cost : Math.min(cost, this.rest[value].ticks)),
    );
    if (!errand.wait) cells[errand.cell] = node.cells[errand.cell];
    const [rows, kind] =
      errand.action < 0 && game.enter ? [game.enter, 1] : [game.interact, game.interaction[errand.action]];
    const row = this.row(world.worldValue, kind, node.value, cells[errand.cell]);
    const pair = node.value * this.nCellValues + cells[errand.cell];
    const isPaid = this.payment(world, errand.action, rows[row + 2], pair) > 0;
    cells[errand.cell] = rows[row];
    const value = rows[row + 1];
    const path = [...node.path, errand];
    const nPutDown = node.nPutDown + Number(errand.isStorage && !this.isFree(node.value));
    return { isPaid, node: { cells, place: stand, value, time: node.time + Math.max(1, cost), nPutDown, path } };
  }

  // What the tables say

  /** Whether an agent like this holds nothing. @private @param {number} value */
  isFree(value) {
    return this.itemType[value] === -1;
  }

  /** @private */
  row(
    /** @type {number} */ worldValue,
    /** @type {number} */ kind,
    /** @type {number} */ agent,
    /** @type {number} */ cell,
  ) {
    return (kind * this.game.nBlock + worldValue * this.game.nPairs + agent * this.nCellValues + cell) * 4;
  }

  /**
   * Whether a rule makes anything of an agent and a cell, under any world value.
   *
   * @private
   * @param {Numbers} rows
   * @param {number} kind
   * @param {number} agent
   * @param {number} cell
   */
  changes(rows, kind, agent, cell) {
    for (let worldValue = 0; worldValue < this.game.header.rules.n_world_values; worldValue += 1) {
      const row = this.row(worldValue, kind, agent, cell);
      if (rows[row] !== cell || rows[row + 1] !== agent || rows[row + 2]) return true;
    }
    return false;
  }

  /**
   * Whether acting again undoes it, so that it is only a way to put something down or to take it up.
   *
   * @private
   * @param {number} kind
   * @param {number} agent
   * @param {number} cell
   */
  isStorage(kind, agent, cell) {
    const { interact } = this.game;
    const there = this.row(0, kind, agent, cell);
    const back = this.row(0, kind, interact[there + 1], interact[there]);
    return interact[back] === cell && interact[back + 1] === agent;
  }

  /**
   * What one agent is paid for what has happened.
   *
   * @private
   * @param {World} world - for what payments depend on beside that
   * @param {number} action
   * @param {number} events
   * @param {number} pair
   */
  payment(world, action, events, pair) {
    return this.game.header.rewards.reduce((total, payment, idx) => {
      const isTried = payment.attempts !== null && action === payment.action;
      const isEarned = isTried
        ? this.game.array(payment.attempts ?? "")[pair] !== 0
        : payment.attempts === null && (events & payment.event_mask) !== 0;
      return total + (isEarned ? sumFor(world, idx, 1) : 0);
    }, 0);
  }

  /** What a value is some steps later. @private @param {number} value @param {number} steps */
  after(value, steps) {
    const { value: rest, ticks } = this.rest[value];
    if (steps >= ticks) return rest;
    for (let step = 0; step < steps; step += 1) value = this.game.tick[value];
    return value;
  }

  // Ways

  /**
   * Steps from a cell to each cell.
   *
   * @private
   * @param {number[]} cells
   * @param {number} from
   * @param {number[]} taken - cells that nobody gets through
   */
  distances(cells, from, taken) {
    const found = Array(cells.length).fill(LONG_AGO);
    found[from] = 0;
    const queue = [from];
    for (const cell of queue) {
      for (const next of this.beside[cell]) {
        if (found[next] < LONG_AGO || !this.game.passable[cells[next]] || taken.includes(next)) continue;
        found[next] = found[cell] + 1;
        queue.push(next);
      }
    }
    return found;
  }

  /** The nearest place before a cell; -1 if there is none. @private @param {number[]} distance @param {number} cell */
  standBefore(distance, cell) {
    const near = this.beside[cell].filter((next) => next !== cell && distance[next] < LONG_AGO);
    return near.reduce((best, next) => (best < 0 || distance[next] < distance[best] ? next : best), -1);
  }

  /**
   * Where to put down what the agent holds, so that somebody else gets at it.
   *
   * @private
   * @param {World} world
   * @param {number} agentIdx
   * @returns {Errand | null}
   */
  findHandOver(world, agentIdx) {
    const value = world.agentValue[agentIdx];
    const own = this.distances(world.cells, world.agentCell[agentIdx], []);
    const others = world.agentCell
      .filter((_, other) => other !== agentIdx)
      .map((cell) => this.distances(world.cells, cell, []));
    let best = null;
    let least = LONG_AGO;
    for (let cell = 0; cell < world.cells.length; cell += 1) {
      const stand = this.game.passable[world.cells[cell]] ? -1 : this.standBefore(own, cell);
      const isShared = others.some((distance) => this.standBefore(distance, cell) >= 0);
      const action = this.acts.find(
        (one) =>
          this.isStorage(this.game.interaction[one], value, world.cells[cell]) &&
          this.changes(this.game.interact, this.game.interaction[one], value, world.cells[cell]),
      );
      if (stand < 0 || !isShared || action === undefined || own[stand] >= least) continue;
      least = own[stand];
      best = { cell, action, agentValue: value, wait: 0, isReached: true, isStorage: true };
    }
    return best;
  }

  /**
   * The action that gets on with an errand.
   *
   * @private
   * @param {World} world
   * @param {number} agentIdx
   * @param {Errand} errand
   * @returns {number}
   */
  follow(world, agentIdx, errand) {
    const { noop } = this.game.header.rules;
    const place = world.agentCell[agentIdx];
    const side = this.beside[place].findIndex((cell) => cell === errand.cell && cell !== place);
    if (errand.action >= 0 && side >= 0) {
      if (world.agentDir[agentIdx] !== side) return this.turnTo(world.agentDir[agentIdx], side);
      const isReady = this.rest[world.cells[errand.cell]].ticks === 0 || !errand.wait;
      return isReady ? errand.action : noop;
    }
    const others = world.agentCell.filter((_, other) => other !== agentIdx);
    const towards = this.wayTo(world, place, errand, others) ?? this.wayTo(world, place, errand, []);
    return towards === null ? noop : this.turnTo(world.agentDir[agentIdx], towards);
  }

  /**
   * The direction of the first step to an errand.
   *
   * @private
   * @param {World} world
   * @param {number} place
   * @param {Errand} errand
   * @param {number[]} taken
   * @returns {number | null}
   */
  wayTo(world, place, errand, taken) {
    const goals =
      errand.action < 0
        ? [errand.cell]
        : this.beside[errand.cell].filter((cell) => cell !== errand.cell && this.game.passable[world.cells[cell]]);
    let best = null;
    let least = LONG_AGO;
    for (const goal of goals.filter((cell) => !taken.includes(cell))) {
      const distance = this.distances(world.cells, goal, taken);
      this.beside[place].forEach((next, direction) => {
        if (next === place || distance[next] >= least || taken.includes(next)) return;
        least = distance[next];
        best = direction;
      });
    }
    return best;
  }

  /** The action that makes an agent look, or go, in a direction. @private @param {number} from @param {number} to */
  turnTo(from, to) {
    const { actions, noop } = this.game.header.rules;
    const numbers = actions.map((_, action) => action);
    const leads = (/** @type {number} */ action) => this.game.turn[action * 4 + from] === to;
    const move = numbers.find((action) => this.game.proposes[action] && leads(action));
    if (move !== undefined) return move;
    return numbers.find(leads) ?? numbers.find((action) => this.game.turn[action * 4 + from] !== from) ?? noop;
  }

  /** A move to any free cell beside an agent. @private @param {World} world @param {number} agentIdx @param {number} word */
  anyMove(world, agentIdx, word) {
    const place = world.agentCell[agentIdx];
    const free = [0, 1, 2, 3].filter((direction) => {
      const cell = this.beside[place][direction];
      return cell !== place && this.game.passable[world.cells[cell]] && !world.agentCell.includes(cell);
    });
    if (!free.length) return this.game.header.rules.noop;
    return this.turnTo(world.agentDir[agentIdx], free[(word >>> 8) % free.length]);
  }
}

// An episode as it is played: the world, what was done and paid, and the file that the library reads.

import { pay } from "../engine/payments.js";
import { World } from "../engine/world.js";
import { writeArchive } from "./npz.js";

/** @typedef {import("../engine/game.js").Game} Game */
/** @typedef {import("../engine/world.js").Snapshot} Snapshot */
/** @typedef {import("./data.js").WorldData} WorldData */

/** One episode of a world. */
export class Episode {
  /**
   * @param {WorldData} about
   * @param {Game} game
   * @param {number} seed
   */
  constructor(about, game, seed) {
    this.about = about;
    this.game = game;
    this.seed = seed;
    this.world = new World(game);
    this.world.reset([0, seed]);
    this.start = this.world.snapshot();
    /** The state before the last step, for motion. */
    this.before = this.start;
    /** What was done in each step; Noop for an agent that had terminated. @type {number[][]} */
    this.actions = [];
    /** @type {number[][]} */
    this.rewards = [];
    /** Whose episode each step has ended by the rules. @type {boolean[][]} */
    this.terminations = [];
    /** Whose episode each step has ended by the clock. @type {boolean[][]} */
    this.truncations = [];
    this.returns = Array(game.nAgents).fill(0);
  }

  get nSteps() {
    return this.actions.length;
  }

  get isOver() {
    return this.world.isOver;
  }

  /** The names of what happened to an agent in the last step. @param {number} agentIdx */
  eventsOf(agentIdx) {
    return this.game.header.rules.events.filter((_, bit) => (this.world.events[agentIdx] >>> bit) & 1);
  }

  /**
   * Make a step.
   *
   * @param {number[]} actions - one for each agent
   */
  step(actions) {
    const { world } = this;
    this.before = world.snapshot();
    const wasTerminated = this.before.terminated;
    const made = world.step(actions);
    const rewards = pay(world, made, wasTerminated);
    this.actions.push(made);
    this.rewards.push(rewards);
    this.terminations.push(world.terminated.map((ended, agentIdx) => ended && !wasTerminated[agentIdx]));
    this.truncations.push(world.terminated.map((ended) => world.isTimeUp && !ended));
    this.returns = this.returns.map((total, agentIdx) => total + rewards[agentIdx]);
  }

  /** The trajectory, as `cogrid.Trajectory.load` reads it. @returns {Uint8Array} */
  toArchive() {
    const { trajectory } = this.about;
    const text = {
      format: "cogrid trajectory",
      version: trajectory.version,
      ...trajectory.environment,
      seed: this.seed,
    };
    const { start } = this;
    /** @type {Record<string, ArrayLike<number>>} */
    const values = {
      cells: start.cells,
      agent_cell: start.agentCell,
      agent_dir: start.agentDir,
      agent_value: start.agentValue,
      terminated: start.terminated.map(Number),
      events: start.events,
      amounts: start.amounts.flat(),
      rng_key: start.key,
      time: [start.time],
      world_value: [start.worldValue],
      layout_idx: [start.layoutIdx],
    };
    /** @type {Record<string, import("./npz.js").FileArray>} */
    const arrays = {};
    for (const [name, about] of Object.entries(trajectory.start))
      arrays[`state.${name}`] = { ...about, values: values[name] };
    const shape = [this.nSteps, this.game.nAgents];
    arrays.actions = { dtype: "int32", shape, values: this.actions.flat() };
    arrays.rewards = { dtype: "float32", shape, values: this.rewards.flat() };
    arrays.terminations = { dtype: "bool", shape, values: this.terminations.flat().map(Number) };
    arrays.truncations = { dtype: "bool", shape, values: this.truncations.flat().map(Number) };
    return writeArchive(JSON.stringify(text), arrays);
  }
}

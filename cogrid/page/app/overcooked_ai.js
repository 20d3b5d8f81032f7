// Episodes in the form of overcooked_ai, as `cogrid/envs/overcooked_ai/trajectory_json.py` writes them.

import { World } from "../engine/world.js";

/** @typedef {import("./episode.js").Episode} Episode */

/**
 * How the original writes the values of a kitchen.
 *
 * @typedef {object} Forms
 * @property {(object | null)[]} counters - what lies on it, for each cell value
 * @property {(object | null)[]} pots - what is in it, for each cell value
 * @property {(object | null)[]} held - for each agent value
 * @property {unknown[]} actions
 * @property {object} orders
 * @property {object} mdp_params
 * @property {object} env_params
 */

const DIRECTIONS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];

/**
 * An episode as a file of the original's.
 *
 * @param {Episode} episode
 * @param {Forms} forms
 * @returns {string}
 */
export function writeOvercookedAi(episode, forms) {
  const world = new World(episode.game);
  world.restore(episode.start);
  const states = episode.actions.map((actions) => {
    const state = writeState(world, forms);
    world.step(actions);
    return state;
  });
  const rewards = episode.rewards.map(([first]) => first);
  return JSON.stringify({
    ep_states: [states],
    ep_actions: [episode.actions.map((actions) => actions.map((action) => forms.actions[action]))],
    ep_rewards: [rewards],
    ep_dones: [rewards.map((_, step) => step === rewards.length - 1)],
    ep_returns: [rewards.reduce((sum, reward) => sum + reward, 0)],
    ep_lengths: [rewards.length],
    mdp_params: [forms.mdp_params],
    env_params: [forms.env_params],
  });
}

/**
 * @param {World} world
 * @param {Forms} forms
 */
function writeState(world, forms) {
  const { width } = world.game.header.map;
  const place = (/** @type {number} */ cell) => [cell % width, Math.floor(cell / width)];
  const players = world.agentCell.map((cell, agentIdx) => ({
    position: place(cell),
    orientation: DIRECTIONS[world.agentDir[agentIdx]],
    held_object: placed(forms.held[world.agentValue[agentIdx]], place(cell)),
  }));
  const inCells = (/** @type {(object | null)[]} */ things) =>
    world.cells.flatMap((value, cell) => (things[value] ? [placed(things[value], place(cell))] : []));
  return {
    players,
    objects: [...inCells(forms.counters), ...inCells(forms.pots)],
    ...forms.orders,
    timestep: world.time,
  };
}

/**
 * A thing, and what it is made of, at a place.
 *
 * @param {any} thing
 * @param {number[]} position
 * @returns {any}
 */
function placed(thing, position) {
  if (thing === null) return null;
  const parts = thing._ingredients?.map((/** @type {any} */ part) => ({ ...part, position }));
  return { ...thing, position, ...(parts ? { _ingredients: parts } : {}) };
}

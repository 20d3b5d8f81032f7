// Who plays the agents that no person plays.

import { drawWords } from "../engine/draws.js";
import { networkPartners } from "./networks.js";
import { canPlan, Planner } from "./planner.js";

/** @typedef {import("../engine/game.js").Game} Game */
/** @typedef {import("../engine/world.js").World} World */
/** @typedef {import("./data.js").PageData} PageData */
/** @typedef {import("./data.js").WorldData} WorldData */
/** @typedef {import("./episode.js").Episode} Episode */

/**
 * Plays agents; equal episodes get equal actions, so that an episode that was kept can go on.
 *
 * @typedef {object} Partner
 * @property {string} name - in the address bar and in files
 * @property {string} label
 * @property {(episode: Episode, agentIdx: number) => number} act - chooses an action
 */

/** @type {WeakMap<Game, Planner>} */
const PLANNERS = new WeakMap();

/** Plans by the rules. @type {Partner} */
const PLANNING = {
  name: "planner",
  label: "Plans ahead",
  act: ({ world, game }, agentIdx) => {
    const planner = PLANNERS.get(game) ?? new Planner(game);
    PLANNERS.set(game, planner);
    return planner.act(world, agentIdx, drawn(world)[agentIdx]);
  },
};

/** A word for each agent's choice, as `cogrid.policy.random_policy` draws them. @param {World} world */
function drawn(world) {
  const [word0, word1] = world.draw("policy", world.time, 2);
  return drawWords([word0, word1], world.game.counters.policy, 0, world.game.nAgents);
}

/** Does nothing. @type {Partner} */
const STAY = {
  name: "stay",
  label: "Stands still",
  act: (episode) => episode.game.header.rules.noop,
};

/** Draws its actions, as `cogrid.policy.random_policy` does. @type {Partner} */
const RANDOM = {
  name: "random",
  label: "Plays at random",
  act: ({ world, game }, agentIdx) => drawn(world)[agentIdx] % game.header.rules.actions.length,
};

/** What a person is called where a partner is chosen. */
export const PERSON = "person";

/**
 * The partners that there are in a world.
 *
 * @param {PageData} page
 * @param {WorldData} world
 * @returns {Partner[]}
 */
export function partners(page, world) {
  const planning = canPlan(world.game.header) ? [PLANNING] : [];
  return [...networkPartners(page, world), ...planning, RANDOM, STAY];
}

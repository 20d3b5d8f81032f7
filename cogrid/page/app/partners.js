// Who plays the agents that no person plays.

import { drawWords } from "../engine/draws.js";

/** @typedef {import("./episode.js").Episode} Episode */

/**
 * Plays agents; equal episodes get equal actions, so that an episode that was kept can go on.
 *
 * @typedef {object} Partner
 * @property {string} name - in the address bar and in files
 * @property {string} label
 * @property {(episode: Episode, agentIdx: number) => number} act - chooses an action
 */

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
  act: ({ world, game }, agentIdx) => {
    const [word0, word1] = world.draw("policy", world.time, 2);
    const words = drawWords([word0, word1], game.counters.policy, 0, game.nAgents);
    return words[agentIdx] % game.header.rules.actions.length;
  },
};

/** What a person is called where a partner is chosen. */
export const PERSON = "person";

/** @returns {Partner[]} */
export function partners() {
  return [RANDOM, STAY];
}

// What becomes of agents that want one cell, or each other's; equal to `cogrid/integer/collisions.py`.

import { sortAgents } from "./draws.js";

/**
 * Moves the agents: changes `place`, the cell of each, where its `target` lets it. `scores` draws a number for each.
 *
 * @typedef {(place: number[], target: number[], scores: () => number[]) => void} Settle
 */

/** @type {Settle} */
function settleInTurn(place, target, scores) {
  const order = isContended(place, target) ? sortAgents(scores()) : place.map((_, agentIdx) => agentIdx);
  for (const agentIdx of order) {
    if (!place.includes(target[agentIdx])) place[agentIdx] = target[agentIdx];
  }
}

/** @type {Settle} */
function settleAllStay(place, target) {
  if (place.some((_, agentIdx) => shares(agentIdx, target) || swaps(agentIdx, place, target))) return;
  target.forEach((cell, agentIdx) => (place[agentIdx] = cell));
}

/** @type {Settle} */
function settleCollidersStay(place, target) {
  const wanted = target.slice();
  for (let round = 0; round < place.length - 1; round += 1) {
    const sentBack = wanted.map((_, agentIdx) => shares(agentIdx, wanted));
    sentBack.forEach((isBack, agentIdx) => {
      if (isBack) wanted[agentIdx] = place[agentIdx];
    });
  }
  const stays = wanted.map((_, agentIdx) => swaps(agentIdx, place, wanted));
  stays.forEach((doesStay, agentIdx) => {
    if (!doesStay) place[agentIdx] = wanted[agentIdx];
  });
}

/** The function of each collision rule, by the rule's name. @type {Record<string, Settle>} */
export const SETTLE = {
  in_turn: settleInTurn,
  all_stay: settleAllStay,
  colliders_stay: settleCollidersStay,
};

/**
 * Whether the order matters: somebody wants the cell that another mover wants too, or is about to leave.
 *
 * @param {number[]} place
 * @param {number[]} target
 */
function isContended(place, target) {
  const isMover = (/** @type {number} */ agentIdx) => target[agentIdx] !== place[agentIdx];
  return target.some(
    (wanted, agentIdx) =>
      isMover(agentIdx) &&
      target.some(
        (other, otherIdx) =>
          otherIdx !== agentIdx && isMover(otherIdx) && (wanted === other || wanted === place[otherIdx]),
      ),
  );
}

/**
 * Whether an agent's cell is another one's too.
 *
 * @param {number} agentIdx
 * @param {number[]} target
 */
function shares(agentIdx, target) {
  return target.some((cell, other) => other !== agentIdx && cell === target[agentIdx]);
}

/**
 * Whether an agent and another one would change places.
 *
 * @param {number} agentIdx
 * @param {number[]} place
 * @param {number[]} target
 */
function swaps(agentIdx, place, target) {
  return target.some(
    (cell, other) => other !== agentIdx && cell === place[agentIdx] && target[agentIdx] === place[other],
  );
}

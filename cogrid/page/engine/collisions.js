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
  const wanted = withoutContenders(place, target);
  const stays = wanted.map((_, agentIdx) => swaps(agentIdx, place, wanted));
  stays.forEach((doesStay, agentIdx) => {
    if (!doesStay) place[agentIdx] = wanted[agentIdx];
  });
}

/** @type {Settle} */
function settleContendersStay(place, target) {
  withoutContenders(place, target).forEach((cell, agentIdx) => (place[agentIdx] = cell));
}

/** @type {Settle} */
function settleChains(place, target) {
  const before = place.slice();
  const lengths = chainLengths(before, target);
  /** @type {Map<number, number>} */
  const best = new Map();
  target.forEach((wanted, agentIdx) => {
    const known = best.get(wanted);
    if (known === undefined || lengths[agentIdx] > lengths[known]) best.set(wanted, agentIdx);
  });
  const agents = target.map((_, agentIdx) => agentIdx);
  const stays = agents.filter(
    (agentIdx) =>
      best.get(target[agentIdx]) !== agentIdx ||
      target[agentIdx] === before[agentIdx] ||
      swaps(agentIdx, before, target),
  );
  const held = new Set(stays);
  for (const stayer of stays) {
    const behind = agents.filter((agentIdx) => target[agentIdx] === before[stayer] && !held.has(agentIdx));
    behind.forEach((agentIdx) => held.add(agentIdx));
    stays.push(...behind);
  }
  for (const agentIdx of agents) if (!held.has(agentIdx)) place[agentIdx] = target[agentIdx];
}

/** The function of each collision rule, by the rule's name. @type {Record<string, Settle>} */
export const SETTLE = {
  in_turn: settleInTurn,
  all_stay: settleAllStay,
  colliders_stay: settleCollidersStay,
  contenders_stay: settleContendersStay,
  chains: settleChains,
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

/**
 * Where the agents come to stand if those stay who want a cell that another one wants or stays in.
 *
 * @param {number[]} place
 * @param {number[]} target
 */
function withoutContenders(place, target) {
  const wanted = target.slice();
  for (let round = 0; round < place.length - 1; round += 1) {
    const sentBack = wanted.map((_, agentIdx) => shares(agentIdx, wanted));
    sentBack.forEach((isBack, agentIdx) => {
      if (isBack) wanted[agentIdx] = place[agentIdx];
    });
  }
  return wanted;
}

/**
 * How many agents the longest chain has that ends with each agent; more than there are agents, in a cycle.
 *
 * @param {number[]} place
 * @param {number[]} target
 */
function chainLengths(place, target) {
  const lengths = place.map(() => 1);
  place.forEach((_, first) => {
    let [agentIdx, length] = [first, 1];
    while (target[agentIdx] !== place[agentIdx] && length <= place.length && place.includes(target[agentIdx])) {
      agentIdx = place.indexOf(target[agentIdx]);
      length += 1;
      lengths[agentIdx] = Math.max(lengths[agentIdx], length);
    }
  });
  return lengths;
}

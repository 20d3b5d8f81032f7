// What agents are paid for a step; equal to `cogrid/integer/payments.py`, in float32.

/** @typedef {import("./world.js").World} World */

/**
 * What each agent is paid for the step just made; nothing for one that had terminated before.
 *
 * @param {World} world - after the step
 * @param {number[]} actions - those that were made
 * @param {boolean[]} wasTerminated
 * @returns {number[]} float32 numbers
 */
export function pay(world, actions, wasTerminated) {
  const total = Array(actions.length).fill(0);
  world.game.header.rewards.forEach((payment, idx) => {
    const earners = countEarners(world, payment, actions);
    numbersOf(world, payment, earners).forEach((number, agentIdx) => {
      total[agentIdx] = Math.fround(total[agentIdx] + sumFor(world, idx, number));
    });
  });
  return total.map((paid, agentIdx) => (wasTerminated[agentIdx] ? 0 : paid));
}

/**
 * Which of the sums of a payment each agent gets: by how many have earned it, or by the amounts that events carry.
 *
 * @param {World} world
 * @param {PaymentData} payment
 * @param {boolean[]} earners
 * @returns {number[]}
 */
function numbersOf(world, payment, earners) {
  const { amount, largest_amount: largest, is_common: isCommon } = payment;
  const nEarners = earners.filter(Boolean).length;
  if (amount < 0) return earners.map((earns) => (isCommon ? nEarners : Number(earns)));
  const carried = earners.map((earns, agentIdx) => (earns ? world.amounts[agentIdx][amount] : 0));
  const all = carried.reduce((sum, own) => sum + own, 0);
  if (isCommon) return earners.map(() => (nEarners ? 1 + Math.min(all, largest) : 0));
  return earners.map((earns, agentIdx) => (earns ? 1 + Math.min(carried[agentIdx], largest) : 0));
}

/**
 * What is paid by a payment, by the count and the time that it depends on.
 *
 * @param {World} world
 * @param {number} idx - which payment
 * @param {number} number - which of its sums: how many have earned it, or as `numbersOf` says
 * @returns {number}
 */
export function sumFor(world, idx, number) {
  const { sums, n_times: nTimes } = world.game.header.rewards[idx];
  const count = world.game.paymentCounts[idx];
  const row = count ? number * (count.cap + 1) + count.whole(world.cells, world.agentValue) : number;
  return world.game.array(sums)[row * nTimes + Math.min(world.time, nTimes - 1)];
}

/**
 * Who has earned a payment.
 *
 * @param {World} world
 * @param {PaymentData} payment
 * @param {number[]} actions
 * @returns {boolean[]}
 */
function countEarners(world, payment, actions) {
  if (payment.attempts === null) return world.events.map((events) => (events & payment.event_mask) !== 0);
  const isPaid = world.game.array(payment.attempts);
  return world.attempts.map(
    (pair, agentIdx) => pair >= 0 && actions[agentIdx] === payment.action && isPaid[pair] !== 0,
  );
}

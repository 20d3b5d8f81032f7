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
    const nEarners = earners.filter(Boolean).length;
    earners.forEach((earns, agentIdx) => {
      const paid = sumFor(world, idx, payment.is_common ? nEarners : Number(earns));
      total[agentIdx] = Math.fround(total[agentIdx] + paid);
    });
  });
  return total.map((paid, agentIdx) => (wasTerminated[agentIdx] ? 0 : paid));
}

/**
 * What so many earners of a payment are paid together, by the count and the time that it depends on.
 *
 * @param {World} world
 * @param {number} idx - which payment
 * @param {number} nEarners
 * @returns {number}
 */
export function sumFor(world, idx, nEarners) {
  const { sums, n_times: nTimes } = world.game.header.rewards[idx];
  const count = world.game.paymentCounts[idx];
  const row = count ? nEarners * (count.cap + 1) + count.whole(world.cells, world.agentValue) : nEarners;
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

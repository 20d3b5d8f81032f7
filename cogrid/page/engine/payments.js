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
  for (const payment of world.game.header.rewards) {
    const earners = countEarners(world, payment, actions);
    const sums = world.game.array(payment.sums);
    const nEarners = earners.filter(Boolean).length;
    earners.forEach((earns, agentIdx) => {
      const paid = sums[payment.is_common ? nEarners : Number(earns)];
      total[agentIdx] = Math.fround(total[agentIdx] + paid);
    });
  }
  return total.map((paid, agentIdx) => (wasTerminated[agentIdx] ? 0 : paid));
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

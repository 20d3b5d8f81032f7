// What is drawn at random; equal to `cogrid/integer/draws.py`, word for word.

const PARITY = 0x1bd11bda;
const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
];

/**
 * Turn a counter into two random words (threefry-2x32, 20 rounds).
 *
 * @param {number} key0 - 0 to 2**32 - 1, like all words here
 * @param {number} key1
 * @param {number} counter0
 * @param {number} counter1
 * @returns {[number, number]}
 */
export function threefry(key0, key1, counter0, counter1) {
  const keys = [key0, key1, key0 ^ key1 ^ PARITY];
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let group = 0; group < 5; group += 1) {
    for (const bits of ROTATIONS[group % 2]) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << bits) | (x1 >>> (32 - bits))) ^ x0;
    }
    x0 = (x0 + keys[(group + 1) % 3]) | 0;
    x1 = (x1 + keys[(group + 2) % 3] + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

/**
 * Draw n words for one purpose at one time.
 *
 * @param {Key} key - the episode's key
 * @param {number} counter - of the purpose's first block
 * @param {number} time - the step
 * @param {number} n - how many; two words cost one block
 * @returns {number[]}
 */
export function drawWords(key, counter, time, n) {
  const drawn = [];
  for (let idx = 0; idx < n; idx += 2) {
    const [word0, word1] = threefry(key[0], key[1], counter + idx / 2, time);
    drawn.push(word0);
    if (idx + 1 < n) drawn.push(word1);
  }
  return drawn;
}

/**
 * One of the words of a purpose at one time: `drawWords(key, counter, time, number + 1)[number]`.
 *
 * @param {Key} key
 * @param {number} counter
 * @param {number} time
 * @param {number} number
 * @returns {number}
 */
export function drawWord(key, counter, time, number) {
  return threefry(key[0], key[1], counter + (number >>> 1), time)[number & 1];
}

/**
 * The agents by their scores, the lowest first; the agent's index breaks a tie.
 *
 * @param {number[]} scores
 * @returns {number[]}
 */
export function sortAgents(scores) {
  return scores.map((_, agentIdx) => agentIdx).sort((one, other) => scores[one] - scores[other] || one - other);
}

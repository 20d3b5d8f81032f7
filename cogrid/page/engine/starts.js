// How an episode begins; equal to `cogrid/integer/starts.py`.

/**
 * Where the agents start: on their marks, or on distinct free cells that are drawn.
 *
 * @param {number[]} places - the marked cell of each agent, -1 where it is drawn
 * @param {number[][]} rooms - the free cells that each agent's start is drawn from, in reading order
 * @param {(n: number) => number[]} draw - draws n words
 * @returns {number[]}
 */
export function drawStartCells(places, rooms, draw) {
  const drawn = draw(places.filter((place) => place < 0).length);
  /** @type {number[]} */
  const taken = [];
  return places.map((place, agentIdx) => {
    if (place >= 0) return place;
    const free = rooms[agentIdx].filter((cell) => !taken.includes(cell));
    const cell = free[drawn[taken.length] % free.length];
    taken.push(cell);
    return cell;
  });
}

/**
 * The direction that each agent starts in: the fixed ones in turn, or drawn where there are none.
 *
 * @param {number[]} fixed
 * @param {number} nAgents
 * @param {(n: number) => number[]} draw - draws n words
 * @returns {number[]}
 */
export function drawStartDirections(fixed, nAgents, draw) {
  if (fixed.length) return Array.from({ length: nAgents }, (_, agentIdx) => fixed[agentIdx % fixed.length]);
  return draw(nAgents).map((word) => word >>> 30);
}

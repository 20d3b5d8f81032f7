// Rules of cells and agents, looked up.

/** @typedef {import("./world.js").World} World */

/**
 * Make of an agent and a cell what a rule makes of them.
 *
 * @param {World} world
 * @param {"interact" | "enter" | "stand"} table
 * @param {number} kind - which block of the table
 * @param {number} agentIdx
 * @param {number} cell
 * @param {number} [number] - of the word that decides a chance; the agent's if left out
 */
export function followRule(world, table, kind, agentIdx, cell, number = agentIdx) {
  const { game, cells, agentValue } = world;
  const rows = game[table];
  if (!rows) return;
  const first = kind * game.nBlock + world.worldValue * game.nPairs;
  const pair = first + agentValue[agentIdx] * game.header.rules.n_cell_values + cells[cell];
  const row = world.drawnRow(table, world.countedRow(table, pair, kind, cell), number) * game.rowWidth;
  cells[cell] = rows[row];
  agentValue[agentIdx] = rows[row + 1];
  world.events[agentIdx] |= rows[row + 2];
  if (rows[row + 3]) world.terminated[agentIdx] = true;
  const amounts = world.amounts[agentIdx];
  for (let idx = 0; idx < amounts.length; idx += 1) amounts[idx] += rows[row + 4 + idx];
}

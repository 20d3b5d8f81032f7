// A world as text, as `cogrid.rendering.render_ansi` writes it.

/** @typedef {import("../engine/world.js").Snapshot} Snapshot */
/** @typedef {import("./data.js").WorldData} WorldData */

const ARROWS = [">", "v", "<", "^"];
const DIRECTIONS = ["right", "down", "left", "up"];

/**
 * Write a state: the rows of the grid, a line for each agent and each object that is not a fresh one, what is wanted.
 *
 * @param {WorldData} world
 * @param {Snapshot} state
 * @returns {string}
 */
export function writeState(world, state) {
  const { text } = world;
  const { height, width } = world.game.header.map;
  const characters = state.cells.map((value) => text.characters[value]);
  const place = (/** @type {number} */ cell) => `(${Math.floor(cell / width)}, ${cell % width})`;
  const agents = state.agentCell.map((cell, agentIdx) => {
    const direction = state.agentDir[agentIdx];
    characters[cell] = ARROWS[direction];
    const ending = state.terminated[agentIdx] ? ", has terminated" : "";
    const described = `facing ${DIRECTIONS[direction]}, ${text.agents[state.agentValue[agentIdx]]}${ending}`;
    return `agent_${agentIdx} ${ARROWS[direction]} at ${place(cell)} ${described}`;
  });
  const objects = state.cells
    .map((value, cell) => (text.cells[value] ? `${text.types[value]} at ${place(cell)}: ${text.cells[value]}` : ""))
    .filter(Boolean);
  const rows = Array.from({ length: height }, (_, row) => characters.slice(row * width, (row + 1) * width).join(""));
  return [...rows, ...agents, ...objects, ...(text.worlds[state.worldValue] ?? []), `time ${state.time}`].join("\n");
}

/**
 * A name as people write it: `soup_in_dish` is "soup in dish".
 *
 * @param {string} name
 */
export function spell(name) {
  return name.replaceAll("_", " ");
}

/**
 * The words of a name that is written in one: `ToggleLoad` is "Toggle Load".
 *
 * @param {string} name
 */
export function words(name) {
  return name.replace(/([a-z])([A-Z])/g, "$1 $2");
}

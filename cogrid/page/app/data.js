// The data in the page: worlds, pictures and arrays, packed by `cogrid/page/export.py`.

import { nameArrays, readBundle } from "../engine/bundle.js";
import { Game } from "../engine/game.js";

/**
 * A world in the page.
 *
 * @typedef {object} WorldData
 * @property {string} id
 * @property {string} about - what kind of world it is, in a sentence or two
 * @property {{header: Header, arrays: Record<string, number>}} game
 * @property {{cells: number[][], agents: number[][]}} pictures - numbers of the drawings, for each world value
 * @property {TextData} text
 * @property {{name: string, about: string, picture: number}[]} legend
 * @property {TrajectoryData} trajectory
 * @property {import("./overcooked_ai.js").Forms | null} overcookedAi - how the original writes this kitchen
 * @property {PolicyData[]} policies
 * @property {number[]} acts - in a replay, the actions that act on a cell
 * @property {number} startTime - in a replay, the time of its first state
 */

/**
 * What is written of values.
 *
 * @typedef {object} TextData
 * @property {string[]} characters - of each cell value
 * @property {string[]} types - the type of each cell value
 * @property {string[]} cells - what is to be told of each cell value; "" for nothing
 * @property {string[]} agents - what is to be told of each agent value
 * @property {string[][]} worlds - what is wanted, for each world value
 */

/**
 * What a trajectory file of the library needs to know.
 *
 * @typedef {object} TrajectoryData
 * @property {number} version
 * @property {Record<string, string>} environment
 * @property {Record<string, {dtype: string, shape: number[]}>} start - the arrays of the first state
 */

/**
 * A network that plays.
 *
 * @typedef {object} PolicyData
 * @property {string} name
 * @property {boolean} is_greedy
 * @property {{kind: string, obs_shape: number[], obs_scale: number[], n_outputs: number, width: number, kept: number[] | null}} network
 * @property {number} n_groups - sets of weights: 1, or one for each agent
 * @property {Record<string, {weight: number, bias: number}>} params - numbers of arrays
 * @property {{header: Header, arrays: Record<string, number>}} game - with what the network observes
 */

/** Everything in the page. */
export class PageData {
  /**
   * @param {any} document
   * @param {Numbers[]} arrays
   */
  constructor(document, arrays) {
    /** @type {WorldData[]} */
    this.worlds = document.worlds;
    /** Drawings in a square of `edge` units, as SVG elements. @type {string[]} */
    this.drawings = document.drawings;
    /** @type {number} */
    this.edge = document.edge;
    /** @type {any} */
    this.replay = document.replay ?? null;
    this.arrays = arrays;
  }

  /**
   * The game of a world, or of a policy.
   *
   * @param {{game: {header: Header, arrays: Record<string, number>}}} world
   */
  game(world) {
    return new Game(world.game.header, nameArrays(world.game.arrays, this.arrays));
  }
}

/**
 * Read what stands in the page.
 *
 * @param {string} packed - a bundle, deflated, in base64
 * @returns {Promise<PageData>}
 */
export async function readPage(packed) {
  const bytes = Uint8Array.from(atob(packed.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const { document, arrays } = readBundle(await new Response(stream).arrayBuffer());
  return new PageData(document, arrays);
}

// The drawings of a world as bitmaps of the size in which they are shown.

/** @typedef {import("./data.js").PageData} PageData */
/** @typedef {import("./data.js").WorldData} WorldData */

const DIRECTIONS = 4;

/** The pictures of one world. */
export class PictureBook {
  /**
   * @param {PageData} page
   * @param {WorldData} world
   * @param {() => void} onLoad - called when a picture that was asked for too early is there
   */
  constructor(page, world, onLoad) {
    this.page = page;
    this.world = world;
    this.onLoad = onLoad;
    /** @private @type {Map<number, HTMLImageElement | null>} */
    this.images = new Map();
    /** @private @type {Map<number, HTMLCanvasElement>} */
    this.bitmaps = new Map();
    /** @private */
    this.size = 0;
  }

  /**
   * The drawing of a cell value.
   *
   * @param {number} value
   * @param {number} worldValue
   */
  cell(value, worldValue) {
    const { cells } = this.world.pictures;
    return cells[worldValue % cells.length][value];
  }

  /**
   * The drawing of an agent.
   *
   * @param {number} agentIdx
   * @param {number} direction
   * @param {number} value
   * @param {number} worldValue
   */
  agent(agentIdx, direction, value, worldValue) {
    const { agents } = this.world.pictures;
    const { n_agents: nAgents } = this.world.game.header.rules;
    return agents[worldValue % agents.length][(value * DIRECTIONS + direction) * nAgents + agentIdx];
  }

  /** The address of a drawing, for an image element. @param {number} number */
  address(number) {
    const { edge, drawings } = this.page;
    const size = `width="${edge}" height="${edge}" viewBox="0 0 ${edge} ${edge}"`;
    const document = `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${drawings[number]}</svg>`;
    return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(document)}`;
  }

  /**
   * Make drawings ready to be shown.
   *
   * @param {Iterable<number>} numbers
   */
  async load(numbers) {
    await Promise.all(Array.from(new Set(numbers), (number) => this.loadOne(number)));
  }

  /** @private @param {number} number */
  async loadOne(number) {
    if (this.images.has(number)) return;
    this.images.set(number, null);
    const image = new Image();
    image.src = this.address(number);
    await image.decode();
    this.images.set(number, image);
  }

  /** Make all others ready too, a few at a time, so that nothing waits for them. */
  async loadRest() {
    const { cells, agents } = this.world.pictures;
    const numbers = [...new Set([...cells.flat(), ...agents.flat()])].filter((number) => number >= 0);
    for (let first = 0; first < numbers.length; first += 16) {
      await this.load(numbers.slice(first, first + 16));
      await new Promise((resolve) => setTimeout(resolve, 8));
    }
  }

  /**
   * A drawing as pixels.
   *
   * @param {number} number
   * @param {number} size - its edge
   * @returns {HTMLCanvasElement | null} null while it is being loaded
   */
  bitmap(number, size) {
    if (size !== this.size) {
      this.bitmaps.clear();
      this.size = size;
    }
    const kept = this.bitmaps.get(number);
    if (kept) return kept;
    const image = this.images.get(number);
    if (!image) {
      this.loadOne(number).then(this.onLoad);
      return null;
    }
    const bitmap = document.createElement("canvas");
    bitmap.width = bitmap.height = size;
    bitmap.getContext("2d")?.drawImage(image, 0, 0, size, size);
    this.bitmaps.set(number, bitmap);
    return bitmap;
  }
}

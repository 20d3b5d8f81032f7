// The counts that rules ask for; equal to `cogrid/integer/counts.py`.

/** @typedef {import("./game.js").Game} Game */

/** @typedef {{over: string, weights: string, cap: number, offsets: string}} SummedData */

/** Which things of a table ask for a count. @typedef {{size: number, which: string, counts: SummedData[]}} CountData */

/**
 * What counts are taken of: a world at the start of a stage.
 *
 * @typedef {object} Counted
 * @property {number[]} cells
 * @property {number[]} agentValue
 * @property {number[]} kinds - which rule each agent calls, 0 for none
 * @property {number[]} places - the cell that each agent acts on
 */

/** A table of which each thing has several rows, of which a count chooses one. */
export class Counts {
  /**
   * @param {Game} game
   * @param {CountData} data
   */
  constructor(game, data) {
    /** @private */
    this.size = data.size;
    /** @private */
    this.which = game.array(data.which);
    /** @private */
    this.counts = data.counts.map((summed) => new Count(game, summed));
  }

  /**
   * The row of a thing, by the count that it asks for.
   *
   * @param {number} thing - a cell value, or a pair
   * @param {number} kind - which rule is called
   * @param {number} place - the cell that it is called for
   * @param {Counted} counted
   */
  row(thing, kind, place, counted) {
    const number = this.which[thing];
    return thing * this.size + (number ? this.counts[number - 1].take(kind, place, counted) : 0);
  }
}

/** One count. */
export class Count {
  /**
   * @param {Game} game
   * @param {SummedData} data
   */
  constructor(game, data) {
    const { height, width } = game.header.map;
    const offsets = game.array(data.offsets);
    this.over = data.over;
    this.weights = game.array(data.weights);
    this.cap = data.cap;
    /** The cells around each cell. */
    this.near = Array.from({ length: height * width }, (_, cell) => {
      const found = [];
      for (let idx = 0; idx < offsets.length; idx += 2) {
        const [row, column] = [Math.floor(cell / width) + offsets[idx], (cell % width) + offsets[idx + 1]];
        if (row >= 0 && row < height && column >= 0 && column < width) found.push(row * width + column);
      }
      return found;
    });
  }

  /**
   * @param {number} kind
   * @param {number} place
   * @param {Counted} counted
   */
  take(kind, place, { cells, agentValue, kinds, places }) {
    if (this.over === "map" || this.over === "agents") return this.whole(cells, agentValue);
    if (this.over === "disc") return this.sum(this.near[place].map((cell) => cells[cell]));
    return this.sum(agentValue.filter((_, agentIdx) => kinds[agentIdx] === kind && places[agentIdx] === place));
  }

  /** The count over the map, or over the agents. @param {number[]} cells @param {number[]} agentValue */
  whole(cells, agentValue) {
    return this.sum(this.over === "map" ? cells : agentValue);
  }

  /** @private @param {number[]} values */
  sum(values) {
    return Math.min(
      this.cap,
      values.reduce((total, value) => total + this.weights[value], 0),
    );
  }
}

// What is drawn among the rows of a table; equal to `cogrid/integer/chance.py`.

/** @typedef {import("./game.js").Game} Game */

/**
 * Which rows of a table are drawn among, by the names of arrays.
 *
 * @typedef {object} ChanceData
 * @property {string} kind
 * @property {string} last_words
 * @property {string} rest
 */

/** A table whose rows may be drawn among. */
export class Chance {
  /**
   * @param {Game} game
   * @param {ChanceData} data
   */
  constructor(game, data) {
    /** @private */
    this.kind = game.array(data.kind);
    /** @private */
    this.lastWords = game.array(data.last_words);
    /** @private */
    this.rest = game.array(data.rest);
    /** @private */
    this.width = game.header.arrays[data.last_words].shape[1];
  }

  /** Whether a row is drawn among. @param {number} row */
  decides(row) {
    return this.kind[row] !== 0;
  }

  /**
   * The row that is drawn, where a row is drawn among.
   *
   * @param {number} row
   * @param {() => number} draw - draws the word that decides
   * @returns {number}
   */
  choose(row, draw) {
    const kind = this.kind[row];
    if (!kind) return row;
    const word = draw();
    const words = this.lastWords.subarray(kind * this.width, (kind + 1) * this.width);
    const result = words.filter((/** @type {number} */ last) => last < word).length;
    return result ? this.rest[row] + result - 1 : row;
  }
}

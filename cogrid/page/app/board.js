// The board: cells, and agents on their way from where they were to where they are.

/** @typedef {import("./pictures.js").PictureBook} PictureBook */
/** @typedef {import("../engine/world.js").Snapshot} Snapshot */

const STEPS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];

const BUMP = 0.16;
const POP = 0.12;
const MAX_TILE = 160;

/**
 * What there is to see of a moment.
 *
 * @typedef {object} Scene
 * @property {Snapshot} before
 * @property {Snapshot} now
 * @property {number} progress - how much of the step is over, 0 to 1
 * @property {boolean[]} acts - who acted on what it faces in this step
 * @property {(number | null)[]} looks - where agents look already, before the step in which they turn
 * @property {{cell: number, text: string, age: number}[]} labels - texts that rise from cells; age from 0 to 1
 */

/** Draws a world on a canvas. */
export class Board {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    const pen = canvas.getContext("2d", { alpha: false });
    if (!pen) throw new Error("This browser has no canvas.");
    this.pen = pen;
    this.tile = 32;
    /** @type {PictureBook | null} */
    this.book = null;
    this.width = 1;
    this.height = 1;
    this.isCalm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  /** Show another world. @param {PictureBook} book */
  show(book) {
    this.book = book;
    const { height, width } = book.world.game.header.map;
    this.height = height;
    this.width = width;
  }

  /**
   * Take as much of a space as the world fills.
   *
   * @param {number} width - in CSS pixels
   * @param {number} height
   */
  fit(width, height) {
    const edge = Math.max(8, Math.min(width / this.width, height / this.height, MAX_TILE));
    const ratio = devicePixelRatio || 1;
    this.tile = Math.max(8, Math.floor(edge * ratio));
    this.canvas.width = this.tile * this.width;
    this.canvas.height = this.tile * this.height;
    this.canvas.style.width = `${this.canvas.width / ratio}px`;
    this.canvas.style.height = `${this.canvas.height / ratio}px`;
  }

  /** @param {Scene} scene */
  draw(scene) {
    const progress = this.isCalm.matches ? 1 : scene.progress;
    this.drawCells(scene, progress);
    scene.now.agentCell.forEach((_, agentIdx) => this.drawAgent(scene, agentIdx, progress));
    for (const label of scene.labels) this.drawLabel(label);
  }

  /**
   * @private
   * @param {Scene} scene
   * @param {number} progress
   */
  drawCells({ before, now }, progress) {
    const { book, pen, tile, width } = this;
    if (!book) return;
    now.cells.forEach((value, cell) => {
      const bitmap = book.bitmap(book.cell(value, now.worldValue), tile);
      if (bitmap) pen.drawImage(bitmap, (cell % width) * tile, Math.floor(cell / width) * tile);
    });
    now.cells.forEach((value, cell) => {
      const was = book.cell(before.cells[cell], before.worldValue);
      const is = book.cell(value, now.worldValue);
      if (was === is || progress >= 1) return;
      const bitmap = book.bitmap(is, tile);
      const grown = 1 + POP * Math.sin(Math.PI * progress) * (now.time === before.time ? 0 : 1);
      const edge = tile * grown;
      const [x, y] = [(cell % width) * tile, Math.floor(cell / width) * tile];
      if (!bitmap) return;
      pen.save();
      pen.beginPath();
      pen.rect(x, y, tile, tile);
      pen.clip();
      pen.drawImage(bitmap, x - (edge - tile) / 2, y - (edge - tile) / 2, edge, edge);
      pen.restore();
    });
  }

  /**
   * @private
   * @param {Scene} scene
   * @param {number} agentIdx
   * @param {number} progress
   */
  drawAgent({ before, now, acts, looks }, agentIdx, progress) {
    const { book, pen, tile } = this;
    const [fromX, fromY] = this.place(before.agentCell[agentIdx]);
    const [toX, toY] = this.place(now.agentCell[agentIdx]);
    const direction = looks[agentIdx] ?? now.agentDir[agentIdx];
    const number = book?.agent(agentIdx, direction, now.agentValue[agentIdx], now.worldValue);
    const bitmap = number === undefined ? null : book?.bitmap(number, tile);
    if (!bitmap) return;
    const isFar = Math.abs(fromX - toX) + Math.abs(fromY - toY) > 1.5;
    const share = isFar ? 1 : progress;
    const bump = acts[agentIdx] ? BUMP * Math.sin(Math.PI * progress) : 0;
    const x = fromX + (toX - fromX) * share + STEPS[direction][0] * bump;
    const y = fromY + (toY - fromY) * share + STEPS[direction][1] * bump;
    pen.globalAlpha = now.terminated[agentIdx] ? 0.45 : 1;
    pen.drawImage(bitmap, Math.round(x * tile), Math.round(y * tile));
    pen.globalAlpha = 1;
  }

  /**
   * @private
   * @param {{cell: number, text: string, age: number}} label
   */
  drawLabel({ cell, text, age }) {
    const { pen, tile } = this;
    const [x, y] = this.place(cell);
    pen.globalAlpha = Math.min(1, 2 * (1 - age));
    pen.font = `700 ${Math.round(tile * 0.34)}px system-ui, sans-serif`;
    pen.textAlign = "center";
    pen.lineJoin = "round";
    pen.lineWidth = tile * 0.09;
    pen.strokeStyle = "#1d1a18";
    pen.fillStyle = "#ffffff";
    const width = pen.measureText(text).width / 2 + 4;
    const middle = Math.min(Math.max((x + 0.5) * tile, width), this.canvas.width - width);
    const top = Math.max((y + 0.15 - 0.5 * age) * tile, tile * 0.36);
    pen.strokeText(text, middle, top);
    pen.fillText(text, middle, top);
    pen.globalAlpha = 1;
  }

  /** Column and row of a cell. @private @param {number} cell */
  place(cell) {
    return [cell % this.width, Math.floor(cell / this.width)];
  }
}

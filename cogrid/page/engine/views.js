// What agents see; reads the blocks of `cogrid/feature_space/blocks.py`, as `cogrid/integer/views.py` does.

import { GameError } from "./game.js";

/** @typedef {import("./world.js").World} World */
/** @typedef {import("./game.js").Game} Game */

/** Writes what a viewer sees of a world into an array from a place on. @typedef {(world: World, viewer: number, seen: Numbers, at: number) => number} View */

/** @type {Record<string, any>} */
const ARRAY_OF = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
};

/** Shows a game's worlds to their agents. */
export class Observer {
  /** @param {Game} game */
  constructor(game) {
    const { observation } = game.header;
    if (!(observation.dtype in ARRAY_OF))
      throw new GameError(`No observation of the type ${observation.dtype} can be shown.`);
    this.shape = observation.shape;
    /** Numbers that one agent sees. */
    this.size = observation.shape.reduce((product, length) => product * length, 1);
    /** @private */
    this.arrayType = ARRAY_OF[observation.dtype];
    /** @private @type {View[]} */
    this.views = observation.blocks.map((block) => makeView(game, block));
  }

  /**
   * What all agents see, one after the other.
   *
   * @param {World} world
   * @returns {Numbers}
   */
  observe(world) {
    const seen = new this.arrayType(this.size * world.game.nAgents);
    let at = 0;
    for (let viewer = 0; viewer < world.game.nAgents; viewer += 1) {
      for (const view of this.views) at = view(world, viewer, seen, at);
    }
    return seen;
  }
}

/**
 * @param {Game} game
 * @param {BlockData | ListData} block
 * @returns {View}
 */
function makeView(game, block) {
  if (block.kind === "agent") return makeAgentView(game, block);
  if (block.kind === "cell") return makeCellView(game, block);
  if (block.kind === "list") return makeListView(game, block);
  throw new GameError(`The page does not know how to show a block of the kind ${block.kind}.`);
}

/**
 * How many rows further on the rows of a world's scene are.
 *
 * @param {Game} game
 * @param {SceneData | null} scene
 * @returns {(world: World) => number}
 */
function makeScene(game, scene) {
  if (!scene) return () => 0;
  const ofWorldValue = scene.world_value === null ? null : game.array(scene.world_value);
  return (world) => {
    let number = ofWorldValue ? ofWorldValue[world.worldValue] : 0;
    number = number * (scene.times.length + 1) + scene.times.filter((time) => world.time >= time).length;
    if (scene.event_mask) number = number * 2 + Number(world.events.some((events) => events & scene.event_mask));
    return number * scene.stride;
  };
}

/**
 * One row for the viewer.
 *
 * @param {Game} game
 * @param {BlockData} block
 * @returns {View}
 */
function makeAgentView(game, block) {
  const rows = game.array(block.rows);
  const width = game.header.arrays[block.rows].shape[1];
  const scene = makeScene(game, block.scene);
  const { cell = 0, direction = 0, value = 0, terminated = 0 } = block.strides;
  return (world, viewer, seen, at) => {
    let row = scene(world) + cell * world.agentCell[viewer] + direction * world.agentDir[viewer];
    row += value * world.agentValue[viewer] + terminated * Number(world.terminated[viewer]);
    for (let idx = 0; idx < width; idx += 1) seen[at + idx] = rows[row * width + idx];
    return at + width;
  };
}

/**
 * One row for each of some cells.
 *
 * @param {Game} game
 * @param {BlockData} block
 * @returns {View}
 */
function makeCellView(game, block) {
  const rows = game.array(block.rows);
  const width = game.header.arrays[block.rows].shape[1];
  const shown = game.array(block.shown);
  const [nPoses, nPlaces] = game.header.arrays[block.shown].shape;
  const scene = makeScene(game, block.scene);
  const look = makeLook(game, block);
  const sight = makeSight(game, block);
  return (world, viewer, seen, at) => {
    const cell = world.agentCell[viewer];
    const pose = nPoses === 1 ? 0 : nPoses === game.nCells ? cell : cell * 4 + world.agentDir[viewer];
    const first = scene(world);
    const turn = block.turn_stride * world.agentDir[viewer];
    const inSight = sight?.(world, shown.subarray(pose * nPlaces, (pose + 1) * nPlaces));
    for (let place = 0; place < nPlaces; place += 1) {
      const there = shown[pose * nPlaces + place];
      let row = turn + (there === game.nCells ? block.blank : first + look(world, viewer, there));
      if (inSight && !inSight.has(place)) row = block.sight?.hidden ?? row;
      for (let idx = 0; idx < width; idx += 1) seen[at + idx] = rows[row * width + idx];
      at += width;
    }
    return at;
  };
}

/**
 * Cells of some values, or agents, that the viewer sees, one after the other.
 *
 * @param {Game} game
 * @param {ListData} block
 * @returns {View}
 */
function makeListView(game, block) {
  const [rows, isListed, blank] = [block.rows, block.is_listed, block.blank].map((name) => game.array(name));
  const [rowNumbers, columnNumbers] = [block.row_numbers, block.column_numbers].map((name) => game.array(name));
  const [first, last] = [block.first, block.last].map((name) => game.array(name));
  const { width } = game.header.map;
  const nShown = game.header.arrays[block.rows].shape[1];
  const listed = block.of === "cells" ? listCells : listAgents;
  return (world, viewer, seen, at) => {
    const cell = world.agentCell[viewer];
    let nSeen = 0;
    for (const [there, value] of listed(world, viewer, isListed, block.length)) {
      const row = Math.floor(there / width) - first[cell * 2];
      const column = (there % width) - first[cell * 2 + 1];
      const [nRows, nColumns] = [last[cell * 2] - first[cell * 2], last[cell * 2 + 1] - first[cell * 2 + 1]];
      if (row < 0 || column < 0 || row > nRows || column > nColumns || nSeen === block.length) continue;
      seen[at] = rowNumbers[row];
      seen[at + 1] = columnNumbers[column];
      for (let idx = 0; idx < nShown; idx += 1) seen[at + 2 + idx] = rows[value * nShown + idx];
      at += blank.length;
      nSeen += 1;
    }
    for (; nSeen < block.length; nSeen += 1, at += blank.length) {
      for (let idx = 0; idx < blank.length; idx += 1) seen[at + idx] = blank[idx];
    }
    return at;
  };
}

/**
 * The first cells of listed values, in reading order, each with its value.
 *
 * @param {World} world
 * @param {number} _viewer
 * @param {Numbers} isListed
 * @param {number} length
 * @returns {[number, number][]}
 */
function listCells(world, _viewer, isListed, length) {
  /** @type {[number, number][]} */
  const found = [];
  for (let cell = 0; cell < world.cells.length && found.length < length; cell += 1) {
    if (isListed[world.cells[cell]]) found.push([cell, world.cells[cell]]);
  }
  return found;
}

/**
 * The cells and values of listed agents, the viewer first.
 *
 * @param {World} world
 * @param {number} viewer
 * @param {Numbers} isListed
 * @returns {[number, number][]}
 */
function listAgents(world, viewer, isListed) {
  const others = world.agentCell.map((_, agentIdx) => agentIdx).filter((agentIdx) => agentIdx !== viewer);
  return [viewer, ...others]
    .filter((agentIdx) => isListed[world.agentValue[agentIdx]])
    .map((agentIdx) => [world.agentCell[agentIdx], world.agentValue[agentIdx]]);
}

/**
 * The row of a cell, with the agent that stands there, as a viewer sees it.
 *
 * @param {Game} game
 * @param {BlockData} block
 * @returns {(world: World, viewer: number, cell: number) => number}
 */
function makeLook(game, block) {
  const firstOccupied = block.first_occupied === null ? null : game.array(block.first_occupied);
  const relation = block.relation === null ? null : game.array(block.relation.numbers);
  const relationStride = block.relation?.stride ?? 0;
  const { n_cell_values: nCellValues } = game.header.rules;
  return (world, viewer, cell) => {
    const value = world.cells[cell];
    let row = value;
    const agent = firstOccupied ? world.agentCell.indexOf(cell) : -1;
    if (firstOccupied && agent >= 0) {
      row =
        firstOccupied[value] + block.by_value * world.agentValue[agent] + block.by_direction * world.agentDir[agent];
      row += block.by_terminated * Number(world.terminated[agent]) + block.by_self * Number(agent === viewer);
    }
    if (relation) {
      row += relationStride * relation[world.worldValue * game.nPairs + world.agentValue[viewer] * nCellValues + value];
    }
    return row;
  };
}

/**
 * The places of a window that are seen: from place to place, line after line, as far as nothing hides what is behind.
 *
 * @param {Game} game
 * @param {BlockData} block
 * @returns {((world: World, window: Numbers) => Set<number>) | null}
 */
function makeSight(game, { sight }) {
  if (!sight) return null;
  const opaque = game.array(sight.is_opaque);
  const [nLines, width] = game.header.arrays[sight.lines].shape;
  const flat = game.array(sight.lines);
  const lines = Array.from({ length: nLines }, (_, line) =>
    Array.from(flat.subarray(line * width, (line + 1) * width)),
  );
  const outside = opaque.length - 1;
  return (world, window) => {
    const isOpen = (/** @type {number} */ place) =>
      !opaque[window[place] < game.nCells ? world.cells[window[place]] : outside];
    const seen = new Set([lines[0][sight.first]]);
    lines.forEach((line, number) => {
      const behind = lines[number + 1];
      for (const step of [1, -1]) {
        for (let idx = step > 0 ? 0 : width - 1; idx + step >= 0 && idx + step < width; idx += step) {
          if (!seen.has(line[idx]) || !isOpen(line[idx])) continue;
          seen.add(line[idx + step]);
          if (behind) seen.add(behind[idx]).add(behind[idx + step]);
        }
      }
    });
    return seen;
  };
}

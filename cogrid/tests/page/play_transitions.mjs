// Plays what `transitions.py` has recorded, and says where the engine does something else.

import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { nameArrays, readBundle } from "../../page/engine/bundle.js";
import { Game } from "../../page/engine/game.js";
import { pay } from "../../page/engine/payments.js";
import { Observer } from "../../page/engine/views.js";
import { World } from "../../page/engine/world.js";

const TABLE = new Uint32Array(256).map((_, byte) => {
  for (let bit = 0; bit < 8; bit += 1) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

/** The checksum of bytes, for a Node that is older than its own. */
function slowCrc32(bytes, sum = 0) {
  sum = ~sum;
  for (const byte of bytes) sum = (sum >>> 8) ^ TABLE[(sum ^ byte) & 255];
  return ~sum >>> 0;
}

const checksum = crc32 ?? slowCrc32;

function bytesOf(array) {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function checksumOf(world, rewards, observer) {
  const { cells, agentCell, agentDir, agentValue, terminated, events, time, worldValue, layoutIdx } = world;
  const flags = terminated.map(Number);
  const parts = [cells, agentCell, agentDir, agentValue, flags, events, [time, worldValue, layoutIdx]];
  let sum = checksum(bytesOf(Int32Array.from(parts.flat())));
  sum = checksum(bytesOf(Float32Array.from(rewards)), sum);
  return checksum(bytesOf(observer.observe(world)), sum);
}

/** Where the first step is that differs, in words; null if there is none. */
function findDifference(game, nWorlds, keys, actions, checksums) {
  const observer = new Observer(game);
  const nSteps = checksums.length / nWorlds - 1;
  for (let idx = 0; idx < nWorlds; idx += 1) {
    const world = new World(game);
    world.reset([keys[idx * 2], keys[idx * 2 + 1]]);
    const nothing = Array(game.nAgents).fill(0);
    if (checksumOf(world, nothing, observer) !== checksums[idx]) return `world ${idx} differs after the reset`;
    for (let step = 0; step < nSteps; step += 1) {
      const first = (step * nWorlds + idx) * game.nAgents;
      const wasTerminated = world.terminated.slice();
      const made = world.step(Array.from(actions.subarray(first, first + game.nAgents)));
      const rewards = pay(world, made, wasTerminated);
      if (checksumOf(world, rewards, observer) !== checksums[(step + 1) * nWorlds + idx]) {
        return `world ${idx} differs after step ${step}`;
      }
    }
  }
  return null;
}

const file = readFileSync(process.argv[2]);
const { document, arrays } = readBundle(file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength));
const found = {};
for (const { name, game: data, n_worlds: nWorlds, keys, actions, checksums } of document.recordings) {
  const game = new Game(data.header, nameArrays(data.arrays, arrays));
  const difference = findDifference(game, nWorlds, arrays[keys], arrays[actions], arrays[checksums]);
  found[name] = { steps: arrays[checksums].length - nWorlds, difference };
}
console.log(JSON.stringify(found));

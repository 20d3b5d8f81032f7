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

/** The first state of a world, from the arrays of all. */
function startOf(starts, key, nWorlds, idx) {
  const part = (array) => Array.from(array.subarray((idx * array.length) / nWorlds, ((idx + 1) * array.length) / nWorlds));
  const cut = Object.fromEntries(Object.entries(starts).map(([name, array]) => [name, part(array)]));
  const nAgents = cut.agent_cell.length;
  const nAmounts = cut.amounts.length / nAgents;
  return {
    key,
    time: cut.time[0],
    cells: cut.cells,
    agentCell: cut.agent_cell,
    agentDir: cut.agent_dir,
    agentValue: cut.agent_value,
    terminated: cut.terminated.map(Boolean),
    events: cut.events,
    amounts: cut.agent_cell.map((_, agent) => cut.amounts.slice(agent * nAmounts, (agent + 1) * nAmounts)),
    worldValue: cut.world_value[0],
    layoutIdx: cut.layout_idx[0],
  };
}

/** Where the first step is that differs, in words; null if there is none. */
function findDifference(game, nWorlds, keys, starts, actions, checksums) {
  const observer = new Observer(game);
  const nSteps = checksums.length / nWorlds - 1;
  for (let idx = 0; idx < nWorlds; idx += 1) {
    const world = new World(game);
    const key = [keys[idx * 2], keys[idx * 2 + 1]];
    if (starts) world.restore(startOf(starts, key, nWorlds, idx));
    else world.reset(key);
    const nothing = Array(game.nAgents).fill(0);
    if (checksumOf(world, nothing, observer) !== checksums[idx]) return `world ${idx} differs at its start`;
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
for (const { name, game: data, n_worlds: nWorlds, keys, starts, actions, checksums } of document.recordings) {
  const game = new Game(data.header, nameArrays(data.arrays, arrays));
  const from = starts && nameArrays(starts, arrays);
  const difference = findDifference(game, nWorlds, arrays[keys], from, arrays[actions], arrays[checksums]);
  found[name] = { steps: arrays[checksums].length - nWorlds, difference };
}
console.log(JSON.stringify(found));

// Checksums: of bytes, and of a state; the latter is equal to `LiveWorld.hash` in `cogrid/serve/worlds.py`.

/** @typedef {import("./world.js").World} World */

const CRC_TABLE = new Uint32Array(256).map((_, byte) => {
  for (let bit = 0; bit < 8; bit += 1) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

/**
 * The CRC-32 of bytes.
 *
 * @param {Uint8Array} data
 * @returns {number} 0 to 2**32 - 1
 */
export function crc32(data) {
  let sum = ~0;
  for (const byte of data) sum = (sum >>> 8) ^ CRC_TABLE[(sum ^ byte) & 255];
  return ~sum >>> 0;
}

/**
 * A checksum of everything that the next steps and payments depend on.
 *
 * @param {World} world
 * @returns {number} 0 to 2**32 - 1
 */
export function stateHash(world) {
  const { cells, agentCell, agentDir, agentValue, terminated, events, time, worldValue, layoutIdx } = world;
  const parts = [cells, agentCell, agentDir, agentValue, terminated.map(Number), events, [time, worldValue, layoutIdx]];
  const numbers = parts.flat();
  const bytes = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((number, idx) => bytes.setInt32(4 * idx, number, true));
  return crc32(new Uint8Array(bytes.buffer));
}

// Files of the library: archives of NumPy arrays, as `cogrid/recording/archive.py` reads them.

import { crc32 } from "../engine/checksum.js";

/**
 * An array of a file.
 *
 * @typedef {object} FileArray
 * @property {string} dtype - NumPy's name of it
 * @property {number[]} shape
 * @property {ArrayLike<number>} values
 */

/** @type {Record<string, [string, any]>} */
const KINDS = {
  bool: ["|b1", Uint8Array],
  uint8: ["|u1", Uint8Array],
  uint16: ["<u2", Uint16Array],
  uint32: ["<u4", Uint32Array],
  int32: ["<i4", Int32Array],
  float32: ["<f4", Float32Array],
};

/**
 * Write an archive.
 *
 * @param {string} header - a text that stands in it as the array "header"
 * @param {Record<string, FileArray>} arrays
 * @returns {Uint8Array}
 */
export function writeArchive(header, arrays) {
  const files = { header: npyOfText(header) };
  for (const [name, array] of Object.entries(arrays)) Object.assign(files, { [name]: npyOfArray(array) });
  return zip(Object.entries(files).map(([name, bytes]) => [`${name}.npy`, bytes]));
}

/** @param {FileArray} array */
function npyOfArray({ dtype, shape, values }) {
  const [code, ArrayType] = KINDS[dtype];
  return npy(code, shape, new Uint8Array(ArrayType.from(values).buffer));
}

/** @param {string} text */
function npyOfText(text) {
  const letters = Uint32Array.from(Array.from(text), (letter) => letter.codePointAt(0) ?? 0);
  return npy(`<U${letters.length}`, [], new Uint8Array(letters.buffer));
}

/**
 * @param {string} code - of the dtype
 * @param {number[]} shape
 * @param {Uint8Array} data
 */
function npy(code, shape, data) {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const about = `{'descr': '${code}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const padded = about.padEnd(Math.ceil((about.length + 11) / 64) * 64 - 11) + "\n";
  const magic = [0x93, ...ascii("NUMPY"), 1, 0, padded.length & 255, padded.length >> 8];
  return join([Uint8Array.from(magic), Uint8Array.from(ascii(padded)), data]);
}

/**
 * A zip archive of files that are stored as they are.
 *
 * @param {[string, Uint8Array][]} files
 */
function zip(files) {
  const parts = [];
  const entries = [];
  let at = 0;
  for (const [name, data] of files) {
    const letters = Uint8Array.from(ascii(name));
    const sizes = [...little(crc32(data)), ...little(data.length), ...little(data.length)];
    const about = [20, 0, 0, 0, 0, 0, 0, 0, 33, 0, ...sizes, letters.length & 255, letters.length >> 8, 0, 0];
    const local = join([Uint8Array.from([0x50, 0x4b, 3, 4, ...about]), letters, data]);
    const rest = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...little(at)];
    entries.push(join([Uint8Array.from([0x50, 0x4b, 1, 2, 20, 0, ...about, ...rest]), letters]));
    parts.push(local);
    at += local.length;
  }
  const size = entries.reduce((sum, entry) => sum + entry.length, 0);
  const count = [files.length & 255, files.length >> 8];
  const end = [0x50, 0x4b, 5, 6, 0, 0, 0, 0, ...count, ...count, ...little(size), ...little(at), 0, 0];
  return join([...parts, ...entries, Uint8Array.from(end)]);
}

/** @param {string} text */
function ascii(text) {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

/** The four bytes of a number. @param {number} number */
function little(number) {
  return [number & 255, (number >>> 8) & 255, (number >>> 16) & 255, number >>> 24];
}

/** @param {Uint8Array[]} parts */
function join(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

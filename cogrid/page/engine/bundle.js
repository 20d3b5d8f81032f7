// Data in one piece: a JSON document, and arrays of numbers that it names. Written by `cogrid/page/bundle.py`.

/** @type {Record<string, any>} */
const ARRAYS = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
};

/**
 * Read a bundle.
 *
 * @param {ArrayBuffer} bytes - the length of the document in bytes (uint32), the document, the arrays; each part begins
 *   at a multiple of 8
 * @returns {{document: any, arrays: Numbers[]}} the document, whose `arrays` says what follows it
 */
export function readBundle(bytes) {
  const length = new Uint32Array(bytes, 0, 1)[0];
  const document = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
  let at = align(8 + length);
  /** @type {Numbers[]} */
  const arrays = [];
  for (const { dtype, size } of document.arrays) {
    const array = new ARRAYS[dtype](bytes, at, size);
    arrays.push(array);
    at = align(at + array.byteLength);
  }
  return { document, arrays };
}

/**
 * The arrays of a game by their names.
 *
 * @param {Record<string, number>} numbers - name to the array's number in the bundle
 * @param {Numbers[]} arrays
 * @returns {Record<string, Numbers>}
 */
export function nameArrays(numbers, arrays) {
  return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, arrays[number]]));
}

/** @param {number} at */
function align(at) {
  return Math.ceil(at / 8) * 8;
}

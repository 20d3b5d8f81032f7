// What is played, in the part of the address after `#`, so that a link says it.

/**
 * What is played.
 *
 * @typedef {object} Choice
 * @property {string | null} world
 * @property {number | null} seed
 * @property {string[]} players - who plays each agent
 * @property {number | null} speed - steps a second; 0 where the world waits for people
 */

const MAX_SEED = 2 ** 32 - 1;
const MAX_SPEED = 15;
const WAITS = "wait";

/** @returns {Choice} */
export function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const speed = given.get("speed") === WAITS ? 0 : Number(given.get("speed") ?? NaN);
  return {
    world: given.get("world"),
    seed: readSeed(given.get("seed")),
    players: (given.get("players") ?? "").split(",").filter(Boolean),
    speed: speed === 0 || (speed >= 1 && speed <= MAX_SPEED) ? Math.round(speed) : null,
  };
}

/** @param {Choice} choice */
export function writeAddress(choice) {
  const parts = [`world=${choice.world}`, `seed=${choice.seed}`, `players=${choice.players.map(encodeURIComponent)}`];
  const address = `#${parts.join("&")}&speed=${choice.speed || WAITS}`;
  if (address !== location.hash) location.replace(address);
}

/**
 * A seed: a whole number from 0 to 2**32 - 1; null for anything else.
 *
 * @param {string | null} given
 */
export function readSeed(given) {
  const seed = /^\d+$/.test(given ?? "") ? Number(given) : NaN;
  return seed <= MAX_SEED ? seed : null;
}

/** A seed that nobody has chosen, short enough to be told. */
export function drawSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0] % 100_000;
}

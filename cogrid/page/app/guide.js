// What keys, the touch pad and gamepads do in a world, in words.

import { element } from "./dom.js";
import { words } from "./text.js";

/** @typedef {import("../engine/game.js").Game} Game */

/** What the usual acts are called. @type {Record<string, string>} */
const USUAL = { PickupDrop: "Take, put", Toggle: "Use" };

/** Tells people what their keys do in one world. */
export class Guide {
  /**
   * @param {Game} game
   * @param {Record<string, number>} actions - the action of each input
   */
  constructor(game, actions) {
    this.game = game;
    this.actions = actions;
    this.names = game.header.rules.actions;
  }

  /**
   * What an input does; null where it does nothing.
   *
   * @param {string} input
   * @returns {string | null}
   */
  labelOf(input) {
    const action = this.actions[input];
    if (action === undefined || !this.game.doesAnything(action)) return null;
    return USUAL[this.names[action]] ?? words(this.names[action]);
  }

  /** Show the keys of the touch pad that do something; none twice. */
  showPad() {
    const shown = new Set();
    for (const input of ["up", "down", "left", "right", "act", "toggle", "more1", "more2", "more3", "more4"]) {
      const key = element("pad").querySelector(`[data-input="${input}"]`);
      if (!(key instanceof HTMLElement)) continue;
      const label = this.labelOf(input);
      key.hidden = label === null || shown.has(this.actions[input]);
      shown.add(this.actions[input]);
      if (key.matches(".round, .more button")) key.textContent = label?.replace(", ", "\n") ?? "";
    }
  }

  /** Show what the keys of the keyboard do. */
  showKeys() {
    for (const input of ["act", "toggle"]) {
      const label = this.labelOf(input);
      element(`keys-${input}`).hidden = label === null;
      element(`does-${input}`).textContent = label;
    }
    element("does-move").textContent = this.doesTurn ? "Go, turn" : "Move";
    const digits = Object.keys(this.actions).filter((input) => input.startsWith("digit") && this.labelOf(input));
    element("digits").textContent = digits.map((input) => `${input.slice(-1)}: ${this.labelOf(input)}`).join(", ");
  }

  /** Whether agents turn by actions of their own. */
  get doesTurn() {
    return this.names.includes("RotateLeft");
  }

  /** What a person is told before the first step. @param {number} nPeople @param {boolean} isTouched */
  hint(nPeople, isTouched) {
    const move = this.doesTurn ? "go and turn" : "move";
    const act = this.labelOf("act");
    const usual = act === USUAL.PickupDrop ? "acts on what is ahead" : `is \u201c${act}\u201d`;
    if (isTouched) return `The pad below the board moves you${act ? `; its large key ${usual}` : ""}.`;
    if (nPeople > 1) return "Arrow keys and Enter for the first person, WASD and Space for the second.";
    return `Arrow keys or WASD ${move}${act ? `, Enter or Space ${usual}` : ""}. Any of them starts.`;
  }
}

// What people do with keys, the touch pad and gamepads, as inputs for each person.

/** What is repeated for as long as it is held down. */
const MOVES = ["up", "down", "left", "right"];

/** The keys of the first and the second person, by the key's place on the keyboard. @type {Record<string, string>[]} */
const KEYS = [
  {
    ArrowUp: "up",
    ArrowDown: "down",
    ArrowLeft: "left",
    ArrowRight: "right",
    Enter: "act",
    NumpadEnter: "act",
    Slash: "toggle",
    ShiftRight: "toggle",
  },
  { KeyW: "up", KeyS: "down", KeyA: "left", KeyD: "right", Space: "act", KeyE: "act", KeyQ: "toggle" },
];

/** Which action each input is, in worlds with one set of actions or the other. @type {Record<string, string[]>} */
const ACTIONS = {
  up: ["MoveUp", "Forward"],
  down: ["MoveDown", "Backward"],
  left: ["MoveLeft", "RotateLeft"],
  right: ["MoveRight", "RotateRight"],
  act: ["PickupDrop"],
  toggle: ["Toggle"],
};

/** Moves that have no key of their own but a digit. */
const SIDESTEPS = ["StepLeft", "StepRight"];

/** The buttons of a gamepad, by their numbers in the standard layout. @type {Record<number, string>} */
const PAD_BUTTONS = {
  0: "act",
  1: "toggle",
  2: "more1",
  3: "more2",
  4: "more3",
  5: "more4",
  12: "up",
  13: "down",
  14: "left",
  15: "right",
};
const STICK = 0.5;

/**
 * The action of each input in a world. Digits stand for further actions, in their order, and so do the keys for acting
 * where the world has none of the usual acts. Those that no other key stands for are also "more1", "more2" and so on,
 * for the touch pad and for gamepads, whose buttons act in the usual way where there is no more.
 *
 * @param {string[]} names - of the world's actions
 * @returns {Record<string, number>}
 */
export function actionsOf(names) {
  /** @type {Record<string, number>} */
  const found = {};
  for (const [input, candidates] of Object.entries(ACTIONS)) {
    const name = candidates.find((candidate) => names.includes(candidate));
    if (name) found[input] = names.indexOf(name);
  }
  const known = new Set([...Object.values(ACTIONS).flat(), "Noop"]);
  const further = names.filter((name) => !known.has(name));
  further.forEach((name, idx) => (found[`digit${idx + 1}`] = names.indexOf(name)));
  const free = ["act", "toggle"].filter((input) => !(input in found));
  const acts = further.filter((name) => !SIDESTEPS.includes(name));
  free.slice(0, acts.length).forEach((input, idx) => (found[input] = names.indexOf(acts[idx])));
  const more = further.map((name) => names.indexOf(name)).filter((action) => action !== found.act && action !== found.toggle);
  const usual = [found.toggle, found.act].filter((action) => action !== undefined);
  [...more, ...usual].forEach((action, idx) => (found[`more${idx + 1}`] = action));
  return found;
}

/** The inputs of one person: what is held down, and what was tapped since the last step. */
class Seat {
  constructor() {
    /** @type {string[]} */
    this.held = [];
    /** @type {string[]} */
    this.taps = [];
  }

  /** @param {string} input */
  press(input) {
    if (this.held.includes(input)) return;
    this.held.push(input);
    this.taps = [...this.taps.slice(-1), input];
  }

  /** @param {string} input */
  release(input) {
    this.held = this.held.filter((other) => other !== input);
  }

  /** What the next step would take. @returns {string | null} */
  peek() {
    const moves = this.held.filter((input) => MOVES.includes(input));
    return this.taps[0] ?? moves[moves.length - 1] ?? null;
  }

  /** What the step takes: a tap, else the move that is held down. @returns {string | null} */
  take() {
    const input = this.peek();
    this.taps.shift();
    return input;
  }
}

/** The inputs of all people. */
export class Controls {
  /** @param {(seat: number) => void} onPress - called at every press */
  constructor(onPress) {
    this.onPress = onPress;
    this.nPeople = 1;
    this.seats = [0, 1, 2, 3].map(() => new Seat());
    /** @private @type {string[][]} - what each gamepad holds down */
    this.padHeld = [[], [], [], []];
  }

  /** Forget what is held down. */
  clear() {
    this.seats.forEach((seat) => Object.assign(seat, { held: [], taps: [] }));
  }

  /** The person whose key it is, and what it asks for. @param {string} code @returns {[number, string] | null} */
  find(code) {
    if (/^(Digit|Numpad)[1-9]$/.test(code)) return [0, `digit${code.slice(-1)}`];
    const seat = KEYS.findIndex((keys) => code in keys);
    return seat < 0 ? null : [this.nPeople === 1 ? 0 : seat, KEYS[seat][code]];
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether it was one of ours */
  keyDown(event) {
    const found = event.ctrlKey || event.altKey || event.metaKey ? null : this.find(event.code);
    if (found && !event.repeat) this.press(...found);
    return found !== null;
  }

  /** @param {KeyboardEvent} event */
  keyUp(event) {
    const found = this.find(event.code);
    if (found) this.seats[found[0]].release(found[1]);
  }

  /**
   * @param {number} seat
   * @param {string} input
   */
  press(seat, input) {
    this.seats[seat].press(input);
    this.onPress(seat);
  }

  /** Look at the gamepads; they report nothing by themselves. */
  poll() {
    const pads = navigator.getGamepads?.() ?? [];
    Array.from(pads)
      .filter((pad) => pad !== null)
      .slice(0, this.seats.length)
      .forEach((pad, idx) => {
        const seat = Math.min(idx, Math.max(this.nPeople - 1, 0));
        const held = heldOn(pad);
        for (const input of held) if (!this.padHeld[idx].includes(input)) this.press(seat, input);
        for (const input of this.padHeld[idx]) if (!held.includes(input)) this.seats[seat].release(input);
        this.padHeld[idx] = held;
      });
  }
}

/** @param {Gamepad} pad @returns {string[]} */
function heldOn(pad) {
  const held = Object.entries(PAD_BUTTONS)
    .filter(([button]) => pad.buttons[Number(button)]?.pressed)
    .map(([, input]) => input);
  const [x = 0, y = 0] = pad.axes;
  if (Math.abs(x) > STICK && Math.abs(x) > Math.abs(y)) held.push(x < 0 ? "left" : "right");
  if (Math.abs(y) > STICK && Math.abs(y) >= Math.abs(x)) held.push(y < 0 ? "up" : "down");
  return [...new Set(held)];
}

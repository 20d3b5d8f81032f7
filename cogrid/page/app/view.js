// A world inside of another page, such as a trial of a study: the board, the score, the keys; no menus.

import { Board } from "./board.js";
import { actionsOf, Controls } from "./controls.js";
import { make, written } from "./dom.js";
import { scoreOf } from "./panel.js";
import { PictureBook } from "./pictures.js";
import { spell, writeState } from "./text.js";

/** @typedef {import("./data.js").PageData} PageData */
/** @typedef {import("./data.js").WorldData} WorldData */
/** @typedef {import("./episode.js").Episode} Episode */

const LABEL_SECONDS = 1.1;
const MAX_HEIGHT = 0.62;

const PAD = [
  ["up", "\u25b2", "Up"],
  ["left", "\u25c0", "Left"],
  ["right", "\u25b6", "Right"],
  ["down", "\u25bc", "Down"],
  ["act", "Take Put", "Take or put"],
  ["toggle", "Use", "Use"],
];

/** Shows episodes in an element, and takes what people do. */
export class GameView {
  /**
   * @param {HTMLElement} container - its content is replaced
   * @param {PageData} page
   * @param {(seat: number) => void} onPress - called when somebody presses a key
   */
  constructor(container, page, onPress) {
    this.page = page;
    this.container = container;
    this.canvas = /** @type {HTMLCanvasElement} */ (
      make("canvas", { class: "cogrid-board", tabindex: "0", role: "application", "aria-label": "The world" })
    );
    this.score = make("output", { class: "cogrid-score" });
    this.clock = make("span", { class: "cogrid-time" });
    this.wanted = make("span", { class: "cogrid-wanted" });
    this.text = make("pre", { class: "cogrid-unseen", "aria-label": "The world as text" });
    this.live = make("p", { class: "cogrid-unseen", "aria-live": "polite" });
    this.pad = make("div", { class: "cogrid-pad", "aria-label": "Touch pad" });
    this.you = /** @type {HTMLImageElement} */ (make("img", { class: "cogrid-you", alt: "" }));
    this.who = make("span", { hidden: "" }, "You are ", this.you);
    const score = make("span", {}, "Score ", this.score);
    const bar = make("div", { class: "cogrid-bar" }, score, this.clock, this.who, this.wanted);
    this.stage = make("div", { class: "cogrid-stage" }, this.canvas);
    container.replaceChildren(make("div", { class: "cogrid-game" }, bar, this.stage, this.pad, this.text, this.live));
    this.board = new Board(this.canvas);
    this.controls = new Controls((seat) => {
      this.isStale = true;
      onPress(seat);
    });
    this.isStale = true;
    this.isRunning = false;
    this.isClosed = false;
    this.stepAt = 0;
    this.pace = 1;
    /** Which agents people play, by their seats. @type {number[]} */
    this.own = [];
    /** @type {Record<string, number>} */
    this.actions = {};
    /** @type {boolean[]} */
    this.acts = [];
    /** @type {{cell: number, text: string, at: number}[]} */
    this.labels = [];
    /** @type {Episode | null} */
    this.episode = null;
    /** @type {PictureBook | null} */
    this.book = null;
    /** @private @type {(() => void)[]} */
    this.undo = [];
    this.wire();
    requestAnimationFrame((now) => this.frame(now));
  }

  /**
   * Show an episode.
   *
   * @param {Episode} episode
   * @param {number[]} own - the agents that people play here
   * @param {number} pace - steps a second, for motion
   */
  async show(episode, own, pace) {
    const { about, game } = episode;
    if (this.book?.world !== about) this.book = new PictureBook(this.page, about, () => (this.isStale = true));
    Object.assign(this, { own, pace, labels: [], acts: Array(game.nAgents).fill(false) });
    this.actions = actionsOf(game.header.rules.actions);
    this.controls.nPeople = own.length;
    this.controls.clear();
    const { cells, agentDir, agentValue, worldValue } = episode.world;
    const book = this.book;
    const agents = agentValue.map((value, idx) => book.agent(idx, agentDir[idx], value, worldValue));
    await book.load([...cells.map((value) => book.cell(value, worldValue)), ...agents]);
    this.episode = episode;
    this.board.show(book);
    this.showPad(game);
    this.who.hidden = own.length !== 1 || game.nAgents === 1;
    if (!this.who.hidden) Object.assign(this.you, { src: this.pictureOf(own[0]), alt: `agent ${own[0]}` });
    this.update();
    this.fit();
    book.loadRest();
  }

  /** A drawing of an agent as the address of an image. @param {number} agentIdx */
  pictureOf(agentIdx) {
    const { book, episode } = this;
    if (!book || !episode) return "";
    const { agentDir, agentValue, worldValue } = episode.world;
    return book.address(book.agent(agentIdx, agentDir[agentIdx], agentValue[agentIdx], worldValue));
  }

  /** Take the next action of a person; null if they ask for nothing. @param {number} seat @returns {number | null} */
  takeAction(seat) {
    const action = this.actions[this.controls.seats[seat].take() ?? ""];
    return action ?? null;
  }

  /** Show what the last step has changed. */
  stepped() {
    const { episode } = this;
    if (!episode) return;
    const now = performance.now();
    this.stepAt = now;
    const made = episode.actions[episode.nSteps - 1];
    const rewards = episode.rewards[episode.nSteps - 1];
    const { terminated } = episode.before;
    this.acts = made.map((action, idx) => episode.game.interaction[action] !== 0 && !terminated[idx]);
    const hasEvent = rewards.map((paid, idx) => paid !== 0 && episode.eventsOf(idx).length > 0);
    const shown = hasEvent.includes(true) ? hasEvent : rewards.map((paid) => paid !== 0);
    shown.forEach((isShown, idx) => {
      const text = `${rewards[idx] > 0 ? "+" : ""}${written(rewards[idx])}`;
      if (isShown) this.labels.push({ cell: episode.world.agentCell[idx], text, at: now });
    });
    const told = rewards.flatMap((paid, idx) => {
      const events = episode.eventsOf(idx).filter((event) => event !== "collision");
      return events.length ? [`Agent ${idx}: ${events.map(spell).join(", ")}.`] : [];
    });
    if (told.length) this.live.textContent = told.join(" ");
    this.update();
  }

  /** Show how things stand. */
  update() {
    const { episode } = this;
    if (!episode) return;
    const { world, about, returns } = episode;
    const maxSteps = about.game.header.rules.max_steps;
    const left = maxSteps === null ? 0 : Math.ceil((maxSteps - world.time) / this.pace);
    this.score.textContent = written(scoreOf(returns));
    this.clock.textContent = maxSteps === null ? `step ${world.time}` : `${left} s left`;
    this.wanted.textContent = (about.text.worlds[world.worldValue] ?? []).map(spell).join(", ");
    this.text.textContent = writeState(about, world);
    this.isStale = true;
  }

  /** Whether the clock runs: only then a figure turns before its step. @param {boolean} isRunning */
  setRunning(isRunning) {
    this.isRunning = isRunning;
    this.isStale = true;
    if (isRunning) this.canvas.focus({ preventScroll: true });
  }

  /** Take the view out of the page. */
  close() {
    this.isClosed = true;
    this.undo.forEach((undo) => undo());
    this.container.replaceChildren();
  }

  /** @private @param {number} now */
  frame(now) {
    if (this.isClosed) return;
    this.controls.poll();
    const progress = Math.min(1, Math.max(0, ((now - this.stepAt) * this.pace) / 1000));
    this.labels = this.labels.filter(({ at }) => now - at < LABEL_SECONDS * 1000);
    if (this.isStale || progress < 1 || this.labels.length) {
      this.isStale = progress < 1 || this.labels.length > 0;
      this.draw(now, progress);
    }
    requestAnimationFrame((next) => this.frame(next));
  }

  /**
   * @private
   * @param {number} now
   * @param {number} progress
   */
  draw(now, progress) {
    const { episode } = this;
    if (!episode || !this.board.book) return;
    const labels = this.labels.map((label) => ({ ...label, age: (now - label.at) / (LABEL_SECONDS * 1000) }));
    const { before, world } = episode;
    this.board.draw({ before, now: world, progress, acts: this.acts, looks: this.looks(), labels });
  }

  /** Where people's agents are about to look. @private @returns {(number | null)[]} */
  looks() {
    const { episode, own } = this;
    if (!episode || !this.isRunning) return [];
    const { world, game } = episode;
    return world.agentDir.map((direction, agentIdx) => {
      const seat = own.indexOf(agentIdx);
      const input = seat < 0 ? null : this.controls.seats[seat].peek();
      const action = input ? this.actions[input] : undefined;
      if (action === undefined || world.terminated[agentIdx]) return null;
      return game.turn[action * 4 + direction];
    });
  }

  /** @private */
  fit() {
    this.board.fit(this.stage.clientWidth, window.innerHeight * MAX_HEIGHT);
    this.isStale = true;
  }

  /** Show the keys of the touch pad that do something in this world. @private @param {import("../engine/game.js").Game} game */
  showPad(game) {
    const keys = PAD.filter(([input]) => input in this.actions && game.doesAnything(this.actions[input]));
    this.pad.replaceChildren(
      ...keys.map(([input, sign, name]) => {
        const key = make("button", { type: "button", "data-input": input, "aria-label": name }, sign);
        key.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          key.setPointerCapture(event.pointerId);
          this.controls.press(0, input);
        });
        for (const kind of ["pointerup", "pointercancel"])
          key.addEventListener(kind, () => this.controls.seats[0].release(input));
        return key;
      }),
    );
  }

  /** @private */
  wire() {
    const down = (/** @type {KeyboardEvent} */ event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (!this.episode || target.matches("input, select, textarea")) return;
      if (target.matches("button, a, summary") && ["Enter", "Space"].includes(event.code)) return;
      if (this.controls.keyDown(event)) event.preventDefault();
    };
    const up = (/** @type {KeyboardEvent} */ event) => this.controls.keyUp(event);
    const clear = () => this.controls.clear();
    document.addEventListener("keydown", down);
    document.addEventListener("keyup", up);
    window.addEventListener("blur", clear);
    const observer = new ResizeObserver(() => this.fit());
    observer.observe(this.stage);
    this.undo = [
      () => document.removeEventListener("keydown", down),
      () => document.removeEventListener("keyup", up),
      () => window.removeEventListener("blur", clear),
      () => observer.disconnect(),
    ];
  }
}

// Shows an episode that was played: step by step, forth and back.

import { Board } from "./board.js";
import { element, make, toggle, wireTheme, written } from "./dom.js";
import { MindView } from "./minds.js";
import { ObservationView } from "./observation.js";
import { showLegend } from "./panel.js";
import { PictureBook } from "./pictures.js";
import { spell, writeState } from "./text.js";

/** @typedef {import("../engine/world.js").Snapshot} Snapshot */
/** @typedef {import("./data.js").PageData} PageData */

/**
 * An episode of T steps of A agents in a world of N cells, each entry the number of an array.
 *
 * @typedef {object} ReplayData
 * @property {number} n_steps
 * @property {number | null} seed
 * @property {number} cells - T + 1 times N
 * @property {Record<"cell" | "dir" | "value" | "terminated" | "events", number>} agents - T + 1 times A each
 * @property {number} world_value - T + 1
 * @property {number} actions - T times A
 * @property {number} rewards - T times A
 * @property {number | null} observations - T + 1 times A times the size of one
 * @property {number[]} shape - of what one agent observes
 * @property {string[]} channels
 * @property {{name: string, probabilities: number}[]} policies - with T times A times the number of actions
 */

const QUIET = ["collision"];
const JUMP = 10;

/** A page that shows one episode. */
export class ReplayPage {
  /** @param {PageData} page */
  constructor(page) {
    /** @type {ReplayData} */
    this.episode = page.replay;
    this.world = page.worlds[0];
    this.arrays = page.arrays;
    this.nAgents = this.world.game.header.rules.n_agents;
    this.book = new PictureBook(page, this.world, () => (this.isStale = true));
    this.board = new Board(element("board", HTMLCanvasElement));
    this.board.show(this.book);
    this.observation = new ObservationView(this.episode, this.arrays, this.nAgents);
    this.minds = new MindView(this.episode, this.arrays, this.world.game.header.rules.actions);
    this.returns = this.sumRewards();
    /** @type {{image: HTMLImageElement, did: HTMLElement, own: HTMLElement}[]} */
    this.rows = [];
    /** The step that is shown, and how far the motion to it has come. */
    this.at = 0;
    this.progress = 1;
    this.isRunning = false;
    this.isStale = true;
    this.speed = 6;
    this.shownAt = 0;
  }

  async open() {
    const { id } = this.world;
    const { seed } = this.episode;
    element("name").textContent = seed === null ? id : `${id}, seed ${seed}`;
    showLegend(this.book);
    this.makePlayers();
    this.makeLog();
    this.wire();
    await this.book.load(this.drawingsOf(0));
    this.go(0);
    requestAnimationFrame((now) => this.frame(now));
    await this.book.loadRest();
  }

  /** A state of the episode. @param {number} at @returns {Snapshot} */
  state(at) {
    const { cells, agents, world_value: worldValue } = this.episode;
    const nCells = this.world.game.header.map.height * this.world.game.header.map.width;
    const part = (/** @type {number} */ array, size = this.nAgents) =>
      Array.from(this.arrays[array].subarray(at * size, (at + 1) * size));
    return {
      key: [0, 0],
      time: at + this.world.startTime,
      cells: part(cells, nCells),
      agentCell: part(agents.cell),
      agentDir: part(agents.dir),
      agentValue: part(agents.value),
      terminated: part(agents.terminated).map(Boolean),
      events: part(agents.events),
      amounts: [],
      worldValue: this.arrays[worldValue][at],
      layoutIdx: 0,
    };
  }

  /** The drawings of a state. @param {number} at */
  drawingsOf(at) {
    const { cells, agentDir, agentValue, worldValue } = this.state(at);
    const agents = agentValue.map((value, agentIdx) =>
      this.book.agent(agentIdx, agentDir[agentIdx], value, worldValue),
    );
    return [...cells.map((value) => this.book.cell(value, worldValue)), ...agents];
  }

  /** What each agent has earned after each number of steps. */
  sumRewards() {
    const rewards = this.arrays[this.episode.rewards];
    const sums = [Array(this.nAgents).fill(0)];
    for (let at = 0; at < this.episode.n_steps; at += 1) {
      sums.push(sums[at].map((sum, agentIdx) => sum + rewards[at * this.nAgents + agentIdx]));
    }
    return sums;
  }

  // The clock

  /** @param {number} now */
  frame(now) {
    const pace = 1000 / this.speed;
    if (this.isRunning && now - this.shownAt >= pace) {
      if (this.at < this.episode.n_steps) this.go(this.at + 1, now);
      else this.setRunning(false);
    }
    const progress = this.progress < 1 ? Math.min(1, (now - this.shownAt) / pace) : 1;
    if (this.isStale || this.progress < 1) {
      this.progress = progress;
      this.isStale = false;
      this.draw();
    }
    requestAnimationFrame((next) => this.frame(next));
  }

  /**
   * Show a step; from the one before it with motion.
   *
   * @param {number} at
   * @param {number | null} [now]
   */
  go(at, now = null) {
    this.at = Math.max(0, Math.min(this.episode.n_steps, at));
    this.progress = now === null ? 1 : 0;
    this.shownAt = now ?? performance.now();
    this.isStale = true;
    this.update();
  }

  /** @param {boolean} isRunning */
  setRunning(isRunning) {
    if (isRunning && this.at === this.episode.n_steps) this.go(0);
    this.isRunning = isRunning;
    element("play").classList.toggle("is-running", isRunning);
  }

  // What is shown

  draw() {
    const actions = this.actionsTo(this.at);
    this.board.draw({
      before: this.state(Math.max(0, this.at - 1)),
      now: this.state(this.at),
      progress: this.progress,
      acts: actions.map((action) => this.world.acts.includes(action)),
      looks: actions.map(() => null),
      labels: this.progress < 1 || this.at === 0 ? this.labels() : [],
    });
  }

  /** What was paid in the step that is shown. */
  labels() {
    if (this.at === 0) return [];
    const { agentCell } = this.state(this.at);
    return agentCell.flatMap((cell, agentIdx) => {
      const paid = this.returns[this.at][agentIdx] - this.returns[this.at - 1][agentIdx];
      return paid ? [{ cell, text: `${paid > 0 ? "+" : ""}${written(paid)}`, age: this.progress }] : [];
    });
  }

  /** What the agents did to get to a state. @param {number} at @returns {number[]} */
  actionsTo(at) {
    if (at === 0) return Array(this.nAgents).fill(-1);
    return Array.from(this.arrays[this.episode.actions].subarray((at - 1) * this.nAgents, at * this.nAgents));
  }

  update() {
    const { at, world } = this;
    const { rules } = world.game.header;
    const state = this.state(at);
    const returns = this.returns[at];
    const isCommon = returns.every((own) => own === returns[0]);
    element("score").textContent = written(isCommon ? returns[0] : returns.reduce((sum, own) => sum + own, 0));
    element("time").textContent = `step ${at} of ${this.episode.n_steps}`;
    element("wanted").textContent = (world.text.worlds[state.worldValue] ?? []).map(spell).join(", ");
    element("at", HTMLInputElement).value = String(at);
    element("state").textContent = writeState(world, state);
    this.actionsTo(at).forEach((action, agentIdx) => {
      const row = this.rows[agentIdx];
      const drawing = this.book.agent(agentIdx, 0, state.agentValue[agentIdx], state.worldValue);
      row.image.src = this.book.address(drawing);
      row.did.textContent = action < 0 ? "" : rules.actions[action];
      row.own.textContent = written(returns[agentIdx]);
    });
    for (const entry of element("log").children)
      entry.classList.toggle("is-now", Number(entry.getAttribute("data-at")) === at);
    this.observation.show(at);
    this.minds.show(at);
  }

  makePlayers() {
    this.rows = Array.from({ length: this.nAgents }, (_, agentIdx) => ({
      image: /** @type {HTMLImageElement} */ (make("img", { alt: `Agent ${agentIdx}` })),
      did: make("span", { class: "did" }),
      own: make("span", { class: "own", title: "Return" }),
    }));
    const shown = this.rows.map(({ image, did, own }) => make("div", { class: "player" }, image, did, own));
    element("players").replaceChildren(...shown);
  }

  /** List what happened, and mark it on the track. */
  makeLog() {
    const { rules } = this.world.game.header;
    const events = this.arrays[this.episode.agents.events];
    const { n_steps: nSteps } = this.episode;
    for (let at = 1; at <= nSteps; at += 1) {
      for (let agentIdx = 0; agentIdx < this.nAgents; agentIdx += 1) {
        const bits = events[at * this.nAgents + agentIdx];
        const names = rules.events.filter((name, bit) => (bits >>> bit) & 1 && !QUIET.includes(name));
        const paid = this.returns[at][agentIdx] - this.returns[at - 1][agentIdx];
        if (names.length) this.addToLog(at, agentIdx, names.map(spell).join(", "), paid);
      }
    }
  }

  /**
   * @param {number} at
   * @param {number} agentIdx
   * @param {string} what
   * @param {number} paid
   */
  addToLog(at, agentIdx, what, paid) {
    const sum = paid ? [make("span", { class: "paid" }, `${paid > 0 ? "+" : ""}${written(paid)}`)] : [];
    const words = make("span", {}, make("b", {}, `Agent ${agentIdx}`), ` ${what}`);
    const entry = make("li", { "data-at": String(at), tabindex: "0" }, make("time", {}, String(at)), words, ...sum);
    entry.addEventListener("click", () => this.stopAt(at));
    entry.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.stopAt(at);
    });
    element("log").append(entry);
    const place = `left: ${(100 * at) / Math.max(1, this.episode.n_steps)}%`;
    element("marks").append(make("i", { style: place, ...(paid ? { class: "is-paid" } : {}) }));
  }

  // What people do

  /** @param {number} at */
  stopAt(at) {
    this.setRunning(false);
    this.go(at);
  }

  wire() {
    element("play").addEventListener("click", () => this.setRunning(!this.isRunning));
    element("back").addEventListener("click", () => this.stopAt(this.at - 1));
    element("on").addEventListener("click", () => this.stopAt(this.at + 1));
    const at = element("at", HTMLInputElement);
    at.max = String(this.episode.n_steps);
    at.addEventListener("input", () => this.stopAt(Number(at.value)));
    const speed = element("speed", HTMLInputElement);
    const setSpeed = () => {
      this.speed = Number(speed.value);
      element("pace").textContent = `${this.speed} a second`;
    };
    speed.addEventListener("input", setSpeed);
    setSpeed();
    toggle("text", (isOn) => {
      element("state").classList.toggle("unseen", !isOn);
      this.fit();
    });
    wireTheme();
    document.addEventListener("keydown", (event) => this.keyDown(event));
    new ResizeObserver(() => this.fit()).observe(element("stage"));
  }

  /** @param {KeyboardEvent} event */
  keyDown(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.matches("select") || event.ctrlKey || event.altKey || event.metaKey) return;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => this.stopAt(this.at - 1),
      ArrowRight: () => this.stopAt(this.at + 1),
      PageUp: () => this.stopAt(this.at - JUMP),
      PageDown: () => this.stopAt(this.at + JUMP),
      Home: () => this.stopAt(0),
      End: () => this.stopAt(this.episode.n_steps),
      Space: () => this.setRunning(!this.isRunning),
    };
    if (!(event.code in keys) || (event.code === "Space" && target.matches("button, summary"))) return;
    event.preventDefault();
    keys[event.code]();
  }

  fit() {
    const stage = element("stage");
    const isNarrow = matchMedia("(max-width: 800px)").matches;
    this.board.fit(stage.clientWidth, isNarrow ? window.innerHeight * 0.52 : stage.clientHeight);
    this.draw();
  }
}

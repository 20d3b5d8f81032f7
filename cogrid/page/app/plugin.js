// A plugin for jsPsych 8: a trial is an episode of a world, which people play with partners that the browser plays.

import { drawSeed } from "./address.js";
import { readPage } from "./data.js";
import { button, make, written } from "./dom.js";
import { Episode } from "./episode.js";
import { scoreOf } from "./panel.js";
import { partners, PERSON } from "./partners.js";
import { Storage } from "./storage.js";
import { GameView } from "./view.js";

/** @typedef {import("./data.js").PageData} PageData */
/** @typedef {import("./partners.js").Partner} Partner */

const VERSION = "1.0.0";
const BOOL = 0;
const STRING = 1;
const INT = 2;
const HTML_STRING = 8;
const OBJECT = 12;
const STYLE_ID = "cogrid-style";

/**
 * What a trial is given.
 *
 * @typedef {object} Trial
 * @property {string | null} world
 * @property {string[] | null} players
 * @property {number | null} seed
 * @property {number} speed
 * @property {number | null} max_steps
 * @property {string | null} prompt
 * @property {string} button_label
 * @property {string | null} keep
 * @property {boolean} has_trajectory
 * @property {string | null} leave_address
 * @property {Record<string, any>} leave_fields
 */

/** The worlds of this file, unpacked once. @type {Promise<PageData> | null} */
let unpacked = null;

/** @returns {{worlds: string, style: string}} */
function given() {
  return /** @type {any} */ (globalThis).cogridPluginData;
}

/** The plugin. */
export class JsPsychCogrid {
  /** What jsPsych reads of a plugin. */
  static info ={
    name: "cogrid",
    version: VERSION,
    parameters: {
      world: { type: STRING, default: null },
      players: { type: STRING, array: true, default: null },
      seed: { type: INT, default: null },
      speed: { type: INT, default: 5 },
      max_steps: { type: INT, default: null },
      prompt: { type: HTML_STRING, default: null },
      button_label: { type: STRING, default: "Start" },
      keep: { type: STRING, default: null },
      has_trajectory: { type: BOOL, default: true },
      leave_address: { type: STRING, default: null },
      leave_fields: { type: OBJECT, default: {} },
    },
    data: {
      world: { type: STRING },
      fingerprint: { type: STRING },
      seed: { type: INT },
      players: { type: STRING, array: true },
      speed: { type: INT },
      actions: { type: INT, array: true },
      returns: { type: INT, array: true },
      n_steps: { type: INT },
      is_complete: { type: BOOL },
      trajectory: { type: STRING },
    },
  };

  /** @param {any} jsPsych */
  constructor(jsPsych) {
    this.jsPsych = jsPsych;
  }

  /**
   * Play a trial.
   *
   * @param {HTMLElement} display
   * @param {Trial} trial
   * @param {() => void} onLoad - called when it is there
   * @returns what jsPsych keeps of the trial
   */
  async trial(display, trial, onLoad) {
    addStyle();
    unpacked ??= readPage(given().worlds);
    const played = new PlayedTrial(await unpacked, display, trial);
    await played.show();
    onLoad();
    return played.play();
  }
}

/** One trial. */
class PlayedTrial {
  /**
   * @param {PageData} page
   * @param {HTMLElement} display
   * @param {Trial} trial
   */
  constructor(page, display, trial) {
    this.page = page;
    this.trial = trial;
    this.world = named(page.worlds, trial.world, ({ id }) => id, "world");
    const game = page.game(this.world);
    this.partners = partners(page, this.world);
    const missing = Array.from({ length: game.nAgents }, (_, idx) => (idx === 0 ? PERSON : this.partners[0].name));
    this.players = missing.map((player, idx) => trial.players?.[idx] ?? player);
    /** Who plays each agent; null for people. @type {(Partner | null)[]} */
    this.playing = this.players.map((player) =>
      player === PERSON ? null : named(this.partners, player, ({ name }) => name, "player"),
    );
    this.episode = new Episode(this.world, game, trial.seed ?? drawSeed());
    this.own = this.players.flatMap((player, idx) => (player === PERSON ? [idx] : []));
    this.storage = new Storage();
    this.startedAt = Date.now();
    this.field = make("div", {});
    this.below = make("div", { class: "cogrid-below" });
    const prompt = make("div", {});
    prompt.innerHTML = trial.prompt ?? "";
    display.replaceChildren(prompt, this.field, this.below);
    this.view = new GameView(this.field, page, () => {});
  }

  /** Show the world, as it was left if something was kept. */
  async show() {
    await this.goOn();
    await this.view.show(this.episode, this.own, this.trial.speed);
  }

  /** Play to the end, and say what is kept of it. */
  async play() {
    const leave = () => this.tellLeaving();
    window.addEventListener("pagehide", leave);
    await this.start();
    await this.run();
    window.removeEventListener("pagehide", leave);
    this.view.close();
    if (this.trial.keep) await this.storage.remove(this.id);
    return this.data(true);
  }

  get id() {
    return `jspsych ${this.trial.keep}`;
  }

  get isOver() {
    const { max_steps: maxSteps } = this.trial;
    return this.episode.isOver || (maxSteps !== null && this.episode.nSteps >= maxSteps);
  }

  /** Go on with what was kept under the trial's name, if it is of the same rules. */
  async goOn() {
    if (!this.trial.keep) return;
    const kept = (await this.storage.list()).find(({ id }) => id === this.id);
    if (!kept || kept.fingerprint !== this.world.trajectory.environment.fingerprint) return;
    this.episode = new Episode(this.world, this.episode.game, kept.seed);
    this.startedAt = kept.startedAt;
    kept.actions.forEach((actions) => this.episode.step(actions));
  }

  /** Wait until the person starts the clock. @returns {Promise<void>} */
  start() {
    if (!this.own.length) return Promise.resolve();
    return new Promise((resolve) => {
      const wait = button(this.trial.button_label, () => {
        wait.remove();
        resolve();
      });
      wait.className = "jspsych-btn";
      this.below.replaceChildren(wait);
    });
  }

  /** Keep the clock; it stands still while the page is hidden. @returns {Promise<void>} */
  run() {
    this.view.setRunning(true);
    const period = 1000 / this.trial.speed;
    let due = performance.now() + period;
    return new Promise((resolve) => {
      const frame = (/** @type {number} */ now) => {
        if (this.isOver) {
          this.view.setRunning(false);
          resolve();
          return;
        }
        if (now >= due) {
          this.step();
          due = now - due > period ? now + period : due + period;
        }
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
  }

  step() {
    const { episode, playing, view } = this;
    const { noop } = episode.game.header.rules;
    const actions = playing.map((partner, agentIdx) => {
      if (partner) return partner.act(episode, agentIdx);
      return view.takeAction(this.own.indexOf(agentIdx)) ?? noop;
    });
    episode.step(actions);
    view.stepped();
    if (this.trial.keep) this.keep();
  }

  keep() {
    const { episode } = this;
    this.storage.put({
      id: this.id,
      world: this.world.id,
      fingerprint: this.world.trajectory.environment.fingerprint,
      seed: episode.seed,
      actions: episode.actions,
      players: this.players,
      score: scoreOf(episode.returns),
      isOver: episode.isOver,
      isDownloaded: false,
      startedAt: this.startedAt,
    });
  }

  /**
   * What jsPsych keeps of the trial.
   *
   * @param {boolean} isComplete
   */
  data(isComplete) {
    const { episode } = this;
    const hasFile = isComplete && this.trial.has_trajectory;
    return {
      world: this.world.id,
      fingerprint: this.world.trajectory.environment.fingerprint,
      seed: episode.seed,
      players: this.players,
      speed: this.trial.speed,
      actions: episode.actions,
      returns: episode.returns.map((total) => Number(written(total).replace("\u2212", "-"))),
      n_steps: episode.nSteps,
      is_complete: isComplete,
      ...(hasFile ? { trajectory: base64(episode.toArchive()) } : {}),
    };
  }

  /** Somebody closes the page in the middle: send what they have played, in the form that DataPipe takes. */
  tellLeaving() {
    const { leave_address: address, leave_fields: fields } = this.trial;
    if (!address || this.episode.nSteps === 0) return;
    const body = JSON.stringify({ ...fields, data: JSON.stringify([this.data(false)]) });
    const headers = { "Content-Type": "application/json", Accept: "*/*" };
    fetch(address, { method: "POST", headers, body, keepalive: true });
  }
}

/**
 * What is called by a name; the first one where no name is given.
 *
 * @template T
 * @param {T[]} things
 * @param {string | null} name
 * @param {(thing: T) => string} nameOf
 * @param {string} kind
 * @returns {T}
 */
function named(things, name, nameOf, kind) {
  const found = name === null ? things[0] : things.find((thing) => nameOf(thing) === name);
  if (!found) throw new Error(`There is no ${kind} ${name} in the plugin: ${things.map(nameOf).join(", ")}.`);
  return found;
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters);
}

function addStyle() {
  if (document.getElementById(STYLE_ID)) return;
  document.head.append(make("style", { id: STYLE_ID }, given().style));
}

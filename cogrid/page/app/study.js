// The page of a study: it waits, plays what the server's clock says, and says what the person does.
//
// The server makes each step too. A step comes with the hash of the state after it; where ours is another one, the
// server is told, and sends the whole state.

import { stateHash } from "../engine/checksum.js";
import { button, element, make, written } from "./dom.js";
import { Episode } from "./episode.js";
import { scoreOf } from "./panel.js";
import { GameView } from "./view.js";

/** @typedef {import("./data.js").PageData} PageData */

const VERSION = 1;
const REPLACED = 4002;
const ENDED = 4006;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;

/** Speaks with the server of a study. */
export class StudyPage {
  /** @param {PageData} page */
  constructor(page) {
    this.page = page;
    this.view = new GameView(element("game"), page, () => this.sendInput());
    /** @type {WebSocket | null} */
    this.socket = null;
    this.pause = FIRST_PAUSE;
    /** @type {Episode | null} */
    this.episode = null;
    /** What the server said of the episode. @type {any} */
    this.about = null;
    this.isRunning = false;
    /** Whether the present step has an input already. */
    this.isSent = false;
    /** Whether the state is on its way. */
    this.isWaiting = false;
    this.isOver = false;
    this.endsAt = 0;
    /** @type {(seconds: number) => string} */
    this.countdown = () => "";
    setInterval(() => this.tickCountdown(), 1000);
  }

  connect() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/socket`);
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.pause = FIRST_PAUSE;
      this.send({ type: "hello", version: VERSION });
    });
    socket.addEventListener("message", (event) => this.hear(JSON.parse(event.data)));
    socket.addEventListener("close", ({ code }) => this.onClose(code));
  }

  /** @param {number} code */
  onClose(code) {
    this.setRunning(false);
    if (code === REPLACED) {
      this.say("You have opened this study in another window. Please go on there.");
      return;
    }
    if (code === ENDED || this.isOver) return;
    this.say("The connection is lost. Trying again ...");
    setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
  }

  /** @param {Record<string, string | number>} message */
  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** @param {any} message */
  hear(message) {
    /** @type {Record<string, () => void>} */
    const hearing = {
      waiting: () => this.onWaiting(message),
      episode: () => this.onEpisode(message),
      state: () => this.onState(message),
      room: () => this.onRoom(message),
      step: () => this.onStep(message),
      over: () => this.onOver(message),
      end: () => this.onEnd(message),
    };
    hearing[message.type]?.();
  }

  /** @param {{seconds: number}} message */
  onWaiting({ seconds }) {
    this.count(seconds, (left) => `Waiting for a partner, for ${left} seconds at most. Please stay on this page.`);
  }

  /** @param {any} about */
  onEpisode(about) {
    const world = this.page.worlds.find(({ id }) => id === about.world);
    if (!world) throw new Error(`The page has no world ${about.world}.`);
    this.about = about;
    this.isWaiting = false;
    this.episode = new Episode(world, this.page.game(world), about.seed);
    element("game").hidden = false;
    this.view.show(this.episode, [about.agent], about.speed).then(() => this.offerStart());
  }

  /** Ask whether the person is ready. */
  offerStart() {
    const { about, episode } = this;
    if (!episode || episode.world.time > 0 || this.isRunning) return;
    const ready = button(
      "I am ready",
      () => {
        this.send({ type: "ready", episode: about.episode });
        ready.remove();
      },
      { class: "main", id: "ready" },
    );
    element("act").replaceChildren(`Episode ${about.episode + 1} of ${about.of}. `, ready);
    element("act").hidden = false;
  }

  /** @param {{state: any, returns: number[], hash: number, episode: number}} message */
  onState({ state, returns, hash, episode: number }) {
    const { episode } = this;
    if (!episode || number !== this.about.episode) return;
    episode.world.restore(state);
    episode.before = episode.world.snapshot();
    episode.returns = returns;
    this.isWaiting = false;
    this.isSent = false;
    element("act").hidden = true;
    if (stateHash(episode.world) !== hash) this.say("This page is out of date. Please reload it.");
    this.view.update();
  }

  /** @param {{running: boolean, away: number, seconds: number, unready: number, partners: number}} message */
  onRoom({ running, away, seconds, unready }) {
    this.setRunning(running);
    if (running) {
      element("act").hidden = true;
      const hasTouch = matchMedia("(pointer: coarse)").matches;
      this.say(
        hasTouch
          ? "The pad below the board moves you; Take Put acts on what is ahead."
          : "Arrow keys or WASD move, Enter or Space acts on what is ahead.",
      );
    } else if (away) this.count(seconds, (left) => `Your partner is away. Waiting for ${left} seconds at most.`);
    else if (unready) this.say("The episode begins when everybody is ready.");
  }

  /** @param {{time: number, actions: number[], hash: number}} message */
  onStep({ time, actions, hash }) {
    const { episode } = this;
    if (!episode || this.isWaiting || time <= episode.world.time) return;
    if (time === episode.world.time + 1) {
      episode.step(actions);
      this.isSent = false;
      this.view.stepped();
    }
    const own = stateHash(episode.world);
    if (time !== episode.world.time || own !== hash) {
      this.isWaiting = true;
      this.send({ type: "differs", episode: this.about.episode, time: episode.world.time, hash: own });
      return;
    }
    this.sendInput();
  }

  /** @param {{returns: number[]}} message */
  onOver({ returns }) {
    this.setRunning(false);
    this.say(`The episode is over. Score ${written(scoreOf(returns))}.`);
  }

  /** @param {{status: string, code: string, address: string, thanks: string}} message */
  onEnd({ status, code, address, thanks }) {
    /** @type {Record<string, string>} */
    const reasons = {
      partner_left: "Your partner has left.",
      no_partner: "Nobody else came to play with you.",
      idle: "You pressed no key for a long time, so the study has ended for you.",
      left: "You were away for too long, so the study has ended for you.",
    };
    this.isOver = true;
    this.setRunning(false);
    element("game").hidden = true;
    this.say([reasons[status], thanks].filter(Boolean).join(" "));
    const link = address ? [make("a", { href: address, class: "button", id: "onwards" }, "Go on")] : [];
    const shown = code ? ["Your code: ", make("span", { class: "code", id: "code" }, code), " ", ...link] : [];
    element("act").replaceChildren(...shown);
    element("act").hidden = shown.length === 0;
  }

  /** Say what the person asks for, once for each step. */
  sendInput() {
    const { episode } = this;
    if (!episode || !this.isRunning || this.isSent) return;
    const action = this.view.takeAction(0);
    if (action === null) return;
    this.isSent = true;
    this.send({ type: "input", episode: this.about.episode, time: episode.world.time, action });
  }

  /** @param {boolean} isRunning */
  setRunning(isRunning) {
    this.isRunning = isRunning;
    this.view.setRunning(isRunning);
    if (isRunning) this.isSent = false;
  }

  /** @param {string} text */
  say(text) {
    this.countdown = () => "";
    if (element("status").textContent !== text) element("status").textContent = text;
  }

  /**
   * Say how long something will last.
   *
   * @param {number} seconds
   * @param {(seconds: number) => string} tell
   */
  count(seconds, tell) {
    this.say(tell(seconds));
    this.endsAt = performance.now() + 1000 * seconds;
    this.countdown = tell;
  }

  tickCountdown() {
    const text = this.countdown(Math.max(0, Math.round((this.endsAt - performance.now()) / 1000)));
    if (text) element("status").textContent = text;
  }
}

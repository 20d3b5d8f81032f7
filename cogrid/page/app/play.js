// Plays worlds in the page: who plays, the clock, and what is kept.

import { drawSeed, readAddress, readSeed, writeAddress } from "./address.js";
import { Board } from "./board.js";
import { actionsOf, Controls } from "./controls.js";
import { button, download, element, toggle, wireTheme, written } from "./dom.js";
import { Episode } from "./episode.js";
import { Guide } from "./guide.js";
import { writeOvercookedAi } from "./overcooked_ai.js";
import { Panel, scoreOf, seatsOf } from "./panel.js";
import { partners, PERSON } from "./partners.js";
import { PictureBook } from "./pictures.js";
import { Sound } from "./sound.js";
import { Storage } from "./storage.js";

/** @typedef {import("./data.js").PageData} PageData */
/** @typedef {import("./data.js").WorldData} WorldData */
/** @typedef {import("./storage.js").KeptEpisode} KeptEpisode */

const SPEED = 5;
const WAITING_PACE = 10;
const LABEL_SECONDS = 1.1;

/** A page with worlds to play. */
export class PlayPage {
  /** @param {PageData} page */
  constructor(page) {
    this.page = page;
    this.board = new Board(element("board", HTMLCanvasElement));
    this.controls = new Controls((seat) => this.onPress(seat));
    this.panel = new Panel((players) => this.choosePlayers(players));
    this.storage = new Storage();
    this.sound = new Sound();
    const choice = readAddress();
    this.speed = choice.speed || SPEED;
    this.doesWait = choice.speed === 0;
    this.isRunning = false;
    this.stepAt = 0;
    this.isStale = true;
    /** @type {{cell: number, text: string, at: number}[]} */
    this.labels = [];
    /** @type {boolean[]} */
    this.acts = [];
    /** @type {KeptEpisode | null} */
    this.kept = null;
    this.world = page.worlds.find(({ id }) => id === choice.world) ?? page.worlds[0];
    this.game = page.game(this.world);
    this.book = new PictureBook(page, this.world, () => (this.isStale = true));
    this.actions = actionsOf(this.game.header.rules.actions);
    this.guide = new Guide(this.game, this.actions);
    this.partners = partners(page, this.world);
    this.players = this.checkedPlayers(choice.players);
    this.episode = new Episode(this.world, this.game, choice.seed ?? drawSeed());
  }

  /** Show the page, and go on with an episode that was not finished. */
  async open() {
    this.wire();
    const wanted = readAddress();
    const kept = (await this.storage.list()).find((episode) => this.canGoOn(episode, wanted));
    if (kept) await this.resume(kept);
    else await this.begin(this.world, this.episode.seed);
    requestAnimationFrame((now) => this.frame(now));
    await this.book.loadRest();
  }

  // What is played

  /**
   * Start an episode.
   *
   * @param {WorldData} world
   * @param {number} seed
   */
  async begin(world, seed) {
    this.kept = null;
    await this.show(world, new Episode(world, world === this.world ? this.game : this.page.game(world), seed));
    const isWatched = !this.players.includes(PERSON);
    this.veil("Ready?", isWatched ? "Agents play among themselves." : this.hint(), [["Play", () => this.run()]]);
  }

  /**
   * Show an episode.
   *
   * @param {WorldData} world
   * @param {Episode} episode
   */
  async show(world, episode) {
    this.halt();
    if (world !== this.world || !this.board.book) {
      this.world = world;
      this.game = episode.game;
      this.book = new PictureBook(this.page, world, () => (this.isStale = true));
      this.actions = actionsOf(this.game.header.rules.actions);
      this.guide = new Guide(this.game, this.actions);
      this.partners = partners(this.page, world);
      this.players = this.checkedPlayers(this.players);
    }
    this.episode = episode;
    this.controls.nPeople = this.players.filter((player) => player === PERSON).length;
    this.controls.clear();
    this.labels = [];
    this.acts = this.players.map(() => false);
    const { cells, agentDir, agentValue, worldValue } = episode.world;
    const agents = agentValue.map((value, agentIdx) =>
      this.book.agent(agentIdx, agentDir[agentIdx], value, worldValue),
    );
    await this.book.load([...cells.map((value) => this.book.cell(value, worldValue)), ...agents]);
    this.board.show(this.book);
    this.panel.show(this.book, this.partners, this.players);
    this.guide.showPad();
    this.guide.showKeys();
    element("download-json").hidden = world.overcookedAi === null;
    this.panel.clearLog();
    this.panel.update(episode);
    this.showChoice();
    this.fit();
  }

  /** The players that the address names, where they are known; a person and partners for the others. @param {string[]} players */
  checkedPlayers(players) {
    const known = [PERSON, ...this.partners.map(({ name }) => name)];
    return Array.from({ length: this.game.nAgents }, (_, agentIdx) => {
      const given = players[agentIdx];
      return known.includes(given) ? given : agentIdx === 0 ? PERSON : this.partners[0].name;
    });
  }

  /** @param {string[]} players */
  choosePlayers(players) {
    this.players = players;
    this.begin(this.world, this.episode.seed);
  }

  showChoice() {
    const { seed } = this.episode;
    element("world", HTMLSelectElement).value = this.world.id;
    element("seed", HTMLInputElement).value = String(seed);
    element("speed", HTMLInputElement).value = String(this.speed);
    element("pace").textContent = `${this.speed} step${this.speed === 1 ? "" : "s"} a second`;
    element("speed", HTMLInputElement).disabled = this.doesWait;
    element("waits", HTMLInputElement).checked = this.doesWait;
    writeAddress({ world: this.world.id, seed, players: this.players, speed: this.doesWait ? 0 : this.speed });
  }

  // The clock

  run() {
    if (this.episode.isOver) {
      this.begin(this.world, this.episode.seed);
      return;
    }
    this.hideVeil();
    this.setRunning(true);
    this.stepAt = performance.now() - 1000 / this.speed;
    element("board").focus({ preventScroll: true });
  }

  halt() {
    this.setRunning(false);
  }

  pause() {
    if (!this.isRunning) return;
    this.halt();
    this.veil("Paused", this.hint(), [["Go on", () => this.run()]]);
  }

  /** @param {boolean} isRunning */
  setRunning(isRunning) {
    this.isRunning = isRunning;
    this.isStale = true;
    const play = element("play");
    play.classList.toggle("is-running", isRunning);
    const label = play.querySelector("span");
    if (label) label.textContent = isRunning ? "Pause" : "Play";
  }

  /** @param {number} now - milliseconds */
  frame(now) {
    this.controls.poll();
    const pace = this.doesWait ? WAITING_PACE : this.speed;
    if (this.isRunning && now - this.stepAt >= 1000 / pace && (!this.doesWait || this.isAsked())) this.step(now);
    const progress = Math.min(1, Math.max(0, ((now - this.stepAt) * pace) / 1000));
    this.labels = this.labels.filter(({ at }) => now - at < LABEL_SECONDS * 1000);
    if (this.isStale || progress < 1 || this.labels.length) {
      this.isStale = progress < 1 || this.labels.length > 0;
      this.draw(now, progress);
    }
    requestAnimationFrame((next) => this.frame(next));
  }

  /** Whether a person asks for something. */
  isAsked() {
    return seatsOf(this.players).some((seat) => seat !== null && this.controls.seats[seat]?.peek());
  }

  /** @param {number} now */
  step(now) {
    const { episode, game } = this;
    const { noop } = game.header.rules;
    const seats = seatsOf(this.players);
    const actions = this.players.map((player, agentIdx) => {
      const seat = seats[agentIdx];
      if (seat === null) return this.partner(player).act(episode, agentIdx);
      return this.actions[this.controls.seats[seat]?.take() ?? ""] ?? noop;
    });
    episode.step(actions);
    this.stepAt = now - this.stepAt < 2000 / this.speed ? this.stepAt + 1000 / this.speed : now;
    if (this.doesWait || now - this.stepAt > 1000 / this.speed) this.stepAt = now;
    this.tell(now);
    this.keep();
    if (episode.isOver) this.end();
  }

  /** @param {string} name */
  partner(name) {
    return this.partners.find((partner) => partner.name === name) ?? this.partners[0];
  }

  /** Show what the last step has changed. @param {number} now */
  tell(now) {
    const { episode, game } = this;
    const made = episode.actions[episode.nSteps - 1];
    const rewards = episode.rewards[episode.nSteps - 1];
    const { terminated } = episode.before;
    this.acts = made.map((action, agentIdx) => game.interaction[action] !== 0 && !terminated[agentIdx]);
    const hasEvent = rewards.map((paid, agentIdx) => paid !== 0 && episode.eventsOf(agentIdx).length > 0);
    const shown = hasEvent.includes(true) ? hasEvent : rewards.map((paid) => paid !== 0);
    shown.forEach((isShown, agentIdx) => {
      const text = `${rewards[agentIdx] > 0 ? "+" : ""}${written(rewards[agentIdx])}`;
      if (isShown) this.labels.push({ cell: episode.world.agentCell[agentIdx], text, at: now });
    });
    this.sound.play(shown.includes(true) ? "paid" : "act");
    this.panel.log(episode);
    this.panel.update(episode);
    this.isStale = true;
  }

  end() {
    this.halt();
    this.sound.play("end");
    const score = written(scoreOf(this.episode.returns));
    this.veil("The episode is over", `Score ${score} after ${this.episode.nSteps} steps.`, [
      ["Again", () => this.begin(this.world, this.episode.seed)],
      ["Another seed", () => this.begin(this.world, drawSeed())],
      ["Download", () => this.save()],
    ]);
  }

  // What is drawn

  /**
   * @param {number} now
   * @param {number} progress
   */
  draw(now, progress) {
    const { before, world } = this.episode;
    this.board.draw({
      before,
      now: world,
      progress,
      acts: this.acts,
      looks: this.looks(),
      labels: this.labels.map((label) => ({ ...label, age: (now - label.at) / (LABEL_SECONDS * 1000) })),
    });
  }

  /** Where people's agents are about to look: shown at once, so that a key is answered before the step comes. */
  looks() {
    const { world } = this.episode;
    return seatsOf(this.players).map((seat, agentIdx) => {
      const input = seat === null || !this.isRunning ? null : this.controls.seats[seat]?.peek();
      const action = input ? this.actions[input] : undefined;
      if (action === undefined || world.terminated[agentIdx]) return null;
      return this.game.turn[action * 4 + world.agentDir[agentIdx]];
    });
  }

  fit() {
    const stage = element("stage");
    const isNarrow = matchMedia("(max-width: 800px)").matches;
    const height = isNarrow ? window.innerHeight * 0.52 : stage.clientHeight;
    this.board.fit(stage.clientWidth, height);
    this.isStale = true;
    this.draw(performance.now(), 1);
  }

  hint() {
    return this.guide.hint(this.controls.nPeople, matchMedia("(pointer: coarse)").matches);
  }

  /**
   * @param {string} title
   * @param {string} text
   * @param {[string, () => void][]} buttons
   */
  veil(title, text, buttons) {
    element("veil-title").textContent = title;
    element("veil-text").textContent = text;
    const made = buttons.map(([label, onClick], idx) => button(label, onClick, idx === 0 ? { class: "main" } : {}));
    element("veil-buttons").replaceChildren(...made);
    element("veil").hidden = false;
  }

  hideVeil() {
    element("veil").hidden = true;
  }

  // What is kept

  keep() {
    const { episode } = this;
    this.kept ??= {
      id: `${Date.now().toString(36)}-${drawSeed()}`,
      world: this.world.id,
      fingerprint: this.world.trajectory.environment.fingerprint,
      seed: episode.seed,
      actions: episode.actions,
      players: this.players,
      score: 0,
      isOver: false,
      isDownloaded: false,
      startedAt: Date.now(),
    };
    Object.assign(this.kept, { actions: episode.actions, score: scoreOf(episode.returns), isOver: episode.isOver });
    const written = this.storage.put({ ...this.kept });
    if (episode.nSteps === 1 || episode.isOver) written.then(() => this.listKept());
  }

  async listKept() {
    this.panel.list(
      await this.storage.list(),
      (kept) => this.saveKept(kept),
      async (kept) => {
        await this.storage.remove(kept.id);
        if (this.kept?.id === kept.id) this.kept = null;
        await this.listKept();
      },
    );
  }

  /**
   * @param {KeptEpisode} kept
   * @param {import("./address.js").Choice} wanted
   */
  canGoOn(kept, wanted) {
    const world = this.worldOf(kept);
    const isWanted = (wanted.world ?? kept.world) === kept.world && (wanted.seed ?? kept.seed) === kept.seed;
    return !kept.isOver && kept.actions.length > 0 && world !== undefined && isWanted;
  }

  /** The world of a kept episode, if it is in the page with the same rules. @param {KeptEpisode} kept */
  worldOf(kept) {
    const isSame = (/** @type {WorldData} */ { id, trajectory }) =>
      id === kept.world && trajectory.environment.fingerprint === kept.fingerprint;
    return this.page.worlds.find(isSame);
  }

  /** Play a kept episode up to where it was left. @param {KeptEpisode} kept @returns {Episode | null} */
  replayed(kept) {
    const world = this.worldOf(kept);
    if (!world) return null;
    const episode = new Episode(world, world === this.world ? this.game : this.page.game(world), kept.seed);
    kept.actions.forEach((actions) => episode.step(actions));
    return episode;
  }

  /** @param {KeptEpisode} kept */
  async resume(kept) {
    const episode = this.replayed(kept);
    const world = this.worldOf(kept);
    if (!episode || !world) return;
    this.players = kept.players;
    await this.show(world, episode);
    this.kept = kept;
    this.veil(
      "Where you were",
      `Step ${episode.nSteps}, score ${written(scoreOf(episode.returns))}. It was kept for you.`,
      [
        ["Go on", () => this.run()],
        ["Start anew", () => this.begin(world, kept.seed)],
      ],
    );
  }

  save() {
    download(`${this.world.id}-seed${this.episode.seed}.npz`, this.episode.toArchive());
    if (this.kept) this.markDownloaded(this.kept);
  }

  /** Write the episode for the tools of overcooked_ai. */
  saveJson() {
    const forms = this.world.overcookedAi;
    if (!forms || !this.episode.nSteps) return;
    const text = writeOvercookedAi(this.episode, forms);
    download(`${this.world.id}-seed${this.episode.seed}.json`, new TextEncoder().encode(text));
  }

  /** @param {KeptEpisode} kept */
  saveKept(kept) {
    const episode = this.replayed(kept);
    if (!episode) {
      element("live").textContent = "This page does not have the world of that episode.";
      return;
    }
    download(`${kept.world}-seed${kept.seed}.npz`, episode.toArchive());
    this.markDownloaded(kept);
  }

  /** @param {KeptEpisode} kept */
  markDownloaded(kept) {
    kept.isDownloaded = true;
    this.storage.put({ ...kept }).then(() => this.listKept());
  }

  // What people do

  /** @param {number} seat */
  onPress(seat) {
    this.isStale = true;
    const isVeiled = !element("veil").hidden;
    if (!this.isRunning && isVeiled && seat < this.controls.nPeople && !this.episode.isOver) this.run();
  }

  wire() {
    this.wireKeys();
    this.wirePad();
    this.wireBar();
    this.wireClock();
    new ResizeObserver(() => this.fit()).observe(element("stage"));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden && this.players.includes(PERSON)) this.pause();
    });
    window.addEventListener("blur", () => this.controls.clear());
    window.addEventListener("hashchange", () => this.followAddress());
    element("download").addEventListener("click", () => this.save());
    element("download-json").addEventListener("click", () => this.saveJson());
    this.listKept();
  }

  wireKeys() {
    document.addEventListener("keydown", (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (target.matches("input:not([type=range]):not([type=checkbox]), select, textarea")) return;
      const isButton = target.matches("button, summary, input") && ["Enter", "Space"].includes(event.code);
      if (isButton && !(target.closest("#veil") && event.code === "Space")) return;
      if (event.code === "KeyP" || event.code === "Escape") this.isRunning ? this.pause() : this.run();
      else if (event.code === "KeyN") this.stepOnce();
      else if (this.controls.keyDown(event)) event.preventDefault();
    });
    document.addEventListener("keyup", (event) => this.controls.keyUp(event));
  }

  wirePad() {
    for (const key of element("pad").querySelectorAll("button")) {
      const input = key.dataset.input ?? "";
      const release = () => {
        key.classList.remove("is-held");
        this.controls.seats[0].release(input);
      };
      key.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        key.setPointerCapture(event.pointerId);
        key.classList.add("is-held");
        this.controls.press(0, input);
      });
      key.addEventListener("pointerup", release);
      key.addEventListener("pointercancel", release);
      key.addEventListener("contextmenu", (event) => event.preventDefault());
    }
  }

  wireBar() {
    const worlds = element("world", HTMLSelectElement);
    worlds.replaceChildren(...this.page.worlds.map(({ id }) => new Option(id, id)));
    worlds.addEventListener("change", () => {
      const world = this.page.worlds.find(({ id }) => id === worlds.value);
      if (world) this.begin(world, this.episode.seed).then(() => this.book.loadRest());
      worlds.blur();
    });
    const seed = element("seed", HTMLInputElement);
    seed.addEventListener("change", () => {
      this.begin(this.world, readSeed(seed.value) ?? drawSeed());
      seed.blur();
    });
    element("dice").addEventListener("click", () => this.begin(this.world, drawSeed()));
    toggle("sound", (isOn) => (this.sound.isOn = isOn));
    toggle("text", (isOn) => {
      element("state").classList.toggle("unseen", !isOn);
      this.fit();
    });
    wireTheme();
  }

  wireClock() {
    element("play").addEventListener("click", () => (this.isRunning ? this.pause() : this.run()));
    element("step").addEventListener("click", () => this.stepOnce());
    element("restart").addEventListener("click", () => this.begin(this.world, this.episode.seed));
    const speed = element("speed", HTMLInputElement);
    speed.addEventListener("input", () => {
      this.speed = Number(speed.value);
      this.showChoice();
    });
    const waits = element("waits", HTMLInputElement);
    waits.addEventListener("change", () => {
      this.doesWait = waits.checked;
      this.showChoice();
    });
  }

  /** Make a single step while the clock stands still. */
  stepOnce() {
    if (this.isRunning) this.halt();
    this.hideVeil();
    this.stepAt = 0;
    if (!this.episode.isOver) this.step(performance.now());
  }

  followAddress() {
    const { world: id, seed } = readAddress();
    const world = this.page.worlds.find((other) => other.id === id);
    if (world && seed !== null && (world !== this.world || seed !== this.episode.seed)) this.begin(world, seed);
  }
}

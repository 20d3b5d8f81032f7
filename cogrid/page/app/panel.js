// What stands beside the board: score, time, what is wanted, players, what happened, the episodes that are kept.

import { button, element, make, written } from "./dom.js";
import { PERSON } from "./partners.js";
import { spell, writeState } from "./text.js";

/** @typedef {import("./episode.js").Episode} Episode */
/** @typedef {import("./pictures.js").PictureBook} PictureBook */
/** @typedef {import("./partners.js").Partner} Partner */
/** @typedef {import("./storage.js").KeptEpisode} KeptEpisode */

const MAX_LOG = 6;
const QUIET = ["collision"];
const RIGHT = 0;

/** What a team has earned: what all have where all have the same, else the sum. @param {number[]} returns */
export function scoreOf(returns) {
  return returns.every((own) => own === returns[0]) ? returns[0] : returns.reduce((sum, own) => sum + own, 0);
}

/** The seats of the agents that people play, by the agents' indices. @param {string[]} players */
export function seatsOf(players) {
  let next = 0;
  return players.map((player) => (player === PERSON ? next++ : null));
}

/** Tell what things look like, and what they do. @param {PictureBook} book */
export function showLegend(book) {
  const { world } = book;
  element("about").textContent = world.about;
  const entries = world.legend.flatMap(({ name, about, picture }) => [
    make("dt", {}, make("img", { src: book.address(picture), alt: "" })),
    make("dd", {}, make("b", {}, spell(name)), about ? `: ${about}` : ""),
  ]);
  element("legend").replaceChildren(...entries);
}

export class Panel {
  /** @param {(players: string[]) => void} onPlayers - called when others are chosen to play */
  constructor(onPlayers) {
    this.onPlayers = onPlayers;
    /** @private @type {{image: HTMLImageElement, own: HTMLElement, select: HTMLSelectElement, drawing: number}[]} */
    this.rows = [];
  }

  /**
   * Show another world.
   *
   * @param {PictureBook} book
   * @param {Partner[]} partners
   * @param {string[]} players
   */
  show(book, partners, players) {
    this.book = book;
    this.showPlayers(partners, players);
    showLegend(book);
  }

  /** @private @param {Partner[]} partners @param {string[]} players */
  showPlayers(partners, players) {
    const nPeople = players.filter((player) => player === PERSON).length;
    const seats = seatsOf(players);
    const keys = nPeople === 1 ? ["arrows, Enter or WASD, Space"] : ["arrows, Enter", "WASD, Space"];
    this.rows = players.map((player, agentIdx) => {
      const options = [{ name: PERSON, label: "A person" }, ...partners].map(({ name, label }) =>
        make("option", { value: name, ...(name === player ? { selected: "" } : {}) }, label),
      );
      const select = /** @type {HTMLSelectElement} */ (
        make("select", { "aria-label": `Agent ${agentIdx}` }, ...options)
      );
      select.addEventListener("change", () => this.onPlayers(this.rows.map((row) => row.select.value)));
      const image = /** @type {HTMLImageElement} */ (make("img", { alt: `Agent ${agentIdx}` }));
      return { image, own: make("span", { class: "own", title: "Return" }), select, drawing: -1 };
    });
    const shown = this.rows.map(({ image, own, select }, agentIdx) => {
      const seat = seats[agentIdx];
      const hint = seat === null ? [] : [make("span", { class: "keys-of" }, keys[seat] ?? "a gamepad")];
      return make("div", { class: "player" }, image, select, own, ...hint);
    });
    element("players").replaceChildren(...shown);
  }

  /** Show how things stand. @param {Episode} episode */
  update(episode) {
    const { world, about, returns } = episode;
    const maxSteps = about.game.header.rules.max_steps;
    element("score").textContent = written(scoreOf(returns));
    element("time").textContent = maxSteps === null ? `step ${world.time}` : `${world.time} of ${maxSteps} steps`;
    const clock = element("clock", HTMLProgressElement);
    clock.hidden = maxSteps === null;
    clock.value = maxSteps === null ? 0 : world.time / maxSteps;
    const wanted = (about.text.worlds[world.worldValue] ?? []).map(spell);
    element("wanted").textContent = wanted.join(", ");
    this.rows.forEach((row, agentIdx) => {
      const drawing = this.book?.agent(agentIdx, RIGHT, world.agentValue[agentIdx], world.worldValue) ?? -1;
      if (drawing !== row.drawing && this.book) row.image.src = this.book.address(drawing);
      row.drawing = drawing;
      row.own.textContent = written(returns[agentIdx]);
    });
    element("state").textContent = writeState(about, world);
  }

  /** Empty the list of what happened. */
  clearLog() {
    element("log").replaceChildren();
    element("live").textContent = "";
  }

  /** Add what happened in the last step. @param {Episode} episode */
  log(episode) {
    const rewards = episode.rewards[episode.rewards.length - 1];
    const told = episode.world.agentCell.flatMap((_, agentIdx) => {
      const events = episode.eventsOf(agentIdx).filter((event) => !QUIET.includes(event));
      return events.length ? [{ agentIdx, what: events.map(spell).join(", "), paid: rewards[agentIdx] }] : [];
    });
    for (const { agentIdx, what, paid } of told) {
      const sum = paid ? [make("span", { class: "paid" }, `${paid > 0 ? "+" : ""}${written(paid)}`)] : [];
      const time = make("time", {}, String(episode.world.time));
      element("log").prepend(
        make("li", {}, time, make("span", {}, make("b", {}, `Agent ${agentIdx}`), ` ${what}`), ...sum),
      );
    }
    while (element("log").children.length > MAX_LOG) element("log").lastElementChild?.remove();
    if (told.length)
      element("live").textContent = told.map(({ agentIdx, what }) => `Agent ${agentIdx}: ${what}.`).join(" ");
  }

  /**
   * List the episodes that are kept.
   *
   * @param {KeptEpisode[]} episodes
   * @param {(episode: KeptEpisode) => void} onDownload
   * @param {(episode: KeptEpisode) => void} onDelete
   */
  list(episodes, onDownload, onDelete) {
    element("n-files").textContent = episodes.length ? `(${episodes.length} kept)` : "";
    const entries = episodes.map((episode) => {
      const day = new Date(episode.startedAt).toLocaleString([], { dateStyle: "short", timeStyle: "short" });
      const state = `${day}, seed ${episode.seed}, score ${written(episode.score)}${episode.isDownloaded ? ", downloaded" : ""}`;
      const about = make("span", {}, episode.world, make("small", {}, `${episode.actions.length} steps, ${state}`));
      const save = button("Download", () => onDownload(episode));
      return make(
        "li",
        {},
        about,
        save,
        button("Delete", () => onDelete(episode)),
      );
    });
    element("kept").replaceChildren(...entries);
  }
}

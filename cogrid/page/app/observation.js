// What agents observed: a plane of it as a picture, or its numbers with their names.

import { element, make } from "./dom.js";

/** @typedef {import("./replay.js").ReplayData} ReplayData */

const MAX_NUMBERS = 80;
const PLANE = 240;

/** Shows the observations of an episode, if they are in the page. */
export class ObservationView {
  /**
   * @param {ReplayData} episode
   * @param {Numbers[]} arrays
   * @param {number} nAgents
   */
  constructor(episode, arrays, nAgents) {
    this.episode = episode;
    this.values = episode.observations === null ? null : arrays[episode.observations];
    this.nAgents = nAgents;
    this.size = episode.shape.reduce((product, length) => product * length, 1);
    this.isGrid = episode.shape.length === 3;
    this.at = 0;
    if (!this.values) return;
    element("seen").hidden = false;
    const viewer = element("viewer", HTMLSelectElement);
    viewer.replaceChildren(...Array.from({ length: nAgents }, (_, idx) => new Option(`Agent ${idx}`, String(idx))));
    const channel = element("channel", HTMLSelectElement);
    channel.replaceChildren(...episode.channels.map((name, idx) => new Option(`${idx} ${name}`, String(idx))));
    channel.hidden = !this.isGrid;
    for (const select of [viewer, channel]) select.addEventListener("change", () => this.show(this.at));
  }

  /** Show a state's. @param {number} at */
  show(at) {
    this.at = at;
    if (!this.values) return;
    const viewer = Number(element("viewer", HTMLSelectElement).value);
    const first = (at * this.nAgents + viewer) * this.size;
    const seen = this.values.subarray(first, first + this.size);
    if (this.isGrid) this.showPlane(seen);
    else this.showNumbers(seen);
  }

  /** @private @param {Numbers} seen */
  showPlane(seen) {
    const [height, width, nChannels] = this.episode.shape;
    const channel = Number(element("channel", HTMLSelectElement).value);
    const canvas = element("plane", HTMLCanvasElement);
    canvas.hidden = false;
    const edge = Math.floor(Math.min(PLANE / Math.max(height, width), 40)) * 2;
    canvas.width = width * edge;
    canvas.height = height * edge;
    canvas.style.width = `${(width * edge) / 2}px`;
    const pen = canvas.getContext("2d");
    if (!pen) return;
    const plane = Array.from({ length: height * width }, (_, place) => seen[place * nChannels + channel]);
    const greatest = Math.max(1, ...plane.map(Math.abs));
    const style = getComputedStyle(document.documentElement);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = `600 ${edge * 0.42}px system-ui, sans-serif`;
    plane.forEach((value, place) => {
      const [x, y] = [(place % width) * edge, Math.floor(place / width) * edge];
      pen.globalAlpha = 1;
      pen.fillStyle = style.getPropertyValue("--ground");
      pen.fillRect(x + 1, y + 1, edge - 2, edge - 2);
      if (!value) return;
      pen.globalAlpha = 0.25 + (0.75 * Math.abs(value)) / greatest;
      pen.fillStyle = style.getPropertyValue("--accent");
      pen.fillRect(x + 1, y + 1, edge - 2, edge - 2);
      pen.globalAlpha = 1;
      pen.fillStyle = style.getPropertyValue("--ink");
      if (value !== 1) pen.fillText(String(value), x + edge / 2, y + edge / 2);
    });
  }

  /** The numbers that are not 0, with their names. @private @param {Numbers} seen */
  showNumbers(seen) {
    const named = Array.from(seen, (value, idx) => ({ value, name: this.episode.channels[idx] ?? String(idx) }));
    const shown = named.filter(({ value }) => value !== 0);
    const entries = shown
      .slice(0, MAX_NUMBERS)
      .map(({ value, name }) => make("li", {}, name, make("b", {}, String(value))));
    if (shown.length > MAX_NUMBERS)
      entries.push(make("li", {}, `and ${shown.length - MAX_NUMBERS} more that are not 0`));
    element("numbers").replaceChildren(...entries);
  }
}

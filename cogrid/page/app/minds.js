// What policies would do in each state of an episode, as bars; the action that was done is marked.

import { element, make } from "./dom.js";

/** @typedef {import("./replay.js").ReplayData} ReplayData */

/** Shows the probabilities of actions, if there are any in the page. */
export class MindView {
  /**
   * @param {ReplayData} episode
   * @param {Numbers[]} arrays
   * @param {string[]} actions - their names
   */
  constructor(episode, arrays, actions) {
    this.episode = episode;
    this.arrays = arrays;
    this.actions = actions;
    this.at = 0;
    element("minds").hidden = episode.policies.length === 0;
    const policy = element("policy", HTMLSelectElement);
    policy.replaceChildren(...episode.policies.map(({ name }, idx) => new Option(name, String(idx))));
    policy.addEventListener("change", () => this.show(this.at));
  }

  /** Show what the chosen policy would do in a state. @param {number} at */
  show(at) {
    this.at = at;
    const policy = this.episode.policies[Number(element("policy", HTMLSelectElement).value)];
    if (!policy) return;
    if (at === this.episode.n_steps) {
      element("bars").replaceChildren(make("p", { class: "small" }, "The episode ends here."));
      return;
    }
    const probabilities = this.arrays[policy.probabilities];
    const done = this.arrays[this.episode.actions];
    const nAgents = done.length / this.episode.n_steps;
    const nActions = this.actions.length;
    const shown = Array.from({ length: nAgents }, (_, agentIdx) => {
      const row = at * nAgents + agentIdx;
      const bars = this.actions.map((name, action) => {
        const share = probabilities[row * nActions + action];
        const bar = make("i", { style: `width: ${(100 * share).toFixed(1)}%` });
        const isDone = done[row] === action;
        const words = [
          make("span", {}, name),
          make("span", { class: "share" }, bar),
          make("span", {}, `${(100 * share).toFixed(0)} %`),
        ];
        return make("li", isDone ? { class: "is-done", title: "This was done." } : {}, ...words);
      });
      return make("div", {}, make("b", {}, `Agent ${agentIdx}`), make("ul", { class: "bars" }, ...bars));
    });
    element("bars").replaceChildren(...shown);
  }
}

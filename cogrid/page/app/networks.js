// Networks that play: those of `cogrid.learning`, from the weights in the page.

import { drawWords } from "../engine/draws.js";
import { Observer } from "../engine/views.js";
import { World } from "../engine/world.js";

/** @typedef {import("./data.js").PageData} PageData */
/** @typedef {import("./data.js").PolicyData} PolicyData */
/** @typedef {import("./episode.js").Episode} Episode */
/** @typedef {import("./partners.js").Partner} Partner */

/**
 * A layer for one group of agents.
 *
 * @typedef {object} Layer
 * @property {Numbers} weight - inputs times outputs; of a convolution, window times window times inputs times outputs
 * @property {Numbers} bias
 */

const N_WINDOWS = 3;

/** A network with its weights. */
export class Network {
  /**
   * @param {PolicyData} data
   * @param {Numbers[]} arrays
   */
  constructor(data, arrays) {
    this.about = data.network;
    this.nGroups = data.n_groups;
    /** For each group of agents, its layers. @type {Record<string, Layer>[]} */
    this.groups = Array.from({ length: data.n_groups }, (_, group) => {
      const ofGroup = (/** @type {number} */ number) => {
        const size = arrays[number].length / data.n_groups;
        return arrays[number].subarray(group * size, (group + 1) * size);
      };
      const layers = Object.entries(data.params);
      return Object.fromEntries(
        layers.map(([name, { weight, bias }]) => [name, { weight: ofGroup(weight), bias: ofGroup(bias) }]),
      );
    });
  }

  /** What is remembered at an episode's start. */
  memory() {
    return new Float32Array(this.about.kind === "gru" ? this.about.width : 0);
  }

  /**
   * The outputs for an observation, and what is remembered afterwards.
   *
   * @param {number} group
   * @param {Numbers} obs - of one agent
   * @param {Float32Array} memory
   * @returns {{logits: Float32Array, memory: Float32Array}}
   */
  run(group, obs, memory) {
    const layers = this.groups[group];
    const { kind, kept, obs_scale: scale, obs_shape: shape } = this.about;
    /** @type {Float32Array} */
    let hidden = Float32Array.from(obs, (value, idx) => value / scale[idx % scale.length]);
    if (kept) hidden = Float32Array.from(kept, (idx) => hidden[idx]);
    if (kind === "cnn") {
      for (let idx = 0; idx < N_WINDOWS; idx += 1)
        hidden = relu(convolve(layers[`window_${idx}`], hidden, shape[0], shape[1]));
    }
    hidden = relu(dense(layers.layer_0, hidden));
    if (kind === "mlp") hidden = relu(dense(layers.layer_1, hidden));
    const after = kind === "gru" ? remember(layers, memory, hidden) : memory;
    return { logits: dense(layers.output, kind === "gru" ? after : hidden), memory: after };
  }
}

/**
 * The partners that networks are, in a world.
 *
 * @param {PageData} page
 * @param {import("./data.js").WorldData} world
 * @returns {Partner[]}
 */
export function networkPartners(page, world) {
  return world.policies.map((data) => new NetworkPartner(page, data));
}

/** A network as a partner. */
class NetworkPartner {
  /**
   * @param {PageData} page
   * @param {PolicyData} data
   */
  constructor(page, data) {
    this.name = data.name;
    this.label = data.name;
    this.isGreedy = data.is_greedy;
    this.network = new Network(data, page.arrays);
    this.observer = new Observer(page.game(data));
    /** What is remembered of episodes: by agent, the time up to which, and the memory. @private */
    this.memories = /** @type {WeakMap<Episode, Map<number, {time: number, memory: Float32Array}>>} */ (new WeakMap());
  }

  /**
   * @param {Episode} episode
   * @param {number} agentIdx
   */
  act(episode, agentIdx) {
    const { world } = episode;
    const before = this.recall(episode, agentIdx);
    const { logits, memory } = this.network.run(this.group(agentIdx), this.seen(world, agentIdx), before);
    this.keep(episode, agentIdx, world.time + 1, memory);
    return this.isGreedy ? greatest(logits) : drawAction(logits, wordFor(world, agentIdx));
  }

  /** @private @param {number} agentIdx */
  group(agentIdx) {
    return this.network.nGroups === 1 ? 0 : agentIdx;
  }

  /** What an agent observes. @private @param {World} world @param {number} agentIdx */
  seen(world, agentIdx) {
    const { size } = this.observer;
    return this.observer.observe(world).subarray(agentIdx * size, (agentIdx + 1) * size);
  }

  /** What is remembered of the episode so far; found anew where others have played before. @private @param {Episode} episode @param {number} agentIdx */
  recall(episode, agentIdx) {
    const kept = this.memories.get(episode)?.get(agentIdx);
    /** @type {Float32Array} */
    let memory = this.network.memory();
    if (!memory.length) return memory;
    if (kept?.time === episode.world.time) return kept.memory;
    const again = new World(episode.game);
    again.restore(episode.start);
    for (const actions of episode.actions) {
      memory = this.network.run(this.group(agentIdx), this.seen(again, agentIdx), memory).memory;
      again.step(actions);
    }
    return memory;
  }

  /** @private @param {Episode} episode @param {number} agentIdx @param {number} time @param {Float32Array} memory */
  keep(episode, agentIdx, time, memory) {
    const ofEpisode = this.memories.get(episode) ?? new Map();
    ofEpisode.set(agentIdx, { time, memory });
    this.memories.set(episode, ofEpisode);
  }
}

/** The word by which an agent's policy draws, as `cogrid.policy.policy_keys` has it. @param {World} world @param {number} agentIdx */
function wordFor(world, agentIdx) {
  const { nAgents, counters } = world.game;
  const keys = world.draw("policy", 0, 2 * nAgents);
  return drawWords([(keys[2 * agentIdx] + world.time) >>> 0, keys[2 * agentIdx + 1]], counters.policy, 0, 1)[0];
}

/**
 * An action drawn from the softmax of outputs.
 *
 * @param {Float32Array} logits
 * @param {number} word
 */
function drawAction(logits, word) {
  const uniform = (word >>> 8) * 2 ** -24;
  const most = Math.max(...logits);
  const weights = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let reached = 0;
  let action = 0;
  while (action < weights.length - 1) {
    reached += weights[action] / sum;
    if (reached > uniform) break;
    action += 1;
  }
  return action;
}

/** @param {Float32Array} values */
function greatest(values) {
  return values.indexOf(Math.max(...values));
}

/** @param {Float32Array} values */
function relu(values) {
  return values.map((value) => Math.max(0, value));
}

/** @param {Layer} layer @param {Float32Array} inputs */
function dense({ weight, bias }, inputs) {
  const outputs = Float64Array.from(bias);
  inputs.forEach((input, row) => {
    if (input === 0) return;
    const first = row * outputs.length;
    for (let idx = 0; idx < outputs.length; idx += 1) outputs[idx] += input * weight[first + idx];
  });
  return Float32Array.from(outputs);
}

/** A convolution that keeps the size of the map. @param {Layer} layer @param {Float32Array} planes @param {number} height @param {number} width */
function convolve({ weight, bias }, planes, height, width) {
  const nOut = bias.length;
  const nIn = planes.length / (height * width);
  const window = Math.round(Math.sqrt(weight.length / (nIn * nOut)));
  const reach = (window - 1) / 2;
  const outputs = new Float32Array(height * width * nOut);
  const sums = new Float64Array(nOut);
  for (let cell = 0; cell < height * width; cell += 1) {
    sums.set(bias);
    const [row, column] = [Math.floor(cell / width), cell % width];
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) {
        const [y, x] = [row + dy, column + dx];
        if (y < 0 || x < 0 || y >= height || x >= width) continue;
        const first = ((dy + reach) * window + dx + reach) * nIn;
        for (let channel = 0; channel < nIn; channel += 1) {
          const input = planes[(y * width + x) * nIn + channel];
          if (input === 0) continue;
          const at = (first + channel) * nOut;
          for (let idx = 0; idx < nOut; idx += 1) sums[idx] += input * weight[at + idx];
        }
      }
    }
    outputs.set(sums, cell * nOut);
  }
  return outputs;
}

/** A gated recurrent unit. @param {Record<string, Layer>} layers @param {Float32Array} memory @param {Float32Array} inputs */
function remember(layers, memory, inputs) {
  const width = memory.length;
  const given = dense(layers.input, inputs);
  const known = dense(layers.memory, memory);
  const sigmoid = (/** @type {number} */ value) => 1 / (1 + Math.exp(-value));
  return memory.map((before, idx) => {
    const reset = sigmoid(given[idx] + known[idx]);
    const update = sigmoid(given[width + idx] + known[width + idx]);
    const candidate = Math.tanh(given[2 * width + idx] + reset * known[2 * width + idx]);
    return (1 - update) * candidate + update * before;
  });
}

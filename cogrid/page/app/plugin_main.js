// Defines the plugin for jsPsych, as `jsPsychCogrid`.

import { JsPsychCogrid } from "./plugin.js";

/** @type {any} */ (globalThis).jsPsychCogrid = JsPsychCogrid;

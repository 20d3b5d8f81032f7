// A study with jsPsych: everybody plays with two partners in three kitchens, in an order of their own.
//
//     npm install jspsych@8 @jspsych/plugin-html-button-response@2 @jspsych/plugin-survey-likert@2
//     cogrid page Overcooked-CrampedRoom-V0 Overcooked-CoordinationRing-V0 Overcooked-ForcedCoordination-V0 --plugin --out .
//
// Then open index.html from any web server. docs/studies.md says more.

/** The id of an experiment of DataPipe, where the data goes; without one the browser downloads it. */
const EXPERIMENT = "";
const ADDRESS = "https://pipe.jspsych.org/api/data/";

const KITCHENS = [
  "Overcooked-CrampedRoom-V0",
  "Overcooked-CoordinationRing-V0",
  "Overcooked-ForcedCoordination-V0",
];
const PARTNERS = ["planner", "random"];

const search = new URLSearchParams(location.search);
/** Steps of a game; `?steps=20` makes it short, to try things out. */
const STEPS = Number(search.get("steps") ?? 200);
const SPEED = Number(search.get("speed") ?? 6);

const jsPsych = initJsPsych({ on_finish: save });
const person = search.get("PROLIFIC_PID") ?? jsPsych.randomization.randomID(10);
jsPsych.data.addProperties({ person });

const consent = {
  type: jsPsychHtmlButtonResponse,
  stimulus:
    "<p>You will cook soups with a partner, six times for about half a minute.</p>" +
    "<p>What you do is stored without your name. You may leave at any time by closing the page.</p>",
  choices: ["I agree"],
};

const games = KITCHENS.flatMap((world) => PARTNERS.map((partner) => ({ world, partner })));

const play = {
  type: jsPsychCogrid,
  world: jsPsych.timelineVariable("world"),
  players: () => ["person", jsPsych.evaluateTimelineVariable("partner")],
  speed: SPEED,
  max_steps: STEPS,
  prompt: "<p>Arrow keys or WASD move, Enter or Space takes and puts down what is ahead.</p>",
  keep: () => `${person} ${jsPsych.evaluateTimelineVariable("world")} ${jsPsych.evaluateTimelineVariable("partner")}`,
  leave_address: EXPERIMENT ? ADDRESS : null,
  leave_fields: { experimentID: EXPERIMENT, filename: `${person}_left.json` },
};

const questions = {
  type: jsPsychSurveyLikert,
  questions: [
    { prompt: "My partner and I worked well together.", labels: ["1", "2", "3", "4", "5"], name: "fluency" },
    { prompt: "My partner understood what I wanted.", labels: ["1", "2", "3", "4", "5"], name: "understanding" },
  ],
};

const round = {
  timeline: [play, questions],
  timeline_variables: games,
  randomize_order: true,
};

/** Send the data, or have the browser download it. */
async function save() {
  const data = jsPsych.data.get().json();
  if (!EXPERIMENT) {
    jsPsych.data.get().localSave("json", `${person}.json`);
  } else {
    const body = JSON.stringify({ experimentID: EXPERIMENT, filename: `${person}.json`, data });
    await fetch(ADDRESS, { method: "POST", headers: { "Content-Type": "application/json", Accept: "*/*" }, body });
  }
  jsPsych.getDisplayElement().innerHTML = "<p id='thanks'>Thank you. You may close this page.</p>";
}

jsPsych.run([consent, round]);

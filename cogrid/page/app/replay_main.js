// Opens a page that shows an episode.

import { readPage } from "./data.js";
import { element } from "./dom.js";
import { ReplayPage } from "./replay.js";

const page = await readPage(element("data").textContent ?? "");
await new ReplayPage(page).open();

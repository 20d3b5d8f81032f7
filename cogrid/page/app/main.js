// Opens the page.

import { readPage } from "./data.js";
import { element } from "./dom.js";
import { PlayPage } from "./play.js";

const page = await readPage(element("data").textContent ?? "");
await new PlayPage(page).open();

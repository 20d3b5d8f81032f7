// Opens the page on which people of a study wait and play.

import { readPage } from "./data.js";
import { StudyPage } from "./study.js";

const answer = await fetch("worlds");
new StudyPage(await readPage(await answer.text())).connect();

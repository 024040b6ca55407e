// Are the sandbox's events what Stripe's own clients say events look like?
//
// Each major of npm stripe publishes the types of the API version that it pins. One event
// of every type, made by the sandbox in that version, is written into a TypeScript file
// with its type beside it, and the compiler compares them: a field that is missing, one
// too many, or of another type fails. `node sdk-compat/types/check.mjs`
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { MAJORS } from "../majors.mjs";
import { isTolerated } from "./tolerated.mjs";

const MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));
const WORKSPACE = fileURLToPath(new URL("../../..", import.meta.url));
const ERROR = /^(?<file>.+\.ts)\((?<line>\d+),\d+\): error (?<code>TS\d+): (?<message>.*)$/;

const events = execFileSync("cargo", ["run", "-q", "-p", "sandbox", "--example", "payloads"], {
  cwd: WORKSPACE,
  encoding: "utf8",
  maxBuffer: 64 * 1024 * 1024,
  stdio: ["ignore", "pipe", "inherit"],
})
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

const folder = mkdtempSync(join(tmpdir(), "honeyguide-types-"));
let failed = false;
try {
  // Two at a time: each compiler needs a core and half a gigabyte.
  const waiting = [...MAJORS];
  await Promise.all([work(waiting), work(waiting)]);
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(failed ? 1 : 0);

async function work(waiting) {
  for (let major = waiting.shift(); major; major = waiting.shift()) await check(major);
}

async function check({ name, apiVersion }) {
  const ours = events.filter((event) => event.api_version === apiVersion);
  const problems = ours.length ? await compile(name, ours) : ["the sandbox has no events in this version"];
  console.log(`${problems.length ? "FAIL" : "ok  "} ${name}  ${apiVersion}  ${ours.length} events`);
  for (const problem of problems) console.log(`       ${problem}`);
  failed ||= problems.length > 0;
}

async function compile(name, ours) {
  const program = join(folder, name);
  mkdirSync(program);
  for (const event of ours) writeFileSync(join(program, `${event.type}.ts`), source(event));
  writeFileSync(join(program, "tsconfig.json"), JSON.stringify(configuration(name, ours)));
  const tsc = [join(MODULES, "typescript/bin/tsc"), "-p", program, "--pretty", "false"];
  try {
    await promisify(execFile)(process.execPath, tsc, { maxBuffer: 64 * 1024 * 1024 });
    return [];
  } catch (error) {
    if (!error.stdout) throw error;
    return readable(program, error.stdout);
  }
}

/** The payload stands inline: an imported JSON would lose its literal types. */
function source(event) {
  const type = event.type.replace(/(?:^|[._])(.)/g, (_, letter) => letter.toUpperCase());
  const payload = JSON.stringify(event, null, 1);
  return `import Stripe from "stripe";\nexport const event: Stripe.${type}Event = ${payload};\n`;
}

/** One program per major: the packages up to 21 declare the same module. */
function configuration(name, ours) {
  const { types } = JSON.parse(readFileSync(join(MODULES, name, "package.json")));
  const entry = types ?? "cjs/stripe.cjs.node.d.ts";
  return {
    compilerOptions: {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      module: "commonjs",
      moduleResolution: "node",
      esModuleInterop: true,
      target: "es2020",
      types: ["node"],
      typeRoots: [join(MODULES, "@types")],
      baseUrl: ".",
      paths: { stripe: [join(MODULES, name, entry)] },
    },
    files: ours.map((event) => `${event.type}.ts`),
  };
}

function readable(program, output) {
  const problems = [];
  for (const line of output.split("\n")) {
    const { file, line: number, message } = line.match(ERROR)?.groups ?? {};
    if (!file) {
      // Lines that are indented explain the one before.
      if (problems.length && line.startsWith(" ")) problems[problems.length - 1].why.push(line.trim());
      else if (line.trim()) problems.push({ event: "compiler", at: "", why: [line] });
      continue;
    }
    const name = basename(file);
    const text = readFileSync(join(program, name), "utf8").split("\n")[number - 1].trim();
    problems.push({ event: name.replace(/\.ts$/, ""), at: text, why: [message] });
  }
  return problems
    .filter((problem) => !isTolerated(problem))
    .map(({ event, at, why }) => `${event}: ${at}\n         ${why.join("\n         ")}`);
}

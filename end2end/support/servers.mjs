// The installations under test: where they are, and how they are started.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = process.env.HONEYGUIDE ?? fileURLToPath(new URL("../../target/debug/honeyguide", import.meta.url));
const WORK = fileURLToPath(new URL("../.work/", import.meta.url));

/** Demo data: two programs, their affiliates, 90 days of history, a stand-in for Stripe. */
export const DEMO = {
  name: "demo",
  url: "http://localhost:3210",
  stripe: "http://127.0.0.1:3211",
  shop: "http://127.0.0.1:3211/shop",
  command: "demo --reset --sandbox-listen 127.0.0.1:3211",
  environment: {},
};

/** An installation with an owner and nothing else. */
export const EMPTY = {
  name: "empty",
  url: "http://localhost:3220",
  command: "",
  environment: { ADMIN_EMAIL: "owner@example.com", ADMIN_PASSWORD: "long-enough-words" },
};

/** People who can sign in. */
export const HANNA = { at: DEMO, email: "hanna@lumennotes.example", password: "paper-and-honey" };
export const MIRA = { at: DEMO, email: "mira@deskandmargin.example", password: "desk-and-margin" };
export const OWNER = { at: EMPTY, email: EMPTY.environment.ADMIN_EMAIL, password: EMPTY.environment.ADMIN_PASSWORD };

const environmentOf = ({ url, environment }) => ({
  BASE_URL: url,
  LISTEN: `127.0.0.1:${new URL(url).port}`,
  // A session that was ended elsewhere is expected here.
  LOG: "warn,tower_sessions_core=error",
  ...environment,
});

/** An installation for Playwright to start and to end, with a folder of its own. */
export const serverOf = (installation) => {
  const folder = `${WORK}${installation.name}`;
  return {
    command: `rm -rf "${folder}" && mkdir -p "${folder}" && cd "${folder}" && exec "${PROGRAM}" ${installation.command}`,
    url: `${installation.url}/readyz`,
    env: environmentOf(installation),
    timeout: 120_000,
    stdout: "ignore",
    stderr: "pipe",
  };
};

/**
 * The mails that an installation has written to a person, oldest first, as plain text. `name`
 * is the installation's.
 */
export const mailsTo = (name, address) => {
  const folder = `${WORK}${name}/data/mail/`;
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(".eml")).map((file) => folder + file);
  const byAge = files.map((file) => [statSync(file).mtimeMs, file]).sort(([a], [b]) => a - b);
  const texts = byAge.map(([, file]) => readFileSync(file, "utf8"));
  const theirs = texts.filter((text) => text.includes(`To: ${address}`));
  const plain = theirs.map((mail) => mail.split("Content-Type: text/html")[0]);
  return plain.map((text) => text.replaceAll(/=\r?\n/g, "").replaceAll("=3D", "="));
};

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/**
 * Starts a further installation for one test: without an owner, unless `environment` names
 * one. `setUp` is the link that it prints; `stop` ends it.
 */
export const start = async (name, environment = {}, port = undefined) => {
  const url = `http://localhost:${port ?? (await freePort())}`;
  const folder = `${WORK}${name}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const child = spawn(PROGRAM, [], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...environmentOf({ url, environment }) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill();
    await ended;
  };
  let setUp;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith(`${url}/setup/`)) setUp = line.trim();
    if (line.startsWith("Honeyguide runs at")) return { name, url, setUp, stop };
  }
  throw new Error(`the installation ended with ${await ended} before it was ready`);
};

/** A stand-in for Stripe of its own, with the settings of the Honeyguide that it is for. */
const startStripe = async (honeyguide) => {
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(PROGRAM, ["stripe-sandbox", "--listen", address, "--connect", honeyguide], {
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill();
    await ended;
  };
  const settings = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name, value] = /^(STRIPE_[A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (!name) return { url: `http://${address}`, settings, stop };
    settings[name] = value;
  }
  throw new Error(`the sandbox ended with ${await ended} before it was ready`);
};

/** Starts an installation with an owner and a Stripe that it may break: `{url, stripe, stop}`. */
export const startWithStripe = async (name) => {
  const port = await freePort();
  const stripe = await startStripe(`http://localhost:${port}`);
  const { url, stop } = await start(name, { ...EMPTY.environment, ...stripe.settings }, port);
  return { url, stripe: stripe.url, stop: () => Promise.all([stop(), stripe.stop()]) };
};

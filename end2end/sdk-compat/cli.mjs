// Uses the sandbox with Stripe's command-line client: `node sdk-compat/cli.mjs http://127.0.0.1:PORT`.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const sandbox = process.argv[2];
// The program itself, without the wrapper that chooses among platforms: its lock file would
// have to name every one.
const cli = join(dirname(createRequire(import.meta.url).resolve("@stripe/cli-linux-x64/package.json")), "bin/stripe");
// Its own folder for its settings: it must not read or change those of who runs this.
const home = await mkdtemp(join(tmpdir(), "stripe-cli-"));
const env = { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: home, STRIPE_CLI_TELEMETRY_OPTOUT: "1" };

async function stripe(...words) {
  const flags = ["--api-key", "sk_test_1234567890", "--api-base", sandbox];
  const { stdout } = await promisify(execFile)(cli, [...words, ...flags], { env });
  return JSON.parse(stdout);
}

try {
  const made = await stripe("post", "/v1/webhook_endpoints", "-d", "url=https://e.example/h", "-d", "enabled_events[]=invoice.paid");
  assert.match(made.secret, /^whsec_/);
  const named = await stripe("webhook_endpoints", "create", "--url", "https://e.example/two", "--enabled-events", "charge.refunded");
  assert.deepEqual(named.enabled_events, ["charge.refunded"]);
  const off = await stripe("post", `/v1/webhook_endpoints/${made.id}`, "-d", "disabled=true");
  assert.equal(off.status, "disabled");
  const { data } = await stripe("webhook_endpoints", "list", "--limit", "5");
  assert.deepEqual(data.map(({ id }) => id), [named.id, made.id]);
  const refused = await stripe("post", `/v1/webhook_endpoints/${made.id}`, "-d", "api_version=2023-10-16");
  assert.equal(refused.error.message, "Received unknown parameter: api_version");

  const customer = await stripe("customers", "create", "--email", "ann@buyers.example");
  const events = await stripe("events", "list", "--type", "customer.created");
  assert.equal(events.data[0].data.object.id, customer.id);
  console.log("stripe cli");
} finally {
  await rm(home, { recursive: true, force: true });
}

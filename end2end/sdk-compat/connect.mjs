// Uses the sandbox as a platform's server would, with those majors of npm stripe whose
// OAuth calls follow the client's host:
// `node sdk-compat/connect.mjs http://127.0.0.1:PORT CLIENT_ID PLATFORM_KEY MERCHANT`.
import assert from "node:assert/strict";
import { load } from "./majors.mjs";

const [address, clientId, key, merchant] = process.argv.slice(2);
const sandbox = new URL(address);
const MAJORS = ["stripe-v22", "stripe-v23"];
const CALLBACK = "http://localhost:1/stripe/callback";

for (const name of MAJORS) {
  await walk(name);
  console.log(name);
}

async function walk(name) {
  const Stripe = load(name);
  const stripe = new Stripe(key, {
    protocol: "http",
    host: sandbox.hostname,
    port: sandbox.port,
    maxNetworkRetries: 0,
    telemetry: false,
  });
  const asked = { client_id: clientId, response_type: "code", scope: "read_write", state: "s1", redirect_uri: CALLBACK };
  const { search } = new URL(stripe.oauth.authorizeUrl(asked));
  const page = `${sandbox.origin}/oauth/authorize${search}`;
  const html = await (await fetch(page)).text();
  assert.ok(html.includes(merchant), "the account can be chosen");
  const code = await allow(page);
  const exchange = { grant_type: "authorization_code", code };
  const token = await stripe.oauth.token(exchange);
  assert.equal(token.stripe_user_id, merchant);
  assert.equal(token.scope, "read_write");

  const there = { stripeAccount: merchant };
  const events = await stripe.events.list({ limit: 1 }, there);
  assert.equal(events.object, "list");
  const customer = await stripe.customers.create({ email: "ann@buyers.example" }, there);
  assert.match(customer.id, /^cus_/);
  await assert.rejects(
    stripe.webhookEndpoints.create({ url: "https://e.example/h", enabled_events: ["*"] }, there),
    /Did you mean to create a Connect webhook/,
  );

  // The second use takes back what the first gave.
  await assert.rejects(stripe.oauth.token(exchange), { type: "StripeInvalidGrantError" });
  await assert.rejects(stripe.events.list({}, there), { type: "StripePermissionError" });
  await stripe.oauth.token({ grant_type: "authorization_code", code: await allow(page) });
  const ended = await stripe.oauth.deauthorize({ client_id: clientId, stripe_user_id: merchant });
  assert.equal(ended.stripe_user_id, merchant);
  await assert.rejects(stripe.events.list({}, there), { type: "StripePermissionError" });
}

/** Presses Allow, and gives the code that comes back. */
async function allow(page) {
  const body = new URLSearchParams({ decision: "allow", account: merchant });
  const answer = await fetch(page, { method: "POST", body, redirect: "manual" });
  assert.equal(answer.status, 303);
  const back = new URL(answer.headers.get("location"));
  assert.equal(back.searchParams.get("state"), "s1");
  return back.searchParams.get("code");
}

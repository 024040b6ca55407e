// Uses the sandbox as a merchant's server and a receiver of webhooks would, with every
// major of npm stripe: `node sdk-compat/client.mjs http://127.0.0.1:PORT`.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { MAJORS, load } from "./majors.mjs";

const sandbox = new URL(process.argv[2]);
for (const major of MAJORS) {
  await walk(major);
  console.log(`${major.name} ${major.apiVersion}`);
}

async function walk({ name, apiVersion }) {
  const Stripe = load(name);
  const stripe = new Stripe("sk_test_merchant", {
    protocol: "http",
    host: sandbox.hostname,
    port: sandbox.port,
    maxNetworkRetries: 0,
    telemetry: false,
  });
  const deliveries = await receiver();
  const endpoint = await stripe.webhookEndpoints.create({
    url: deliveries.url,
    enabled_events: ["checkout.session.completed", "invoice.paid", "charge.refunded"],
    api_version: apiVersion,
  });
  assert.match(endpoint.secret, /^whsec_/);
  assert.equal((await stripe.webhookEndpoints.retrieve(endpoint.id)).api_version, apiVersion);

  const product = await stripe.products.create({ name: `Lumen ${name}` });
  const price = await stripe.prices.create({
    product: product.id,
    currency: "usd",
    unit_amount: 2000,
    recurring: { interval: "month" },
  });
  const session = await stripe.checkout.sessions.create({
    mode: "subscription",
    line_items: [{ price: price.id, quantity: 1 }],
    client_reference_id: "hgc_1",
    subscription_data: { metadata: { honeyguide_click: "hgc_1" } },
    success_url: "http://localhost/thanks",
  });
  await pay(session.url);

  const paid = await stripe.checkout.sessions.retrieve(session.id);
  assert.equal(paid.payment_status, "paid");
  assert.equal(paid.client_reference_id, "hgc_1");
  const subscription = await stripe.subscriptions.retrieve(paid.subscription);
  assert.deepEqual({ ...subscription.metadata }, { honeyguide_click: "hgc_1" });
  const invoice = await stripe.invoices.retrieve(paid.invoice);
  assert.equal(invoice.amount_paid, 2000);

  const { data: charges } = await stripe.charges.list({ customer: paid.customer });
  const refund = await stripe.refunds.create({ charge: charges[0].id, amount: 500 });
  assert.equal(refund.amount, 500);
  await assert.rejects(stripe.refunds.create({ charge: charges[0].id, amount: 9_999 }), {
    type: "StripeInvalidRequestError",
  });

  const received = await deliveries.take(3);
  for (const { body, header } of received) {
    const event = stripe.webhooks.constructEvent(body, header, endpoint.secret);
    assert.equal(event.api_version, apiVersion);
    assert.throws(() => stripe.webhooks.constructEvent(`${body} `, header, endpoint.secret), {
      type: "StripeSignatureVerificationError",
    });
  }
  const types = received.map(({ body }) => JSON.parse(body).type).sort();
  assert.deepEqual(types, ["charge.refunded", "checkout.session.completed", "invoice.paid"]);

  const listed = [];
  for await (const event of stripe.events.list({ types, limit: 2 })) listed.push(event.id);
  for (const { body } of received) assert.ok(listed.includes(JSON.parse(body).id));

  assert.equal((await stripe.webhookEndpoints.del(endpoint.id)).deleted, true);
  deliveries.stop();
}

/** Fills in the checkout page, as a buyer does. */
async function pay(url) {
  const card = { method: "card", card: "4242 4242 4242 4242", expiry: "12/34", cvc: "123" };
  const answer = await fetch(url, {
    method: "POST",
    body: new URLSearchParams({ email: "ann@buyers.example", name: "Ann", ...card }),
    redirect: "manual",
  });
  assert.equal(answer.status, 303);
}

/** A web server that keeps what is posted to it. */
async function receiver() {
  const received = [];
  let news = () => {};
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    response.end();
    received.push({ body: Buffer.concat(parts).toString(), header: request.headers["stripe-signature"] });
    news();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    stop: () => server.close().closeAllConnections(),
    async take(count) {
      while (received.length < count) await new Promise((resolve) => (news = resolve));
      return received.splice(0, count);
    },
  };
}

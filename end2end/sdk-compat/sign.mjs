// Signs deliveries as npm stripe does. A line of JSON in, a Stripe-Signature header out:
//   {"payload": "{…}", "secret": "whsec_…", "timestamp": 1767225600, "client": "stripe-v17"}
// Without a timestamp it signs now; without a client the newest major signs.
import { createInterface } from "node:readline";
import { MAJORS, load } from "./majors.mjs";

const clients = new Map();

function webhooks(client = MAJORS.at(-1).name) {
  if (!clients.has(client)) clients.set(client, new (load(client))("sk_test_signer").webhooks);
  return clients.get(client);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { payload, secret, timestamp, client } = JSON.parse(line);
  console.log(webhooks(client).generateTestHeaderString({ payload, secret, timestamp }));
}

// A program's connection to Stripe, by OAuth and by key: made, broken in every way, mended,
// ended, made again. On an installation and its own Stripe.

import { expect, signIn, test as base } from "../support/people.mjs";
import { reloadUntil } from "../support/ledger.mjs";
import { addAffiliate, makeProgram } from "../support/programs.mjs";
import { EMPTY, startWithStripe } from "../support/servers.mjs";
import {
  CLOUD,
  DEFECTS,
  NOTES,
  STUDIO,
  breakEndpoint,
  buy,
  click,
  connect,
  leaveForStripe,
  openAccount,
  sell,
  settingsOf,
} from "../support/stripe.mjs";

const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = EMPTY.environment;

/** Each test has a Honeyguide and a Stripe that know nothing of the others. */
const test = base.extend({
  place: async ({}, use, testInfo) => {
    const place = await startWithStripe(`stripe-${testInfo.project.name}-${testInfo.testId}`);
    await use(place);
    await place.stop();
  },
  /** A program that is not connected, with an affiliate and a link to the sandbox's shop. */
  program: async ({ place, page }, use) => {
    await signIn(page, { at: place, email, password });
    const address = await makeProgram(page, { at: place, name: "Lumen Partners", website: `${place.stripe}/shop` });
    await addAffiliate(page, address, { name: "Mira Okafor", email: "mira@desk.example", code: "mira" });
    await use(address);
  },
});

/** Makes a restricted key at the sandbox, as Stripe's page does. */
const makeKey = async (page, place, query) => {
  await page.goto(`${place.stripe}/apikeys/create${query}`);
  await page.getByRole("button", { name: "Create key" }).click();
  return page.locator("#key").textContent();
};

const pasteKey = async (page, program, key) => {
  await page.goto(settingsOf(program));
  await page.getByRole("link", { name: "Use a restricted key" }).click();
  await page.getByLabel("Restricted key").fill(key);
  await page.getByRole("button", { name: "Test key and connect" }).click();
};

/** Connects by a key that is made from the link on the page; gives the key. */
const connectByKey = async (page, place, program) => {
  await page.goto(settingsOf(program));
  await page.getByRole("link", { name: "Use a restricted key" }).click();
  const link = await page.getByRole("link", { name: "Create a test key" }).getAttribute("href");
  const key = await makeKey(page, place, new URL(link).search);
  await pasteKey(page, program, key);
  await expect(page.getByRole("main")).toContainText("Connected");
  return key;
};

const linkOf = (place) => `${place.url}/r/mira`;

/** Waits until the merchant sees a buyer's conversion. */
const seeConversion = async (page, program, buyer) => {
  await page.goto(`${program}/conversions`);
  await reloadUntil(page, (options) => expect(page.getByRole("row", { name: buyer }).first()).toBeVisible(options));
};

/**
 * Waits until what happened before the connection has been fetched. That is a repair, and
 * would fix what is broken meanwhile before the button is pressed.
 */
const seeFirstLook = async (page, program) => {
  await page.goto(settingsOf(program));
  const report = page.getByRole("region", { name: "Repair report" });
  await reloadUntil(page, (options) => expect(report).toContainText("No problems found.", options));
};

/** Waits until Honeyguide has refused a delivery for its signature. */
const seeRefusal = async (page, stripe) => {
  await page.goto(stripe);
  const newest = page.getByRole("row").filter({ has: page.getByRole("button", { name: "Resend" }) });
  await reloadUntil(page, (options) => expect(newest.filter({ hasText: "401" }).first()).toBeVisible(options));
};

test("connected by OAuth, sales arrive; disconnected, another account takes over", { tag: "@html" }, async ({ page, stranger, place, program }) => {
  await test.step("a no is understood, and nothing has changed", async () => {
    await leaveForStripe(page, program);
    await page.getByRole("button", { name: "Deny" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Access was not granted");
    await page.getByRole("link", { name: "Try again" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in with Stripe");
  });

  await test.step("a yes connects the chosen account", async () => {
    await connect(page, program, NOTES);
    const account = await openAccount(page, place.stripe, NOTES);
    await expect(page.getByRole("heading", { name: "Connected applications" })).toBeVisible();
    await page.goto(settingsOf(program));
    for (const words of ["Connected", NOTES, account, "Test"]) await expect(page.getByRole("main")).toContainText(words);
  });

  await test.step("a sale arrives", async () => {
    const shop = await stranger();
    await buy(shop, linkOf(place), { name: "Zoe Quill", email: "zoe@readers.example" });
    await seeConversion(page, program, "zoe@readers.example");
  });

  await test.step("the page that asks before disconnecting says what follows", async () => {
    await page.goto(settingsOf(program));
    await page.getByRole("link", { name: "Disconnect…" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Disconnect Stripe?" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("1 conversion");
    await page.getByRole("button", { name: "Disconnect Stripe" }).click();
    await expect(page.locator(".flash[role=status]")).toContainText("Stripe is disconnected");
    await openAccount(page, place.stripe, NOTES);
    await expect(page.getByRole("heading", { name: "Connected applications" })).toHaveCount(0);
  });

  await test.step("another account is connected, and what was earned stays", async () => {
    await connect(page, program, STUDIO);
    const account = await openAccount(page, place.stripe, STUDIO);
    await page.goto(settingsOf(program));
    await expect(page.getByRole("main")).toContainText(account);
    await page.goto(`${program}/conversions`);
    await expect(page.getByRole("row", { name: "zoe@readers.example" }).first()).toBeVisible();
  });

  await test.step("when the merchant takes the application away at Stripe, the page says so", async () => {
    await openAccount(page, place.stripe, STUDIO);
    await page.getByRole("button", { name: "Disconnect", exact: true }).click();
    await expect(page.getByRole("status")).toContainText("Disconnected");
    await page.goto(settingsOf(program));
    await reloadUntil(page, (options) => expect(page.getByRole("main")).toContainText("revoked", options));
    await expect(page.getByRole("link", { name: "Reconnect" })).toBeVisible();
  });
});

/** How a program is connected, and on whose account the endpoint stands then. */
const CONNECTIONS = [
  { way: "OAuth", holder: CLOUD, connectBy: (page, place, program) => connect(page, program, NOTES) },
  { way: "a restricted key", holder: NOTES, connectBy: connectByKey },
];

for (const { way, holder, connectBy } of CONNECTIONS) {
  test(`connected by ${way}, however the endpoint breaks, Repair Webhooks fixes it and fetches the missed sales`, { tag: "@html" }, async ({ page, place, program }) => {
    // Seven repairs in a row.
    test.slow();
    await connectBy(page, place, program);
    await seeFirstLook(page, program);
    const token = await click(page, linkOf(place));
    for (const defect of DEFECTS) {
      await test.step(defect, async () => {
        const buyer = `${defect.toLowerCase().replaceAll(" ", "-")}@readers.example`;
        await breakEndpoint(page, place.stripe, holder, defect);
        await sell(page, place.stripe, { email: buyer, token });
        if (defect === "Roll secret") await seeRefusal(page, place.stripe);
        await page.goto(settingsOf(program));
        await page.getByRole("button", { name: "Repair Webhooks" }).click();
        const report = page.getByRole("region", { name: "Repair report" });
        await expect(report).toContainText("All problems fixed.");
        await seeConversion(page, program, buyer);
      });
    }
    await test.step("one endpoint is left, enabled and as it should be", async () => {
      await openAccount(page, place.stripe, holder);
      const rows = page.getByRole("row").filter({ has: page.getByLabel("How to break it") });
      await expect(rows).toHaveCount(1);
      await expect(rows).toContainText(`${place.url}/webhooks/stripe`);
      await expect(rows).toContainText("2025-02-24.acacia");
      await expect(rows.getByRole("button", { name: "Disable" })).toBeVisible();
      await sell(page, place.stripe, { email: "afterwards@readers.example", token });
      await seeConversion(page, program, "afterwards@readers.example");
    });
  });
}

test("a restricted key connects, and its end is noticed", { tag: "@html" }, async ({ page, place, program }) => {
  await test.step("a key with too few permissions is refused by name", async () => {
    await pasteKey(page, program, await makeKey(page, place, "?permissions[]=rak_event_read"));
    await expect(page.locator(".error-summary")).toContainText("Webhook Endpoints");
  });

  let key;
  await test.step("one made from the link on the page connects", async () => {
    key = await connectByKey(page, place, program);
    await expect(page.getByRole("main")).toContainText(key.slice(-4));
    await expect(page.getByRole("main")).not.toContainText(key);
  });

  await test.step("a sale arrives at the endpoint on the account", async () => {
    const token = await click(page, linkOf(place));
    await sell(page, place.stripe, { email: "first@readers.example", token });
    await seeConversion(page, program, "first@readers.example");
  });

  await test.step("an ended key is said to be one", async () => {
    await openAccount(page, place.stripe, NOTES);
    await page.getByRole("row", { name: key }).getByRole("button", { name: "End key" }).click();
    await page.goto(settingsOf(program));
    await page.getByRole("button", { name: "Repair Webhooks" }).click();
    await expect(page.getByRole("main")).toContainText("revoked");
    await expect(page.getByRole("link", { name: "Reconnect" })).toBeVisible();
  });
});

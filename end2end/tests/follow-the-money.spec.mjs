// The main path: an affiliate's link, the shop, the payment, and what merchant and
// affiliate see of it, until the money goes back again.

import { expect, test } from "../support/people.mjs";
import { DEMO } from "../support/servers.mjs";
import { openProgram, openRow, checksOf, reloadUntil, rowsOf } from "../support/ledger.mjs";
import { AFFILIATE, PROGRAM, buyerOf, comeByLink, pay, press } from "../support/shop.mjs";

const CHECKS = [
  "Check 1: Customer already known",
  "Check 2: Promotion code of an affiliate",
  "Check 3: Click token in the metadata",
  "Check 4: Client reference of the checkout",
  "Check 5: Email of a tracked lead",
];

/** The explanation when one check decided. */
const decidedBy = (number) =>
  CHECKS.map((title, index) => {
    const verdict = index + 1 === number ? "decided" : index + 1 < number ? "no match" : "not needed";
    return `${title} – ${verdict}`;
  });

const ledgerOf = (page) => page.getByRole("table", { name: "Entries of the ledger" });
const receiptOf = (page) => page.getByRole("table", { name: /^From the payment to the commission/ });

test("a purchase by Payment Link is credited, explained, and follows its refunds", async ({ stranger, hanna, mira }, testInfo) => {
  const buyer = buyerOf(testInfo, "Zoe");
  const shop = await stranger();

  await test.step("the link leads to the shop, with a token in address and cookie", async () => {
    const token = await comeByLink(shop);
    await expect(shop.locator("[data-token=url]")).toHaveText(token);
    await expect(shop.locator("[data-token=cookie]")).toHaveText(token);
    const own = (await shop.context().cookies(DEMO.shop)).find(({ name }) => name === "hg_click");
    expect(own).toMatchObject({ value: token, domain: "127.0.0.1", sameSite: "Lax" });
    await shop.getByRole("link", { name: "Buy Lumen Atlas" }).click();
  });

  await test.step("a declined card is said beside its field, and nothing typed is lost", async () => {
    await pay(shop, buyer, { card: "4000 0000 0000 0002" });
    await expect(shop.getByRole("alert")).toHaveText("1 field to correct.");
    const card = shop.getByLabel("Card number");
    await expect(card).toHaveAttribute("aria-invalid", "true");
    await expect(card).toHaveAccessibleDescription("Your card was declined. Try another card.");
    await expect(card).toHaveValue("4000 0000 0000 0002");
    await expect(shop.getByLabel("Email")).toHaveValue(buyer.email);
    await expect(shop.getByLabel("Name on card")).toHaveValue(buyer.name);
    await expect(shop.getByLabel("Expiry")).toHaveValue("12 / 34");
  });

  await openProgram(hanna, PROGRAM, "Conversions");
  await test.step("the payment is in the merchant's table within two seconds", async () => {
    await pay(shop, buyer);
    await expect(shop.getByRole("heading", { name: "Thank you" })).toBeVisible();
    const file = await hanna.getByRole("link", { name: "Export CSV" }).getAttribute("href");
    const paid = Date.now();
    await expect
      .poll(async () => (await hanna.request.get(`${DEMO.url}${file}`)).text(), { intervals: [100] })
      .toContain(buyer.email);
    expect(Date.now() - paid).toBeLessThan(2_000);
    await hanna.reload();
    const row = rowsOf(hanna, buyer);
    for (const words of ["49.00", "12.25", AFFILIATE, "Click", "same day", "Pending"]) await expect(row).toContainText(words);
  });

  await test.step("its page says why: five checks, the one that decided, the sum, the ledger", async () => {
    await openRow(hanna, rowsOf(hanna, buyer));
    await expect(hanna.getByRole("heading", { level: 1, name: `12.25 USD for ${AFFILIATE}` })).toBeVisible();
    expect(await checksOf(hanna)).toEqual(decidedBy(4));
    await expect(receiptOf(hanna).getByRole("row", { name: "Paid by the customer" })).toContainText("49.00");
    await expect(receiptOf(hanna).getByRole("row", { name: "25% of the base" })).toContainText("12.25");
    await expect(receiptOf(hanna).getByRole("row", { name: "Commission now" })).toContainText("12.25 USD");
    await expect(ledgerOf(hanna).getByRole("row", { name: /^Earn/ })).toContainText("12.25");
    await expect(ledgerOf(hanna).getByRole("row", { name: /^Sum/ })).toContainText("12.25");
  });

  const masked = `${buyer.email[0]}•••@•••`;
  await test.step("the affiliate sees it too, the customer masked", async () => {
    await mira.goto(`${DEMO.url}/affiliate`);
    const row = mira.getByRole("row", { name: masked }).filter({ hasText: "49.00" }).first();
    await expect(row).toContainText("12.25");
    await expect(row).toContainText("Pending");
    await openRow(mira, row);
    await expect(mira.getByRole("region", { name: "Why you earned this" })).toContainText("Client reference of the checkout");
    expect(await mira.content()).not.toContain(buyer.email);
    expect(await mira.content()).not.toContain(buyer.name);
  });

  await test.step("a partial refund reverses its share", async () => {
    await press(shop, buyer, "Refund", { amount: "20.00" });
    await reloadUntil(hanna, (quick) => expect(hanna.getByRole("heading", { level: 1 })).toContainText("7.25 USD", quick));
    await expect(hanna.getByRole("heading", { name: /^Partly refunded/ })).toBeVisible();
    await expect(receiptOf(hanna).getByRole("row", { name: /^Refund/ })).toContainText("20.00 of 49.00 USD returned");
    await expect(ledgerOf(hanna).getByRole("row", { name: /^Reverse/ })).toContainText("−5.00");
    await expect(ledgerOf(hanna).getByRole("row", { name: /^Sum/ })).toContainText("7.25");
  });

  await test.step("the rest goes back, and with it the commission", async () => {
    await press(shop, buyer, "Refund");
    await reloadUntil(hanna, (quick) => expect(hanna.getByRole("heading", { name: "Refunded", exact: true })).toBeVisible(quick));
    await expect(ledgerOf(hanna).getByRole("row", { name: /^Reverse/ })).toHaveCount(2);
    await expect(ledgerOf(hanna).getByRole("row", { name: /^Sum/ })).toContainText("0.00");
    await mira.reload();
    await expect(mira.getByText("Refunded", { exact: true }).first()).toBeVisible();
  });
});

test("a subscription is credited with every renewal, and a won dispute gives the commission back", { tag: "@html" }, async ({ stranger, hanna, javaScriptEnabled }, testInfo) => {
  const buyer = buyerOf(testInfo, "Ove");
  const shop = await stranger();
  await openProgram(hanna, PROGRAM, "Conversions");

  await test.step("the token reaches the shop's server, by the script or by the address alone", async () => {
    await comeByLink(shop);
    if (javaScriptEnabled === false) expect(await shop.context().cookies(DEMO.shop)).toEqual([]);
    await shop.getByRole("button", { name: "Subscribe to Lumen Pro" }).click();
    await pay(shop, buyer);
    await expect(shop).toHaveURL(`${DEMO.shop}/thanks`);
  });

  await test.step("the first payment is credited by the metadata", async () => {
    await reloadUntil(hanna, (quick) => expect(rowsOf(hanna, buyer)).toHaveCount(1, quick));
    const row = rowsOf(hanna, buyer);
    for (const words of ["Lumen Pro", AFFILIATE, "20.00", "5.00", "Pending"]) await expect(row).toContainText(words);
    await openRow(hanna, row);
    expect(await checksOf(hanna)).toEqual(decidedBy(3));
  });

  await test.step("the renewal is credited because the customer is known", async () => {
    await press(shop, buyer, "Renew now");
    await openProgram(hanna, PROGRAM, "Conversions");
    await reloadUntil(hanna, (quick) => expect(rowsOf(hanna, buyer)).toHaveCount(2, quick));
    const renewal = rowsOf(hanna, buyer).filter({ hasText: "Known customer" });
    for (const words of ["payment 2", AFFILIATE, "20.00", "5.00"]) await expect(renewal).toContainText(words);
    await openRow(hanna, renewal);
    expect(await checksOf(hanna)).toEqual(decidedBy(1));
  });

  await test.step("a dispute takes the commission back until it is won", async () => {
    await press(shop, buyer, "Dispute");
    await reloadUntil(hanna, (quick) => expect(hanna.getByRole("heading", { name: /^Disputed/ })).toBeVisible(quick));
    await reloadUntil(hanna, (quick) => expect(ledgerOf(hanna).getByRole("row", { name: /^Sum/ })).toContainText("0.00", quick));
    await press(shop, buyer, "Win dispute");
    await reloadUntil(hanna, (quick) => expect(hanna.getByRole("heading", { name: /^Pending/ })).toBeVisible(quick));
    await reloadUntil(hanna, (quick) => expect(ledgerOf(hanna).getByRole("row", { name: /^Restore/ })).toContainText("5.00", quick));
    await expect(ledgerOf(hanna).getByRole("row", { name: /^Sum/ })).toContainText("5.00");
  });

  await test.step("canceled, the subscription ends and what was earned stays", async () => {
    await press(shop, buyer, "Cancel now");
    await expect(shop.getByRole("row", { name: buyer.email }).filter({ hasText: "per month" })).toContainText("canceled");
    await openProgram(hanna, PROGRAM, "Events");
    const ended = hanna.getByRole("row").filter({ hasText: "customer.subscription.deleted" });
    await reloadUntil(hanna, (quick) => expect(ended.first()).toBeVisible(quick));
    await openProgram(hanna, PROGRAM, "Conversions");
    await expect(rowsOf(hanna, buyer)).toHaveCount(2);
    for (const row of await rowsOf(hanna, buyer).all()) await expect(row).toContainText("Pending");
  });
});

test("a reader who signed up is recognized later, without a click", async ({ stranger, hanna }, testInfo) => {
  const buyer = buyerOf(testInfo, "Lea");
  const first = await stranger();
  await comeByLink(first);
  await first.getByLabel("Our newsletter").fill(buyer.email);
  await first.getByRole("button", { name: "Sign up" }).click();
  await expect(first.getByRole("status")).toHaveText("You are on the list.");

  const later = await stranger();
  await later.goto(DEMO.shop);
  await expect(later.locator("[data-token=cookie]")).toHaveText("none");
  await later.getByRole("link", { name: "Buy Lumen Atlas" }).click();
  await pay(later, buyer);
  await expect(later.getByRole("heading", { name: "Thank you" })).toBeVisible();

  await openProgram(hanna, PROGRAM, "Conversions");
  await reloadUntil(hanna, (quick) => expect(rowsOf(hanna, buyer)).toBeVisible(quick));
  await expect(rowsOf(hanna, buyer)).toContainText("Lead email");
  await openRow(hanna, rowsOf(hanna, buyer));
  expect(await checksOf(hanna)).toEqual(decidedBy(5));
});

test("a buyer who came by no link earns no commission, and the payment says why", { tag: "@html" }, async ({ stranger, hanna }, testInfo) => {
  const buyer = buyerOf(testInfo, "Tom");
  const shop = await stranger();
  await shop.goto(DEMO.shop);
  await shop.getByRole("link", { name: "Buy Lumen Atlas" }).click();
  await pay(shop, buyer);
  await expect(shop.getByRole("heading", { name: "Thank you" })).toBeVisible();
  await openProgram(hanna, PROGRAM, "Unattributed");
  await reloadUntil(hanna, (quick) => expect(rowsOf(hanna, buyer)).toBeVisible(quick));
  await openRow(hanna, rowsOf(hanna, buyer));
  await expect(hanna.getByRole("main")).toContainText("No check matched.");
  await openProgram(hanna, PROGRAM, "Conversions");
  await expect(rowsOf(hanna, buyer)).toHaveCount(0);
});

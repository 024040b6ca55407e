// What keeps a merchant on the overview: sales that appear by themselves, and the search.

import { expect, test } from "../support/people.mjs";
import { DEMO } from "../support/servers.mjs";
import { openProgram } from "../support/ledger.mjs";
import { AFFILIATE, PROGRAM, buyerOf, comeByLink, pay } from "../support/shop.mjs";

test("a sale appears on the overview without reloading", async ({ stranger, hanna }, testInfo) => {
  await openProgram(hanna, PROGRAM, "Overview");
  const newest = hanna.getByRole("region", { name: "Latest conversions" });
  await expect(newest.getByText("Live")).toBeVisible();
  const shop = await stranger();
  await comeByLink(shop);
  await shop.getByRole("link", { name: "Buy Lumen Atlas" }).click();
  await pay(shop, buyerOf(testInfo, "Lena"));
  await expect(newest.locator("li[data-new]").filter({ hasText: `12.25 USD for ${AFFILIATE}` })).not.toHaveCount(0);
});

test("the search finds people, codes and what a Stripe ID means", { tag: "@html" }, async ({ hanna, javaScriptEnabled }) => {
  await openProgram(hanna, PROGRAM, "Overview");
  const box = hanna.getByRole("search").getByLabel("Search this program");
  if (javaScriptEnabled) {
    await hanna.keyboard.press("/");
    await expect(box).toBeFocused();
  }
  await box.fill(AFFILIATE.slice(0, 4).toLowerCase());
  await box.press("Enter");
  await expect(hanna.getByRole("heading", { level: 1, name: "Search" })).toBeVisible();
  const affiliates = hanna.getByRole("region", { name: "Affiliates" });
  await expect(affiliates.getByRole("link").filter({ hasText: AFFILIATE })).toBeVisible();
  await expect(affiliates.locator("mark").first()).toHaveText(new RegExp(`^${AFFILIATE.slice(0, 4)}$`, "i"));

  const file = await (await hanna.request.get(`${new URL(hanna.url()).origin}${new URL(hanna.url()).pathname.replace("search", "events.csv")}`)).text();
  const invoice = file.match(/in_\w{8,}/)?.[0];
  expect(invoice, "the demo has invoices").toBeTruthy();
  await hanna.getByRole("searchbox").fill(` ${invoice} `);
  await hanna.getByRole("button", { name: "Search" }).click();
  await expect(hanna).toHaveURL(/\/payments\/pmt_/);

  await hanna.goto(`${DEMO.url}${new URL(hanna.url()).pathname.replace(/payments.*/, "search?q=zzz")}`);
  await expect(hanna.getByText("Nothing found for “zzz”")).toBeVisible();
});

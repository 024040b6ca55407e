// The sample shop, the sandbox's checkout, and its dashboard.

import { expect } from "@playwright/test";
import { DEMO } from "./servers.mjs";

/** The demo's first program, and the affiliate whose link is tried. */
export const PROGRAM = "Lumen Partners";
export const AFFILIATE = "Mira Okafor";
export const LINK = `${DEMO.url}/r/mira`;

export const TOKEN = /hgc_[a-z0-9]{20,}/;

/** A buyer that no other test uses. */
export const buyerOf = (testInfo, name) => ({
  name: `${name} Quill`,
  email: `${name.toLowerCase()}.${testInfo.project.name}@readers.example`,
});

/** Follows the affiliate's link to the shop, and returns the click token. */
export const comeByLink = async (page) => {
  await page.goto(LINK);
  const url = new URL(page.url());
  expect(url.origin).toBe(new URL(DEMO.shop).origin);
  const token = url.searchParams.get("hg_click");
  expect(token).toMatch(TOKEN);
  return token;
};

/** Fills the checkout and pays. */
export const pay = async (page, { name, email }, { card = "4242 4242 4242 4242" } = {}) => {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Name on card").fill(name);
  await page.getByLabel("Card number").fill(card);
  await page.getByLabel("Expiry").fill("12 / 34");
  await page.getByLabel("CVC").fill("123");
  await page.getByRole("button", { name: /^(Pay|Subscribe for) / }).click();
};

/** Presses a button of the sandbox's dashboard in the newest row of a buyer. */
export const press = async (page, { email }, button, { amount } = {}) => {
  await page.goto(DEMO.stripe);
  const row = page.getByRole("row", { name: email }).filter({ has: page.getByRole("button", { name: button, exact: true }) }).first();
  if (amount) await row.getByLabel(`${button}: amount`).fill(amount);
  await row.getByRole("button", { name: button, exact: true }).click();
  await expect(page.getByRole("status")).toBeVisible();
};

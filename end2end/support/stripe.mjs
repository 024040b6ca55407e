// A program and the Stripe that it is connected to, which a test may break.

import { expect } from "@playwright/test";
import { TOKEN, pay } from "./shop.mjs";

/** The accounts at the sandbox: two merchants, and the platform that they are connected to. */
export const NOTES = "Lumen Notes";
export const STUDIO = "Lumen Studio";
export const CLOUD = "Honeyguide Cloud";

/** Every defect of an endpoint, as the dashboard's menu names it. */
export const DEFECTS = ["Delete", "Disable", "Change URL", "Drop events", "Roll secret", "Wrong version", "Double"];

export const settingsOf = (program) => `${program}/settings/stripe`;

/** Opens an account's page in the sandbox's dashboard, and gives its id. */
export const openAccount = async (page, stripe, account) => {
  await page.goto(stripe);
  await page.getByRole("navigation", { name: "Accounts" }).getByRole("link", { name: `${account}, test` }).click();
  await expect(page.getByText(`${account}, account`)).toBeVisible();
  return page.locator(".head code").textContent();
};

/** Goes to Stripe's page, through the page that explains the access. */
export const leaveForStripe = async (page, program) => {
  await page.goto(settingsOf(program));
  await page.getByRole("link", { name: "Connect Stripe" }).click();
  await page.getByRole("button", { name: "Continue to Stripe" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Connect with Honeyguide" })).toBeVisible();
};

/** Connects a program by OAuth. */
export const connect = async (page, program, account) => {
  await leaveForStripe(page, program);
  await page.getByRole("radio", { name: account }).check();
  await page.getByRole("button", { name: "Allow" }).click();
  await expect(page).toHaveURL(settingsOf(program));
  await expect(page.getByRole("main")).toContainText("Connected");
};

/** Breaks the only endpoint of an account with the dashboard's menu. */
export const breakEndpoint = async (page, stripe, account, defect) => {
  await openAccount(page, stripe, account);
  const row = page.getByRole("row").filter({ has: page.getByLabel("How to break it") }).first();
  await row.getByLabel("How to break it").selectOption({ label: defect });
  await row.getByRole("button", { name: "Break", exact: true }).click();
  await expect(page.getByRole("status")).toHaveText("The endpoint is broken.");
};

/** A payment on the first account, with a click's token. */
export const sell = async (page, stripe, { email, token, amount = "20.00" }) => {
  const answer = await page.request.post(`${stripe}/do/sell`, { form: { amount, email, click: token } });
  expect(answer.url()).toContain("done=Paid");
};

/** Follows an affiliate's link to the shop and gives the token. */
export const click = async (page, link) => {
  await page.goto(link);
  const token = new URL(page.url()).searchParams.get("hg_click");
  expect(token).toMatch(TOKEN);
  return token;
};

/** Follows an affiliate's link and subscribes in the shop, as a buyer does. */
export const buy = async (page, link, buyer) => {
  await click(page, link);
  await page.getByRole("button", { name: "Subscribe to Lumen Pro" }).click();
  await pay(page, buyer);
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
};

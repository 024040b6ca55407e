// What a merchant and an affiliate see of a payment.

import { expect } from "@playwright/test";
import { DEMO } from "./servers.mjs";

/** Loads the page again until it shows what is expected. */
export const reloadUntil = (page, look) =>
  expect(async () => {
    await page.reload();
    await look({ timeout: 1 });
  }).toPass({ intervals: [100, 250], timeout: 10_000 });

/** Opens a tab of a program by the links that a person follows. */
export const openProgram = async (page, program, tab) => {
  await page.goto(`${DEMO.url}/programs`);
  await page.getByRole("main").getByRole("link", { name: program, exact: true }).click();
  await page.getByRole("navigation", { name: "Program" }).getByRole("link", { name: tab, exact: true }).click();
  await expect(page.getByRole("navigation", { name: "Program" }).locator("[aria-current=page]")).toHaveText(tab);
};

/** The rows of a buyer's payments, newest first. */
export const rowsOf = (page, buyer) => page.getByRole("row", { name: buyer.email });

/** Follows a row to its page. */
export const openRow = async (page, row) => {
  const link = row.getByRole("link").first();
  const path = await link.getAttribute("href");
  await link.click();
  await expect(page).toHaveURL((url) => url.pathname === path);
};

/** The checks of the explanation: title and verdict. */
export const checksOf = (page) =>
  page
    .getByRole("region", { name: /^Why / })
    .getByRole("listitem")
    .evaluateAll((steps) =>
      steps.map((step) => `${step.querySelector("h3").textContent} – ${step.querySelector(".badge").textContent}`),
    );

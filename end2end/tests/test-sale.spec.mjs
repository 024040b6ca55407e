// Settings > Tracking: what is in place, and a test sale that leaves no trace.

import { expect, test } from "../support/people.mjs";
import { openProgram } from "../support/ledger.mjs";
import { PROGRAM } from "../support/shop.mjs";

test("a test sale goes the whole way and changes no number", { tag: "@html" }, async ({ hanna: page }) => {
  await openProgram(page, PROGRAM, "Overview");
  await page.goto(`${page.url()}/settings/tracking`);
  const check = page.getByRole("region", { name: "Integration check" });
  await expect(check.getByRole("listitem").filter({ hasText: "Signing secret" })).toContainText("in place");
  await page.getByRole("button", { name: "Make a test sale" }).click();
  await expect(page.getByText("The test sale went the whole way.")).toBeVisible();
  const stations = page.locator("#test-sale").getByRole("listitem");
  await expect(stations).toHaveCount(4);
  for (const station of ["Click", "Signed event", "Conversion", "Ledger"]) {
    await expect(stations.filter({ has: page.getByRole("heading", { name: station }) })).toContainText("good");
  }
  // It is shown once, and its money is nowhere.
  await page.reload();
  await expect(page.locator("#test-sale")).toHaveCount(0);
  await page.getByRole("link", { name: "Conversions", exact: true }).click();
  await expect(page.getByText("Test affiliate")).toHaveCount(0);
});

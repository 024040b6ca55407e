// Settings > Tracking: what is in place, and a test sale that leaves no trace.

import { expect, test } from "../support/people.mjs";
import { openProgram } from "../support/ledger.mjs";
import { PROGRAM } from "../support/shop.mjs";

test("a test sale passes and changes no number", { tag: "@html" }, async ({ hanna: page }) => {
  await openProgram(page, PROGRAM, "Overview");
  await page.goto(`${page.url()}/settings/tracking`);
  const check = page.getByRole("region", { name: "Integration check" });
  await expect(check.getByRole("listitem").filter({ hasText: "Signing secret" })).toContainText("in place");
  await page.getByRole("button", { name: "Make a test sale" }).click();
  await expect(page.getByText("Test sale passed.")).toBeVisible();
  const steps = page.locator("#test-sale").getByRole("listitem");
  await expect(steps).toHaveCount(4);
  for (const step of ["Click", "Signed event", "Conversion", "Ledger"]) {
    await expect(steps.filter({ has: page.getByRole("heading", { name: step }) })).toContainText("passed");
  }
  // It is shown once, and its money is nowhere.
  await page.reload();
  await expect(page.locator("#test-sale")).toHaveCount(0);
  await page.getByRole("link", { name: "Conversions", exact: true }).click();
  await expect(page.getByText("Test affiliate")).toHaveCount(0);
});

// Tables: filters and pages are in the address, and a file has the same rows.

import { readFile } from "node:fs/promises";
import { expect, test } from "../support/people.mjs";
import { openProgram } from "../support/ledger.mjs";
import { PROGRAM } from "../support/shop.mjs";

// Not the affiliate of the other tests, so that nothing is added meanwhile.
const AFFILIATE = "Ingrid Halvorsen";

/** A line of a file, whose cells may be in quotes. */
const cellsOf = (line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);

const conversionsOf = (page) => page.getByRole("table", { name: "Conversions, newest first" });
const idsOf = (page) =>
  conversionsOf(page)
    .locator("tbody th a")
    .evaluateAll((links) => links.map((link) => link.href.split("/").at(-1)));

const filter = async (page, label, choice, { scripts }) => {
  await page.locator("summary", { hasText: "Add filter" }).click();
  await page.getByLabel(label, { exact: true }).selectOption(choice);
  // A script sends the form as soon as it changes.
  if (!scripts) await page.getByRole("button", { name: "Apply" }).click();
};

test("filters are in the address, survive a reload, and go one by one", { tag: "@html" }, async ({ hanna: page, javaScriptEnabled }) => {
  await openProgram(page, PROGRAM, "Conversions");
  await filter(page, "Affiliate", AFFILIATE, { scripts: javaScriptEnabled !== false });
  await expect(page).toHaveURL(/affiliate=aff_/);
  await filter(page, "Status", "Pending", { scripts: javaScriptEnabled !== false });
  await expect(page).toHaveURL(/status=pending/);
  await expect(page).toHaveURL(/affiliate=aff_/);

  const look = async () => {
    const chips = page.getByRole("group", { name: "Filters" });
    await expect(chips).toContainText(`Affiliate: ${AFFILIATE}`);
    await expect(chips).toContainText("Status: pending");
    const rows = conversionsOf(page).locator("tbody tr");
    expect(await rows.count()).toBeGreaterThan(0);
    for (const text of await rows.allTextContents()) {
      expect(text).toContain(AFFILIATE);
      expect(text).toContain("Pending");
    }
    return idsOf(page);
  };
  const before = await look();
  await page.reload();
  expect(await look()).toEqual(before);

  await page.getByRole("link", { name: "7 days" }).click();
  await expect(page).toHaveURL(/period=7d/);
  await expect(page).toHaveURL(/status=pending/);
  await page.goBack();
  await page.getByRole("link", { name: /^Remove filter: status/ }).click();
  await expect(page).not.toHaveURL(/status=/);
  await expect(page).toHaveURL(/affiliate=aff_/);
  await page.getByRole("link", { name: "Clear all" }).click();
  await expect(page).not.toHaveURL(/affiliate=/);
});

test("a filter without a match says so and offers a way out", async ({ hanna: page }) => {
  await openProgram(page, PROGRAM, "Conversions");
  await page.goto(`${page.url()}?status=canceled&method=lead_email&period=24h`);
  await expect(page.getByRole("heading", { name: "No conversions match" })).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(page).not.toHaveURL(/status=/);
});

test("a file has the rows of the table, in its order, under its filter", { tag: "@html" }, async ({ hanna: page, javaScriptEnabled }) => {
  await openProgram(page, PROGRAM, "Conversions");
  await page.getByRole("link", { name: "12 months" }).click();
  await filter(page, "Affiliate", AFFILIATE, { scripts: javaScriptEnabled !== false });
  await expect(page).toHaveURL(/affiliate=aff_/);
  const ids = await idsOf(page);
  const shown = await conversionsOf(page).locator("tbody tr").evaluateAll((rows) =>
    rows.map((row) => [
      row.querySelector("th small")?.textContent ?? "",
      row.querySelector("td[data-label=Affiliate]").textContent,
      row.querySelector("td[data-label=Amount]").textContent,
    ]),
  );
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export CSV" }).click()]);
  expect(download.suggestedFilename()).toBe("conversions.csv");
  const [head, ...lines] = (await readFile(await download.path(), "utf8")).replace(/^\uFEFF/, "").trimEnd().split(/\r?\n/);
  const names = cellsOf(head);
  const rows = lines.map((line) => Object.fromEntries(cellsOf(line).map((cell, index) => [names[index], cell])));
  expect(rows.map((row) => row.conversion)).toEqual(ids);
  expect(rows.map((row) => [row.customer, row.affiliate, row.amount])).toEqual(shown);
});

test("older and newer lead through all rows and back", { tag: "@html" }, async ({ hanna: page }) => {
  await openProgram(page, PROGRAM, "Conversions");
  await page.getByRole("link", { name: "12 months" }).click();
  await expect(page).toHaveURL(/period=12mo/);
  await expect(page.getByRole("link", { name: "Newer" })).toHaveCount(0);
  const first = await idsOf(page);
  expect(first).toHaveLength(50);
  await page.getByRole("link", { name: "Older" }).click();
  await expect(page).toHaveURL(/before=/);
  const second = await idsOf(page);
  expect(second.length).toBeGreaterThan(0);
  expect(second.filter((id) => first.includes(id))).toEqual([]);
  await page.getByRole("link", { name: "Newer" }).click();
  await expect(page).toHaveURL(/after=/);
  expect(await idsOf(page)).toEqual(first);
});

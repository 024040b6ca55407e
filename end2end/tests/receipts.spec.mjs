// An affiliate downloads a signed receipt, and a stranger finds out whether it is genuine.

import { expect, test } from "../support/people.mjs";
import { DEMO } from "../support/servers.mjs";

/** Opens the receipt of the newest earning. */
const openReceipt = async (page) => {
  await page.goto(`${DEMO.url}/affiliate`);
  await page.getByRole("region", { name: /^Latest earnings/ }).getByRole("row").nth(1).getByRole("link").click();
  await page.getByRole("link", { name: "Signed receipt" }).click();
  await expect(page.getByRole("heading", { name: "Commission receipt" })).toBeVisible();
};

// The copy buttons have a status of their own.
const expectValid = (page) => expect(page.getByRole("status").filter({ hasText: "Valid: signed by localhost" })).toBeVisible();

const upload = async (page, text) => {
  await page.goto(`${DEMO.url}/receipt`);
  await page.getByLabel("JSON file").setInputFiles({ name: "receipt.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await page.getByRole("button", { name: "Check" }).click();
};

test("a receipt is genuine as it was issued, and not after a change", { tag: "@html" }, async ({ mira, stranger }) => {
  await openReceipt(mira);
  const href = new URL(await mira.getByRole("link", { name: "Download JSON" }).getAttribute("href"), DEMO.url).href;
  const document = await (await mira.request.get(href)).text();
  const receipt = JSON.parse(document);
  const page = await stranger();

  await test.step("the file", async () => {
    await upload(page, document);
    await expectValid(page);
    await expect(page.getByRole("article")).toContainText(receipt.affiliate);
    expect(await page.context().cookies()).toEqual([]);
  });

  await test.step("another amount", async () => {
    await upload(page, JSON.stringify({ ...receipt, commission: receipt.commission + 100 }));
    await expect(page.getByRole("alert")).toContainText("the document was changed after it was issued");
    await expect(page.getByRole("article")).toContainText("Not verified");
  });

  await test.step("pasted, and what is no receipt stays in the field", async () => {
    await page.goto(`${DEMO.url}/receipt`);
    await page.getByLabel("Or paste it").fill(JSON.stringify(receipt));
    await page.getByRole("button", { name: "Check" }).click();
    await expectValid(page);
    await page.getByLabel("Or paste it").fill("no receipt");
    await page.getByRole("button", { name: "Check" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not a receipt");
    await expect(page.getByLabel("Or paste it")).toHaveValue("no receipt");
  });

  await test.step("the code on the sheet leads to the same receipt", async () => {
    await page.goto(await mira.getByRole("link", { name: "Scan to check this receipt" }).getAttribute("href"));
    await expectValid(page);
    await expect(page.getByRole("article")).toContainText(receipt.conversion_id);
  });
});

test("a receipt prints on one sheet of A4", async ({ mira }) => {
  await openReceipt(mira);
  const file = (await mira.pdf({ preferCSSPageSize: true })).toString("latin1");
  expect(file.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
  // A4 in points: 595 × 842.
  expect(file).toMatch(/\/MediaBox\s*\[0 0 59[45]\.\d+ 84[12]\.\d+\]/);
});

test("the link of an affiliate has a code to download", { tag: "@html" }, async ({ mira }) => {
  await mira.goto(`${DEMO.url}/affiliate`);
  await expect(mira.getByRole("img", { name: "QR code of the link" })).toBeVisible();
  const file = async (name) => {
    const href = await mira.getByRole("link", { name, exact: true }).getAttribute("href");
    return (await mira.request.get(DEMO.url + href)).body();
  };
  expect((await file("SVG")).toString()).toContain("<svg");
  expect((await file("PNG")).subarray(1, 4).toString()).toBe("PNG");
});

// A program that waits for consent, on a merchant's page of another origin.

import { createServer } from "node:http";
import { expect, test } from "../support/people.mjs";
import { addAffiliate, makeProgram } from "../support/programs.mjs";
import { EMPTY } from "../support/servers.mjs";

let site;
let snippet = "";

test.beforeAll(async () => {
  site = createServer((request, response) => {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    response.end(`<!doctype html><html lang="en"><title>Shop</title>${snippet}<h1>Shop</h1>
      <button onclick="Honeyguide.consent('granted')">Yes</button><button onclick="Honeyguide.consent('denied')">No</button>`);
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
});

test.afterAll(() => {
  site.closeAllConnections();
  site.close();
});

test("nothing is kept and no click is made before consent", async ({ owner, stranger }) => {
  const shop = `http://shop.localhost:${site.address().port}`;
  const program = await makeProgram(owner, { at: EMPTY, name: "Careful Shop", website: `${shop}/`, consent: true });
  await addAffiliate(owner, program, { name: "Kaya Moss", email: "kaya@moss.example", code: "kaya" });
  await owner.goto(`${program}/settings/tracking`);
  snippet = await owner.getByRole("group", { name: "Tracking snippet" }).textContent();
  expect(snippet).toContain(`src="${EMPTY.url}/hg.js"`);

  const page = await stranger();
  const clicks = [];
  page.on("request", (request) => request.url() === `${EMPTY.url}/t/click` && clicks.push(request));
  const ready = () => page.evaluate(() => new Promise((resolve) => Honeyguide.ready(resolve)));

  await test.step("the link leads to the site with the code, and without a token or a cookie", async () => {
    await page.goto(`${EMPTY.url}/r/kaya`);
    const url = new URL(page.url());
    expect(url.origin).toBe(shop);
    expect(url.searchParams.get("via")).toBe("kaya");
    expect(url.searchParams.has("hg_click")).toBe(false);
    await ready();
    expect(clicks).toEqual([]);
    expect(await page.context().cookies()).toEqual([]);
    await owner.goto(`${program}/links`);
    await expect(owner.getByRole("table", { name: /^Clicks/ })).toHaveCount(0);
  });

  await test.step("refused, it stays so", async () => {
    await page.getByRole("button", { name: "No" }).click();
    await ready();
    expect(clicks).toEqual([]);
    expect(await page.context().cookies()).toEqual([]);
  });

  await test.step("granted, the click is made and its token kept on the site’s own domain", async () => {
    await page.goto(`${EMPTY.url}/r/kaya`);
    await ready();
    const answered = page.waitForResponse(`${EMPTY.url}/t/click`);
    await page.getByRole("button", { name: "Yes" }).click();
    const { token, verifier } = await (await answered).json();
    expect(token).toMatch(/^hgc_/);
    const domain = expect.stringMatching(/shop\.localhost$/);
    await expect.poll(async () => (await page.context().cookies()).map(({ name, value, domain }) => ({ name, value, domain }))).toEqual([
      { name: "hg_click", value: token, domain },
      { name: "hg_verifier", value: verifier, domain },
    ]);
    expect(clicks).toHaveLength(1);
    expect(await page.evaluate(() => Honeyguide.checkoutMetadata())).toEqual({ honeyguide_click: token });
    await owner.reload();
    await expect(owner.getByRole("table", { name: /^Clicks/ }).getByRole("row", { name: "/r/kaya" })).toHaveCount(1);
  });

  await test.step("taken back, the cookie goes", async () => {
    await page.getByRole("button", { name: "No" }).click();
    await expect.poll(() => page.context().cookies()).toEqual([]);
  });
});

// The tracking script alone, on a merchant's page of another origin, with its own server
// that answers clicks and leads as a test wants them.

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";

const SCRIPT = readFileSync(new URL("../../public/hg.js", import.meta.url));
const FIRST = "hgc_01k9first00000000000000";
const SECOND = "hgc_01k9second0000000000000";
const VERIFIER = "0123456789abcdef0123456789abcdef";
const BUY = "https://buy.stripe.com/test_abc";

const listening = (handler) =>
  new Promise((resolve) => {
    const server = createServer(handler);
    server.listen(0, () => resolve({ server, port: server.address().port }));
  });

const bodyOf = async (request) => {
  let body = "";
  for await (const part of request) body += part;
  return body;
};

let tracker;
let shop;
let received;
let seen;
let answer;
let page_html;

test.beforeAll(async () => {
  tracker = await listening(async (request, response) => {
    if (request.url === "/hg.js") {
      response.writeHead(200, { "Content-Type": "text/javascript" });
      return response.end(SCRIPT);
    }
    const body = await bodyOf(request);
    if (request.url === "/t/seen") seen.push(JSON.parse(body));
    else received.push({ method: request.method, path: request.url, headers: request.headers, body: body && JSON.parse(body) });
    const { status = 200, json, hang } = request.url === "/t/seen" ? { json: { ok: true } } : answer(request.url, received.at(-1).body);
    if (hang) return;
    response.writeHead(status, { "Access-Control-Allow-Origin": "*", "Content-Type": "application/json" });
    response.end(JSON.stringify(json));
  });
  shop = await listening((request, response) => {
    response.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `script-src 'nonce-shop' http://honeyguide.localhost:${tracker.port}; connect-src http://honeyguide.localhost:${tracker.port}`,
    });
    const frame = `<iframe src="http://www.shop.localhost:${shop.port}/pricing?via=kenji"></iframe>`;
    response.end(request.url === "/frame" ? frame : page_html);
  });
});

test.afterAll(() => {
  for (const { server } of [tracker, shop]) {
    server.closeAllConnections();
    server.close();
  }
});

test.beforeEach(() => {
  received = [];
  seen = [];
  answer = (path) => ({ json: path === "/t/click" ? { token: FIRST, verifier: VERIFIER, days: 60 } : { ok: true, days: 30 } });
});

/** Opens a page of the shop; `host` is a name below .localhost, which is this machine. */
const open = async (page, query, { body = "", attributes = "", before = "", host = "www.shop.localhost" } = {}) => {
  page_html = `<!doctype html><title>Shop</title><script nonce="shop">${before}</script>
    <script src="http://honeyguide.localhost:${tracker.port}/hg.js" data-program="prg_1" ${attributes} defer></script>
    <body>${body}</body>`;
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(`http://${host}:${shop.port}/pricing${query}`);
  await page.evaluate(() => new Promise((resolve) => Honeyguide.ready(resolve)));
  return errors;
};

const cookieOf = async (page, wanted = "hg_click") => (await page.context().cookies()).find(({ name }) => name === wanted);
const debug = (page) => page.evaluate(() => Honeyguide.debug());

test("a token in the address is kept on the widest domain, and the address stays", async ({ page }) => {
  const errors = await open(page, `?hg_click=${FIRST}&hg_verifier=${VERIFIER}&via=kenji`);
  const cookie = await cookieOf(page);
  expect(cookie).toMatchObject({ value: FIRST, domain: ".shop.localhost", path: "/", sameSite: "Lax" });
  const days = (cookie.expires - Date.now() / 1000) / 86400;
  expect(days).toBeGreaterThan(29.9);
  expect(days).toBeLessThan(30.1);
  expect((await cookieOf(page, "hg_verifier")).value).toBe(VERIFIER);
  expect(received.map(({ path }) => path)).toEqual(["/t/check"]);
  expect(page.url()).toContain(`hg_click=${FIRST}`);
  expect(await page.context().cookies()).toHaveLength(2);
  await open(page, "", { host: "checkout.shop.localhost" });
  expect(await page.evaluate(() => Honeyguide.checkoutMetadata())).toEqual({ honeyguide_click: FIRST });
  expect(errors).toEqual([]);
});

test("a malformed token is ignored", async ({ page }) => {
  await open(page, "?hg_click=hgc_short%3Cscript%3E");
  expect(await cookieOf(page)).toBeUndefined();
  expect(await page.evaluate(() => Honeyguide.checkoutMetadata())).toEqual({});
  expect((await debug(page)).warnings).toEqual(["token_malformed"]);
});

for (const [name, attributes] of [["via", ""], ["ref", ""], ["partner", 'data-aliases="aff, partner"']]) {
  test(`?${name}= asks for a click by a simple request without credentials`, async ({ page }) => {
    await open(page, `?${name}=kenji#top`, { attributes });
    expect(received).toHaveLength(1);
    const [click] = received;
    expect(click).toMatchObject({ method: "POST", path: "/t/click" });
    expect(click.headers["content-type"]).toBe("text/plain");
    expect(click.headers.cookie).toBeUndefined();
    const url = `http://www.shop.localhost:${shop.port}/pricing?${name}=kenji`;
    expect(click.body).toEqual({ program: "prg_1", code: "kenji", url, referrer: "" });
    const cookie = await cookieOf(page);
    expect(cookie.value).toBe(FIRST);
    expect((cookie.expires - Date.now() / 1000) / 86400).toBeGreaterThan(59.9);
  });
}

test("a code that names no affiliate keeps what was there", async ({ page }) => {
  await open(page, `?hg_click=${FIRST}`);
  answer = () => ({ json: { token: null, reason: "unknown_code" } });
  await open(page, "?ref=footer");
  expect((await cookieOf(page)).value).toBe(FIRST);
  expect(await debug(page)).toMatchObject({ token: FIRST, warnings: ["click_unknown_code"] });
});

test("the cookie keeps the latest token, and a page without one the old", async ({ page }) => {
  await open(page, `?hg_click=${FIRST}`);
  answer = () => ({ json: { ok: true, days: 60 } });
  await open(page, `?hg_click=${SECOND}&hg_verifier=${VERIFIER}`);
  await open(page, "");
  const cookie = await cookieOf(page);
  expect(cookie.value).toBe(SECOND);
  expect((cookie.expires - Date.now() / 1000) / 86400).toBeGreaterThan(59.9);
  expect(received.at(-1).body).toEqual({ program: "prg_1", token: SECOND, verifier: VERIFIER });
});

for (const [what, reply] of [
  ["the server does not confirm", { json: { ok: false } }],
  ["gets no answer", { hang: true }],
]) {
  test(`a token that ${what} replaces no other`, async ({ page }) => {
    await open(page, `?hg_click=${FIRST}&hg_verifier=${VERIFIER}`);
    answer = () => reply;
    await open(page, `?hg_click=${SECOND}`);
    expect((await cookieOf(page)).value).toBe(FIRST);
    expect(await page.evaluate(() => Honeyguide.clickId())).toBe(FIRST);
    expect((await cookieOf(page, "hg_verifier")).value).toBe(VERIFIER);
  });
}

test("the script says once a visit that it is there", async ({ page }) => {
  await open(page, "");
  await expect.poll(() => seen).toEqual([{ program: "prg_1" }]);
  await page.evaluate(() => document.body.insertAdjacentHTML("beforeend", `<a id="on" href="/pricing">On</a>`));
  await page.locator("#on").click();
  await page.evaluate(() => new Promise((resolve) => Honeyguide.ready(resolve)));
  expect(seen).toHaveLength(1);
});

test("in a frame of another site it does nothing", async ({ page }) => {
  await open(page, "");
  received = [];
  seen = [];
  await page.goto(`http://evil.localhost:${shop.port}/frame`);
  const frame = page.frames().find((it) => it.url().includes("/pricing"));
  await frame.evaluate(() => new Promise((resolve) => Honeyguide.ready(resolve)));
  expect(await frame.evaluate(() => Honeyguide.debug().warnings)).toEqual(["framed"]);
  expect([received, seen]).toEqual([[], []]);
});

test("the site may say for how long and on which domain", async ({ page }) => {
  const attributes = 'data-cookie-days="7" data-cookie-domain="www.shop.localhost"';
  await open(page, `?hg_click=${FIRST}`, { attributes });
  const cookie = await cookieOf(page);
  expect(cookie.domain).toBe(".www.shop.localhost");
  expect((cookie.expires - Date.now() / 1000) / 86400).toBeLessThan(7.1);
});

test("payment links and Stripe's elements carry the token, also late ones", async ({ page }) => {
  const body = `
    <a id="plain" href="${BUY}?prefilled_email=a%40b.example#pay">Buy</a>
    <a id="own" href="${BUY}?client_reference_id=order-7">Buy</a>
    <a id="branded" data-honeyguide-payment-link href="https://pay.shop.example/x">Buy</a>
    <a id="other" href="https://example.com/?u=buy.stripe.com">Read</a>
    <stripe-buy-button id="button"></stripe-buy-button>
    <stripe-pricing-table id="table" client-reference-id="order-7"></stripe-pricing-table>`;
  await open(page, `?hg_click=${FIRST}`, { body });
  const href = (id) => page.locator(id).getAttribute("href");
  const reference = (id) => page.locator(id).getAttribute("client-reference-id");
  await expect(page.locator("#plain")).toHaveAttribute(
    "href",
    `${BUY}?prefilled_email=a%40b.example&client_reference_id=${FIRST}#pay`,
  );
  expect(await href("#own")).toBe(`${BUY}?client_reference_id=order-7`);
  expect(await href("#branded")).toBe(`https://pay.shop.example/x?client_reference_id=${FIRST}`);
  expect(await href("#other")).toBe("https://example.com/?u=buy.stripe.com");
  expect(await reference("#button")).toBe(FIRST);
  expect(await reference("#table")).toBe("order-7");
  expect(await debug(page)).toMatchObject({ links: 2, elements: 1 });

  await page.evaluate((buy) => {
    document.body.insertAdjacentHTML("beforeend", `<div><a id="late" href="${buy}">Buy</a></div>`);
    document.body.append(Object.assign(document.createElement("stripe-pricing-table"), { id: "late-table" }));
    document.querySelector("#plain").href = `${buy}?utm_source=app`;
    document.querySelector("#button").setAttribute("client-reference-id", "order-8");
  }, BUY);
  await expect(page.locator("#late")).toHaveAttribute("href", `${BUY}?client_reference_id=${FIRST}`);
  await expect(page.locator("#late-table")).toHaveAttribute("client-reference-id", FIRST);
  await expect(page.locator("#plain")).toHaveAttribute("href", `${BUY}?utm_source=app&client_reference_id=${FIRST}`);
  expect(await reference("#button")).toBe("order-8");
});

test("when the click becomes known, the old token is replaced where we had set it", async ({ page }) => {
  await open(page, `?hg_click=${FIRST}`);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/t/click", async (route) => {
    await held;
    await route.fulfill({ json: { token: SECOND, days: 30 }, headers: { "Access-Control-Allow-Origin": "*" } });
  });
  page_html = `<!doctype html><script src="http://honeyguide.localhost:${tracker.port}/hg.js" data-program="prg_1" defer></script>
    <a id="plain" href="${BUY}">Buy</a><a id="own" href="${BUY}?client_reference_id=order-7">Buy</a>`;
  await page.goto(`http://www.shop.localhost:${shop.port}/?via=kenji`);
  await expect(page.locator("#plain")).toHaveAttribute("href", `${BUY}?client_reference_id=${FIRST}`);
  release();
  await expect(page.locator("#plain")).toHaveAttribute("href", `${BUY}?client_reference_id=${SECOND}`);
  await expect(page.locator("#own")).toHaveAttribute("href", `${BUY}?client_reference_id=order-7`);
});

test("ready calls back once, even without an answer", async ({ page }) => {
  answer = () => ({ hang: true });
  const before = `window.Honeyguide = { q: [["ready", () => { window.calls = (window.calls || 0) + 1 }]] }`;
  const started = Date.now();
  const errors = await open(page, "?via=kenji", { before });
  expect(Date.now() - started).toBeLessThan(5000);
  expect(await page.evaluate(() => new Promise((resolve) => Honeyguide.ready(() => resolve(window.calls))))).toBe(1);
  expect(await page.evaluate(() => Honeyguide.clickId())).toBe(null);
  await expect.poll(async () => (await debug(page)).warnings).toContain("click_failed");
  expect(errors).toEqual([]);
});

for (const [what, reply] of [
  ["an error", { status: 500, json: { token: null } }],
  ["nonsense", { json: null }],
  ["a false token", { json: { token: "x'; Domain=evil" } }],
]) {
  test(`${what} from the server does no harm`, async ({ page }) => {
    answer = () => reply;
    const errors = await open(page, "?via=kenji");
    expect(await cookieOf(page)).toBeUndefined();
    expect((await debug(page)).warnings).toHaveLength(1);
    expect(errors).toEqual([]);
  });
}

test("a callback that throws does not stop the next", async ({ page }) => {
  const before = `window.Honeyguide = { q: [["ready", () => { throw new Error("shop") }], ["nothing"], ["ready", () => { window.second = true }]] }`;
  const errors = await open(page, "", { before });
  expect(await page.evaluate(() => window.second)).toBe(true);
  expect((await debug(page)).warnings).toEqual(["queue_failed", "callback_failed"]);
  expect(errors).toEqual([]);
});

test("a lead is sent with its click, and a rejected one throws nothing", async ({ page }) => {
  await open(page, `?hg_click=${FIRST}&hg_verifier=${VERIFIER}`);
  await expect.poll(() => received).toHaveLength(1);
  received = [];
  const lead = (details) => page.evaluate((given) => Honeyguide.lead(given), details);
  expect(await lead({ email: " ana@mailbox.example " })).toEqual({ ok: true });
  expect(received.map(({ path, body }) => ({ path, body }))).toEqual([
    { path: "/t/lead", body: { program: "prg_1", token: FIRST, verifier: VERIFIER, email: "ana@mailbox.example" } },
  ]);
  await lead({ email: "ana@mailbox.example", signature: "5e1f" });
  expect(received.at(-1).body.signature).toBe("5e1f");
  expect(await lead(undefined)).toEqual({ ok: false });
  answer = () => ({ status: 422, json: { ok: false } });
  expect(await lead({ email: "x" })).toEqual({ ok: false });
  await page.route("**/t/lead", (route) => route.abort());
  expect(await lead({ email: "ana@mailbox.example" })).toEqual({ ok: false });
});

test("a lead without a click is not sent", async ({ page }) => {
  await open(page, "");
  expect(await page.evaluate(() => Honeyguide.lead({ email: "ana@mailbox.example" }))).toEqual({ ok: false });
  expect(received).toEqual([]);
});

test.describe("where consent is required", () => {
  const attributes = 'data-consent="required"';
  const body = `<a id="plain" href="${BUY}">Buy</a>`;

  test("nothing happens without it, and checkout goes on", async ({ page }) => {
    await open(page, "?via=kenji", { attributes, body });
    expect(received).toEqual([]);
    expect(await page.context().cookies()).toEqual([]);
    expect(await page.locator("#plain").getAttribute("href")).toBe(BUY);
    expect(await page.evaluate(() => Honeyguide.checkoutMetadata())).toEqual({});
    expect((await debug(page)).consent).toBe("waiting");
  });

  test("what was waiting runs when it is given, and the next page knows", async ({ page }) => {
    await open(page, "?via=kenji", { attributes, body });
    await page.evaluate(() => Honeyguide.consent("granted"));
    await page.evaluate(() => new Promise((resolve) => Honeyguide.ready(resolve)));
    expect(received).toHaveLength(1);
    expect((await cookieOf(page)).value).toBe(FIRST);
    await expect(page.locator("#plain")).toHaveAttribute("href", `${BUY}?client_reference_id=${FIRST}`);
    await open(page, "", { attributes, body });
    await expect(page.locator("#plain")).toHaveAttribute("href", `${BUY}?client_reference_id=${FIRST}`);
  });

  test("when it is taken back, the cookie and the decorations go", async ({ page }) => {
    await open(page, `?hg_click=${FIRST}`, { body });
    await expect(page.locator("#plain")).toHaveAttribute("href", `${BUY}?client_reference_id=${FIRST}`);
    await page.evaluate(() => Honeyguide.consent("denied"));
    await expect(page.locator("#plain")).toHaveAttribute("href", BUY);
    expect(await page.context().cookies()).toEqual([]);
    expect(await page.evaluate(() => [Honeyguide.clickId(), Honeyguide.checkoutMetadata()])).toEqual([null, {}]);
  });

  test("an answer that comes after a refusal is dropped", async ({ page }) => {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    await page.route("**/t/click", async (route) => {
      await held;
      await route.fulfill({ json: { token: FIRST, days: 30 }, headers: { "Access-Control-Allow-Origin": "*" } });
    });
    await open(page, "?via=kenji", { attributes, body });
    const answered = page.waitForResponse("**/t/click");
    await page.evaluate(() => Honeyguide.consent("granted"));
    await page.evaluate(() => Honeyguide.consent("denied"));
    release();
    await (await answered).finished();
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    expect(await page.context().cookies()).toEqual([]);
    expect(await page.evaluate(() => Honeyguide.clickId())).toBe(null);
  });
});

test("loaded twice, it works once", async ({ page }) => {
  await open(page, "?via=kenji");
  await page.evaluate(
    (src) => new Promise((resolve) => document.head.append(Object.assign(document.createElement("script"), { src, onload: resolve }))),
    `http://honeyguide.localhost:${tracker.port}/hg.js`,
  );
  expect(received).toHaveLength(1);
  expect(await debug(page)).toMatchObject({ program: "prg_1", token: FIRST });
});

// Signing in and out. On its own installation: wrong tries are counted.

import { expect, openAccountMenu, signIn, signInHere } from "../support/people.mjs";
import { TOO_SHORT, expectDone, expectProblems } from "../support/forms.mjs";
import { onItsOwn } from "../support/accounts.mjs";
import { DEMO, HANNA, MIRA } from "../support/servers.mjs";

const test = onItsOwn("accounts");

const INCORRECT = "Incorrect email or password";
const signedOut = async (page, path) => {
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
};

test("a wrong password keeps the address and tells nothing", { tag: "@html" }, async ({ page, person }) => {
  const ada = await person("Ada");
  for (const email of [ada.email, "nobody@maps.example"]) {
    await page.goto(`${ada.at.url}/login`);
    await signInHere(page, { email, password: "not-the-password" });
    await expect(page).toHaveTitle(/^Error: Sign in/);
    await expect(page.getByRole("alert")).toContainText(INCORRECT);
    await expect(page.getByLabel("Email")).toHaveValue(email);
    await expect(page.getByLabel("Password")).toHaveValue("");
  }
  await signIn(page, ada);
});

test("after too many tries even the right password has to wait", async ({ page, person }) => {
  const ben = await person("Ben");
  await page.goto(`${ben.at.url}/login`);
  for (let tries = 0; tries < 10; tries += 1) {
    await signInHere(page, { ...ben, password: `guess-number-${tries}` });
    await expect(page.getByRole("alert")).toContainText(INCORRECT);
    await expect(page.getByLabel("Password")).toHaveValue("");
  }
  await signInHere(page, ben);
  await expect(page.getByRole("alert")).toHaveText(/Too many attempts. Wait 15 minutes, then try again./);
  await expect(page.getByLabel("Email")).toHaveValue(ben.email);
});

test("signing out ends the session on this browser only", { tag: "@html" }, async ({ page, stranger, person }) => {
  const cleo = await person("Cleo");
  const other = await stranger();
  await signIn(page, cleo);
  await signIn(other, cleo);
  const home = page.url();
  await openAccountMenu(page);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await signedOut(page, home);
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  await other.reload();
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("Overview");
});

test("signing out everywhere ends every session", { tag: "@html" }, async ({ page, stranger, person }) => {
  const dora = await person("Dora");
  const other = await stranger();
  await signIn(page, dora);
  await signIn(other, dora);
  await page.goto(`${dora.at.url}/account`);
  await page.getByRole("button", { name: "Sign out everywhere", exact: true }).click();
  for (const one of [page, other]) await signedOut(one, `${dora.at.url}/affiliate`);
});

test("one browser can be signed out from another", { tag: "@html" }, async ({ page, stranger, person }) => {
  const ida = await person("Ida");
  const other = await stranger();
  await signIn(page, ida);
  await signIn(other, ida);
  await page.goto(`${ida.at.url}/account`);
  const browsers = page.getByRole("table", { name: /^Browsers/ });
  await expect(browsers.getByRole("row").filter({ hasText: "This browser" })).toHaveCount(1);
  await browsers.getByRole("button", { name: "Sign out" }).first().click();
  await expectDone(page, "Signed out on that browser.");
});

test("a new password ends the other sessions and keeps this one", { tag: "@html" }, async ({ page, stranger, person }) => {
  const emil = await person("Emil");
  const other = await stranger();
  await signIn(page, emil);
  await signIn(other, emil);
  await page.goto(`${emil.at.url}/account`);
  const change = async (current, password) => {
    await page.getByLabel("Current password").fill(current);
    await page.getByLabel("New password").fill(password);
    await page.getByRole("button", { name: "Change password" }).click();
  };
  await change("not-the-password", "emil-has-a-new-one");
  await expect(page).toHaveTitle(/^Error: /);
  await expect(page.getByLabel("Current password")).toHaveAttribute("aria-invalid", "true");
  await change(emil.password, "short");
  await expectProblems(page, [["New password", TOO_SHORT]]);
  await change(emil.password, "emil-has-a-new-one");
  await expectDone(page, "Password changed.");
  await signedOut(other, `${emil.at.url}/affiliate`);
  await page.goto(`${emil.at.url}/affiliate`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
  await signIn(other, { ...emil, password: "emil-has-a-new-one" });
});

test("the colors are in the page before anything is painted", { tag: "@html" }, async ({ page, person }) => {
  const finn = await person("Finn");
  await signIn(page, finn);
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const seen = {};
  for (const [choice, theme] of [["Dark", "dark"], ["Light", "light"]]) {
    await openAccountMenu(page);
    await page.getByRole("button", { name: choice, exact: true }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    await expect(page).toHaveURL(/\/affiliate\/prg_\w+$/);
    const html = await (await page.request.get(page.url())).text();
    expect(html).toMatch(new RegExp(`<html[^>]*data-theme="${theme}"`));
    seen[theme] = await background();
    await page.emulateMedia({ colorScheme: theme === "dark" ? "light" : "dark" });
    expect(await background()).toBe(seen[theme]);
  }
  expect(seen.dark).not.toBe(seen.light);
  await openAccountMenu(page);
  await page.getByRole("button", { name: "System", exact: true }).click();
  await expect(page.locator("html")).not.toHaveAttribute("data-theme", "light");
  expect(await background()).toBe(seen.dark);
});

test("signing in leads on to the page that was asked for, on this site only", { tag: "@html" }, async ({ page, person }) => {
  const gro = await person("Gro");
  await page.goto(`${gro.at.url}/account`);
  await signInHere(page, gro);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your account");
  for (const next of ["//elsewhere.example/", "https://elsewhere.example/", "/\\elsewhere.example/", "javascript:alert(1)"]) {
    await page.context().clearCookies();
    await page.goto(`${gro.at.url}/login?next=${encodeURIComponent(next)}`);
    await signInHere(page, gro);
    await expect(page.getByLabel("Password")).toHaveCount(0);
    expect(new URL(page.url()).origin, next).toBe(gro.at.url);
  }
});

test("the demo says who can sign in, with a button each", { tag: "@html" }, async ({ page, stranger }) => {
  for (const [visitor, person, word, home] of [
    [page, HANNA, "merchant", /\/programs$/],
    [await stranger(), MIRA, "affiliate", /\/affiliate\/prg_\w+$/],
  ]) {
    await visitor.goto(`${DEMO.url}/login`);
    await expect(visitor.getByText(`${person.email} with ${person.password}`)).toBeVisible();
    await visitor.getByRole("button", { name: `Continue as ${word}` }).click();
    await expect(visitor).toHaveURL(home);
  }
});

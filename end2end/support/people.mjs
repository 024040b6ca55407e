// Signing in, and pages with a signed-in session.

import { test as base, expect } from "@playwright/test";
import { HANNA, MIRA, OWNER } from "./servers.mjs";

/** Fills the sign-in form of the page that is open, and sends it. */
export const signInHere = async (page, { email, password }) => {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
};

/** Signs a person in and waits for their first page. */
export const signIn = async (page, person) => {
  await page.goto(`${person.at.url}/login`);
  await signInHere(page, person);
  await expect(page).toHaveURL(/\/(programs|affiliate\/prg_\w+)$/);
};

/** Opens the account menu, on the merchant's side or the affiliate's. */
export const openAccountMenu = (page) =>
  page.locator('summary[aria-label="Account menu"], summary:has-text("Account of")').click();

// Passwords are slow to check on purpose, and tries are counted: each worker signs a
// person in once, and every test gets its own page with that session.
const sessionOf = (person) => [
  async ({ browser }, use) => {
    const context = await browser.newContext();
    await signIn(await context.newPage(), person);
    const session = await context.storageState();
    await context.close();
    await use(session);
  },
  { scope: "worker" },
];

const withPage = async (browser, storageState, use) => {
  const context = await browser.newContext({ storageState });
  await use(await context.newPage());
  await context.close();
};

/**
 * Further fixtures: pages of the demo's merchant and affiliate and of the empty
 * installation's owner, and `stranger`, which makes a page without a session.
 */
export const test = base.extend({
  hannaSession: sessionOf(HANNA),
  miraSession: sessionOf(MIRA),
  ownerSession: sessionOf(OWNER),
  hanna: ({ browser, hannaSession }, use) => withPage(browser, hannaSession, use),
  mira: ({ browser, miraSession }, use) => withPage(browser, miraSession, use),
  owner: ({ browser, ownerSession }, use) => withPage(browser, ownerSession, use),
  stranger: async ({ browser }, use) => {
    const contexts = [];
    await use(async () => {
      contexts.push(await browser.newContext());
      return contexts.at(-1).newPage();
    });
    for (const context of contexts) await context.close();
  },
});

export { expect };

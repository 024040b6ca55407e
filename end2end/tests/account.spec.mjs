// Two-step sign-in, signing in by mail, and another address. On an installation of its own: wrong
// tries are counted.

import { expect, signIn, signInHere } from "../support/people.mjs";
import { authenticator } from "../support/authenticator.mjs";
import { expectDone, expectProblems } from "../support/forms.mjs";
import { inspect } from "../support/inspect.mjs";
import { OWNER, onItsOwn } from "../support/accounts.mjs";
import { mailsTo, start } from "../support/servers.mjs";

const test = onItsOwn("account");

/** Looks at a page as every-page.spec.mjs does, which takes scripts. */
const looksRight = async (page) => {
  if (test.info().project.name === "plain") expect(await inspect(page)).toEqual([]);
};

/** Opens the newest link to a page in a person's mails. */
const openLink = async (page, person, path, to = person.email) => {
  const link = () => new RegExp(`https?://\\S+${path}\\S+`).exec(mailsTo(person.at.name, to).findLast((mail) => mail.includes(path)) ?? "")?.[0];
  await expect.poll(link).toBeTruthy();
  await page.goto(link());
};

/** Sets two-step sign-in up; gives the app and the recovery codes. */
const setUp = async (page, person) => {
  await page.goto(`${person.at.url}/account`);
  await page.getByRole("link", { name: "Set up" }).click();
  await page.getByLabel("Your password").fill(person.password);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("img", { name: "QR code of the key below" })).toBeVisible();
  await looksRight(page);
  const app = authenticator(await page.locator("#app-key").innerText());
  await page.getByLabel("Code that the app shows").fill("000000");
  await page.getByRole("button", { name: "Turn on" }).click();
  await expectProblems(page, [["Code that the app shows", "Incorrect code. Enter the one that the app shows now"]]);
  await page.getByLabel("Code that the app shows").fill(app.next());
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Save your recovery codes");
  await looksRight(page);
  const codes = (await page.locator("#recovery-codes").innerText()).trim().split("\n");
  expect(codes).toHaveLength(10);
  await page.getByRole("link", { name: "I’ve saved them" }).click();
  return { app, codes };
};

const enterCode = async (page, code) => {
  await page.getByLabel(/code$/).fill(code);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
};

test("two-step sign-in is set up, used, and turned off", { tag: "@html" }, async ({ page, stranger, person }) => {
  const ada = await person("Ada");
  await signIn(page, ada);
  const { app, codes } = await setUp(page, ada);
  await expect(page).toHaveURL(/\/affiliate\/prg_\w+$/);

  const phone = await stranger();
  await phone.goto(`${ada.at.url}/account`);
  await signInHere(phone, ada);
  await expect(phone.getByRole("heading", { level: 1 })).toHaveText("Enter your code");
  await looksRight(phone);
  await enterCode(phone, "000000");
  await expectProblems(phone, [["Six-digit code", "Incorrect code. Each code works once"]]);
  await enterCode(phone, app.next());
  await expect(phone.getByRole("heading", { level: 1 })).toHaveText("Your account");

  const tablet = await stranger();
  await tablet.goto(`${ada.at.url}/login`);
  await signInHere(tablet, ada);
  await tablet.getByRole("link", { name: "Use a recovery code" }).click();
  await enterCode(tablet, codes[0]);
  await expect(tablet).toHaveURL(/\/affiliate\/prg_\w+$/);
  await tablet.goto(`${ada.at.url}/account`);
  await expect(tablet.getByText("9 recovery codes are left")).toBeVisible();

  await page.goto(`${ada.at.url}/account/two-step`);
  await looksRight(page);
  await page.getByLabel("Your password", { exact: true }).fill(ada.password);
  await page.getByLabel("Code", { exact: true }).fill(codes[1]);
  await page.getByRole("button", { name: "Turn off two-step sign-in" }).click();
  await expectDone(page, "Two-step sign-in is off.");
  await signIn(await stranger(), ada);
});

test("an owner requires two-step sign-in", { tag: "@html" }, async ({ page }, testInfo) => {
  const environment = { ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password };
  const honeyguide = await start(`required-${testInfo.project.name}`, environment);
  const owner = { at: honeyguide, ...OWNER };
  await signIn(page, owner);
  await page.goto(`${honeyguide.url}/account`);
  const require = async () => {
    await page.getByLabel("Require two-step sign-in").check();
    await page.getByRole("region", { name: "Team sign-in" }).getByRole("button", { name: "Save" }).click();
  };
  await require();
  await expectProblems(page, [["Require two-step sign-in", "Set up two-step sign-in for yourself first"]]);
  const { codes } = await setUp(page, owner);
  await page.goto(`${honeyguide.url}/account`);
  await require();
  await expectDone(page, "Two-step sign-in is now required.");
  await page.goto(`${honeyguide.url}/account/two-step`);
  await page.getByLabel("Your password", { exact: true }).fill(owner.password);
  await page.getByLabel("Code", { exact: true }).fill(codes[0]);
  await page.getByRole("button", { name: "Turn off two-step sign-in" }).click();
  await page.goto(`${honeyguide.url}/programs`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Set up two-step sign-in");
  await expect(page.getByText("requires it")).toBeVisible();
  await looksRight(page);
  await honeyguide.stop();
});

test("a link in a mail signs in when its button is pressed", { tag: "@html" }, async ({ page, stranger, person }) => {
  const ben = await person("Ben");
  await page.goto(`${ben.at.url}/login`);
  await page.getByRole("link", { name: "Email me a link" }).click();
  await looksRight(page);
  await page.getByLabel("Email").fill(ben.email);
  await page.getByRole("button", { name: "Email me a link" }).click();
  await expectDone(page, "If this address has an account");
  await openLink(await stranger(), ben, "/login/link/");
  await openLink(page, ben, "/login/link/");
  await expect(page.getByText(`You’ll sign in as ${ben.email}.`)).toBeVisible();
  await looksRight(page);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/affiliate\/prg_\w+$/);
  const late = await stranger();
  await openLink(late, ben, "/login/link/");
  await expect(late.getByRole("heading", { level: 1 })).toHaveText("This link no longer works");
});

test("another address is confirmed from its mailbox, and undone from the old one", { tag: "@html" }, async ({ page, stranger, person }) => {
  const cleo = await person("Cleo");
  const moved = "cleo@elsewhere.example";
  await signIn(page, cleo);
  await page.goto(`${cleo.at.url}/account`);
  const change = async (password) => {
    await page.getByLabel("New email").fill(moved);
    await page.getByLabel("Your password").fill(password);
    await page.getByRole("button", { name: "Change email" }).click();
  };
  await change("not-the-password");
  await expectProblems(page, [["Your password", "Incorrect password"]]);
  await expect(page.getByLabel("New email")).toHaveValue(moved);
  await change(cleo.password);
  await expectDone(page, "Check your new mailbox");
  await openLink(page, cleo, "/email/confirm/", moved);
  await looksRight(page);
  await page.getByRole("button", { name: "Confirm email address" }).click();
  await expectDone(page, `You now sign in with ${moved}.`);
  await signIn(await stranger(), { ...cleo, email: moved });

  const old = await stranger();
  await openLink(old, cleo, "/email/undo/");
  await looksRight(old);
  await old.getByRole("button", { name: "Keep my address" }).click();
  await old.getByLabel("Password", { exact: true }).fill("cleo-has-a-new-one");
  await old.getByRole("button", { name: "Set password" }).click();
  await expect(old).toHaveURL(/\/affiliate\/prg_\w+$/);
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
});

test("this browser signs all others out", { tag: "@html" }, async ({ page, stranger, person }) => {
  const dora = await person("Dora");
  const other = await stranger();
  await signIn(page, dora);
  await signIn(other, dora);
  await page.goto(`${dora.at.url}/account`);
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expectDone(page, "Signed out everywhere else.");
  await other.reload();
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("Sign in");
});

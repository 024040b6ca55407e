// From an empty installation to a program that counts clicks.

import { expect, test } from "../support/people.mjs";
import { TOO_SHORT, expectDone, expectProblems, followSummary } from "../support/forms.mjs";
import { acceptInvitation, addAffiliate, inviteAffiliate, makeProgram, openPasswordLink } from "../support/programs.mjs";
import { EMPTY, start } from "../support/servers.mjs";

/** Where a link leads at present. */
const leadsTo = async (page, link) => {
  const answer = await page.request.get(link, { maxRedirects: 0 });
  expect(answer.status()).toBe(302);
  return new URL(answer.headers().location);
};

const settings = async (page, name) => {
  const navigation = page.getByRole("navigation", { name: "Program" });
  const link = navigation.getByRole("link", { name, exact: true });
  if (!(await link.isVisible())) await navigation.locator("summary", { hasText: "Settings" }).click();
  await link.click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
};

test("the printed setup link makes the owner, and works once", { tag: "@html" }, async ({ page }, testInfo) => {
  const honeyguide = await start(`set-up-${testInfo.project.name}`);
  try {
    await page.goto(honeyguide.url);
    await expect(page.getByRole("heading", { level: 1, name: "Set up Honeyguide" })).toBeVisible();

    await page.goto(honeyguide.setUp);
    await page.getByLabel("Company").fill("Paper & Sons");
    await page.getByLabel("Your name").fill("Ines Paper");
    await page.getByLabel("Email").fill("ines");
    await page.getByLabel("Password").fill("short");
    await page.getByRole("button", { name: "Create account" }).click();
    await expectProblems(page, [
      ["Email", "Enter an email address, such as name@example.com"],
      ["Password", TOO_SHORT],
    ]);
    await followSummary(page, "Enter an email address, such as name@example.com", "Email");
    await expect(page.getByLabel("Company")).toHaveValue("Paper & Sons");
    await expect(page.getByLabel("Email")).toHaveValue("ines");
    await expect(page.getByLabel("Password")).toHaveValue("");

    await page.getByLabel("Email").fill("ines@paper.example");
    await page.getByLabel("Password").fill("ines-keeps-bees");
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Programs" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("Paper & Sons");

    await page.goto(honeyguide.setUp);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("This link no longer works");
  } finally {
    await honeyguide.stop();
  }
});

test("a program is made, gets an affiliate and a link, and is connected to Stripe", { tag: "@html" }, async ({ owner: page }, testInfo) => {
  const name = `Garden Club ${testInfo.project.name}`;

  await test.step("wrong fields are said in a summary and beside each", async () => {
    await page.goto(`${EMPTY.url}/programs/new`);
    await page.getByLabel("Website").fill("not an address");
    await page.getByLabel("Percentage of the payment").fill("150");
    await page.getByRole("button", { name: "Create program" }).click();
    await expectProblems(page, [
      ["Name", "Enter a name for the program"],
      ["Website", "Enter a web address, such as https://example.com/pricing"],
      ["Percentage of the payment", "Enter a percentage from 0.01 to 100, such as 25"],
    ]);
    await expect(page.getByLabel("Website")).toHaveValue("not an address");
    await expect(page.getByLabel("Percentage of the payment")).toHaveValue("150");
    await followSummary(page, "Enter a name for the program", "Name");
  });

  await test.step("corrected, it is made", async () => {
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Website").fill("https://garden.example/");
    await page.getByLabel("Percentage of the payment").fill("20");
    await page.getByRole("button", { name: "Create program" }).click();
    await expect(page).toHaveTitle(`Overview · ${name}`);
  });
  const program = page.url();

  await test.step("an affiliate gets a link that counts", async () => {
    await page.goto(`${program}/affiliates/new`);
    await page.getByLabel("Name").fill("Otto Beet");
    await page.getByLabel("Email").fill("otto");
    await page.getByRole("button", { name: "Add affiliate" }).click();
    await expectProblems(page, [["Email", "Enter an email address, such as name@example.com"]]);
    await expect(page.getByLabel("Name")).toHaveValue("Otto Beet");
    const code = `otto-${testInfo.project.name}`;
    await addAffiliate(page, program, { name: "Otto Beet", email: `otto@${testInfo.project.name}.example`, code });
    const link = `${EMPTY.url}/r/${code}`;
    await expect(page.getByText(link).first()).toBeVisible();
    const target = await leadsTo(page, link);
    expect(target.origin).toBe("https://garden.example");
    expect(target.searchParams.get("hg_click")).toMatch(/^hgc_/);
  });

  await test.step("Stripe is connected by the secret of its endpoint", async () => {
    await settings(page, "Stripe");
    await page.getByRole("link", { name: "Set up manually" }).click();
    await expect(page.getByLabel("Endpoint URL")).toHaveValue(new RegExp(`^${EMPTY.url}/webhooks/stripe/\\w+$`));
    await expect(page.getByText("checkout.session.completed").first()).toBeAttached();
    await page.getByRole("textbox", { name: "Signing secret" }).fill("sk_test_abcdefghijklmnop");
    await page.getByRole("button", { name: "Connect Stripe" }).click();
    await expectProblems(page, [["Signing secret", "This is an API key. Paste the endpoint’s signing secret. It starts with whsec_"]]);
    await expect(page.getByRole("textbox", { name: "Signing secret" })).toHaveValue("");
    await page.getByRole("textbox", { name: "Signing secret" }).fill("whsec_FirstSecretOfTheGarden1234");
    await page.getByRole("button", { name: "Connect Stripe" }).click();
    await expectDone(page, "Stripe is connected.");
    await expect(page.getByRole("table", { name: /^Signing secrets/ })).toContainText("whsec_…1234");
    expect(await page.content()).not.toContain("FirstSecretOfTheGarden");
  });

  await test.step("a rolled secret is added; the one before stays valid for a day", async () => {
    await page.getByText("Add a rolled secret").click();
    await page.getByRole("textbox", { name: "Signing secret" }).fill("whsec_SecondSecretOfTheGarden5678");
    await page.getByRole("button", { name: "Add the secret" }).click();
    await expectDone(page, "The previous one stays valid for 24 hours.");
    const secrets = page.getByRole("table", { name: /^Signing secrets/ });
    await expect(secrets.getByRole("row", { name: "whsec_…5678" })).toContainText("Until you add another");
    await expect(secrets.getByRole("row", { name: "whsec_…1234" })).toBeVisible();
  });

  await test.step("what disconnecting means is said before it is done", async () => {
    await page.getByRole("link", { name: "Disconnect…" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Disconnect Stripe?" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("1 affiliate will earn nothing from later payments.");
    await expect(page.getByRole("main")).toContainText("The signing secrets are deleted here.");
    await page.getByRole("link", { name: "Cancel" }).click();
    await expect(page.getByRole("table", { name: /^Signing secrets/ })).toBeVisible();
    await page.getByRole("link", { name: "Disconnect…" }).click();
    await page.getByRole("button", { name: "Disconnect Stripe" }).click();
    await expectDone(page, "Stripe is disconnected.");
    await expect(page.getByRole("link", { name: "Set up manually" })).toBeVisible();
  });

  await test.step("an API key is shown once, and works until it is revoked", async () => {
    await settings(page, "API keys");
    await page.getByRole("button", { name: "Create key" }).click();
    const key = await page.getByLabel("API key", { exact: true }).inputValue();
    expect(key).toMatch(/^hgk_/);
    const ask = () => page.request.get(`${EMPTY.url}/api/v1/programs`, { headers: { Authorization: `Bearer ${key}` } });
    expect((await (await ask()).json()).data.map((one) => one.name)).toEqual([name]);
    await page.reload();
    await expect(page.getByLabel("API key", { exact: true })).toHaveCount(0);
    expect(await page.content()).not.toContain(key);
    await page.getByRole("row", { name: key.slice(-4) }).getByRole("link", { name: "Revoke…" }).click();
    await page.getByRole("button", { name: "Revoke the key" }).click();
    await expectDone(page, "Key revoked.");
    expect((await ask()).status()).toBe(401);
  });
});

test("an affiliate comes in by invitation, and sees what is changed for them", { tag: "@html" }, async ({ owner, stranger }, testInfo) => {
  const name = `Bee Friends ${testInfo.project.name}`;
  const code = `uma-${testInfo.project.name}`;
  const link = `${EMPTY.url}/r/${code}`;
  const website = "https://bees.example/start";
  const program = await makeProgram(owner, { at: EMPTY, name, website });
  const uma = await stranger();

  await test.step("the invitation leads to a link in a mail, with which she chooses a password", async () => {
    const affiliate = { name: "Uma Linden", email: `uma@${testInfo.project.name}.example`, code };
    const invitation = await inviteAffiliate(owner, program, affiliate);
    await openPasswordLink(uma, EMPTY, invitation, affiliate.email);
    await expect(uma.getByRole("heading", { level: 1 })).toHaveText("Choose a password");
    await uma.getByLabel("Password", { exact: true }).fill("short");
    await uma.getByRole("button", { name: "Set password" }).click();
    await expectProblems(uma, [["Password", TOO_SHORT]]);
    await acceptInvitation(uma, EMPTY, invitation, { ...affiliate, password: "uma-likes-lindens" });
    await expect(uma.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
    await expect(uma.getByRole("textbox", { name: "Your link" })).toHaveValue(link);
    const other = await stranger();
    await other.goto(invitation);
    await expect(other.getByRole("heading", { level: 1 })).toHaveText("This invitation has ended");
  });
  const home = uma.url();

  await test.step("a change of the terms is previewed, makes version 2, and keeps version 1", async () => {
    await owner.goto(program);
    await settings(owner, "Terms");
    const before = await owner.getByLabel("Percentage of the payment").inputValue();
    await owner.getByLabel("Percentage of the payment").fill("42.5");
    await owner.getByRole("button", { name: "Preview the change" }).click();
    await expect(owner.getByRole("heading", { level: 1, name: "Preview the change" })).toBeVisible();
    await expect(owner.getByRole("table", { name: /^The terms that change/ })).toContainText("42.5%");
    await expect(owner.getByRole("main")).toContainText(`A payment of 100.00 USD earns 42.50 USD instead of ${Number(before).toFixed(2)} USD.`);
    await owner.getByRole("button", { name: "Save version 2" }).click();
    await expectDone(owner, "Version 2 of the terms is in effect.");
    await uma.goto(`${home}/terms`);
    await expect(uma.getByRole("heading", { name: /^You earn 42\.5%/ })).toBeVisible();
    const versions = uma.getByRole("table", { name: /^All versions of the terms/ });
    await expect(versions.getByRole("rowheader")).toHaveText(["Version 2", "Version 1"]);
    await expect(versions.getByRole("row", { name: "Version 1" })).toContainText(`${before}%`);
  });

  await test.step("while the program is paused, its links lead to the site without a token", async () => {
    expect((await leadsTo(owner, link)).searchParams.has("hg_click")).toBe(true);
    await settings(owner, "General");
    await owner.getByRole("link", { name: "Pause…" }).click();
    await expect(owner.getByRole("main")).toContainText("Links of 1 affiliate keep working, but new clicks aren’t tracked.");
    await owner.getByRole("button", { name: "Pause the program" }).click();
    await expect(owner.getByRole("heading", { name: "The program is paused" })).toBeVisible();
    expect((await leadsTo(owner, link)).href).toBe(website);
    await uma.goto(home);
    await expect(uma.getByRole("heading", { name: "The program is paused" })).toBeVisible();
    await owner.getByRole("button", { name: "Resume" }).click();
    await expect(owner.getByRole("link", { name: "Pause…" })).toBeVisible();
    expect((await leadsTo(owner, link)).searchParams.has("hg_click")).toBe(true);
  });

  await test.step("suspended with a reason, the affiliate can read it and their link no longer counts", async () => {
    await owner.getByRole("navigation", { name: "Program" }).getByRole("link", { name: "Affiliates" }).click();
    await owner.getByRole("main").getByRole("link", { name: "Uma Linden" }).first().click();
    await owner.getByRole("button", { name: "Suspend" }).click();
    await expect(owner).toHaveTitle(/^Error: /);
    await owner.getByLabel("Reason").fill("Ads on our own name");
    await owner.getByRole("button", { name: "Suspend" }).click();
    await expectDone(owner, "Affiliate suspended");
    expect((await leadsTo(owner, link)).href).toBe(website);
    await uma.goto(home);
    await expect(uma.getByRole("heading", { name: "You’re suspended" })).toBeVisible();
    await expect(uma.getByRole("main")).toContainText("“Ads on our own name”");
    await owner.getByRole("button", { name: "Reinstate" }).click();
    await uma.reload();
    await expect(uma.getByRole("heading", { name: "You’re suspended" })).toHaveCount(0);
  });
});

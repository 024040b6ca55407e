// Creates programs and affiliates through the pages, as an owner does.

import { expect } from "@playwright/test";
import { expectDone } from "./forms.mjs";
import { mailsTo } from "./servers.mjs";

/** Creates a program with the owner's page, and returns its address. */
export const makeProgram = async (page, { at, name, website = "https://shop.example/", consent = false }) => {
  await page.goto(`${at.url}/programs/new`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Website").fill(website);
  if (consent) await page.getByLabel("Ask for consent before anything is stored").check();
  await page.getByRole("button", { name: "Create program" }).click();
  await expect(page).toHaveURL(/\/programs\/prg_[a-z0-9]+/);
  return new URL(new URL(page.url()).pathname, at.url).href;
};

/** Adds an affiliate and stays on their page. */
export const addAffiliate = async (page, program, { name, email, code = "" }) => {
  await page.goto(`${program}/affiliates/new`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Code of the first link").fill(code);
  await page.getByRole("button", { name: "Add affiliate" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
};

/** Adds an affiliate and returns the invitation to hand to them. */
export const inviteAffiliate = async (page, program, affiliate) => {
  await addAffiliate(page, program, affiliate);
  await page.getByRole("button", { name: "Create invitation link" }).click();
  return page.getByLabel("Invitation link").inputValue();
};

/** Asks for a password link on the page of an invitation, and opens it from the mail. */
export const openPasswordLink = async (page, at, invitation, email) => {
  await page.goto(invitation);
  await expect(page.getByRole("main")).toContainText(email);
  await page.getByRole("button", { name: "Send me the link" }).click();
  await expectDone(page, "Check your mail");
  const link = () => /https?:\/\/\S+\/password\/choose\/\S+/.exec(mailsTo(at.name, email).at(-1) ?? "")?.[0];
  await expect.poll(link).toBeTruthy();
  await page.goto(link());
};

/** Comes in by an invitation: chooses a password with the link in the mail. */
export const acceptInvitation = async (page, at, invitation, { email, password }) => {
  await openPasswordLink(page, at, invitation, email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Set password" }).click();
  await expect(page).toHaveURL(/\/affiliate\/prg_\w+$/);
};

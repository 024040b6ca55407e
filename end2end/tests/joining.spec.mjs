// Joining a program by its public page: apply, confirm, be approved, sign in, find one's link.

import { expect, test } from "../support/people.mjs";
import { expectDone } from "../support/forms.mjs";
import { makeProgram } from "../support/programs.mjs";
import { OWNER, mailsTo } from "../support/servers.mjs";

const PASSWORD = "slow-pages-on-sundays";

/** Creates a program whose applications are reviewed, switches its page on, and returns both addresses. */
const programWithPage = async (page, name) => {
  const program = await makeProgram(page, { at: OWNER.at, name });
  await page.goto(`${program}/settings`);
  await page.getByLabel("Auto-approve applications").uncheck();
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.goto(`${program}/settings/join-page`);
  await page.getByLabel("Show the page").check();
  await page.getByLabel("Accent color").fill("#17605a");
  await page.getByLabel("Introduction").fill("We make notebooks.\n\nRead more at https://shop.example/about.");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expectDone(page, "Join page saved.");
  const link = page.getByLabel("Link to the join page");
  return { program, join: await link.inputValue() };
};

/** The newest link to a path in the mails to an address. */
const linkTo = async (email, path) => {
  const pattern = new RegExp(`https?://\\S+${path}\\S*`);
  const link = () => pattern.exec(mailsTo(OWNER.at.name, email).at(-1) ?? "")?.[0];
  await expect.poll(link).toBeTruthy();
  return link();
};

test("apply, confirm, approve, sign in, own link", { tag: "@html" }, async ({ owner, stranger }, info) => {
  const tag = `${info.project.name}-${info.workerIndex}-${info.repeatEachIndex}`;
  const { program, join } = await programWithPage(owner, `Slow Partners ${tag}`);
  const email = `amara-${tag}@slowpages.example`;
  const page = await stranger();

  await page.goto(join);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Earn 20% of each payment/);
  await expect(page.getByRole("link", { name: "https://shop.example/about" })).toHaveAttribute("rel", "nofollow noopener");
  await page.getByLabel("Customers a month").fill("8");
  await page.getByLabel("Each pays").fill("12.00");
  await page.getByRole("button", { name: "Calculate" }).click();
  await expect(page.locator("output")).toContainText("1,497.60");
  expect(await page.context().cookies()).toEqual([]);

  await page.getByLabel("Name").fill("Amara Nwosu");
  await page.getByLabel("Email").fill(email);
  await page.getByRole("button", { name: "Send application" }).click();
  await expect(page).toHaveTitle(/^Error: /);
  const problems = ["Enter a sentence on how you will promote the program", "Accept the terms to apply"];
  await expect(page.locator(".error-summary").getByRole("link")).toHaveText(problems);
  await expect(page.getByLabel("Name")).toHaveValue("Amara Nwosu");
  await page.getByLabel("How will you promote").fill("A Sunday letter, 11,400 readers.");
  await page.getByLabel("I accept the terms").check();
  await page.getByRole("button", { name: "Send application" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Check your email");

  await page.goto(await linkTo(email, "/application/"));
  await page.getByRole("button", { name: "Confirm email address" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your application is confirmed");

  await owner.goto(program);
  await owner.getByRole("link", { name: "Review 1 application" }).click();
  await owner.getByText("Amara Nwosu", { exact: true }).click();
  await owner.getByRole("button", { name: "Approve" }).first().click();
  await expectDone(owner, "1 application approved.");

  await page.goto(await linkTo(email, "/password/forgot"));
  await page.getByLabel("Email").fill(email);
  await page.getByRole("button", { name: "Send link" }).click();
  await page.goto(await linkTo(email, "/password/choose/"));
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Set password" }).click();
  await expect(page).toHaveURL(/\/affiliate/);
  await page.goto(`${OWNER.at.url}/affiliate/${program.split("/").at(-1)}/links`);
  await expect(page.getByRole("table").first()).toContainText("/r/amara");
});

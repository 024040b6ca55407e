// Being paid: a bonus becomes payable, a run pays it, one payout comes back, and both sides see the same.

import { expect, test } from "../support/people.mjs";
import { expectDone } from "../support/forms.mjs";
import { openProgram } from "../support/ledger.mjs";
import { PROGRAM } from "../support/shop.mjs";

/** The value of a figure, such as "Payable". */
const figure = (page, label) =>
  page.locator("dl.figures > div", { has: page.locator("dt", { hasText: label }) }).locator("dd.value");

const hasPayout = (page, text) => expect(page.getByRole("table", { name: "Payouts of this run" })).toContainText(text);

test("a run is drafted, approved, sent and settled", { tag: "@html" }, async ({ hanna, mira }) => {
  await openProgram(hanna, PROGRAM, "All affiliates");
  const program = hanna.url().split("/affiliates")[0];
  const own = `${new URL(program).origin}/affiliate/${program.split("/").at(-1)}/payouts`;

  await test.step("a bonus is payable at once, and its reason is asked for beside the field", async () => {
    await hanna.getByRole("link", { name: "Mira Okafor" }).click();
    await hanna.getByText("Bonus or correction").click();
    await hanna.getByLabel("Amount").fill("60.00");
    await hanna.getByRole("button", { name: "Add", exact: true }).click();
    await expect(hanna.locator(".error-summary").getByRole("link")).toHaveText(["Enter a reason that the affiliate can read"]);
    await expect(hanna.getByLabel("Amount")).toHaveValue("60.00");
    const reason = hanna.locator("form", { has: hanna.getByRole("button", { name: "Add", exact: true }) }).getByLabel("Reason");
    await reason.fill("A talk at the meet-up");
    await hanna.getByRole("button", { name: "Add", exact: true }).click();
    await expectDone(hanna, "60.00 USD added. The affiliate sees the reason.");
    await mira.goto(own);
    await expect(mira.getByRole("main")).toContainText("A talk at the meet-up");
  });

  await test.step("whoever is payable is ticked, and a draft claims their balance", async () => {
    await hanna.goto(`${program}/payouts`);
    await expect(hanna.getByRole("checkbox", { name: "Pay Mira Okafor" })).toBeChecked();
    await hanna.getByRole("button", { name: "Draft payout run" }).click();
    await expect(hanna.getByRole("heading", { level: 1 })).toHaveText(/^Run \d+$/);
    await hasPayout(hanna, "Mira Okafor");
    await mira.goto(own);
    await expect(figure(mira, "Payable")).toHaveText(/^0.00/);
  });

  await test.step("after the approval the files are there, the same each time", async () => {
    await hanna.getByRole("button", { name: /^Approve \d+ payout/ }).click();
    const link = hanna.getByRole("link", { name: "Download" }).first();
    const href = await link.getAttribute("href");
    const [one, two] = await Promise.all([1, 2].map(async () => (await hanna.request.get(new URL(href, program).href)).body()));
    expect(one.length).toBeGreaterThan(20);
    expect(one.equals(two)).toBe(true);
    await hanna.getByRole("button", { name: "Mark as sent" }).click();
    await expectDone(hanna, "Marked as sent.");
  });

  await test.step("a payout that came back is payable again, with the reason", async () => {
    await hanna.getByText("Failed…").first().click();
    await hanna.getByRole("button", { name: "Mark as failed" }).first().click();
    await expect(hanna.getByRole("alert").first()).toContainText("Enter a reason");
    await hanna.getByLabel("Reason").first().fill("The account is closed");
    await hanna.getByRole("button", { name: "Mark as failed" }).first().click();
    await expectDone(hanna, "Marked as failed. The amount is payable again.");
    await hasPayout(hanna, "The account is closed");
  });

  await test.step("the next run pays it, and the affiliate has the statement", async () => {
    await hanna.goto(`${program}/payouts`);
    await hanna.getByRole("button", { name: "Draft payout run" }).click();
    await hanna.getByRole("button", { name: /^Approve \d+ payout/ }).click();
    await hanna.getByRole("button", { name: "Mark as sent" }).click();
    await hanna.getByRole("button", { name: /^Mark \d+ payouts? as paid$/ }).click();
    await expectDone(hanna, "Marked as paid.");
    await expect(hanna.getByRole("main")).toContainText("Completed");
    await mira.goto(own);
    await mira.getByRole("table", { name: "Your payouts, newest first" }).getByRole("link").first().click();
    await expect(mira.getByRole("heading", { level: 1 })).toHaveText("Payout statement");
    await expect(mira.getByRole("table", { name: "Entries of this payout" })).toContainText("Bonus: A talk at the meet-up");
  });
});

test("a payout method needs the password, and what was typed stays", { tag: "@html" }, async ({ mira }) => {
  await mira.goto(mira.url());
  await mira.goto("/affiliate");
  await mira.getByRole("link", { name: PROGRAM }).first().click();
  await mira.getByRole("link", { name: "Payouts" }).first().click();
  await mira.getByRole("link", { name: "Change…" }).click();
  await mira.getByRole("link", { name: "IBAN" }).click();
  await mira.getByLabel("Account holder").fill("Mira Okafor");
  await mira.getByLabel("IBAN").fill("DE00 3704 0044 0532 0130 00");
  await mira.getByLabel("Your password").fill("not-my-password");
  await mira.getByRole("button", { name: "Save method" }).click();
  await expect(mira.getByLabel("IBAN")).toHaveAttribute("aria-invalid", "true");
  await expect(mira.getByLabel("Account holder")).toHaveValue("Mira Okafor");
  await mira.getByLabel("IBAN").fill("DE89 3704 0044 0532 0130 00");
  await mira.getByLabel("Your password").fill("not-my-password");
  await mira.getByRole("button", { name: "Save method" }).click();
  await expect(mira.getByLabel("Your password")).toHaveAccessibleDescription(/Incorrect password/);
});

// Being paid: a bonus becomes payable, a run pays it, the payout comes back once, and a statement is left.

import { expect, test } from "../support/people.mjs";
import { expectDone } from "../support/forms.mjs";
import { makeProgram } from "../support/programs.mjs";
import { DEMO, OWNER } from "../support/servers.mjs";

const hasPayout = (page, text) => expect(page.getByRole("table", { name: "Payouts of this run" })).toContainText(text);

/** Ticks an affiliate and drafts a run. */
const draft = async (page, program, name) => {
  await page.goto(`${program}/payouts`);
  await page.getByRole("checkbox", { name: `Pay ${name}` }).check();
  await page.getByRole("button", { name: "Draft payout run" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Run \d+$/);
  await hasPayout(page, name);
};

test("a run is drafted, approved, sent and settled", { tag: "@html" }, async ({ owner }, info) => {
  const tag = `${info.project.name}-${info.workerIndex}-${info.repeatEachIndex}`;
  const program = await makeProgram(owner, { at: OWNER.at, name: `Paid Partners ${tag}` });

  await test.step("nobody is due, and nothing can be drafted", async () => {
    await owner.goto(`${program}/payouts`);
    await expect(owner.getByRole("main")).toContainText("Nothing is due");
  });

  await test.step("a bonus is payable at once, and its reason is asked for beside the field", async () => {
    await owner.goto(`${program}/affiliates/new`);
    await owner.getByLabel("Name").fill("Nadia Benali");
    await owner.getByLabel("Email").fill(`nadia-${tag}@stationery.example`);
    await owner.getByRole("button", { name: "Add affiliate" }).click();
    await owner.getByText("Bonus or correction").click();
    await owner.getByLabel("Amount").fill("60.00");
    await owner.getByRole("button", { name: "Add", exact: true }).click();
    await expect(owner.locator(".error-summary").getByRole("link")).toHaveText(["Enter a reason that the affiliate can read"]);
    await expect(owner.getByLabel("Amount")).toHaveValue("60.00");
    await owner.getByLabel("Note for the affiliate").fill("A talk at the meet-up");
    await owner.getByRole("button", { name: "Add", exact: true }).click();
    await expectDone(owner, "60.00 USD added. The affiliate sees the reason.");
  });

  await test.step("a draft claims the balance, and a removed payout is due again", async () => {
    await draft(owner, program, "Nadia Benali");
    await owner.getByRole("button", { name: "Remove the payout to Nadia Benali" }).click();
    await expectDone(owner, "Removed. The amount is payable again.");
    await owner.getByRole("button", { name: "Discard draft" }).click();
    await expectDone(owner, "Draft discarded. Everything in it is payable again.");
  });

  await test.step("after the approval the file is there, the same each time", async () => {
    await draft(owner, program, "Nadia Benali");
    await owner.getByRole("button", { name: "Approve 1 payout" }).click();
    const href = new URL(await owner.getByRole("link", { name: "Download" }).getAttribute("href"), program).href;
    const file = async () => (await owner.request.get(href)).text();
    const first = await file();
    expect(first).toContain("Nadia Benali");
    expect(first).toContain("60.00");
    expect(await file()).toBe(first);
    await owner.getByRole("button", { name: "Mark as sent" }).click();
    await expectDone(owner, "Marked as sent.");
  });

  await test.step("a payout that came back is payable again, with the reason", async () => {
    await owner.getByText("Failed…").click();
    await owner.getByRole("button", { name: "Mark as failed" }).click();
    await expect(owner.getByLabel("Reason")).toHaveAttribute("aria-invalid", "true");
    await owner.getByLabel("Reason").fill("The account is closed");
    await owner.getByRole("button", { name: "Mark as failed" }).click();
    await expectDone(owner, "Marked as failed. The amount is payable again.");
    await hasPayout(owner, "The account is closed");
  });

  await test.step("the next run pays it, and leaves a statement", async () => {
    await draft(owner, program, "Nadia Benali");
    await owner.getByRole("button", { name: "Approve 1 payout" }).click();
    await owner.getByRole("button", { name: "Mark as sent" }).click();
    await expectDone(owner, "Marked as sent.");
    const upload = async (content) => {
      await owner.getByLabel("Result file").setInputFiles({ name: "results.csv", mimeType: "text/csv", buffer: Buffer.from(content) });
      await owner.getByRole("button", { name: "Apply results" }).click();
    };
    await upload("payout,amount\n1,60.00\n");
    await expect(owner.locator(".flash[role=alert]")).toContainText("This CSV file has no column named “status”.");
    const table = new URL(await owner.getByRole("link", { name: "Export CSV" }).getAttribute("href"), program).href;
    const id = (await (await owner.request.get(table)).text()).match(/pyo_\w+/)[0];
    await upload(`payout,status\n${id},paid\n`);
    await expectDone(owner, "1 payout marked as paid.");
    await expect(owner.getByRole("main")).toContainText("Completed");
    await owner.getByRole("navigation", { name: "Breadcrumbs" }).getByRole("link", { name: "Payouts" }).click();
    await owner.getByRole("navigation", { name: "Payouts" }).getByRole("link", { name: "Paid" }).click();
    await owner.getByRole("link", { name: "Nadia Benali" }).click();
    await expect(owner.getByRole("heading", { level: 1 })).toHaveText("Payout statement");
    await expect(owner.getByRole("table", { name: "Entries of this payout" })).toContainText("Bonus: A talk at the meet-up");
  });
});

test("a payout method needs the password, and what was typed stays", { tag: "@html" }, async ({ mira }) => {
  await mira.goto(`${DEMO.url}/affiliate`);
  await mira.getByRole("navigation", { name: "Program" }).getByRole("link", { name: "Payouts" }).click();
  await mira.getByRole("link", { name: "Change…" }).click();
  await mira.getByRole("navigation", { name: "Kind of method" }).getByRole("link", { name: "IBAN" }).click();
  await mira.getByLabel("Account holder").fill("Mira Okafor");
  await mira.getByLabel("IBAN", { exact: true }).fill("DE00 3704 0044 0532 0130 00");
  await mira.getByLabel("Your password").fill("not-my-password");
  await mira.getByRole("button", { name: "Save method" }).click();
  await expect(mira.getByLabel("IBAN", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await expect(mira.getByLabel("Account holder")).toHaveValue("Mira Okafor");
  await mira.getByLabel("IBAN", { exact: true }).fill("DE89 3704 0044 0532 0130 00");
  await mira.getByLabel("Your password").fill("not-my-password");
  await mira.getByRole("button", { name: "Save method" }).click();
  await expect(mira.getByLabel("Your password")).toHaveAttribute("aria-invalid", "true");
});

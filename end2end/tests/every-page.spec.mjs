// Every page that can be reached: private, quiet, accessible, and right on a phone.

import { expect, test } from "../support/people.mjs";
import { crawl } from "../support/crawl.mjs";
import { inspect } from "../support/inspect.mjs";
import { acceptInvitation, inviteAffiliate, makeProgram } from "../support/programs.mjs";
import { DEMO, EMPTY } from "../support/servers.mjs";
import { watch } from "../support/watch.mjs";

test.describe.configure({ mode: "parallel" });
// The failures say everything, and recording each visit costs more than the visit.
test.use({ trace: "off" });

// Some forty pages, each rendered in two schemes and three widths.
const A_LOOK_AT_ALL = 300_000;

/** Looks at everything from `start` on; `least` are pages that must be among it. */
const lookAtAll = async (page, start, least) => {
  const quiet = watch(page.context(), new URL(start).origin);
  const found = {};
  const kinds = await crawl(page, start, async (kind, answer) => {
    await test.step(kind, async () => {
      const problems = [...(await inspect(page)), ...quiet.problems()];
      if (answer.status() !== 200) problems.push(`answered ${answer.status()}`);
      if (problems.length > 0) found[kind] = problems;
    });
  });
  expect(kinds).toEqual(expect.arrayContaining(least));
  expect(found).toEqual({});
};

const SETTINGS = ["settings", "settings/terms", "settings/stripe", "settings/tracking", "settings/keys", "settings/payouts", "settings/join-page", "settings/join-page/question", "settings/emails"];
const TABS = ["search", "conversions", "unattributed", "affiliates", "affiliates/new", "affiliates/applications", "affiliates/invitations", "affiliates/invitations/new", "affiliates/invitations/link", "resources", "resources/text", "links", "events", "payouts", "payouts/runs", "payouts/paid", ...SETTINGS];
const OWN_TABS = ["earnings", "payouts", "links", "links/lnk", "clicks", "resources", "missing-referral", "terms"];
const within = (path, names) => names.map((name) => `${path}/${name}`);

test.describe("in the demo", () => {
  test("of a merchant", async ({ hanna }) => {
    test.setTimeout(A_LOOK_AT_ALL);
    const details = ["conversions/cnv", "conversions/cnv/receipt", "affiliates/aff", "payments/pmt", "events/evi", "settings/stripe?disconnect", "settings/stripe/reconciliation"];
    const least = ["/programs", "/programs/new", "/programs/prg", "/account", "/account/two-step", ...within("/programs/prg", [...TABS, ...details])];
    await lookAtAll(hanna, `${DEMO.url}/programs`, least);
  });

  test("of an affiliate", async ({ mira }) => {
    const least = ["/affiliate", "/affiliate/prg", "/account", "/account/two-step", ...within("/affiliate/prg", [...OWN_TABS, "earnings/cnv", "earnings/cnv/receipt"]), "/receipt", "/receipt?r"];
    await lookAtAll(mira, `${DEMO.url}/affiliate`, least);
  });
});

test.describe("before anything happened", () => {
  test("of a merchant", async ({ owner }) => {
    test.setTimeout(A_LOOK_AT_ALL);
    const program = await makeProgram(owner, { at: EMPTY, name: "A program without anything" });
    await lookAtAll(owner, program, ["/programs", ...within("/programs/prg", TABS)]);
  });

  test("of an affiliate", async ({ owner, stranger }) => {
    const program = await makeProgram(owner, { at: EMPTY, name: "A program with one affiliate" });
    const newcomer = { name: "Nia Newcomer", email: "nia@newcomer.example", password: "nia-has-a-password" };
    const invitation = await inviteAffiliate(owner, program, newcomer);
    const nia = await stranger();
    await acceptInvitation(nia, EMPTY, invitation, newcomer);
    await lookAtAll(nia, nia.url(), ["/affiliate", "/affiliate/prg", ...within("/affiliate/prg", OWN_TABS)]);
  });
});

test("for strangers: sign-in, links that are over, and what does not exist", async ({ stranger }) => {
  const page = await stranger();
  const quiet = watch(page.context(), EMPTY.url);
  const pages = [
    ["/login", 200, "Sign in"],
    ["/password/forgot", 200, "Reset your password"],
    ["/login/link", 200, "Sign in by email"],
    ["/login/link/no-such-token", 200, "This link no longer works"],
    ["/login/code", 200, "Sign in"],
    ["/email/confirm/no-such-token", 200, "This link no longer works"],
    ["/email/undo/no-such-token", 200, "This link no longer works"],
    ["/setup/no-such-token", 200, "This link no longer works"],
    ["/password/choose/no-such-token", 200, "This link no longer works"],
    ["/invitation/no-such-token", 200, "This invitation has ended"],
    ["/invite/no-such-token", 200, "This invitation has ended"],
    ["/receipt", 200, "Check a receipt"],
    ["/receipt?r=nothing", 200, "Not a receipt"],
    ["/no/such/page", 404, "Page not found"],
    ["/r/no-such-link", 404, "Page not found"],
  ];
  for (const [path, status, heading] of pages) {
    const answer = await page.goto(EMPTY.url + path);
    expect(answer.status(), path).toBe(status);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
    // A page that is missing is an error in the console; nothing else may be.
    const said = quiet.problems().filter((problem) => status === 200 || !problem.includes(`status of ${status}`));
    expect([...(await inspect(page)), ...said], path).toEqual([]);
  }
});

test("another person's page does not exist", async ({ mira, hanna, stranger }) => {
  await hanna.goto(`${DEMO.url}/programs`);
  const path = await hanna.getByRole("main").getByRole("link", { name: "Lumen Studio Friends" }).getAttribute("href");
  expect((await mira.goto(DEMO.url + path)).status()).toBe(404);
  await expect(mira.getByRole("heading", { level: 1 })).toHaveText("Page not found");
  const page = await stranger();
  await page.goto(DEMO.url + path);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
});

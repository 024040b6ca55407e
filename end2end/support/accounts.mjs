// An installation of a spec's own, where wrong tries to sign in disturb nobody, and people on it.

import { signIn, test as base } from "./people.mjs";
import { acceptInvitation, inviteAffiliate, makeProgram } from "./programs.mjs";
import { start } from "./servers.mjs";

export const OWNER = { email: "vera@accounts.example", password: "vera-reads-maps" };

/** The tests of a spec: `honeyguide` is its installation, `person` makes affiliates with an account. */
export const onItsOwn = (name) =>
  base.extend({
    honeyguide: [
      async ({}, use, workerInfo) => {
        const environment = { ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password };
        const installation = await start(`${name}-${workerInfo.project.name}-${workerInfo.workerIndex}`, environment);
        await use(installation);
        await installation.stop();
      },
      { scope: "worker" },
    ],
    /** Makes people with an account and a password. */
    person: [
      async ({ honeyguide, browser }, use) => {
        const context = await browser.newContext();
        const owner = await context.newPage();
        await signIn(owner, { at: honeyguide, ...OWNER });
        const program = await makeProgram(owner, { at: honeyguide, name: "Map Readers" });
        await use(async (name) => {
          const person = { at: honeyguide, email: `${name.toLowerCase()}@maps.example`, password: `${name}-has-a-password` };
          const invitation = await inviteAffiliate(owner, program, { name, email: person.email });
          const own = await browser.newContext();
          await acceptInvitation(await own.newPage(), honeyguide, invitation, person);
          await own.close();
          return person;
        });
        await context.close();
      },
      { scope: "worker" },
    ],
  });

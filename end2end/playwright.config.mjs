// The browser tests: Debian's Chromium against servers that are made again for each run.

import { defineConfig } from "@playwright/test";
import { DEMO, EMPTY, serverOf } from "./support/servers.mjs";

const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  // A debug build on two busy cores; a test that takes this long is stuck.
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  webServer: [serverOf(DEMO), serverOf(EMPTY)],
  use: {
    browserName: "chromium",
    // Without pictures, which cost half a core.
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: true, sources: true },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      // Without these Chromium asks its maker's hosts at every start.
      args: [
        ...asRoot,
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "plain" },
    // What has to work on HTML alone is tagged, and runs a second time.
    { name: "no-javascript", grep: /@html/, use: { javaScriptEnabled: false } },
  ],
});

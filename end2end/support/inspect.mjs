// What every page must have: a title, one heading, no accessibility violation, no sideways scrolling.

import { AxeBuilder } from "@axe-core/playwright";

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const SMALL = { width: 320, height: 640 };

const axe = async (page, where) => {
  const { violations } = await new AxeBuilder({ page })
    // Without a separate page for the results: there are no frames to collect them from.
    .setLegacyMode(true)
    .options({ resultTypes: ["violations"] })
    // The rows of a table are alike.
    .exclude("tbody tr:nth-child(n+16)")
    .analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${where}: ${id} (${help}) at ${target}: ${failureSummary.split("\n").at(1)?.trim()}`),
  );
};

/** By how many pixels the page scrolls sideways, and which elements are too wide. */
const overflow = (page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return null;
    const wide = [...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > clientWidth + 1);
    const names = wide.slice(0, 3).map((one) => `${one.localName}.${[...one.classList].join(".")}`);
    return `${scrollWidth - clientWidth} px too wide: ${names.join(", ")}`;
  });

/** The problems of the open page, in both color schemes and three widths. */
export const inspect = async (page) => {
  const problems = [];
  const title = await page.title();
  if (!title.trim()) problems.push("no title");
  const headings = await page.getByRole("heading", { level: 1 }).allTextContents();
  if (headings.length !== 1) problems.push(`${headings.length} h1: ${headings.join(" | ")}`);
  // Each scheme and each layout once: colors are those of the tokens in both layouts.
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize(DESKTOP);
  problems.push(...(await axe(page, "desktop, light")));
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.setViewportSize(PHONE);
  problems.push(...(await axe(page, "phone, dark")));
  for (const size of [PHONE, SMALL]) {
    await page.setViewportSize(size);
    const found = await overflow(page);
    if (found) problems.push(`${size.width} px: ${found}`);
  }
  await page.setViewportSize(DESKTOP);
  return problems;
};

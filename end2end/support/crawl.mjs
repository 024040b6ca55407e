// Visits every page that can be reached by links.

import { expect } from "@playwright/test";

// Pages that differ only in their ids are of one kind.
const kindOf = (url) => {
  const path = url.pathname.replace(/[a-z]{3}_[0-9a-z]{26}/g, (id) => id.slice(0, 3));
  const names = [...new Set(url.searchParams.keys())].sort();
  return path + (names.length ? `?${names.join("&")}` : "");
};

// The same page with another period, filter or order, and what is not a page.
const SAME = ["period", "before", "after", "status", "affiliate", "method", "sort", "order", "q", "from", "to", "outcome"];
const isPage = (url) =>
  !/^\/(r|do|api|assets|webhooks)\//.test(url.pathname) &&
  !/\.(csv|json|png|svg)$/.test(url.pathname) &&
  !url.pathname.startsWith("/.well-known/") &&
  !SAME.some((name) => url.searchParams.has(name));

/** Opens a page. One that reloads itself is opened until what it waits for is done: it would go away while looked at. */
const open = async (page, url) => {
  let answer;
  const reloads = async () => {
    answer = await page.goto(url.href);
    return answer.headers().refresh;
  };
  await expect.poll(reloads, { timeout: 20_000 }).toBeUndefined();
  return answer;
};

/** Opens one page of each kind that can be reached from `start`, and calls `look(kind)` on it. */
export const crawl = async (page, start, look) => {
  const { origin } = new URL(start);
  const waiting = [new URL(start)];
  const known = new Set([kindOf(waiting[0])]);
  while (waiting.length > 0) {
    const url = waiting.shift();
    const answer = await open(page, url);
    // A redirect has shown another page.
    known.add(kindOf(new URL(page.url())));
    await look(kindOf(url), answer);
    for (const href of await page.locator("a[href]:not([download])").evaluateAll((links) => links.map((link) => link.href))) {
      const next = new URL(href);
      if (next.origin !== origin || !isPage(next) || known.has(kindOf(next))) continue;
      known.add(kindOf(next));
      waiting.push(next);
    }
  }
  return [...known];
};

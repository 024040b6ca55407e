// How a form says that something is wrong.

import { expect } from "@playwright/test";

/** The page that a refused form comes back as: title, summary with focus, each field its message. */
export const expectProblems = async (page, problems) => {
  await expect(page).toHaveTitle(/^Error: /);
  const summary = page.locator(".error-summary");
  await expect(summary.getByRole("heading", { name: "There is a problem" })).toBeVisible();
  await expect(summary).toBeFocused();
  await expect(summary.getByRole("link")).toHaveText(problems.map(([, message]) => message));
  for (const [label, message] of problems) {
    const field = page.getByLabel(label, { exact: true });
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveAccessibleDescription(new RegExp(`Error: ${RegExp.escape?.(message) ?? message.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`));
  }
};

/** Follows a link of the summary to its field. */
export const followSummary = async (page, message, label) => {
  await page.locator(".error-summary").getByRole("link", { name: message }).click();
  await expect(page.getByLabel(label, { exact: true })).toBeFocused();
};

/** The message that stands on the page after something was done. */
export const expectDone = (page, words) => expect(page.locator(".flash[role=status]")).toContainText(words);

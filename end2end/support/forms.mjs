// The messages of forms.

import { expect } from "@playwright/test";

/** The message about a password that is too short. */
export const TOO_SHORT = "Use 10 to 256 characters. 15 or more are better";

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
    const described = (await field.getAttribute("aria-describedby")).split(" ").map((id) => `#${id}`);
    await expect(page.locator(described.join(", ")).filter({ hasText: "Error:" })).toContainText(message);
  }
};

/** Follows a link of the summary to its field. */
export const followSummary = async (page, message, label) => {
  await page.locator(".error-summary").getByRole("link", { name: message }).click();
  await expect(page.getByLabel(label, { exact: true })).toBeFocused();
};

/** The message on the page after an action. */
export const expectDone = (page, words) => expect(page.locator(".flash[role=status]")).toContainText(words);

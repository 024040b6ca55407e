// The majors of npm stripe that stand side by side in package.json. Each one pins a
// version of Stripe's API and publishes the types of that version.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const { devDependencies } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url)));

/** `[{name: "stripe-v17", apiVersion: "2025-02-24.acacia"}, …]`, oldest first. */
export const MAJORS = Object.keys(devDependencies)
  .filter((name) => name.startsWith("stripe-v"))
  .map((name) => ({
    name,
    apiVersion: require(join(dirname(require.resolve(name)), "apiVersion.js")).ApiVersion,
  }));

/** The class `Stripe` of a major; since 22 the module itself is the class. */
export function load(name) {
  const module = require(name);
  return module.default ?? module;
}

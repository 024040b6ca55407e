// An authenticator app: codes by RFC 6238, from the key that a page shows.

import { createHmac } from "node:crypto";

const STEP = 30_000;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const bytesOf = (key) => {
  const bits = [...key].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
};

/** The code of a step of half a minute since 1970. */
const codeOf = (key, step) => {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac("sha1", bytesOf(key)).update(counter).digest();
  const start = hash.at(-1) & 15;
  return String((hash.readUInt32BE(start) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
};

/**
 * An app with a key. Each code works once, so `next` gives that of the step before, of now, and of
 * the step after: those are accepted, and no one has to wait for the clock.
 */
export const authenticator = (key) => {
  let used = Math.floor(Date.now() / STEP) - 2;
  return {
    next: () => {
      used = Math.max(used + 1, Math.floor(Date.now() / STEP) - 1);
      return codeOf(key, used);
    },
  };
};

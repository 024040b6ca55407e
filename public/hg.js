// Honeyguide's tracking script, loaded by the merchant's page from our origin:
//   <script src="…/hg.js" data-program="prg_…" defer></script>
// It keeps a click's token in a cookie of the site and hands it to Stripe's checkout. It sends
// nothing but clicks and leads, never throws, and never keeps a page or a checkout waiting.
(() => {
  "use strict";

  const VERSION = 1;
  const COOKIE = "hg_click";
  const TOKEN = /^hgc_[A-Za-z0-9_]{10,60}$/;
  const TIMEOUT = 2000;
  const PARAMETERS = ["via", "ref"];

  const script = document.currentScript || document.querySelector("script[data-program][src*='hg.js']");
  const options = (script && script.dataset) || {};
  const program = options.program || "";
  const stub = window.Honeyguide;
  if (stub && stub.clickId) return; // loaded twice: the first one stays

  const warnings = [];
  const waiting = [];
  // The tokens that we have set somewhere. Any other value is the merchant's own and stays.
  const ours = new Set();
  let base = "";
  let consent = options.consent === "required" ? "waiting" : "not-required";
  let token = null;
  let domain = null;
  let ready = false;
  let started = false;

  const warn = (code, error) => {
    if (!warnings.includes(code)) warnings.push(code);
    if ("debug" in options) console.warn("[honeyguide] " + code, error || "");
  };
  // Errors in here must not reach the merchant's page.
  const guarded = (code, work) => {
    try {
      return work();
    } catch (error) {
      warn(code, error);
    }
  };
  const allowed = () => consent === "granted" || consent === "not-required";

  // ---- cookie ----------------------------------------------------------------------------

  const readCookie = (name) => {
    const found = document.cookie.split("; ").find((pair) => pair.startsWith(name + "="));
    return found ? found.slice(name.length + 1) : null;
  };
  const writeCookie = (name, value, seconds, on) => {
    document.cookie =
      name + "=" + value + "; Path=/; SameSite=Lax; Max-Age=" + seconds +
      (on ? "; Domain=" + on : "") +
      (location.protocol === "https:" ? "; Secure" : "");
  };
  // Domains from the widest down to the host itself, none for addresses and bare names.
  const domains = () => {
    const host = location.hostname;
    const labels = host.split(".");
    const found = options.cookieDomain ? [options.cookieDomain] : [];
    if (/^[\d.]+$|:/.test(host)) return found;
    for (let from = labels.length - 2; from >= 0; from--) found.push(labels.slice(from).join("."));
    return found;
  };
  // The widest domain that takes a cookie: browsers refuse public suffixes such as co.uk.
  const cookieDomain = () => {
    if (domain !== null) return domain;
    for (const candidate of domains()) {
      writeCookie("hg_probe", "1", 10, candidate);
      const taken = readCookie("hg_probe");
      writeCookie("hg_probe", "", 0, candidate);
      if (taken) return (domain = candidate);
      if (candidate === options.cookieDomain) warn("cookie_domain_refused");
    }
    return (domain = "");
  };
  const keep = (value, days) => {
    token = value;
    const limit = Number(days) || Number(options.cookieDays) || 30;
    writeCookie(COOKIE, value, Math.round(Math.min(Math.max(limit, 1), 365) * 86400), cookieDomain());
    if (readCookie(COOKIE) !== value) warn("cookie_refused");
  };
  const forget = () => {
    token = null;
    for (const candidate of ["", ...domains()]) writeCookie(COOKIE, "", 0, candidate);
  };

  // ---- network ---------------------------------------------------------------------------

  // A plain text body and no credentials: a simple request, which needs no preflight.
  const post = (path, body) => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT);
    return fetch(base + path, {
      method: "POST",
      mode: "cors",
      credentials: "omit",
      keepalive: true,
      headers: { "Content-Type": "text/plain" },
      body: JSON.stringify(body),
      signal: abort.signal,
    })
      .then((answer) => answer.json().then((json) => ({ ok: answer.ok, json: json || {} })))
      .finally(() => clearTimeout(timer));
  };

  // ---- decoration ------------------------------------------------------------------------

  const LINKS = "a[href*='buy.stripe.com'], a[href][data-honeyguide-payment-link]";
  const ELEMENTS = "stripe-buy-button, stripe-pricing-table";
  const PARAMETER = "client_reference_id";
  const ATTRIBUTE = "client-reference-id";

  const linkValue = (link) => new URL(link.href).searchParams.get(PARAMETER);
  const elementValue = (element) => element.getAttribute(ATTRIBUTE);
  const isOpen = (value) => value !== token && (value ? ours.has(value) : token !== null);

  const decorateLink = (link) => {
    const url = new URL(link.href);
    const ownPage = link.hasAttribute("data-honeyguide-payment-link");
    if (!/^https?:$/.test(url.protocol) || !(ownPage || url.hostname === "buy.stripe.com")) return;
    if (!isOpen(linkValue(link))) return;
    // By hand, because URLSearchParams would rewrite the other parameters as well.
    const rest = url.search.slice(1).split("&").filter((pair) => pair && !pair.startsWith(PARAMETER + "="));
    if (token) rest.push(PARAMETER + "=" + token);
    url.search = rest.join("&");
    link.href = url.href;
  };
  const decorateElement = (element) => {
    if (!isOpen(elementValue(element))) return;
    if (token) element.setAttribute(ATTRIBUTE, token);
    else element.removeAttribute(ATTRIBUTE);
  };
  const decorate = () => {
    if (!token && !ours.size) return;
    if (token) ours.add(token);
    for (const link of document.querySelectorAll(LINKS)) guarded("link_failed", () => decorateLink(link));
    for (const element of document.querySelectorAll(ELEMENTS)) guarded("element_failed", () => decorateElement(element));
  };
  const decorated = (selector, value) =>
    [...document.querySelectorAll(selector)].filter((element) => guarded("link_failed", () => ours.has(value(element)))).length;

  let scheduled = false;
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    // A microtask follows all changes of one task, and still comes before any click.
    queueMicrotask(() => {
      scheduled = false;
      guarded("decorate_failed", decorate);
    });
  };
  const watch = () => {
    new MutationObserver(schedule).observe(document.documentElement, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ["href", ATTRIBUTE, "data-honeyguide-payment-link"],
    });
    schedule();
  };

  // ---- the click -------------------------------------------------------------------------

  const codeInAddress = (query) => {
    const aliases = (options.aliases || "").split(",").map((name) => name.trim());
    for (const name of [...PARAMETERS, ...aliases]) {
      const code = name && query.get(name);
      if (code) return code.slice(0, 100);
    }
    return null;
  };
  const findClick = async () => {
    const query = new URLSearchParams(location.search);
    const given = query.get(COOKIE);
    if (given) {
      // /r/{code} has recorded this click already; a code beside it means the same click.
      if (TOKEN.test(given)) return keep(given);
      warn("token_malformed");
    }
    const stored = readCookie(COOKIE);
    if (stored && TOKEN.test(stored)) token = stored;
    const code = codeInAddress(query);
    if (!code) return;
    const { json } = await post("/t/click", { program, code, url: location.href.split("#")[0], referrer: document.referrer });
    // A site's own ?ref= names no affiliate: the server says so, and nothing is kept.
    if (!json.token) return warn("click_" + (json.reason || "refused"));
    if (!TOKEN.test(json.token)) return warn("token_malformed");
    if (allowed()) keep(json.token, json.days);
  };

  const settle = () => {
    if (ready) return;
    ready = true;
    schedule();
    for (const callback of waiting.splice(0)) guarded("callback_failed", callback);
  };
  const start = () => {
    if (started) return;
    started = true;
    // A second timer: a checkout continues even if the request hangs.
    setTimeout(settle, TIMEOUT);
    const found = findClick();
    schedule(); // a known token need not wait for the network
    found.catch((error) => warn("click_failed", error)).then(settle);
  };

  // ---- what the page may call ------------------------------------------------------------

  const api = {
    /** Calls back once, when the click is known or when there is none to wait for. */
    ready(callback) {
      if (typeof callback !== "function") return;
      // Without an answer about consent there is no click to wait for.
      if (ready || consent === "waiting") queueMicrotask(() => guarded("callback_failed", callback));
      else waiting.push(callback);
    },
    /** Metadata for a Checkout Session that the merchant's server creates. */
    checkoutMetadata: () => (token ? { honeyguide_click: token } : {}),
    /** The click's token, or null. */
    clickId: () => token,
    /** Reports a sign-up; resolves to {ok}, never rejects. */
    lead(details) {
      const email = details && typeof details.email === "string" ? details.email.trim() : "";
      return new Promise((resolve) => api.ready(resolve))
        .then(() => email && token && allowed() && post("/t/lead", { program, token, email }))
        .then((answer) => ({ ok: Boolean(answer && answer.ok) }))
        .catch((error) => (warn("lead_failed", error), { ok: false }));
    },
    /** The visitor's answer: "granted" or "denied". */
    consent(answer) {
      if (answer !== "granted" && answer !== "denied") return warn("consent_unknown");
      if (answer === consent) return;
      consent = answer;
      if (answer === "granted") {
        started = ready = false;
        return guarded("start_failed", start);
      }
      guarded("forget_failed", forget);
      settle();
      schedule();
    },
    /** What the script knows, for setting it up. */
    debug: () => ({
      version: VERSION,
      program,
      token,
      cookieDomain: domain,
      consent,
      ready,
      links: decorated(LINKS, linkValue),
      elements: decorated(ELEMENTS, elementValue),
      warnings: [...warnings],
    }),
  };
  window.Honeyguide = api;

  guarded("start_failed", () => {
    base = new URL(script.src).origin;
    if (!program) warn("program_missing");
    // The cookie is there only because its visitor agreed to it before.
    if (consent === "waiting" && TOKEN.test(readCookie(COOKIE) || "")) consent = "granted";
    watch();
    if (allowed()) start();
  });
  // Calls made before the script was there: Honeyguide.q = [["ready", callback], …].
  for (const [name, ...values] of (stub && stub.q) || []) guarded("queue_failed", () => api[name](...values));
})();

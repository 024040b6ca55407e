// Honeyguide's tracking script, loaded by the merchant's page from our origin:
//   <script src="…/hg.js" data-program="prg_…" defer></script>
// It keeps a click's token in a cookie of the site and hands it to Stripe's checkout. It sends
// clicks, leads, and at the start of a visit that it is there; it never throws, and never keeps a
// page or a checkout waiting.
(() => {
  "use strict";

  const VERSION = 1;
  const COOKIE = "hg_click";
  const TOKEN = /^hgc_[A-Za-z0-9_]{10,60}$/;
  // Beside the token: proves that this browser made the click. It is sent only to our server.
  const VERIFIER_COOKIE = "hg_verifier";
  const VERIFIER = /^[0-9a-f]{32}$/;
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
  let verifier = null;
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
  const keep = (value, proof, days) => {
    token = value;
    verifier = VERIFIER.test(proof || "") ? proof : null;
    const limit = Number(options.cookieDays) || Number(days) || 30;
    const seconds = Math.round(Math.min(Math.max(limit, 1), 365) * 86400);
    writeCookie(COOKIE, value, seconds, cookieDomain());
    writeCookie(VERIFIER_COOKIE, verifier || "", verifier ? seconds : 0, cookieDomain());
    if (readCookie(COOKIE) !== value) warn("cookie_refused");
  };
  const forget = () => {
    token = verifier = null;
    for (const candidate of ["", ...domains()]) {
      for (const name of [COOKIE, VERIFIER_COOKIE]) writeCookie(name, "", 0, candidate);
    }
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
  // /r/{code} has recorded the click of a token in the address.
  const takeGiven = async (given, proof) => {
    if (given === token) return;
    const asked = post("/t/check", { program, token: given, verifier: proof });
    if (!token) {
      // An unknown token earns nothing and is replaced by the next click: no need to wait.
      keep(given, proof);
      asked.then(({ json }) => json.ok && token === given && keep(given, proof, json.days)).catch(() => {});
      return;
    }
    // Anyone can write a token into an address; only a click that was just made replaces another.
    const { json } = await asked;
    if (!json.ok) return warn("token_refused");
    if (allowed()) keep(given, proof, json.days);
  };
  const findClick = async () => {
    const query = new URLSearchParams(location.search);
    const stored = readCookie(COOKIE);
    if (stored && TOKEN.test(stored)) {
      token = stored;
      verifier = readCookie(VERIFIER_COOKIE);
    }
    const given = query.get(COOKIE);
    // A code beside a token means the same click.
    if (given && TOKEN.test(given)) return takeGiven(given, query.get(VERIFIER_COOKIE) || "");
    if (given) warn("token_malformed");
    const code = codeInAddress(query);
    if (!code) return;
    const { json } = await post("/t/click", { program, code, url: location.href.split("#")[0], referrer: document.referrer });
    // A site's own ?ref= names no affiliate: the server says so, and nothing is kept.
    if (!json.token) return warn("click_" + (json.reason || "refused"));
    if (!TOKEN.test(json.token)) return warn("token_malformed");
    if (allowed()) keep(json.token, json.verifier, json.days);
  };

  // In a frame on another site this is not a visit: the page may be invisible.
  const isFramed = () => {
    try {
      return window.top.location.origin !== location.origin;
    } catch {
      return true;
    }
  };
  // Says once a visit that the script is there, for Settings > Tracking.
  const sayHello = () => {
    if (document.referrer && new URL(document.referrer).host === location.host) return;
    post("/t/seen", { program }).catch(() => {});
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
    /**
     * Reports a sign-up; resolves to {ok}, never rejects. `signature`, made by the merchant's server
     * with the lead secret over token, dot and address, proves it.
     */
    lead(details) {
      const { email: given, signature } = details || {};
      const email = typeof given === "string" ? given.trim() : "";
      return new Promise((resolve) => api.ready(resolve))
        .then(() => email && token && allowed() && post("/t/lead", { program, token, verifier: verifier || "", email, signature }))
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
    if (isFramed()) {
      warn("framed");
      return settle();
    }
    sayHello();
    // The cookie is there only because its visitor agreed to it before.
    if (consent === "waiting" && TOKEN.test(readCookie(COOKIE) || "")) consent = "granted";
    watch();
    if (allowed()) start();
  });
  // Calls made before the script was there: Honeyguide.q = [["ready", callback], …].
  for (const [name, ...values] of (stub && stub.q) || []) guarded("queue_failed", () => api[name](...values));
})();

// A page that names a stream of changes asks for itself again when one arrives, and shows what
// is new. Only while it is looked at: browsers open few connections to one site.

const AT_MOST_EVERY = 2000;
const place = document.querySelector("[data-live]");
let stream = null;
let waiting = false;
let last = 0;

// What a visitor reads or types is not taken away.
const isBusy = () =>
  document.querySelector("#content details[open], #content [popover]:popover-open, #content :is(input, select, textarea):focus");

const show = (fresh) => {
  const [now, then] = [fresh.querySelector("#content > .page"), document.querySelector("#content > .page")];
  if (!now || !then || isBusy()) return false;
  const known = new Set([...then.querySelectorAll(".feed > li")].map((item) => item.textContent));
  for (const item of now.querySelectorAll(".feed > li")) {
    if (!known.has(item.textContent)) item.dataset.new = "";
  }
  const focused = document.activeElement?.id;
  then.replaceChildren(...now.childNodes);
  if (focused) document.getElementById(focused)?.focus();
  return true;
};

const refresh = async () => {
  if (waiting) return;
  waiting = true;
  await new Promise((done) => setTimeout(done, Math.max(0, last + AT_MOST_EVERY - Date.now())));
  waiting = false;
  last = Date.now();
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return close();
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // Offline: the stream opens again by itself.
  }
};

const close = () => {
  stream?.close();
  stream = null;
  delete document.documentElement.dataset.liveNow;
};

const open = () => {
  if (stream) return;
  stream = new EventSource(place.dataset.live);
  stream.addEventListener("open", () => (document.documentElement.dataset.liveNow = ""));
  stream.addEventListener("changed", refresh);
  stream.addEventListener("error", () => delete document.documentElement.dataset.liveNow);
};

if (place) {
  if (!document.hidden) open();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return close();
    open();
    refresh();
  });
}

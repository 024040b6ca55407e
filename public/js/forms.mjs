// Forms: a button that was pressed shows that it works and cannot be pressed twice;
// filters are sent when they change.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  const button = event.submitter ?? form.querySelector("button:not([type=button])");
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  button?.setAttribute("aria-busy", "true");
});

// A page that comes back from the history is ready again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && "submitOnChange" in form.dataset) form.requestSubmit();
});

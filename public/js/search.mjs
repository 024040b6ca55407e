// "/" and Ctrl K (or ⌘K) lead to the search box, or to the search page where the box is hidden.

const typing = (target) => target.matches("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
  const key = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
  if (!key && !(slash && !typing(event.target))) return;
  const boxes = [...document.querySelectorAll("[data-search]")];
  const box = boxes.findLast((box) => box.checkVisibility());
  const page = document.querySelector("[data-search-page]");
  if (!box && !page) return;
  event.preventDefault();
  if (!box) return page.click();
  box.focus();
  box.select();
});

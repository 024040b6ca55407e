// Menus are <details data-menu>: Escape and a click elsewhere close them, and one that
// opens closes the others.

const open = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches("details[data-menu][open]")) return;
    for (const menu of open()) if (menu !== event.target) menu.open = false;
  },
  true,
);

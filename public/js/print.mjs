// Print buttons: <button data-print>. The browser's own menu does the same.

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});

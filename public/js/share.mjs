// Share buttons: <button data-share="the link" hidden>, shown where the browser can share.

for (const button of navigator.share ? document.querySelectorAll("[data-share]") : []) {
  button.hidden = false;
  button.addEventListener("click", () => {
    // Whoever closes the list of apps has changed their mind: that is no error.
    navigator.share({ url: button.dataset.share }).catch(() => {});
  });
}

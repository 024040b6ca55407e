// Copy buttons: <button data-copy="id of a field, of some code, or of a shortened text">.
// A shortened text has the whole in data-value.
// The word on the button changes for a moment, and a live region says it.

const SHOWN_FOR = 2000;

const region = document.createElement("p");
region.className = "sr-only";
region.setAttribute("role", "status");
document.body.append(region);

async function copy(source) {
  const text = source.dataset.value ?? ("value" in source ? source.value : source.textContent);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No permission, or no secure origin: select it, so that one key is enough.
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
    return false;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const source = button && document.getElementById(button.dataset.copy);
  if (!source) return;
  const word = [...button.childNodes].findLast((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const done = await copy(source);
  region.textContent = done ? "Copied" : "Selected; copy it with your keyboard";
  if (!word || button.dataset.word) return;
  button.dataset.word = word.data;
  word.data = done ? "Copied" : "Selected";
  setTimeout(() => {
    word.data = button.dataset.word;
    delete button.dataset.word;
    region.textContent = "";
  }, SHOWN_FOR);
});

// Progressive enhancement only: every page works without this file.
const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];

// After a refused form, the summary of what to check is read first.
one("[data-focus]")?.focus();

// A form is sent once, however often its button is pressed; coming back with the back button frees it again.
addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => all("[data-sent]").forEach((form) => delete form.dataset.sent));

// One menu is open at a time; Escape and a press elsewhere close it.
const drops = () => all("details:is(.drop, .burger)[open]");
addEventListener("click", (event) => drops().forEach((drop) => drop.contains(event.target) || (drop.open = false)));
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  drops().forEach((drop) => { drop.open = false; one("summary", drop).focus(); });
});

// Keys of the desk: j and k move through the queue, / goes to the search, ? shows all keys.
const typing = (element) => element.matches("input, textarea, select, [contenteditable]");
const move = (step) => {
  const links = all("[data-queue] a[href]");
  if (!links.length) return;
  const here = links.indexOf(document.activeElement);
  const from = here >= 0 ? here : links.findIndex((link) => link.hasAttribute("aria-current"));
  links[Math.min(links.length - 1, Math.max(0, from + step))].focus();
};
const keys = {
  j: () => move(1),
  k: () => move(-1),
  "/": () => all("[data-seek]").find((box) => box.offsetParent)?.focus(),
  "?": () => one("dialog.keys")?.showModal(),
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const action = event.target.closest("[data-desk]") || one("[data-desk]") || event.key === "/" ? keys[event.key] : undefined;
  if (action) { event.preventDefault(); action(); }
});

// The keyboard: Ctrl K finds, j and k walk through lists, Escape goes back, ? lists the keys.

const KEYS = [
  ["Ctrl K", "find anything"],
  ["j k", "next and previous row"],
  ["Enter", "open the row"],
  ["Esc", "back, or close what is open"],
  ["/", "to the search field of the page"],
  ["?", "these keys"],
];

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

customElements.define("command-palette", class extends HTMLElement {
  connectedCallback() {
    this.input = element("input", {
      type: "text", role: "combobox", placeholder: "Find a page, project, run or release",
      "aria-label": "Find", "aria-controls": "palette-list", "aria-expanded": "true",
      "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false",
    });
    this.list = element("div", { role: "listbox", id: "palette-list", "aria-label": "Found" });
    this.none = element("p", { class: "none", role: "status", hidden: "" });
    this.dialog = element("dialog", { class: "palette", "aria-label": "Find" }, this.input, this.list, this.none);
    this.replaceChildren(this.dialog);
    this.at = 0;
    this.asked = 0;
    this.input.addEventListener("input", () => this.find());
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
      const option = event.target.closest("[role=option]");
      if (option) location.href = option.dataset.href;
    });
  }

  open() {
    if (this.dialog.open) return;
    this.input.value = "";
    this.dialog.showModal();
    this.find();
  }

  async find() {
    const asked = ++this.asked;
    let entries = [];
    let trouble = "";
    try {
      const answer = await fetch(`/palette?q=${encodeURIComponent(this.input.value)}`);
      if (answer.ok) entries = (await answer.json()).entries;
      else trouble = "The search did not answer; try again.";
    } catch {
      trouble = "The server cannot be reached.";
    }
    if (asked !== this.asked) return; // a newer question is under way
    this.list.replaceChildren(...entries.map((entry, index) =>
      element("div", { role: "option", id: `palette-${index}`, "data-href": entry.href, "aria-selected": "false" },
        element("span", { class: "kind" }, entry.kind),
        element("span", {}, entry.label),
        element("span", { class: "more" }, entry.detail))));
    this.none.hidden = entries.length > 0;
    this.none.textContent = trouble || "Nothing of that name.";
    this.select(0);
  }

  select(index) {
    const options = [...this.list.children];
    if (options.length === 0) return this.input.removeAttribute("aria-activedescendant");
    this.at = (index + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === this.at)));
    options[this.at].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", options[this.at].id);
  }

  key(event) {
    if (event.key === "ArrowDown") this.select(this.at + 1);
    else if (event.key === "ArrowUp") this.select(this.at - 1);
    else if (event.key === "Enter") this.list.children[this.at]?.click();
    else return;
    event.preventDefault();
  }
});

customElements.define("key-guide", class extends HTMLElement {
  connectedCallback() {
    const list = element("dl", { class: "keys" });
    for (const [key, meaning] of KEYS) {
      list.append(element("dt", {}, element("kbd", {}, key)), element("dd", {}, meaning));
    }
    this.dialog = element("dialog", { "aria-label": "Keys" }, element("h2", {}, "Keys"), list);
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.replaceChildren(this.dialog);
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
  }
});

function rows() {
  return [...document.querySelectorAll("[data-list] tr, [data-list] > li")]
    .filter((row) => row.querySelector("a[href]"));
}

function walk(step) {
  const all = rows();
  if (all.length === 0) return;
  const current = all.findIndex((row) => row.contains(document.activeElement));
  const next = current < 0 ? (step > 0 ? 0 : all.length - 1) : current + step;
  const row = all[Math.min(Math.max(next, 0), all.length - 1)];
  row.querySelector("a[href]").focus();
  row.scrollIntoView({ block: "nearest" });
}

function back() {
  const crumbs = document.querySelectorAll(".crumbs a");
  const up = crumbs[crumbs.length - 1];
  if (up) location.href = up.href;
}

document.addEventListener("focusin", (event) => {
  document.querySelectorAll("[data-at]").forEach((row) => row.removeAttribute("data-at"));
  event.target.closest("[data-list] tr, [data-list] > li")?.setAttribute("data-at", "");
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-open-palette]")) document.querySelector("command-palette")?.open();
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    const palette = document.querySelector("command-palette");
    if (!palette) return;
    event.preventDefault();
    palette.open();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (typing) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (event.key === "?") document.querySelector("key-guide")?.open();
  else if (event.key === "Escape" && !document.querySelector(".side[data-open]")) back();
  else if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
  }
});

// Small parts: copy buttons, dialogs that confirm, the folded sidebar, forms, what scrolls sideways.

customElements.define("copy-button", class extends HTMLElement {
  connectedCallback() {
    this.onclick = async () => {
      const button = this.querySelector("button");
      const label = button.getAttribute("aria-label");
      const say = (words) => { button.title = words; button.setAttribute("aria-label", words); };
      try {
        await navigator.clipboard.writeText(this.getAttribute("value"));
        say("Copied");
        button.querySelector("use")?.setAttribute("href", "#i-ok");
      } catch {
        say("The browser did not allow it: select the text and copy it");
      }
      setTimeout(() => { say(label); button.querySelector("use")?.setAttribute("href", "#i-copy"); }, 1800);
    };
  }
});

customElements.define("confirm-dialog", class extends HTMLElement {
  connectedCallback() {
    this.onclick = (event) => {
      const dialog = this.querySelector("dialog");
      if (event.target.closest("[data-ask]")) dialog.showModal();
      else if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    };
  }
});

customElements.define("side-bar", class extends HTMLElement {
  connectedCallback() {
    this.listen = (event) => {
      const button = document.querySelector(".top .menu");
      const side = this.querySelector(".side");
      const open = side.hasAttribute("data-open");
      const wanted = event.type === "keydown"
        ? open && event.key !== "Escape"
        : event.target.closest(".menu") ? !open : open && side.contains(event.target);
      if (wanted === open) return;
      side.toggleAttribute("data-open", wanted);
      button.setAttribute("aria-expanded", String(wanted));
      (wanted ? side.querySelector("a") : button).focus();
    };
    document.addEventListener("click", this.listen);
    document.addEventListener("keydown", this.listen);
  }

  disconnectedCallback() {
    document.removeEventListener("click", this.listen);
    document.removeEventListener("keydown", this.listen);
  }
});

// What scrolls sideways can be scrolled by keyboard, as long as it does.
function reachScrollers() {
  document.querySelectorAll(".scroll").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
}
reachScrollers();
addEventListener("resize", reachScrollers);
document.addEventListener("fairway:swapped", reachScrollers);

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

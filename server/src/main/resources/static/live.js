// Live parts: <live-part src="/runs/1/jobs" events="run:1 environments"> asks for its content again
// when one of its topics changes. One stream of events serves the whole page, and only while somebody
// looks at it: a browser grants an origin few connections, and a hidden tab should not hold one.

import { morph } from "./morph.js";

const RETRY_MILLIS = 2000;
const parts = new Set();
let source = null;
let connectedTo = "";
let lost = false;
let seenUpTo = Number(document.querySelector('meta[name="rendered-at"]')?.content ?? Date.now());
let planned = 0;
let retry = 0;
let failures = 0;

function light(isLost) {
  lost = isLost;
  const lamp = document.querySelector("live-light");
  if (!lamp) return;
  lamp.hidden = !isLost;
  lamp.textContent = isLost ? "Not live, reconnecting" : "";
}

function close() {
  source?.close();
  source = null;
  connectedTo = "";
}

function connect() {
  planned = 0;
  const topics = [...new Set([...parts].flatMap((part) => part.topics))].sort().join(",");
  if (topics === connectedTo && source) return;
  close();
  if (!topics || document.hidden) return;
  connectedTo = topics;
  source = new EventSource(`/live?since=${seenUpTo}&topics=${encodeURIComponent(topics)}`);
  source.addEventListener("live", (event) => {
    seenUpTo = Number(event.data); // the server's clock: whatever is later, the next stream tells
    failures = 0;
    if (lost) parts.forEach((part) => part.reload());
    light(false);
  });
  source.addEventListener("changed", (event) => {
    parts.forEach((part) => { if (part.topics.includes(event.data)) part.reload(); });
    document.dispatchEvent(new CustomEvent("fairway:changed", { detail: event.data }));
  });
  source.addEventListener("error", () => {
    close();
    failures++; // a stream ends now and then, so the first failure in a row is nothing to speak of
    if (failures > 1) light(true);
    clearTimeout(retry);
    retry = setTimeout(connect, failures > 1 ? RETRY_MILLIS : 0);
  });
}

function plan() {
  if (!planned) planned = setTimeout(connect, 0);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    if (source) lost = true; // what happens meanwhile is made up for on return
    close();
  } else {
    plan();
  }
});
addEventListener("pagehide", close);

class LivePart extends HTMLElement {
  topics = [];
  loading = false;
  again = false;
  owed = null; // what came while somebody was typing here

  connectedCallback() {
    this.topics = (this.getAttribute("events") ?? "").split(/\s+/).filter(Boolean);
    parts.add(this);
    const seconds = Number(this.getAttribute("every")); // for what no event tells of
    if (seconds) this.clock = setInterval(() => { if (!document.hidden) this.reload(); }, seconds * 1000);
    this.addEventListener("close", this.settle, true); // of a dialog, which does not bubble
    this.addEventListener("focusout", this.settle);
    plan();
  }

  disconnectedCallback() {
    clearInterval(this.clock);
    parts.delete(this);
    plan();
  }

  async reload() {
    if (this.loading) {
      this.again = true;
      return;
    }
    this.loading = true;
    try {
      do {
        this.again = false;
        await this.load();
      } while (this.again && this.isConnected);
    } finally {
      this.loading = false;
    }
  }

  async load() {
    let answer;
    try {
      answer = await fetch(this.getAttribute("src"), {
        headers: { "HX-Request": "true", Accept: "text/html" },
        redirect: "manual",
      });
    } catch {
      light(true);
      return;
    }
    const elsewhere = answer.headers.get("HX-Redirect");
    if (answer.type === "opaqueredirect" || answer.status === 401 || elsewhere) {
      location.reload();
      return;
    }
    if (!answer.ok) return; // what is shown stays; the next change tries again
    this.owed = await answer.text();
    this.show();
  }

  // Shows what came, as soon as it takes nothing from under somebody's hands.
  show() {
    if (this.owed === null || this.busy()) return;
    const html = this.owed;
    this.owed = null;
    if (html === this.last) return;
    this.last = html;
    morph(this, document.createRange().createContextualFragment(html));
    window.htmx?.process(this);
    document.dispatchEvent(new CustomEvent("fairway:swapped"));
  }

  settle = () => setTimeout(() => this.show());

  busy() {
    const at = document.activeElement;
    const typing = this.contains(at) && at.matches("input, select, textarea");
    return typing || this.querySelector("dialog[open]") !== null;
  }
}

customElements.define("live-part", LivePart);
customElements.define("live-light", class extends HTMLElement {
  connectedCallback() { this.setAttribute("role", "status"); }
});

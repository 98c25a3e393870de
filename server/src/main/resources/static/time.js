// Times: relative on the page, exact in the viewer's zone on hover, kept fresh by one timer.

const MINUTE = 60, HOUR = 3600, DAY = 86400;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const shown = new Set();

function ago(at) {
  const seconds = (at - Date.now()) / 1000;
  const size = Math.abs(seconds);
  if (size < 5) return "now";
  if (size < MINUTE) return relative.format(Math.round(seconds), "second");
  if (size < HOUR) return relative.format(Math.round(seconds / MINUTE), "minute");
  if (size < DAY) return relative.format(Math.round(seconds / HOUR), "hour");
  if (size < 30 * DAY) return relative.format(Math.round(seconds / DAY), "day");
  return day.format(at);
}

export function length(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < MINUTE) return `${s} s`;
  if (s < HOUR) return `${Math.floor(s / MINUTE)} min ${s % MINUTE} s`;
  if (s < DAY) return `${Math.floor(s / HOUR)} h ${Math.floor((s % HOUR) / MINUTE)} min`;
  return `${Math.floor(s / DAY)} d ${Math.floor((s % DAY) / HOUR)} h`;
}

class Time extends HTMLElement {
  connectedCallback() {
    const at = Date.parse(this.getAttribute("datetime"));
    if (Number.isNaN(at)) return;
    this.at = at;
    this.time = document.createElement("time");
    this.time.dateTime = this.getAttribute("datetime");
    this.time.title = exact.format(at);
    this.replaceChildren(this.time);
    this.update();
    shown.add(this);
  }

  disconnectedCallback() {
    shown.delete(this);
  }

  update() {
    const text = this.words();
    if (this.time.textContent !== text) this.time.textContent = text;
  }
}

customElements.define("relative-time", class extends Time {
  words() { return ago(this.at); }
});

customElements.define("elapsed-time", class extends Time {
  words() { return length((Date.now() - this.at) / 1000); }
});

setInterval(() => {
  if (!document.hidden) shown.forEach((time) => time.update());
}, 1000);

// The log of a job. Only the lines in view are in the document, and only those near it in memory, so a
// log of a million lines scrolls like one of a hundred.

import { LogGroups } from "./log-groups.js";
import { lastOverwrite, terminalText } from "./log-text.js";

const ROW = 20;
const CHUNK = 500;
const KEPT_CHUNKS = 60;
const MAX_PIXELS = 8_000_000; // beyond that, browsers lose count: then a pixel stands for many lines
const MAX_GROUP_MARKS = 40_000;
const MAX_GROUPED_LINES = 2_000_000; // nobody folds a log like that, and to look for groups costs two readings of it
const STAMP = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ?/;
const MARK = /^##\[(group|endgroup|error|warning|notice|debug|command)\]/;
const TIMES = "fairway.log.times";
const LEAST_ROWS = 6;
const AWAY = "the server does not answer";
const PAUSE_MILLIS = 500;

const count = (number) => number.toLocaleString("en");

class LogView extends HTMLElement {
  connectedCallback() {
    this.src = this.getAttribute("src");
    this.window = this.querySelector(".log-window");
    this.rows = this.querySelector(".log-rows");
    this.length = this.querySelector(".log-length");
    this.chunks = new Map();
    this.asked = new Set();
    this.total = 0;
    this.ended = this.dataset.ended === "yes";
    this.groups = new LogGroups((this.getAttribute("steps") ?? "").split(",").map(Number).filter(Boolean));
    this.found = [];
    this.foundAt = -1;
    this.target = null; // {from, to}
    this.place = null; // the topmost place, where a pixel stands for too many lines to say it
    this.following = false;
    this.times = localStorage.getItem(TIMES) === "yes";
    this.window.addEventListener("scroll", () => { this.noticeScroll(); this.plan(); }, { passive: true });
    this.window.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.window.addEventListener("keydown", (event) => this.key(event));
    this.resized = new ResizeObserver(() => this.plan());
    this.resized.observe(this.window);
    this.rows.addEventListener("click", (event) => this.click(event));
    this.querySelector("[data-follow]").onclick = () => this.follow(!this.following);
    this.querySelector("[data-first-error]").onclick = () => this.firstError();
    const times = this.querySelector("[data-times]");
    times.onclick = () => this.showTimes(!this.times);
    this.showTimes(this.times);
    this.querySelector("[data-fold]").onclick = (event) => this.foldAll(event.currentTarget);
    const form = this.querySelector("[data-search]");
    form.onsubmit = (event) => { event.preventDefault(); this.step(1); };
    form.q.onkeydown = (event) => {
      if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); this.step(-1); }
    };
    form.q.oninput = () => { clearTimeout(this.typing); this.typing = setTimeout(() => this.searchTyped(), 250); };
    this.querySelector("[data-next]").onclick = () => this.step(1);
    this.querySelector("[data-previous]").onclick = () => this.step(-1);
    this.onHash = () => this.goToHash();
    addEventListener("hashchange", this.onHash);
    this.start();
  }

  disconnectedCallback() {
    removeEventListener("hashchange", this.onHash);
    this.resized.disconnect();
    this.stream?.close();
    clearTimeout(this.retry);
  }

  async ask(path) {
    const call = () => fetch(this.src + path, { headers: { Accept: "application/json" } });
    // A laptop that changes its network breaks off what is under way, and the next call is well.
    const answer = await call().catch(() => new Promise((done) => setTimeout(done, PAUSE_MILLIS)).then(call));
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  }

  async start() {
    try {
      const first = await this.ask(`?from=1&count=${CHUNK}`);
      this.take(first);
    } catch {
      this.say("The log cannot be read now; load the page again.");
      return;
    }
    if (!this.goToHash()) {
      const at = Number(this.getAttribute("at")) || 1;
      if (!this.ended) this.follow(true);
      else if (at > 1) this.goTo(at, false);
    }
    // Looking for groups goes through the whole log; nobody should wait for that to read a line.
    const known = this.total;
    const groups = known > MAX_GROUPED_LINES ? Promise.resolve() : this.findGroups(known);
    groups.catch(() => {}).finally(() => { if (!this.ended) this.listen(known); });
    this.plan();
  }

  // Lines come in

  take(view) {
    view.lines.forEach((line, i) => this.keep(view.first + i, line));
    const grown = Math.max(this.total, view.total);
    if (grown !== this.total || view.ended !== this.ended) {
      this.total = grown;
      this.ended = view.ended;
      this.measure();
    }
    this.plan();
  }

  keep(number, line) {
    const at = Math.floor((number - 1) / CHUNK);
    let chunk = this.chunks.get(at);
    if (!chunk) {
      chunk = [];
      this.chunks.set(at, chunk);
      if (this.chunks.size > KEPT_CHUNKS) {
        const oldest = this.chunks.keys().next().value;
        this.chunks.delete(oldest);
        this.asked.delete(oldest);
      }
    }
    chunk[(number - 1) % CHUNK] = line;
  }

  line(number) {
    const at = Math.floor((number - 1) / CHUNK);
    const text = this.chunks.get(at)?.[(number - 1) % CHUNK];
    if (text === undefined) this.fetchChunk(at);
    return text;
  }

  async fetchChunk(at) {
    if (this.asked.has(at)) return;
    this.asked.add(at);
    try {
      this.take(await this.ask(`?from=${at * CHUNK + 1}&count=${CHUNK}`));
    } catch {
      setTimeout(() => { this.asked.delete(at); this.plan(); }, 2000);
      return;
    }
    this.asked.delete(at);
  }

  listen(known) {
    if (this.ended || !this.isConnected) return;
    this.heard = known;
    this.stream = new EventSource(`${this.src}/events?from=${known + 1}`);
    this.stream.addEventListener("lines", (event) => {
      const view = JSON.parse(event.data);
      view.lines.forEach((line, i) => this.noticeGroup(view.first + i, line));
      this.heard = view.first + view.lines.length - 1;
      this.take(view);
      if (this.stale) this.buildGroups();
      if (this.following) this.toEnd();
    });
    this.stream.addEventListener("end", () => {
      this.ended = true;
      this.stream.close();
      this.buildGroups();
    });
    this.stream.addEventListener("error", () => {
      this.stream.close();
      this.retry = setTimeout(() => this.listen(this.heard), 2000);
    });
  }

  // Groups

  async findGroups(known) {
    for (const mark of ["group", "endgroup"]) {
      for (let from = 1; from > 0 && this.groups.marks.size < MAX_GROUP_MARKS;) {
        const { lines, next } = await this.ask(`/search?q=${encodeURIComponent(`##[${mark}]`)}&from=${from}`);
        for (const line of lines) if (line <= known) this.groups.note(line, mark);
        from = next > known ? 0 : next;
      }
    }
    this.buildGroups();
  }

  noticeGroup(number, line) {
    const mark = line.replace(STAMP, "").match(MARK)?.[1];
    if ((mark === "group" || mark === "endgroup") && this.groups.marks.size < MAX_GROUP_MARKS) {
      this.groups.note(number, mark);
      this.stale = true;
    }
  }

  buildGroups() {
    this.stale = false;
    this.groups.build(this.total, this.ended);
    this.querySelector("[data-fold]").hidden = !this.groups.all.length;
    this.measure();
  }

  foldAll(button) {
    const fold = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(fold));
    this.groups.foldAll(fold);
    this.place = null;
    this.measure();
  }

  visible() { return this.total - (this.groups.hidden ?? 0); }

  // Drawing

  measure() {
    const pixels = Math.min(this.visible() * ROW, MAX_PIXELS);
    this.length.style.height = `${Math.max(pixels, 1)}px`;
    // What will not grow any more takes no more room than it has lines.
    this.window.style.maxHeight = this.ended ? `${Math.max(this.visible() + 1, LEAST_ROWS) * ROW}px` : "";
    this.say(`${count(this.total)} line${this.total === 1 ? "" : "s"}${this.absent()}`);
    this.plan();
  }

  // A link may name a line that is not there, or not yet.
  absent() {
    const wanted = this.target?.from ?? 0;
    if (wanted <= this.total) return "";
    return this.ended ? `, no line ${count(wanted)}` : `, line ${count(wanted)} has not come yet`;
  }

  say(words) {
    const count = this.querySelector("[data-count]");
    if (count.textContent !== words) count.textContent = words;
  }

  plan() {
    if (!this.planned) this.planned = requestAnimationFrame(() => { this.planned = 0; this.draw(); });
  }

  // Pixels to scroll for each line; 20 until the log is too long for that.
  scale() {
    const most = this.visible() - this.window.clientHeight / ROW;
    const pixels = Math.min(this.visible() * ROW, MAX_PIXELS) - this.window.clientHeight;
    return most > 0 && pixels > 0 ? pixels / most : ROW;
  }

  draw() {
    const exact = Math.max(0, this.place ?? this.window.scrollTop / this.scale());
    const top = Math.floor(exact);
    const many = Math.ceil(this.window.clientHeight / ROW) + 1;
    const visible = this.visible();
    const focused = this.rows.contains(document.activeElement) ? document.activeElement : null;
    const fresh = document.createDocumentFragment();
    for (let place = top; place < Math.min(top + many, visible); place++) {
      fresh.append(this.row(this.groups.lineAt(place)));
    }
    if (this.total === 0) {
      const none = document.createElement("div");
      none.className = "log-line pending";
      none.append(document.createElement("a"), this.ended ? "There is no log: the job wrote nothing, or it was deleted." : "Waiting for the first line …");
      fresh.append(none);
    }
    this.rows.replaceChildren(fresh);
    if (focused?.dataset.fold) this.rows.querySelector(`[data-fold="${focused.dataset.fold}"]`)?.focus({ preventScroll: true });
    this.rows.style.transform = `translateY(${-Math.round((exact - top) * ROW)}px)`;
    this.rows.style.width = "max-content";
    this.length.style.width = `${this.rows.scrollWidth}px`;
  }

  row(number) {
    const row = document.createElement("div");
    row.className = "log-line";
    const anchor = document.createElement("a");
    anchor.href = this.linkTo(number, number);
    anchor.dataset.line = number;
    anchor.textContent = number;
    anchor.tabIndex = -1;
    row.append(anchor);
    if (this.target && number >= this.target.from && number <= this.target.to) row.classList.add("at");
    const text = this.line(number);
    if (text === undefined) {
      row.classList.add("pending");
      row.append("…");
      return row;
    }
    const stamp = text.match(STAMP);
    let rest = lastOverwrite(stamp ? text.slice(stamp[0].length) : text);
    if (stamp && this.times) {
      const time = document.createElement("time");
      time.textContent = stamp[1];
      row.append(time);
    } else if (stamp) {
      row.title = stamp[1];
    }
    const mark = rest.match(MARK);
    if (mark) rest = rest.slice(mark[0].length);
    const kind = mark?.[1];
    if (kind) row.classList.add(kind === "endgroup" ? "pending" : kind);
    const group = this.groups.of(number);
    const begins = group?.from === number;
    const depth = group ? group.depth + (begins ? 0 : 1) : 0;
    if (depth) row.classList.add(`deep-${Math.min(depth, 4)}`);
    if (begins) {
      const folded = this.groups.folded.has(number);
      const fold = document.createElement("button");
      fold.type = "button";
      fold.dataset.fold = number;
      fold.textContent = folded ? "▸" : "▾";
      fold.setAttribute("aria-expanded", String(!folded));
      fold.setAttribute("aria-label", `Group ${rest}`);
      row.append(fold);
    }
    if (this.foundSet?.has(number)) row.classList.add("found");
    row.append(terminalText(kind === "error" ? `Error: ${rest}` : rest, this.foundSet?.has(number) ? this.query : ""));
    return row;
  }

  // A permanent link: it names the attempt of the job.
  linkTo(from, to) { return `${this.getAttribute("link") ?? ""}#L${from}${to > from ? `-L${to}` : ""}`; }

  click(event) {
    const fold = event.target.closest("button[data-fold]");
    const number = Number(event.target.closest("a[data-line]")?.dataset.line);
    if (fold) {
      this.groups.toggle(Number(fold.dataset.fold));
      this.measure();
    } else if (number && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const other = event.shiftKey && this.target ? this.target.from : number;
      this.target = { from: Math.min(number, other), to: Math.max(number, other) };
      history.replaceState(null, "", this.linkTo(this.target.from, this.target.to));
      this.follow(false);
      this.plan();
    }
  }

  // Moving

  goToHash() {
    const range = location.hash.match(/^#L(\d+)(?:-L(\d+))?$/);
    if (!range) return false;
    const from = Number(range[1]);
    this.goTo(from, true, Math.max(from, Number(range[2] ?? from)));
    return true;
  }

  goTo(number, mark, to = number) {
    if (this.groups.reveal(number)) this.measure();
    if (mark) this.target = { from: number, to };
    this.follow(false);
    this.toPlace(this.groups.placeOf(Math.min(number, Math.max(this.total, 1))) - 3);
    this.measure();
  }

  // Scrolls so that the place is on top.
  toPlace(place) {
    const most = Math.max(0, this.visible() - this.window.clientHeight / ROW);
    this.place = Math.min(most, Math.max(0, place));
    this.moved = true;
    this.window.scrollTop = this.place * this.scale();
    this.plan();
  }

  by(lines) { this.toPlace((this.place ?? this.window.scrollTop / this.scale()) + lines); }

  // In a log so long that a pixel stands for more than a line, wheel and keys still go by lines.
  wheel(event) {
    if (this.scale() > ROW * 0.9 || event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    event.preventDefault();
    this.follow(false);
    this.by(event.deltaMode === 1 ? event.deltaY : event.deltaY / ROW);
  }

  key(event) {
    if (this.scale() > ROW * 0.9 || event.target !== this.window || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = this.window.clientHeight / ROW - 1;
    const lines = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, " ": event.shiftKey ? -page : page }[event.key];
    if (lines === undefined) return;
    event.preventDefault();
    this.follow(false);
    this.by(lines);
  }

  showTimes(on) {
    this.times = on;
    localStorage.setItem(TIMES, on ? "yes" : "no");
    this.querySelector("[data-times]").setAttribute("aria-pressed", String(on));
    this.plan();
  }

  toEnd() {
    this.measure();
    this.place = null;
    this.moved = true;
    this.window.scrollTop = this.window.scrollHeight;
  }

  follow(on) {
    this.following = on;
    this.querySelector("[data-follow]").setAttribute("aria-pressed", String(on));
    if (on) this.toEnd();
  }

  noticeScroll() {
    if (this.moved) { this.moved = false; return; }
    this.place = null;
    const rest = this.window.scrollHeight - this.window.clientHeight - this.window.scrollTop;
    if (this.following && rest > 3 * ROW) this.follow(false);
  }

  async firstError() {
    this.searchTyped(); // it would come in between
    const asked = (this.searching = {});
    this.showSearch("looking");
    try {
      for (const text of ["##[error]", "[ERROR]", "error:"]) {
        const { lines } = await this.find(text, 1, asked, "&limit=1");
        if (this.searching !== asked) return;
        if (lines.length) {
          if (this.query) this.showFound();
          else this.showSearch("");
          this.goTo(lines[0], true);
          return;
        }
      }
      this.showSearch("no error");
    } catch {
      this.showSearch(AWAY);
    }
  }

  searchTyped() {
    if (!this.typing) return;
    clearTimeout(this.typing);
    this.typing = 0;
    this.search(this.querySelector("[data-search]").q.value);
  }

  async search(text) {
    const wanted = text.trim();
    const asked = (this.searching = {});
    this.showSearch(wanted ? "looking" : "");
    let first = { lines: [], next: 0 };
    try {
      // The first one is found long before a gigabyte is looked through.
      if (wanted) first = await this.find(wanted, 1, asked, "&limit=1");
    } catch {
      if (this.searching === asked) this.showSearch(AWAY);
      return;
    }
    if (this.searching !== asked) return; // somebody typed on
    this.query = wanted.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    this.found = [];
    this.foundSet = new Set();
    this.foundAt = -1;
    this.keepFound(first);
    this.querySelectorAll("[data-next], [data-previous]").forEach((button) => { button.hidden = !this.found.length; });
    this.plan();
    if (!wanted) return;
    if (this.found.length) await this.step(1);
    else this.showFound();
    if (this.more > 0) await this.further(asked);
  }

  keepFound({ lines, next }) {
    this.found = this.found.concat(lines);
    lines.forEach((line) => this.foundSet.add(line));
    this.more = next;
  }

  // Looks through the next part of the log.
  async further(asked) {
    try {
      const result = await this.find(this.query, this.more, asked);
      if (this.searching !== asked) return false;
      this.keepFound(result);
      this.showFound();
      this.plan();
      return true;
    } catch {
      if (this.searching === asked) this.showSearch(AWAY);
      return false;
    }
  }

  // The server looks through a part of a long log at a time.
  async find(wanted, from, asked, limit = "") {
    let result;
    do {
      result = await this.ask(`/search?q=${encodeURIComponent(wanted)}&from=${from}${limit}`);
      from = result.next;
      if (this.searching !== asked) break;
      if (from > 0 && !result.lines.length && (limit || !this.found.length)) {
        this.showSearch(`looking, ${Math.floor((100 * from) / Math.max(this.total, from))} %`);
      }
    } while (from > 0 && !result.lines.length);
    return result;
  }

  async step(by) {
    if (!this.found.length) return;
    if (by > 0 && this.foundAt === this.found.length - 1 && this.more > 0) {
      this.showSearch("looking");
      if (!(await this.further(this.searching))) return;
    }
    this.foundAt = (this.foundAt + by + this.found.length) % this.found.length;
    this.goTo(this.found[this.foundAt], true);
    this.showFound();
  }

  showFound() {
    const many = count(this.found.length) + (this.more > 0 ? "+" : "");
    this.showSearch(this.found.length ? `${this.foundAt + 1} of ${many}` : "none");
  }

  showSearch(words) { this.querySelector("[data-found]").textContent = words; }
}

customElements.define("log-view", LogView);

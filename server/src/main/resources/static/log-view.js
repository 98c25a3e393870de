// The log of a job. Only the lines in view are in the document, and only those near it in memory, so a
// log of a million lines scrolls like one of a hundred.

const ROW = 20;
const CHUNK = 500;
const KEPT_CHUNKS = 60;
const MAX_PIXELS = 8_000_000; // beyond that, browsers lose count: then a pixel stands for many lines
const MAX_SHOWN_CHARS = 4000;
const STAMP = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ?/;
const MARK = /^##\[(group|endgroup|error|warning|notice|debug|command)\]/;
const SGR = /\u001b\[([\d;]*)m/g;
const OTHER_ESCAPES = /\u001b(?:\[[\d;?]*[A-Za-ln-z]|\][^\u0007]*\u0007|[()][A-B0])/g;

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
    this.groups = []; // {from, to, folded}, in order, not nested
    this.open = null;
    this.found = [];
    this.foundAt = -1;
    this.target = 0;
    this.following = false;
    this.window.addEventListener("scroll", () => { this.noticeScroll(); this.plan(); }, { passive: true });
    this.resized = new ResizeObserver(() => this.plan());
    this.resized.observe(this.window);
    this.rows.addEventListener("click", (event) => this.click(event));
    this.querySelector("[data-follow]").onclick = () => this.follow(!this.following);
    this.querySelector("[data-first-error]").onclick = () => this.firstError();
    const form = this.querySelector("[data-search]");
    form.onsubmit = (event) => { event.preventDefault(); this.step(1); };
    form.q.oninput = () => { clearTimeout(this.typing); this.typing = setTimeout(() => this.search(form.q.value), 250); };
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
    const answer = await fetch(this.src + path, { headers: { Accept: "application/json" } });
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
    this.findGroups(known).catch(() => {}).finally(() => { if (!this.ended) this.listen(known); });
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
      if (this.following) this.toEnd();
    });
    this.stream.addEventListener("end", () => {
      this.ended = true;
      this.stream.close();
      this.measure();
    });
    this.stream.addEventListener("error", () => {
      this.stream.close();
      this.retry = setTimeout(() => this.listen(this.heard), 2000);
    });
  }

  // Groups fold. They do not nest: a new one ends the one before it, and an end without a beginning
  // ends nothing.

  async findGroups(known) {
    const [starts, ends] = await Promise.all([
      this.ask(`/search?q=${encodeURIComponent("##[group]")}`),
      this.ask(`/search?q=${encodeURIComponent("##[endgroup]")}`),
    ]);
    const marks = [...starts.lines.map((line) => [line, "group"]), ...ends.lines.map((line) => [line, "endgroup"])];
    marks.sort((a, b) => a[0] - b[0]);
    for (const [line, mark] of marks) if (line <= known) this.noticeMark(line, mark);
    if (this.ended && this.open) this.endGroup(this.total);
    this.plan();
  }

  noticeGroup(number, line) { this.noticeMark(number, line.replace(STAMP, "").match(MARK)?.[1]); }

  noticeMark(number, mark) {
    if (mark === "group") {
      if (this.open) this.endGroup(number - 1);
      this.open = number;
    } else if (mark === "endgroup" && this.open) {
      this.endGroup(number);
    }
  }

  endGroup(to) {
    if (to > this.open) this.groups.push({ from: this.open, to, folded: false });
    this.open = null;
  }

  hidden(group) { return group.folded ? group.to - group.from : 0; }

  visible() { return this.total - this.groups.reduce((sum, group) => sum + this.hidden(group), 0); }

  // The line at that place among the visible ones, from 0.
  lineAt(place) {
    let line = place + 1;
    for (const group of this.groups) {
      if (line <= group.from) break;
      line += this.hidden(group);
    }
    return line;
  }

  placeOf(line) {
    let place = line - 1;
    for (const group of this.groups) {
      if (group.from >= line) break;
      place -= Math.min(this.hidden(group), line - group.from);
    }
    return place;
  }

  groupOf(line) { return this.groups.find((group) => group.from <= line && line <= group.to); }

  // Drawing

  measure() {
    const pixels = Math.min(this.visible() * ROW, MAX_PIXELS);
    this.length.style.height = `${Math.max(pixels, 1)}px`;
    this.say(`${this.total.toLocaleString("en")} line${this.total === 1 ? "" : "s"}`);
    this.plan();
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
    const exact = this.window.scrollTop / this.scale();
    const top = Math.max(0, Math.floor(exact));
    const many = Math.ceil(this.window.clientHeight / ROW) + 1;
    const visible = this.visible();
    const fresh = document.createDocumentFragment();
    for (let place = top; place < Math.min(top + many, visible); place++) {
      fresh.append(this.row(this.lineAt(place)));
    }
    if (this.total === 0) {
      const none = document.createElement("div");
      none.className = "log-line pending";
      none.append(document.createElement("a"), this.ended ? "The job wrote nothing." : "Waiting for the first line …");
      fresh.append(none);
    }
    this.rows.replaceChildren(fresh);
    this.rows.style.transform = `translateY(${-Math.round((exact - top) * ROW)}px)`;
    this.rows.style.width = "max-content";
    this.length.style.width = `${this.rows.scrollWidth}px`;
  }

  row(number) {
    const row = document.createElement("div");
    row.className = "log-line";
    const anchor = document.createElement("a");
    anchor.href = `#L${number}`;
    anchor.textContent = number;
    anchor.tabIndex = -1;
    row.append(anchor);
    const text = this.line(number);
    if (text === undefined) {
      row.classList.add("pending");
      row.append("…");
      return row;
    }
    const stamp = text.match(STAMP);
    let rest = stamp ? text.slice(stamp[0].length) : text;
    if (stamp) row.title = stamp[1];
    const mark = rest.match(MARK);
    if (mark) rest = rest.slice(mark[0].length);
    const kind = mark?.[1];
    if (kind) row.classList.add(kind === "endgroup" ? "pending" : kind);
    const group = this.groupOf(number);
    if (group && group.from === number) {
      const fold = document.createElement("button");
      fold.type = "button";
      fold.textContent = group.folded ? "▸" : "▾";
      fold.setAttribute("aria-expanded", String(!group.folded));
      fold.setAttribute("aria-label", `Group ${rest}`);
      row.append(fold);
    } else if (group) {
      row.classList.add("inside");
    }
    if (this.foundSet?.has(number)) row.classList.add("found");
    if (number === this.target) row.classList.add("at");
    row.append(coloured(kind === "error" ? `Error: ${rest}` : rest));
    return row;
  }

  click(event) {
    const number = Number(event.target.closest(".log-line")?.querySelector("a")?.textContent);
    if (!number) return;
    if (event.target.closest("button")) {
      const group = this.groupOf(number);
      group.folded = !group.folded;
      this.measure();
    } else if (event.target.closest("a")) {
      event.preventDefault();
      history.replaceState(null, "", `#L${number}`);
      this.target = number;
      this.plan();
    }
  }

  // Moving

  goToHash() {
    const number = Number(location.hash.match(/^#L(\d+)$/)?.[1]);
    if (!number) return false;
    this.goTo(number, true);
    return true;
  }

  goTo(number, mark) {
    const group = this.groupOf(number);
    if (group?.folded && number > group.from) {
      group.folded = false;
      this.measure();
    }
    if (mark) this.target = number;
    this.follow(false);
    this.window.scrollTop = Math.max(0, this.placeOf(number) - 3) * this.scale();
    this.plan();
  }

  toEnd() {
    this.measure();
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
    const rest = this.window.scrollHeight - this.window.clientHeight - this.window.scrollTop;
    if (this.following && rest > 3 * ROW) this.follow(false);
  }

  async firstError() {
    for (const text of ["##[error]", "[ERROR]", "error:"]) {
      const { lines } = await this.ask(`/search?q=${encodeURIComponent(text)}`);
      if (lines.length) {
        this.goTo(lines[0], true);
        return;
      }
    }
    this.say("No error found");
  }

  async search(text) {
    const wanted = text.trim();
    const result = wanted ? await this.ask(`/search?q=${encodeURIComponent(wanted)}`) : { lines: [], next: 0 };
    this.found = result.lines;
    this.foundSet = new Set(result.lines);
    this.foundAt = -1;
    this.more = result.next > 0;
    this.querySelectorAll("[data-next], [data-previous]").forEach((button) => { button.hidden = !this.found.length; });
    this.showFound(wanted ? "" : null);
    if (this.found.length) this.step(1);
    this.plan();
  }

  step(by) {
    if (!this.found.length) return;
    this.foundAt = (this.foundAt + by + this.found.length) % this.found.length;
    this.goTo(this.found[this.foundAt], true);
    this.showFound("");
  }

  showFound(searching) {
    const many = this.found.length.toLocaleString("en") + (this.more ? "+" : "");
    this.querySelector("[data-found]").textContent =
      searching === null ? "" : this.found.length ? `${this.foundAt + 1} of ${many}` : "none";
  }
}

// Text with the colours that terminals know, as elements: nothing of the log is ever parsed as HTML.
function coloured(raw) {
  const out = document.createElement("span");
  const cut = raw.length > MAX_SHOWN_CHARS ? `${raw.slice(0, MAX_SHOWN_CHARS)} …` : raw;
  const text = cut.replace(OTHER_ESCAPES, "");
  let classes = [];
  let from = 0;
  const put = (words) => {
    if (!words) return;
    if (!classes.length) { out.append(words); return; }
    const part = document.createElement("span");
    part.className = classes.join(" ");
    part.textContent = words;
    out.append(part);
  };
  for (const match of text.matchAll(SGR)) {
    put(text.slice(from, match.index));
    from = match.index + match[0].length;
    for (const code of (match[1] || "0").split(";").map(Number)) {
      if (code === 0) classes = [];
      else if (code === 1) classes.push("a-bold");
      else if (code === 4) classes.push("a-under");
      else if (code === 39) classes = classes.filter((name) => !/^a-3/.test(name));
      else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) {
        classes = [...classes.filter((name) => !/^a-3/.test(name)), `a-${code >= 90 ? code - 60 : code}`];
      }
    }
  }
  put(text.slice(from));
  return out;
}

customElements.define("log-view", LogView);

// Text as terminals write it, as elements: nothing of a log is ever parsed as HTML, and the only
// attributes are classes, colours made of numbers, and addresses that begin with http.

const MAX_SHOWN_CHARS = 8000;
// A colour, a hyperlink, or any other sequence, which is left out.
const ESCAPE = /\u001b(?:\[([\d;:]*)m|\]8;[^;\u0007\u001b]*;([^\u0007\u001b]*)(?:\u0007|\u001b\\)|\[[\d;?:<=>]*[ -/]*[@-ln-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[()*+][0-9A-Z]|[=>78cDEHMNOZ])/g;
const ADDRESS = /https?:\/\/[^\s"'<>`\\^{|}\u0000-\u001f]+/g;
const GROUND = [29, 68, 86]; // the lightest that a line has here, when it is pointed at

export function terminalText(raw, query) {
  const out = document.createElement("span");
  const cut = raw.length > MAX_SHOWN_CHARS ? `${raw.slice(0, MAX_SHOWN_CHARS)} …` : raw;
  const style = new Style();
  let link = "";
  let from = 0;
  const put = (words) => {
    if (!words) return;
    const into = style.element() ?? out;
    if (into !== out) out.append(into);
    if (link) into.append(anchor(link, marked(words, query)));
    else withLinks(into, words, query);
  };
  for (const match of cut.matchAll(ESCAPE)) {
    put(cut.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[1] !== undefined) style.take(match[1]);
    else if (match[2] !== undefined) link = /^https?:\/\//.test(match[2]) ? match[2] : "";
  }
  put(cut.slice(from).replace(/\u001b/g, ""));
  return out;
}

// What is seen of a line that went back to its beginning: a progress bar shows its last state.
export function lastOverwrite(text) {
  const whole = text.replace(/\r+$/, "");
  return whole.slice(whole.lastIndexOf("\r") + 1);
}

function withLinks(into, words, query) {
  let from = 0;
  for (const match of words.matchAll(ADDRESS)) {
    // What ends a sentence or a bracket around the address is not part of it.
    let address = match[0].replace(/[.,;:!?]+$/, "");
    while (/[)\]]$/.test(address) && count(address, /[)\]]/g) > count(address, /[([]/g)) address = address.slice(0, -1);
    into.append(marked(words.slice(from, match.index), query), anchor(address, marked(address, query)));
    from = match.index + address.length;
  }
  into.append(marked(words.slice(from), query));
}

const count = (text, what) => (text.match(what) ?? []).length;

function anchor(href, content) {
  const link = document.createElement("a");
  link.href = href;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
  link.append(content);
  return link;
}

// ASCII letters match in either case, as the server searches.
function marked(words, query) {
  const out = document.createDocumentFragment();
  const lower = words.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  let from = 0;
  for (let at = query ? lower.indexOf(query) : -1; at >= 0; at = lower.indexOf(query, from)) {
    const mark = document.createElement("mark");
    mark.textContent = words.slice(at, at + query.length);
    out.append(words.slice(from, at), mark);
    from = at + query.length;
  }
  out.append(words.slice(from));
  return out;
}

// "Select graphic rendition", ECMA-48 8.3.117, with the colours of xterm.
class Style {
  reset() { this.flags = new Set(); this.ink = null; this.back = null; this.inverse = false; }

  constructor() { this.reset(); }

  take(codes) {
    const parts = codes.split(/[;:]/).map(Number);
    for (let i = 0; i < parts.length; i++) {
      const code = parts[i];
      if (code === 38 || code === 48) {
        const colour = parts[i + 1] === 5 ? indexed(parts[i + 2]) : parts[i + 1] === 2 ? parts.slice(i + 2, i + 5) : null;
        i += parts[i + 1] === 5 ? 2 : parts[i + 1] === 2 ? 4 : 0;
        if (colour !== null) this[code === 38 ? "ink" : "back"] = colour;
      } else {
        this.one(code);
      }
    }
  }

  one(code) {
    const on = { 1: "bold", 2: "dim", 3: "italic", 4: "under", 9: "strike" }[code];
    const off = { 22: ["bold", "dim"], 23: ["italic"], 24: ["under"], 29: ["strike"] }[code];
    if (code === 0) this.reset();
    else if (on) this.flags.add(on);
    else if (off) off.forEach((flag) => this.flags.delete(flag));
    else if (code === 7) this.inverse = true;
    else if (code === 27) this.inverse = false;
    else if (code >= 30 && code <= 37) this.ink = code - 30;
    else if (code >= 90 && code <= 97) this.ink = code - 82;
    else if (code === 39) this.ink = null;
    else if (code >= 40 && code <= 47) this.back = code - 40;
    else if (code >= 100 && code <= 107) this.back = code - 92;
    else if (code === 49) this.back = null;
  }

  // Null where the text is plain.
  element() {
    const [ink, back] = this.inverse ? [this.back ?? GROUND, this.ink ?? 7] : [this.ink, this.back];
    if (!this.flags.size && ink === null && back === null) return null;
    const part = document.createElement("span");
    this.flags.forEach((flag) => part.classList.add(`a-${flag}`));
    if (typeof back === "number") part.classList.add(`b-${back}`);
    else if (back) part.style.backgroundColor = css(back);
    if (typeof ink === "number" && back === null) part.classList.add(`a-${ink}`);
    else if (ink !== null || back !== null) part.style.color = css(readable(ink, back));
    return part;
  }
}

const SIXTEEN = [
  [0, 0, 0], [205, 49, 49], [13, 188, 121], [229, 229, 16], [36, 114, 200], [188, 63, 188], [17, 168, 205], [229, 229, 229],
  [102, 102, 102], [241, 76, 76], [35, 209, 139], [245, 245, 67], [59, 142, 234], [214, 112, 214], [41, 184, 219], [255, 255, 255],
];

// One of the 256: the sixteen by number, a cube of six steps, and greys.
function indexed(n) {
  if (!(n >= 0 && n <= 255)) return null;
  if (n < 16) return n;
  if (n >= 232) return Array(3).fill(8 + (n - 232) * 10);
  const step = (k) => (k === 0 ? 0 : 55 + k * 40);
  return [step(Math.floor((n - 16) / 36)), step(Math.floor((n - 16) / 6) % 6), step((n - 16) % 6)];
}

const rgb = (colour) => (typeof colour === "number" ? SIXTEEN[colour] : colour);
const css = (colour) => `rgb(${colour.map((part) => Math.round(Math.min(255, Math.max(0, part || 0)))).join(" ")})`;

// A program does not know our ground: where its ink could not be read, it is made lighter or darker.
function readable(ink, back) {
  const ground = back === null ? GROUND : rgb(back);
  let colour = ink === null ? [213, 224, 231] : rgb(ink);
  const end = light(ground) > 0.18 ? 0 : 255;
  for (let i = 0; i < 8 && contrast(colour, ground) < 4.5; i++) {
    colour = colour.map((part) => (part || 0) + (end - (part || 0)) * 0.3);
  }
  return contrast(colour, ground) < 4.5 ? [end, end, end] : colour;
}

function light(colour) {
  const [r, g, b] = colour.map((part) => {
    const share = Math.min(255, Math.max(0, part || 0)) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

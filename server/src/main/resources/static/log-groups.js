// The groups of a log, which fold and nest. A step's end closes what it left open; a group that
// nobody closes ends where the next one beside it begins, so that it swallows nothing.

export class LogGroups {
  marks = new Map(); // line → "group" | "endgroup"
  folded = new Set(); // by first line
  all = []; // {from, to, depth}, by their beginnings
  folds = []; // {from, to, before}: what is hidden, disjoint, with the lines hidden up to there

  // steps: the lines at which steps begin.
  constructor(steps) { this.steps = steps; }

  note(line, mark) { if (mark) this.marks.set(line, mark); }

  // Reads the marks anew. While the log grows, what is open has no end yet and does not fold.
  build(total, ended) {
    const lines = [...this.marks.keys()].sort((a, b) => a - b);
    const bounds = [...this.steps.filter((line) => line > 1), ended ? total + 1 : Infinity];
    this.all = [];
    let open = [];
    let at = 0;
    for (const line of lines) {
      for (; bounds[at] <= line; at++) {
        this.close(open, bounds[at] - 1);
        open = [];
      }
      if (this.marks.get(line) === "group") {
        open.push(line);
      } else if (open.length) {
        this.all.push({ from: open.pop(), to: line });
      }
    }
    if (bounds[at] !== Infinity) this.close(open, bounds[at] - 1);
    this.all = this.all.filter((group) => group.to > group.from).sort((a, b) => a.from - b.from || b.to - a.to);
    this.nest();
    this.fold();
  }

  // Nobody closed these: each ends before the next group that begins behind it.
  close(open, last) {
    if (!open.length) return;
    const begins = [...this.marks].filter(([, mark]) => mark === "group").map(([line]) => line).sort((a, b) => a - b);
    for (const from of open) {
      const next = begins[upper(begins, (line) => line <= from)] ?? Infinity;
      this.all.push({ from, to: Math.min(last, next - 1) });
    }
  }

  nest() {
    const above = [];
    for (const group of this.all) {
      while (above.length && above.at(-1).to < group.from) above.pop();
      group.parent = above.at(-1) ?? null;
      group.depth = above.length;
      above.push(group);
    }
  }

  fold() {
    this.folds = [];
    let hidden = 0;
    for (const group of this.all) {
      const last = this.folds.at(-1);
      if (!this.folded.has(group.from) || (last && group.from <= last.to)) continue;
      this.folds.push({ from: group.from, to: group.to, before: hidden });
      hidden += group.to - group.from;
    }
    this.hidden = hidden;
  }

  toggle(from) {
    if (!this.folded.delete(from)) this.folded.add(from);
    this.fold();
  }

  foldAll(on) {
    this.folded = new Set(on ? this.all.map((group) => group.from) : []);
    this.fold();
  }

  // Opens whatever hides the line.
  reveal(line) {
    let changed = false;
    for (let group = this.of(line); group; group = group.parent) {
      if (group.from < line) changed = this.folded.delete(group.from) || changed;
    }
    if (changed) this.fold();
    return changed;
  }

  // The innermost group that has the line.
  of(line) {
    let group = this.all[upper(this.all, (group) => group.from <= line) - 1] ?? null;
    while (group && group.to < line) group = group.parent;
    return group;
  }

  // The line at that place among the visible ones, from 0.
  lineAt(place) {
    const many = upper(this.folds, (fold) => fold.from - 1 - fold.before < place);
    const fold = this.folds[many - 1];
    return place + 1 + (fold ? fold.before + fold.to - fold.from : 0);
  }

  placeOf(line) {
    const fold = this.folds[upper(this.folds, (fold) => fold.from < line) - 1];
    return fold ? line - 1 - fold.before - Math.min(fold.to - fold.from, line - fold.from) : line - 1;
  }
}

// How many at the beginning of a sorted list are so.
function upper(list, isSo) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(list[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

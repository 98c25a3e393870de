// Makes what is shown equal to what came from the server and touches only what differs, so that what
// somebody opened stays open, what they scrolled stays there, and what they selected or focused is kept.

// What the page itself sets, and the server knows nothing of.
const OWN = { DETAILS: ["open"], FORM: ["data-sent"], DIV: ["tabindex"], SECTION: ["tabindex"] };
// They fill themselves from their attributes.
const SELF_MADE = new Set(["RELATIVE-TIME", "ELAPSED-TIME", "COPY-BUTTON"]);

export function morph(into, from) {
  const coming = [...from.childNodes];
  const keys = new Set(coming.map(keyOf));
  keys.delete(null);
  let old = into.firstChild;
  for (const fresh of coming) {
    const match = partner(old, fresh);
    if (!match) {
      into.insertBefore(fresh, old);
      continue;
    }
    // What stood before it is gone, unless it comes later. To move a node would take its focus from it.
    while (old !== match && !keys.has(keyOf(old))) old = dropped(old);
    if (old === match) old = old.nextSibling;
    else into.insertBefore(match, old);
    become(match, fresh);
  }
  while (old) old = dropped(old);
}

// Takes the node away and returns the one behind it.
function dropped(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

// The node among the old ones, from that one on, that the new one continues.
function partner(old, fresh) {
  const key = keyOf(fresh);
  for (let node = old; node; node = node.nextSibling) {
    if (same(node, fresh) && keyOf(node) === key) return node;
  }
  return null;
}

// The first class says what an element is, further ones how it looks just now.
const same = (a, b) => a.nodeName === b.nodeName && a.classList?.[0] === b.classList?.[0];

function keyOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return null;
  return node.id || node.dataset?.key || node.getAttribute("href") || null;
}

function become(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  if (SELF_MADE.has(old.nodeName)) {
    if (!sameAttributes(old, fresh)) old.replaceWith(fresh);
    return;
  }
  const own = OWN[old.nodeName] ?? [];
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !own.includes(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !own.includes(name)) old.setAttribute(name, value);
  }
  morph(old, fresh);
}

function sameAttributes(a, b) {
  return a.attributes.length === b.attributes.length
    && [...a.attributes].every(({ name, value }) => b.getAttribute(name) === value);
}

// The tree of topics: coarser layers as groups, the topics below them.

import { byID, h, say } from "./dom.js";
import { count, line, plural, topicColor, topicName } from "./format.js";
import { filtering, topicCounts } from "./filters.js";
import { changed, on, report, state } from "./state.js";

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {number} size
 * @property {number | null} topic  its position, or null for a group
 * @property {Entry[]} below
 * @property {boolean} open
 * @property {string} words  what the search looks at
 */

/** @type {Entry[]} */
let roots = [];
/** @type {{entry: Entry, level: number, at: number, of: number}[]} */
let rows = [];
let current = 0;
let query = "";
const treeRow = 30;

function build() {
  const chosen = Math.max(0, report.layers.findIndex((l) => l.chosen));
  /** @type {Entry[]} */
  const topics = report.topics.map((t, k) => ({
    name: topicName(k), size: t.size, topic: k, below: [], open: false,
    words: (t.name + " " + t.terms[0].map((w) => report.meta.words[w]).join(" ") + " " + t.id).toLowerCase(),
  }));
  // The first document of each topic says which group it is in: layers are nested.
  const first = new Int32Array(topics.length).fill(-1);
  for (let i = 0; i < report.n; i++) if (first[report.topic[i]] < 0) first[report.topic[i]] = i;
  let level = topics.filter((e) => report.topics[/** @type {number} */ (e.topic)].id >= 0);
  const example = new Map(level.map((e) => [e, first[/** @type {number} */ (e.topic)]]));
  for (let k = chosen - 1; k >= 0; k--) {
    const layer = report.layers[k];
    /** @type {Map<number, Entry>} */
    const groups = new Map();
    /** @type {Entry[]} */
    const next = [];
    for (const e of level) {
      const doc = /** @type {number} */ (example.get(e));
      const label = doc < 0 ? -1 : layer.labels[doc];
      let group = groups.get(label);
      if (!group) {
        group = { name: label < 0 ? "Others" : line(layer.names[label], 80), size: 0, topic: null, below: [], open: true, words: "" };
        groups.set(label, group);
        example.set(group, doc);
        next.push(group);
      }
      group.below.push(e);
      group.size += e.size;
    }
    level = next.map((g) => (g.below.length === 1 ? g.below[0] : g)).sort((a, b) => b.size - a.size);
  }
  roots = [...level, ...topics.filter((e) => report.topics[/** @type {number} */ (e.topic)].id < 0)];
}

/** @param {Entry} e */
function sizeOf(e) {
  /** @type {number} */
  const n = e.topic === null ? e.below.reduce((sum, b) => sum + sizeOf(b), 0) : filtering() ? topicCounts[e.topic] : e.size;
  return n;
}

function list() {
  rows = [];
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  /** @param {Entry} e @returns {boolean} */
  const matches = (e) => (e.topic === null ? e.below.some(matches) : wanted.every((w) => e.words.includes(w)));
  /** @param {Entry[]} entries @param {number} level */
  const walk = (entries, level) => {
    const shown = wanted.length ? entries.filter(matches) : entries;
    shown.forEach((entry, at) => {
      rows.push({ entry, level, at: at + 1, of: shown.length });
      if (entry.open || wanted.length) walk(entry.below, level + 1);
    });
  };
  walk(roots, 1);
  current = Math.max(0, Math.min(current, rows.length - 1));
  drawTree();
}

function drawTree() {
  const tree = byID("tree");
  const focused = tree.contains(document.activeElement);
  const from = Math.max(0, Math.floor(tree.scrollTop / treeRow) - 8);
  const to = Math.min(rows.length, from + Math.ceil((tree.clientHeight || 600) / treeRow) + 16);
  const space = tree.firstElementChild ?? tree.appendChild(h("div", { role: "tree", "aria-label": "Topics" }));
  const holder = /** @type {HTMLElement} */ (space);
  holder.style.height = rows.length * treeRow + "px";
  holder.style.position = "relative";
  const items = [];
  for (let i = from; i < to; i++) items.push(row(i));
  if ((current < from || current >= to) && rows.length) items.push(row(current)); // where the focus is or will be
  holder.replaceChildren(...items);
  if (focused) /** @type {HTMLElement | null} */ (holder.querySelector('[tabindex="0"]'))?.focus({ preventScroll: true });
  if (!rows.length) holder.replaceChildren(h("div", { role: "treeitem", class: "row", tabindex: 0, "aria-selected": false }, h("span", { class: "name muted" }, "No topic has these words")));
}

/** @param {number} i */
function row(i) {
  const { entry, level, at, of } = rows[i];
  const group = entry.topic === null;
  return h(
    "div",
    {
      class: (group ? "row group" : "row") + (filtering() && sizeOf(entry) === 0 ? " none" : ""), role: "treeitem", tabindex: i === current ? 0 : -1, "aria-level": level, "aria-posinset": at, "aria-setsize": of,
      "aria-selected": String(!group && entry.topic === state.topic), "aria-expanded": group ? String(entry.open) : null,
      "css:top": i * treeRow + "px", "css:padding-inline-start": 6 + (level - 1) * 14 + "px", "data-topic": group ? null : report.topics[/** @type {number} */ (entry.topic)].id,
      onclick: () => {
        current = i;
        act(entry);
      },
    },
    h("span", { class: "twist", "aria-hidden": "true" }, group ? (entry.open ? "▾" : "▸") : ""),
    group ? null : h("span", { class: "dot", "css:background": topicColor(/** @type {number} */ (entry.topic)) }),
    h("span", { class: "name", dir: "auto" }, entry.name),
    h("span", { class: "count" }, count(sizeOf(entry))),
  );
}

/** @param {Entry} entry */
function act(entry) {
  if (entry.topic === null) {
    entry.open = !entry.open;
    list();
    return;
  }
  selectTopic(entry.topic === state.topic ? null : entry.topic);
}

/** @param {number | null} k */
export function selectTopic(k) {
  state.topic = k;
  state.doc = null;
  changed("topic");
  if (k !== null) say("Topic " + topicName(k) + ", " + plural(report.topics[k].size, "document"));
}

/** @param {number} to */
function moveTo(to) {
  current = Math.max(0, Math.min(rows.length - 1, to));
  const tree = byID("tree");
  const top = current * treeRow;
  if (top < tree.scrollTop) tree.scrollTop = top;
  else if (top + treeRow > tree.scrollTop + tree.clientHeight) tree.scrollTop = top + treeRow - tree.clientHeight;
  drawTree();
}

export function startTree() {
  build();
  const tree = byID("tree");
  tree.addEventListener("scroll", drawTree);
  new ResizeObserver(drawTree).observe(tree);
  tree.addEventListener("keydown", (e) => {
    const r = rows[current];
    if (!r) return;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => moveTo(current + 1),
      ArrowUp: () => moveTo(current - 1),
      Home: () => moveTo(0),
      End: () => moveTo(rows.length - 1),
      PageDown: () => moveTo(current + 12),
      PageUp: () => moveTo(current - 12),
      Enter: () => act(r.entry),
      " ": () => act(r.entry),
      ArrowRight: () => {
        if (r.entry.topic === null && !r.entry.open) act(r.entry);
        else moveTo(current + 1);
      },
      ArrowLeft: () => {
        if (r.entry.topic === null && r.entry.open) act(r.entry);
        else for (let i = current; i >= 0; i--) if (rows[i].level < r.level) return moveTo(i);
      },
    };
    if (!keys[e.key]) return;
    e.preventDefault();
    keys[e.key]();
  });
  const input = /** @type {HTMLInputElement} */ (byID("tree-query"));
  input.addEventListener("input", () => {
    query = input.value;
    current = 0;
    tree.scrollTop = 0;
    list();
  });
  on(["mask", "theme"], drawTree);
  on(["topic"], () => {
    const at = rows.findIndex((r) => r.entry.topic !== null && r.entry.topic === state.topic);
    if (at >= 0 && at !== current) moveTo(at);
    else drawTree();
  });
  list();
}

// Which documents pass the filters.

import { chunk, chunkCount } from "./data.js";
import { byID, h, say } from "./dom.js";
import { count, day, line, plural, topicName } from "./format.js";
import { changed, on, report, state } from "./state.js";

/** Per document 1 if it passes every filter. */
export let mask = new Uint8Array(0);
export let passing = 0;
/** Documents per topic that pass. */
export let topicCounts = new Int32Array(0);
/** @type {Uint8Array | null} per document 1 if its text matches the query */
let matches = null;
/** @type {Uint8Array | null} per document 1 if it lies within the lasso */
let inside = null;
let searches = 0;

export function filtering() {
  return state.topics !== null || state.time !== null || state.fields.size > 0 || state.lasso !== null || matches !== null;
}

/** Computes the mask anew and tells of it. */
export function applyFilters() {
  const { n, topic } = report;
  if (mask.length !== n) {
    mask = new Uint8Array(n);
    topicCounts = new Int32Array(report.topics.length);
  }
  fillMask(mask, -1);
  topicCounts.fill(0);
  passing = 0;
  for (let i = 0; i < n; i++) {
    if (mask[i]) {
      passing++;
      topicCounts[topic[i]]++;
    }
  }
  changed("mask");
}

/**
 * Sets 1 for the documents that pass every filter but that of one field.
 * @param {Uint8Array} mask
 * @param {number} but  the index of the field, or -1 for none
 */
function fillMask(mask, but) {
  const { n, topic, time } = report;
  mask.fill(1);
  if (state.topics) {
    const keep = new Uint8Array(report.topics.length);
    for (const k of state.topics) keep[k] = 1;
    for (let i = 0; i < n; i++) mask[i] &= keep[topic[i]];
  }
  if (state.time && time) {
    const [from, to] = state.time;
    for (let i = 0; i < n; i++) if (!(time[i] >= from && time[i] <= to)) mask[i] = 0;
  }
  for (const [k, wanted] of state.fields) {
    if (k === but) continue;
    const data = report.fields[k].data;
    if (Array.isArray(wanted)) {
      const [from, to] = wanted;
      for (let i = 0; i < n; i++) if (!(data[i] >= from && data[i] <= to)) mask[i] = 0;
    } else {
      for (let i = 0; i < n; i++) if (!wanted.has(data[i])) mask[i] = 0;
    }
  }
  for (const other of [matches, inside]) if (other) for (let i = 0; i < n; i++) mask[i] &= other[i];
}

/** Finds the documents whose texts contain every word of the query, chunk by chunk. */
async function search() {
  const mine = ++searches;
  const wanted = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) {
    matches = null;
    changed("filter");
    return;
  }
  const found = new Uint8Array(report.n);
  /** @type {Map<number, boolean>} */
  const named = new Map();
  report.topics.forEach((t, k) => named.set(k, wanted.every((w) => t.name.toLowerCase().includes(w))));
  if (!report.meta.texts) for (let i = 0; i < report.n; i++) found[i] = named.get(report.topic[i]) ? 1 : 0;
  for (let k = 0; k < chunkCount(); k++) {
    const c = await chunk(k);
    if (mine !== searches) return; // a later query began
    const n = (c.texts ?? c.ids ?? []).length;
    for (let i = 0; i < n; i++) {
      const text = ((c.texts?.[i] ?? "") + "\n" + (c.ids?.[i] ?? "")).toLowerCase();
      if (wanted.every((w) => text.includes(w))) found[c.first + i] = 1;
    }
  }
  matches = found;
  changed("filter");
}

/** @param {Uint8Array | null} documents within the lasso */
export function setInside(documents) {
  inside = documents;
}

export function clearFilters() {
  state.topics = null;
  state.time = null;
  state.fields.clear();
  state.lasso = null;
  inside = null;
  setQuery("");
  changed("filter");
}

/** @param {string} query */
export function setQuery(query) {
  /** @type {HTMLInputElement} */ (byID("query")).value = query;
  if (query === state.query) return;
  state.query = query;
  void search();
}

function drawChips() {
  /** @type {HTMLElement[]} */
  const chips = [];
  /** @param {string} text @param {() => void} drop */
  const add = (text, drop) =>
    chips.push(h("button", { class: "chip", type: "button", dir: "auto", "aria-label": "Remove the filter " + text, onclick: () => (drop(), changed("filter")) }, text));
  if (state.query.trim()) add("“" + line(state.query, 40) + "”", () => setQuery(""));
  if (state.topics) {
    const names = [...state.topics].map(topicName);
    add(names.length === 1 ? names[0] : plural(names.length, "topic"), () => (state.topics = null));
  }
  if (state.time) add(day(state.time[0]) + " to " + day(state.time[1]), () => (state.time = null));
  for (const [k, wanted] of state.fields) {
    const f = report.fields[k];
    const what = Array.isArray(wanted)
      ? wanted.join(" to ")
      : wanted.size > 2
        ? wanted.size + " values"
        : [...wanted].map((v) => line(f.values?.[v] || "(none)", 30)).join(", ");
    add(line(f.name, 30) + ": " + what, () => state.fields.delete(k));
  }
  if (state.lasso) {
    add("Lasso", () => {
      state.lasso = null;
      inside = null;
    });
  }
  if (filtering()) {
    chips.push(h("span", { class: "matched" }, count(passing) + " of " + plural(report.n, "document")));
    if (chips.length > 2) chips.push(h("button", { class: "link", type: "button", onclick: clearFilters }, "Clear all"));
    say(plural(passing, "document") + " selected");
  }
  byID("chips").replaceChildren(...chips);
}

const mostValues = 200;

/** The panel with a group of controls for each field. */
function drawPanel() {
  const panel = byID("filters");
  if (panel.hidden) return;
  const groups = report.fields.map((f, k) => {
    const wanted = state.fields.get(k);
    if (f.values) {
      const counts = new Int32Array(f.values.length);
      const others = new Uint8Array(report.n); // a choice among values does not hide the counts of the others
      fillMask(others, k);
      for (let i = 0; i < report.n; i++) if (others[i]) counts[f.data[i]]++;
      const totals = new Int32Array(f.values.length);
      for (let i = 0; i < report.n; i++) totals[f.data[i]]++;
      const order = [...f.values.keys()].sort((a, b) => totals[b] - totals[a] || a - b);
      const chosen = wanted instanceof Set ? wanted : new Set();
      const options = order.slice(0, mostValues).map((v) =>
        h(
          "label",
          {},
          h("input", {
            type: "checkbox",
            checked: chosen.has(v),
            onchange: () => {
              if (chosen.has(v)) chosen.delete(v);
              else chosen.add(v);
              if (chosen.size) state.fields.set(k, chosen);
              else state.fields.delete(k);
              changed("filter");
            },
          }),
          h("span", { class: "value", dir: "auto" }, line(f.values?.[v] || "(none)", 60)),
          h("span", { class: "count" }, count(counts[v])),
        ),
      );
      const more = order.length > mostValues ? h("p", { class: "muted" }, plural(order.length - mostValues, "further value")) : null;
      return h("fieldset", {}, h("legend", { dir: "auto" }, line(f.name, 60)), h("div", { class: "options", tabindex: 0 }, ...options, more));
    }
    const range = Array.isArray(wanted) ? wanted : null;
    const extent = extentOf(f.data);
    /** @param {0 | 1} end */
    const input = (end) =>
      h("input", {
        type: "number",
        step: "any",
        "aria-label": line(f.name, 60) + (end ? " at most" : " at least"),
        placeholder: String(extent[end]),
        value: range && Number.isFinite(range[end]) ? range[end] : "",
        onchange: (/** @type {Event} */ e) => {
          const text = /** @type {HTMLInputElement} */ (e.target).value;
          /** @type {[number, number]} */
          const next = range ? [...range] : [-Infinity, Infinity];
          next[end] = text === "" ? (end ? Infinity : -Infinity) : Number(text);
          if (Number.isFinite(next[0]) || Number.isFinite(next[1])) state.fields.set(k, next);
          else state.fields.delete(k);
          changed("filter");
        },
      });
    return h("fieldset", {}, h("legend", { dir: "auto" }, line(f.name, 60)), h("div", { class: "range" }, input(0), "to", input(1)));
  });
  const focused = document.activeElement;
  const within = focused instanceof HTMLInputElement && panel.contains(focused) ? [...panel.querySelectorAll("input")].indexOf(focused) : -1;
  const scrolls = [...panel.querySelectorAll(".options")].map((o) => o.scrollTop);
  panel.replaceChildren(...(groups.length ? groups : [h("p", { class: "note" }, "The documents have no fields. Topics, time, the search and the lasso filter too.")]));
  panel.querySelectorAll(".options").forEach((o, i) => (o.scrollTop = scrolls[i] ?? 0));
  if (within >= 0) panel.querySelectorAll("input")[within]?.focus();
}

/**
 * The least and the largest finite number.
 * @param {import("./types.js").Numbers} data
 * @returns {[number, number]}
 */
export function extentOf(data) {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    const v = data[i];
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? [low, high] : [0, 0];
}

export function startFilters() {
  const input = /** @type {HTMLInputElement} */ (byID("query"));
  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      state.query = input.value;
      void search();
    }, 160);
  });
  const button = byID("filters-button");
  button.addEventListener("click", () => {
    const panel = byID("filters");
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    drawPanel();
    dispatchEvent(new Event("resize"));
  });
  on(["filter"], applyFilters);
  on(["mask"], () => {
    drawChips();
    drawPanel();
  });
  applyFilters();
  if (state.query) {
    input.value = state.query;
    void search();
  }
}

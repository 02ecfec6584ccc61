// The state of the page, and who wants to know when it changes.

/** @typedef {import("./types.js").Report} Report */

/** What the reader chose. Filters are null where they let everything through. */
export const state = {
  view: "map",
  /** @type {number | null} the topic whose card is shown, by its position */
  topic: null,
  /** @type {number | null} the document whose card is shown */
  doc: null,
  color: "topic",
  query: "",
  /** @type {Set<number> | null} */
  topics: null,
  /** @type {[number, number] | null} seconds, both ends included */
  time: null,
  /** @type {Map<number, Set<number> | [number, number]>} by the index of the field: values or a range */
  fields: new Map(),
  /** @type {[number, number][] | null} corners on the map */
  lasso: null,
  dark: false,
};

/** @typedef {"theme" | "view" | "topic" | "doc" | "color" | "filter" | "mask"} Change */

/** @type {Map<Change, (() => void)[]>} */
const listeners = new Map();

/**
 * Calls f after each change of a kind.
 * @param {Change[]} kinds
 * @param {() => void} f
 */
export function on(kinds, f) {
  for (const kind of kinds) listeners.set(kind, [...(listeners.get(kind) ?? []), f]);
}

/** @param {Change} kind */
export function changed(kind) {
  for (const f of listeners.get(kind) ?? []) f();
}

/** @type {Report} set once by setReport */
export let report;

/** @param {Report} r */
export function setReport(r) {
  report = r;
}

// The documents that pass the filters as a table, of which the rows in view exist.

import { chunk, chunkCount, documentNow, documentOf } from "./data.js";
import { download, h, say } from "./dom.js";
import { count, csvCell, day, decimal, line, plural, topicColor, topicName } from "./format.js";
import { mask, passing } from "./filters.js";
import { on, report, state } from "./state.js";
import { openDocument } from "./card.js";

const rowHeight = 34;
const tallest = 8e6; // pixels; browsers draw no taller elements

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {string} width
 * @property {boolean} number
 * @property {(doc: number) => number | string | null} value  what is sorted and downloaded; null if it is not known yet
 * @property {(doc: number) => Node | string} cell
 */

/** @returns {Column[]} */
function columns() {
  /** @type {Column[]} */
  const out = [];
  if (report.meta.texts) {
    out.push({ name: "Text", width: "minmax(220px, 3fr)", number: false, value: (d) => documentNow(d)?.text ?? null, cell: (d) => line(documentNow(d)?.text ?? "…", 200) });
  }
  if (report.meta.ids) {
    out.push({ name: "ID", width: "minmax(90px, .8fr)", number: false, value: (d) => documentNow(d)?.id ?? null, cell: (d) => line(documentNow(d)?.id ?? "…", 80) });
  }
  out.push({
    name: "Topic", width: "minmax(150px, 1.2fr)", number: false, value: (d) => topicName(report.topic[d]),
    cell: (d) => h("span", { class: "topic" }, h("span", { class: "dot", "css:background": topicColor(report.topic[d]) }), topicName(report.topic[d])),
  });
  out.push({ name: "Probability", width: "84px", number: true, value: (d) => report.probability[d] / 255, cell: (d) => (report.probability[d] ? (report.probability[d] / 255).toFixed(2) : "–") });
  const time = report.time;
  if (time) out.push({ name: "Time", width: "92px", number: true, value: (d) => time[d], cell: (d) => day(time[d]) || "–" });
  for (const f of report.fields.slice(0, 6)) {
    const values = f.values;
    out.push({
      name: line(f.name, 40), width: "minmax(84px, .8fr)", number: !values, value: (d) => (values ? values[f.data[d]] : f.data[d]),
      cell: (d) => (values ? line(values[f.data[d]], 80) : decimal(f.data[d])),
    });
  }
  return out;
}

/** @type {Uint32Array} */
let order = new Uint32Array(0);
/** @type {{column: number, down: boolean} | null} */
let sorting = null;
/** @type {Column[]} */
let shown = [];
let focusedRow = 0;
let unordered = true;
/** @type {HTMLElement | null} */
let grid = null;

async function arrange() {
  order = new Uint32Array(passing);
  let k = 0;
  for (let i = 0; i < report.n; i++) if (mask[i]) order[k++] = i;
  if (!sorting) return;
  const { column, down } = sorting;
  const c = shown[column];
  if (c.name === "Text" || c.name === "ID") await everything();
  const sign = down ? -1 : 1;
  if (c.number) {
    const keys = new Float64Array(report.n);
    for (let i = 0; i < report.n; i++) keys[i] = Number(c.value(i));
    order.sort((a, b) => {
      const [x, y] = [keys[a], keys[b]];
      if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
      return sign * (x - y) || a - b;
    });
  } else {
    const collator = new Intl.Collator(undefined, { numeric: true });
    const keys = Array.from(order, (d) => /** @type {[number, string]} */ ([d, String(c.value(d) ?? "").slice(0, 100)]));
    keys.sort((a, b) => sign * collator.compare(a[1], b[1]) || a[0] - b[0]);
    keys.forEach(([d], i) => (order[i] = d));
  }
}

async function everything() {
  for (let k = 0; k < chunkCount(); k++) await chunk(k);
}

async function downloadDocuments() {
  await everything();
  const all = columns();
  for (const f of report.fields.slice(6)) {
    const values = f.values;
    all.push({ name: f.name, width: "", number: !values, value: (d) => (values ? values[f.data[d]] : f.data[d]), cell: () => "" });
  }
  const topicAt = all.findIndex((c) => c.name === "Topic");
  const header = all.map((c) => csvCell(c.name));
  header.splice(topicAt, 0, "Topic ID");
  const parts = ["\ufeff", header.join(","), "\r\n"];
  for (const d of order) {
    const cells = all.map((c) => (c.name === "Time" ? day(Number(c.value(d))) : csvCell(c.name === "Probability" ? Number(Number(c.value(d)).toFixed(3)) : c.value(d))));
    cells.splice(topicAt, 0, String(report.topics[report.topic[d]].id));
    parts.push(cells.join(","), "\r\n");
  }
  download("documents.csv", parts);
  say(plural(order.length, "document") + " downloaded");
}

/** @param {HTMLElement} view */
export function drawTable(view) {
  shown = columns();
  const template = shown.map((c) => c.width).join(" ");
  const scroll = h("div", { class: "grid-scroll", tabindex: -1 });
  grid = h("div", { class: "grid-table", role: "grid", "aria-label": "Documents", "aria-colcount": shown.length });
  const names = h(
    "div",
    { class: "grid-row names", role: "row", "aria-rowindex": 1, "css:grid-template-columns": template },
    ...shown.map((c, k) =>
      h(
        "div",
        { role: "columnheader", class: c.number ? "num" : "", "aria-sort": sorting?.column === k ? (sorting.down ? "descending" : "ascending") : "none" },
        h("button", { type: "button", onclick: () => void sortBy(k) }, c.name + (sorting?.column === k ? (sorting.down ? " ↓" : " ↑") : "")),
      ),
    ),
  );
  const body = h("div", { role: "rowgroup" });
  grid.append(h("div", { role: "rowgroup" }, names), body);
  scroll.append(grid);
  const matched = h("span", {});
  const save = h("button", { type: "button", title: "Texts that a spreadsheet would run as a formula get an apostrophe in front", onclick: () => void downloadDocuments() }, "Download CSV");
  view.replaceChildren(h("h2", { class: "hidden" }, "Documents"), h("div", { class: "grid" }, h("div", { class: "grid-head" }, matched, save), scroll));

  let waiting = false;
  const rows = () => {
    const total = order.length * rowHeight;
    const height = Math.min(total, tallest);
    const hidden = Math.max(1, total - scroll.clientHeight);
    const factor = height < total ? hidden / Math.max(1, height - scroll.clientHeight) : 1;
    const top = scroll.scrollTop * factor;
    const first = Math.max(0, Math.floor(top / rowHeight) - 4);
    const last = Math.min(order.length, first + Math.ceil(scroll.clientHeight / rowHeight) + 9);
    body.style.height = height + "px";
    const focused = body.contains(document.activeElement);
    const items = [];
    /** @type {Promise<unknown>[]} */
    const missing = [];
    for (let i = first; i < last; i++) {
      const d = order[i];
      if (!documentNow(d)) missing.push(documentOf(d));
      items.push(
        h(
          "div",
          {
            class: "grid-row", role: "row", tabindex: i === focusedRow ? 0 : -1, "aria-rowindex": i + 2, "aria-selected": String(state.doc === d), "data-row": i,
            "css:top": rowHeight + scroll.scrollTop + i * rowHeight - top + "px", "css:grid-template-columns": template,
            onclick: () => ((focusedRow = i), openDocument(d)),
          },
          ...shown.map((c) => h("div", { role: "gridcell", class: c.number ? "num" : "", dir: c.number ? null : "auto" }, c.cell(d))),
        ),
      );
    }
    if (focusedRow < first || focusedRow >= last) items[4 < items.length ? 4 : 0]?.setAttribute("tabindex", "0");
    body.replaceChildren(...items);
    if (focused) /** @type {HTMLElement | null} */ (body.querySelector(`[data-row="${focusedRow}"]`))?.focus({ preventScroll: true });
    if (missing.length && !waiting) {
      waiting = true;
      void Promise.all(missing).then(() => {
        waiting = false;
        rows();
      });
    }
  };
  const refresh = async () => {
    if (unordered) {
      unordered = false;
      await arrange();
    }
    matched.textContent = order.length === report.n ? plural(report.n, "document") : `${count(order.length)} of ${plural(report.n, "document")}`;
    grid?.setAttribute("aria-rowcount", String(order.length + 1));
    rows();
  };
  /** @param {number} k */
  const sortBy = async (k) => {
    sorting = sorting?.column === k ? (sorting.down ? null : { column: k, down: true }) : { column: k, down: false };
    unordered = true;
    drawTable(view);
    /** @type {HTMLElement | null} */ (view.querySelectorAll(".names button")[k])?.focus();
    await arrange();
  };
  scroll.addEventListener("scroll", rows);
  body.addEventListener("keydown", (e) => {
    /** @type {Record<string, number>} */
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity };
    const at = Number(/** @type {HTMLElement} */ (e.target).dataset.row);
    if (e.key === "Enter" || e.key === " ") {
      e.preventDefault();
      focusedRow = at;
      openDocument(order[at]);
    } else if (e.key in steps) {
      e.preventDefault();
      focusedRow = Math.max(0, Math.min(order.length - 1, at + steps[e.key]));
      const total = order.length * rowHeight;
      const factor = total > tallest ? (total - scroll.clientHeight) / (tallest - scroll.clientHeight) : 1;
      const y = focusedRow * rowHeight;
      if (y < scroll.scrollTop * factor || y + 2 * rowHeight > scroll.scrollTop * factor + scroll.clientHeight) scroll.scrollTop = (y - scroll.clientHeight / 2) / factor;
      rows();
      /** @type {HTMLElement | null} */ (body.querySelector(`[data-row="${focusedRow}"]`))?.focus({ preventScroll: true });
    }
  });
  redraw = () => void refresh();
  void refresh();
}

let redraw = () => {};

export function startTable() {
  on(["mask"], () => {
    unordered = true;
    focusedRow = 0;
    if (state.view === "documents") redraw();
  });
  on(["doc", "theme"], () => {
    if (state.view === "documents") redraw();
  });
}

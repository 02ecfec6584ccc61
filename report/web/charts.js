// What the charts share: the table behind each, axes, bars.

import { download, h, s } from "./dom.js";
import { csvCell, decimal } from "./format.js";

/** @typedef {(string | number | null)[]} Row */

/**
 * A chart with the table of its data behind it.
 * @param {string} name
 * @param {Element} chart
 * @param {string[]} columns
 * @param {() => Row[]} rows
 * @param {{wide?: boolean}} [options]
 */
export function figure(name, chart, columns, rows, options = {}) {
  const body = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": name + ", table" });
  const details = h("details", { class: "behind" }, h("summary", {}, "Data as a table"), body);
  details.addEventListener("toggle", () => {
    if (!details.open || body.childElementCount) return;
    const all = rows();
    body.append(plainTable(columns, all.slice(0, 2000), name));
    if (all.length > 2000) body.append(h("p", { class: "note" }, "The first 2,000 of " + all.length + " rows; the file has all."));
    details.append(
      h("p", { class: "note" }, h("button", { type: "button", onclick: () => downloadRows(name, columns, all) }, "Download CSV")),
    );
  });
  return h("div", {}, h("figure", { class: options.wide ? "figure wide" : "figure", ...(options.wide ? { tabindex: 0, role: "group", "aria-label": name } : {}) }, chart), details);
}

/**
 * @param {string} name
 * @param {string[]} columns
 * @param {Row[]} rows
 */
export function downloadRows(name, columns, rows) {
  download(name.toLowerCase().replace(/[^a-z0-9]+/g, "-") + ".csv", ["\ufeff", [columns, ...rows].map((r) => r.map(csvCell).join(",")).join("\r\n"), "\r\n"]);
}

/**
 * @param {string[]} columns
 * @param {Row[]} rows
 * @param {string} caption
 */
export function plainTable(columns, rows, caption) {
  const numeric = columns.map((_, j) => rows.length > 0 && rows.every((r) => typeof r[j] === "number" || r[j] === null));
  return h(
    "table",
    { class: "plain" },
    h("caption", { class: "hidden" }, caption),
    h("thead", {}, h("tr", {}, ...columns.map((c, j) => h("th", { scope: "col", class: numeric[j] ? "num" : "", dir: "auto" }, c)))),
    h(
      "tbody",
      {},
      ...rows.map((r) =>
        h("tr", {}, ...r.map((v, j) => h("td", numeric[j] ? { class: "num" } : { dir: "auto" }, typeof v === "number" ? decimalOrWhole(v) : (v ?? "–")))),
      ),
    ),
  );
}

/** @param {number} v */
function decimalOrWhole(v) {
  return Number.isInteger(v) ? v.toLocaleString("en-US") : decimal(v);
}

/**
 * Round numbers that divide a range.
 * @param {number} low
 * @param {number} high
 * @param {number} about  how many
 */
export function ticks(low, high, about) {
  const step0 = (high - low || 1) / about;
  const power = 10 ** Math.floor(Math.log10(step0));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= step0) ?? 10);
  const out = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) out.push(Number(v.toPrecision(12)));
  return out;
}

/**
 * Words with bars for their weights.
 * @param {[word: string, weight: number][]} rows
 * @param {string} color
 */
export function wordBars(rows, color) {
  const most = Math.max(...rows.map((r) => r[1]), 1e-12);
  return h(
    "ol",
    { class: "words" },
    ...rows.map(([word, weight]) =>
      h(
        "li",
        {},
        h("span", { class: "w", dir: "auto", title: word }, word),
        h("span", { class: "b", "aria-hidden": "true", "css:width": Math.max(1, (100 * weight) / most) + "%", "css:background": color }),
        h("span", { class: "v" }, weight === 0 ? "" : weight.toPrecision(2)),
      ),
    ),
  );
}

/**
 * @param {number} width
 * @param {number} height
 * @param {string} label
 * @param {...(Node | null)} children
 */
export function svg(width, height, label, ...children) {
  return s("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label }, ...children);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {Record<string, import("./dom.js").Attribute>} [attributes]
 */
export function label(x, y, text, attributes = {}) {
  return s("text", { x, y, ...attributes }, text);
}

// Names on the map, without overlap, of the layer that suits the zoom.

import { h } from "./dom.js";
import { line, topicName } from "./format.js";
import { filtering, mask } from "./filters.js";
import { report, state } from "./state.js";

/** @typedef {import("./renderer.js").View} View */

const measure = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
/** @type {Map<string, number>} */
const widths = new Map();

/**
 * @param {string} text
 * @param {number} size
 */
function widthOf(text, size) {
  const key = size + text;
  let w = widths.get(key);
  if (w === undefined) {
    measure.font = `600 ${size}px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif`;
    w = measure.measureText(text).width;
    widths.set(key, w);
  }
  return w;
}

/** @type {Map<number, Int32Array>} documents per label of a layer that pass the filters */
let counts = new Map();

export function forgetCounts() {
  counts = new Map();
}

/** @param {number} k */
function passingOf(k) {
  let found = counts.get(k);
  if (!found) {
    const { labels, names } = report.layers[k];
    found = new Int32Array(names.length);
    for (let i = 0; i < labels.length; i++) if (mask[i] && labels[i] >= 0) found[labels[i]]++;
    counts.set(k, found);
  }
  return found;
}

/**
 * The layer to name: the chosen one where everything is seen, finer ones with the zoom, coarser ones where the view
 * has no room for so many names.
 * @param {number} zoom
 * @param {(k: number) => number} visible  the number of labels of a layer in view
 * @param {number} room
 */
function layerFor(zoom, visible, room) {
  const chosen = Math.max(0, report.layers.findIndex((l) => l.chosen));
  let k = Math.min(report.layers.length - 1, chosen + Math.max(0, Math.floor(Math.log(zoom) / Math.log(2))));
  while (k > 0 && visible(k) > room && (k > chosen || visible(k) > 2 * room)) k--;
  return k;
}

/** @type {HTMLElement[]} */
const pool = [];

/**
 * @param {HTMLElement} holder
 * @param {View} view
 * @param {number} width
 * @param {number} height
 * @param {number} base  the scale at which everything is seen
 */
export function drawLabels(holder, view, width, height, base) {
  /** @param {[number | null, number | null]} p */
  const place = (p) => [width / 2 + (/** @type {number} */ (p[0]) - view.x) * view.scale, height / 2 - (/** @type {number} */ (p[1]) - view.y) * view.scale];
  /** @param {[number | null, number | null]} p */
  const seen = (p) => {
    if (p[0] === null) return false;
    const [x, y] = place(p);
    return x > 0 && y > 0 && x < width && y < height;
  };
  const room = Math.max(6, Math.round((width * height) / 26000));
  const k = layerFor(view.scale / base, (k) => report.layers[k].centers.reduce((n, p) => n + (seen(p) ? 1 : 0), 0), room);
  const layer = report.layers[k];
  const passing = passingOf(k);
  const filtered = filtering();
  /** @type {{text: string, x: number, y: number, weight: number, size: number, chosen: boolean}[]} */
  const wanted = [];
  const most = Math.max(1, ...passing);
  layer.centers.forEach((p, j) => {
    if (!seen(p) || (filtered && passing[j] === 0)) return;
    const [x, y] = place(p);
    wanted.push({ text: line(layer.names[j], 34), x, y, weight: passing[j], size: Math.round(11 + 4 * Math.sqrt(passing[j] / most)), chosen: false });
  });
  const selected = state.topic === null ? null : report.topics[state.topic];
  if (selected && seen(selected.center) && selected.id >= 0) {
    const [x, y] = place(selected.center);
    const text = topicName(/** @type {number} */ (state.topic));
    const same = wanted.find((w) => layer.chosen && w.text === line(text, 34));
    if (same) Object.assign(same, { chosen: true, weight: Infinity });
    else wanted.push({ text: line(text, 34), x, y, weight: Infinity, size: 14, chosen: true });
  }
  wanted.sort((a, b) => b.weight - a.weight);
  /** @type {[number, number, number, number][]} */
  const taken = [];
  let used = 0;
  for (const w of wanted) {
    const [hw, hh] = [widthOf(w.text, w.size) / 2 + 5, w.size * 0.62 + 2];
    const x = Math.max(hw, Math.min(width - hw, w.x));
    const y = Math.max(hh, Math.min(height - hh, w.y));
    /** @type {[number, number, number, number]} */
    const box = [x - hw, y - hh, x + hw, y + hh];
    if (taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) continue;
    taken.push(box);
    const element = (pool[used] ??= holder.appendChild(h("div", { class: "label", dir: "auto" })));
    used++;
    element.hidden = false;
    if (element.textContent !== w.text) element.textContent = w.text;
    element.className = w.chosen ? "label chosen" : "label";
    element.style.fontSize = w.size + "px";
    element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px) translate(-50%, -50%)`;
  }
  for (let i = used; i < pool.length; i++) pool[i].hidden = true;
}

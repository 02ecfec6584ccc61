// The map of the documents.

import { documentNow, documentOf, titleOf } from "./data.js";
import { byID, h, say } from "./dom.js";
import { day, decimal, line, paletteColor, plural, rampColor, rampGradient, rgb, topicColor, topicName } from "./format.js";
import { extentOf, filtering, mask, setInside } from "./filters.js";
import { drawLabels, forgetCounts } from "./labels.js";
import { canvasRenderer, densityImage, densityMargin, placeIndex, webglRenderer } from "./renderer.js";
import { changed, on, report, state } from "./state.js";

/** @typedef {import("./renderer.js").View} View */

const most = 12; // values of a field with a color of their own
const fewWhileMoving = 150000; // points that are drawn while the map moves

/** @type {View} */
const view = { x: 0.5, y: 0.5, scale: 1 };
let base = 1; // the scale at which everything is seen
let width = 0;
let height = 0;
/** @type {import("./renderer.js").Renderer} */
let renderer;
/** @type {ReturnType<typeof placeIndex>} */
let index;
/** @type {HTMLCanvasElement | null} */
let density = null;
let colors = new Uint8Array(0);
let emphasized = 0;
let scheduled = 0;
let settle = 0;
let moving = false;
/** What the browser tests measure. */
export const frames = { drawn: 0, last: 0 };

function measureMap() {
  const box = byID("map").getBoundingClientRect();
  if (box.width === 0) return;
  const zoom = view.scale / base;
  width = box.width;
  height = box.height;
  base = Math.min(width, height) * 0.92;
  view.scale = width && zoom > 0 && Number.isFinite(zoom) && view.scale !== 1 ? base * zoom : base;
  schedule();
}

/** @param {boolean} [move] whether more frames will follow at once */
function schedule(move = false) {
  if (move) {
    moving = true;
    clearTimeout(settle);
    settle = window.setTimeout(() => {
      moving = false;
      schedule();
    }, 140);
  }
  scheduled ||= requestAnimationFrame(drawMap);
}

function pointSize() {
  const zoom = view.scale / base;
  const usual = report.n > 300000 ? 1.6 : report.n > 60000 ? 2.2 : report.n > 12000 ? 3 : report.n > 2500 ? 4.5 : 6;
  return Math.min(11, usual * zoom ** 0.42);
}

function drawMap() {
  scheduled = 0;
  if (state.view !== "map" || width === 0) return;
  const zoom = view.scale / base;
  const canvas = /** @type {HTMLCanvasElement} */ (byID("density"));
  if (canvas.width !== Math.round(width) || canvas.height !== Math.round(height)) {
    canvas.width = Math.round(width);
    canvas.height = Math.round(height);
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.clearRect(0, 0, width, height);
  const faint = Math.max(0, 1 - Math.log2(zoom) / 3); // the density fades as the points come apart
  if (density && faint > 0) {
    context.globalAlpha = faint;
    context.imageSmoothingQuality = "high";
    const side = view.scale * (1 + 2 * densityMargin);
    context.drawImage(density, width / 2 + (-densityMargin - view.x) * view.scale, height / 2 - (1 + densityMargin - view.y) * view.scale, side, side);
  }
  const shown = Math.max(1, emphasized / zoom ** 2);
  renderer.draw({
    view,
    width,
    height,
    ratio: Math.min(2, devicePixelRatio || 1),
    size: pointSize(),
    alpha: Math.max(0.3, Math.min(0.85, (24000 / shown) ** 0.3 * 0.6)),
    faded: filtering() || state.topic !== null ? (state.dark ? 0.13 : 0.12) : 0,
    most: moving ? fewWhileMoving : Infinity,
  });
  drawLabels(byID("labels"), view, width, height, base);
  frames.drawn++;
  frames.last = performance.now();
}

/**
 * The color of each document by the chosen property, and what the legend says of it.
 * @returns {{of: (i: number) => number[], legend: (Node | null)[]}}
 */
function coloring() {
  const field = state.color.startsWith("field:") ? report.fields[Number(state.color.slice(6))] : null;
  /** @param {import("./types.js").Numbers} data @param {string} name @param {(v: number) => string} show */
  const ramp = (data, name, show) => {
    const none = rgb(paletteColor(-1));
    const table = Array.from({ length: 256 }, (_, i) => rampColor(state.dark ? 0.2 + (0.8 * i) / 255 : (0.92 * i) / 255));
    // Colors go by rank, so that a few extreme values do not make all others look alike.
    const sample = new Float64Array(Math.min(data.length, 20000));
    let known = 0;
    for (let k = 0; k < sample.length; k++) {
      const v = data[Math.floor((k * data.length) / sample.length)];
      if (Number.isFinite(v)) sample[known++] = v;
    }
    const sorted = sample.subarray(0, known).sort();
    const [low, high] = extentOf(data);
    const rank = (/** @type {number} */ v) => {
      let [a, b] = [0, sorted.length];
      while (a < b) {
        const middle = (a + b) >> 1;
        if (sorted[middle] < v) a = middle + 1;
        else b = middle;
      }
      return a / Math.max(1, sorted.length - 1);
    };
    const middle = known ? sorted[known >> 1] : low;
    return {
      of: (/** @type {number} */ i) => (Number.isFinite(data[i]) ? table[Math.min(255, Math.round(255 * rank(data[i])))] : none),
      legend: [
        h("div", { dir: "auto" }, name),
        h("div", { class: "ramp", "css:background": rampGradient() }),
        h("div", { class: "ends" }, h("span", {}, show(low)), h("span", {}, show(middle)), h("span", {}, show(high))),
      ],
    };
  };
  if (state.color === "probability") {
    const data = new Float32Array(report.n);
    for (let i = 0; i < report.n; i++) data[i] = report.probability[i] / 255;
    return ramp(data, "Probability", decimal);
  }
  if (state.color === "time" && report.time) return ramp(report.time, "Time", day);
  if (field && !field.values) return ramp(field.data, line(field.name, 40), decimal);
  if (field && field.values) {
    const values = field.values;
    const counts = new Int32Array(values.length);
    for (let i = 0; i < report.n; i++) counts[field.data[i]]++;
    const order = [...values.keys()].filter((v) => values[v] !== "").sort((a, b) => counts[b] - counts[a] || a - b);
    // Colors of the palette that lie far apart come first.
    const spread = [8, 1, 5, 3, 11, 6, 2, 9, 0, 4, 10, 7];
    /** @type {Map<number, string>} */
    const own = new Map(order.slice(0, most).map((v, k) => [v, paletteColor(spread[k])]));
    const other = rgb(paletteColor(-1));
    const table = values.map((_, v) => (own.has(v) ? rgb(/** @type {string} */ (own.get(v))) : other));
    const items = [...own].map(([v, color]) => h("li", {}, h("span", { class: "dot", "css:background": color }), h("span", { dir: "auto" }, line(values[v], 32))));
    if (order.length > most || values.includes("")) items.push(h("li", {}, h("span", { class: "dot", "css:background": paletteColor(-1) }), order.length > most ? "others" : "none"));
    return { of: (i) => table[field.data[i]], legend: [h("div", { dir: "auto" }, line(field.name, 40)), h("ul", {}, ...items)] };
  }
  const table = report.topics.map((_, k) => rgb(topicColor(k)));
  return { of: (i) => table[report.topic[i]], legend: [] };
}

/** @param {boolean} [legend] whether the legend changes too */
function recolor(legend = true) {
  if (colors.length !== 4 * report.n) colors = new Uint8Array(4 * report.n);
  const { of, legend: parts } = coloring();
  emphasized = 0;
  const chosen = state.topic;
  for (let i = 0; i < report.n; i++) {
    const c = of(i);
    const on = mask[i] === 1 && (chosen === null || report.topic[i] === chosen);
    colors[4 * i] = c[0];
    colors[4 * i + 1] = c[1];
    colors[4 * i + 2] = c[2];
    colors[4 * i + 3] = on ? 255 : 0;
    if (on) emphasized++;
  }
  renderer.setColors(colors);
  density = null;
  schedule();
  clearTimeout(densityTimer);
  densityTimer = window.setTimeout(() => {
    density = densityImage(report.x, report.y, colors, state.dark ? 0.34 : 0.26);
    schedule();
  }, 60);
  if (legend) byID("legend").replaceChildren(.../** @type {Node[]} */ (parts.filter(Boolean)));
}
let densityTimer = 0;

/** @param {number} px @param {number} py */
function toMap(px, py) {
  return /** @type {[number, number]} */ ([view.x + (px - width / 2) / view.scale, view.y - (py - height / 2) / view.scale]);
}

/**
 * The document at a place of the map in pixels, or -1.
 * @param {number} px
 * @param {number} py
 * @param {number} reach
 */
export function documentAt(px, py, reach) {
  const [x, y] = toMap(px, py);
  return index.nearest(x, y, reach / view.scale, (i) => colors[4 * i + 3] === 255);
}

/**
 * The place of a document in pixels.
 * @param {number} doc
 * @returns {[number, number]}
 */
export function placeOf(doc) {
  return [width / 2 + (report.x[doc] / 65534 - view.x) * view.scale, height / 2 - (report.y[doc] / 65534 - view.y) * view.scale];
}

/** @param {number} factor @param {number} [px] @param {number} [py] */
export function zoomBy(factor, px = width / 2, py = height / 2) {
  const [x, y] = toMap(px, py);
  view.scale = Math.max(base * 0.7, Math.min(base * 400, view.scale * factor));
  view.x = x - (px - width / 2) / view.scale;
  view.y = y + (py - height / 2) / view.scale;
  schedule(true);
}

export function showAll() {
  Object.assign(view, { x: 0.5, y: 0.5, scale: base });
  schedule(true);
}

/** @param {number} dx @param {number} dy in pixels */
export function panBy(dx, dy) {
  view.x = Math.max(-0.2, Math.min(1.2, view.x - dx / view.scale));
  view.y = Math.max(-0.2, Math.min(1.2, view.y + dy / view.scale));
  schedule(true);
}

/** @param {number} doc @param {number} px @param {number} py */
function showHover(doc, px, py) {
  const box = byID("hover");
  const fill = () => {
    const known = documentNow(doc);
    const text = known?.text ?? known?.id ?? titleOf(doc);
    const p = report.probability[doc] / 255;
    box.replaceChildren(
      h("div", { class: "text", dir: "auto" }, known ? text.slice(0, 600) || "(no text)" : "…"),
      h(
        "div",
        { class: "from" },
        h("span", { class: "dot", "css:background": topicColor(report.topic[doc]) }),
        h("span", { class: "name", dir: "auto" }, topicName(report.topic[doc])),
        h("span", {}, p > 0 ? "p " + p.toFixed(2) : ""),
        report.time && Number.isFinite(report.time[doc]) ? h("span", {}, day(report.time[doc])) : null,
      ),
    );
  };
  fill();
  box.hidden = false;
  const size = box.getBoundingClientRect();
  box.style.left = Math.max(6, px + 16 + size.width > width ? px - size.width - 12 : px + 16) + "px";
  box.style.top = Math.max(6, Math.min(height - size.height - 6, py + 14)) + "px";
  if (!documentNow(doc)) void documentOf(doc).then(() => hovered === doc && fill());
}

let hovered = -1;

/** @param {number} px @param {number} py */
function hover(px, py) {
  const doc = documentAt(px, py, Math.max(6, pointSize()));
  byID("map").classList.toggle("pointing", doc >= 0);
  hovered = doc;
  if (doc >= 0) showHover(doc, px, py);
  else byID("hover").hidden = true;
}

function endHover() {
  hovered = -1;
  byID("hover").hidden = true;
}

/**
 * Selects the documents within a polygon.
 * @param {[number, number][] | null} corners on the map
 */
export function setLasso(corners) {
  state.lasso = corners;
  applyLasso();
  changed("filter");
  if (corners) say(plural(mask.reduce((n, v) => n + v, 0), "document") + " in the lasso");
}

export function applyLasso() {
  const corners = state.lasso;
  if (!corners) {
    setInside(null);
    return;
  }
  const inside = new Uint8Array(report.n);
  const [x0, x1] = [Math.min(...corners.map((c) => c[0])), Math.max(...corners.map((c) => c[0]))];
  for (let i = 0; i < report.n; i++) {
    const px = report.x[i] / 65534;
    const py = report.y[i] / 65534;
    if (report.x[i] === 65535 || px < x0 || px > x1) continue;
    let within = false;
    for (let a = 0, b = corners.length - 1; a < corners.length; b = a++) {
      const [ax, ay] = corners[a];
      const [bx, by] = corners[b];
      if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) within = !within;
    }
    inside[i] = within ? 1 : 0;
  }
  setInside(inside);
}

let lassoMode = false;

/** @param {boolean} on */
function setLassoMode(on) {
  lassoMode = on;
  byID("lasso-button").setAttribute("aria-pressed", String(on));
  byID("map").classList.toggle("drawing", on);
}

function listen() {
  const map = byID("map");
  const path = /** @type {SVGPathElement} */ (/** @type {unknown} */ (map.querySelector(".lasso path")));
  /** @type {Map<number, [number, number]>} */
  const pointers = new Map();
  /** @type {[number, number][] | null} */
  let trail = null;
  let moved = 0;
  /** @param {PointerEvent | WheelEvent | MouseEvent} e @returns {[number, number]} */
  const at = (e) => {
    const box = map.getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  };
  map.addEventListener("pointerdown", (e) => {
    if (e.button !== 0) return;
    map.setPointerCapture(e.pointerId);
    pointers.set(e.pointerId, at(e));
    moved = 0;
    if (pointers.size === 1 && (lassoMode || e.shiftKey)) trail = [at(e)];
    endHover();
  });
  map.addEventListener("pointermove", (e) => {
    const p = at(e);
    const before = pointers.get(e.pointerId);
    if (!before) {
      if (e.pointerType !== "touch") hover(...p);
      return;
    }
    moved += Math.abs(p[0] - before[0]) + Math.abs(p[1] - before[1]);
    if (trail) {
      trail.push(p);
      path.setAttribute("d", "M" + trail.map((q) => q.map((v) => v.toFixed(1)).join(" ")).join("L") + "Z");
    } else if (pointers.size === 1) {
      map.classList.add("grabbing");
      panBy(p[0] - before[0], p[1] - before[1]);
    } else if (pointers.size === 2) {
      const other = /** @type {[number, number]} */ ([...pointers].find(([id]) => id !== e.pointerId)?.[1]);
      const was = Math.hypot(before[0] - other[0], before[1] - other[1]);
      const is = Math.hypot(p[0] - other[0], p[1] - other[1]);
      zoomBy(is / Math.max(1, was), (p[0] + other[0]) / 2, (p[1] + other[1]) / 2);
      panBy((p[0] - before[0]) / 2, (p[1] - before[1]) / 2);
    }
    pointers.set(e.pointerId, p);
  });
  /** @param {PointerEvent} e */
  const end = (e) => {
    if (!pointers.delete(e.pointerId)) return;
    map.classList.remove("grabbing");
    if (trail) {
      path.setAttribute("d", "");
      const corners = trail.map((q) => toMap(...q));
      trail = null;
      if (corners.length > 3 && moved > 12) {
        setLassoMode(false);
        setLasso(corners);
        return;
      }
    }
    if (moved < 5 && e.type === "pointerup") {
      const doc = documentAt(...at(e), e.pointerType === "touch" ? 18 : Math.max(6, pointSize()));
      state.doc = doc < 0 ? null : doc;
      if (doc < 0 && state.topic !== null) {
        state.topic = null;
        changed("topic");
      }
      changed("doc");
    }
  };
  map.addEventListener("pointerup", end);
  map.addEventListener("pointercancel", end);
  map.addEventListener("pointerleave", endHover);
  map.addEventListener("wheel", (e) => {
    e.preventDefault();
    zoomBy(2 ** (-e.deltaY / (e.deltaMode === 1 ? 12 : 360)), ...at(e));
    endHover();
  }, { passive: false });
  map.addEventListener("dblclick", (e) => zoomBy(2, ...at(e)));
  map.addEventListener("keydown", (e) => {
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => panBy(60, 0), ArrowRight: () => panBy(-60, 0), ArrowUp: () => panBy(0, 60), ArrowDown: () => panBy(0, -60),
      "+": () => zoomBy(1.4), "=": () => zoomBy(1.4), "-": () => zoomBy(1 / 1.4), 0: showAll,
    };
    const act = keys[e.key];
    if (!act || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    act();
  });
  byID("zoom-in").addEventListener("click", () => zoomBy(1.6));
  byID("zoom-out").addEventListener("click", () => zoomBy(1 / 1.6));
  byID("zoom-all").addEventListener("click", showAll);
  byID("lasso-button").addEventListener("click", () => setLassoMode(!lassoMode));
  new ResizeObserver(measureMap).observe(map);
}

/** Moves the map so that the topic of a card that was opened elsewhere is seen. */
function reveal() {
  const center = state.topic === null ? null : report.topics[state.topic].center;
  if (!center || center[0] === null || center[1] === null) return;
  const x = width / 2 + (center[0] - view.x) * view.scale;
  const y = height / 2 - (center[1] - view.y) * view.scale;
  if (x < 40 || y < 40 || x > width - 40 || y > height - 40) {
    view.x = center[0];
    view.y = center[1];
  }
}

/** @param {boolean} plain  whether WebGL is left alone */
export function startMap(plain) {
  const canvas = /** @type {HTMLCanvasElement} */ (byID("points"));
  renderer = (plain ? null : webglRenderer(canvas, report.x, report.y, () => recolor(false))) ?? canvasRenderer(canvas, report.x, report.y);
  byID("map").dataset.renderer = renderer.kind;
  index = placeIndex(report.x, report.y);
  listen();
  measureMap();
  recolor();
  on(["mask"], () => {
    forgetCounts();
    recolor(false);
  });
  on(["topic"], () => {
    reveal();
    recolor(false);
  });
  on(["color", "theme"], () => recolor());
  on(["view"], () => {
    if (state.view === "map") measureMap();
    endHover();
  });
  const select = /** @type {HTMLSelectElement} */ (byID("color"));
  const options = [["topic", "Topic"], ["probability", "Probability"]];
  if (report.time) options.push(["time", "Time"]);
  report.fields.forEach((f, k) => options.push(["field:" + k, line(f.name, 40)]));
  select.replaceChildren(...options.map(([value, name]) => h("option", { value }, name)));
  if (!options.some(([value]) => value === state.color)) state.color = "topic";
  select.value = state.color;
  select.addEventListener("change", () => {
    state.color = select.value;
    changed("color");
  });
}

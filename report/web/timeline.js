// The histogram of time with a brush, which filters everything.

import { byID, h } from "./dom.js";
import { count, day } from "./format.js";
import { extentOf, filtering, mask } from "./filters.js";
import { changed, on, report, state } from "./state.js";

/** @type {number[] | null} */
let starts = null;

/** The first second of each bin of the calendar, from that of the first document to that of the last. */
export function binStarts() {
  if (starts) return starts;
  starts = [];
  if (!report.time) return starts;
  const every = report.meta.time?.every ?? "day";
  const [low, high] = extentOf(report.time);
  const d = new Date(low * 1000);
  const [y, m, date] = [d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate()];
  const week = (d.getUTCDay() + 6) % 7; // days since Monday
  const first = { year: [y, 0, 1], quarter: [y, m - (m % 3), 1], month: [y, m, 1], week: [y, m, date - week], day: [y, m, date] }[every] ?? [y, m, date];
  const [by, bm, bd] = { year: [1, 0, 0], quarter: [0, 3, 0], month: [0, 1, 0], week: [0, 0, 7], day: [0, 0, 1] }[every] ?? [0, 0, 1];
  for (let k = 0; k < 100000; k++) {
    const start = utc(first[0] + k * by, first[1] + k * bm, first[2] + k * bd);
    if (start > high) break;
    starts.push(start);
  }
  return starts;
}

/** @param {number} y @param {number} m @param {number} d */
function utc(y, m, d) {
  const date = new Date(0);
  date.setUTCFullYear(y, m, d);
  return date.getTime() / 1000;
}

/** @type {Int32Array | null} */
let bins = null;

/** The bin of each document, -1 where the time is not known. */
export function binOf() {
  if (bins) return bins;
  const s = binStarts();
  bins = new Int32Array(report.n).fill(-1);
  const time = report.time;
  if (!time) return bins;
  for (let i = 0; i < report.n; i++) {
    const t = time[i];
    if (!Number.isFinite(t)) continue;
    let low = 0;
    let high = s.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (s[middle] <= t) low = middle;
      else high = middle;
    }
    bins[i] = low;
  }
  return bins;
}

/**
 * The number of documents of each bin that keep lets pass.
 * @param {(i: number) => boolean} keep
 */
export function binCounts(keep) {
  const of = binOf();
  /** @type {number[]} */
  const out = new Array(binStarts().length).fill(0);
  for (let i = 0; i < of.length; i++) if (of[i] >= 0 && keep(i)) out[of[i]]++;
  return out;
}

/** @type {any} the chart of uPlot */
let plot = null;

function colorsNow() {
  const style = getComputedStyle(document.documentElement);
  return { text: style.getPropertyValue("--muted"), grid: style.getPropertyValue("--grid"), accent: style.getPropertyValue("--accent"), line: style.getPropertyValue("--line") };
}

function values() {
  const s = binStarts();
  const all = binCounts(() => true);
  const some = filtering() ? binCounts((i) => mask[i] === 1) : all;
  return [s, all, some];
}

function drawTimeline() {
  const holder = byID("timeline");
  if (!report.time || binStarts().length < 2) return;
  holder.hidden = false;
  plot?.destroy();
  const place = /** @type {HTMLElement} */ (holder.querySelector(".plot"));
  const colors = colorsNow();
  const uPlot = /** @type {any} */ (globalThis).uPlot;
  const bars = uPlot.paths.bars({ size: [0.9, 40], align: 1 });
  plot = new uPlot(
    {
      width: place.clientWidth || 600,
      height: place.clientHeight || 74,
      legend: { show: false },
      padding: [6, 18, 0, 18],
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      scales: { x: { time: true }, y: { range: (/** @type {any} */ _, /** @type {number} */ __, /** @type {number} */ high) => [0, Math.max(1, high)] } },
      tzDate: (/** @type {number} */ t) => uPlot.tzDate(new Date(t * 1000), "UTC"),
      axes: [
        { stroke: colors.text, grid: { show: false }, ticks: { stroke: colors.line, size: 4 }, size: 22, gap: 2, font: "11px system-ui, sans-serif", space: 70, values: (/** @type {any} */ _, /** @type {number[]} */ v) => v.map((t, i) => tickName(t, i > 0 ? t - v[i - 1] : v[1] - v[0])) },
        { show: false },
      ],
      series: [{}, { paths: bars, fill: colors.line, points: { show: false } }, { paths: bars, fill: colors.accent, points: { show: false } }],
      hooks: {
        setSelect: [
          (/** @type {any} */ u) => {
            if (!brushing) return;
            const { left, width } = u.select;
            setRange(width > 2 ? [u.posToVal(left, "x"), u.posToVal(left + width, "x")] : null);
          },
        ],
      },
    },
    values(),
    place,
  );
  showRange();
}

/** @param {number} t @param {number} step seconds between two ticks */
function tickName(t, step) {
  return day(t).slice(0, step > 300 * 86400 ? 4 : step > 27 * 86400 ? 7 : 10);
}

let brushing = true;

/** @param {[number, number] | null} range */
function setRange(range) {
  state.time = range ? [Math.floor(range[0]), Math.ceil(range[1])] : null;
  changed("filter");
}

/** Shows the range of the filter in the chart and in the fields. */
function showRange() {
  const [low, high] = extentOf(/** @type {Float64Array} */ (report.time));
  const range = state.time ?? [low, high];
  const inputs = byID("timeline").querySelectorAll("input");
  inputs[0].value = day(range[0]);
  inputs[1].value = day(range[1]);
  byID("timeline-clear").hidden = !state.time;
  byID("timeline-count").textContent = state.time ? "" : `${count(binStarts().length)} ${report.meta.time?.every ?? "day"}s`;
  if (!plot) return;
  const box = plot.over.getBoundingClientRect();
  brushing = false;
  const left = state.time ? Math.max(0, plot.valToPos(range[0], "x")) : 0;
  const right = state.time ? Math.min(box.width, plot.valToPos(range[1], "x")) : 0;
  plot.setSelect({ left, top: 0, width: Math.max(0, right - left), height: state.time ? box.height : 0 }, false);
  brushing = true;
}

export function startTimeline() {
  if (!report.time) return;
  const holder = byID("timeline");
  /** @param {string} name @param {0 | 1} end */
  const input = (name, end) =>
    h("input", {
      type: "date",
      "aria-label": name,
      onchange: (/** @type {Event} */ e) => {
        const [low, high] = extentOf(/** @type {Float64Array} */ (report.time));
        const seconds = Date.parse(/** @type {HTMLInputElement} */ (e.target).value) / 1000;
        /** @type {[number, number]} */
        const range = state.time ? [...state.time] : [low, high];
        range[end] = Number.isFinite(seconds) ? seconds + (end ? 86399 : 0) : end ? high : low;
        setRange(range);
      },
    });
  holder.replaceChildren(
    h(
      "div",
      { class: "head" },
      h("span", {}, "Time"),
      input("From", 0),
      h("span", {}, "to"),
      input("To", 1),
      h("button", { id: "timeline-clear", type: "button", hidden: true, onclick: () => setRange(null) }, "All"),
      h("span", { id: "timeline-count" }),
    ),
    h("div", { class: "plot", "aria-hidden": "true" }),
  );
  holder.hidden = false;
  drawTimeline();
  on(["mask"], () => {
    plot?.setData(values(), false);
    plot?.redraw();
    showRange();
  });
  on(["theme"], drawTimeline);
  new ResizeObserver(() => {
    const place = /** @type {HTMLElement} */ (holder.querySelector(".plot"));
    if (plot && place.clientWidth) {
      plot.setSize({ width: place.clientWidth, height: place.clientHeight });
      showRange();
    }
  }).observe(holder);
}

// The views beside the map. Each is drawn when it is opened and when what it shows changes.

import { documentNow, documentOf, titleOf } from "./data.js";
import { byID, h, press, s, tip } from "./dom.js";
import { bin, count, decimal, line, percent, plural, rampColor, topicColor, topicName, words } from "./format.js";
import { filtering, mask, passing, topicCounts } from "./filters.js";
import { figure, label, plainTable, svg, ticks, wordBars } from "./charts.js";
import { changed, report, state } from "./state.js";
import { selectTopic } from "./tree.js";
import { drawTable } from "./table.js";
import { openDocument } from "./card.js";
import { binCounts, binOf, binStarts } from "./timeline.js";

/** @typedef {import("./dom.js").Attribute} Attribute */

/**
 * @typedef {object} ViewOf
 * @property {string} id
 * @property {string} name
 * @property {() => boolean} there  whether there is anything to show
 * @property {(view: HTMLElement) => void} draw
 */

/** The topics without the outliers, the largest of the selection first. */
function largest() {
  return [...report.topics.keys()].filter((k) => report.topics[k].id >= 0).sort((a, b) => topicCounts[b] - topicCounts[a] || a - b);
}

/** The topics that a chart begins with: the selected one and the largest. @param {number} n */
function shownTopics(n) {
  const out = largest().slice(0, n);
  if (state.topic !== null && report.topics[state.topic].id >= 0 && !out.includes(state.topic)) out[Math.min(n - 1, out.length)] = state.topic;
  return out;
}

/** @param {string} name @param {string} text */
function heading(name, text) {
  return [h("h2", {}, name), h("p", { class: "note" }, text)];
}

/** @param {HTMLElement} view */
function roomOf(view) {
  return Math.max(300, view.clientWidth - (innerWidth <= 820 ? 26 : 44));
}

/** @param {number} k @returns {string[]} */
function topicTip(k) {
  const t = report.topics[k];
  return [topicName(k), `${t.id < 0 ? "outliers" : "topic " + t.id} · ${plural(filtering() ? topicCounts[k] : t.size, "document")}`, words(t.terms[0].slice(0, 8))];
}

/** @param {number} k @returns {Record<string, Attribute>} */
function topicHit(k, shown = topicName(k)) {
  const name = topicName(k);
  const label = shown === name ? name : shown + ": " + name; // what is read begins with what is seen
  return { class: "hit", ...press(label + ", " + plural(report.topics[k].size, "document"), () => selectTopic(k)), ...tip(() => topicTip(k)) };
}

const settings = {
  share: false,
  classField: 0,
  classShare: true,
  lambda: 0.6,
  logRank: false,
  shares: 0,
  heat: "hierarchy",
};

/**
 * @param {string} name
 * @param {boolean} checked
 * @param {(on: boolean) => void} act
 */
function checkbox(name, checked, act) {
  return h("label", {}, h("input", { type: "checkbox", checked, onchange: (/** @type {Event} */ e) => act(/** @type {HTMLInputElement} */ (e.target).checked) }), name);
}

/** @param {string} name @param {string[]} options @param {number} chosen @param {(k: number) => void} act */
function choice(name, options, chosen, act) {
  return h(
    "label",
    {},
    name,
    h(
      "select",
      { onchange: (/** @type {Event} */ e) => act(/** @type {HTMLSelectElement} */ (e.target).selectedIndex) },
      ...options.map((o, k) => h("option", { selected: k === chosen }, o)),
    ),
  );
}

/** @param {number[]} topics */
function keys(topics) {
  return h(
    "ul",
    { class: "keys" },
    ...topics.map((k) =>
      h("li", {}, h("button", { type: "button", "aria-pressed": String(state.topic === k), onclick: () => selectTopic(k) }, h("span", { class: "dot", "css:background": topicColor(k) }), h("span", { dir: "auto" }, topicName(k)))),
    ),
  );
}

/** @type {any} */
let timePlot = null;

/** @param {HTMLElement} view */
function overTime(view) {
  const starts = binStarts();
  const every = report.meta.time?.every ?? "day";
  const topics = shownTopics(8);
  const of = binOf();
  const totals = binCounts((i) => mask[i] === 1);
  const counts = topics.map(() => new Float64Array(starts.length));
  const at = new Map(topics.map((k, i) => [k, i]));
  for (let i = 0; i < report.n; i++) {
    const k = at.get(report.topic[i]);
    if (k !== undefined && mask[i] && of[i] >= 0) counts[k][of[i]]++;
  }
  const values = counts.map((c) => (settings.share ? Array.from(c, (v, b) => (totals[b] ? v / totals[b] : null)) : Array.from(c)));
  /** @type {Map<string, number[]>} */
  const wordsOf = new Map();
  const goStarts = report.meta.time?.start ?? [];
  for (const [k, b, , w] of report.meta.time?.rows ?? []) wordsOf.set(k + "/" + goStarts[b], w);
  const holder = h("div", { class: "chart" });
  const note = h("p", { class: "note", "aria-hidden": "true" });
  const redraw = () => overTime(view);
  view.replaceChildren(
    ...heading("Topics over time", `Documents of the largest topics per ${every}, of those that pass the filters. Point at the chart for the words of a ${every}.`),
    h("div", { class: "controls" }, checkbox(`Share of the documents of each ${every}`, settings.share, (on) => ((settings.share = on), redraw()))),
    figure("Topics over time", holder, [every, "topic", "documents", `share of the ${every}`, "words"], () =>
      starts.flatMap((start, b) =>
        topics.flatMap((k, i) => (counts[i][b] ? [[bin(start, every), topicName(k), counts[i][b], totals[b] ? counts[i][b] / totals[b] : null, words(wordsOf.get(k + "/" + start) ?? [])]] : [])),
      ),
    ),
    note,
    keys(topics),
  );
  timePlot?.destroy();
  const style = getComputedStyle(document.documentElement);
  const muted = style.getPropertyValue("--muted");
  const grid = { stroke: style.getPropertyValue("--grid"), width: 1 };
  const font = "12px system-ui, sans-serif";
  const uPlot = /** @type {any} */ (globalThis).uPlot;
  timePlot = new uPlot(
    {
      width: roomOf(view),
      height: Math.max(260, Math.min(460, view.clientHeight - 240)),
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, focus: { prox: 24 }, points: { size: 7 } },
      focus: { alpha: 0.25 },
      scales: { x: { time: true }, y: { range: (/** @type {any} */ _, /** @type {number} */ __, /** @type {number} */ high) => [0, (high || 1) * 1.05] } },
      tzDate: (/** @type {number} */ t) => uPlot.tzDate(new Date(t * 1000), "UTC"),
      axes: [
        { stroke: muted, grid, ticks: { stroke: grid.stroke }, font },
        { stroke: muted, grid, ticks: { stroke: grid.stroke }, font, size: 56, values: (/** @type {any} */ _, /** @type {number[]} */ v) => v.map((x) => (settings.share ? percent(x) : decimal(x))) },
      ],
      series: [{}, ...topics.map((k) => ({ stroke: topicColor(k), width: state.topic === k ? 3.5 : 1.8, points: { show: starts.length < 40, size: 5 }, label: topicName(k) }))],
      hooks: {
        setLegend: [
          (/** @type {any} */ u) => {
            const b = u.cursor.idx;
            const focused = u.series.findIndex((/** @type {any} */ x, /** @type {number} */ i) => i > 0 && x._focus);
            if (b === null || b === undefined) note.textContent = "";
            else if (focused > 0) {
              const k = topics[focused - 1];
              note.textContent = `${bin(starts[b], every)} · ${topicName(k)} · ${plural(counts[focused - 1][b], "document")} · ${words(wordsOf.get(k + "/" + starts[b]) ?? [])}`;
            } else note.textContent = `${bin(starts[b], every)} · ${plural(totals[b], "document")}`;
          },
        ],
      },
    },
    [starts, ...values],
    holder,
  );
}

/** @param {HTMLElement} view */
function perClass(view) {
  const all = report.meta.classes;
  const c = all[Math.min(settings.classField, all.length - 1)];
  const f = report.fields.findIndex((x) => x.name === c.field);
  const values = report.fields[f].values ?? [];
  const position = new Map(values.map((v, k) => [v, k]));
  const n = values.length;
  const counts = new Int32Array(n * report.topics.length);
  const totals = new Int32Array(n);
  for (let i = 0; i < report.n; i++) {
    if (!mask[i]) continue;
    counts[report.topic[i] * n + report.fields[f].data[i]]++;
    totals[report.fields[f].data[i]]++;
  }
  const classes = c.names.map((name) => position.get(name) ?? -1).filter((v) => v >= 0).sort((a, b) => totals[b] - totals[a]);
  const columns = classes.slice(0, 15);
  const topics = shownTopics(25);
  /** @type {Map<string, number[]>} */
  const wordsOf = new Map(c.rows.map(([k, g, , w]) => [k + "/" + position.get(c.names[g]), w]));
  const share = (/** @type {number} */ k, /** @type {number} */ v) => (totals[v] ? counts[k * n + v] / totals[v] : 0);
  const most = Math.max(1e-9, ...topics.flatMap((k) => columns.map((v) => (settings.classShare ? share(k, v) : counts[k * n + v]))));
  const redraw = () => perClass(view);
  const table = h(
    "table",
    { class: "plain heat" },
    h("caption", { class: "hidden" }, "Topics per " + line(c.field, 40)),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Topic"), ...columns.map((v) => h("th", { scope: "col", class: "num", dir: "auto" }, line(values[v], 24))))),
    h(
      "tbody",
      {},
      ...topics.map((k) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, h("button", { type: "button", class: "link", dir: "auto", onclick: () => selectTopic(k) }, topicName(k))),
          ...columns.map((v) => {
            const x = settings.classShare ? share(k, v) : counts[k * n + v];
            return h(
              "td",
              {
                "css:background": `color-mix(in srgb, ${topicColor(k)} ${Math.round(45 * (x / most) ** 0.7)}%, transparent)`,
                ...tip(() => [`${topicName(k)} · ${line(values[v], 40)}`, `${plural(counts[k * n + v], "document")} · ${percent(share(k, v))} of the class`, words(wordsOf.get(k + "/" + v) ?? [])]),
              },
              counts[k * n + v] === 0 ? "" : settings.classShare ? percent(x) : count(x),
            );
          }),
        ),
      ),
    ),
  );
  view.replaceChildren(
    ...heading("Topics per class", "How the documents of each value of a field are divided among the largest topics. Point at a cell for the words of the topic within the class."),
    h(
      "div",
      { class: "controls" },
      choice("Field", all.map((x) => line(x.field, 40)), settings.classField, (k) => ((settings.classField = k), redraw())),
      checkbox("Share of the class", settings.classShare, (on) => ((settings.classShare = on), redraw())),
    ),
    figure("Topics per class", table, ["topic", line(c.field, 40), "documents", "share of the class", "words"], () =>
      largest().flatMap((k) => classes.flatMap((v) => (counts[k * n + v] ? [[topicName(k), values[v], counts[k * n + v], share(k, v), words(wordsOf.get(k + "/" + v) ?? [])]] : []))),
      { wide: true },
    ),
  );
}

/** @param {HTMLElement} view */
function hierarchy(view) {
  const leaves = report.meta.leaves ?? [];
  const merges = report.meta.merges;
  const n = leaves.length;
  const byTopicID = new Map(report.topics.map((t, k) => [t.id, k]));
  const rowHeight = 21;
  const left = Math.min(270, Math.max(130, roomOf(view) * 0.34));
  const width = Math.max(420, Math.min(1100, roomOf(view)));
  const height = n * rowHeight + 34;
  const far = Math.max(...merges.map((m) => m[2]), 1e-9);
  const x = (/** @type {number} */ d) => left + 8 + ((width - left - 24) * d) / far;
  /** @type {Map<number, {x: number, y: number, color: string}>} */
  const nodes = new Map();
  leaves.forEach((k, i) => nodes.set(report.topics[k].id, { x: x(0), y: 26 + i * rowHeight, color: topicColor(k) }));
  /** @type {SVGElement[]} */
  const lines = [];
  /** @type {SVGElement[]} */
  const dots = [];
  merges.forEach(([a, b, d, w, size], i) => {
    const [p, q] = [nodes.get(a), nodes.get(b)];
    if (!p || !q) return;
    const color = d < far * 0.45 ? (p.color === q.color || size ? p.color : q.color) : "var(--muted)";
    const here = { x: x(d), y: (p.y + q.y) / 2, color };
    nodes.set(n + i, here);
    lines.push(s("path", { d: `M${p.x.toFixed(1)} ${p.y}H${here.x.toFixed(1)}V${q.y}H${q.x.toFixed(1)}`, fill: "none", stroke: color, "stroke-width": 1.4, opacity: 0.85 }));
    const title = words(w) || "(no words)";
    dots.push(
      s("circle", { cx: here.x, cy: here.y, r: 4.5, fill: "var(--ground)", stroke: color, "stroke-width": 1.6, class: "hit", tabindex: 0, role: "img", "aria-label": `Merge at ${d.toFixed(2)}: ${title}`, ...tip(() => [title, `merges at ${d.toFixed(3)} · ${plural(size, "document")}`]) }),
    );
  });
  const axis = ticks(0, far, 6).map((v) => [
    s("line", { x1: x(v), x2: x(v), y1: 14, y2: height - 4, class: "axis" }),
    label(x(v), 10, decimal(v), { "text-anchor": "middle", class: "muted", "font-size": 11 }),
  ]);
  const names = leaves.map((k, i) => {
    const chosen = state.topic === k;
    const shown = line(topicName(k), Math.floor(left / 7));
    return s("text", { x: left, y: 30 + i * rowHeight, "text-anchor": "end", "font-weight": chosen ? 700 : 400, ...topicHit(k, shown) }, shown);
  });
  view.replaceChildren(
    ...heading("Hierarchy", "The order in which the topics merge. A circle is a merge: point at it for its words. The distance is 1 − cosine, by Ward's linkage."),
    figure("Hierarchy", svg(width, height, "Dendrogram of the topics", ...axis.flat(), ...lines, ...dots, ...names), ["merge", "left", "right", "distance", "documents", "words"], () => {
      const name = (/** @type {number} */ v) => (v < n ? topicName(byTopicID.get(v) ?? 0) : "merge " + (v - n + 1));
      return merges.map(([a, b, d, w, size], i) => [i + 1, name(a), name(b), d, size, words(w)]);
    }, { wide: true }),
  );
}

/** @param {HTMLElement} view */
function similarity(view) {
  const { topics: shown, cosines } = report.meta.similarity;
  const inTree = shown ?? [];
  const order = inTree.map((_, i) => i);
  if (settings.heat === "size") order.sort((a, b) => report.topics[inTree[b]].size - report.topics[inTree[a]].size);
  const n = order.length;
  const at = (/** @type {number} */ i, /** @type {number} */ j) => cosines[order[i] * n + order[j]];
  let low = 1;
  for (const v of cosines) low = Math.min(low, v);
  const named = n <= 60;
  const left = named ? Math.min(210, roomOf(view) * 0.36) : 8;
  const side = Math.max(5, Math.min(24, Math.floor((Math.min(roomOf(view), 940) - left) / n)));
  const ratio = Math.min(2, devicePixelRatio || 1);
  const canvas = h("canvas", { width: n * side * ratio, height: n * side * ratio, "aria-hidden": "true", "css:width": n * side + "px", "css:height": n * side + "px", "css:position": "absolute", "css:left": left + "px", "css:top": "0" });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const t = (at(i, j) - low) / (1 - low || 1);
      context.fillStyle = `rgb(${rampColor(state.dark ? t : 1 - t).join(",")})`;
      context.fillRect(j * side * ratio, i * side * ratio, side * ratio, side * ratio);
    }
  }
  const holder = h("div", { "css:position": "relative", "css:height": n * side + "px", "css:width": left + n * side + "px", role: "img", "aria-label": `Cosines of ${n} topics, from ${low.toFixed(2)} to 1` }, canvas);
  if (named) {
    holder.append(
      ...order.map((o, i) =>
        h("div", { dir: "auto", "css:position": "absolute", "css:top": i * side + "px", "css:height": side + "px", "css:line-height": side + "px", "css:width": left - 8 + "px", "css:font-size": Math.min(12, Math.max(8, side - 3)) + "px", "css:text-align": "right", "css:overflow": "hidden", "css:white-space": "nowrap", "css:text-overflow": "ellipsis" }, topicName(inTree[o])),
      ),
    );
  }
  /** @param {PointerEvent} e */
  const cell = (e) => {
    const box = canvas.getBoundingClientRect();
    return [Math.floor((e.clientY - box.top) / side), Math.floor((e.clientX - box.left) / side)];
  };
  let pointed = [0, 0];
  const shows = tip(() => [at(pointed[0], pointed[1]).toFixed(3), topicName(inTree[order[pointed[0]]]), topicName(inTree[order[pointed[1]]])]);
  canvas.addEventListener("pointermove", (e) => {
    pointed = cell(e).map((v) => Math.max(0, Math.min(n - 1, v)));
    /** @type {(e: PointerEvent) => void} */ (shows.onpointermove)(e);
  });
  canvas.addEventListener("pointerleave", () => /** @type {() => void} */ (shows.onpointerleave)());
  canvas.addEventListener("click", (e) => selectTopic(inTree[order[Math.max(0, Math.min(n - 1, cell(e)[0]))]]));
  const legend = h(
    "div",
    { "css:width": "200px", "css:margin-top": "14px" },
    h("div", { "css:height": "8px", "css:border-radius": "4px", "css:background": `linear-gradient(${state.dark ? 90 : 270}deg, ${[0, 0.2, 0.4, 0.6, 0.8, 1].map((v) => `rgb(${rampColor(v).join(",")})`).join(", ")})` }),
    h("div", { class: "muted", "css:display": "flex", "css:justify-content": "space-between", "css:font-size": "12px" }, h("span", {}, low.toFixed(2)), h("span", {}, "cosine"), h("span", {}, "1")),
  );
  view.replaceChildren(
    ...heading("Similarity", "Cosines of the mean embeddings of each two topics."),
    h("div", { class: "controls" }, choice("Order", ["hierarchy", "size"], settings.heat === "size" ? 1 : 0, (k) => ((settings.heat = k ? "size" : "hierarchy"), similarity(view)))),
    figure("Similarity", h("div", {}, holder, legend), ["topic", "other topic", "cosine"], () => {
      /** @type {[string, string, number][]} */
      const out = [];
      for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) out.push([topicName(inTree[order[i]]), topicName(inTree[order[j]]), at(i, j)]);
      return out.sort((a, b) => b[2] - a[2]);
    }, { wide: true }),
  );
}

/**
 * The most relevant terms of a topic at a λ.
 * @param {number} k
 * @param {number} lambda
 */
function relevant(k, lambda) {
  const r = report.meta.relevance;
  const [inTopic, terms, counts] = r.topics[k];
  return (terms ?? [])
    .map((t, i) => {
      const p = counts[i] / inTopic;
      const marginal = r.counts[t] / r.total;
      return { word: line(report.meta.words[r.terms[t]], 40), count: counts[i], all: r.counts[t], relevance: lambda * Math.log(p) + (1 - lambda) * Math.log(p / marginal) };
    })
    .sort((a, b) => b.relevance - a.relevance || b.count - a.count)
    .slice(0, 20);
}

/** @param {HTMLElement} view */
function distances(view) {
  const topics = largest().slice(0, 400);
  const room = Math.min(620, innerWidth > 1000 ? roomOf(view) * 0.52 : roomOf(view));
  const pad = 44;
  const xs = topics.map((k) => report.topics[k].between[0]);
  const ys = topics.map((k) => report.topics[k].between[1]);
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = (room - 2 * pad) / (Math.max(x1 - x0, y1 - y0) || 1);
  const most = Math.max(1, ...topics.map((k) => topicCounts[k]));
  const px = (/** @type {number} */ k) => room / 2 + (report.topics[k].between[0] - (x0 + x1) / 2) * scale;
  const py = (/** @type {number} */ k) => room / 2 - (report.topics[k].between[1] - (y0 + y1) / 2) * scale;
  const radius = (/** @type {number} */ k) => 4 + (topics.length > 60 ? 16 : 26) * Math.sqrt(topicCounts[k] / most);
  const chosen = state.topic !== null && report.topics[state.topic].id >= 0 ? state.topic : (topics[0] ?? 0);
  const circles = topics.map((k) =>
    s("circle", { cx: px(k), cy: py(k), r: radius(k), fill: topicColor(k), "fill-opacity": k === chosen ? 0.85 : 0.4, stroke: topicColor(k), "stroke-width": k === chosen ? 2.5 : 1, ...topicHit(k) }),
  );
  /** @type {[number, number, number, number][]} */
  const taken = [];
  const names = [];
  for (const k of [chosen, ...topics]) {
    const text = line(topicName(k), 22);
    const [w, x, y] = [text.length * 6.2, px(k), py(k)];
    /** @type {[number, number, number, number]} */
    const box = [x - w / 2, y - 8, x + w / 2, y + 8];
    if (taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) continue;
    taken.push(box);
    names.push(label(Math.max(w / 2, Math.min(room - w / 2, x)), y + 4, text, { "text-anchor": "middle", "font-size": 11, "font-weight": k === chosen ? 700 : 500, "pointer-events": "none", stroke: "var(--ground)", "stroke-width": 3, "paint-order": "stroke", "aria-hidden": "true" }));
  }
  const bars = h("div", {});
  const out = h("output", { class: "muted" });
  const drawBars = () => {
    out.textContent = settings.lambda.toFixed(2);
    const rows = relevant(chosen, settings.lambda);
    const widest = Math.max(1, ...rows.map((r) => r.all));
    const w = Math.max(280, Math.min(460, roomOf(view) * (innerWidth > 1000 ? 0.4 : 1)));
    const left = 118;
    const bar = (/** @type {number} */ v) => Math.max(1, ((w - left - 52) * v) / widest);
    bars.replaceChildren(
      figure(
        "Relevant terms",
        svg(
          w,
          rows.length * 21 + 6,
          "Most relevant terms of " + topicName(chosen),
          ...rows.flatMap((r, i) => [
            label(left - 8, 16 + i * 21, line(r.word, 17), { "text-anchor": "end" }),
            s("rect", { x: left, y: 4 + i * 21, width: bar(r.all), height: 15, rx: 2, fill: "var(--line)" }),
            s("rect", { x: left, y: 4 + i * 21, width: bar(r.count), height: 15, rx: 2, fill: topicColor(chosen), ...tip(() => [r.word, `${count(r.count)} times in the topic, ${count(r.all)} in all`]) }),
            label(left + bar(r.all) + 6, 16 + i * 21, count(r.count), { class: "muted", "font-size": 11 }),
          ]),
        ),
        ["term", "in the topic", "in all", "relevance"],
        () => rows.map((r) => [r.word, r.count, r.all, r.relevance]),
      ),
    );
  };
  view.replaceChildren(
    ...heading("Distances between topics", "Topics by the first two principal components of their unit embeddings, which is classical scaling of cosine distances. The area is the number of documents."),
    h(
      "div",
      { class: "split" },
      figure("Distances between topics", svg(room, room, "Topics on a plane", ...circles, ...names), ["topic", "x", "y", "documents"], () => topics.map((k) => [topicName(k), report.topics[k].between[0], report.topics[k].between[1], topicCounts[k]])),
      report.meta.relevance.total
        ? h(
            "div",
            {},
            h("h2", { dir: "auto" }, topicName(chosen)),
            h(
              "div",
              { class: "controls" },
              h(
                "label",
                {},
                "Relevance λ",
                h("input", {
                  type: "range", min: 0, max: 1, step: 0.05, value: settings.lambda,
                  oninput: (/** @type {Event} */ e) => {
                    settings.lambda = Number(/** @type {HTMLInputElement} */ (e.target).value);
                    drawBars();
                  },
                }),
                out,
              ),
            ),
            h("p", { class: "note" }, "At 1 terms are ranked by how often they occur in the topic, at 0 by how much more often than elsewhere. The gray bar is all of the documents."),
            bars,
          )
        : null,
    ),
  );
  drawBars();
}

/** @param {HTMLElement} view */
function termRank(view) {
  const topics = shownTopics(12);
  const w = Math.min(900, roomOf(view));
  const height = 380;
  const [left, bottom] = [56, 40];
  const ranks = Math.max(2, ...topics.map((k) => report.topics[k].ranked[0].length));
  const all = topics.flatMap((k) => report.topics[k].ranked[1]).filter((v) => v > 0);
  const high = Math.max(...all, 1e-9);
  const low = Math.min(...all, high);
  const log = settings.logRank && low > 0;
  const x = (/** @type {number} */ r) => left + (r * (w - left - 16)) / (ranks - 1);
  const y = (/** @type {number} */ v) => 10 + (height - bottom - 10) * (log ? Math.log(high / v) / (Math.log(high / low) || 1) : 1 - v / high);
  const marks = log ? [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001].filter((v) => v <= high && v >= low) : ticks(0, high, 5);
  view.replaceChildren(
    ...heading("Term rank", "The weight of the terms of each topic by rank: where a line becomes flat, further terms add little."),
    h("div", { class: "controls" }, checkbox("Logarithmic", settings.logRank, (on) => ((settings.logRank = on), termRank(view)))),
    figure(
      "Term rank",
      svg(
        w,
        height,
        "Weights of terms by rank",
        ...marks.flatMap((v) => [s("line", { x1: left, x2: w - 16, y1: y(v), y2: y(v), class: "axis" }), label(left - 8, y(v) + 4, decimal(v), { "text-anchor": "end", class: "muted" })]),
        ...[1, 5, 10, 15, 20, 25, 30].filter((r) => r <= ranks).map((r) => label(x(r - 1), height - bottom + 18, String(r), { "text-anchor": "middle", class: "muted" })),
        label(left + (w - left) / 2, height - 4, "rank of the term", { "text-anchor": "middle", class: "muted" }),
        ...topics.map((k) =>
          s("polyline", { points: report.topics[k].ranked[1].map((v, r) => (v > 0 ? `${x(r).toFixed(1)},${y(v).toFixed(1)}` : "")).join(" "), fill: "none", stroke: topicColor(k), "stroke-width": state.topic === k ? 4 : 2, "stroke-linejoin": "round", opacity: state.topic === null || state.topic === k ? 1 : 0.35, ...topicHit(k) }),
        ),
        ...topics.flatMap((k) =>
          report.topics[k].ranked[1].slice(0, 10).map((v, r) =>
            s("circle", { cx: x(r), cy: y(v), r: 3.4, fill: topicColor(k), opacity: state.topic === null || state.topic === k ? 1 : 0.35, ...tip(() => [line(report.meta.words[report.topics[k].ranked[0][r]], 60), `${decimal(v)} · rank ${r + 1} of ${topicName(k)}`]) }),
          ),
        ),
      ),
      ["topic", "rank", "term", "weight"],
      () => topics.flatMap((k) => report.topics[k].ranked[1].map((v, r) => [topicName(k), r + 1, line(report.meta.words[report.topics[k].ranked[0][r]], 60), v])),
    ),
    keys(topics),
  );
}

/** @param {HTMLElement} view */
function wordsView(view) {
  const topics = shownTopics(24);
  view.replaceChildren(
    ...heading("Words", "The words of the largest topics with their weights."),
    figure(
      "Words",
      h(
        "div",
        { class: "multiples" },
        ...topics.map((k) =>
          h(
            "div",
            {},
            h("h3", {}, h("span", { class: "dot", "css:background": topicColor(k) }), h("button", { type: "button", class: "link", dir: "auto", onclick: () => selectTopic(k) }, topicName(k))),
            wordBars(report.topics[k].terms[0].slice(0, 8).map((w, i) => [line(report.meta.words[w], 40), report.topics[k].terms[1][i]]), topicColor(k)),
          ),
        ),
      ),
      ["topic", "term", "weight"],
      () => largest().flatMap((k) => report.topics[k].terms[0].map((w, i) => [topicName(k), line(report.meta.words[w], 60), report.topics[k].terms[1][i]])),
    ),
  );
}

/** @param {HTMLElement} view */
function shares(view) {
  const all = report.meta.distributions;
  const wanted = all.findIndex(([d]) => d === state.doc);
  if (wanted >= 0) settings.shares = wanted;
  const [doc, topics, tokens, byToken] = all[Math.min(settings.shares, all.length - 1)];
  const holder = h("div", {});
  const text = h("p", { class: "note", dir: "auto" });
  const known = documentNow(doc);
  const fill = (/** @type {{text: string | null}} */ d) => (text.textContent = line(d.text ?? titleOf(doc), 300));
  if (known) fill(known);
  else void documentOf(doc).then(fill);
  let chosen = 0;
  const draw = () => {
    const most = Math.max(...topics.map((t) => t[1]), 1e-9);
    const w = Math.min(640, roomOf(view));
    const left = Math.min(230, w * 0.4);
    const shade = Math.max(1e-9, ...byToken.map((t) => t[chosen] ?? 0));
    holder.replaceChildren(
      figure(
        "Shares of the topics",
        svg(
          w,
          topics.length * 24 + 6,
          "Shares of the topics in the document",
          ...topics.flatMap(([k, share], i) => [
            label(left - 8, 18 + i * 24, line(topicName(k), Math.floor(left / 7)), { "text-anchor": "end", "font-weight": i === chosen ? 700 : 400 }),
            s("rect", {
              x: left, y: 4 + i * 24, width: Math.max(2, ((w - left - 60) * share) / most), height: 17, rx: 2, fill: topicColor(k), opacity: i === chosen ? 1 : 0.55, class: "hit",
              ...press(`${topicName(k)}, ${percent(share)}`, () => ((chosen = i), draw())),
            }),
            label(left + 6 + Math.max(2, ((w - left - 60) * share) / most), 18 + i * 24, percent(share), { class: "muted" }),
          ]),
        ),
        ["topic", "share"],
        () => topics.map(([k, share]) => [topicName(k), share]),
      ),
      h("h3", {}, "Tokens of the document, shaded by their similarity with " + topicName(topics[chosen][0])),
      h(
        "p",
        { class: "tokens", dir: "auto" },
        ...tokens.map((t, i) =>
          h("span", { "css:background": `color-mix(in srgb, ${topicColor(topics[chosen][0])} ${Math.round((50 * (byToken[i][chosen] ?? 0)) / shade)}%, transparent)`, title: decimal(byToken[i][chosen] ?? 0) }, line(report.meta.words[t], 60) + " "),
        ),
      ),
    );
  };
  const step = (/** @type {number} */ by) => {
    settings.shares = (Math.min(settings.shares, all.length - 1) + by + all.length) % all.length;
    state.doc = all[settings.shares][0];
    changed("doc");
  };
  view.replaceChildren(
    ...heading("Shares of the topics in a document", `How much a document has of each topic, by windows of its words. Computed for ${plural(all.length, "document")}: the typical ones of each topic and some that were drawn.`),
    h(
      "div",
      { class: "controls" },
      h("button", { type: "button", onclick: () => step(-1) }, "Previous"),
      h("button", { type: "button", onclick: () => step(1) }, "Next"),
      h("span", { class: "muted" }, `${count(Math.min(settings.shares, all.length - 1) + 1)} of ${count(all.length)} · ${titleOf(doc)} · ${topicName(report.topic[doc])}`),
      h("button", { type: "button", onclick: () => openDocument(doc) }, "Show the document"),
    ),
    text,
    holder,
  );
  draw();
}

/** @param {HTMLElement} view */
function outliers(view) {
  const bins = new Array(20).fill(0);
  const outlier = report.topics.findIndex((t) => t.id < 0);
  /** @type {[doc: number, p: number][]} */
  const low = [];
  for (let i = 0; i < report.n; i++) {
    if (!mask[i] || report.topic[i] === outlier) continue;
    bins[Math.min(19, Math.floor((report.probability[i] / 255) * 20))]++;
    low.push([i, report.probability[i]]);
  }
  low.sort((a, b) => a[1] - b[1] || a[0] - b[0]);
  const most = Math.max(1, ...bins);
  const w = Math.min(720, roomOf(view));
  const height = 200;
  const bar = (w - 60) / 20;
  const out = outlier >= 0 ? topicCounts[outlier] : 0;
  const rest = largest();
  const list = h("ul", { class: "docs" });
  /** @param {number[]} docs */
  const fill = (docs) =>
    list.append(
      ...docs.map((d) => {
        const text = h("span", { dir: "auto" }, "…");
        void documentOf(d).then((x) => (text.textContent = line(x.text ?? x.id ?? titleOf(d), 240) || "(no text)"));
        return h("li", {}, h("button", { type: "button", onclick: () => openDocument(d) }, text));
      }),
    );
  /** @type {number[]} */
  const sample = [];
  for (let i = 0; i < report.n && sample.length < 20; i++) if (mask[i] && report.topic[i] === outlier) sample.push(i);
  fill(sample.length ? sample : low.slice(0, 20).map(([d]) => d));
  view.replaceChildren(
    ...heading("Outliers", out ? `${count(out)} of ${plural(passing, "document")} (${percent(out / passing)}) are in no topic.` : `None of ${plural(passing, "document")} is an outlier.`),
    ...(out ? [h("p", {}, h("button", { type: "button", onclick: () => selectTopic(outlier) }, "Select the outliers"))] : []),
    h("h3", {}, "How strongly the other documents belong to their topics"),
    figure(
      "Probability",
      svg(
        w,
        height,
        "Histogram of probabilities",
        ...bins.flatMap((v, i) => [
          s("rect", { x: 40 + i * bar + 1, y: 10 + (height - 40) * (1 - v / most), width: bar - 2, height: Math.max(0, ((height - 40) * v) / most), fill: "var(--accent)", opacity: 0.75, ...tip(() => [`${(i / 20).toFixed(2)} to ${((i + 1) / 20).toFixed(2)}`, plural(v, "document")]) }),
        ]),
        ...[0, 0.25, 0.5, 0.75, 1].map((v) => label(40 + v * 20 * bar, height - 10, v.toFixed(2), { "text-anchor": "middle", class: "muted" })),
        label(34, 18, count(most), { "text-anchor": "end", class: "muted" }),
      ),
      ["from", "to", "documents"],
      () => bins.map((v, i) => [i / 20, (i + 1) / 20, v]),
    ),
    h("h3", {}, "Topics by mean probability"),
    figure(
      "Mean probability",
      plainTable(["topic", "documents", "mean probability"], meanProbability(rest).slice(0, 12), "Mean probability of the topics, the lowest first"),
      ["topic", "documents", "mean probability"],
      () => meanProbability(rest),
    ),
    h("h3", {}, sample.length ? "Some outliers" : "The documents of the lowest probability"),
    list,
  );
}

/** @param {number[]} topics @returns {[string, number, number | null][]} */
function meanProbability(topics) {
  const sum = new Float64Array(report.topics.length);
  for (let i = 0; i < report.n; i++) if (mask[i]) sum[report.topic[i]] += report.probability[i] / 255;
  return topics
    .map((k) => /** @type {[string, number, number | null]} */ ([topicName(k), topicCounts[k], topicCounts[k] ? sum[k] / topicCounts[k] : null]))
    .filter((r) => r[1] > 0)
    .sort((a, b) => Number(a[2]) - Number(b[2]));
}

/** @param {HTMLElement} view */
function layersView(view) {
  const choices = report.meta.choices;
  const w = Math.min(720, roomOf(view));
  const height = 260;
  const scores = choices.map((c) => c[2]);
  const [low, high] = [Math.min(...scores, 0), Math.max(...scores, 1e-9)];
  const [few, many] = [Math.log(Math.max(1, Math.min(...choices.map((c) => c[0])))), Math.log(Math.max(2, ...choices.map((c) => c[0])))];
  const x = (/** @type {number} */ c) => 56 + ((w - 90) * (Math.log(Math.max(1, c)) - few)) / (many - few || 1);
  const y = (/** @type {number} */ v) => 14 + (height - 60) * (1 - (v - low) / (high - low || 1));
  const rows = choices.map((c, i) => [i + 1, c[0], c[1], c[3], c[2], c[4] ? "yes" : ""]);
  const columns = ["layer", "topics", "share of outliers", "scale", "score", "chosen"];
  const chart = choices.length
    ? figure(
        "Layers",
        svg(
          w,
          height,
          "Score of each layer by its number of topics",
          ...ticks(low, high, 4).flatMap((v) => [s("line", { x1: 56, x2: w - 20, y1: y(v), y2: y(v), class: "axis" }), label(48, y(v) + 4, decimal(v), { "text-anchor": "end", class: "muted" })]),
          s("polyline", { points: choices.map((c) => `${x(c[0]).toFixed(1)},${y(c[2]).toFixed(1)}`).join(" "), fill: "none", stroke: "var(--accent)", "stroke-width": 2 }),
          ...choices.map((c) =>
            s("circle", { cx: x(c[0]), cy: y(c[2]), r: c[4] ? 7 : 4, fill: c[4] ? "var(--accent)" : "var(--ground)", stroke: "var(--accent)", "stroke-width": 2, ...tip(() => [plural(c[0], "topic"), `score ${decimal(c[2])} · scale ${decimal(c[3])} · outliers ${percent(c[1])}`]) }),
          ),
          ...choices.filter((c, i) => c[4] || i === 0 || i === choices.length - 1).map((c) => label(x(c[0]), height - 24, count(c[0]), { "text-anchor": "middle", class: "muted" })),
          label(56 + (w - 90) / 2, height - 4, "number of topics (logarithmic)", { "text-anchor": "middle", class: "muted" }),
        ),
        columns,
        () => rows,
      )
    : null;
  view.replaceChildren(
    ...heading("Layers", choices.length ? "The granularities that the fit found. It chose the one with the best score; the map names coarser layers zoomed out and finer ones zoomed in." : "The map names these layers, which are cuts of the hierarchy."),
    ...(chart ? [chart, h("div", { class: "behind" }, h("h3", {}, "All layers"), plainTable(columns, rows, "Layers"))] : []),
    h("h3", {}, "Layers on the map"),
    ...report.layers.map((l) =>
      h(
        "details",
        { class: "behind" },
        h("summary", {}, plural(l.names.length, "topic") + (l.chosen ? " (chosen)" : "")),
        plainTable(["name", "documents"], l.names.map((name, k) => [line(name, 80), l.sizes[k]]), "Topics of the layer"),
      ),
    ),
  );
}

/** @param {HTMLElement} view */
function tables(view) {
  view.replaceChildren(
    ...heading("Tables", "Figures that were computed beside the model."),
    ...report.meta.tables.flatMap((t) => {
      const columns = t.columns.map((c) => line(c[0], 60));
      const rows = t.rows.map((r) =>
        r.map((v, j) => {
          if (Array.isArray(v)) return v.map((x) => cellText(x, t.columns[j][1])).join(" to ");
          return typeof v === "number" && t.columns[j][1] === 2 ? percent(v) : typeof v === "string" ? line(v, 200) : v;
        }),
      );
      return [h("h3", { dir: "auto" }, line(t.title, 120)), figure(line(t.title, 120), plainTable(columns, rows, line(t.title, 120)), columns, () => rows, { wide: true }), ...(t.notes ?? []).map((n) => h("p", { class: "note", dir: "auto" }, n))];
    }),
  );
}

/** @param {number | null} x @param {number} format */
function cellText(x, format) {
  return x !== null && format === 2 ? percent(x) : decimal(x);
}

/** @type {ViewOf[]} */
export const views = [
  { id: "map", name: "Map", there: () => true, draw: () => {} },
  { id: "documents", name: "Documents", there: () => true, draw: drawTable },
  { id: "words", name: "Words", there: () => largest().length > 0, draw: wordsView },
  { id: "time", name: "Over time", there: () => binStarts().length > 1, draw: overTime },
  { id: "classes", name: "Per class", there: () => report.meta.classes.length > 0, draw: perClass },
  { id: "hierarchy", name: "Hierarchy", there: () => report.meta.merges.length > 0, draw: hierarchy },
  { id: "similarity", name: "Similarity", there: () => (report.meta.similarity.topics?.length ?? 0) > 1, draw: similarity },
  { id: "distances", name: "Distances", there: () => (report.meta.similarity.topics?.length ?? 0) > 2, draw: distances },
  { id: "rank", name: "Term rank", there: () => report.topics.some((t) => t.ranked[0].length > 1), draw: termRank },
  { id: "shares", name: "Shares", there: () => report.meta.distributions.length > 0, draw: shares },
  { id: "outliers", name: "Outliers", there: () => true, draw: outliers },
  { id: "layers", name: "Layers", there: () => report.layers.length > 0, draw: layersView },
  { id: "tables", name: "Tables", there: () => report.meta.tables.length > 0, draw: tables },
];

/** @param {string} id */
export function viewElement(id) {
  let found = document.getElementById("view-" + id);
  if (!found) {
    found = h("section", { id: "view-" + id, class: "view", role: "tabpanel", "aria-labelledby": "tab-" + id, tabindex: 0 });
    byID("stage").append(found);
  }
  return found;
}


// The details of a topic, of a document, or of everything that is selected.

import { documentNow, documentOf, titleOf } from "./data.js";
import { byID, h, s } from "./dom.js";
import { bin, count, day, decimal, line, percent, plural, topicColor, topicName, words } from "./format.js";
import { filtering, mask, passing, topicCounts } from "./filters.js";
import { wordBars } from "./charts.js";
import { changed, on, report, state } from "./state.js";
import { selectTopic } from "./tree.js";
import { binCounts, binStarts } from "./timeline.js";

/** @param {number} doc */
export function openDocument(doc) {
  state.doc = doc;
  changed("doc");
}

/**
 * A list of documents whose texts are filled in as they are decoded.
 * @param {number[]} docs
 */
function documentList(docs) {
  return h(
    "ul",
    { class: "docs" },
    ...docs.map((doc) => {
      const text = h("span", { dir: "auto" }, "…");
      /** @param {{text: string | null, id: string | null}} d */
      const fill = (d) => (text.textContent = (d.text ?? d.id ?? titleOf(doc)).slice(0, 400) || "(no text)");
      const known = documentNow(doc);
      if (known) fill(known);
      else void documentOf(doc).then(fill);
      return h("li", {}, h("button", { type: "button", onclick: () => openDocument(doc) }, text));
    }),
  );
}

/** @param {import("./types.js").Terms} terms @returns {[string, number][]} */
function pairs(terms) {
  return terms[0].map((w, i) => [line(report.meta.words[w], 60), terms[1][i]]);
}

/**
 * Some documents of a topic that pass the filters, drawn anew at each call.
 * @param {number} topic
 * @param {number} n
 */
function drawn(topic, n) {
  /** @type {number[]} */
  const out = [];
  let seen = 0;
  for (let i = 0; i < report.n; i++) {
    if (report.topic[i] !== topic || !mask[i]) continue;
    seen++;
    if (out.length < n) out.push(i);
    else {
      const at = Math.floor(Math.random() * seen);
      if (at < n) out[at] = i;
    }
  }
  return out;
}

/** @param {number} k */
function trend(k) {
  const starts = binStarts();
  if (starts.length < 2) return null;
  const values = binCounts((i) => report.topic[i] === k && mask[i] === 1);
  const most = Math.max(1, ...values);
  const [w, height] = [300, 46];
  const x = (/** @type {number} */ i) => (i * w) / (starts.length - 1);
  const path = values.map((v, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${(height - 3 - (v / most) * (height - 8)).toFixed(1)}`).join("");
  const every = report.meta.time?.every ?? "day";
  const peak = values.indexOf(most);
  return h(
    "div",
    {},
    h("h3", {}, "Over time"),
    h(
      "figure",
      { class: "figure" },
      s(
        "svg",
        { viewBox: `0 0 ${w} ${height}`, width: "100%", height, preserveAspectRatio: "none", role: "img", "aria-label": `Documents per ${every}; most in ${bin(starts[peak], every)}: ${most}` },
        s("path", { d: path + `L${w} ${height}L0 ${height}Z`, fill: topicColor(k), opacity: 0.15 }),
        s("path", { d: path, fill: "none", stroke: topicColor(k), "stroke-width": 1.5, "vector-effect": "non-scaling-stroke" }),
      ),
    ),
    h("div", { class: "sub" }, `${bin(starts[0], every)} to ${bin(starts[starts.length - 1], every)} · most in ${bin(starts[peak], every)} (${count(most)})`),
  );
}

/** @param {number} k */
function topicCard(k) {
  const t = report.topics[k];
  const only = state.topics?.size === 1 && state.topics.has(k);
  const typical = t.typical ?? [];
  const random = h("div", {}, documentList(drawn(k, 4)));
  const shown = filtering() ? `${count(topicCounts[k])} of ${plural(t.size, "document")}` : plural(t.size, "document");
  return [
    close(() => selectTopic(null), "Close the topic"),
    h("h2", { dir: "auto" }, topicName(k)),
    h("p", { class: "sub" }, (t.id < 0 ? "In no topic" : "Topic " + t.id) + ` · ${shown} · ${percent(t.size / report.n)}`),
    h(
      "div",
      { class: "actions" },
      h("button", { type: "button", "aria-pressed": String(only), onclick: () => ((state.topics = only ? null : new Set([k])), changed("filter")) }, "Only this topic"),
      h("button", { type: "button", onclick: () => openDocuments(k) }, "Documents"),
    ),
    h("h3", {}, "Words"),
    wordBars(pairs(t.terms), topicColor(k)),
    ...(t.aspects ?? []).flatMap(([name, w, weights]) => [h("h3", { dir: "auto" }, line(name, 60)), wordBars(pairs([w, weights]), topicColor(k))]),
    trend(k),
    t.similar?.length ? h("h3", {}, "Most similar topics") : null,
    t.similar?.length
      ? h(
          "ul",
          { class: "near" },
          ...t.similar.map(([other, cosine]) =>
            h(
              "li",
              {},
              h("span", { class: "dot", "css:background": topicColor(other) }),
              h("button", { type: "button", class: "link", dir: "auto", onclick: () => selectTopic(other) }, topicName(other)),
              h("span", { class: "v" }, cosine.toFixed(2)),
            ),
          ),
        )
      : null,
    typical.length ? h("h3", {}, "Typical documents") : null,
    typical.length ? documentList(typical) : null,
    h("h3", {}, "Random documents"),
    random,
    h("button", { type: "button", class: "link", onclick: () => random.replaceChildren(documentList(drawn(k, 4))) }, "Draw others"),
  ];
}

/** @param {number} k */
function openDocuments(k) {
  state.topics = new Set([k]);
  state.view = "documents";
  changed("filter");
  changed("view");
}

/**
 * A text with the words of the query marked.
 * @param {string} text
 */
function marked(text) {
  const wanted = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  const lower = text.toLowerCase();
  if (!wanted.length || lower.length !== text.length || text.length > 20000) return [text];
  /** @type {(string | Node)[]} */
  const out = [];
  let at = 0;
  for (;;) {
    let next = -1;
    let length = 0;
    for (const w of wanted) {
      const found = lower.indexOf(w, at);
      if (found >= 0 && (next < 0 || found < next)) [next, length] = [found, w.length];
    }
    if (next < 0) break;
    out.push(text.slice(at, next), h("mark", {}, text.slice(next, next + length)));
    at = next + length;
  }
  out.push(text.slice(at));
  return out;
}

/** @param {number} doc */
function documentCard(doc) {
  const k = report.topic[doc];
  const p = report.probability[doc] / 255;
  const body = h("div", { class: "body", dir: "auto", tabindex: 0, role: "region", "aria-label": "Text" }, "…");
  const id = h("p", { class: "sub", dir: "auto" });
  /** @param {{text: string | null, id: string | null}} d */
  const fill = (d) => {
    body.hidden = d.text === null;
    body.replaceChildren(...marked(d.text || "(no text)"));
    id.textContent = d.id === null ? "" : line(d.id, 120);
  };
  const known = documentNow(doc);
  if (known) fill(known);
  else void documentOf(doc).then(fill);
  const share = report.meta.distributions.findIndex(([d]) => d === doc);
  return [
    close(() => {
      state.doc = null;
      changed("doc");
    }, "Close the document"),
    h("h2", {}, titleOf(doc)),
    id,
    body,
    h(
      "dl",
      { class: "facts" },
      h("dt", {}, "Topic"),
      h("dd", {}, h("button", { type: "button", class: "link", dir: "auto", onclick: () => selectTopic(k) }, topicName(k))),
      h("dt", {}, "Probability"),
      h("dd", {}, p > 0 ? p.toFixed(2) : "–"),
      ...(report.time ? [h("dt", {}, "Time"), h("dd", {}, day(report.time[doc]) || "–")] : []),
      ...report.fields.flatMap((f) => [
        h("dt", { dir: "auto" }, line(f.name, 40)),
        h("dd", { dir: "auto" }, f.values ? line(f.values[f.data[doc]], 200) || "–" : decimal(f.data[doc])),
      ]),
    ),
    share >= 0
      ? h("div", { class: "actions" }, h("button", { type: "button", onclick: () => ((state.view = "shares"), changed("view")) }, "Shares of the topics"))
      : null,
  ];
}

/** @param {() => void} act @param {string} label */
function close(act, label) {
  return h("button", { type: "button", class: "close", "aria-label": label, onclick: act }, h("span", { "aria-hidden": "true" }, "×"));
}

function overview() {
  const order = [...report.topics.keys()].filter((k) => topicCounts[k] > 0).sort((a, b) => topicCounts[b] - topicCounts[a]);
  const top = order.slice(0, 15);
  const most = Math.max(1, ...top.map((k) => topicCounts[k]));
  const outlier = report.topics.findIndex((t) => t.id < 0);
  return [
    h("h2", {}, filtering() ? "Selection" : "Overview"),
    h("p", { class: "sub" }, filtering() ? `${count(passing)} of ${plural(report.n, "document")} in ${plural(order.length, "topic")}` : plural(report.n, "document") + " in " + plural(report.topics.length - (outlier >= 0 ? 1 : 0), "topic")),
    outlier >= 0 && !filtering() ? h("p", { class: "sub" }, `${count(report.topics[outlier].size)} outliers (${percent(report.topics[outlier].size / report.n)})`) : null,
    filtering() ? h("div", { class: "actions" }, h("button", { type: "button", onclick: () => ((state.view = "documents"), changed("view")) }, "Documents")) : null,
    h("h3", {}, filtering() ? "Topics of the selection" : "Largest topics"),
    h(
      "ul",
      { class: "near" },
      ...top.map((k) =>
        h(
          "li",
          {},
          h("span", { class: "dot", "css:background": topicColor(k) }),
          h("button", { type: "button", class: "link", dir: "auto", title: words(report.topics[k].terms[0]), onclick: () => selectTopic(k) }, topicName(k)),
          h("span", { class: "v" }, count(topicCounts[k])),
        ),
      ),
    ),
    most && report.meta.notes?.length ? h("h3", {}, "About this report") : null,
    ...(report.meta.notes ?? []).map((n) => h("p", { class: "note" }, n)),
    h("p", { class: "note" }, "Click on a point or a topic for details. Shift and drag, or the lasso, selects documents."),
  ];
}

function drawCard() {
  const card = byID("card");
  const content = state.doc !== null ? documentCard(state.doc) : state.topic !== null ? topicCard(state.topic) : overview();
  const focused = card.contains(document.activeElement);
  card.replaceChildren(.../** @type {Node[]} */ (content.filter(Boolean)));
  card.scrollTop = 0;
  if (focused) /** @type {HTMLElement | null} */ (card.querySelector("button"))?.focus({ preventScroll: true });
  document.querySelector(".layout")?.classList.toggle("show-card", state.doc !== null || state.topic !== null);
}

export function startCard() {
  on(["topic", "doc", "mask", "theme"], drawCard);
  drawCard();
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    if (state.doc !== null) {
      state.doc = null;
      changed("doc");
    } else if (state.topic !== null) selectTopic(null);
  });
}

// The page: it loads the data, starts the parts, and keeps the address in step with the state.

import { load } from "./data.js";
import { byID, h } from "./dom.js";
import { plural } from "./format.js";
import { startFilters } from "./filters.js";
import { applyLasso, frames, startMap } from "./map.js";
import { changed, on, report, setReport, state } from "./state.js";
import { startTree } from "./tree.js";
import { startCard } from "./card.js";
import { startTable } from "./table.js";
import { startTimeline } from "./timeline.js";
import { viewElement, views } from "./views.js";

/** Reads the state from the fragment of the address. */
function readAddress() {
  const from = new URLSearchParams(location.hash.slice(1));
  const view = from.get("view") ?? "map";
  state.view = views.some((v) => v.id === view && v.there()) ? view : "map";
  /** @param {string | null} id */
  const topicAt = (id) => (id === null ? -1 : report.topics.findIndex((t) => t.id === Number(id)));
  const topic = topicAt(from.get("topic"));
  state.topic = topic < 0 ? null : topic;
  const doc = Number(from.get("doc") ?? 0) - 1;
  state.doc = Number.isInteger(doc) && doc >= 0 && doc < report.n ? doc : null;
  state.query = from.get("q") ?? "";
  state.color = from.get("color") ?? "topic";
  const only = (from.get("topics") ?? "").split(",").filter(Boolean).map(topicAt).filter((k) => k >= 0);
  state.topics = only.length ? new Set(only) : null;
  const time = (from.get("time") ?? "").split(",").map(Number);
  state.time = time.length === 2 && time.every(Number.isFinite) ? [time[0], time[1]] : null;
  const lasso = (from.get("lasso") ?? "").split(",").map(Number);
  state.lasso = null;
  if (lasso.length >= 8 && lasso.length % 2 === 0 && lasso.every(Number.isFinite)) {
    state.lasso = [];
    for (let i = 0; i < lasso.length; i += 2) state.lasso.push([lasso[i], lasso[i + 1]]);
  }
  state.fields.clear();
  for (const [key, value] of from) {
    const k = /^f(\d+)$/.exec(key)?.[1];
    const field = k === undefined ? undefined : report.fields[Number(k)];
    if (!field) continue;
    if (field.values) {
      const chosen = value.split(",").map(Number).filter((v) => Number.isInteger(v) && v >= 0 && v < (field.values?.length ?? 0));
      if (chosen.length) state.fields.set(Number(k), new Set(chosen));
    } else {
      const [a, b] = value.split(",");
      state.fields.set(Number(k), [a ? Number(a) : -Infinity, b ? Number(b) : Infinity]);
    }
  }
}

let written = "";

function writeAddress() {
  const to = new URLSearchParams();
  if (state.view !== "map") to.set("view", state.view);
  if (state.topic !== null) to.set("topic", String(report.topics[state.topic].id));
  if (state.doc !== null) to.set("doc", String(state.doc + 1));
  if (state.query) to.set("q", state.query);
  if (state.color !== "topic") to.set("color", state.color);
  if (state.topics) to.set("topics", [...state.topics].map((k) => report.topics[k].id).join(","));
  if (state.time) to.set("time", state.time.join(","));
  if (state.lasso) {
    const step = Math.ceil(state.lasso.length / 80);
    to.set("lasso", state.lasso.filter((_, i) => i % step === 0).flat().map((v) => v.toFixed(4)).join(","));
  }
  for (const [k, wanted] of state.fields) {
    to.set("f" + k, Array.isArray(wanted) ? wanted.map((v) => (Number.isFinite(v) ? v : "")).join(",") : [...wanted].join(","));
  }
  written = to.size ? "#" + to.toString() : "";
  try {
    history.replaceState(null, "", written || "#");
  } catch {
    location.hash = written; // some browsers keep history from files
  }
}

let nextFrame = 0;
/** @type {Set<string>} views that were drawn since the last change */
const fresh = new Set();

/** Draws the chosen view, once for all changes of a frame. */
function showView() {
  cancelAnimationFrame(nextFrame);
  nextFrame = requestAnimationFrame(() => {
    for (const v of views) {
      const tab = document.getElementById("tab-" + v.id);
      const on = v.id === state.view;
      tab?.setAttribute("aria-selected", String(on));
      tab?.setAttribute("tabindex", on ? "0" : "-1");
      if (on) tab?.scrollIntoView({ block: "nearest", inline: "nearest" });
      if (on || document.getElementById("view-" + v.id)) viewElement(v.id).hidden = !on;
      if (on && !fresh.has(v.id)) {
        fresh.add(v.id);
        v.draw(viewElement(v.id));
      }
    }
  });
}

/** @param {string[]} [keep] views that need not be drawn again */
function stale(keep = []) {
  for (const id of [...fresh]) if (!keep.includes(id)) fresh.delete(id);
  showView();
}

function startTabs() {
  const layout = /** @type {HTMLElement} */ (document.querySelector(".layout"));
  const tabs = byID("tabs");
  const shown = views.filter((v) => v.there());
  /** @param {string} id */
  const open = (id) => {
    layout.classList.remove("show-topics");
    state.view = id;
    changed("view");
  };
  tabs.replaceChildren(
    ...shown.map((v) => h("button", { id: "tab-" + v.id, type: "button", role: "tab", "aria-selected": "false", "aria-controls": "view-" + v.id, tabindex: -1, onclick: () => open(v.id) }, v.name)),
  );
  const topics = h("button", { class: "tab-topics", type: "button", "aria-pressed": "false", onclick: () => topics.setAttribute("aria-pressed", String(layout.classList.toggle("show-topics"))) }, "Topics");
  byID("filters-button").before(topics);
  on(["topic"], () => {
    layout.classList.remove("show-topics");
    topics.setAttribute("aria-pressed", "false");
  });
  tabs.addEventListener("keydown", (e) => {
    const at = shown.findIndex((v) => v.id === state.view);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: shown.length - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    const next = shown[(to + shown.length) % shown.length];
    open(next.id);
    byID("tab-" + next.id).focus();
  });
  for (const v of shown) viewElement(v.id).hidden = v.id !== state.view;
}

function startTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let own = false; // whether the reader chose
  /** @param {boolean} on */
  const set = (on) => {
    state.dark = on;
    document.documentElement.dataset.theme = on ? "dark" : "light";
    byID("theme").setAttribute("aria-pressed", String(on));
  };
  set(dark.matches);
  dark.addEventListener("change", () => {
    if (own) return;
    set(dark.matches);
    changed("theme");
  });
  byID("theme").addEventListener("click", () => {
    own = true;
    set(!state.dark);
    changed("theme");
  });
}

async function start() {
  startTheme();
  setReport(await load());
  readAddress();
  const real = report.topics.filter((t) => t.id >= 0).length;
  byID("summary").textContent = plural(report.n, "document") + " · " + plural(real, "topic");
  applyLasso();
  startTabs();
  startFilters();
  startMap(new URLSearchParams(location.search).has("canvas"));
  startTree();
  startTimeline();
  startTable();
  startCard();
  on(["view"], () => {
    showView();
    writeAddress();
  });
  on(["topic"], () => {
    stale(["documents", "words", "classes", "outliers", "layers", "tables", "shares", "similarity"]);
    writeAddress();
  });
  on(["doc"], () => {
    if (report.meta.distributions.some(([d]) => d === state.doc)) {
      fresh.delete("shares");
      showView();
    }
    writeAddress();
  });
  on(["color", "filter"], writeAddress);
  on(["mask"], () => stale(["documents", "hierarchy", "similarity", "layers", "tables", "shares", "rank"]));
  on(["theme"], () => stale());
  addEventListener("hashchange", () => {
    if (location.hash === written || (location.hash === "" && written === "")) return;
    const color = state.color;
    readAddress();
    applyLasso();
    if (state.color !== color) changed("color");
    changed("filter");
    changed("topic");
    changed("doc");
    changed("view");
  });
  let resizing = 0;
  addEventListener("resize", () => {
    clearTimeout(resizing);
    resizing = window.setTimeout(() => stale(["documents", "layers"]), 150);
  });
  showView();
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      document.documentElement.dataset.ready = String(Math.round(performance.now()));
      Object.assign(globalThis, { gobertopicReport: { state, report, frames } });
    }),
  );
}

start().catch((error) => {
  document.documentElement.dataset.ready = "failed";
  byID("main").replaceChildren(h("p", { class: "note" }, "The report cannot be shown: " + error.message + ". A browser of 2023 or later is needed."));
  throw error;
});

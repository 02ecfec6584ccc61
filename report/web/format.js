// Numbers, dates, names and colors as people read them.

import { report, state } from "./state.js";

const whole = new Intl.NumberFormat("en-US");
const short = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

/** @param {number} n */
export function count(n) {
  return whole.format(n);
}

/** @param {number | null | undefined} x */
export function decimal(x) {
  return x === null || x === undefined || Number.isNaN(x) ? "–" : short.format(x);
}

/** @param {number} x */
export function percent(x) {
  return Number.isFinite(x) ? (100 * x).toFixed(100 * x < 10 ? 1 : 0) + " %" : "–";
}

/**
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export function plural(n, one, many = one + "s") {
  return count(n) + " " + (n === 1 ? one : many);
}

/** @param {number} seconds */
export function day(seconds) {
  return Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString().slice(0, 10) : "";
}

/**
 * The name of a bin of time.
 * @param {number} seconds
 * @param {string} every
 */
export function bin(seconds, every) {
  const text = day(seconds);
  if (every === "year") return text.slice(0, 4);
  if (every === "quarter") return text.slice(0, 4) + " Q" + (Math.floor((Number(text.slice(5, 7)) - 1) / 3) + 1);
  return every === "month" ? text.slice(0, 7) : text;
}

/**
 * A text on one line, without characters that control its direction or its neighbors'.
 * @param {string} text
 * @param {number} [most]  characters
 */
export function line(text, most = 200) {
  const flat = text.slice(0, 4 * most).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]+/g, " ").trim();
  const characters = Array.from(flat.slice(0, 2 * most));
  return characters.length > most ? characters.slice(0, most - 1).join("") + "…" : characters.join("");
}

/** @param {number} k position of a topic */
export function topicName(k) {
  return line(report.topics[k].name, 80) || "(no words)";
}

/** @param {number[]} words indices of words */
export function words(words) {
  return words.map((w) => line(report.meta.words[w], 60)).join(", ");
}

/** @param {number} index in the palette, -1 for none */
export function paletteColor(index) {
  const palette = report.meta.palette;
  return index < 0 ? (state.dark ? "#5d666f" : "#b3bac1") : palette[index % palette.length][state.dark ? 1 : 0];
}

/** @param {number} k position of a topic */
export function topicColor(k) {
  return paletteColor(report.topics[k].color);
}

/** Stops of a ramp that rises in lightness alone for readers of any color vision, after cividis. */
const ramp = ["#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838"];

/** @param {string} hex */
export function rgb(hex) {
  const v = parseInt(hex.slice(1), 16);
  return [v >> 16, (v >> 8) & 255, v & 255];
}

/**
 * The color of a share of a range on the ramp.
 * @param {number} share in [0, 1]
 */
export function rampColor(share) {
  const at = Math.max(0, Math.min(1, share)) * (ramp.length - 1);
  const i = Math.min(ramp.length - 2, Math.floor(at));
  const [a, b] = [rgb(ramp[i]), rgb(ramp[i + 1])];
  return a.map((v, k) => Math.round(v + (b[k] - v) * (at - i)));
}

export function rampGradient() {
  return "linear-gradient(90deg, " + ramp.join(", ") + ")";
}

/**
 * A cell of CSV. Texts that a spreadsheet would run as a formula begin with an apostrophe.
 * @param {string | number | null} value
 */
export function csvCell(value) {
  if (typeof value !== "string") return value === null || Number.isNaN(value) ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? "'" + value : value;
  return /[",\r\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
}

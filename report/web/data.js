// Decoding the data of the page, which encode.go writes.

import { byID } from "./dom.js";
import { report } from "./state.js";

/** @typedef {import("./types.js").Report} Report */
/** @typedef {import("./types.js").Meta} Meta */
/** @typedef {import("./types.js").Numbers} Numbers */

/**
 * @param {string} id of an element whose text is base64; the text is removed
 * @returns {Uint8Array<ArrayBuffer>}
 */
function bytesOf(id) {
  const element = byID(id);
  const text = element.textContent ?? "";
  element.remove();
  const native = /** @type {{fromBase64?: (text: string) => Uint8Array<ArrayBuffer>}} */ (/** @type {unknown} */ (Uint8Array)).fromBase64;
  if (native) return native.call(Uint8Array, text);
  const binary = atob(text);
  const out = new Uint8Array(binary.length);
  for (let i = 0; i < out.length; i++) out[i] = binary.charCodeAt(i);
  return out;
}

/**
 * @param {string} id
 * @returns {Promise<ArrayBuffer>}
 */
function inflate(id) {
  return new Response(new Blob([bytesOf(id)]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

const kinds = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, i32: Int32Array, f32: Float32Array, f64: Float64Array };

/** @returns {Promise<Report>} */
export async function load() {
  const [metaBytes, columnBytes] = await Promise.all([inflate("meta"), inflate("columns")]);
  /** @type {Meta} */
  const meta = JSON.parse(new TextDecoder().decode(metaBytes));
  /** @param {string} name @returns {any} */
  const column = (name) => {
    const place = meta.columns[name];
    return place ? new kinds[/** @type {keyof kinds} */ (place.t)](columnBytes, place.o, place.n) : null;
  };
  /** @type {Report["layers"]} */
  const layers = [];
  for (let k = meta.layers.length - 1; k >= 0; k--) {
    const layer = meta.layers[k];
    const labels = new Int32Array(meta.documents);
    if (layer.column) {
      const stored = column(layer.column);
      const none = 2 ** (8 * stored.BYTES_PER_ELEMENT) - 1;
      for (let i = 0; i < labels.length; i++) labels[i] = stored[i] === none ? -1 : stored[i];
    } else {
      const finer = layers[0].labels;
      const of = layer.of ?? [];
      for (let i = 0; i < labels.length; i++) labels[i] = finer[i] < 0 ? -1 : of[finer[i]];
    }
    layers.unshift({ names: layer.names ?? [], sizes: layer.sizes ?? [], centers: layer.centers ?? [], chosen: layer.chosen, labels });
  }
  return {
    meta,
    n: meta.documents,
    x: column("x"),
    y: column("y"),
    topic: column("topic"),
    probability: column("probability"),
    time: column("time"),
    fields: meta.fields.map((f) => ({ name: f.name, values: f.text ? (f.values ?? [""]) : null, data: column(f.column) })),
    topics: meta.topics,
    layers,
  };
}

/** @typedef {{first: number, texts: string[] | null, ids: string[] | null}} Chunk */

/** @type {Map<number, Promise<Chunk>>} */
const pending = new Map();
/** @type {Map<number, Chunk>} */
const decoded = new Map();

/** @param {number} doc */
function chunkOf(doc) {
  const first = report.meta.chunks ?? [];
  let low = 0;
  let high = first.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (first[middle] <= doc) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * @param {number} k
 * @returns {Promise<Chunk>}
 */
export function chunk(k) {
  let found = pending.get(k);
  if (!found) {
    found = inflate("texts" + k).then((buffer) => {
      const c = unpack(k, buffer);
      decoded.set(k, c);
      return c;
    });
    pending.set(k, found);
  }
  return found;
}

/**
 * @param {number} k
 * @param {ArrayBuffer} buffer
 * @returns {Chunk}
 */
function unpack(k, buffer) {
  const chunks = report.meta.chunks ?? [];
  const first = chunks[k];
  const n = (chunks[k + 1] ?? report.n) - first;
  const view = new DataView(buffer);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let at = 0;
  const strings = () => {
    const lengths = at;
    at += 4 * n;
    /** @type {string[]} */
    const out = [];
    for (let i = 0; i < n; i++) {
      const length = view.getUint32(lengths + 4 * i, true);
      out.push(decoder.decode(new Uint8Array(buffer, at, length)));
      at += length;
    }
    return out;
  };
  return { first, texts: report.meta.texts ? strings() : null, ids: report.meta.ids ? strings() : null };
}

export function chunkCount() {
  return report.meta.chunks?.length ?? 0;
}

/**
 * The text and the id of a document, if its chunk is decoded.
 * @param {number} doc
 * @returns {{text: string | null, id: string | null} | null}
 */
export function documentNow(doc) {
  if (chunkCount() === 0) return { text: null, id: null };
  const c = decoded.get(chunkOf(doc));
  return c ? { text: c.texts ? c.texts[doc - c.first] : null, id: c.ids ? c.ids[doc - c.first] : null } : null;
}

/**
 * @param {number} doc
 * @returns {Promise<{text: string | null, id: string | null}>}
 */
export async function documentOf(doc) {
  if (chunkCount() > 0) await chunk(chunkOf(doc));
  return documentNow(doc) ?? { text: null, id: null };
}

/** @param {number} doc */
export function titleOf(doc) {
  return "Document " + (doc + 1);
}

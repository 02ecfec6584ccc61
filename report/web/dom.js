// Elements. Texts of documents reach the page here alone, as text nodes.

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byID(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error("no element " + id);
  return found;
}

/** @typedef {string | number | boolean | null | undefined | ((event: any) => void)} Attribute */

/**
 * @param {Element} element
 * @param {Record<string, Attribute>} attributes  "class", "on…" for listeners, "css:…" for properties of the style
 * @param {(Node | string | null | undefined)[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name.startsWith("css:")) /** @type {HTMLElement | SVGElement} */ (element).style.setProperty(name.slice(4), String(value));
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, Attribute>} [attributes]
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, Attribute>} [attributes]
 * @param {...(Node | string | null | undefined)} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, attributes, children);
  return element;
}

/** @type {HTMLElement | null} */
let tipElement = null;

/**
 * Shows lines beside the pointer or an element; the first line is bold.
 * @param {{clientX: number, clientY: number} | Element} where
 * @param {string[]} lines
 */
export function showTip(where, lines) {
  tipElement ??= document.body.appendChild(h("div", { class: "tip", role: "tooltip" }));
  tipElement.replaceChildren();
  lines.forEach((line, i) => tipElement?.append(...(i === 0 ? [h("b", {}, line)] : [h("br"), line])));
  tipElement.hidden = false;
  const box = where instanceof Element ? where.getBoundingClientRect() : null;
  const x = box ? box.right : /** @type {{clientX: number}} */ (where).clientX;
  const y = box ? box.bottom : /** @type {{clientY: number}} */ (where).clientY;
  const size = tipElement.getBoundingClientRect();
  tipElement.style.left = Math.max(4, Math.min(x + 12, innerWidth - size.width - 8)) + "px";
  tipElement.style.top = Math.max(4, y + 14 + size.height > innerHeight ? y - size.height - 10 : y + 14) + "px";
}

export function hideTip() {
  if (tipElement) tipElement.hidden = true;
}

/**
 * The attributes that show lines while an element is pointed at or has the focus.
 * @param {() => string[]} lines
 * @returns {Record<string, Attribute>}
 */
export function tip(lines) {
  return {
    onpointermove: (/** @type {PointerEvent} */ e) => showTip(e, lines()),
    onpointerleave: hideTip,
    onfocus: (/** @type {FocusEvent} */ e) => showTip(/** @type {Element} */ (e.currentTarget), lines()),
    onblur: hideTip,
  };
}

/**
 * The attributes of something other than a button that acts like one.
 * @param {string} label
 * @param {() => void} act
 * @returns {Record<string, Attribute>}
 */
export function press(label, act) {
  return {
    tabindex: 0,
    role: "button",
    "aria-label": label,
    onclick: act,
    onkeydown: (/** @type {KeyboardEvent} */ e) => {
      if (e.key === "Enter" || e.key === " ") {
        e.preventDefault();
        act();
      }
    },
  };
}

/** @param {string} text */
export function say(text) {
  byID("status").textContent = text;
}

/**
 * Offers a file for download.
 * @param {string} name
 * @param {BlobPart[]} parts
 */
export function download(name, parts) {
  const url = URL.createObjectURL(new Blob(parts, { type: "text/csv;charset=utf-8" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

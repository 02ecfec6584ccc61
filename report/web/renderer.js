// Drawing points, with WebGL 2 or, where that is missing, on a 2-D canvas.

/**
 * What is seen of the map: the point of the map at the center, and pixels per unit. The map is the unit
 * square with y upwards.
 * @typedef {{x: number, y: number, scale: number}} View
 */

/**
 * @typedef {object} Drawing
 * @property {View} view
 * @property {number} width  in pixels of CSS
 * @property {number} height
 * @property {number} ratio  pixels of the device in a pixel of CSS
 * @property {number} size  diameter of a point in pixels of CSS
 * @property {number} alpha  of a point
 * @property {number} faded  alpha of a point that is not emphasized; 0 leaves it out
 * @property {number} most  number of points to draw at most
 */

/**
 * @typedef {object} Renderer
 * @property {string} kind
 * @property {(colors: Uint8Array) => void} setColors  red, green, blue and 255, or 0 if not emphasized, of each point
 * @property {(drawing: Drawing) => void} draw
 */

/**
 * An order of the points in which every prefix is spread over all of them.
 * @param {number} n
 */
function shuffled(n) {
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  let seed = 0x9e3779b9;
  for (let i = n - 1; i > 0; i--) {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    const j = (seed >>> 0) % (i + 1);
    const v = order[i];
    order[i] = order[j];
    order[j] = v;
  }
  return order;
}

const vertexSource = `#version 300 es
layout(location = 0) in vec2 place;
layout(location = 1) in vec4 color;
uniform vec2 center, stretch;
uniform float size, alpha, pass;
uniform vec3 gray;
out vec4 tint;
void main() {
  bool on = color.a > 0.5;
  if (place.x > 0.99999 || on != (pass > 0.5)) {
    gl_Position = vec4(2.0, 2.0, 0.0, 1.0);
    gl_PointSize = 0.0;
    return;
  }
  gl_Position = vec4((place - center) * stretch, 0.0, 1.0);
  gl_PointSize = size;
  tint = vec4(on ? color.rgb : gray, alpha);
}`;

const fragmentSource = `#version 300 es
precision mediump float;
in vec4 tint;
uniform float edge;
out vec4 result;
void main() {
  float d = distance(gl_PointCoord, vec2(0.5)) * 2.0;
  float a = tint.a * (1.0 - smoothstep(1.0 - edge, 1.0, d));
  result = vec4(tint.rgb * a, a);
}`;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Uint16Array} x
 * @param {Uint16Array} y
 * @param {() => void} restored  called when the context was lost and everything must be set again
 * @returns {Renderer | null} null if there is no WebGL 2
 */
export function webglRenderer(canvas, x, y, restored) {
  const gl = canvas.getContext("webgl2", { alpha: true, antialias: false, depth: false, premultipliedAlpha: true, powerPreference: "high-performance" });
  if (!gl) return null;
  const n = x.length;
  const order = shuffled(n);
  const places = new Uint16Array(2 * n);
  for (let k = 0; k < n; k++) {
    places[2 * k] = x[order[k]];
    places[2 * k + 1] = y[order[k]];
  }
  const permuted = new Uint8Array(4 * n);
  /** @type {Record<string, WebGLUniformLocation | null>} */
  const at = {};
  let colorBuffer = gl.createBuffer();
  const prepare = () => {
    const program = gl.createProgram();
    for (const [kind, source] of /** @type {const} */ ([[gl.VERTEX_SHADER, vertexSource], [gl.FRAGMENT_SHADER, fragmentSource]])) {
      const shader = gl.createShader(kind);
      if (!shader) return false;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return false;
    gl.useProgram(program);
    for (const name of ["center", "stretch", "size", "alpha", "pass", "gray", "edge"]) at[name] = gl.getUniformLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, places, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.UNSIGNED_SHORT, true, 0, 0);
    colorBuffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, colorBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, permuted, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribPointer(1, 4, gl.UNSIGNED_BYTE, true, 0, 0);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    return true;
  };
  if (!prepare()) return null;
  canvas.addEventListener("webglcontextlost", (e) => e.preventDefault());
  canvas.addEventListener("webglcontextrestored", () => {
    if (prepare()) restored();
  });
  return {
    kind: "WebGL",
    setColors(colors) {
      const from = new Uint32Array(colors.buffer, colors.byteOffset, n);
      const to = new Uint32Array(permuted.buffer);
      for (let k = 0; k < n; k++) to[k] = from[order[k]];
      gl.bindBuffer(gl.ARRAY_BUFFER, colorBuffer);
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, permuted);
    },
    draw({ view, width, height, ratio, size, alpha, faded, most }) {
      const w = Math.round(width * ratio);
      const h = Math.round(height * ratio);
      if (canvas.width !== w || canvas.height !== h) {
        canvas.width = w;
        canvas.height = h;
      }
      gl.viewport(0, 0, w, h);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(at.center, view.x, view.y);
      gl.uniform2f(at.stretch, (2 * view.scale) / width, (2 * view.scale) / height);
      gl.uniform1f(at.size, size * ratio);
      gl.uniform1f(at.edge, Math.min(1, 2 / (size * ratio)));
      gl.uniform3f(at.gray, 0.55, 0.58, 0.61);
      const drawn = Math.min(n, most);
      if (faded > 0) {
        gl.uniform1f(at.pass, 0);
        gl.uniform1f(at.alpha, faded);
        gl.drawArrays(gl.POINTS, 0, drawn);
      }
      gl.uniform1f(at.pass, 1);
      gl.uniform1f(at.alpha, alpha);
      gl.drawArrays(gl.POINTS, 0, drawn);
    },
  };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Uint16Array} x
 * @param {Uint16Array} y
 * @returns {Renderer}
 */
export function canvasRenderer(canvas, x, y) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const n = x.length;
  const order = shuffled(n);
  /** @type {Uint8Array} */
  let colors = new Uint8Array(4 * n);
  /** @type {ImageData | null} */
  let image = null;
  return {
    kind: "canvas",
    setColors(c) {
      colors = c;
    },
    draw({ view, width, height, size, alpha, faded, most }) {
      const w = Math.round(width); // pixels of CSS: the work grows with their number
      const h = Math.round(height);
      if (w < 1 || h < 1) return;
      if (canvas.width !== w || canvas.height !== h || !image) {
        canvas.width = w;
        canvas.height = h;
        image = context.createImageData(w, h);
      }
      const pixels = image.data;
      pixels.fill(0);
      const unit = view.scale / 65534;
      const left = w / 2 - view.x * view.scale;
      const bottom = h / 2 + view.y * view.scale;
      const radius = size / 2;
      const reach = Math.ceil(radius);
      // How much of each pixel around the center of a point is covered.
      const stamp = new Float32Array((2 * reach + 1) ** 2);
      for (let dy = -reach, k = 0; dy <= reach; dy++) {
        for (let dx = -reach; dx <= reach; dx++, k++) stamp[k] = Math.max(0, Math.min(1, radius + 0.5 - Math.hypot(dx, dy)));
      }
      const drawn = Math.min(n, most);
      for (const on of faded > 0 ? [0, 255] : [255]) {
        const opacity = on ? alpha : faded;
        for (let k = 0; k < drawn; k++) {
          const i = order[k];
          if (colors[4 * i + 3] !== on || x[i] === 65535) continue;
          const px = Math.round(left + x[i] * unit);
          const py = Math.round(bottom - y[i] * unit);
          if (px < -reach || py < -reach || px >= w + reach || py >= h + reach) continue;
          const r = on ? colors[4 * i] : 140;
          const g = on ? colors[4 * i + 1] : 148;
          const b = on ? colors[4 * i + 2] : 156;
          for (let dy = -reach, s = 0; dy <= reach; dy++) {
            const yy = py + dy;
            if (yy < 0 || yy >= h) {
              s += 2 * reach + 1;
              continue;
            }
            for (let dx = -reach; dx <= reach; dx++, s++) {
              const xx = px + dx;
              const a = stamp[s] * opacity;
              if (a === 0 || xx < 0 || xx >= w) continue;
              const p = 4 * (yy * w + xx);
              const under = (pixels[p + 3] / 255) * (1 - a);
              const total = a + under;
              pixels[p] = (r * a + pixels[p] * under) / total;
              pixels[p + 1] = (g * a + pixels[p + 1] * under) / total;
              pixels[p + 2] = (b * a + pixels[p + 2] * under) / total;
              pixels[p + 3] = 255 * total;
            }
          }
        }
      }
      context.putImageData(image, 0, 0);
    },
  };
}

const cells = 256;

/**
 * Finds the points near a place.
 * @param {Uint16Array} x
 * @param {Uint16Array} y
 */
export function placeIndex(x, y) {
  const start = new Uint32Array(cells * cells + 1);
  /** @param {number} i */
  const cell = (i) => (y[i] >> 8) * cells + (x[i] >> 8);
  let placed = 0;
  for (let i = 0; i < x.length; i++) {
    if (x[i] === 65535) continue;
    start[cell(i) + 1]++;
    placed++;
  }
  for (let c = 0; c < cells * cells; c++) start[c + 1] += start[c];
  const at = start.slice(0, -1);
  const points = new Uint32Array(placed);
  for (let i = 0; i < x.length; i++) if (x[i] !== 65535) points[at[cell(i)]++] = i;
  return {
    /**
     * The nearest point that keep lets pass, or -1.
     * @param {number} px  on the map
     * @param {number} py
     * @param {number} radius
     * @param {(i: number) => boolean} keep
     */
    nearest(px, py, radius, keep) {
      const [ux, uy, ur] = [px * 65534, py * 65534, radius * 65534];
      const x0 = Math.max(0, Math.floor((ux - ur) / 256));
      const x1 = Math.min(cells - 1, Math.floor((ux + ur) / 256));
      const y0 = Math.max(0, Math.floor((uy - ur) / 256));
      const y1 = Math.min(cells - 1, Math.floor((uy + ur) / 256));
      let best = -1;
      let least = ur * ur;
      for (let cy = y0; cy <= y1; cy++) {
        for (let k = start[cy * cells + x0]; x0 <= x1 && k < start[cy * cells + x1 + 1]; k++) {
          const i = points[k];
          const d = (x[i] - ux) ** 2 + (y[i] - uy) ** 2;
          if (d <= least && keep(i)) {
            least = d;
            best = i;
          }
        }
      }
      return best;
    },
  };
}

/**
 * An image of how dense the emphasized points are, in the mean of their colors.
 * @param {Uint16Array} x
 * @param {Uint16Array} y
 * @param {Uint8Array} colors
 * @param {number} strength  alpha where the points are densest
 */
export function densityImage(x, y, colors, strength) {
  const side = 192;
  let planes = new Float32Array(4 * side * side);
  for (let i = 0; i < x.length; i++) {
    if (x[i] === 65535 || colors[4 * i + 3] === 0) continue;
    const c = 4 * (Math.min(side - 9, 8 + Math.floor(((65534 - y[i]) / 65535) * (side - 16))) * side + 8 + Math.floor((x[i] / 65535) * (side - 16)));
    planes[c] += colors[4 * i];
    planes[c + 1] += colors[4 * i + 1];
    planes[c + 2] += colors[4 * i + 2];
    planes[c + 3]++;
  }
  for (const step of [4, 4 * side, 4, 4 * side]) planes = blur(planes, side, step);
  let most = 0;
  for (let c = 3; c < planes.length; c += 4) most = Math.max(most, planes[c]);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(side, side);
  for (let c = 0; c < planes.length; c += 4) {
    const w = planes[c + 3];
    if (w <= 0) continue;
    image.data[c] = planes[c] / w;
    image.data[c + 1] = planes[c + 1] / w;
    image.data[c + 2] = planes[c + 2] / w;
    image.data[c + 3] = 255 * strength * Math.min(1, (1.6 * w) / most) ** 0.6;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The part of the side of a density image that lies outside the map, on each side. */
export const densityMargin = 8 / (192 - 16);

/**
 * The mean over five cells along rows (step 4) or columns.
 * @param {Float32Array} planes
 * @param {number} side
 * @param {number} step
 */
function blur(planes, side, step) {
  const out = new Float32Array(planes.length);
  for (let row = 2; row < side - 2; row++) {
    for (let col = 2; col < side - 2; col++) {
      const c = 4 * (row * side + col);
      for (let k = 0; k < 4; k++) {
        out[c + k] = (planes[c + k - 2 * step] + 2 * planes[c + k - step] + 3 * planes[c + k] + 2 * planes[c + k + step] + planes[c + k + 2 * step]) / 9;
      }
    }
  }
  return out;
}

// Types of the data of a report. encode.go writes them.

/** @typedef {Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array} Numbers */

/** @typedef {[words: number[], weights: number[]]} Terms Indices into Meta.words, and a weight for each. */

/**
 * @typedef {object} MetaTopic
 * @property {number} id  -1 for the outliers
 * @property {number} size
 * @property {string} name
 * @property {string} [label]
 * @property {Terms} terms
 * @property {Terms} ranked
 * @property {[name: string, words: number[], weights: number[]][]} [aspects]
 * @property {number[] | null} typical
 * @property {[number | null, number | null]} center
 * @property {[number, number]} between
 * @property {number} color  index into the palette, -1 for the outliers
 * @property {[topic: number, cosine: number][]} [similar]
 */

/**
 * @typedef {object} MetaLayer
 * @property {string[]} names
 * @property {number[]} sizes
 * @property {[number | null, number | null][]} centers
 * @property {boolean} chosen
 * @property {number[]} [of]  the label of this layer for each label of the next finer one
 * @property {string} [column]
 */

/** @typedef {[topic: number, group: number, count: number, words: number[]]} Cell */

/**
 * @typedef {object} Meta
 * @property {number} format
 * @property {string} title
 * @property {number} documents
 * @property {string[] | null} notes
 * @property {boolean} ids
 * @property {boolean} texts
 * @property {[light: string, dark: string][]} palette
 * @property {{name: string, column: string, values?: string[], text: boolean}[]} fields
 * @property {MetaTopic[]} topics
 * @property {MetaLayer[]} layers
 * @property {[clusters: number, outliers: number, score: number, scale: number, chosen: boolean][]} choices
 * @property {[left: number, right: number, distance: number, words: number[], size: number][]} merges
 * @property {number[] | null} leaves
 * @property {{topics: number[] | null, cosines: number[]}} similarity
 * @property {{every: string, start: number[], rows: Cell[]}} [time]
 * @property {{field: string, names: string[], rows: Cell[]}[]} classes
 * @property {[doc: number, shares: [topic: number, share: number][], tokens: number[], values: number[][]][]} distributions
 * @property {{terms: number[], counts: number[], total: number, topics: [total: number, terms: number[] | null, counts: number[]][]}} relevance
 * @property {{title: string, columns: [name: string, format: number][], rows: (number | string | null | (number | null)[])[][], notes: string[]}[]} tables
 * @property {string[]} words
 * @property {Record<string, {t: string, o: number, n: number}>} columns
 * @property {number[] | null} chunks
 */

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string[] | null} values  the texts that data has the indices of; null for numbers
 * @property {Numbers} data
 */

/**
 * @typedef {object} Layer
 * @property {string[]} names
 * @property {number[]} sizes
 * @property {[number | null, number | null][]} centers
 * @property {boolean} chosen
 * @property {Int32Array} labels  per document, -1 for none
 */

/**
 * @typedef {object} Report
 * @property {Meta} meta
 * @property {number} n  the number of documents
 * @property {Uint16Array} x
 * @property {Uint16Array} y
 * @property {Numbers} topic
 * @property {Uint8Array} probability
 * @property {Float64Array | null} time
 * @property {Field[]} fields
 * @property {MetaTopic[]} topics
 * @property {Layer[]} layers
 */

export {};

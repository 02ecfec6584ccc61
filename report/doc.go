// Package report writes what a topic model found as one HTML file that opens from disk in any current
// browser, without a network.
//
//	err := report.Write(ctx, file, model, report.Options{Title: "Questions", Times: times})
//
// The file holds a map of the documents, a tree of the topics with their words and documents, filters by
// time, topic, field and text, and the views that BERTopic's visualize_* functions draw: topics over
// time and per class, hierarchy, similarity, distances between topics, ranks of terms, shares of topics
// in a document, outliers and layers.
//
// Write is two steps, which can be taken alone: Collect computes everything that is shown, as Data, and
// Data.WriteHTML writes it. Package report/figure draws Data as SVG, PDF and PNG.
//
// # Safety
//
// Documents are treated as hostile. They are stored compressed in base64 and reach the page as text
// nodes alone. A Content-Security-Policy permits the two scripts and the style of the file by their
// SHA-256 and nothing else: no request, no evaluation of strings, no inline handlers.
//
// # Front end
//
// The program is in the directory web: ES modules that are checked as TypeScript by their JSDoc
// comments and are joined when the file is written, so that users of the module need no build step. The
// only library of others is uPlot, pinned in web/vendor. The map is drawn by a renderer of its own with
// WebGL 2, or with a 2-D canvas where that is missing: regl, on which regl-scatterplot rests, makes its
// functions from strings, which the policy forbids.
//
// The bytes depend on the model and the options alone.
package report

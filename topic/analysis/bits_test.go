package analysis_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

// bitsFile holds hashes of answers: question → hash. A change that is meant to change an answer writes
// the file again:
//
//	GOBERTOPIC_RECORD_BITS=1 go test ./topic/analysis -run Bits
const bitsFile = "testdata/bits.json"

// bitsModel returns a model of given classes, with outliers, a blank document and, if shift is not 0,
// classes that wander.
func bitsModel(t *testing.T, embedder bool, shift int) *topic.Model {
	docs := append(manyThemes(9, 30), "", "zebra quagga unlike anything else")
	classes := make([]int, len(docs))
	for i := range classes {
		classes[i] = (i%9 + shift*(i/45)) % 8
		if i%13 == 5 {
			classes[i] = -1
		}
	}
	x, err := bagOfWords{}.Embed(t.Context(), docs)
	require.NoError(t, err)
	cfg := config()
	cfg.Reducer, cfg.Clusterer, cfg.Workers = nil, supervised.Fixed{}, 2
	if !embedder {
		cfg.Embedder = nil
	}
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Classes: classes, Embeddings: x}, cfg)
	require.NoError(t, err)
	return m
}

// Every question gives the bits that were recorded, over documents whose topics are given.
func TestAnalysisBitsExact(t *testing.T) {
	out := map[string]string{}
	add := func(name string, v any, err error) {
		require.NoError(t, err)
		text, err := json.Marshal(v)
		require.NoError(t, err)
		h := sha256.Sum256(text)
		out[name] = hex.EncodeToString(h[:8])
	}
	ctx := t.Context()
	for _, embedder := range []bool{true, false} {
		m := bitsModel(t, embedder, 0)
		n := m.Len()
		times, names := make([]time.Time, n), make([]string, n)
		for i := range times {
			times[i] = time.Date(2024, 1, 1+i*7%300, i%24, 0, 0, 0, time.UTC)
			names[i] = fmt.Sprint("class ", i*i%5)
		}
		times[4] = time.Time{}
		for _, evolution := range []bool{true, false} {
			for _, global := range []bool{true, false} {
				opt := analysis.OverTimeOptions{NoEvolutionTuning: !evolution, NoGlobalTuning: !global, Bins: 7}
				rows, err := analysis.OverTime(ctx, m, times, opt)
				add(fmt.Sprint("over time, evolution ", evolution, ", global ", global, ", embedder ", embedder), rows, err)
				opt.Bins, opt.Every, opt.Terms = 0, analysis.Month, 8
				rows, err = analysis.OverTime(ctx, m, times, opt)
				add(fmt.Sprint("by month, evolution ", evolution, ", global ", global, ", embedder ", embedder), rows, err)
			}
			rows, err := analysis.PerClass(ctx, m, names, analysis.PerClassOptions{NoGlobalTuning: !evolution})
			add(fmt.Sprint("per class, global ", evolution, ", embedder ", embedder), rows, err)
		}
		for _, method := range []analysis.Linkage{"", analysis.LinkAverage, analysis.LinkComplete, analysis.LinkSingle, analysis.LinkWeighted, analysis.LinkCentroid, analysis.LinkMedian} {
			for _, use := range []bool{true, false} {
				h, err := analysis.HierarchicalTopics(ctx, m, analysis.HierarchyOptions{Method: method, UseEmbeddings: use})
				require.NoError(t, err)
				cut, err := h.Cut(ctx, 3)
				require.NoError(t, err)
				at, err := h.CutAt(ctx, h.Merges()[3].Distance)
				add(fmt.Sprint("hierarchy ", method, ", of embeddings ", use, ", embedder ", embedder), []any{h.Merges(), h.Leaves(), h.Text(analysis.TreeOptions{}), h.Text(analysis.TreeOptions{Tight: true, MaxDistance: .3}), cut.Assignments(), at.Assignments()}, err)
			}
		}
		s, err := analysis.SimilarityMatrix(m)
		add(fmt.Sprint("similarity matrix, embedder ", embedder), s, err)
		similar, err := analysis.SimilarTopics(m, 2, 4)
		add(fmt.Sprint("similar topics, embedder ", embedder), similar, err)
		similar, err = analysis.FindTopics(ctx, m, "w2a w3c w3d unseen", 0)
		add(fmt.Sprint("find topics, embedder ", embedder), similar, err)
		var opt analysis.DistributionOptions
		for _, tokens := range []bool{true, false} {
			opt.Tokens = tokens
			d, err := analysis.ApproximateDistribution(ctx, m, testutil.Got(t, m.Documents), opt)
			add(fmt.Sprint("distribution, tokens ", tokens, ", embedder ", embedder), d, err)
			opt.Padding, opt.Size, opt.Stride = !tokens, 3, 2
		}
		if embedder {
			opt.UseEmbeddings = true
			d, err := analysis.ApproximateDistribution(ctx, m, testutil.Got(t, m.Documents)[:60], opt)
			add("distribution of embeddings", d, err)
		}
		add(fmt.Sprint("document info, embedder ", embedder), analysis.DocumentInfo(m), nil)
		labels, err := analysis.Labels(m, analysis.LabelOptions{})
		add(fmt.Sprint("labels, embedder ", embedder), labels, err)
		labels, err = analysis.Labels(m, analysis.LabelOptions{Words: 2, NoPrefix: true, Separator: new(", "), WordLength: 2})
		add(fmt.Sprint("short labels, embedder ", embedder), labels, err)
		found, err := analysis.Match(ctx, m, bitsModel(t, embedder, 1), 0.8)
		add(fmt.Sprint("match, embedder ", embedder), []any{found, found.String()}, err)
	}
	compareBits(t, out)
}

// compareBits compares hashes with those of bitsFile, or records them.
func compareBits(t *testing.T, got map[string]string) {
	t.Helper()
	if os.Getenv("GOBERTOPIC_RECORD_BITS") != "" {
		text, err := json.MarshalIndent(got, "", "\t")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(bitsFile, append(text, '\n'), 0o644))
		return
	}
	text, err := os.ReadFile(bitsFile)
	require.NoError(t, err)
	want := map[string]string{}
	require.NoError(t, json.Unmarshal(text, &want))
	require.Equal(t, want, got)
}

package report_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/report"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

// classes fits a model of given topics with embeddings around a center for each.
func classes(t *testing.T, docs []string, of []int) *topic.Model {
	t.Helper()
	const dims = 8
	x := blas32.General{Rows: len(docs), Cols: dims, Stride: dims, Data: make([]float32, len(docs)*dims)}
	for i := range docs {
		center, own := rng.New(1, uint64(of[i]+1)), rng.New(2, uint64(i))
		for j := range dims {
			x.Data[i*dims+j] = float32(center.Float64() - 0.5 + 0.2*(own.Float64()-0.5))
		}
	}
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Embeddings: x, Classes: of}, topic.Config{Clusterer: supervised.Fixed{}})
	require.NoError(t, err)
	return m
}

func themes(n, topics int) (docs []string, of []int) {
	for i := range n {
		k := i % topics
		docs = append(docs, fmt.Sprintf("word%d other%d about topic%d with common text number %d", k, k, k, i))
		of = append(of, k)
	}
	return docs, of
}

func page(t *testing.T, m *topic.Model, opt report.Options) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Write(t.Context(), &out, m, opt))
	return out.String()
}

func TestSameBits(t *testing.T) {
	docs, of := themes(300, 6)
	opt := report.Options{Times: make([]time.Time, len(docs)), Fields: []report.Field{{Name: "kind", Text: make([]string, len(docs))}}}
	for i := range docs {
		opt.Times[i] = time.Date(2020, 1, 1+i, 0, 0, 0, 0, time.UTC)
		opt.Fields[0].Text[i] = string(rune('a' + i%3))
	}
	first := page(t, classes(t, docs, of), opt)
	require.Equal(t, first, page(t, classes(t, docs, of), opt))
	opt.Layout.Workers = 1
	require.Equal(t, first, page(t, classes(t, docs, of), opt))
}

func TestValidate(t *testing.T) {
	docs, of := themes(12, 3)
	m := classes(t, docs, of)
	for _, opt := range []report.Options{
		{Language: `en"><script>`},
		{Every: "fortnight"},
		{Fields: []report.Field{{Name: "both", Text: docs, Numbers: make([]float64, 12)}}},
		{Fields: []report.Field{{Name: "twice", Text: docs}, {Name: "twice", Text: docs}}},
		{Positions: blas32.General{Rows: 12, Cols: 3, Stride: 3, Data: make([]float32, 36)}},
	} {
		var bad *stage.ConfigError
		require.ErrorAs(t, report.Write(t.Context(), &bytes.Buffer{}, m, opt), &bad)
	}
	require.ErrorContains(t, report.Write(t.Context(), &bytes.Buffer{}, m, report.Options{IDs: []string{"a"}}), "want one for each of the 12 documents")
}

// Nothing of the documents reaches the markup: all of it is compressed, but for the title, which is escaped.
func TestHostileMarkup(t *testing.T) {
	const evil = `</script><script>alert(1)</script><!--`
	docs, of := themes(30, 3)
	for i := range docs {
		docs[i] += " " + evil
	}
	m, err := classes(t, docs, of).Relabel(map[int]string{0: evil})
	require.NoError(t, err)
	names := make([]string, len(docs))
	for i := range names {
		names[i] = evil
	}
	html := page(t, m, report.Options{
		Title: evil + `"'`, IDs: names, Fields: []report.Field{{Name: evil, Text: names}},
		Tables: []study.Table{{Title: evil, Columns: []study.Column{{Name: evil}}, Rows: [][]any{{evil}}, Notes: []string{evil}}},
	})
	require.NotContains(t, html, "alert(1)</script>")
	require.NotContains(t, html, "<!--")
	require.Equal(t, 2, strings.Count(html, "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;"))
	require.Contains(t, html, "default-src 'none'")
	require.NotContains(t, html, "unsafe")
}

func TestWithoutTexts(t *testing.T) {
	docs, of := themes(30, 3)
	d, err := report.Collect(t.Context(), classes(t, docs, of), report.Options{NoTexts: true})
	require.NoError(t, err)
	require.Nil(t, d.Texts)
	require.Nil(t, d.Distributions)
	require.Contains(t, strings.Join(d.Notes, " "), "left out")
}

func TestCutTexts(t *testing.T) {
	docs, of := themes(30, 3)
	docs[4] += strings.Repeat("é", 1<<19)
	d, err := report.Collect(t.Context(), classes(t, docs, of), report.Options{TextBytes: 101})
	require.NoError(t, err)
	require.LessOrEqual(t, len(d.Texts[4]), 101)
	require.True(t, strings.HasPrefix(docs[4], d.Texts[4]))
	require.Contains(t, strings.Join(d.Notes, " "), "1 of 30 texts were cut")
	d, err = report.Collect(t.Context(), classes(t, docs, of), report.Options{TextBytes: stage.None})
	require.NoError(t, err)
	require.Equal(t, docs[4], d.Texts[4])
}

// Documents beyond the sample are placed near those of their topic.
func TestSampledLayout(t *testing.T) {
	docs, of := themes(400, 4)
	d, err := report.Collect(t.Context(), classes(t, docs, of), report.Options{LayoutSample: 100})
	require.NoError(t, err)
	right := 0
	for i, p := range d.Positions {
		require.True(t, p.Finite())
		best, least := -1, math.Inf(1)
		for k, topic := range d.Topics {
			if r := math.Hypot(p.X-topic.Center.X, p.Y-topic.Center.Y); r < least {
				best, least = k, r
			}
		}
		if best == d.Topic[i] {
			right++
		}
	}
	require.Greater(t, right, 390)
	require.Contains(t, strings.Join(d.Notes, " "), "100 of 400")
}

// A model of words alone has a map by the weights of its words, and no similarities.
func TestWordsAlone(t *testing.T) {
	docs, of := themes(60, 4)
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Classes: of, WordsAlone: true}, topic.Config{Clusterer: supervised.Fixed{}})
	require.NoError(t, err)
	d, err := report.Collect(t.Context(), m, report.Options{})
	require.NoError(t, err)
	require.Nil(t, d.Similarity)
	require.Len(t, d.Hierarchy, 3)
	for _, p := range d.Positions {
		require.True(t, p.Finite())
	}
}

func TestSmallModels(t *testing.T) {
	for n := 1; n <= 4; n++ {
		docs, of := themes(n, min(n, 2))
		html := page(t, classes(t, docs, of), report.Options{})
		require.Contains(t, html, "</html>")
	}
	docs, of := []string{"some words here", "", " ", "other words there"}, []int{0, -1, -1, 1}
	d, err := report.Collect(t.Context(), classes(t, docs, of), report.Options{})
	require.NoError(t, err)
	require.False(t, d.Positions[1].Finite())
	require.NoError(t, d.WriteHTML(t.Context(), &bytes.Buffer{}))
}

package browsertest

import (
	"bytes"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/embed/static"
	"github.com/gobertopic/gobertopic/embed/static/distilled"
	"github.com/gobertopic/gobertopic/report"
	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/topic"
)

var usual struct {
	sync.Once
	page []byte
	err  error
}

// usualReport returns the file of a report of the doc comments of Go's library, with times that follow
// from the texts, a field of names and one of numbers.
func usualReport(t *testing.T) string {
	t.Helper()
	usual.Do(func() {
		root, err := exec.Command("go", "env", "GOROOT").Output()
		require.NoError(t, err)
		var docs, ids, kinds []string
		var times []time.Time
		var lengths []float64
		begin := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
		for d, err := range corpus.Open(filepath.Join(strings.TrimSpace(string(root)), "src"), corpus.FormatGoDoc, corpus.Options{}) {
			require.NoError(t, err)
			h := fnv.New64a()
			h.Write([]byte(d.ID))
			docs, ids, kinds = append(docs, d.Text), append(ids, d.ID), append(kinds, d.Fields["kind"])
			times = append(times, begin.Add(time.Duration(h.Sum64()%uint64(6*365*24))*time.Hour))
			lengths = append(lengths, float64(len(d.Text)))
		}
		cfg := topic.DefaultConfig()
		cfg.Embedder, err = distilled.New(static.Config{})
		require.NoError(t, err)
		cfg.Granularity = topic.NumTopics(40)
		m, err := topic.Fit(t.Context(), docs, cfg)
		require.NoError(t, err)
		var page bytes.Buffer
		usual.err = report.Write(t.Context(), &page, m, report.Options{
			Title: "Go doc comments", IDs: ids, Times: times,
			Fields: []report.Field{{Name: "kind", Text: kinds}, {Name: "length", Numbers: lengths}},
			Tables: []study.Table{{
				Title: "Popularity", Columns: []study.Column{{Name: "topic"}, {Name: "documents", Format: study.Decimal}},
				Rows: [][]any{{"all", len(docs)}}, Notes: []string{"Counted by hand."},
			}},
		})
		usual.page = page.Bytes()
	})
	require.NoError(t, usual.err)
	return write(t, usual.page)
}

func write(t *testing.T, page []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(path, page, 0o644))
	return path
}

func TestViews(t *testing.T) {
	p := open(t, usualReport(t), setup{})
	p.shot("map")
	for _, view := range []string{"documents", "words", "time", "classes", "hierarchy", "similarity", "distances", "rank", "shares", "outliers", "layers", "tables"} {
		p.click("#tab-" + view)
		require.Greater(t, eval[int](p, "document.getElementById('view-"+view+"').textContent.length"), 40, view)
		p.shot("view-" + view)
	}
	p.quiet()
}

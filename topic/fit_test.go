package topic_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

func TestFitFindsThemes(t *testing.T) {
	docs := themes(60)
	m, err := topic.Fit(t.Context(), docs, config())
	require.NoError(t, err)
	require.NoError(t, m.Check())

	theme := map[int]map[int]int{} // topic → theme → documents
	for i, a := range m.Assignments() {
		if theme[a.Topic] == nil {
			theme[a.Topic] = map[int]int{}
		}
		theme[a.Topic][i%3]++
	}
	for id, of := range theme {
		if id != topic.Outlier {
			require.Len(t, of, 1, "topic %d mixes themes: %v", id, of)
		}
	}
	for _, tp := range m.Topics() {
		if tp.ID == topic.Outlier {
			continue
		}
		require.Len(t, tp.Embedding, bagDim)
		require.LessOrEqual(t, len(tp.Terms), 10)
		require.NotEmpty(t, tp.Representative)
		require.True(t, strings.HasPrefix(tp.Name, fmt.Sprintf("%d_%s", tp.ID, tp.Terms[0].Term)))
		for i := 1; i < len(tp.Terms); i++ {
			require.GreaterOrEqual(t, tp.Terms[i-1].Weight, tp.Terms[i].Weight)
		}
	}
	require.GreaterOrEqual(t, len(m.Topics()), 3)
}

// The fitted documents get their fitted topics again: together, one by one and in another order.
func TestTransformGivesTheFittedTopicsExact(t *testing.T) {
	docs := append(themes(40), "", "zebra quagga unlike anything else")
	m, err := topic.Fit(t.Context(), docs, config())
	require.NoError(t, err)
	again, err := m.Transform(t.Context(), docs)
	require.NoError(t, err)
	require.Equal(t, m.Assignments(), again)
	for i := len(docs) - 1; i >= 0; i -= 7 {
		one, err := m.Transform(t.Context(), docs[i:i+1])
		require.NoError(t, err)
		require.Equal(t, m.Assignments()[i:i+1], one, "document %d alone", i)
	}
	none, err := m.Transform(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestSameBits(t *testing.T) {
	docs := themes(50)
	var first *topic.Model
	for _, workers := range []int{1, 2, 3, 0} {
		for _, procs := range []int{1, 4} {
			before := runtime.GOMAXPROCS(procs)
			cfg := config()
			cfg.Workers = workers
			m, err := topic.Fit(t.Context(), docs, cfg)
			runtime.GOMAXPROCS(before)
			require.NoError(t, err)
			if first == nil {
				first = m
				continue
			}
			require.Equal(t, pointsOf(t, first), pointsOf(t, m))
			require.Equal(t, first.Assignments(), m.Assignments())
			require.Equal(t, first.Topics(), m.Topics())
		}
	}
	cfg := config()
	cfg.Seed++
	other, err := topic.Fit(t.Context(), docs, cfg)
	require.NoError(t, err)
	require.NotEqual(t, pointsOf(t, first), pointsOf(t, other), "another seed gives other points")
}

func TestSmallAndOddCorpora(t *testing.T) {
	equal := make([]string, 50)
	for i := range equal {
		equal[i] = "the same text"
	}
	for name, docs := range map[string][]string{
		"one document":             {"a single text"},
		"two documents":            {"a first text", "a second one"},
		"fewer than neighbors":     themes(3),
		"all equal":                equal,
		"one with text":            {"", "  \t\n", "words here", "\u00a0"},
		"no word of two letters":   {"a", "b !", "?? c"},
		"a document of a megabyte": append(themes(10), strings.Repeat("cat dog ", 1<<17)),
		"invalid UTF-8":            append(themes(10), "cat \xff\xfe dog \x80"),
	} {
		t.Run(name, func(t *testing.T) {
			m, err := topic.Fit(t.Context(), docs, config())
			require.NoError(t, err)
			require.NoError(t, m.Check())
			require.Len(t, m.Assignments(), len(docs))
			for i, d := range docs {
				if strings.TrimSpace(d) == "" {
					require.Equal(t, topic.Assignment{Topic: topic.Outlier}, m.Assignments()[i])
				}
			}
			for _, v := range pointsOf(t, m).Data {
				require.False(t, math.IsNaN(float64(v)) || math.IsInf(float64(v), 0))
			}
			if len(docs) < 15 {
				require.NotEmpty(t, m.Warnings(), "fewer documents than neighbors are worth a warning")
			}
		})
	}
}

func TestBadInput(t *testing.T) {
	ctx := t.Context()
	_, err := topic.Fit(ctx, nil, config())
	require.ErrorIs(t, err, topic.ErrNoDocuments)
	_, err = topic.Fit(ctx, []string{"", " "}, config())
	require.ErrorIs(t, err, topic.ErrNoDocuments)
	require.ErrorContains(t, err, "2 documents, 2 of them blank")

	cfg := config()
	cfg.Embedder = nil
	_, err = topic.Fit(ctx, themes(5), cfg)
	require.ErrorIs(t, err, topic.ErrNoEmbedder)

	cfg = config()
	cfg.Clusterer, cfg.TopWords, cfg.Workers = hdbscan.Config{MinClusterSize: 1}, -1, -1
	_, err = topic.Fit(ctx, themes(5), cfg)
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	for _, field := range []string{"hdbscan.Config.MinClusterSize", "topic.Config.TopWords", "topic.Config.Workers"} {
		require.ErrorContains(t, err, field)
	}

	docs := themes(5)
	x, err := bagOfWords{}.Embed(ctx, docs)
	require.NoError(t, err)
	_, err = topic.FitEmbedded(ctx, docs[1:], x, config())
	require.ErrorContains(t, err, "15 rows for 14 documents")
	_, err = topic.FitEmbedded(ctx, docs, blas32.General{Rows: 15}, config())
	require.ErrorContains(t, err, "rows without columns", "they are not embedded behind the caller's back")
	_, err = topic.FitEmbedded(ctx, nil, blas32.General{}, topic.Config{Clusterer: supervised.Fixed{}, Words: config().Words})
	require.ErrorIs(t, err, topic.ErrNoDocuments)
	x.Data[3*bagDim+2] = float32(math.NaN())
	_, err = topic.FitEmbedded(ctx, docs, x, config())
	var value *stage.ValueError
	require.ErrorAs(t, err, &value)
	require.Equal(t, []int{3, 2}, []int{value.Row, value.Col})
}

// failing stands in for any stage that goes wrong.
type failing struct{ why error }

func (f failing) Embed(context.Context, []string) (blas32.General, error) {
	return blas32.General{}, f.why
}

func (f failing) Reduce(context.Context, stage.Run, stage.Data) (stage.Reduction, error) {
	return nil, f.why
}

func (f failing) Cluster(context.Context, stage.Run, stage.Data) (stage.Clustering, error) {
	return nil, f.why
}

func (f failing) Represent(context.Context, topic.View, [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	return nil, f.why
}

func TestErrorsNameTheStage(t *testing.T) {
	why := errors.New("out of luck")
	for stage, set := range map[string]func(*topic.Config){
		"embed":   func(c *topic.Config) { c.Embedder = failing{why} },
		"reduce":  func(c *topic.Config) { c.Reducer = failing{why} },
		"cluster": func(c *topic.Config) { c.Clusterer = failing{why} },
		"words":   func(c *topic.Config) { c.Representers = []topic.Representer{failing{why}} },
	} {
		cfg := config()
		set(&cfg)
		_, err := topic.Fit(t.Context(), themes(10), cfg)
		require.ErrorIs(t, err, why)
		require.ErrorContains(t, err, stage+": ")
	}
}

// Canceling in any stage ends the fit with the context's cause.
func TestCancelInEachStage(t *testing.T) {
	why := errors.New("enough")
	for _, stage := range []string{"embed", "reduce", "cluster", "words"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cfg := config()
		reached := false
		cfg.Progress = func(p topic.Progress) {
			if p.Step == stage {
				reached = true
				cancel(why)
			}
		}
		_, err := topic.Fit(ctx, themes(700), cfg)
		require.True(t, reached, "stage %s reports progress", stage)
		require.ErrorIs(t, err, why, "cancelled in %s", stage)
		cancel(nil)
	}
}

func TestProgressRisesToTheTotal(t *testing.T) {
	last := map[string]topic.Progress{}
	var order []string
	cfg := config()
	cfg.Progress = func(p topic.Progress) {
		if _, ok := last[p.Step]; !ok {
			order = append(order, p.Step)
		}
		require.GreaterOrEqual(t, p.Done, last[p.Step].Done)
		last[p.Step] = p
	}
	_, err := topic.Fit(t.Context(), themes(50), cfg)
	require.NoError(t, err)
	require.Equal(t, []string{"embed", "reduce", "cluster", "words"}, order)
	for stage, p := range last {
		require.Equal(t, p.Total, p.Done, "stage %s", stage)
	}
}

func TestPlainEmbedderIsCalledInBatches(t *testing.T) {
	calls := 0
	cfg := config()
	cfg.Embedder = bagOfWords{&calls}
	_, err := topic.Fit(t.Context(), themes(700), cfg)
	require.NoError(t, err)
	require.Equal(t, 3, calls)
}

// shout is a representer: the terms in upper case.
type shout struct{ seen *topic.View }

func (s shout) Represent(_ context.Context, v topic.View, topics [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	*s.seen = v
	out := make([][]ctfidf.Term, len(topics))
	for i, terms := range topics {
		for _, term := range terms {
			out[i] = append(out[i], ctfidf.Term{Term: strings.ToUpper(term.Term), Weight: term.Weight})
		}
	}
	return out, nil
}

func TestRepresenters(t *testing.T) {
	var seen topic.View
	cfg := config()
	cfg.Representers = []topic.Representer{shout{&seen}}
	docs := themes(40)
	m, err := topic.Fit(t.Context(), docs, cfg)
	require.NoError(t, err)
	require.NoError(t, m.Check())
	require.ElementsMatch(t, docs, seen.Docs)
	x, err := bagOfWords{}.Embed(t.Context(), seen.Docs)
	require.NoError(t, err)
	require.Equal(t, x, seen.Embeddings)
	topics := map[string]int{}
	for i, a := range m.Assignments() {
		topics[docs[i]] = a.Topic
	}
	for i, text := range seen.Docs {
		require.Equal(t, topics[text], seen.Topics[i])
	}
	require.Len(t, seen.IDs, len(m.Topics()))
	for i, tp := range m.Topics() {
		require.Equal(t, tp.ID, seen.IDs[i])
		for k, doc := range tp.Representative {
			require.Equal(t, docs[doc], seen.Docs[seen.Representative[i][k]])
		}
		require.Equal(t, strings.ToUpper(tp.Terms[0].Term), tp.Terms[0].Term)
	}
}

func TestSaveAndLoad(t *testing.T) {
	docs := append(themes(40), "", "zebra")
	m, err := topic.Fit(t.Context(), docs, config())
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, (topic.Config{}).CanSave(dir))
	require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
	require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}), "a saved model is replaced")

	back, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}})
	require.NoError(t, err)
	require.NoError(t, back.Check())
	require.Equal(t, m.Topics(), back.Topics())
	require.Equal(t, m.Assignments(), back.Assignments())
	require.Equal(t, pointsOf(t, m), pointsOf(t, back))
	require.Equal(t, testutil.Got(t, m.Documents), testutil.Got(t, back.Documents))
	probe := append(docs, "cat dog pet unseen", "engine road unseen", "bread and oven")
	want, err := m.Transform(t.Context(), probe)
	require.NoError(t, err)
	got, err := back.Transform(t.Context(), probe)
	require.NoError(t, err)
	require.Equal(t, want, got)

	dumb, err := topic.Load(t.Context(), dir, topic.LoadOptions{})
	require.NoError(t, err)
	_, err = dumb.Transform(t.Context(), probe)
	require.ErrorIs(t, err, topic.ErrNoEmbedder)
}

// pointsOf returns what the clusterer saw.
func pointsOf(t testing.TB, m *topic.Model) blas32.General {
	points, _, err := m.Points()
	require.NoError(t, err)
	return points
}

// docPoints returns what the clusterer saw in the order of the documents, all of which have text.
func docPoints(t testing.TB, m *topic.Model) blas32.General {
	t.Helper()
	points, docs, err := m.Points()
	require.NoError(t, err)
	require.Len(t, docs, m.Len())
	out := blas32.General{Rows: points.Rows, Cols: points.Cols, Stride: points.Cols, Data: make([]float32, points.Rows*points.Cols)}
	for row, doc := range docs {
		copy(out.Data[doc*out.Stride:][:out.Cols], points.Data[row*points.Stride:])
	}
	return out
}

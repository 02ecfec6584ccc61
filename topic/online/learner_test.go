package online_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/internal/store"
	topiconline "github.com/gobertopic/gobertopic/topic/online"
)

// All documents are there after every batch, each in the topic that PartialFit gave it, topics keep
// their numbers, and a model does not change when the next batch comes.
func TestRemembersEveryBatchExact(t *testing.T) {
	docs := streamed()
	l := newLearner(t, config(0))
	var want []topic.Assignment
	var last *topic.Model
	var lastTopics []topic.Topic
	for batch := range slices.Chunk(docs, 50) {
		a, err := l.PartialFit(t.Context(), batch)
		require.NoError(t, err)
		require.Len(t, a, len(batch))
		want = append(want, a...)
		m := modelOf(t, l)
		require.Equal(t, docs[:len(want)], testutil.Got(t, m.Documents))
		require.Equal(t, want, m.Assignments())
		found, err := m.Transform(t.Context(), testutil.Got(t, m.Documents))
		require.NoError(t, err)
		require.Equal(t, want, found)
		if last != nil {
			require.Equal(t, lastTopics, last.Topics())
			require.Equal(t, want[:last.Len()], last.Assignments())
			require.NoError(t, last.Check())
			require.GreaterOrEqual(t, topicCount(m), topicCount(last))
		}
		last, lastTopics = m, m.Topics()
	}
	require.Greater(t, topicCount(last), 5)
	require.Equal(t, []topic.Step{{Operation: "online"}}, last.History())
}

// The topics are the themes, whatever the batches, and a theme that comes late gets the next
// number.
func TestFindsThemesExact(t *testing.T) {
	docs := streamed()
	docs = docs[:9*24]
	cfg := config(0)
	stream := online.DBStreamConfig{}
	stream.Radius = 0.5
	cfg.Reducer, cfg.Clusterer = nil, stream
	cfg.Embedder = themeEmbedder{}
	l := newLearner(t, cfg)
	var early, late []string // the last theme comes late
	for i, d := range docs {
		if i%9 < 8 {
			early = append(early, d)
		} else {
			late = append(late, d)
		}
	}
	for batch := range slices.Chunk(early, 60) {
		_, err := l.PartialFit(t.Context(), batch)
		require.NoError(t, err)
	}
	require.Equal(t, 8, topicCount(modelOf(t, l)))
	a, err := l.PartialFit(t.Context(), late)
	require.NoError(t, err)
	require.Equal(t, slices.Repeat([]topic.Assignment{{Topic: 8, Probability: 1}}, len(late)), a)
	m := modelOf(t, l)
	for i, a := range m.Assignments()[:len(early)] {
		require.Equal(t, i%8, a.Topic)
	}
	require.Contains(t, m.Topics()[8].Name, "w8a")
}

// Words are forgotten as ctfidf.Online forgets them, also when an operation counts them again and
// after Load.
func TestForgetsWordsExact(t *testing.T) {
	docs := streamed()
	counting := ctfidf.Online{Decay: 0.3, DeleteMinDF: 0.5}
	cfg := config(2)
	l, err := topiconline.New(cfg, counting)
	require.NoError(t, err)
	var want ctfidf.Counts
	for batch := range slices.Chunk(docs, 40) {
		a, err := l.PartialFit(t.Context(), batch)
		require.NoError(t, err)
		classes := make([]int, len(a))
		for i := range a {
			classes[i] = a[i].Topic
		}
		want, err = counting.Update(t.Context(), want, batch, classes, cfg.Vocabulary)
		require.NoError(t, err)
	}
	m := modelOf(t, l)
	got := testutil.Got(t, m.Counts)
	require.Equal(t, want, got)
	require.Less(t, got.Docs, float64(len(docs))/2)

	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
	back, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}})
	require.NoError(t, err)
	requireSame(t, m, back, "load")
	for _, m := range []*topic.Model{m, back} {
		merged, err := m.MergeTopics(t.Context(), []int{0, 1})
		require.NoError(t, err)
		require.NoError(t, merged.Check())
		counts := testutil.Got(t, merged.Counts)
		require.InDelta(t, want.Docs, counts.Docs, 1e-9)
		require.Equal(t, want.Vocabulary, counts.Vocabulary)
	}
}

// The same batches give the same bits for any workers, and when a model that was saved and loaded
// goes on.
func TestSameBits(t *testing.T) {
	docs := streamed()
	half := len(docs) / 2
	stream := func(workers int, clusterer stage.Clusterer, resume bool) *topic.Model {
		cfg := config(workers)
		cfg.Clusterer = clusterer
		l := newLearner(t, cfg)
		for batch := range slices.Chunk(docs[:half], 30) {
			_, err := l.PartialFit(t.Context(), batch)
			require.NoError(t, err)
		}
		if resume {
			dir := filepath.Join(t.TempDir(), "model")
			require.NoError(t, modelOf(t, l).Save(t.Context(), dir, topic.SaveOptions{}))
			m, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}, Workers: workers})
			require.NoError(t, err)
			l, err = topiconline.Resume(m)
			require.NoError(t, err)
			require.Equal(t, m.Topics(), modelOf(t, l).Topics())
		}
		for batch := range slices.Chunk(docs[half:], 30) {
			_, err := l.PartialFit(t.Context(), batch)
			require.NoError(t, err)
		}
		return modelOf(t, l)
	}
	fading := online.DBStreamConfig{}
	fading.Fading, fading.Gap = 0.01, 20
	for _, clusterer := range []stage.Clusterer{config(0).Clusterer, fading} {
		want := stream(1, clusterer, false)
		requireSame(t, want, stream(3, clusterer, false), "workers")
		requireSame(t, want, stream(2, clusterer, true), "resumed")
	}
}

// Refresh gives every document the topic that it would have now, numbered without gaps.
func TestRefreshExact(t *testing.T) {
	docs := streamed()
	l := newLearner(t, config(0))
	require.NoError(t, l.Refresh(t.Context()))
	for batch := range slices.Chunk(docs, 25) {
		_, err := l.PartialFit(t.Context(), batch)
		require.NoError(t, err)
	}
	before := modelOf(t, l)
	require.NoError(t, l.Refresh(t.Context()))
	after := modelOf(t, l)
	require.NotEqual(t, before.Assignments(), after.Assignments())
	renamed := make([]string, len(docs)) // not found again by text and embedding, but placed
	for i, d := range docs {
		renamed[i] = d + "\x00"
	}
	x := testutil.Got(t, after.Embeddings)
	moved := blas32.General{Rows: x.Rows, Cols: x.Cols, Stride: x.Stride, Data: slices.Clone(x.Data)}
	for i := range moved.Data {
		moved.Data[i] += 1e-6
	}
	placed, err := after.TransformEmbedded(t.Context(), renamed, moved)
	require.NoError(t, err)
	same := 0
	for i, a := range after.Assignments() {
		if a == placed[i] {
			same++
		}
	}
	require.Greater(t, same, len(docs)-6) // all but those without text and those that lie between two means
	require.NoError(t, l.Refresh(t.Context()))
	require.Equal(t, after.Assignments(), modelOf(t, l).Assignments())
}

// A bad setting is reported, and what fails changes nothing.
func TestErrors(t *testing.T) {
	ctx := t.Context()
	cfg := topic.BERTopicConfig()
	cfg.Seeds = [][]string{{"a"}}
	cfg.ZeroShot.Labels = []string{"b"}
	cfg.Vocabulary.MaxFeatures = 5
	cfg.Outliers, cfg.Granularity, cfg.Weigher, cfg.TopWords = topic.SoftOutliers, topic.NumTopics(3), ctfidf.Soft{}, -1
	_, err := topiconline.New(cfg, ctfidf.Online{Decay: 2})
	require.Equal(t, []string{
		"topic.Config.Reducer", "topic.Config.Clusterer", "topic.Config.Seeds", "topic.Config.ZeroShot.Labels", "topic.Config.Outliers",
		"topic.Config.Granularity", "topic.Config.Weigher", "topic.Config.TopWords", "ctfidf.Online.Decay", "ctfidf.Config.MaxFeatures",
	}, badFields(err))
	cfg = config(0)
	cfg.Clusterer, cfg.Vocabulary.MinDF.Count = online.KMeansConfig{NClusters: -3}, -1
	_, err = topiconline.New(cfg, ctfidf.Online{DeleteMinDF: -1})
	require.Equal(t, []string{"ctfidf.Config.MinDF", "online.KMeansConfig.NClusters", "ctfidf.Online.DeleteMinDF"}, badFields(err))
	_, err = topiconline.New(topic.Config{Embedder: bagOfWords{}}, ctfidf.Online{})
	require.EqualError(t, err, "topic.Config.Clusterer is <nil>, want a stage.BatchClusterer, such as online.KMeansConfig or online.DBStreamConfig")
	cfg = config(0)
	cfg.Embedder = nil
	_, err = newLearner(t, cfg).PartialFit(ctx, []string{"a word"})
	require.ErrorIs(t, err, topic.ErrNoEmbedder)

	l := newLearner(t, config(0))
	_, err = l.Model(ctx)
	require.ErrorIs(t, err, topic.ErrNoDocuments)
	a, err := l.PartialFit(ctx, []string{"", " "})
	require.NoError(t, err)
	require.Equal(t, []topic.Assignment{{Topic: topic.Outlier}, {Topic: topic.Outlier}}, a)
	_, err = l.Model(ctx)
	require.ErrorIs(t, err, topic.ErrNoDocuments)
	_, err = l.PartialFit(ctx, streamed()[:50])
	require.NoError(t, err)
	before := modelOf(t, l)

	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, docs := range [][]string{streamed()[50:90], nil} {
		_, err = l.PartialFit(cancelled, docs)
		require.ErrorIs(t, err, context.Canceled)
	}
	require.ErrorIs(t, l.Refresh(cancelled), context.Canceled)
	_, err = l.PartialFitEmbedded(ctx, []string{"one"}, blas32.General{Rows: 1, Cols: 2, Stride: 2, Data: []float32{1, 2}})
	require.ErrorContains(t, err, "2 dimensions")
	bad := blas32.General{Rows: 1, Cols: bagDim, Stride: bagDim, Data: make([]float32, bagDim)}
	bad.Data[3] = float32(math.NaN())
	var value *stage.ValueError
	_, err = l.PartialFitEmbedded(ctx, []string{"one"}, bad)
	require.ErrorAs(t, err, &value)
	require.Equal(t, 3, value.Col)
	for _, x := range []blas32.General{{}, {Rows: 2, Cols: 1, Stride: 1, Data: []float32{1, 2}}, {Rows: 1}} {
		_, err = l.PartialFitEmbedded(ctx, []string{"one"}, x)
		require.ErrorContains(t, err, "want one row")
	}
	requireSame(t, before, modelOf(t, l), "after what failed")

	cfg = config(0)
	cfg.Reducer = nil
	m, err := topic.Fit(ctx, manyThemes(3, 20), cfg)
	require.NoError(t, err)
	_, err = topiconline.Resume(m)
	require.ErrorIs(t, err, topiconline.ErrNotOnline)
	x, err := bagOfWords{}.Embed(ctx, []string{"one"})
	require.NoError(t, err)
	for name, change := range map[string]func() (*topic.Model, error){
		"merged":  func() (*topic.Model, error) { return before.MergeTopics(ctx, []int{0, 1}) },
		"deleted": func() (*topic.Model, error) { return before.DeleteTopics(ctx, 0) },
		"grown":   func() (*topic.Model, error) { return before.GrowEmbedded(ctx, []string{"one"}, x) },
		"other topics": func() (*topic.Model, error) {
			topics := make([]int, before.Len())
			return before.UpdateTopics(ctx, topic.UpdateOptions{Topics: topics})
		},
		"models": func() (*topic.Model, error) {
			return topic.MergeModels(ctx, []*topic.Model{before, before}, 0.9)
		},
	} {
		m, err := change()
		require.NoError(t, err, name)
		_, err = topiconline.Resume(m)
		require.ErrorIs(t, err, topiconline.ErrNotOnline, name)
	}
}

// badFields returns the fields of the *stage.ConfigErrors joined in err.
func badFields(err error) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out []string
		for _, err := range joined.Unwrap() {
			out = append(out, badFields(err)...)
		}
		return out
	}
	if bad := (*stage.ConfigError)(nil); errors.As(err, &bad) {
		return []string{bad.Field}
	}
	return []string{err.Error()}
}

// New words and labels do not keep a Learner from going on.
func TestResumeWithNewWordsExact(t *testing.T) {
	ctx := t.Context()
	docs := streamed()
	learn := func(l *topiconline.Learner, docs []string) *topic.Model {
		_, err := l.PartialFit(ctx, docs)
		require.NoError(t, err)
		return modelOf(t, l)
	}
	cfg := config(0)
	cfg.Vocabulary.NGramMax = 2
	l := newLearner(t, cfg)
	learn(l, docs[:100])
	want := learn(l, docs[100:])

	first := learn(newLearner(t, config(0)), docs[:100])
	words := first.Config().Words
	words.Vocabulary.NGramMax = 2
	updated, err := first.UpdateTopics(ctx, topic.UpdateOptions{Words: &words})
	require.NoError(t, err)
	updated, err = updated.Relabel(map[int]string{0: "a label"})
	require.NoError(t, err)
	l, err = topiconline.Resume(updated)
	require.NoError(t, err)
	requireSame(t, want, learn(l, docs[100:]), "new words")

	words.Vocabulary.MaxFeatures = 7
	updated, err = first.UpdateTopics(ctx, topic.UpdateOptions{Words: &words})
	require.NoError(t, err)
	_, err = topiconline.Resume(updated)
	require.Equal(t, []string{"ctfidf.Config.MaxFeatures"}, badFields(err))
}

// Batches that come from several goroutines are all there.
func TestFromManyGoroutines(t *testing.T) {
	docs := streamed()
	l := newLearner(t, config(2))
	var wait sync.WaitGroup
	for batch := range slices.Chunk(docs, 20) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if _, err := l.PartialFit(t.Context(), batch); err != nil {
				t.Error(err)
			}
			if _, err := l.Model(t.Context()); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	m := modelOf(t, l)
	require.ElementsMatch(t, docs, testutil.Got(t, m.Documents))
}

// signs is a clusterer of the caller's: points are in cluster 5 or 2 by the sign of their first
// value, half-heartedly. It gives every second one of a batch another cluster than Predict.
type signs struct{ labels []int }

func (signs) Cluster(context.Context, stage.Run, stage.Data) (stage.Clustering, error) {
	panic("a Learner learns in batches")
}

func (s signs) ClusterBatch(ctx context.Context, run stage.Run, past stage.Clustering, d stage.Data) (stage.Clustering, error) {
	if past != nil {
		_ = past.(signs) // a result of ClusterBatch
	}
	if run.Progress != nil {
		run.Progress(d.X.Rows, d.X.Rows)
	}
	s.labels, _, _ = s.Predict(ctx, d.X)
	for i := 1; i < len(s.labels); i += 2 {
		s.labels[i] += 10
	}
	return s, nil
}

func (s signs) Labels() []int { return s.labels }

func (s signs) Strengths() []float64 { return slices.Repeat([]float64{0.5}, len(s.labels)) }

func (signs) Warnings() []error { return []error{errors.New("half-hearted")} }

func (signs) Predict(_ context.Context, x blas32.General) ([]int, []float64, error) {
	labels, strength := make([]int, x.Rows), make([]float64, x.Rows)
	for i := range labels {
		if labels[i], strength[i] = 2, 0.5; x.Data[i*x.Stride] < 0 {
			labels[i] = 5
		}
	}
	return labels, strength, nil
}

// Topics are numbered as their first documents come, whatever the labels of a clusterer, strengths
// and warnings are kept, and equal documents of a batch are in one topic.
func TestCallersStagesExact(t *testing.T) {
	cfg := config(0)
	cfg.Reducer, cfg.Clusterer = nil, signs{}
	var steps []topic.Progress
	cfg.Progress = func(p topic.Progress) { steps = append(steps, p) }
	l := newLearner(t, cfg)
	x := blas32.General{Rows: 4, Cols: 1, Stride: 1, Data: []float32{-1, 2, -1, -3}}
	a, err := l.PartialFitEmbedded(t.Context(), []string{"a word", "", "a word", "other words"}, x)
	require.NoError(t, err)
	require.Equal(t, []topic.Assignment{{Topic: 0, Probability: 0.5}, {Topic: topic.Outlier}, {Topic: 0, Probability: 0.5}, {Topic: 0, Probability: 0.5}}, a)
	a, err = l.PartialFitEmbedded(t.Context(), []string{"something else", "a fourth"}, blas32.General{Rows: 2, Cols: 1, Stride: 1, Data: []float32{7, -7}})
	require.NoError(t, err)
	require.Equal(t, []topic.Assignment{{Topic: 1, Probability: 0.5}, {Topic: 2, Probability: 0.5}}, a)
	require.Equal(t, []topic.Progress{{Step: "cluster", Done: 3, Total: 3}, {Step: "cluster", Done: 2, Total: 2}}, steps)
	x.Data[0] = 9 // it was copied
	m := modelOf(t, l)
	require.Equal(t, []float32{-1, 2, -1, -3, 7, -7}, testutil.Got(t, m.Embeddings).Data)
	require.Equal(t, []string{"batch 1: cluster: half-hearted", "batch 2: cluster: half-hearted", "1 of 6 documents have no text; they are outliers"}, texts(m.Warnings()))
	require.ErrorContains(t, m.Save(t.Context(), filepath.Join(t.TempDir(), "model"), topic.SaveOptions{}), "online_test.signs")

	again, err := topiconline.Resume(m)
	require.NoError(t, err)
	requireSame(t, m, modelOf(t, again), "resumed")
	require.NoError(t, l.Refresh(t.Context()))
	require.Equal(t, []topic.Assignment{
		{Topic: 0, Probability: 0.5},
		{Topic: topic.Outlier},
		{Topic: 0, Probability: 0.5},
		{Topic: 0, Probability: 0.5},
		{Topic: 1, Probability: 0.5},
		{Topic: 0, Probability: 0.5},
	}, modelOf(t, l).Assignments())
	requireSame(t, m, modelOf(t, again), "after a batch of another Learner")
}

// rangesConfig is a clusterer of the caller's that can be saved: points up to the largest of the
// first batch are in cluster 0, larger ones in cluster 1.
type rangesConfig struct{}

type ranges struct {
	Largest float32
	labels  []int
}

func init() {
	state.Register[rangesConfig]("topic/online.ranges", func(_ stage.Run, r fs.FS) (*ranges, error) {
		out := &ranges{}
		return out, state.ReadSections(r, state.Section{Name: "ranges.json", Data: out})
	})
}

func (rangesConfig) Cluster(context.Context, stage.Run, stage.Data) (stage.Clustering, error) {
	panic("a Learner learns in batches")
}

func (rangesConfig) ClusterBatch(ctx context.Context, _ stage.Run, past stage.Clustering, d stage.Data) (stage.Clustering, error) {
	out := &ranges{}
	if past != nil {
		out.Largest = past.(*ranges).Largest
	} else {
		for i := range d.X.Rows {
			out.Largest = max(out.Largest, d.X.Data[i*d.X.Stride])
		}
	}
	out.labels, _, _ = out.Predict(ctx, d.X)
	return out, nil
}

func (r *ranges) Labels() []int { return r.labels }

func (r *ranges) Save(w stage.Writer) error {
	return state.WriteSections(w, state.Section{Name: "ranges.json", Data: r})
}

func (r *ranges) Predict(_ context.Context, x blas32.General) ([]int, []float64, error) {
	labels := make([]int, x.Rows)
	for i := range labels {
		if x.Data[i*x.Stride] > r.Largest {
			labels[i] = 1
		}
	}
	return labels, nil, nil
}

// A stage of the caller's that is registered goes on after its model was saved and loaded.
func TestCallersStagesResumeExact(t *testing.T) {
	cfg := config(0)
	cfg.Reducer, cfg.Clusterer = nil, rangesConfig{}
	l := newLearner(t, cfg)
	learn := func(l *topiconline.Learner, values ...float32) []topic.Assignment {
		docs := slices.Repeat([]string{"some words"}, len(values))
		a, err := l.PartialFitEmbedded(t.Context(), docs, blas32.General{Rows: len(values), Cols: 1, Stride: 1, Data: values})
		require.NoError(t, err)
		return a
	}
	require.Equal(t, slices.Repeat([]topic.Assignment{{Probability: 1}}, 3), learn(l, 1, 5, 3))
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, modelOf(t, l).Save(t.Context(), dir, topic.SaveOptions{}))
	m, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}})
	require.NoError(t, err)
	resumed, err := topiconline.Resume(m)
	require.NoError(t, err)
	require.Equal(t, []topic.Assignment{{Probability: 1}, {Topic: 1, Probability: 1}}, learn(resumed, 4, 6))
	learn(l, 4, 6)
	requireSame(t, modelOf(t, l), modelOf(t, resumed), "resumed")
}

// wrong is a stage of the caller's that gives what cannot be used, after a first good batch.
type wrong struct {
	signs
	cols     int // of points
	labels   []int
	strength float64
}

func (wrong) Reduce(context.Context, stage.Run, stage.Data) (stage.Reduction, error) {
	panic("a Learner learns in batches")
}

func (w wrong) ReduceBatch(_ context.Context, _ stage.Run, past stage.Reduction, d stage.Data) (stage.Reduction, error) {
	cols := 1
	if past != nil {
		cols = w.cols
	}
	return points{blas32.General{Rows: d.X.Rows, Cols: cols, Stride: cols, Data: make([]float32, d.X.Rows*cols)}}, nil
}

func (w wrong) ClusterBatch(_ context.Context, _ stage.Run, past stage.Clustering, _ stage.Data) (stage.Clustering, error) {
	if past == nil {
		return wrong{labels: []int{0, -1}, strength: 1}, nil
	}
	return w, nil
}

func (w wrong) Labels() []int { return w.labels }

func (w wrong) Strengths() []float64 { return slices.Repeat([]float64{w.strength}, len(w.labels)) }

type points struct{ x blas32.General }

func (p points) Points() blas32.General { return p.x }

func (p points) Transform(_ context.Context, x blas32.General) (blas32.General, error) {
	return blas32.General{Rows: x.Rows, Cols: p.x.Cols, Stride: p.x.Cols, Data: make([]float32, x.Rows*p.x.Cols)}, nil
}

// What a stage of the caller's gives is checked, and changes nothing if it cannot be used.
func TestCallersStagesAreChecked(t *testing.T) {
	docs, x := []string{"a word", "other words"}, blas32.General{Rows: 2, Cols: 1, Stride: 1, Data: []float32{1, 2}}
	for want, w := range map[string]wrong{
		"reduce: points without columns":              {labels: []int{0, 0}},
		"reduce: points of 2 dimensions, want 1":      {labels: []int{0, 0}, cols: 2},
		"cluster: 1 labels":                           {labels: []int{0}, cols: 1},
		"cluster: point 1 has label -2":               {labels: []int{0, -2}, cols: 1},
		"cluster: point 0 has the strength 1.5, want": {labels: []int{0, 0}, cols: 1, strength: 1.5},
		"cluster: point 0 has the strength NaN, want": {labels: []int{0, 0}, cols: 1, strength: math.NaN()},
	} {
		cfg := config(0)
		cfg.Reducer, cfg.Clusterer = w, w
		l := newLearner(t, cfg)
		a, err := l.PartialFitEmbedded(t.Context(), docs, x)
		require.NoError(t, err)
		require.Equal(t, []topic.Assignment{{Topic: 0, Probability: 1}, {Topic: topic.Outlier}}, a)
		before := modelOf(t, l)
		_, err = l.PartialFitEmbedded(t.Context(), docs, x)
		require.ErrorContains(t, err, want)
		requireSame(t, before, modelOf(t, l), want)
	}
}

// A saved model whose parts do not fit together is refused, or fails when it is used.
func TestSavedPartsThatDoNotFit(t *testing.T) {
	saved := func(cfg topic.Config) string {
		l := newLearner(t, cfg)
		for batch := range slices.Chunk(streamed(), 100) {
			_, err := l.PartialFit(t.Context(), batch)
			require.NoError(t, err)
		}
		dir := filepath.Join(t.TempDir(), "model")
		require.NoError(t, modelOf(t, l).Save(t.Context(), dir, topic.SaveOptions{}))
		return dir
	}
	dir := saved(config(0))
	d := map[string]any{}
	readSection(t, dir, "documents.json", &d)
	var labels []int
	readSection(t, dir, "labels.npy", &labels)

	again := withSections(t, dir, nil)
	_, err := topic.Load(t.Context(), again, topic.LoadOptions{})
	require.NoError(t, err)

	short := labels[1:]
	spoiled := withSections(t, dir, map[string]any{"labels.npy": &short})
	m, err := topic.Load(t.Context(), spoiled, topic.LoadOptions{})
	require.NoError(t, err, "the labels are read when they are needed")
	require.ErrorContains(t, topic.Verify(t.Context(), spoiled), "labels")
	_, _, err = m.Points()
	require.ErrorContains(t, err, "labels")
	d["batches"].(map[string]any)["Ends"].([]any)[1] = 90
	spoiled = withSections(t, dir, map[string]any{"documents.json": &d})
	_, err = topic.Load(t.Context(), spoiled, topic.LoadOptions{})
	require.ErrorContains(t, err, "batch 1 ends at document 90")

	cfg := config(0)
	cfg.Embedder = themeEmbedder{}
	cfg.Clusterer = online.KMeansConfig{NClusters: 5}
	cfg.Reducer = online.PCAConfig{NComponents: 3}
	other := saved(cfg)
	for _, stage := range []string{"reduction", "clustering"} {
		m, err := topic.Load(t.Context(), withSections(t, dir, stageOf(t, other, stage)), topic.LoadOptions{Embedder: bagOfWords{}})
		require.NoError(t, err, "the state of a stage is its own affair")
		_, err = m.Transform(t.Context(), []string{"a new text"})
		require.ErrorContains(t, err, "columns", stage)
		l, err := topiconline.Resume(m)
		require.NoError(t, err)
		_, err = l.PartialFit(t.Context(), []string{"a new text"})
		require.Error(t, err, stage)
		require.Error(t, l.Refresh(t.Context()), stage)
		requireSame(t, m, modelOf(t, l), stage)
	}
}

// sections lists the sections of a saved model.
func sections(t *testing.T, dir string) (names []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "model.json"))
	require.NoError(t, err)
	var manifest struct{ Sections []struct{ Name string } }
	require.NoError(t, json.Unmarshal(text, &manifest))
	for _, s := range manifest.Sections {
		names = append(names, s.Name)
	}
	return names
}

// readSection reads a section of a saved model.
func readSection(t *testing.T, dir, name string, v any) {
	t.Helper()
	r, err := store.Open(dir)
	require.NoError(t, err)
	defer r.Close()
	if text, err := r.Bytes(name); filepath.Ext(name) == ".json" {
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, v))
		return
	}
	require.NoError(t, state.ReadSections(r, state.Section{Name: name, Data: v}))
}

// stageOf returns the sections of the fitted stage of a saved model.
func stageOf(t *testing.T, dir, stage string) map[string]any {
	t.Helper()
	r, err := store.Open(dir)
	require.NoError(t, err)
	defer r.Close()
	out := map[string]any{}
	for _, name := range sections(t, dir) {
		if strings.HasPrefix(name, "fit/0/"+stage+"/") {
			text, err := r.Bytes(name)
			require.NoError(t, err)
			out[name] = bytes.Clone(text)
		}
	}
	require.NotEmpty(t, out)
	return out
}

// withSections returns a copy of a saved model with other sections in place of some: bytes, or what
// state.WriteSections takes. The checksums are right.
func withSections(t *testing.T, dir string, other map[string]any) string {
	t.Helper()
	r, err := store.Open(dir)
	require.NoError(t, err)
	defer r.Close()
	to := filepath.Join(t.TempDir(), "model")
	err = store.Write(to, func(w *store.Writer) error {
		for _, name := range sections(t, dir) {
			text, err := r.Bytes(name)
			if err != nil {
				return err
			}
			if v, ok := other[name]; ok {
				if text, ok = v.([]byte); !ok {
					if err := state.WriteSections(w, state.Section{Name: name, Data: v}); err != nil {
						return err
					}
					continue
				}
			}
			section, err := w.Create(name)
			if err != nil {
				return err
			}
			if _, err := section.Write(text); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
	return to
}

package topic_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// onlineConfig has stages that learn batch by batch.
func onlineConfig(workers int) topic.Config {
	cfg := config()
	cfg.Workers = workers
	cfg.Reducer = topic.PCA{PCAConfig: online.PCAConfig{NComponents: 8}}
	cfg.Clusterer = topic.MiniBatchKMeans{KMeansConfig: online.KMeansConfig{NClusters: 12, ReassignmentRatio: 0.01}}
	return cfg
}

func newOnline(t *testing.T, cfg topic.Config) *topic.Online {
	t.Helper()
	o, err := topic.NewOnline(cfg, ctfidf.Online{})
	require.NoError(t, err)
	return o
}

func modelOf(t *testing.T, o *topic.Online) *topic.Model {
	t.Helper()
	m, err := o.Model(t.Context())
	require.NoError(t, err)
	require.NoError(t, m.Check())
	return m
}

// streamed is documents of many themes, no two alike.
func streamed() []string {
	docs := manyThemes(9, 24)
	for i := range docs {
		docs[i] += fmt.Sprintf(" u%d", i)
	}
	return append(docs, "", "zebra quagga unlike anything else", "\t")
}

// All documents are there after every batch, each in the topic that PartialFit gave it, topics keep their numbers, and a
// model does not change when the next batch comes.
func TestOnlineRemembersEveryBatchExact(t *testing.T) {
	docs := streamed()
	o := newOnline(t, onlineConfig(0))
	var want []topic.Assignment
	var last *topic.Model
	var lastTopics []topic.Topic
	for batch := range slices.Chunk(docs, 50) {
		a, err := o.PartialFit(t.Context(), batch)
		require.NoError(t, err)
		require.Len(t, a, len(batch))
		want = append(want, a...)
		m := modelOf(t, o)
		require.Equal(t, docs[:len(want)], m.Documents())
		require.Equal(t, want, m.Assignments())
		found, err := m.Transform(t.Context(), m.Documents())
		require.NoError(t, err)
		require.Equal(t, want, found)
		if last != nil {
			require.Equal(t, lastTopics, last.Topics())
			require.Equal(t, want[:len(last.Documents())], last.Assignments())
			require.NoError(t, last.Check())
			require.GreaterOrEqual(t, topicCount(m), topicCount(last))
		}
		last, lastTopics = m, m.Topics()
	}
	require.Greater(t, topicCount(last), 5)
	require.Equal(t, []topic.Step{{Operation: "online"}}, last.History())
}

// The topics are the themes, whatever the batches, and a theme that comes late gets the next number.
func TestOnlineFindsThemesExact(t *testing.T) {
	docs := streamed()
	docs = docs[:9*24]
	cfg := onlineConfig(0)
	stream := online.DBStreamConfig{}
	stream.Radius = 0.5
	cfg.Reducer, cfg.Clusterer = nil, topic.DBStream{DBStreamConfig: stream}
	cfg.Embedder = themeEmbedder{}
	o := newOnline(t, cfg)
	var early, late []string // the last theme comes late
	for i, d := range docs {
		if i%9 < 8 {
			early = append(early, d)
		} else {
			late = append(late, d)
		}
	}
	for batch := range slices.Chunk(early, 60) {
		_, err := o.PartialFit(t.Context(), batch)
		require.NoError(t, err)
	}
	require.Equal(t, 8, topicCount(modelOf(t, o)))
	a, err := o.PartialFit(t.Context(), late)
	require.NoError(t, err)
	require.Equal(t, slices.Repeat([]topic.Assignment{{Topic: 8, Probability: 1}}, len(late)), a)
	m := modelOf(t, o)
	for i, a := range m.Assignments()[:len(early)] {
		require.Equal(t, i%8, a.Topic)
	}
	require.Contains(t, m.Topics()[8].Name, "w8a")
}

// themeEmbedder places texts by their themes, "w0…" to "w8…", in the first word.
type themeEmbedder struct{}

func (themeEmbedder) Embed(_ context.Context, texts []string) (blas32.General, error) {
	x := blas32.General{Rows: len(texts), Cols: 9, Stride: 9, Data: make([]float32, 9*len(texts))}
	for i, text := range texts {
		for j := range 9 {
			x.Data[i*9+j] = float32(math.Sin(float64(len(text)+j*i))) / 100
		}
		if len(text) > 1 && text[0] == 'w' {
			x.Data[i*9+int(text[1]-'0')]++
		}
	}
	return x, nil
}

// Words are forgotten as ctfidf.Online forgets them, also when an operation counts them again and after Load.
func TestOnlineForgetsWordsExact(t *testing.T) {
	docs := streamed()
	counting := ctfidf.Online{Decay: 0.3, DeleteMinDF: 0.5}
	cfg := onlineConfig(2)
	o, err := topic.NewOnline(cfg, counting)
	require.NoError(t, err)
	var want ctfidf.Counts
	for batch := range slices.Chunk(docs, 40) {
		a, err := o.PartialFit(t.Context(), batch)
		require.NoError(t, err)
		classes := make([]int, len(a))
		for i := range a {
			classes[i] = a[i].Topic
		}
		want, err = counting.Update(t.Context(), want, batch, classes, cfg.Vocabulary)
		require.NoError(t, err)
	}
	m := modelOf(t, o)
	got, err := m.Counts(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Less(t, got.Docs, float64(len(docs))/2)

	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(dir))
	back, err := topic.Load(t.Context(), dir, topic.Config{Embedder: bagOfWords{}})
	require.NoError(t, err)
	requireSame(t, m, back, "load")
	for _, m := range []*topic.Model{m, back} {
		merged, err := m.MergeTopics(t.Context(), []int{0, 1})
		require.NoError(t, err)
		require.NoError(t, merged.Check())
		counts, err := merged.Counts(t.Context())
		require.NoError(t, err)
		require.InDelta(t, want.Docs, counts.Docs, 1e-9)
		require.Equal(t, want.Vocabulary, counts.Vocabulary)
	}
}

// The same batches give the same bits for any workers, and when a model that was saved and loaded goes on.
func TestSameBitsOnlineExact(t *testing.T) {
	docs := streamed()
	half := len(docs) / 2
	stream := func(workers int, clusterer topic.Clusterer, resume bool) *topic.Model {
		cfg := onlineConfig(workers)
		cfg.Clusterer = clusterer
		o := newOnline(t, cfg)
		for batch := range slices.Chunk(docs[:half], 30) {
			_, err := o.PartialFit(t.Context(), batch)
			require.NoError(t, err)
		}
		if resume {
			dir := filepath.Join(t.TempDir(), "model")
			require.NoError(t, modelOf(t, o).Save(dir))
			m, err := topic.Load(t.Context(), dir, topic.Config{Embedder: bagOfWords{}, Run: topic.Run{Workers: workers}})
			require.NoError(t, err)
			o, err = topic.ResumeOnline(m)
			require.NoError(t, err)
			require.Equal(t, m.Topics(), modelOf(t, o).Topics())
		}
		for batch := range slices.Chunk(docs[half:], 30) {
			_, err := o.PartialFit(t.Context(), batch)
			require.NoError(t, err)
		}
		return modelOf(t, o)
	}
	fading := online.DBStreamConfig{}
	fading.Fading, fading.Gap = 0.01, 20
	for _, clusterer := range []topic.Clusterer{onlineConfig(0).Clusterer, topic.DBStream{DBStreamConfig: fading}} {
		want := stream(1, clusterer, false)
		requireSame(t, want, stream(3, clusterer, false), "workers")
		requireSame(t, want, stream(2, clusterer, true), "resumed")
	}
}

// Refresh gives every document the topic that it would have now, numbered without gaps.
func TestOnlineRefreshExact(t *testing.T) {
	docs := streamed()
	o := newOnline(t, onlineConfig(0))
	require.NoError(t, o.Refresh(t.Context()))
	for batch := range slices.Chunk(docs, 25) {
		_, err := o.PartialFit(t.Context(), batch)
		require.NoError(t, err)
	}
	before := modelOf(t, o)
	require.NoError(t, o.Refresh(t.Context()))
	after := modelOf(t, o)
	require.NotEqual(t, before.Assignments(), after.Assignments())
	renamed := make([]string, len(docs)) // not found again by text and embedding, but placed
	for i, d := range docs {
		renamed[i] = d + "\x00"
	}
	x := after.Embeddings()
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
	require.NoError(t, o.Refresh(t.Context()))
	require.Equal(t, after.Assignments(), modelOf(t, o).Assignments())
}

// What is wrong is said, and leaves everything as it was.
func TestOnlineErrors(t *testing.T) {
	ctx := t.Context()
	cfg := config()
	cfg.Seeds = [][]string{{"a"}}
	cfg.Vocabulary.MaxFeatures = 5
	cfg.Outliers, cfg.Topics = topic.SoftOutliers, 3
	_, err := topic.NewOnline(cfg, ctfidf.Online{Decay: 2})
	for _, field := range []string{"topic.Config.Reducer", "topic.Config.Clusterer", "topic.Config.Seeds", "topic.Config.Outliers", "topic.Config.Topics", "ctfidf.Config.MaxFeatures", "ctfidf.Online.Decay"} {
		require.ErrorContains(t, err, field)
	}

	o := newOnline(t, onlineConfig(0))
	_, err = o.Model(ctx)
	require.ErrorIs(t, err, topic.ErrNoDocuments)
	a, err := o.PartialFit(ctx, []string{"", " "})
	require.NoError(t, err)
	require.Equal(t, []topic.Assignment{{Topic: topic.Outlier}, {Topic: topic.Outlier}}, a)
	_, err = o.Model(ctx)
	require.ErrorIs(t, err, topic.ErrNoDocuments)
	_, err = o.PartialFit(ctx, streamed()[:50])
	require.NoError(t, err)
	before := modelOf(t, o)

	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, docs := range [][]string{streamed()[50:90], nil} {
		_, err = o.PartialFit(cancelled, docs)
		require.ErrorIs(t, err, context.Canceled)
	}
	require.ErrorIs(t, o.Refresh(cancelled), context.Canceled)
	_, err = o.PartialFitEmbedded(ctx, []string{"one"}, blas32.General{Rows: 1, Cols: 2, Stride: 2, Data: []float32{1, 2}})
	require.ErrorContains(t, err, "2 dimensions")
	bad := blas32.General{Rows: 1, Cols: bagDim, Stride: bagDim, Data: make([]float32, bagDim)}
	bad.Data[3] = float32(math.NaN())
	var value *stage.ValueError
	_, err = o.PartialFitEmbedded(ctx, []string{"one"}, bad)
	require.ErrorAs(t, err, &value)
	requireSame(t, before, modelOf(t, o), "after what failed")

	m, err := topic.Fit(ctx, themes(20), config())
	require.NoError(t, err)
	_, err = topic.ResumeOnline(m)
	require.ErrorIs(t, err, topic.ErrNotOnline)
	changed, err := before.MergeTopics(ctx, []int{0, 1})
	require.NoError(t, err)
	_, err = topic.ResumeOnline(changed)
	require.ErrorIs(t, err, topic.ErrNotOnline)
}

// Batches that come from several goroutines are all there.
func TestOnlineFromManyGoroutines(t *testing.T) {
	docs := streamed()
	o := newOnline(t, onlineConfig(2))
	var wait sync.WaitGroup
	for batch := range slices.Chunk(docs, 20) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if _, err := o.PartialFit(t.Context(), batch); err != nil {
				t.Error(err)
			}
			if _, err := o.Model(t.Context()); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	m := modelOf(t, o)
	require.ElementsMatch(t, docs, m.Documents())
}

// signs is a clusterer of the caller's: points are in cluster 5 or 2 by the sign of their first value, half-heartedly.
type signs struct{}

func (signs) Cluster(context.Context, topic.Run, blas32.General) (topic.Clustering, error) {
	panic("an Online learns in batches")
}

func (s signs) BeginClustering(topic.Run) (topic.PartialClustering, error) { return s, nil }

func (s signs) Update(context.Context, blas32.General) (topic.PartialClustering, error) {
	return s, nil
}

func (signs) Predict(_ context.Context, x blas32.General) ([]int, []float64, error) {
	labels, strength := make([]int, x.Rows), make([]float64, x.Rows)
	for i := range labels {
		if labels[i], strength[i] = 2, 0.5; x.Data[i*x.Stride] < 0 {
			labels[i] = 5
		}
	}
	return labels, strength, nil
}

// Topics are numbered as their first documents come, whatever the labels of a clusterer, and strengths are kept.
func TestOnlineTakesTheCallersStagesExact(t *testing.T) {
	cfg := onlineConfig(0)
	cfg.Reducer, cfg.Clusterer = nil, signs{}
	o := newOnline(t, cfg)
	x := blas32.General{Rows: 3, Cols: 1, Stride: 1, Data: []float32{-1, 2, -3}}
	a, err := o.PartialFitEmbedded(t.Context(), []string{"a word", "", "other words"}, x)
	require.NoError(t, err)
	require.Equal(t, []topic.Assignment{{Topic: 0, Probability: 0.5}, {Topic: topic.Outlier}, {Topic: 0, Probability: 0.5}}, a)
	a, err = o.PartialFitEmbedded(t.Context(), []string{"something else"}, blas32.General{Rows: 1, Cols: 1, Stride: 1, Data: []float32{7}})
	require.NoError(t, err)
	require.Equal(t, []topic.Assignment{{Topic: 1, Probability: 0.5}}, a)
	x.Data[0] = 9 // it was copied
	m := modelOf(t, o)
	require.Equal(t, []float32{-1, 2, -3, 7}, m.Embeddings().Data)
	require.Len(t, m.Warnings(), 1)
	require.ErrorContains(t, m.Save(filepath.Join(t.TempDir(), "model")), "topic_test.signs")
}

// A file whose parts of an Online do not go with the rest is refused.
func TestLoadRefusesOnlinePartsThatDoNotFit(t *testing.T) {
	o := newOnline(t, onlineConfig(0))
	for batch := range slices.Chunk(streamed(), 100) {
		_, err := o.PartialFit(t.Context(), batch)
		require.NoError(t, err)
	}
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, modelOf(t, o).Save(dir))
	file := filepath.Join(dir, "model.json")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for name, spoil := range map[string]func(parts map[string]any){
		"labels":  func(parts map[string]any) { parts["Labels"] = parts["Labels"].([]any)[1:] },
		"batches": func(parts map[string]any) { parts["Batches"].(map[string]any)["Ends"] = []int{100, 90} },
		"means": func(parts map[string]any) {
			pca := parts["PCA"].(map[string]any)
			for _, key := range []string{"mean", "variance"} {
				pca[key] = pca[key].([]any)[1:]
			}
		},
		"centres": func(parts map[string]any) {
			centres := parts["KMeans"].(map[string]any)["centers"].([]any)
			for i := range centres {
				centres[i] = centres[i].([]any)[1:]
			}
		},
	} {
		var model map[string]any
		require.NoError(t, json.Unmarshal(text, &model))
		spoil(model["Online"].(map[string]any))
		spoiled, err := json.Marshal(model)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, spoiled, 0o644))
		_, err = topic.Load(t.Context(), dir, topic.Config{})
		require.ErrorContains(t, err, dir, name)
	}
	require.NoError(t, os.WriteFile(file, text, 0o644))
	_, err = topic.Load(t.Context(), dir, topic.Config{})
	require.NoError(t, err)
}

package topic_test

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/topic"
)

// scattered is documents of nine themes and, between them, documents of two themes each and of none.
func scattered() []string {
	docs := manyThemes(9, 24)
	for i := range 40 {
		t, u := i%9, (i/3+1)%9
		docs = append(docs, fmt.Sprintf("w%da w%db w%dc x%d y%d", t, t, u, i, i*i), fmt.Sprintf("w%da z%d u%d v%d t%d", u, i, i, i, i))
	}
	return append(docs, "", "\t")
}

func fitWith(t *testing.T, docs []string, policy topic.OutlierPolicy, workers int) *topic.Model {
	t.Helper()
	cfg := config()
	cfg.Reducer, cfg.Outliers, cfg.Workers = nil, policy, workers // a layout draws all of them into topics
	m, err := topic.Fit(t.Context(), docs, cfg)
	require.NoError(t, err)
	require.NoError(t, m.Check())
	again, err := m.Transform(t.Context(), docs)
	require.NoError(t, err)
	require.Equal(t, m.Assignments(), again)
	return m
}

// TestOutlierPoliciesExact holds the policies against sums written out.
func TestOutlierPoliciesExact(t *testing.T) {
	docs := scattered()
	keep := fitWith(t, docs, topic.KeepOutliers, 1)
	require.Equal(t, keep.Assignments(), fitWith(t, docs, "", 1).Assignments())
	require.Zero(t, keep.History()[0].Adopted)

	x := testutil.Got(t, keep.Embeddings)
	rowOf := func(i int) []float32 { return x.Data[i*x.Stride:][:x.Cols] }
	cos := func(a []float32, b []float64) float64 {
		var aa, bb, ab float64
		for j, v := range a {
			aa, bb, ab = aa+float64(v)*float64(v), bb+b[j]*b[j], ab+float64(v)*b[j]
		}
		return ab / math.Sqrt(aa*bb)
	}
	sums := make([][]float64, topicCount(keep))
	for i, a := range keep.Assignments() {
		if a.Topic == topic.Outlier {
			continue
		}
		if sums[a.Topic] == nil {
			sums[a.Topic] = make([]float64, x.Cols)
		}
		for j, v := range rowOf(i) {
			sums[a.Topic][j] += float64(v)
		}
	}
	var own []float64
	for i, a := range keep.Assignments() {
		if a.Topic != topic.Outlier {
			others := slices.Clone(sums[a.Topic])
			for j, v := range rowOf(i) {
				others[j] -= float64(v)
			}
			own = append(own, cos(rowOf(i), others))
		}
	}
	slices.Sort(own)

	for _, c := range []struct {
		policy topic.OutlierPolicy
		floor  float64
	}{{topic.SoftOutliers, own[len(own)/10]}, {topic.AllOutliers, -1}} {
		m := fitWith(t, docs, c.policy, 1)
		to := map[int]int{} // topics may be numbered anew
		for i, a := range keep.Assignments() {
			if a.Topic != topic.Outlier {
				to[a.Topic] = m.Assignments()[i].Topic
			}
		}
		given, left := 0, 0
		for i, a := range keep.Assignments() {
			got := m.Assignments()[i]
			if a.Topic != topic.Outlier {
				require.Equal(t, topic.Assignment{Topic: to[a.Topic], Probability: a.Probability}, got)
				continue
			}
			best, likeness := topic.Outlier, c.floor
			for u, sum := range sums {
				if v := cos(rowOf(i), sum); v >= likeness {
					best, likeness = to[u], v
				}
			}
			if strings.TrimSpace(docs[i]) == "" {
				best = topic.Outlier
			}
			require.Equal(t, best, got.Topic, "%s: %q", c.policy, docs[i])
			if best == topic.Outlier {
				left++
				continue
			}
			given++
			require.InDelta(t, max(likeness, 0), got.Probability, 1e-6)
		}
		require.Greater(t, given, 5)
		require.Equal(t, given, m.History()[0].Adopted)
		require.ErrorContains(t, m.Warnings()[len(m.Warnings())-1], fmt.Sprintf("cluster: %d outliers were assigned", given))
		if c.policy == topic.SoftOutliers {
			require.Greater(t, left, 7)
		} else {
			require.Equal(t, 2, left)
		}
	}
	cfg := config()
	cfg.Outliers = "some"
	_, err := topic.Fit(t.Context(), docs, cfg)
	require.ErrorContains(t, err, "keep, soft or all")
}

// TestOutlierPolicyOfNewDocuments: new documents are treated as the fitted ones, before and after Save and Load and after
// operations; what is far from everything stays outside under SoftOutliers.
func TestOutlierPolicyOfNewDocuments(t *testing.T) {
	docs, ctx := scattered(), t.Context()
	probe := []string{"w2a w2b w5c x900 y900", "quite another matter altogether", "w3a w3b w3c w3d", ""}
	want := map[topic.OutlierPolicy][]topic.Assignment{}
	for _, policy := range []topic.OutlierPolicy{topic.SoftOutliers, topic.AllOutliers} {
		m := fitWith(t, docs, policy, 1)
		requireSame(t, m, fitWith(t, docs, policy, 3), "workers")
		dir := filepath.Join(t.TempDir(), "model")
		require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
		back, err := topic.Load(ctx, dir, topic.LoadOptions{Embedder: bagOfWords{}})
		require.NoError(t, err)
		require.Equal(t, policy, back.Config().Outliers)
		for _, m := range []*topic.Model{m, back} {
			got, err := m.Transform(ctx, probe)
			require.NoError(t, err)
			if want[policy] == nil {
				want[policy] = got
			}
			require.Equal(t, want[policy], got)
			one, err := m.ReduceTopics(ctx, topic.NumTopics(1), topic.ReduceOptions{})
			require.NoError(t, err)
			reduced, err := one.Transform(ctx, probe)
			require.NoError(t, err)
			for i, a := range got {
				require.Equal(t, min(a.Topic, 0), reduced[i].Topic)
			}
		}
	}
	require.Equal(t, topic.Outlier, want[topic.SoftOutliers][1].Topic)
	require.NotEqual(t, topic.Outlier, want[topic.AllOutliers][1].Topic)
	require.Equal(t, topic.Outlier, want[topic.AllOutliers][3].Topic)
}

// TestTextsOfTheSameWordsShareATopic: whatever the clusterer made of texts that differ in case and punctuation alone.
func TestTextsOfTheSameWordsShareATopic(t *testing.T) {
	docs := scattered()
	n := len(docs)
	for i := range n {
		docs = append(docs, strings.ToUpper(docs[i])+"  ", docs[i]+" !")
	}
	for _, policy := range []topic.OutlierPolicy{topic.SoftOutliers, topic.AllOutliers} {
		m := fitWith(t, docs, policy, 2)
		got := m.Assignments()
		for i := range n {
			if strings.TrimSpace(docs[i]) == "" {
				continue
			}
			require.Equal(t, got[i].Topic, got[n+2*i].Topic, docs[i])
			require.Equal(t, got[i].Topic, got[n+2*i+1].Topic, docs[i])
		}
		found, err := m.Transform(t.Context(), []string{docs[3] + " ??", docs[n-5] + " ."})
		require.NoError(t, err)
		require.Equal(t, []topic.Assignment{got[3], got[n-5]}, found)
	}
}

// TestTextsOfOtherThingsDoNotShareATopic: with embeddings of something else, equal captions say nothing.
func TestTextsOfOtherThingsDoNotShareATopic(t *testing.T) {
	docs := manyThemes(6, 24)
	x, err := bagOfWords{}.Embed(t.Context(), docs)
	require.NoError(t, err)
	captions := slices.Repeat([]string{"an image"}, len(docs))
	for _, policy := range []topic.OutlierPolicy{topic.SoftOutliers, topic.AllOutliers} {
		cfg := config()
		cfg.Outliers = policy
		m, err := topic.FitEmbedded(t.Context(), captions, x, cfg)
		require.NoError(t, err)
		require.Greater(t, topicCount(m), 2)
		again, err := m.TransformEmbedded(t.Context(), captions, x)
		require.NoError(t, err)
		require.Equal(t, m.Assignments(), again)
	}
}

// TestMergedModelsWarnOfTheirOwnOutliersExact: how alike adopted documents are is said as of the fit that adopted them.
func TestMergedModelsWarnOfTheirOwnOutliersExact(t *testing.T) {
	a, b := fitWith(t, scattered(), topic.SoftOutliers, 1), fitWith(t, scattered()[20:], topic.SoftOutliers, 1)
	require.Greater(t, len(a.Warnings()), 1)
	require.NotEqual(t, texts(a.Warnings()), texts(b.Warnings()))
	want := texts(a.Warnings())
	for _, w := range texts(b.Warnings()) {
		want = append(want, "model 1: "+w)
	}
	m, err := topic.MergeModels(t.Context(), []*topic.Model{a, b}, 0.7)
	require.NoError(t, err)
	require.Equal(t, want, texts(m.Warnings()))
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
	back, err := topic.Load(t.Context(), dir, topic.LoadOptions{})
	require.NoError(t, err)
	require.Equal(t, want, texts(back.Warnings()))
	nested, err := topic.MergeModels(t.Context(), []*topic.Model{m, b}, 0.7)
	require.NoError(t, err)
	require.Equal(t, want, texts(nested.Warnings())[:len(want)])
}

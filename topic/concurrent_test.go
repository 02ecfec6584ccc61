package topic_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

// TestOneModelForManyGoroutinesExact: what is asked of a model at once is what is asked of it in turn. A model that was loaded
// makes its counts, its index and its table of known documents when they are first asked for. Run with -race.
func TestOneModelForManyGoroutinesExact(t *testing.T) {
	docs := append(manyThemes(6, 24), "", "zebra quagga unlike anything else")
	probe := []string{"w0a w0b unseen", "w1c w2a", "nothing of it", docs[3], ""}
	asked := func(m *topic.Model) map[string]func() (any, error) {
		ctx := t.Context()
		return map[string]func() (any, error){
			"Transform":     func() (any, error) { return m.Transform(ctx, probe) },
			"Topics":        func() (any, error) { return m.Topics(), nil },
			"Assignments":   func() (any, error) { return m.Assignments(), nil },
			"Warnings":      func() (any, error) { return len(m.Warnings()), nil },
			"Check":         func() (any, error) { return nil, m.Check() },
			"FindTopics":    func() (any, error) { return analysis.FindTopics(ctx, m, "w2a w2b", 3) },
			"SimilarTopics": func() (any, error) { return analysis.SimilarTopics(m, 0, 0) },
			"Distribution": func() (any, error) {
				return analysis.ApproximateDistribution(ctx, m, probe, analysis.DistributionOptions{})
			},
			"DistributionByEmbeddings": func() (any, error) {
				return analysis.ApproximateDistribution(ctx, m, probe, analysis.DistributionOptions{UseEmbeddings: true})
			},
			"Weights":                func() (any, error) { return testutil.Got(t, m.Weights), nil },
			"Counts":                 func() (any, error) { return testutil.Got(t, m.Counts), nil },
			"Probabilities":          func() (any, error) { return m.Probabilities(ctx, 2) },
			"TransformProbabilities": func() (any, error) { return m.TransformProbabilities(ctx, topic.Input{Docs: probe}, 2) },
			"Merge": func() (any, error) {
				merged, err := m.MergeTopics(ctx, []int{0, 1})
				if err != nil {
					return nil, err
				}
				return merged.Topics(), nil
			},
		}
	}
	for name, set := range map[string]func(*topic.Config){
		"BERTopic": func(*topic.Config) {},
		"communities": func(c *topic.Config) {
			c.Reducer, c.Clusterer, c.Weigher = nil, community.Config{}, ctfidf.Soft{}
		},
		"soft without memberships": func(c *topic.Config) {
			classes := make(labelled, len(docs)-1)
			for i := range classes {
				classes[i] = i % 6
			}
			c.Reducer, c.Clusterer, c.Weigher = nil, classes, ctfidf.Soft{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config()
			set(&cfg)
			load := func() *topic.Model {
				m, err := topic.Fit(t.Context(), docs, cfg)
				require.NoError(t, err)
				if name == "soft without memberships" {
					return m // its clusterer cannot be saved
				}
				grown, err := m.Grow(t.Context(), manyThemes(8, 20))
				require.NoError(t, err)
				dir := filepath.Join(t.TempDir(), "model")
				require.NoError(t, grown.Save(t.Context(), dir, topic.SaveOptions{}))
				m, err = topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}})
				require.NoError(t, err)
				return m
			}
			type answer struct {
				value any
				err   error
			}
			want := map[string]answer{}
			for name, ask := range asked(load()) {
				value, err := ask()
				want[name] = answer{value, err}
			}
			together := asked(load())
			var wait sync.WaitGroup
			start := make(chan struct{})
			for range 3 {
				for name, ask := range together {
					wait.Add(1)
					go func() {
						defer wait.Done()
						<-start
						value, err := ask()
						if got := (answer{value, err}); !assert.ObjectsAreEqual(want[name], got) {
							t.Errorf("%s is %v, want %v", name, got, want[name])
						}
					}()
				}
			}
			close(start)
			wait.Wait()
		})
	}
}

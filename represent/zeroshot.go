package represent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// ZeroShot gives a topic one of the caller's labels where one fits, as BERTopic's ZeroShotClassification does: the label
// with the highest score replaces the terms, its score is its weight. A topic that no label fits keeps its terms. Ties go
// by the order of the labels.
//
// The score of a label is the cosine of its embedding with the mean embedding of the topic's documents, where the original
// asks a model for natural language inference; Classify can ask one.
type ZeroShot struct {
	// Labels are the labels, at least one, none of them blank or twice; candidate_topics.
	Labels []string `json:"labels"`
	// MinScore is what a label's score must be above. Default 0.4. A negative number is a bound as any
	// other: above −1 (stage.None) are all cosines but that of opposite directions. min_prob, whose 0.8
	// is for probabilities of an inference model. With all-MiniLM-L6-v2 a short label has a cosine of 0.4
	// to 0.7 with most topics that it names, and below 0.3 with most others.
	MinScore float64 `json:"min_score,omitempty"`
	// All replaces the terms by all labels above MinScore, by falling score; multi_label. Default false: the best one.
	All bool `json:"all,omitempty"`
	// Embedder embeds the labels and the five most typical documents of each topic, whose mean is the topic's. nil, the
	// default: the model's embedder embeds the labels, and the topics have the means of the fit.
	Embedder stage.Embedder `json:"-"`
	// Classify scores labels for a text, one number each, in place of embeddings. The text is the topic's terms with spaces
	// between them. It is called for one topic after the other. nil, the default, means embeddings.
	Classify func(ctx context.Context, text string, labels []string) ([]float64, error) `json:"-"`
}

// zeroShotDocs is the number of typical documents that stand for a topic when the fit's embeddings cannot.
const zeroShotDocs = 5

// minScore returns the bound that is used.
func (z ZeroShot) minScore() float64 {
	if z.MinScore == 0 {
		return 0.4
	}
	return z.MinScore
}

// Validate reports every field outside its range at once.
func (z ZeroShot) Validate() error {
	var f check.Fields
	f.Want(len(z.Labels) > 0, "represent.ZeroShot.Labels", "empty", "at least one label")
	seen := map[string]bool{}
	for i, label := range z.Labels {
		f.Want(strings.TrimSpace(label) != "" && !seen[label], fmt.Sprintf("represent.ZeroShot.Labels[%d]", i), fmt.Sprintf("%q", label), "a text that stands once")
		seen[label] = true
	}
	f.Want(!math.IsNaN(z.MinScore), "represent.ZeroShot.MinScore", z.MinScore, "a number")
	return f.Err()
}

// NeedsEmbedder is true when nothing else can score labels.
func (z ZeroShot) NeedsEmbedder() bool { return z.Embedder == nil && z.Classify == nil }

// Represent gives the topics their labels. It fails with topic.ErrNoEmbedder, with what the embedder or Classify returned,
// where the embedder and the documents' embeddings have different dimensions, or with the context's cause.
func (z ZeroShot) Represent(ctx context.Context, v topic.View, topics [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	if err := z.Validate(); err != nil {
		return nil, err
	}
	score := z.byClass
	if z.Classify == nil {
		score = z.byEmbedding
	}
	scores, err := score(ctx, v, topics)
	if err != nil {
		return nil, err
	}
	out, least := make([][]ctfidf.Term, len(topics)), z.minScore()
	for t, terms := range topics {
		var fit []ctfidf.Term
		for i, label := range z.Labels {
			if s := scores[t][i]; s > least {
				fit = append(fit, ctfidf.Term{Term: label, Weight: s})
			}
		}
		byWeight(fit)
		if !z.All {
			fit = fit[:min(len(fit), 1)]
		}
		if out[t] = fit; len(fit) == 0 {
			out[t] = terms
		}
	}
	return out, nil
}

func (z ZeroShot) byClass(ctx context.Context, v topic.View, topics [][]ctfidf.Term) ([][]float64, error) {
	scores := make([][]float64, len(topics))
	for t, terms := range topics {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		var err error
		if scores[t], err = z.Classify(ctx, strings.Join(names(terms), " "), z.Labels); err != nil {
			return nil, fmt.Errorf("topic %d: %w", v.IDs[t], err)
		}
		if len(scores[t]) != len(z.Labels) {
			return nil, fmt.Errorf("topic %d: %d scores for %d labels, want one each", v.IDs[t], len(scores[t]), len(z.Labels))
		}
		for _, s := range scores[t] {
			if math.IsNaN(s) || math.IsInf(s, 0) {
				return nil, fmt.Errorf("topic %d: %w: %v", v.IDs[t], errScore, s)
			}
		}
		if v.Done != nil {
			v.Done(t + 1)
		}
	}
	return scores, nil
}

var errScore = errors.New("a score is no finite number")

func (z ZeroShot) byEmbedding(ctx context.Context, v topic.View, topics [][]ctfidf.Term) ([][]float64, error) {
	lists := [][]string{z.Labels}
	var typical [][]int
	if z.Embedder != nil {
		var err error
		if typical, err = v.Typical(ctx, zeroShotDocs, 0); err != nil {
			return nil, err
		}
		for _, docs := range typical {
			lists = append(lists, texts(v, docs))
		}
	}
	x, err := embed(ctx, v, z.Embedder, lists...)
	if err != nil {
		return nil, err
	}
	if z.Embedder == nil {
		if err := x.fits(v.Means.Cols); err != nil {
			return nil, err
		}
	}
	scores := make([][]float64, len(topics))
	err = parallel.Loop{Workers: v.Run.Workers, Block: 1}.Run(ctx, len(topics), func(_, t, _ int) error {
		mean := make([]float64, x.x.Cols)
		if z.Embedder == nil {
			dense.AddTo(mean, dense.Row(v.Means, t))
		} else {
			for _, d := range typical[t] {
				dense.AddTo(mean, x.row(x.at[v.Docs[d]]))
			}
		}
		n := dense.NormInOrder(mean)
		scores[t] = make([]float64, len(z.Labels))
		for i, label := range z.Labels {
			scores[t][i] = x.to(x.at[label], mean, n)
		}
		return nil
	})
	return scores, err
}

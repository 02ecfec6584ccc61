// Package online learns a topic model from documents that come in batches, with stages that learn
// batch by batch, such as those of the package online beside package topic. It is BERTopic's
// partial_fit.
package online

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// ErrNotOnline is returned by Resume for a model that no Learner made, or whose documents or topics
// were changed since.
var ErrNotOnline = errors.New("the model was not made by topic/online, or its documents or topics were changed since")

// operation is the first step of the history of a Learner's models.
const operation = "online"

// Learner learns topics from documents that come in batches. A batch costs what its documents cost,
// however many came before. All documents are kept, each in the topic that it was given when its
// batch came, where BERTopic has the topics of the last batch alone. Topics keep their numbers: a
// cluster gets the next number when its first document comes.
//
// The same batches in the same order give the same bits for any number of workers. A Learner is
// safe for concurrent use; batches are learned one after the other. A call that fails changes
// nothing.
type Learner struct {
	reducer   stage.BatchReducer // nil: the embeddings are the points
	clusterer stage.BatchClusterer

	mu    sync.Mutex
	rows  []int       // the documents with text
	parts topic.Parts // of the model; its slices only grow at their ends or are replaced, its map is replaced
}

// New returns a Learner without documents. cfg.Clusterer must be a stage.BatchClusterer, such as
// KMeansConfig and DBStreamConfig of package online, and cfg.Reducer nil or a stage.BatchReducer,
// such as PCAConfig. Not possible in batches are seeds, zero-shot labels, a policy for outliers, a
// Granularity, bounds of the vocabulary (MinDF, MaxDF, MaxFeatures), and a weigher that needs
// memberships. counting says which words are forgotten; its zero value forgets nothing. BERTopic's
// OnlineCountVectorizer.
//
// It fails with a *stage.ConfigError for each bad field, joined.
func New(cfg topic.Config, counting ctfidf.Online) (*Learner, error) {
	var f check.Fields
	reducer, reduces := cfg.Reducer.(stage.BatchReducer)
	f.Want(cfg.Reducer == nil || reduces, "topic.Config.Reducer", fmt.Sprintf("%T", cfg.Reducer), "a stage.BatchReducer, such as online.PCAConfig, or nil")
	clusterer, clusters := cfg.Clusterer.(stage.BatchClusterer)
	f.Want(clusters, "topic.Config.Clusterer", fmt.Sprintf("%T", cfg.Clusterer), "a stage.BatchClusterer, such as online.KMeansConfig or online.DBStreamConfig")
	f.Want(len(cfg.Seeds) == 0, "topic.Config.Seeds", cfg.Seeds, "none for learning in batches")
	f.Want(len(cfg.ZeroShot.Labels) == 0, "topic.Config.ZeroShot.Labels", cfg.ZeroShot.Labels, "none for learning in batches")
	f.Want(cfg.Outliers != topic.SoftOutliers && cfg.Outliers != topic.AllOutliers, "topic.Config.Outliers", cfg.Outliers, "keep for learning in batches; Model.ReduceOutliers assigns outliers later")
	f.Want(cfg.Granularity == topic.Granularity{}, "topic.Config.Granularity", cfg.Granularity, "the zero value for learning in batches; Model.ReduceTopics merges topics later")
	f.Want(!ctfidf.NeedsOf(cfg.Weigher).Memberships, "topic.Config.Weigher", fmt.Sprintf("%T", cfg.Weigher), "one that needs no memberships for learning in batches")
	errs := []error{f.Err(), cfg.Validate()}
	if cfg.Vocabulary.Validate() == nil { // otherwise the next line reports it again
		_, err := counting.Update(context.Background(), ctfidf.Counts{}, nil, nil, cfg.Vocabulary)
		errs = append(errs, err)
	} else {
		errs = append(errs, counting.Validate())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Learner{
		reducer: reducer, clusterer: clusterer,
		parts: topic.Parts{Config: cfg, Topics: map[int]int{}, Counting: counting, Operation: operation},
	}, nil
}

// Resume returns a Learner that goes on where the one was that made m, to the same bits, also if m
// was saved and loaded. It leaves out labels given to topics by Relabel, and keeps new words of
// UpdateTopics.
//
// It fails with ErrNotOnline, and as New does if the new words are not possible in batches.
func Resume(m *topic.Model) (*Learner, error) {
	parts, ok, err := m.Parts()
	if err != nil {
		return nil, fmt.Errorf("resume: %w", err)
	}
	if !ok || parts.Operation != operation {
		return nil, ErrNotOnline
	}
	l, err := New(parts.Config, parts.Counting)
	if err != nil {
		return nil, err
	}
	if parts.Reduction == nil {
		parts.Points.Rows, parts.Points.Data = 0, nil // the embeddings are the points
	}
	_, rows, err := m.Points()
	if err != nil {
		return nil, fmt.Errorf("resume: %w", err)
	}
	l.rows, l.parts = rows, clip(parts)
	return l, nil
}

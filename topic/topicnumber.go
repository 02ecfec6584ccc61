package topic

import (
	"context"
)

// AutoTopics is the Config.Topics that merges the topics which lie close together, as many as there are.
const AutoTopics = -1

// aim sets the clusters of a fit that is to have Config.Topics of them to the layer with the fewest communities that are
// enough, where there are layers and the configuration leaves the choice open.
func (m *Model) aim() error {
	c, ok := m.clustering.(communityClustering)
	clusterer, open := m.cfg.Clusterer.(Communities)
	if !ok || m.cfg.Topics < 1 || !open || clusterer.Layer > 0 || clusterer.Communities > 0 {
		return nil
	}
	best := -1
	layers := c.Layers()
	for i, l := range layers {
		if l.Topics >= m.cfg.Topics && (best < 0 || l.Topics < layers[best].Topics) {
			best = i
		}
	}
	for i, l := range layers { // with too few everywhere, the most
		if best < 0 || layers[best].Topics < min(m.cfg.Topics, l.Topics) {
			best = i
		}
	}
	var err error
	m.clustering, err = c.At(best)
	return err
}

// describeReduced is the end of a fit: the topics, reduced to Config.Topics, get their words. Words are made once, of the topics
// that remain: topics are merged by their embeddings, and where there are none the words are counted when they are asked for.
func (m *Model) describeReduced(ctx context.Context) (*Model, error) {
	if m.cfg.Topics == 0 {
		return m, m.describe(ctx)
	}
	m.embedTopics()
	m.terms = &terms{}
	var out *Model
	var err error
	if m.cfg.Topics == AutoTopics {
		out, err = m.ReduceTopicsAuto(ctx, ReduceConfig{})
	} else {
		out, err = m.ReduceTopics(ctx, m.cfg.Topics, ReduceConfig{})
	}
	if err == nil && out.terms == m.terms { // nothing was merged
		err = out.describe(ctx)
	}
	return out, err
}

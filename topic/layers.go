package topic

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic/internal/place"
)

// Layers returns the granularities that the fit found, the coarsest first, each nested in the one
// before, and the index of the one that the topics were made of. It fails with ErrNoLayers.
func (m *Model) Layers() (layers []stage.Layer, chosen int, err error) {
	if err := m.rowsOnly("layers"); err != nil {
		return nil, 0, err
	}
	c, err := m.layered()
	if err != nil {
		return nil, 0, err
	}
	return c.Layers(), c.Chosen(), nil
}

func (m *Model) layered() (stage.Layered, error) {
	// The labels of a clustering that learned in batches are those of its last batch.
	inOneGo := m.pipeline.union == nil && m.pipeline.accept == nil && m.documents.batches == nil
	if fits := m.pipeline.fits; len(fits) == 1 && inOneGo {
		if c, ok := fits[0].Clustering.(stage.Layered); ok {
			return c, nil
		}
	}
	return nil, ErrNoLayers
}

// AtLayer returns the model whose topics are those of another layer, by its index in Layers. Nothing
// is clustered again; words, means and sizes follow. What operations did to the topics of m is not
// done to the new ones. It fails with ErrNoLayers, and for a layer that there is not.
func (m *Model) AtLayer(ctx context.Context, layer int) (*Model, error) {
	if err := m.whole("layers"); err != nil {
		return nil, err
	}
	layered, err := m.layered()
	if err != nil {
		return nil, err
	}
	c, err := layered.AtLayer(layer)
	if err != nil {
		return nil, fmt.Errorf("cluster: %w", err)
	}
	d, p := m.documents, *m.pipeline
	p.cfg.Granularity = AtLayer(layer)
	fit := *p.fits[0]
	fit.Clustering = c
	p.fits = []*place.Clusters{&fit}
	q := place.NewQuery(d.x(), nil)
	if p.names != nil {
		if err := p.names.Place(ctx, q); err != nil {
			return nil, err
		}
	}
	fit.LabelFitted(q)
	p.rows.labels, p.rows.strengths = q.Labels()
	result, err := p.place(ctx, d)
	if err != nil {
		return nil, err
	}
	g := newGrouping(d, &p, result.labels, result.strengths, result.adopted)
	w, err := describe(ctx, d, &p, g, m.description.words, m.description.embedder)
	if err != nil {
		return nil, err
	}
	return assemble(d, &p, g, w), nil
}

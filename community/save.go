package community

import (
	"errors"
	"fmt"
	"io/fs"
	"math"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
)

var _ stage.Saver = (*Model)(nil)

func init() { state.Register[Config]("community", load) }

// savedLayer is what a file holds of a layer beside its labels and strengths.
type savedLayer struct {
	Resolution  float64 `json:"resolution"`
	Communities int     `json:"communities"`
	Silhouette  float64 `json:"silhouette"`
	Modularity  float64 `json:"modularity"`
	Within      float64 `json:"within"`
}

// sections returns the parts of a saved model but the labels and strengths of its layers.
func (m *Model) sections(layers *[]savedLayer) []state.Section {
	return []state.Section{
		{Name: "settings.json", Data: &m.config},
		{Name: "chosen.json", Data: &m.chosen},
		{Name: "layers.json", Data: layers},
		{Name: "rows.npy", Data: &m.x},
		{Name: "first.npy", Data: &m.first},
		{Name: "graph/start.npy", Data: &m.graph.RowPtr},
		{Name: "graph/column.npy", Data: &m.graph.Col},
		{Name: "graph/weight.npy", Data: &m.graph.Value},
	}
}

// sections returns the other parts of layer i.
func (l *layer) sections(i int) []state.Section {
	return []state.Section{
		{Name: fmt.Sprintf("layer/%d/labels.npy", i), Data: &l.labels}, {Name: fmt.Sprintf("layer/%d/strengths.npy", i), Data: &l.strength},
	}
}

// Save writes all that the methods of the model need: its rows, its graph, and its layers.
func (m *Model) Save(w stage.Writer) error {
	layers := make([]savedLayer, len(m.layers))
	for i, l := range m.layers {
		layers[i] = savedLayer{l.resolution, l.count, l.score.Silhouette, l.score.Modularity, l.score.Within}
	}
	if err := state.WriteSections(w, m.sections(&layers)...); err != nil {
		return err
	}
	for i, l := range m.layers {
		if err := state.WriteSections(w, l.sections(i)...); err != nil {
			return err
		}
	}
	return nil
}

// load reads what Save wrote. The index of the rows is made when it is first needed.
func load(run stage.Run, r fs.FS) (*Model, error) {
	m := &Model{search: &finder{}}
	var layers []savedLayer
	if err := state.ReadSections(r, m.sections(&layers)...); err != nil {
		return nil, err
	}
	for i, s := range layers {
		l := &layer{resolution: s.Resolution, count: s.Communities, score: Score{s.Silhouette, s.Modularity, s.Within}}
		if err := state.ReadSections(r, l.sections(i)...); err != nil {
			return nil, err
		}
		m.layers = append(m.layers, l)
	}
	m.graph.Cols, m.config.Workers = m.x.Rows, run.Workers
	if err := errors.Join(m.config.Validate(), check.Matrix(m.x), checkGraph(m.graph), m.fits()); err != nil {
		return nil, err
	}
	m.cfg = m.config.resolve()
	return m, nil
}

// fits reports parts of a loaded model that do not go together.
func (m *Model) fits() error {
	n := m.x.Rows
	if n == 0 || m.x.Cols == 0 || len(m.first) != n || m.chosen < 0 || m.chosen >= len(m.layers) {
		return fmt.Errorf("%d×%d rows, %d of them known as equal, and layer %d of %d do not fit together", n, m.x.Cols, len(m.first), m.chosen, len(m.layers))
	}
	for i, f := range m.first {
		if f < 0 || int(f) > i || m.first[f] != f {
			return fmt.Errorf("row %d cannot be equal to row %d", i, f)
		}
	}
	for i, l := range m.layers {
		s := l.score
		const most = 1 + 1e-9 // sums are rounded
		if !(l.resolution > 0 && l.resolution < 1e6 && math.Abs(s.Silhouette) <= most && s.Modularity >= -most*l.resolution && s.Modularity <= most && s.Within >= 0 && s.Within <= most) {
			return fmt.Errorf("layer %d: resolution %v with the score %+v", i, l.resolution, s)
		}
		if len(l.labels) != n || len(l.strength) != n || l.count < 0 || l.count > n {
			return fmt.Errorf("layer %d: %d labels, %d strengths and %d communities for %d rows", i, len(l.labels), len(l.strength), l.count, n)
		}
		for v, c := range l.labels {
			if s := l.strength[v]; c < stage.Outlier || c >= l.count || !(s >= 0 && s <= 1) {
				return fmt.Errorf("layer %d: row %d is in community %d of %d with strength %v", i, v, c, l.count, s)
			}
		}
	}
	return nil
}

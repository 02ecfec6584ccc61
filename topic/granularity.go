package topic

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/stage"
)

// Granularity says how many topics a fit ends with. The zero value leaves that to the clusterer. Its
// text form, which MarshalText writes and UnmarshalText reads, is "auto", "20", "merge", "layer:2" or
// "scale:0.5".
type Granularity struct {
	kind granularity
	n    int
	at   float64
}

type granularity uint8

const (
	asFound granularity = iota
	exactly
	merged
	atLayer
	atScale
)

// NumTopics asks for n topics, at least 1, the outliers not counted. A clusterer with layers takes the
// one with the fewest clusters that are enough; then the topics that are most similar are merged, as
// by Model.ReduceTopics, until n are left. If fewer are found, Model.Warnings says so. BERTopic's nr_topics,
// which counts the outliers.
func NumTopics(n int) Granularity { return Granularity{kind: exactly, n: n} }

// Merged merges the topics that lie close together, as Model.ReduceTopics does. BERTopic's
// nr_topics="auto".
func Merged() Granularity { return Granularity{kind: merged} }

// AtLayer asks for a layer of the clusterer, counted from 0, the coarsest. The fit fails if the
// clusterer has no such layer.
func AtLayer(n int) Granularity { return Granularity{kind: atLayer, n: n} }

// AtScale asks for the layer that is closest to a place, above 0, on the clusterer's own scale
// (stage.Layer.Scale): a resolution for community.Config, a minimum cluster size for
// hdbscan.Multiscale. The fit fails if the clusterer has no layers.
func AtScale(scale float64) Granularity { return Granularity{kind: atScale, at: scale} }

// MarshalText returns the text form.
func (g Granularity) MarshalText() ([]byte, error) {
	switch g.kind {
	case exactly:
		return strconv.AppendInt(nil, int64(g.n), 10), nil
	case merged:
		return []byte("merge"), nil
	case atLayer:
		return fmt.Appendf(nil, "layer:%d", g.n), nil
	case atScale:
		return strconv.AppendFloat([]byte("scale:"), g.at, 'g', -1, 64), nil
	}
	return []byte("auto"), nil
}

// UnmarshalText reads the text form; "" means "auto".
func (g *Granularity) UnmarshalText(text []byte) error {
	s := string(text)
	var out Granularity
	var err error
	switch {
	case s == "auto" || s == "":
	case s == "merge":
		out = Merged()
	case strings.HasPrefix(s, "layer:"):
		out.kind = atLayer
		out.n, err = strconv.Atoi(s[len("layer:"):])
	case strings.HasPrefix(s, "scale:"):
		out.kind = atScale
		out.at, err = strconv.ParseFloat(s[len("scale:"):], 64)
	default:
		out.kind = exactly
		out.n, err = strconv.Atoi(s)
	}
	if err != nil || !out.valid() {
		return fmt.Errorf("granularity %q, want %s", s, granularities)
	}
	*g = out
	return nil
}

const granularities = "auto, a number of topics, merge, layer:N or scale:X"

// valid reports whether the number is in its range.
func (g Granularity) valid() bool {
	switch g.kind {
	case exactly:
		return g.n >= 1 && g.n <= math.MaxInt32
	case atLayer:
		return g.n >= 0 && g.n <= math.MaxInt32
	case atScale:
		return g.at > 0 && !math.IsInf(g.at, 0)
	}
	return true
}

// merges reports whether topics may have to be merged after the clustering.
func (g Granularity) merges() bool { return g.kind == exactly || g.kind == merged }

// choose returns the layer that the granularity asks for.
func (g Granularity) choose(c stage.Layered) (int, error) {
	layers := c.Layers()
	switch g.kind {
	case atLayer:
		if g.n >= len(layers) {
			return 0, &stage.ConfigError{Field: "topic.Config.Granularity", Value: g, Want: fmt.Sprintf("a layer from 0 to %d, which is all that these documents have", len(layers)-1)}
		}
		return g.n, nil
	case atScale:
		best := 0
		far := func(l stage.Layer) float64 { return math.Abs(bitmath.Log(l.Scale) - bitmath.Log(g.at)) }
		for i, l := range layers {
			if far(l) < far(layers[best]) {
				best = i
			}
		}
		return best, nil
	case exactly:
		return enough(layers, g.n), nil
	}
	return c.Chosen(), nil
}

// enough returns the layer with the fewest clusters that are at least n, the first of equals; if all
// have fewer, the one with the most.
func enough(layers []stage.Layer, n int) int {
	best := 0
	for i, l := range layers {
		was := layers[best].Clusters
		if l.Clusters >= n && (was < n || l.Clusters < was) || l.Clusters < n && l.Clusters > was {
			best = i
		}
	}
	return best
}

// merge returns which topics of a fit become one: a map from a topic to the one that it joins, nil if
// all stay. warning says that there are fewer topics than were asked for.
func (g Granularity) merge(ctx context.Context, s similarities) (into map[int]int, warning, err error) {
	if g.kind == merged {
		into, err = s.close(ctx)
		return into, nil, err
	}
	switch has := len(s.g.ids()); {
	case has < g.n:
		return nil, fmt.Errorf("reduce: %d topics were asked for, the model has %d", g.n, has), nil
	case has == g.n:
		return nil, nil, nil
	}
	into, err = s.closest(ctx, g.n)
	return into, nil, err
}

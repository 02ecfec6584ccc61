package embed

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/stage"
)

// CenterConfig holds the settings of CenterBy. The zero value is the default.
type CenterConfig struct {
	// MinGroup is the number of texts from which on a group has a mean of its own; the mean of all
	// texts serves smaller groups. A larger value keeps what few texts have in common from being
	// taken for their group's. 0, the default, means 20; a negative number gives every group a mean
	// of its own.
	MinGroup int
}

const defaultMinGroup = 20

// Validate returns nil: every value is good.
func (c CenterConfig) Validate() error { return nil }

// Centered is an embedder that subtracts from each vector the mean of its group's. It is immutable
// and safe for concurrent use if its embedder and its function of groups are.
type Centered struct {
	embedder Embedder
	group    func(text string) string
	means    centers
}

// centers is the saved form of the means.
type centers struct {
	Dim    int                    `json:"dim"`
	Texts  int                    `json:"texts"`
	All    []float64              `json:"all"`
	Groups map[string]CenterGroup `json:"groups"`
}

// CenterGroup is a group of the texts that CenterBy was given.
type CenterGroup struct {
	Texts int       `json:"texts"`          // whose vector is not zero
	Mean  []float64 `json:"mean,omitempty"` // nil where the group has the mean of all texts
}

// CenterBy returns an embedder that subtracts the mean of a text's group from its vector. group
// names the group of a text, such as the language that is detected in it: the vectors of many
// encoders for several languages lie by language first, and only then by topic. The means are those
// of the given texts, which the returned embedder is to embed too. A group that has fewer than
// cfg.MinGroup of them, or none, is centered by the mean of all. A vector of zeros, which stands
// for a text without content, does not count and stays as it is. The means do not depend on the
// order of the texts. It fails where the embedder does or gives a matrix of another shape or with a
// NaN or Inf in it, and where no vector is left to count.
func CenterBy(ctx context.Context, e Embedder, group func(text string) string, texts []string, cfg CenterConfig) (*Centered, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	x, err := embedChecked(ctx, e, texts)
	if err != nil {
		return nil, err
	}
	least := cmp.Or(cfg.MinGroup, defaultMinGroup)
	c := &Centered{embedder: e, group: group, means: centers{Dim: x.Cols, All: make([]float64, x.Cols), Groups: map[string]CenterGroup{}}}
	order := make([]int, len(texts)) // by text: sums of floats depend on the order
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(texts[i], texts[j]) })
	for _, i := range order {
		row := x.Data[i*x.Stride:][:x.Cols]
		if isZero(row) {
			continue
		}
		name := group(texts[i])
		g := c.means.Groups[name]
		if g.Mean == nil {
			g.Mean = make([]float64, x.Cols)
		}
		for k, v := range row {
			g.Mean[k] += float64(v)
		}
		g.Texts++
		c.means.Groups[name] = g
	}
	for _, name := range slices.Sorted(maps.Keys(c.means.Groups)) {
		g := c.means.Groups[name]
		for k, sum := range g.Mean {
			c.means.All[k] += sum
		}
		c.means.Texts += g.Texts
		if g.Texts < least {
			g.Mean = nil
		}
		for k := range g.Mean {
			g.Mean[k] /= float64(g.Texts)
		}
		c.means.Groups[name] = g
	}
	if c.means.Texts == 0 {
		return nil, fmt.Errorf("center: none of %d texts has a vector other than zero, want at least 1", len(texts))
	}
	for k := range c.means.All {
		c.means.All[k] /= float64(c.means.Texts)
	}
	return c, nil
}

// embedChecked embeds texts and checks the shape and the values of the result.
func embedChecked(ctx context.Context, e Embedder, texts []string) (blas32.General, error) {
	x, err := e.Embed(ctx, texts)
	if err != nil {
		return x, err
	}
	if x.Rows != len(texts) {
		return x, fmt.Errorf("center: the embedder gave %d rows for %d texts", x.Rows, len(texts))
	}
	if err := check.Matrix(x); err != nil {
		return x, fmt.Errorf("center: the embedder's vectors: %w", err)
	}
	return x, nil
}

func isZero(row []float32) bool {
	return !slices.ContainsFunc(row, func(v float32) bool { return v != 0 })
}

// Embed returns the vectors of the embedder, each without the mean of its text's group. It fails
// where the embedder does or gives a matrix of another shape or with a NaN or Inf in it.
func (c *Centered) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	x, err := embedChecked(ctx, c.embedder, texts)
	if err != nil {
		return x, err
	}
	if x.Cols != c.means.Dim && len(texts) > 0 {
		return x, fmt.Errorf("center: the embedder gave %d columns, want %d as for the means", x.Cols, c.means.Dim)
	}
	out := blas32.General{Rows: x.Rows, Cols: x.Cols, Stride: x.Cols, Data: make([]float32, x.Rows*x.Cols)}
	for i, text := range texts {
		row, to := x.Data[i*x.Stride:][:x.Cols], out.Data[i*out.Stride:][:out.Cols]
		if isZero(row) {
			continue
		}
		mean := c.means.Groups[c.group(text)].Mean
		if mean == nil {
			mean = c.means.All
		}
		for k, v := range row {
			to[k] = float32(float64(v) - mean[k])
		}
	}
	return out, nil
}

// Identity names the embedder and the means, "" if the embedder has no identity. It implements
// stage.Identified. The function of groups is not part of it.
func (c *Centered) Identity() string {
	inner, ok := c.embedder.(stage.Identified)
	if !ok || inner.Identity() == "" {
		return ""
	}
	h := sha256.New()
	_, _ = c.WriteTo(h) // a hash takes everything
	return fmt.Sprintf("%s centered=%x", inner.Identity(), h.Sum(nil)[:16])
}

// Groups returns the groups by name. It shares nothing with c.
func (c *Centered) Groups() map[string]CenterGroup {
	groups := maps.Clone(c.means.Groups)
	for name, g := range groups {
		g.Mean = slices.Clone(g.Mean)
		groups[name] = g
	}
	return groups
}

// WriteTo writes the means, as JSON, for ReadCentered. The embedder and the function of groups are
// the caller's.
func (c *Centered) WriteTo(w io.Writer) (int64, error) {
	b, err := json.Marshal(c.means)
	if err != nil {
		return 0, err
	}
	n, err := w.Write(append(b, '\n'))
	return int64(n), err
}

// ReadCentered reads what WriteTo wrote, for the same embedder and function of groups. It gives the
// same vectors to the bit.
func ReadCentered(r io.Reader, e Embedder, group func(text string) string) (*Centered, error) {
	c := &Centered{embedder: e, group: group}
	if err := json.NewDecoder(r).Decode(&c.means); err != nil {
		return nil, fmt.Errorf("read centers: %w", err)
	}
	m := &c.means
	if m.Dim < 1 || len(m.All) != m.Dim {
		return nil, fmt.Errorf("read centers: all has %d values, want dim %d, at least 1", len(m.All), m.Dim)
	}
	total := 0
	for _, name := range slices.Sorted(maps.Keys(m.Groups)) {
		g := m.Groups[name]
		if g.Mean != nil && len(g.Mean) != m.Dim {
			return nil, fmt.Errorf("read centers: the mean of group %q has %d values, want dim %d", name, len(g.Mean), m.Dim)
		}
		if g.Texts < 1 {
			return nil, fmt.Errorf("read centers: group %q has %d texts, want at least 1", name, g.Texts)
		}
		total += g.Texts
	}
	if total != m.Texts {
		return nil, fmt.Errorf("read centers: the groups have %d texts, want the %d of all", total, m.Texts)
	}
	return c, nil
}

package umap

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/sparse"
)

// OptimizeLayout moves the vertices of a symmetric graph from start (vertices × cfg.NComponents, not changed) to where the
// cross entropy between the graph and the positions is low, and gives their positions. It is a Layout that runs from its
// first epoch to its last.
func OptimizeLayout(ctx context.Context, start blas32.General, g sparse.CSR[float32], cfg Config) (blas32.General, error) {
	l, err := NewLayout(start, g, 0, cfg)
	if err != nil {
		return blas32.General{}, err
	}
	if err := l.Run(ctx, l.Epochs()); err != nil {
		return blas32.General{}, err
	}
	return l.Positions(), nil
}

// Layout is an optimization that can be stopped after any epoch, looked at, and gone on with: its state is the positions
// and the number of the next epoch, nothing else. A Layout made from the positions and the epoch of another gives the
// same bits as that other one would.
//
// Every edge is used in proportion to its weight, once in an epoch at most, and pulls its ends together; after each use
// the vertex is pushed away by cfg.NegativeSampleRate vertices drawn at random. Steps are at most 4 long and shrink
// linearly to 0. The forces are those of optimize_layout_euclidean in umap-learn 0.5.12, with
// differences that make room for several workers and for vectors of numbers:
//
//   - umap-learn goes through the edges in order and moves both ends. Here an edge, which is in the graph once from each
//     end, moves the end whose turn it is, by as much as both its uses would, but at most 0.38 of the way.
//   - The vertices take turns in groups, drawn at random once and for all: 64 groups up to 4096 vertices, 16 beyond. The
//     vertices of a group see each other as they were before the group's turn, so that they can be worked on at the same
//     time, and the groups depend on the number of vertices alone.
//
// On 20,000 titles the clusters agree with the classes more than umap-learn's, and trustworthiness is 0.002 below it.
type Layout struct {
	engine
	epoch int
	cfg   settings
}

// NewLayout makes a Layout of the epochs from epoch on, counted from 0, that starts from the given positions (vertices ×
// cfg.NComponents). The positions are copied, the graph is not. Of cfg, NComponents, NEpochs, LearningRate, MinDist,
// Spread, A, B, RepulsionStrength, NegativeSampleRate, Seed, Workers, Progress and Epoch are read; DensMAP only as it
// decides the number of epochs.
func NewLayout(positions blas32.General, g sparse.CSR[float32], epoch int, cfg Config) (*Layout, error) {
	if err := errors.Join(cfg.Validate(), fuzzy.Check(g), check.Matrix(positions)); err != nil {
		return nil, fmt.Errorf("umap: layout: %w", err)
	}
	s := cfg.resolve()
	if positions.Rows != g.Rows() || positions.Rows > 0 && positions.Cols != s.NComponents {
		return nil, fmt.Errorf("umap: layout: start of %d×%d for %d vertices and %d components", positions.Rows, positions.Cols, g.Rows(), s.NComponents)
	}
	if epochs := s.epochs(positions.Rows); epoch < 0 || epoch > epochs {
		return nil, fmt.Errorf("umap: layout: epoch %d, want 0 to %d", epoch, epochs)
	}
	a, b := s.curve()
	return newLayout(positions, g, epoch, newForces(a, b, s.RepulsionStrength), s), nil
}

func newLayout(positions blas32.General, g sparse.CSR[float32], epoch int, f forces, cfg settings) *Layout {
	return &Layout{engine: newEngine(positions, g, f, cfg), epoch: epoch, cfg: cfg}
}

// Epoch is the number of the next epoch: how many have been made.
func (l *Layout) Epoch() int { return l.epoch }

// Epochs is the number of epochs in all.
func (l *Layout) Epochs() int { return l.epochs }

// Positions is where the vertices are, vertices × components. The caller owns the result.
func (l *Layout) Positions() blas32.General {
	return l.positions()
}

// Run makes the next epochs, or those that are left if they are fewer. cfg.Progress counts the epochs of the whole
// layout. After an error, which is the context's cause, that of cfg.Epoch or one that says that the positions have
// grown without bound, the Layout is where it was before the epoch that was begun, or after it where cfg.Epoch failed.
func (l *Layout) Run(ctx context.Context, epochs int) error {
	for range min(epochs, l.epochs-l.epoch) {
		if err := l.engine.epoch(ctx, l.epoch); err != nil {
			return fmt.Errorf("umap: layout: %w", err)
		}
		l.epoch++
		if l.cfg.Epoch != nil {
			if err := l.cfg.Epoch(l.epoch, l.Positions()); err != nil {
				return fmt.Errorf("umap: layout: %w", err)
			}
		}
		if l.cfg.Progress != nil {
			l.cfg.Progress(l.epoch, l.epochs)
		}
	}
	if !finite(l.y.Data) {
		return fmt.Errorf("umap: layout: positions grew without bound: LearningRate %v or RepulsionStrength %v is too large", l.cfg.LearningRate, l.cfg.RepulsionStrength)
	}
	return nil
}

// alpha is the learning rate of an epoch. As in umap-learn the first two have the full one.
func alpha(rate float64, epoch, epochs int) float32 {
	return float32(rate * (1 - float64(max(epoch-1, 0))/float64(epochs)))
}

// finite reports whether all positions are.
func finite(y []float32) bool {
	for _, v := range y {
		if v != v || math.IsInf(float64(v), 0) {
			return false
		}
	}
	return true
}

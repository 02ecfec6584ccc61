package stagetest

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
)

// TestReducer tests a reducer and what it returns on groups of rows, on one row, and on equal rows,
// and in batches if it is a BatchReducer. If its type is registered, it is saved and loaded too.
func TestReducer(t *testing.T, r stage.Reducer) {
	t.Helper()
	for name, d := range map[string]stage.Data{"groups": groups(240), "one": groups(1), "equal": equal(30)} {
		t.Run(name, func(t *testing.T) { reducer(t, r, d) })
	}
	t.Run("canceled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := r.Reduce(ctx, stage.Run{}, groups(240)); !errors.Is(err, context.Canceled) {
			t.Errorf("Reduce with a canceled context: %v", err)
		}
	})
	if b, ok := r.(stage.BatchReducer); ok {
		t.Run("batches", func(t *testing.T) { reduceBatches(t, b) })
	}
}

func reducer(t *testing.T, r stage.Reducer, d stage.Data) {
	t.Helper()
	ctx := context.Background()
	fit := func(workers int) stage.Reduction {
		fitted, err := r.Reduce(ctx, stage.Run{Seed: 7, Workers: workers}, d)
		if err != nil {
			t.Fatalf("Reduce: %v", err)
		}
		return fitted
	}
	before := slices.Clone(d.X.Data)
	m := fit(1)
	if !slices.Equal(d.X.Data, before) {
		t.Fatal("Reduce changes the rows")
	}
	points := m.Points()
	if points.Rows != d.X.Rows {
		t.Fatalf("%d points for %d rows", points.Rows, d.X.Rows)
	}
	finite(t, points)
	if !sameMatrix(fit(3).Points(), points) {
		t.Errorf("other points with 3 workers than with 1")
	}
	q := groups(57).X
	found := transform(t, m, q)
	if found.Cols != points.Cols {
		t.Errorf("Transform returns %d dimensions, the fit %d", found.Cols, points.Cols)
	}
	// The result of a row depends on that row alone.
	half := q
	half.Rows = 20
	first := found
	first.Rows = 20
	if !sameMatrix(transform(t, m, half), first) {
		t.Errorf("Transform of 20 rows differs from Transform of 57")
	}
	transform(t, m, blas32.General{Cols: q.Cols, Stride: q.Cols})
	if !registered(r) {
		return
	}
	if err := state.CanSave(r); err != nil {
		t.Fatalf("CanSave: %v", err)
	}
	loaded := Reload(t, m).(stage.Reduction)
	if !sameMatrix(transform(t, loaded, q), found) {
		t.Errorf("other points of new rows after Save and Load")
	}
	if !sameMatrix(transform(t, loaded, d.X), transform(t, m, d.X)) {
		t.Errorf("other points of the rows of the fit after Save and Load")
	}
}

// reduceBatches tests that a past does not change, and that it can be saved and loaded between two
// batches.
func reduceBatches(t *testing.T, r stage.BatchReducer) {
	ctx, run := context.Background(), stage.Run{Seed: 7, Workers: 2}
	all := groups(240)
	q := groups(57).X
	learn := func(past stage.Reduction, lo, hi int) stage.Reduction {
		m, err := r.ReduceBatch(ctx, run, past, part(all, lo, hi))
		if err != nil {
			t.Fatalf("ReduceBatch: %v", err)
		}
		if m.Points().Rows != hi-lo {
			t.Fatalf("%d points for a batch of %d rows", m.Points().Rows, hi-lo)
		}
		return m
	}
	first := learn(nil, 0, 100)
	before := transform(t, first, q)
	second := learn(first, 100, 240)
	if !sameMatrix(transform(t, first, q), before) {
		t.Errorf("the past changes as ReduceBatch goes on from it")
	}
	if registered(r) {
		again := learn(Reload(t, first).(stage.Reduction), 100, 240)
		if !sameMatrix(transform(t, again, q), transform(t, second, q)) || !sameMatrix(again.Points(), second.Points()) {
			t.Errorf("a loaded past goes on to other points")
		}
	}
	if _, err := r.ReduceBatch(ctx, run, otherReduction{}, part(all, 0, 9)); err == nil {
		t.Errorf("ReduceBatch with the past of another reducer: no error")
	}
}

// TestBatchClusterer tests a clusterer that learns in batches, beside TestClusterer: a past does not
// change, it can be saved and loaded between two batches, and it must be the clusterer's own.
func TestBatchClusterer(t *testing.T, c stage.BatchClusterer) {
	t.Helper()
	ctx, run := context.Background(), stage.Run{Seed: 7, Workers: 2}
	all := groups(240)
	q := groups(57).X
	learn := func(past stage.Clustering, lo, hi int) stage.Clustering {
		m, err := c.ClusterBatch(ctx, run, past, part(all, lo, hi))
		if err != nil {
			t.Fatalf("ClusterBatch: %v", err)
		}
		if len(m.Labels()) != hi-lo {
			t.Fatalf("%d labels for a batch of %d rows", len(m.Labels()), hi-lo)
		}
		return m
	}
	first := learn(nil, 0, 100)
	before := answers(t, first, q)
	second := learn(first, 100, 240)
	if !answers(t, first, q).equal(before) {
		t.Errorf("the past changes as ClusterBatch goes on from it")
	}
	if registered(c) {
		again := learn(Reload(t, first).(stage.Clustering), 100, 240)
		if !answers(t, again, q).equal(answers(t, second, q)) || !slices.Equal(again.Labels(), second.Labels()) {
			t.Errorf("a loaded past goes on to other labels")
		}
	}
	if _, err := c.ClusterBatch(ctx, run, otherClustering{}, part(all, 0, 9)); err == nil {
		t.Errorf("ClusterBatch with the past of another clusterer: no error")
	}
}

// otherReduction and otherClustering are results of stages that no caller of this package has.
type (
	otherReduction  struct{ stage.Reduction }
	otherClustering struct{ stage.Clustering }
)

// registered reports whether the type of the settings is known to package state.
func registered(settings any) bool {
	_, err := state.Encode(settings)
	return !errors.Is(err, state.ErrUnregistered)
}

// part returns the rows lo … hi−1 of d.
func part(d stage.Data, lo, hi int) stage.Data {
	x := d.X
	x.Rows, x.Data = hi-lo, x.Data[lo*x.Stride:hi*x.Stride]
	return stage.Data{X: x, Classes: d.Classes[lo:hi]}
}

func transform(t *testing.T, m stage.Reduction, x blas32.General) blas32.General {
	t.Helper()
	y, err := m.Transform(context.Background(), x)
	if err != nil {
		t.Fatalf("Transform: %v", err)
	}
	if y.Rows != x.Rows {
		t.Fatalf("Transform of %d rows returns %d", x.Rows, y.Rows)
	}
	finite(t, y)
	return y
}

func finite(t *testing.T, x blas32.General) {
	t.Helper()
	for i := range x.Rows {
		for j, v := range x.Data[i*x.Stride:][:x.Cols] {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				t.Fatalf("row %d, column %d is %v", i, j, v)
			}
		}
	}
}

// sameMatrix reports whether a and b have the same bits.
func sameMatrix(a, b blas32.General) bool {
	if a.Rows != b.Rows || a.Rows > 0 && a.Cols != b.Cols {
		return false
	}
	for i := range a.Rows {
		for j, v := range a.Data[i*a.Stride:][:a.Cols] {
			if math.Float32bits(v) != math.Float32bits(b.Data[i*b.Stride+j]) {
				return false
			}
		}
	}
	return true
}

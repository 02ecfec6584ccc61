// Package assignment pairs the rows of a matrix with its columns so that the sum over the pairs is least, or greatest: the
// linear sum assignment problem, for matching the topics of two models with each other.
package assignment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/gobertopic/gobertopic/stage"
)

// ErrInfeasible is returned when every way to pair all rows, or all columns where there are fewer, needs a forbidden pair.
var ErrInfeasible = errors.New("assignment: every assignment needs a forbidden pair")

// Matching pairs rows with columns. min(rows, columns) pairs are made.
type Matching struct {
	Col   []int   // the column of each row; −1 for a row without one
	Row   []int   // the row of each column; −1 for a column without one
	Total float64 // sum over the pairs, in the order of the rows
}

// Min finds a matching of least cost by shortest augmenting paths (Jonker and Volgenant 1987, doi:10.1007/BF02278710, in
// the rectangular form of Crouse 2016, doi:10.1109/TAES.2016.140952). A cost of +Inf forbids a pair. Of several
// matchings of the same cost it is always the same one that is found; a tie on the way goes to a free column, then to
// the lowest. For n rows and m columns, n ≤ m, time is O(n²·m) and memory O(n + m); the other way about, the matrix is
// copied. Stride is honored.
//
// Errors: ErrInfeasible; *stage.ValueError for NaN and −Inf; a shape that does not fit its data; the context's cause.
func Min(ctx context.Context, cost blas64.General) (Matching, error) { return solve(ctx, cost, 1) }

// Max finds a matching of greatest score, as Min finds one of least cost. A score of −Inf forbids a pair, and +Inf is an
// error.
func Max(ctx context.Context, score blas64.General) (Matching, error) { return solve(ctx, score, -1) }

func solve(ctx context.Context, x blas64.General, sign float64) (Matching, error) {
	if x.Rows < 0 || x.Cols < 0 || x.Rows > 0 && x.Cols > 0 && (x.Stride < x.Cols || len(x.Data) < (x.Rows-1)*x.Stride+x.Cols) {
		return Matching{}, fmt.Errorf("assignment: matrix of %d×%d with stride %d and %d values", x.Rows, x.Cols, x.Stride, len(x.Data))
	}
	if err := context.Cause(ctx); err != nil {
		return Matching{}, err
	}
	for i := range x.Rows {
		for j, v := range x.Data[i*x.Stride:][:x.Cols] {
			if v *= sign; math.IsNaN(v) || math.IsInf(v, -1) {
				why := fmt.Sprintf("is %v, want a finite number, or %v for a forbidden pair", sign*v, sign*math.Inf(1))
				return Matching{}, fmt.Errorf("assignment: %w", &stage.ValueError{Row: i, Col: j, Why: why})
			}
		}
	}
	m := Matching{Col: filled(x.Rows), Row: filled(x.Cols)}
	if x.Rows == 0 || x.Cols == 0 {
		return m, nil
	}
	s := &solver{n: x.Rows, m: x.Cols, stride: x.Stride, cost: x.Data, sign: sign, colOf: m.Col, rowOf: m.Row}
	if x.Rows > x.Cols {
		turned := make([]float64, x.Rows*x.Cols)
		for i := range x.Rows {
			for j := range x.Cols {
				turned[j*x.Rows+i] = x.Data[i*x.Stride+j]
			}
		}
		s = &solver{n: x.Cols, m: x.Rows, stride: x.Rows, cost: turned, sign: sign, colOf: m.Row, rowOf: m.Col}
	}
	if err := s.run(ctx); err != nil {
		return Matching{}, err
	}
	for i, j := range m.Col {
		if j >= 0 {
			m.Total += x.Data[i*x.Stride+j]
		}
	}
	return m, nil
}

func filled(n int) []int {
	x := make([]int, n)
	for i := range x {
		x[i] = -1
	}
	return x
}

// solver assigns n rows to m ≥ n columns. Costs are sign times those of the matrix.
type solver struct {
	n, m, stride int
	cost         []float64
	sign         float64
	colOf, rowOf []int
	u, v         []float64 // duals of rows and columns: no cost is less than u + v, and those of pairs are equal to it
	near         []float64 // per column, the length of the shortest path to it
	from         []int     // per column, the row that the path comes from
	open         []int     // columns that no shortest path has been fixed for, rising
	rows, closed []int     // rows and columns on fixed paths
	steps        int
}

func (s *solver) run(ctx context.Context) error {
	s.u, s.v = make([]float64, s.n), make([]float64, s.m)
	s.near, s.from = make([]float64, s.m), make([]int, s.m)
	for row := range s.n {
		free, length, err := s.path(ctx, row)
		if err != nil {
			return err
		}
		s.u[row] += length
		for _, i := range s.rows[1:] {
			s.u[i] += length - s.near[s.colOf[i]]
		}
		for _, j := range s.closed {
			s.v[j] -= length - s.near[j]
		}
		for j := free; ; { // turn the pairs on the path around
			i := s.from[j]
			s.rowOf[j] = i
			s.colOf[i], j = j, s.colOf[i]
			if i == row {
				break
			}
		}
	}
	return nil
}

// path finds the shortest augmenting path from a row to a free column.
func (s *solver) path(ctx context.Context, row int) (free int, length float64, err error) {
	s.open, s.rows, s.closed = s.open[:0], s.rows[:0], s.closed[:0]
	for j := range s.m {
		s.near[j] = math.Inf(1)
		s.open = append(s.open, j)
	}
	for i := row; ; {
		if s.steps++; s.steps&63 == 0 && ctx.Err() != nil {
			return 0, 0, context.Cause(ctx)
		}
		s.rows = append(s.rows, i)
		cost, base := s.cost[i*s.stride:][:s.m], length-s.u[i]
		at, least := -1, math.Inf(1)
		for k, j := range s.open {
			if d := base + float64(s.sign*cost[j]) - s.v[j]; d < s.near[j] {
				s.near[j], s.from[j] = d, i
			}
			if d := s.near[j]; d < least || d == least && at >= 0 && s.rowOf[j] < 0 && s.rowOf[s.open[at]] >= 0 {
				at, least = k, d
			}
		}
		if at < 0 {
			return 0, 0, ErrInfeasible
		}
		length = least
		j := s.open[at]
		if s.rowOf[j] < 0 {
			return j, length, nil
		}
		i = s.rowOf[j]
		s.closed = append(s.closed, j)
		s.open = slices.Delete(s.open, at, at+1)
	}
}

package metric

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/stage"
)

// Kind names a metric; the package comment defines each.
type Kind uint8

// The metrics. The zero value is Euclidean.
const (
	Euclidean Kind = iota
	Cosine
	Correlation
	Manhattan
	Chebyshev
	Minkowski
	Canberra
	BrayCurtis
	Hamming
	Jaccard
	Dice
	Hellinger
	Haversine
	Custom // a function of the caller's, in Metric.Func
)

// names are those of the Python packages.
var names = [...]string{"euclidean", "cosine", "correlation", "manhattan", "chebyshev", "minkowski", "canberra", "braycurtis", "hamming", "jaccard", "dice", "hellinger", "haversine", "custom"}

// aliases are the further names that the Python packages take.
var aliases = map[string]Kind{
	"l2": Euclidean, "l1": Manhattan, "taxicab": Manhattan, "cityblock": Manhattan, "linf": Chebyshev, "linfty": Chebyshev, "linfinity": Chebyshev,
	"wminkowski": Minkowski, "weighted_minkowski": Minkowski,
}

func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Parse is the metric that the Python packages call by the given name. There is none for Custom.
func Parse(name string) (Kind, error) {
	for k, s := range names[:Custom] {
		if s == name {
			return Kind(k), nil
		}
	}
	if k, ok := aliases[name]; ok {
		return k, nil
	}
	return 0, fmt.Errorf("unknown metric %q, want one of %s", name, strings.Join(names[:Custom], ", "))
}

// MarshalText is String, for files and flags. It fails for Custom, whose function is not in a name.
func (k Kind) MarshalText() ([]byte, error) {
	if k >= Custom {
		return nil, fmt.Errorf("the metric %v cannot be written as text, want one of %s", k, strings.Join(names[:Custom], ", "))
	}
	return []byte(k.String()), nil
}

// UnmarshalText is Parse.
func (k *Kind) UnmarshalText(text []byte) (err error) {
	*k, err = Parse(string(text))
	return err
}

// Metric is a distance with its parameters. The zero value is Euclidean. It is not changed by its use and safe for
// concurrent use, if Func is.
type Metric struct {
	Kind Kind
	// P is the exponent of Minkowski, greater than 0; +Inf stands for the largest difference of the columns whose weight is
	// not 0. 0 means 2. (Python: metric_kwds={"p": …})
	P float64
	// Weights of Minkowski, one a column, not negative; nil means 1 each. (Python: metric_kwds={"w": …})
	Weights []float64
	// Func is the distance of Custom. It must not depend on the order of a and b, keep or change them, and give a number
	// that is not negative, the same for the same rows. It is called from several goroutines.
	Func func(a, b []float32) float64
}

// Validate reports every parameter that is out of its range as a *stage.ConfigError, by the names of the fields of Metric.
func (m Metric) Validate() error {
	var f check.Fields
	f.Want(m.Kind <= Custom, "Metric.Kind", m.Kind, "one of "+strings.Join(names[:], ", "))
	f.Want(m.P >= 0, "Metric.P", m.P, "greater than 0, or 0 for 2")
	for i, w := range m.Weights {
		f.Want(w >= 0 && !math.IsInf(w, 1), fmt.Sprintf("Metric.Weights[%d]", i), w, "0 or greater and finite")
	}
	f.Want(m.Kind != Custom || m.Func != nil, "Metric.Func", "nil", "a function, for the metric custom")
	f.Want(m.Kind == Custom || m.Func == nil, "Metric.Func", "set", "nil for the metric "+m.Kind.String())
	f.Want(m.Kind == Minkowski || m.P == 0, "Metric.P", m.P, "0 for the metric "+m.Kind.String())
	f.Want(m.Kind == Minkowski || m.Weights == nil, "Metric.Weights", "set", "nil for the metric "+m.Kind.String())
	return f.Err()
}

// Check reports rows that the metric is not defined for: a *stage.ValueError for a NaN, an infinite value and, under
// Hellinger, a negative one; other errors for a shape that does not fit the data, or the metric. m is valid.
func (m Metric) Check(x blas32.General) error {
	if err := m.CheckColumns(x.Cols); x.Rows > 0 && err != nil {
		return err
	}
	if err := check.Matrix(x); err != nil {
		return err
	}
	if m.Kind == Hellinger {
		for i := range x.Rows {
			for j, v := range dense.Row(x, i) {
				if v < 0 {
					return &stage.ValueError{Row: i, Col: j, Why: negative(v)}
				}
			}
		}
	}
	return nil
}

func negative(v float32) string {
	return fmt.Sprintf("is %v, want 0 or greater for the metric hellinger", v)
}

// CheckColumns reports a number of columns that the metric is not defined for.
func (m Metric) CheckColumns(n int) error {
	if m.Kind == Haversine && n != 2 {
		return fmt.Errorf("rows have %d columns, want 2 for the metric haversine: latitude and longitude in radians", n)
	}
	if m.Weights != nil && len(m.Weights) != n {
		return fmt.Errorf("rows have %d columns, the metric minkowski has %d weights", n, len(m.Weights))
	}
	return nil
}

// Triangle says that the distance is a true metric: d(a,c) ≤ d(a,b) + d(b,c), up to rounding, which is what a ball tree or
// a cover tree needs. It is false for Custom, of which nothing is known.
func (m Metric) Triangle() bool {
	switch m.Kind {
	case Euclidean, Manhattan, Chebyshev, Canberra, Hamming, Jaccard, Hellinger, Haversine:
		return true
	case Minkowski:
		return m.P == 0 || m.P >= 1
	}
	return false
}

// Coordinates says that the distance does not fall when the difference in any one column grows, and depends on the
// differences alone, which is what a k-d tree needs.
func (m Metric) Coordinates() bool {
	switch m.Kind {
	case Euclidean, Manhattan, Chebyshev, Minkowski:
		return true
	}
	return false
}

// exponent is P with its default.
func (m Metric) exponent() float64 {
	if m.P == 0 {
		return 2
	}
	return m.P
}

// Stats is what the distances of a row need to know of the row alone. The fields in use depend on the metric, and so does
// their meaning.
type Stats struct{ Mean, Norm float64 }

// Stats computes the stats of a row; they are zero, and free, for metrics that need none.
func (m Metric) Stats(a []float32) Stats {
	switch m.Kind {
	case Cosine:
		return Stats{Norm: dot(a, a)}
	case Correlation:
		s := Stats{Mean: mean(a)}
		s.Norm = centred(a, a, s.Mean, s.Mean)
		return s
	case Hellinger:
		return Stats{Norm: sum(a)}
	}
	return Stats{}
}

// Distance is the distance of two rows of the same length, which Check has passed. The metric is valid.
func (m Metric) Distance(a, b []float32) float64 { return m.Between(a, b, m.Stats(a), m.Stats(b)) }

// Between is Distance of rows whose stats are known.
func (m Metric) Between(a, b []float32, sa, sb Stats) float64 {
	switch m.Kind {
	case Cosine:
		return cosine(dot(a, b), sa.Norm, sb.Norm)
	case Correlation:
		return correlation(centred(a, b, sa.Mean, sb.Mean), sa.Norm, sb.Norm)
	case Hellinger:
		return hellinger(roots(a, b), sa.Norm, sb.Norm)
	}
	return m.Function()(a, b)
}

// Function is Distance as a function of its own, without the choice of a metric in every call.
func (m Metric) Function() func(a, b []float32) float64 {
	switch m.Kind {
	case Euclidean:
		return euclidean
	case Manhattan:
		return manhattan
	case Chebyshev:
		return chebyshev
	case Minkowski:
		return m.minkowski()
	case Canberra:
		return canberra
	case BrayCurtis:
		return brayCurtis
	case Hamming:
		return hamming
	case Jaccard:
		return jaccard
	case Dice:
		return dice
	case Haversine:
		return haversine
	case Custom:
		return m.Func
	}
	return m.Distance
}

package umap

import (
	"context"

	"github.com/gobertopic/gobertopic/stage"
)

// The interfaces that Config and Model implement.
var (
	_ stage.Reducer   = Config{}
	_ stage.ClassUser = Config{}
	_ stage.Validator = Config{}
	_ stage.Reduction = (*Model)(nil)
	_ stage.Warner    = (*Model)(nil)
	_ stage.Saver     = (*Model)(nil)
)

// Reduce returns the *Model that FitData fits to the rows of d, which it keeps, supervised by the
// classes of d unless they are nil. Seed, Workers and Progress of c, where they are not 0, win over
// those of run.
func (c Config) Reduce(ctx context.Context, run stage.Run, d stage.Data) (stage.Reduction, error) {
	run = stage.Run{Seed: c.Seed, Workers: c.Workers, Progress: c.Progress}.Or(run)
	c.Seed, c.Workers, c.Progress = run.Seed, run.Workers, run.Progress
	m, err := FitData(ctx, Data{X: d.X, Borrow: true, Classes: d.Classes}, c)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// ClassUse returns stage.ClassesUsed.
func (Config) ClassUse() stage.ClassUse { return stage.ClassesUsed }

package simd_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/umap"
)

// Every stage refuses a level of kernels that cannot be had, with the same error.
func TestStagesReportAnUnknownLevel(t *testing.T) {
	if os.Getenv(simd.Env) != "nonsense" { // the variable is read once per process
		cmd := exec.Command(os.Args[0], "-test.run", "^TestStagesReportAnUnknownLevel$", "-test.v")
		cmd.Env = append(os.Environ(), simd.Env+"=nonsense")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return
	}
	ctx := t.Context()
	d := stage.Data{X: blas32.General{Rows: 4, Cols: 2, Stride: 2, Data: make([]float32, 8)}, Classes: []int{0, 0, 1, 1}}
	for name, c := range map[string]stage.Clusterer{
		"hdbscan": hdbscan.Config{}, "layers": hdbscan.PLSCAN{}, "community": community.Config{}, "fixed": supervised.Fixed{},
		"logistic": supervised.Logistic{}, "k-means": online.KMeansConfig{}, "dbstream": online.DBStreamConfig{},
	} {
		_, err := c.Cluster(ctx, stage.Run{}, d)
		require.ErrorContains(t, err, simd.Forced().Error(), name)
	}
	for name, r := range map[string]stage.Reducer{"umap": umap.Config{}, "components": online.PCAConfig{}} {
		_, err := r.Reduce(ctx, stage.Run{}, d)
		require.ErrorContains(t, err, simd.Forced().Error(), name)
	}
}

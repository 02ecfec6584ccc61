package figure_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/report"
	"github.com/gobertopic/gobertopic/report/figure"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// collect returns what a report shows of n documents of nine themes.
func collect(t *testing.T, n int) *report.Data {
	t.Helper()
	const dims = 12
	x := blas32.General{Rows: n, Cols: dims, Stride: dims, Data: make([]float32, n*dims)}
	docs, times, kinds := make([]string, n), make([]time.Time, n), make([]string, n)
	for i := range n {
		k := i % 9
		docs[i] = fmt.Sprintf("first%d second%d third%d common words of document %d", k, k, k, i)
		times[i] = time.Date(2019, time.Month(1+i%40), 3, 0, 0, 0, 0, time.UTC)
		kinds[i] = []string{"question", "answer", "<&>"}[i%3]
		center, own := rng.New(1, uint64(k)), rng.New(2, uint64(i))
		for j := range dims {
			x.Data[i*dims+j] = float32(center.Float64() - 0.5 + 0.25*(own.Float64()-0.5))
		}
	}
	m, err := topic.FitEmbedded(t.Context(), docs, x, topic.Config{Clusterer: community.Config{}})
	require.NoError(t, err)
	d, err := report.Collect(t.Context(), m, report.Options{Times: times, Fields: []report.Field{{Name: "kind", Text: kinds}}})
	require.NoError(t, err)
	return d
}

// Every figure is written in every format, the same bytes each time. GOBERTOPIC_FIGURES names a directory
// for them, to be looked at.
func TestEveryFigure(t *testing.T) {
	d := collect(t, 600)
	names, _ := figure.Names()
	for _, name := range names {
		f, err := figure.Draw(d, name, figure.Options{})
		require.NoError(t, err, name)
		for _, format := range []string{"svg", "pdf", "png", "csv"} {
			var out, again bytes.Buffer
			require.NoError(t, f.Write(&out, format), "%s as %s", name, format)
			require.NoError(t, f.Write(&again, format))
			require.True(t, bytes.Equal(out.Bytes(), again.Bytes()), "%s as %s", name, format)
			if dir := os.Getenv("GOBERTOPIC_FIGURES"); dir != "" {
				require.NoError(t, os.MkdirAll(dir, 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(dir, name+"."+format), out.Bytes(), 0o644))
			}
			switch format {
			case "svg":
				dec := xml.NewDecoder(&out)
				for {
					_, err := dec.Token()
					if errors.Is(err, io.EOF) {
						break
					}
					require.NoError(t, err, name)
				}
			case "pdf":
				require.True(t, bytes.HasPrefix(out.Bytes(), []byte("%PDF-")), name)
			case "png":
				img, err := png.Decode(&out)
				require.NoError(t, err)
				require.Greater(t, img.Bounds().Dx(), 1000, name)
			case "csv":
				rows, err := csv.NewReader(&out).ReadAll()
				require.NoError(t, err)
				require.Greater(t, len(rows), 1, name)
			}
		}
	}
}

// The data of a figure is that of the model: the counts over time add up to the sizes of the topics.
func TestCSVIsTheModel(t *testing.T) {
	d := collect(t, 600)
	f, err := figure.Draw(d, "time", figure.Options{Topics: 1000})
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, f.WriteCSV(&out))
	rows, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	sizes := map[string]int{}
	for _, r := range rows[1:] {
		n, err := strconv.Atoi(r[3])
		require.NoError(t, err)
		sizes[r[1]] += n
	}
	for _, topic := range d.Topics {
		if topic.ID >= 0 {
			require.Equal(t, topic.Size, sizes[strconv.Itoa(topic.ID)])
		}
	}
}

// The points of a large map are an image, so that its files stay below 2 MB.
func TestLargeMap(t *testing.T) {
	const n = 100_000
	d := &report.Data{Positions: make([]report.Point, n), Topic: make([]int, n), Topics: make([]report.Topic, 50)}
	for k := range d.Topics {
		d.Topics[k] = report.Topic{ID: k, Size: n / 50, Name: fmt.Sprint("topic ", k), Color: k % len(report.Palette), Center: report.Point{X: float64(k % 7), Y: float64(k / 7)}}
	}
	s := rng.New(1)
	for i := range n {
		d.Topic[i] = i % 50
		c := d.Topics[d.Topic[i]].Center
		d.Positions[i] = report.Point{X: c.X + 0.4*(s.Float64()+s.Float64()-1), Y: c.Y + 0.4*(s.Float64()+s.Float64()-1)}
	}
	f, err := figure.Draw(d, "map", figure.Options{})
	require.NoError(t, err)
	for _, format := range []string{"svg", "pdf", "png"} {
		var out bytes.Buffer
		require.NoError(t, f.Write(&out, format))
		require.Less(t, out.Len(), 2_000_000, format)
	}
}

func TestWrongNamesAndOptions(t *testing.T) {
	d := &report.Data{}
	_, err := figure.Draw(d, "no such figure", figure.Options{})
	require.ErrorContains(t, err, "want one of map, words")
	var bad *stage.ConfigError
	_, err = figure.Draw(d, "map", figure.Options{Width: -1, DPI: 5})
	require.ErrorAs(t, err, &bad)
	names, _ := figure.Names()
	for _, name := range names {
		if name == "outliers" {
			continue // a histogram of nothing is one
		}
		_, err = figure.Draw(d, name, figure.Options{})
		require.Error(t, err, name)
	}
}

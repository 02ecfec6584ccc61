package eval_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/eval"
)

func sampleTable() eval.Table {
	return eval.Table{
		Columns: []eval.Column{{Key: "preset", Name: "preset | of"}, {Key: "seed"}, {Key: "topics"}, {Key: "ari", Name: "ARI", Digits: 3}, {Key: "outliers", Digits: 1, Percent: true}},
		Rows: [][]any{
			{"default", 1, 20, 0.6124, 0.05},
			{"a|b\nc", 1, 200, math.NaN(), 0.311},
			{"default", 2, 23, 0.5876, nil},
			{"a|b\nc", 2, 210, -0.0001, 0.289},
		},
	}
}

func TestTableMarkdownExact(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, sampleTable().WriteMarkdown(&b))
	require.Equal(t, strings.TrimPrefix(`
| preset \| of | seed | topics |   ARI | outliers |
|--------------|-----:|-------:|------:|---------:|
| default      |    1 |     20 | 0.612 |    5.0 % |
| a\|b c       |    1 |    200 |     – |   31.1 % |
| default      |    2 |     23 | 0.588 |        – |
| a\|b c       |    2 |    210 | 0.000 |   28.9 % |
`, "\n"), b.String())
	means, err := sampleTable().Means("seed")
	require.NoError(t, err)
	b.Reset()
	require.NoError(t, means.WriteMarkdown(&b))
	require.Equal(t, strings.TrimPrefix(`
| preset \| of | runs |  topics |           ARI |     outliers |
|--------------|-----:|--------:|--------------:|-------------:|
| default      |    2 |  22 ± 2 | 0.600 ± 0.018 |        5.0 % |
| a\|b c       |    2 | 205 ± 7 |         0.000 | 30.0 ± 1.6 % |
`, "\n"), b.String())
}

func TestTableReadsBackExact(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, sampleTable().WriteCSV(&b))
	lines, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"preset", "seed", "topics", "ari", "outliers"},
		{"default", "1", "20", "0.6124", "0.05"},
		{"a|b\nc", "1", "200", "", "0.311"},
		{"default", "2", "23", "0.5876", ""},
		{"a|b\nc", "2", "210", "-0.0001", "0.289"},
	}, lines)
	b.Reset()
	require.NoError(t, sampleTable().WriteJSON(&b))
	require.Less(t, strings.Index(b.String(), `"topics"`), strings.Index(b.String(), `"ari"`))
	var rows []map[string]any
	require.NoError(t, json.Unmarshal(b.Bytes(), &rows))
	require.Len(t, rows, 4)
	require.Equal(t, map[string]any{"preset": "a|b\nc", "seed": 1.0, "topics": 200.0, "ari": nil, "outliers": 0.311}, rows[1])

	means, err := sampleTable().Means("seed")
	require.NoError(t, err)
	b.Reset()
	require.NoError(t, means.WriteCSV(&b))
	lines, err = csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"preset", "runs", "topics", "topics_sd", "ari", "ari_sd", "outliers", "outliers_sd"}, lines[0])
	require.Equal(t, []string{"a|b\nc", "2", "205", "7.0710678118654755", "-0.0001", "", "0.3", "0.01555634918610406"}, lines[2])
	b.Reset()
	require.NoError(t, means.WriteJSON(&b))
	require.NoError(t, json.Unmarshal(b.Bytes(), &rows))
	require.Equal(t, map[string]any{"mean": 0.05, "sd": nil, "n": 1.0}, rows[0]["outliers"])

	b.Reset()
	require.NoError(t, eval.Table{Columns: sampleTable().Columns}.WriteJSON(&b))
	require.NoError(t, json.Unmarshal(b.Bytes(), &rows))
	require.Empty(t, rows)
}

type failing struct{}

var errFull = errors.New("disk full")

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestTableErrors(t *testing.T) {
	bad := eval.Table{Columns: []eval.Column{{Key: "a"}, {Key: "a", Digits: 16}, {}}, Rows: [][]any{{1, 2}, {1, float32(2), "x"}}}
	var b bytes.Buffer
	for _, err := range []error{bad.Check(), bad.WriteMarkdown(&b), bad.WriteCSV(&b), bad.WriteJSON(&b)} {
		require.ErrorContains(t, err, `column 1 of the table has the key "a"`)
		require.ErrorContains(t, err, `column 2 of the table has the key ""`)
		require.ErrorContains(t, err, "16 digits")
		require.ErrorContains(t, err, "row 0 of the table has 2 cells, want 3")
		require.ErrorContains(t, err, "has a float32")
	}
	require.Zero(t, b.Len())
	good := sampleTable()
	require.ErrorIs(t, good.WriteMarkdown(failing{}), errFull)
	require.ErrorIs(t, good.WriteCSV(failing{}), errFull)
	require.ErrorIs(t, good.WriteJSON(failing{}), errFull)

	_, err := bad.Means("a")
	require.Error(t, err)
	_, err = good.Means("sed")
	require.ErrorContains(t, err, `no column "sed"`)
	means, err := good.Means("seed")
	require.NoError(t, err)
	_, err = means.Means("preset")
	require.ErrorContains(t, err, `"runs" already`)
	good.Rows[0][3] = "high"
	_, err = good.Means("seed")
	require.ErrorContains(t, err, "strings and numbers")
	good.Rows[0][3] = eval.Estimate{}
	_, err = good.Means("seed")
	require.ErrorContains(t, err, "means already")
}

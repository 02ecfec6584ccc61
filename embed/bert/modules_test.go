package bert

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/stage"
)

// TestModulesWithinTolerance holds ways of pooling, Dense modules and truncation to
// sentence-transformers, by every instruction set, and in a converted model, whose cosine is at
// least 0.999.
func TestModulesWithinTolerance(t *testing.T) {
	var g struct {
		Texts []string
		Cases []struct {
			Name     string
			Files    map[string]string
			Modules  map[string]map[string][]int
			Truncate int
			Rows     [][]float32
		}
	}
	unzip(t, "modules.json.gz", &g)
	require.Len(t, g.Cases, 12)
	for _, c := range g.Cases {
		t.Run(c.Name, func(t *testing.T) {
			m := newTiny(t)
			m.files, m.Positions = maps.Clone(c.Files), 24 // as bert_tiny.py has it
			m.tensors = tinyTensors(m.shape, len(tinyVocab()))
			for folder, tensors := range c.Modules {
				var list []safetensors.Tensor
				for _, name := range slices.Sorted(maps.Keys(tensors)) {
					list = append(list, safetensors.FromFloat32(name, tensors[name], ruleWeights(folder+"."+name, tensors[name]...)))
				}
				var b bytes.Buffer
				require.NoError(t, safetensors.Write(&b, list, nil))
				m.files[folder+"/model.safetensors"] = b.String()
			}
			dir := m.save(t)
			check := func(e *Encoder, most, least float64) [][]float32 {
				require.Equal(t, len(c.Rows[0]), e.Dim())
				rows := embedAll(t, e, g.Texts)
				for i, row := range rows {
					cosine, diff := compare(row, c.Rows[i])
					require.LessOrEqual(t, diff, most, "%q", g.Texts[i])
					require.GreaterOrEqual(t, cosine, least, "%q", g.Texts[i])
				}
				return rows
			}
			for _, level := range levels() {
				check(load(t, dir, Config{Kernels: level, TruncateDim: c.Truncate}), 4e-6, 0.999999)
			}
			var b bytes.Buffer
			require.NoError(t, Convert(dir, &b))
			small, err := Parse("here", b.Bytes(), Config{TruncateDim: c.Truncate})
			require.NoError(t, err)
			check(small, 1, 0.999)

			// Windows that hold all of a text change nothing, and shorter ones give as many columns.
			e := load(t, dir, Config{TruncateDim: c.Truncate, Windows: true})
			for i, row := range embedAll(t, e, g.Texts) {
				if _, cut := e.Tokens(g.Texts[i]); !cut {
					_, diff := compare(row, c.Rows[i])
					require.LessOrEqual(t, diff, 4e-6, "%q", g.Texts[i])
				}
			}
			windows := load(t, dir, Config{TruncateDim: c.Truncate, Windows: true, MaxTokens: 5, Workers: 1})
			again := load(t, dir, Config{TruncateDim: c.Truncate, Windows: true, MaxTokens: 5, Workers: 3})
			require.Equal(t, bitsOf(embedAll(t, windows, g.Texts)), bitsOf(embedAll(t, again, g.Texts)))
			require.NotEqual(t, e.Identity(), windows.Identity())
		})
	}
}

// TestTruncateDim: a length that the model does not have is refused, and the length counts in the
// identity.
func TestTruncateDim(t *testing.T) {
	dir := newTiny(t).save(t)
	var wrong *stage.ConfigError
	_, err := Load(dir, Config{TruncateDim: 37})
	require.ErrorAs(t, err, &wrong)
	require.ErrorContains(t, err, "TruncateDim is 37, want at most the model's 36 dimensions")
	require.ErrorContains(t, Config{TruncateDim: -1}.Validate(), "TruncateDim is -1, want at least 0")
	whole, part := load(t, dir, Config{}), load(t, dir, Config{TruncateDim: 20})
	require.NotEqual(t, whole.Identity(), part.Identity())
	require.Equal(t, whole.Identity(), load(t, dir, Config{TruncateDim: 36}).Identity())
}

// TestDenseCounts: the weights of a Dense module count in the identity, and what is wrong with them
// is named.
func TestDenseCounts(t *testing.T) {
	with := func(values ...float32) *tiny {
		m := newTiny(t)
		m.files["modules.json"] = `[{"type": "Transformer"}, {"type": "Pooling", "path": "1_Pooling"}, {"type": "Dense", "path": "2_Dense"}]`
		m.files["2_Dense/config.json"] = `{"in_features": 36, "out_features": 1, "bias": false}`
		var b bytes.Buffer
		require.NoError(t, safetensors.Write(&b, []safetensors.Tensor{safetensors.FromFloat32(denseWeight, []int{1, len(values)}, values)}, nil))
		m.files["2_Dense/model.safetensors"] = b.String()
		return m
	}
	one, two := make([]float32, 36), make([]float32, 36)
	two[35] = 1
	a, b := load(t, with(one...).save(t), Config{}), load(t, with(two...).save(t), Config{})
	require.NotEqual(t, a.Identity(), b.Identity())
	require.Equal(t, [][]float32{{0}}, embedAll(t, a, []string{"the map"}))
	refuses(t, with(1, 2).save(t), filepath.Join("2_Dense", "model.safetensors")+`: tensor "linear.weight" has shape [1 2], want [1 36]`)
	m := with(one...)
	delete(m.files, "2_Dense/model.safetensors")
	refuses(t, m.save(t), filepath.Join("2_Dense", "model.safetensors"))
}

// TestTanhWithinTolerance holds tanh to that of package math.
func TestTanhWithinTolerance(t *testing.T) {
	for _, x := range []float64{0, 1e-30, -1e-9, 0.1, -0.5, 1, 5, -20, 700, -800, math.Inf(1), math.Inf(-1)} {
		require.InDelta(t, math.Tanh(x), tanh(x), 2e-16, x)
	}
	require.True(t, math.IsNaN(tanh(math.NaN())))
}

// TestShardedExact: weights in several files give the same bits as in one.
func TestShardedExact(t *testing.T) {
	m := newTiny(t)
	texts := tinyTexts(10)
	want := bitsOf(embedAll(t, load(t, m.save(t), Config{}), texts))
	dir := m.save(t)
	require.NoError(t, os.Remove(filepath.Join(dir, "model.safetensors")))
	index := `{"metadata": {"total_size": 0}, "weight_map": {`
	for part := range 3 {
		var some []safetensors.Tensor
		name := fmt.Sprintf("model-%05d-of-00003.safetensors", part+1)
		for i := part; i < len(m.tensors); i += 3 {
			some = append(some, m.tensors[i])
			index += fmt.Sprintf("%q: %q,", m.tensors[i].Name, name)
		}
		var b bytes.Buffer
		require.NoError(t, safetensors.Write(&b, some, map[string]string{"format": "pt"}))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600))
	}
	refuses(t, dir, "model.safetensors: no such file")
	path := filepath.Join(dir, "model.safetensors.index.json")
	require.NoError(t, os.WriteFile(path, []byte(index[:len(index)-1]+"}}"), 0o600))
	require.Equal(t, want, bitsOf(embedAll(t, load(t, dir, Config{}), texts)))
}

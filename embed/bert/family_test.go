package bert

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/safetensors"
)

// goldenFamily is family.json.gz, which scripts/golden/bert_family.py writes.
type goldenFamily struct {
	Texts []string
	Cases []struct {
		Name                    string
		Files                   map[string]string
		Positions, Types, Words int
		Prefix                  string
		IDs                     [][]int32
		Rows                    [][]float32
	}
}

// families returns the models of the golden file in directories.
func families(tb testing.TB, g *goldenFamily, visit func(i int, m *tiny)) {
	tb.Helper()
	unzip(tb, "family.json.gz", g)
	for i, c := range g.Cases {
		s := newTiny(tb).shape
		s.Positions, s.Types = c.Positions, c.Types
		m := &tiny{shape: s, files: c.Files, tensors: tinyTensors(s, c.Words)}
		if strings.HasPrefix(c.Name, "Distil") {
			kept := m.tensors[:0]
			for _, t := range m.tensors {
				if !strings.Contains(t.Name, "token_type") && !strings.HasPrefix(t.Name, "pooler") {
					t.Name = distilNames.Replace(t.Name)
					kept = append(kept, t)
				}
			}
			m.tensors = kept
		}
		if strings.HasPrefix(c.Name, "MPNet") {
			bias := ruleWeights(relativeBias, relativeBuckets, s.Heads)
			for i := range bias {
				bias[i] *= 4
			}
			kept := []safetensors.Tensor{safetensors.FromFloat32(relativeBias, []int{relativeBuckets, s.Heads}, bias)}
			for _, t := range m.tensors {
				if !strings.Contains(t.Name, "token_type") {
					t.Name = mpnetNames.Replace(t.Name)
					kept = append(kept, t)
				}
			}
			m.tensors = kept
		}
		for k := range m.tensors {
			m.tensors[k].Name = c.Prefix + m.tensors[k].Name
		}
		visit(i, m)
	}
}

// TestFamilyWithinTolerance holds DistilBERT, MPNet, RoBERTa, XLM-RoBERTa and CamemBERT to
// sentence-transformers: the same token ids, a cosine of at least 0.999999 and no element off by
// more than 1e-5, by every instruction set. A converted model has a cosine of at least 0.999.
func TestFamilyWithinTolerance(t *testing.T) {
	var g goldenFamily
	families(t, &g, func(i int, m *tiny) {
		c := g.Cases[i]
		t.Run(c.Name, func(t *testing.T) {
			dir := m.save(t)
			check := func(e *Encoder, least, most float64) {
				rows := embedAll(t, e, g.Texts)
				for k, text := range g.Texts {
					ids, _ := e.Tokens(text)
					require.Equal(t, c.IDs[k], ids, "%q", text)
					cosine, diff := compare(rows[k], c.Rows[k])
					require.GreaterOrEqual(t, cosine, least, "%q", text)
					require.LessOrEqual(t, diff, most, "%q", text)
				}
			}
			for _, level := range levels() {
				check(load(t, dir, Config{Kernels: level}), 0.999999, 1e-5)
			}
			var b bytes.Buffer
			require.NoError(t, Convert(dir, &b))
			e, err := Parse("here", b.Bytes(), Config{})
			require.NoError(t, err)
			require.Equal(t, Int8, e.Precision())
			check(e, 0.999, 0.05)
			again, err := Parse("here", b.Bytes(), Config{MaxTokens: 5, Windows: true})
			require.NoError(t, err)
			embedAll(t, again, g.Texts)
		})
	})
	require.Len(t, g.Cases, 8)
}

// TestFamilyRefused: what such models cannot be is named.
func TestFamilyRefused(t *testing.T) {
	var g goldenFamily
	families(t, &g, func(i int, m *tiny) {
		switch g.Cases[i].Name {
		case "RoBERTa":
			m.set(t, "config.json", "pad_token_id", 24)
			refuses(t, m.save(t), "config.json: pad_token_id is 24, want 0 to 23, for max_position_embeddings 26")
			m.set(t, "config.json", "pad_token_id", -1)
			refuses(t, m.save(t), "pad_token_id is -1")
			m.set(t, "config.json", "pad_token_id", 1).set(t, "config.json", "max_position_embeddings", 27)
			refuses(t, m.save(t), "position_embeddings.weight", "[26 36], want [27 36]")
		case "DistilBERT":
			m.set(t, "config.json", "dim", 0)
			refuses(t, m.save(t), "hidden_size is 0, want 1 to")
			m.set(t, "config.json", "dim", 36).set(t, "config.json", "n_layers", 3)
			refuses(t, m.save(t), `tensor "transformer.layer.2.attention.q_lin.weight" is missing`)
			m.set(t, "config.json", "n_layers", 2)
			m.tensors = slices.DeleteFunc(m.tensors, func(x safetensors.Tensor) bool { return strings.Contains(x.Name, "lin2.bias") })
			refuses(t, m.save(t), `tensor "transformer.layer.0.ffn.lin2.bias" is missing`)
		}
	})
}

// TestRelativeBucket holds the buckets to those of transformers: the distances at which they
// change, to either side.
func TestRelativeBucket(t *testing.T) {
	begins := map[int]int{
		-600: 15, -90: 14, -63: 13, -45: 12, -31: 11, -22: 10, -15: 9, -11: 8, -7: 7, -6: 6, -5: 5, -4: 4, -3: 3, -2: 2, -1: 1,
		0: 0, 1: 17, 2: 18, 3: 19, 4: 20, 5: 21, 6: 22, 7: 23, 8: 24, 12: 25, 16: 26, 23: 27, 32: 28, 46: 29, 64: 30, 91: 31,
	}
	want := 0
	for d := -600; d <= 600; d++ {
		if b, ok := begins[d]; ok {
			want = b
		}
		require.Equal(t, want, relativeBucket(d), d)
	}
}

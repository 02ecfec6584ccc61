package static

import (
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// goldenCase is a model directory: its configuration, and how its tensors are made.
type goldenCase struct {
	Name, DType, Config, Layout string
	Weights                     bool
	Mapping                     int
	IDs                         [][]int32
}

type goldenFile struct {
	Dim        int
	Texts      []string
	Cases      []goldenCase
	Words      []string
	Vocabulary []string
	Sequences  [][]int32
	Distilled  []string
}

func golden(tb testing.TB) *goldenFile {
	tb.Helper()
	f, err := os.Open(filepath.Join("testdata", "golden.json.gz"))
	require.NoError(tb, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(tb, err)
	b, err := io.ReadAll(z)
	require.NoError(tb, err)
	g := &goldenFile{}
	require.NoError(tb, json.Unmarshal(b, g))
	require.GreaterOrEqual(tb, len(g.Texts), 400)
	require.Len(tb, g.Cases, 7)
	return g
}

// rule is value i of a tensor that scripts/golden/static.py makes by rule: −128 to 127.
func rule(seed uint64, i int) int {
	z := (seed + uint64(i)) * 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	z ^= z >> 31
	return int(z>>56) - 128
}

const goldenTokens = 748

// write makes the directory of a case.
func (c *goldenCase) write(tb testing.TB, dim int) string {
	tb.Helper()
	dir := tb.TempDir()
	rows := goldenTokens
	if c.Mapping > 0 {
		rows = c.Mapping
	}
	table := safetensors.Tensor{Name: "embeddings", DType: c.DType, Shape: []int{rows, dim}}
	config := "config.json"
	if c.Layout != "" {
		table.Name, config = "embedding.weight", c.Layout
	}
	for i := range rows * dim {
		u := rule(1, i)
		switch c.DType {
		case "F32":
			table.Data = binary.LittleEndian.AppendUint32(table.Data, math.Float32bits(float32(u)/128))
		case "F16":
			table.Data = binary.LittleEndian.AppendUint16(table.Data, half(u))
		case "I8":
			table.Data = append(table.Data, byte(u))
		}
	}
	tensors := []safetensors.Tensor{table}
	if c.Weights {
		t := safetensors.Tensor{Name: "weights", DType: "F64", Shape: []int{goldenTokens}}
		for i := range goldenTokens {
			t.Data = binary.LittleEndian.AppendUint64(t.Data, math.Float64bits(float64(rule(2, i)+200)/128))
		}
		tensors = append(tensors, t)
	}
	if c.Mapping > 0 {
		t := safetensors.Tensor{Name: "mapping", DType: "I64", Shape: []int{goldenTokens}}
		for i := range goldenTokens {
			t.Data = binary.LittleEndian.AppendUint64(t.Data, uint64((rule(3, i)+128)%rows))
		}
		tensors = append(tensors, t)
	}
	f, err := os.Create(filepath.Join(dir, "model.safetensors"))
	require.NoError(tb, err)
	require.NoError(tb, safetensors.Write(f, tensors, nil))
	require.NoError(tb, f.Close())
	require.NoError(tb, os.WriteFile(filepath.Join(dir, config), []byte(c.Config), 0o644))
	b, err := os.ReadFile(filepath.Join("testdata", "tokenizer.json"))
	require.NoError(tb, err)
	require.NoError(tb, os.WriteFile(filepath.Join(dir, "tokenizer.json"), b, 0o644))
	return dir
}

// half is u/128 in half precision.
func half(u int) uint16 {
	if u == 0 {
		return 0
	}
	sign := uint16(0)
	if u < 0 {
		sign, u = 1<<15, -u
	}
	exponent := 0
	for u>>(exponent+1) > 0 {
		exponent++
	}
	return sign | uint16(exponent-7+15)<<10 | uint16(u<<(10-exponent))&(1<<10-1)
}

func row(x blas32.General, i int) []float32 { return x.Data[i*x.Stride : i*x.Stride+x.Cols] }

// TestGoldenWithinTolerance holds ids exactly and vectors within 1e-6 (of the largest element, where they are not of length
// 1) to model2vec, for every kind of table.
func TestGoldenWithinTolerance(t *testing.T) {
	g := golden(t)
	want, err := embed.ReadNPYFile(filepath.Join("testdata", "golden.npy"))
	require.NoError(t, err)
	require.Equal(t, len(g.Cases)*len(g.Texts), want.Rows)
	for k, c := range g.Cases {
		t.Run(c.Name, func(t *testing.T) {
			m, err := Load(c.write(t, g.Dim), DefaultConfig())
			require.NoError(t, err)
			require.Equal(t, g.Dim, m.Dim())
			require.Equal(t, goldenTokens, m.Size())
			x, err := m.Embed(t.Context(), g.Texts)
			require.NoError(t, err)
			worst := 0.0
			for i, text := range g.Texts {
				ids, _ := m.Tokens(text)
				require.Equal(t, c.IDs[i], append([]int32{}, ids...), "text %d: %.60q", i, text)
				size, diff := 1.0, 0.0
				for j, v := range row(want, k*len(g.Texts)+i) {
					size = max(size, math.Abs(float64(v)))
					diff = max(diff, math.Abs(float64(v-row(x, i)[j])))
				}
				require.LessOrEqual(t, diff, 1e-6*size, "text %d: %.60q", i, text)
				worst = max(worst, diff/size)
			}
			t.Logf("difference at most %.1e", worst)
		})
	}
}

func open(tb testing.TB, k int, cfg Config) (*Model, *goldenFile) {
	tb.Helper()
	g := golden(tb)
	m, err := Load(g.Cases[k].write(tb, g.Dim), cfg)
	require.NoError(tb, err)
	return m, g
}

// TestSameBits: any number of workers, any company, any order.
func TestSameBits(t *testing.T) {
	for _, k := range []int{0, 5} {
		m, g := open(t, k, DefaultConfig())
		want, err := m.Embed(t.Context(), g.Texts)
		require.NoError(t, err)
		for _, workers := range []int{1, 2, 7} {
			x, err := m.EmbedWith(t.Context(), g.Texts, embed.Options{Workers: workers})
			require.NoError(t, err)
			require.Equal(t, want.Data, x.Data)
		}
		texts := slices.Clone(g.Texts)
		slices.Reverse(texts)
		x, err := m.Embed(t.Context(), texts)
		require.NoError(t, err)
		for i := range texts {
			require.Equal(t, row(want, i), row(x, len(texts)-1-i))
		}
	}
}

func TestOptions(t *testing.T) {
	m, g := open(t, 1, DefaultConfig())
	var progress []int
	cut, want := -1, 0
	for _, text := range g.Texts {
		if _, c := m.Tokens(text); c {
			want++
		}
	}
	_, err := m.EmbedWith(t.Context(), g.Texts, embed.Options{Progress: func(done, total int) {
		require.Equal(t, len(g.Texts), total)
		progress = append(progress, done)
	}, Cut: func(n int) { cut = n }})
	require.NoError(t, err)
	require.Equal(t, want, cut)
	require.Greater(t, cut, 100)
	require.IsIncreasing(t, append([]int{0}, progress...))
	require.Equal(t, len(g.Texts), progress[len(progress)-1])
	x, err := m.Embed(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, []int{0, g.Dim}, []int{x.Rows, x.Cols})
	all, _ := open(t, 1, Config{MaxTokens: -1})
	_, c := all.Tokens(strings.Repeat("a ", 100_000))
	require.False(t, c)
	few, _ := open(t, 1, Config{MaxTokens: 3})
	ids, c := few.Tokens("a b c d e f")
	require.True(t, c)
	require.Len(t, ids, 3)
}

func TestCancelWithin100ms(t *testing.T) {
	m, _ := open(t, 0, Config{MaxTokens: -1})
	texts := make([]string, 20_000)
	long := strings.Repeat("the error of a file ", 3000)
	for i := range texts {
		texts[i] = long
	}
	stop := errors.New("stop")
	testutil.Soon(t, "static", func() time.Duration {
		ctx, cancel := context.WithCancelCause(t.Context())
		var at time.Time
		time.AfterFunc(30*time.Millisecond, func() {
			at = time.Now()
			cancel(stop)
		})
		_, err := m.Embed(ctx, texts)
		require.Equal(t, stop, err)
		return time.Since(at)
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	_, err := m.Embed(ctx, nil)
	require.Equal(t, stop, err)
}

func TestIdentityFollowsTheModel(t *testing.T) {
	seen := map[string]int{}
	for _, k := range []int{0, 1, 4, 5} {
		m, _ := open(t, k, DefaultConfig())
		again, _ := open(t, k, DefaultConfig())
		require.Equal(t, m.Identity(), again.Identity())
		require.NotContains(t, seen, m.Identity(), "case %d", k)
		seen[m.Identity()] = k
	}
	long, _ := open(t, 0, Config{MaxTokens: 99})
	require.NotContains(t, seen, long.Identity())
}

func TestSaveAndLoadGiveTheSameBits(t *testing.T) {
	for k := range golden(t).Cases {
		if testing.Short() && k != 2 && k != 5 {
			continue
		}
		m, g := open(t, k, DefaultConfig())
		dir := filepath.Join(t.TempDir(), "new")
		require.NoError(t, m.Save(dir))
		again, err := Load(dir, DefaultConfig())
		require.NoError(t, err)
		require.Equal(t, m.Identity(), again.Identity())
		a, err := m.Embed(t.Context(), g.Texts)
		require.NoError(t, err)
		b, err := again.Embed(t.Context(), g.Texts)
		require.NoError(t, err)
		require.Equal(t, a, b)
		twice := t.TempDir()
		require.NoError(t, again.Save(twice))
		for _, name := range []string{"model.safetensors", "tokenizer.json", "config.json", "modules.json"} {
			one, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			two, err := os.ReadFile(filepath.Join(twice, name))
			require.NoError(t, err)
			require.Equal(t, one, two, name)
		}
	}
	m, _ := open(t, 0, DefaultConfig())
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	require.ErrorContains(t, m.Save(file), "static embeddings: ")
}

// Every broken directory is an error that names the file and what is wrong with it.
func TestBrokenDirectories(t *testing.T) {
	g := golden(t)
	replace := func(name, old, new string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, name)
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, strings.Contains(string(b), old), "%s lacks %s", name, old)
			require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(b), old, new, 1)), 0o644))
		}
	}
	remove := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, name))) }
	}
	tensor := func(ts ...safetensors.Tensor) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			f, err := os.Create(filepath.Join(dir, "model.safetensors"))
			require.NoError(t, err)
			require.NoError(t, safetensors.Write(f, ts, nil))
			require.NoError(t, f.Close())
		}
	}
	f32 := func(name string, v float32, shape ...int) safetensors.Tensor {
		n := 1
		for _, s := range shape {
			n *= s
		}
		return safetensors.FromFloat32(name, shape, slices.Repeat([]float32{v}, n))
	}
	nan := float32(math.NaN())
	good := f32("embeddings", 1, goldenTokens, 2)
	for name, c := range map[string]struct {
		hurt func(*testing.T, string)
		want []string
	}{
		"no config":     {remove("config.json"), []string{"want config.json, model.safetensors and tokenizer.json"}},
		"no tensors":    {remove("model.safetensors"), []string{"want config.json, model.safetensors and tokenizer.json"}},
		"no tokenizer":  {remove("tokenizer.json"), []string{"want config.json, model.safetensors and tokenizer.json"}},
		"config":        {replace("config.json", "{", "{,"), []string{"config.json: ", "invalid character"}},
		"max_length":    {replace("config.json", "{", `{"max_length": 0, `), []string{"config.json: max_length is 0"}},
		"max_length 2":  {replace("config.json", "{", `{"max_length": "9", `), []string{`config.json: max_length is "9"`}},
		"normalize":     {replace("config.json", "true", `"yes"`), []string{"config.json: ", "normalize"}},
		"BPE":           {replace("tokenizer.json", `"type":"WordPiece","unk_token"`, `"type":"BPE","unk_token"`), []string{"tokenizer.json: model.type is BPE", "supported are WordPiece"}},
		"Unigram":       {replace("tokenizer.json", `"type":"WordPiece","unk_token"`, `"type":"Unigram","unk_token"`), []string{"tokenizer.json: model.type is Unigram"}},
		"normalizer":    {replace("tokenizer.json", "BertNormalizer", "NFC"), []string{"tokenizer.json: normalizer.type is NFC"}},
		"no normalizer": {replace("tokenizer.json", `"normalizer":{`, `"normalizer":null,"x":{`), []string{"tokenizer.json: normalizer.type is missing"}},
		"pre_tokenizer": {replace("tokenizer.json", "BertPreTokenizer", "Metaspace"), []string{"tokenizer.json: pre_tokenizer.type is Metaspace"}},
		"unk":           {replace("tokenizer.json", `"unk_token":"[UNK]"`, `"unk_token":"[NONE]"`), []string{"tokenizer.json: ", "[NONE]"}},
		"vocab":         {replace("tokenizer.json", `"vocab":{`, `"vocab":[],"x":{`), []string{"tokenizer.json: model.vocab is not an object"}},
		"id":            {replace("tokenizer.json", `"[UNK]":3`, `"[UNK]":2000`), []string{`tokenizer.json: model.vocab: token "[UNK]" has id 2000`}},
		"id twice":      {replace("tokenizer.json", `"[UNK]":3`, `"[UNK]":1`), []string{"tokenizer.json: model.vocab: tokens", "have the id 1"}},
		"added id":      {replace("tokenizer.json", `{"id":0,"special"`, `{"id":1,"special"`), []string{`tokenizer.json: added_tokens: "[PAD]" has id 1, want 0`}},
		"tensors":       {replace("model.safetensors", "embeddings", "embeddinks"), []string{"model.safetensors: ", "embeddings"}},
		"one dimension": {tensor(f32("embeddings", 1, 9)), []string{"model.safetensors: embeddings has shape [9]"}},
		"rows":          {tensor(f32("embeddings", 1, 9, 2)), []string{"model.safetensors: embeddings has 9 rows for 748 tokens"}},
		"no columns":    {tensor(f32("embeddings", 1, goldenTokens, 0)), []string{"model.safetensors: embeddings has shape [748 0]"}},
		"NaN":           {tensor(f32("embeddings", nan, goldenTokens, 2)), []string{"model.safetensors: embeddings: value 0 is NaN"}},
		"weights":       {tensor(good, f32("weights", 1, 5)), []string{"model.safetensors: weights has shape [5]"}},
		"NaN weights":   {tensor(good, f32("weights", nan, goldenTokens)), []string{"model.safetensors: weights: value 0 is NaN"}},
		"mapping type":  {tensor(good, f32("mapping", 1, goldenTokens)), []string{"model.safetensors: mapping is of type F32"}},
		"mapping shape": {tensor(good, safetensors.Tensor{Name: "mapping", DType: "I64", Shape: []int{1}, Data: make([]byte, 8)}), []string{"mapping has shape [1]"}},
		"mapping": {
			tensor(good, safetensors.Tensor{Name: "mapping", DType: "I32", Shape: []int{goldenTokens}, Data: slices.Repeat([]byte{0xff, 0xff, 0xff, 0xff}, goldenTokens)}),
			[]string{"mapping of token 0 is -1, want a row of the table, 0 to 747"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := g.Cases[0].write(t, g.Dim)
			c.hurt(t, dir)
			_, err := Load(dir, DefaultConfig())
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
			require.ErrorContains(t, err, dir)
		})
	}
	_, err := Load(t.TempDir(), Config{MaxTokens: -2, Workers: -1})
	for _, field := range []string{"MaxTokens", "Workers"} {
		require.ErrorContains(t, err, "static.Config."+field+" is ")
	}
}

// FuzzTokenizer: a file is refused, or tokens are within the vocabulary; never a panic.
func FuzzTokenizer(f *testing.F) {
	b, err := os.ReadFile(filepath.Join("testdata", "tokenizer.json"))
	require.NoError(f, err)
	f.Add(b, "the file ##s [PAD]")
	const small = `{"added_tokens":[{"id":1,"content":"a b"}],"normalizer":{"type":"BertNormalizer"},"pre_tokenizer":{"type":"BertPreTokenizer"},
		"model":{"type":"WordPiece","unk_token":"u","vocab":{"u":0,"a b":1,"##c":2}}}`
	f.Add([]byte(small), "a b uc")
	f.Add([]byte(strings.Replace(small, `"a b":1`, `"c":1`, 1)), "a b")
	f.Add([]byte(strings.Replace(small, `"unk_token"`, `"max_input_chars_per_word":0,"unk_token"`, 1)), "")
	f.Fuzz(func(t *testing.T, file []byte, text string) {
		var tok *tokenizer
		var err error
		took := testutil.Allocated(func() { tok, err = parseTokenizer(file) })
		require.LessOrEqual(t, took, uint64(1<<23+512*len(file)), "memory beyond what the file calls for")
		if err != nil {
			return
		}
		m := &Model{tok: tok, maxTokens: 5}
		ids, _ := m.Tokens(text)
		require.LessOrEqual(t, len(ids), 5)
		for _, id := range ids {
			require.True(t, id >= 0 && int(id) < tok.size && id != tok.unk)
		}
	})
}

// fixedEncoder gives vectors by token id, or for sequences by their middle.
type fixedEncoder struct {
	tok  *wordpiece.Tokenizer
	x    blas32.General
	asks [][]int32
}

func (f *fixedEncoder) Tokenizer() *wordpiece.Tokenizer { return f.tok }

func (f *fixedEncoder) EmbedIDs(_ context.Context, ids [][]int32, _ embed.Options) (blas32.General, error) {
	f.asks = ids
	x := blas32.General{Rows: len(ids), Cols: f.x.Cols, Stride: f.x.Cols}
	for i := range ids {
		x.Data = append(x.Data, row(f.x, i%f.x.Rows)...)
	}
	return x, nil
}

func goldenTokenizer(t *testing.T) *wordpiece.Tokenizer {
	t.Helper()
	dir := t.TempDir()
	b, err := os.ReadFile(filepath.Join("testdata", "tokenizer.json"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer.json"), b, 0o644))
	tok, err := wordpiece.LoadDir(dir)
	require.NoError(t, err)
	return tok
}

// TestDistilledVocabularyExactly: the tokens that model2vec keeps and adds, in its order, and the ids it encodes them from.
func TestDistilledVocabularyExactly(t *testing.T) {
	g := golden(t)
	e := &fixedEncoder{tok: goldenTokenizer(t), x: blas32.General{Rows: 1, Cols: 1, Stride: 1, Data: []float32{1}}}
	cfg := DefaultDistillConfig()
	cfg.PCADims, cfg.Vocabulary = 0, g.Words
	m, err := Distill(t.Context(), e, cfg)
	require.NoError(t, err)
	require.Equal(t, g.Vocabulary, m.tok.tokens)
	require.Equal(t, g.Sequences, e.asks)
	for _, bad := range []string{"two words", "", "a-b", "café au lait", "[MASK]"} {
		cfg.Vocabulary = []string{"good", bad}
		_, err := Distill(t.Context(), e, cfg)
		require.ErrorContains(t, err, fmt.Sprintf("static.DistillConfig.Vocabulary[1] is %q", bad))
		require.NotContains(t, err.Error(), "Vocabulary[0]")
	}
}

// TestComponentsWithinTolerance holds principal components, their signs and the weights to model2vec's, computed in float64
// from vectors of all-MiniLM-L6-v2: no element off by more than 1e-6 where the largest are around 1.
func TestComponentsWithinTolerance(t *testing.T) {
	raw, err := embed.ReadNPYFile(filepath.Join("testdata", "raw.npy"))
	require.NoError(t, err)
	want, err := embed.ReadNPYFile(filepath.Join("testdata", "distilled.npy"))
	require.NoError(t, err)
	scores, err := reduce(t.Context(), raw, 20, 0)
	require.NoError(t, err)
	worst := 0.0
	for i, w := range weights(raw.Rows, 1e-4) {
		for j, v := range row(want, i) {
			worst = max(worst, math.Abs(float64(v)-scores.At(i, j)*w))
		}
	}
	t.Logf("difference at most %.1e", worst)
	require.LessOrEqual(t, worst, 1e-6)
	for _, workers := range []int{1, 2, 5} {
		again, err := reduce(t.Context(), raw, 20, workers)
		require.NoError(t, err)
		require.Equal(t, scores.RawMatrix().Data, again.RawMatrix().Data)
	}
}

func TestReduceLeavesAsIs(t *testing.T) {
	x := blas32.General{Rows: 3, Cols: 2, Stride: 3, Data: []float32{1, 2, 9, 3, 5, 9, 4, 4}}
	for _, k := range []int{0, 2, 100} {
		y, err := reduce(t.Context(), x, k, 0)
		require.NoError(t, err)
		_, d := y.Dims()
		require.Equal(t, 2, d)
		require.Equal(t, k == 0, y.At(0, 0) == 1 && y.At(0, 1) == 2 && y.At(2, 1) == 4, "k = %d", k)
	}
	x.Rows = 2 // as many tokens as dimensions: nothing to reduce
	y, err := reduce(t.Context(), x, 2, 0)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 2, 3, 5}, y.RawMatrix().Data)
}

func TestDistillConfig(t *testing.T) {
	require.NoError(t, DefaultDistillConfig().Validate())
	for _, a := range []float64{-1, 1, math.NaN()} {
		err := DistillConfig{PCADims: -1, SIFCoefficient: a, Remove: "("}.Validate()
		for _, field := range []string{"PCADims", "SIFCoefficient", "Remove"} {
			require.ErrorContains(t, err, "static.DistillConfig."+field+" is ")
		}
	}
	e := &fixedEncoder{tok: goldenTokenizer(t), x: blas32.General{Rows: 1, Cols: 1, Stride: 1, Data: []float32{float32(math.Inf(1))}}}
	_, err := Distill(t.Context(), e, DefaultDistillConfig())
	require.ErrorContains(t, err, "the encoder's vectors: row 0, column 0")
}

var _ TokenEncoder = (*bert.Encoder)(nil)

// TestDistillWithinTolerance holds a whole distillation of all-MiniLM-L6-v2 to model2vec's in float32: tokens exactly,
// scalar products of all pairs of vectors, which do not depend on signs, within 1e-5 of the longest vector's square, and
// each component within 1e-4 up to its sign.
func TestDistillWithinTolerance(t *testing.T) {
	model := os.Getenv("GOBERTOPIC_MODEL_DIR")
	if model == "" {
		t.Skip("set GOBERTOPIC_MODEL_DIR to the directory of all-MiniLM-L6-v2 (the one with model.safetensors) to compare with model2vec")
	}
	g := golden(t)
	want, err := embed.ReadNPYFile(filepath.Join("testdata", "words.npy"))
	require.NoError(t, err)
	e, err := bert.Load(model, bert.DefaultConfig())
	require.NoError(t, err)
	cfg := DefaultDistillConfig()
	cfg.PCADims = 32
	tokens, ids, err := vocabulary(e.Tokenizer(), cfg)
	require.NoError(t, err)
	require.Len(t, tokens, 29_525, "the default vocabulary")
	keep := map[string]bool{}
	for _, token := range g.Distilled {
		keep[token] = true
	}
	n := 0
	for i, token := range tokens {
		if keep[token] {
			tokens[n], ids[n] = token, ids[i]
			n++
		}
	}
	m, err := distill(t.Context(), e, tokens[:n], ids[:n], cfg)
	require.NoError(t, err)
	require.Equal(t, g.Distilled, m.tok.tokens)
	require.Equal(t, want.Cols, m.dim)

	dot := func(a, b []float32) float64 {
		s := 0.0
		for j := range a {
			s += float64(a[j]) * float64(b[j])
		}
		return s
	}
	got := func(i int) []float32 { return m.table[i*m.dim:][:m.dim] }
	longest, products := 0.0, 0.0
	for i := range want.Rows {
		for j := range want.Rows {
			a, b := dot(row(want, i), row(want, j)), dot(got(i), got(j))
			longest, products = max(longest, math.Abs(a)), max(products, math.Abs(a-b))
		}
	}
	elements := 0.0
	for c := range m.dim {
		same, other := 0.0, 0.0
		for i := range want.Rows {
			a, b := float64(row(want, i)[c]), float64(got(i)[c])
			same, other = max(same, math.Abs(a-b)), max(other, math.Abs(a+b))
		}
		elements = max(elements, min(same, other))
	}
	t.Logf("longest vector %.3g, scalar products differ by at most %.1e, elements by %.1e", math.Sqrt(longest), products, elements)
	require.LessOrEqual(t, products, 1e-5*longest)
	require.LessOrEqual(t, elements, 1e-4)
}

func BenchmarkEmbed(b *testing.B) {
	m, g := open(b, 0, DefaultConfig())
	size := 0
	for _, text := range g.Texts {
		size += len(text)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		_, err := m.Embed(b.Context(), g.Texts)
		require.NoError(b, err)
	}
}

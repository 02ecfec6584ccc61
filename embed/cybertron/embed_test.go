package cybertron

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/stage"
)

var _ embed.WithOptions = (*Encoder)(nil)

// TestSameBits: the vector of a text does not depend on the number of workers, whether they are set for the encoder or for
// the call, on GOMAXPROCS, on the texts beside it, on their order, or on the copy of the model.
func TestSameBits(t *testing.T) {
	texts := tinyTexts(80)
	if testing.Short() {
		texts = texts[:30]
	}
	dir := newTiny().convert(t)
	e := mustLoad(t, dir, Config{Workers: 1})
	want := bitsOf(embedAll(t, e, texts))
	for i, text := range texts {
		require.Equal(t, want[i:i+1], bitsOf(embedAll(t, e, []string{text})), "text %d alone", i)
	}
	for _, workers := range []int{1, 2, 3, 7, 1000} {
		require.Equal(t, want, bitsOf(embedAll(t, mustLoad(t, dir, Config{Workers: workers}), texts)), "%d workers", workers)
		x, err := e.EmbedWith(t.Context(), texts, embed.Options{Workers: workers})
		require.NoError(t, err)
		require.Equal(t, slices.Concat(want...), bitsOf([][]float32{x.Data})[0], "%d workers for the call", workers)
	}
	func() {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		require.Equal(t, want, bitsOf(embedAll(t, mustLoad(t, dir, Config{}), texts)), "GOMAXPROCS 1")
	}()
	back := slices.Clone(texts)
	slices.Reverse(back)
	got := bitsOf(embedAll(t, e, back))
	slices.Reverse(got)
	require.Equal(t, want, got, "from last to first")

	var wg sync.WaitGroup
	rows := make([][][]float32, 4)
	for i := range rows {
		wg.Go(func() {
			x, err := e.EmbedWith(t.Context(), texts, embed.Options{Workers: 1 + i%2})
			if err == nil {
				rows[i] = [][]float32{x.Data}
			}
		})
	}
	wg.Wait()
	for i := range rows {
		require.Equal(t, [][]uint32{slices.Concat(want...)}, bitsOf(rows[i]), "call %d of several at a time", i)
	}
	require.Equal(t, want, bitsOf(embedAll(t, mustLoad(t, newTiny().convert(t), Config{}), texts)), "converted again")
}

// TestLikeBertWithinTolerance: package bert and this one give the same token ids, cuts and, to 1e-6, vectors, for models and
// texts of many kinds.
func TestLikeBertWithinTolerance(t *testing.T) {
	texts := append(tinyTexts(60), "", " \t", "a [SEP] b", "[CLS]", "x\xffy", strings.Repeat("the map ", 500))
	for name, change := range map[string]func(m *tiny){
		"as it is":   func(*tiny) {},
		"cls":        func(m *tiny) { m.files["1_Pooling/config.json"] = `{"pooling_mode": "cls"}` },
		"max":        func(m *tiny) { m.files["1_Pooling/config.json"] = `{"pooling_mode_max_tokens": true}` },
		"short":      func(m *tiny) { m.set(t, "sentence_bert_config.json", "max_seq_length", 9) },
		"cased":      func(m *tiny) { m.set(t, "tokenizer_config.json", "do_lower_case", false) },
		"relu":       func(m *tiny) { m.set(t, "config.json", "hidden_act", "relu") },
		"four heads": func(m *tiny) { m.set(t, "config.json", "num_attention_heads", 4) },
		"one head":   func(m *tiny) { m.set(t, "config.json", "num_attention_heads", 1) },
		"an added token": func(m *tiny) {
			m.set(t, "tokenizer_config.json", "mask_token", map[string]any{"content": "[MASK]", "lstrip": true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newTiny()
			change(m)
			src := m.save(t)
			dst := filepath.Join(t.TempDir(), "model")
			require.NoError(t, Convert(dst, src))
			e := mustLoad(t, dst, Config{})
			other, err := bert.Load(src, bert.Config{})
			require.NoError(t, err)
			require.Equal(t, other.MaxTokens(), e.MaxTokens())
			want, err := other.Embed(t.Context(), texts)
			require.NoError(t, err)
			for i, row := range embedAll(t, e, texts) {
				ids, cut := e.Tokens(texts[i])
				wantIDs, wantCut := other.Tokens(texts[i])
				require.Equal(t, wantIDs, ids, "text %d: %q", i, texts[i])
				require.Equal(t, wantCut, cut, "text %d: %q", i, texts[i])
				_, diff := compare(row, want.Data[i*want.Stride:][:want.Cols])
				require.LessOrEqual(t, diff, 1e-6, "text %d: %q", i, texts[i])
			}
		})
	}
}

// goroutine names the goroutine that calls it.
func goroutine() string {
	buf := make([]byte, 64)
	buf = buf[:runtime.Stack(buf, false)]
	return string(buf[:bytes.IndexByte(buf, '[')])
}

// TestProgress: every report comes from the goroutine that called, the numbers rise, and the last is the total.
func TestProgress(t *testing.T) {
	e := mustLoad(t, newTiny().convert(t), Config{})
	texts := tinyTexts(40)
	for _, workers := range []int{1, 2, 5} {
		for _, n := range []int{0, 1, 2, len(texts)} {
			var seen []int
			caller := goroutine()
			x, err := e.EmbedWith(t.Context(), texts[:n], embed.Options{Workers: workers, Progress: func(done, total int) {
				require.Equal(t, caller, goroutine())
				require.Equal(t, n, total)
				seen = append(seen, done)
			}})
			require.NoError(t, err)
			require.Equal(t, n, x.Rows)
			require.Equal(t, 36, x.Cols)
			require.True(t, slices.IsSorted(seen))
			require.Len(t, seen, n)
			if n > 0 {
				require.Equal(t, n, seen[n-1])
			}
		}
	}
}

// TestCutCount: the number of texts that lost their ends, told once, and the same as Tokens says.
func TestCutCount(t *testing.T) {
	dir := newTiny().set(t, "sentence_bert_config.json", "max_seq_length", 5).convert(t)
	texts := []string{"", "a", "a b c", "a b c d", "a b c  \t ", "reading it", "a b c d e f g", strings.Repeat(" ", 100)}
	for _, c := range []struct{ maxTokens, length, cut int }{{0, 5, 3}, {3, 3, 5}, {6, 6, 1}, {70, 70, 0}} {
		e := mustLoad(t, dir, Config{MaxTokens: c.maxTokens})
		require.Equal(t, c.length, e.MaxTokens())
		var told []int
		_, err := e.EmbedWith(t.Context(), texts, embed.Options{Cut: func(n int) { told = append(told, n) }})
		require.NoError(t, err)
		require.Equal(t, []int{c.cut}, told)
	}
}

// TestOddTexts: texts without words, with bytes that are no UTF-8, and very long ones.
func TestOddTexts(t *testing.T) {
	e := mustLoad(t, newTiny().convert(t), Config{})
	one := func(text string) [][]uint32 { return bitsOf(embedAll(t, e, []string{text})) }
	empty := one("")
	for _, text := range []string{" ", "\t\r\n", strings.Repeat(" \n", 1<<19), "\u00a0\u3000", "\x00\u200b"} {
		require.Equal(t, empty, one(text), "%.20q has no token either", text)
	}
	require.NotEqual(t, empty, one("a"))
	require.Equal(t, one("the \ufffd map\ufffd"), one("the \xff map\xc3"))
	require.Equal(t, one(strings.Repeat("the file and map ", 100)), one(strings.Repeat("the file and map ", 1<<16)), "cut at the same place")
	for b := range 256 {
		one(string([]byte{'a', byte(b), 'b'}))
	}
}

func TestCancelledBefore(t *testing.T) {
	e := mustLoad(t, newTiny().convert(t), Config{})
	why := errors.New("no longer needed")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	for _, texts := range [][]string{nil, tinyTexts(100)} {
		x, err := e.EmbedWith(ctx, texts, embed.Options{
			Progress: func(int, int) { t.Error("progress") },
			Cut:      func(int) { t.Error("cut") },
		})
		require.ErrorIs(t, err, why)
		require.Nil(t, x.Data)
	}
}

// TestCancelledFromProgress: the caller may stop from within.
func TestCancelledFromProgress(t *testing.T) {
	e := mustLoad(t, newTiny().convert(t), Config{})
	texts := tinyTexts(2000)
	for _, workers := range []int{1, 2} {
		ctx, cancel := context.WithCancel(t.Context())
		var seen []int
		_, err := e.EmbedWith(ctx, texts, embed.Options{Workers: workers, Progress: func(done, _ int) {
			seen = append(seen, done)
			cancel()
		}})
		require.ErrorIs(t, err, context.Canceled)
		require.LessOrEqual(t, len(seen), 1+3*workers, "no more than what was under way")
		embedAll(t, e, texts[:20]) // it still works
	}
}

// TestCancelledInText: one text of 512 tokens takes half a second in this model; canceling is noticed within 100 ms. The
// least of five tries counts, for other programs can hold any of them up.
func TestCancelledInText(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds: not with -short")
	}
	const hidden, layers, inner, positions = 384, 6, 1536, 512
	m := newTiny()
	m.tensors = tinyTensors(hidden, layers, inner, positions, 2, len(m.tensor(t, wordTensor).Data)/4/36)
	for field, v := range map[string]int{
		"hidden_size": hidden, "num_hidden_layers": layers, "intermediate_size": inner, "max_position_embeddings": positions, "num_attention_heads": 12,
	} {
		m.set(t, "config.json", field, v)
	}
	e := mustLoad(t, m.convert(t), Config{})
	texts := slices.Repeat([]string{strings.Repeat("the file and map ", 200)}, 4)
	begin := time.Now()
	embedAll(t, e, texts[:1])
	whole := time.Since(begin)
	least := time.Hour
	for try := range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		wait := whole / 7 * time.Duration(try+1)
		var at time.Time
		timer := time.AfterFunc(wait, func() {
			at = time.Now()
			cancel()
		})
		_, err := e.EmbedWith(ctx, texts, embed.Options{Workers: 1 + try%2})
		late := time.Since(at)
		require.False(t, timer.Stop())
		require.ErrorIs(t, err, context.Canceled)
		least = min(least, late)
		t.Logf("cancelled after %v of %v a text: noticed after %v", wait, whole, late)
	}
	require.Less(t, least, 100*time.Millisecond)
}

func TestConfig(t *testing.T) {
	require.NoError(t, DefaultConfig().Validate())
	err := Config{MaxTokens: 2, Workers: -1}.Validate()
	require.EqualError(t, err, "cybertron.Config.MaxTokens is 2, want 0 or at least 3\ncybertron.Config.Workers is -1, want from 1 to 4096, or 0 for GOMAXPROCS")
	dir := newTiny().convert(t)
	for _, cfg := range []Config{{MaxTokens: 71}, {MaxTokens: -1}, {Workers: -1}} {
		_, err := Load(dir, cfg)
		var field *stage.ConfigError
		require.ErrorAs(t, err, &field, fmt.Sprint(cfg))
	}
}

func BenchmarkEmbed(b *testing.B) {
	src := modelDir(b)
	dst := filepath.Join(b.TempDir(), "model")
	require.NoError(b, Convert(dst, src))
	var g goldenTexts
	readGolden(b, "golden.json.gz", &g)
	var texts []string
	for i := 0; i < g.Natural; i += 4 {
		texts = append(texts, g.Texts[i].Text)
	}
	run := func(b *testing.B, e embed.WithOptions) {
		for b.Loop() {
			_, err := e.EmbedWith(b.Context(), texts, embed.Options{})
			require.NoError(b, err)
		}
		b.ReportMetric(float64(b.N*len(texts))/b.Elapsed().Seconds(), "texts/s")
	}
	b.Run("cybertron", func(b *testing.B) { run(b, mustLoad(b, dst, Config{})) })
	b.Run("bert", func(b *testing.B) {
		e, err := bert.Load(src, bert.Config{})
		require.NoError(b, err)
		run(b, e)
	})
}

func BenchmarkLoad(b *testing.B) {
	src := modelDir(b)
	dst := filepath.Join(b.TempDir(), "model")
	require.NoError(b, Convert(dst, src))
	b.Run("cybertron", func(b *testing.B) {
		for b.Loop() {
			mustLoad(b, dst, Config{})
		}
	})
	b.Run("bert", func(b *testing.B) {
		for b.Loop() {
			_, err := bert.Load(src, bert.Config{})
			require.NoError(b, err)
		}
	})
}

// TestRefusedPrompt: a name that the model does not have, and a model that does not pool prompts.
func TestRefusedPrompt(t *testing.T) {
	m := newTiny().set(t, "config_sentence_transformers.json", "prompts", map[string]string{"query": "query: "})
	dir := m.convert(t)
	mustLoad(t, dir, Config{PromptName: "query"})
	_, err := Load(dir, Config{PromptName: "passage"})
	require.ErrorContains(t, err, `cybertron.Config.PromptName is "passage", want one of the model's prompts: "query" for "query: "`)
	dir = m.set(t, "1_Pooling/config.json", "include_prompt", false).convert(t)
	mustLoad(t, dir, Config{})
	_, err = Load(dir, Config{PromptName: "query"})
	require.ErrorContains(t, err, "include_prompt is false")
}

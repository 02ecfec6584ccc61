package bert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// TestSameBits: the vector of a text does not depend on the number of workers, whether they are set for the encoder or for
// the call, on GOMAXPROCS, on the texts beside it, on their order, or on what the encoder did before; and all instruction
// sets give the same bits in int8. In float32 those from AVX2 on do; plain Go gives others, which
// TestPureGoWithinTolerance bounds.
func TestSameBits(t *testing.T) {
	texts := tinyTexts(150)
	cases := []struct {
		normal, windows bool
		precision       Precision
	}{{true, false, FP32}, {true, true, Int8}, {false, true, FP32}, {false, false, Int8}}
	if testing.Short() {
		texts, cases = texts[:40], cases[:2]
	}
	for _, c := range cases {
		m := newTiny(t)
		if !c.normal {
			m.files["modules.json"] = `[{"type": "Transformer"}, {"type": "Pooling", "path": "1_Pooling"}]`
		}
		if c.windows { // so that many texts are long
			m.set(t, "sentence_bert_config.json", "max_seq_length", 11)
		}
		dir := m.save(t)
		with := func(level string, workers int) Config {
			return Config{Kernels: level, Workers: workers, Precision: c.precision, Windows: c.windows}
		}
		byLevel := map[string][][]uint32{}
		for _, level := range levels() {
			e := load(t, dir, with(level, 1))
			want := bitsOf(embedAll(t, e, texts))
			byLevel[level] = want

			for i, text := range texts {
				require.Equal(t, want[i:i+1], bitsOf(embedAll(t, e, []string{text})), "%s: text %d alone", level, i)
			}
			for _, workers := range []int{1, 2, 3, 7, 1000} {
				require.Equal(t, want, bitsOf(embedAll(t, load(t, dir, with(level, workers)), texts)), "%s: %d workers", level, workers)
				x, err := e.EmbedWith(t.Context(), texts, embed.Options{Workers: workers})
				require.NoError(t, err)
				require.Equal(t, slices.Concat(want...), bitsOf([][]float32{x.Data})[0], "%s: %d workers for the call", level, workers)
			}
			func() {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
				require.Equal(t, want, bitsOf(embedAll(t, load(t, dir, with(level, 0)), texts)), "%s: GOMAXPROCS 1", level)
			}()
			back := slices.Clone(texts)
			slices.Reverse(back)
			got := bitsOf(embedAll(t, e, back))
			slices.Reverse(got)
			require.Equal(t, want, got, "%s: from last to first", level)
			require.Equal(t, want[20:40], bitsOf(embedAll(t, e, texts[20:40])), "%s: a part", level)

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
				require.Equal(t, [][]uint32{slices.Concat(want...)}, bitsOf(rows[i]), "%s: call %d of several at a time", level, i)
			}
		}
		reference := levels()[0]
		if c.precision == FP32 && len(levels()) > 1 {
			reference = levels()[1] // all but plain Go give the same bits
		}
		for _, level := range levels()[1:] {
			require.Equal(t, byLevel[reference], byLevel[level], "%s: %s and %s", c.precision, reference, level)
		}
	}
}

// TestPureGoWithinTolerance: an element by the plain Go kernels differs from that by AVX by 1e-6 at most when vectors are
// normalised, and by 4e-6 when they are not and have elements up to 4.
func TestPureGoWithinTolerance(t *testing.T) {
	if len(levels()) == 1 {
		t.Skip("this machine or build has the plain Go kernels alone: nothing to compare them with")
	}
	texts := tinyTexts(150)
	for _, normal := range []bool{true, false} {
		m := newTiny(t)
		tolerance := 1e-6
		if !normal {
			m.files["modules.json"] = `[{"type": "Transformer"}, {"type": "Pooling", "path": "1_Pooling"}]`
			tolerance = 4e-6
		}
		dir := m.save(t)
		want := embedAll(t, load(t, dir, Config{Kernels: string(simd.PureGo)}), texts)
		for _, level := range levels()[1:] {
			for i, row := range embedAll(t, load(t, dir, Config{Kernels: level}), texts) {
				_, diff := compare(row, want[i])
				require.LessOrEqual(t, diff, tolerance, "%s, text %d", level, i)
			}
		}
	}
}

// TestWindowsExact: the vector of a long text is the mean of those of its windows, by their tokens, and a text that fits is
// the same with and without windows.
func TestWindowsExact(t *testing.T) {
	for _, normal := range []bool{true, false} {
		m := newTiny(t)
		if !normal {
			m.files["modules.json"] = `[{"type": "Transformer"}, {"type": "Pooling", "path": "1_Pooling"}]`
		}
		dir := m.save(t)
		plain := load(t, dir, Config{MaxTokens: 12})
		cut := -1
		split := load(t, dir, Config{MaxTokens: 12, Windows: true})
		texts := []string{"", "the map", "a b c d e f g h i j", "a b c d e f g h i j k", strings.Repeat("0 1 2 3 4 ", 7)}
		x, err := split.EmbedWith(t.Context(), texts, embed.Options{Cut: func(n int) { cut = n }})
		require.NoError(t, err)
		require.Zero(t, cut, "nothing is lost")
		got := make([][]float32, x.Rows)
		for i := range got {
			got[i] = x.Data[i*x.Stride:][:x.Cols]
		}
		require.Equal(t, embedAll(t, plain, texts[:3]), got[:3])

		for i, windows := range map[int][]string{
			3: {"a b c d e", "f g h i j k"},
			4: {"0 1 2 3 4 0 1 2", "3 4 0 1 2 3 4 0 1", "2 3 4 0 1 2 3 4 0", "1 2 3 4 0 1 2 3 4"},
		} {
			raw := load(t, dir, Config{})
			raw.shape.Normalize = false
			total := float32(strings.Count(texts[i], " ") + 1)
			if i == 4 {
				total--
			}
			want := make([]float32, raw.Dim())
			for w, row := range embedAll(t, raw, windows) {
				share := float32(strings.Count(windows[w], " ")+1) / total
				for j, v := range row {
					want[j] += float32(v * share)
				}
			}
			if normal {
				normalize(want)
			}
			require.Equal(t, want, got[i], "text %d", i)
		}
	}
}

// TestWindowsOfAHugeTextTakeLittleMemory: the windows pass through a batch a few at a time.
func TestWindowsOfAHugeTextTakeLittleMemory(t *testing.T) {
	e := load(t, newTiny(t).save(t), Config{MaxTokens: 20, Windows: true, Workers: 2})
	embedAll(t, e, []string{strings.Repeat("the map ", 50000), "a", strings.Repeat("file ", 3000)})
	s := e.getScratch()
	require.Less(t, cap(s.x), (batchTokens+20)*e.Dim()*3/2)
}

// goroutine names the goroutine that calls it.
func goroutine() string {
	buf := make([]byte, 64)
	buf = buf[:runtime.Stack(buf, false)]
	return string(buf[:bytes.IndexByte(buf, '[')])
}

// TestProgress: every report comes from the goroutine that called, the numbers rise, and the last is the total.
func TestProgress(t *testing.T) {
	e := load(t, newTiny(t).save(t), Config{})
	texts := tinyTexts(400)
	for _, workers := range []int{1, 2, 5} {
		for _, n := range []int{0, 1, 2, len(texts)} {
			var seen []int
			_, err := e.EmbedWith(t.Context(), texts[:n], embed.Options{Workers: workers, Progress: progressOf(t, n, &seen)})
			require.NoError(t, err)
			require.True(t, slices.IsSorted(seen))
			require.Len(t, slices.Compact(slices.Clone(seen)), len(seen), "each report is news")
			if n > 0 {
				require.Equal(t, n, seen[len(seen)-1])
			}
			if n == len(texts) {
				require.Greater(t, len(seen), 5)
			}
		}
	}
}

func progressOf(t *testing.T, n int, seen *[]int) func(done, total int) {
	caller := goroutine()
	return func(done, total int) {
		require.Equal(t, caller, goroutine())
		require.Equal(t, n, total)
		*seen = append(*seen, done)
	}
}

// TestCutCount: the number of texts that lost their ends, told once, and the same as Tokens says.
func TestCutCount(t *testing.T) {
	m := newTiny(t).set(t, "sentence_bert_config.json", "max_seq_length", 5)
	dir := m.save(t)
	texts := []string{"", "a", "a b c", "a b c d", "a b c  \t ", "reading it", "a b c d e f g", strings.Repeat(" ", 100)}
	for _, c := range []struct{ maxTokens, length, cut int }{{0, 5, 3}, {3, 3, 5}, {6, 6, 1}, {70, 70, 0}} {
		e := load(t, dir, Config{MaxTokens: c.maxTokens})
		require.Equal(t, c.length, e.MaxTokens())
		var told []int
		_, err := e.EmbedWith(t.Context(), texts, embed.Options{Cut: func(n int) { told = append(told, n) }})
		require.NoError(t, err)
		count := 0
		for _, text := range texts {
			ids, cut := e.Tokens(text)
			require.LessOrEqual(t, len(ids), c.length)
			if cut {
				require.Len(t, ids, c.length)
				count++
			}
		}
		require.Equal(t, c.cut, count)
		require.Equal(t, []int{c.cut}, told)
	}
}

// TestLengthSources: the shortest word on the length counts, and the positions bound it.
func TestLengthSources(t *testing.T) {
	m := newTiny(t)
	require.Equal(t, 70, load(t, m.save(t), Config{}).MaxTokens(), "as many as there are positions")
	m.set(t, "tokenizer_config.json", "model_max_length", 1e30)
	require.Equal(t, 70, load(t, m.save(t), Config{}).MaxTokens())
	m.set(t, "tokenizer_config.json", "model_max_length", 9)
	require.Equal(t, 9, load(t, m.save(t), Config{}).MaxTokens())
	m.set(t, "sentence_bert_config.json", "max_seq_length", 7)
	require.Equal(t, 7, load(t, m.save(t), Config{}).MaxTokens(), "max_seq_length comes first")
	require.Equal(t, 11, load(t, m.save(t), Config{MaxTokens: 11}).MaxTokens())
}

// TestOddTexts: texts without words, with bytes that are no UTF-8, and very long ones.
func TestOddTexts(t *testing.T) {
	e := load(t, newTiny(t).save(t), Config{})
	one := func(text string) [][]uint32 { return bitsOf(embedAll(t, e, []string{text})) }

	empty := one("")
	for _, text := range []string{" ", "\t\r\n", strings.Repeat(" \n", 1<<19), "\u00a0\u3000", "\x00\u200b"} {
		require.Equal(t, empty, one(text), "%.20q has no token either", text)
	}
	require.NotEqual(t, empty, one("a"))

	require.Equal(t, one("the \ufffd map\ufffd"), one("the \xff map\xc3"))
	for b := range 256 { // every byte alone and in a word
		one(string([]byte{byte(b)}))
		one(string([]byte{'a', byte(b), 'b'}))
	}

	words := strings.Repeat("the file and map ", 1<<16)
	require.Greater(t, len(words), 1<<20)
	require.Equal(t, one(words[:1000]), one(words), "only the beginning counts")
	require.Equal(t, one("[UNK]"), one(strings.Repeat("x", 1<<20)), "one word, too long to be known")
	marks := one(strings.Repeat("!", 1<<20))
	require.Equal(t, one(strings.Repeat("!", 68)), marks)
	require.Equal(t, one(strings.Repeat("\xff", 1<<20)), one(""), "U+FFFD is removed")
	require.NotEqual(t, marks, one(words))

	x, err := e.Embed(t.Context(), nil)
	require.NoError(t, err)
	require.Zero(t, x.Rows)
	require.Equal(t, e.Dim(), x.Cols)
}

// TestNoTokens: a tokenizer that puts nothing around a text makes none of an empty one, whose vector is then zero.
func TestNoTokens(t *testing.T) {
	for _, pool := range []pooling{poolMean, poolCLS, poolMax} {
		m := newTiny(t)
		delete(m.files, "tokenizer_config.json")
		m.set(t, "config.json", "model_type", "bert").set(t, "tokenizer_config.json", "tokenizer_class", "PreTrainedTokenizerFast")
		m.files["1_Pooling/config.json"] = fmt.Sprintf(`{"pooling_mode": %q}`, pool)
		m.files["tokenizer.json"] = tokenizerJSON(t, nil)
		for _, level := range levels() {
			e := load(t, m.save(t), Config{Kernels: level, Workers: 1})
			ids, cut := e.Tokens("")
			require.Empty(t, ids)
			require.False(t, cut)
			rows := embedAll(t, e, []string{"", "the map", "", "  ", "file", ""})
			for _, i := range []int{0, 2, 3, 5} {
				require.Equal(t, make([]float32, e.Dim()), rows[i])
			}
			require.Equal(t, embedAll(t, e, []string{"the map"}), rows[1:2])
			require.Equal(t, embedAll(t, e, []string{"file"}), rows[4:5])
			require.Equal(t, make([]float32, e.Dim()), embedAll(t, e, []string{""})[0])
		}
	}
}

// TestManySpecialTokens: a template longer than the limit is cut like the rest.
func TestManySpecialTokens(t *testing.T) {
	m := newTiny(t).set(t, "tokenizer_config.json", "tokenizer_class", "PreTrainedTokenizerFast")
	m.files["tokenizer.json"] = tokenizerJSON(t, slices.Repeat([]string{"[CLS]"}, 9))
	e := load(t, m.save(t), Config{MaxTokens: 4})
	for _, text := range []string{"", "the map"} {
		ids, cut := e.Tokens(text)
		require.Len(t, ids, 4)
		require.True(t, cut)
	}
	embedAll(t, e, []string{"", "the map"})
	x := load(t, m.save(t), Config{MaxTokens: 70})
	ids, cut := x.Tokens("")
	require.Len(t, ids, 9)
	require.False(t, cut)
}

// TestCancelledBefore: nothing is done, and the error is the cause.
func TestCancelledBefore(t *testing.T) {
	e := load(t, newTiny(t).save(t), Config{})
	why := errors.New("no longer needed")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	x, err := e.EmbedWith(ctx, tinyTexts(100), embed.Options{
		Progress: func(int, int) { t.Error("progress") },
		Cut:      func(int) { t.Error("cut") },
	})
	require.ErrorIs(t, err, why)
	require.Nil(t, x.Data)
}

// TestCancelledFromProgress: the caller may stop from within.
func TestCancelledFromProgress(t *testing.T) {
	e := load(t, newTiny(t).save(t), Config{})
	texts := tinyTexts(5000)
	for _, workers := range []int{1, 2} {
		ctx, cancel := context.WithCancel(t.Context())
		var seen []int
		_, err := e.EmbedWith(ctx, texts, embed.Options{Workers: workers, Progress: func(done, _ int) {
			seen = append(seen, done)
			cancel()
		}})
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, len(seen), 2+3*workers, "no more than what was under way")
		embedAll(t, e, texts[:50]) // it still works
	}
}

// TestCancelledWhileReading: canceling is noticed between texts that take long to read and give no tokens.
func TestCancelledWhileReading(t *testing.T) {
	e := load(t, newTiny(t).save(t), Config{Workers: 2})
	texts := slices.Repeat([]string{strings.Repeat(" ", 1<<20)}, 4000)
	ctx, cancel := context.WithCancel(t.Context())
	begin := time.Now()
	_, err := e.EmbedWith(t.Context(), texts[:40], embed.Options{})
	require.NoError(t, err)
	forty := time.Since(begin)
	go func() {
		time.Sleep(20 * time.Millisecond)
		cancel()
	}()
	begin = time.Now()
	_, err = e.Embed(ctx, texts)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, time.Since(begin), 100*time.Millisecond+forty)
}

// tokenizerJSON is a tokenizer.json with tinyVocab and a template of special tokens before the text.
func tokenizerJSON(tb testing.TB, before []string) string {
	tb.Helper()
	var vocab, single []string
	for i, s := range tinyVocab() {
		vocab = append(vocab, fmt.Sprintf("%q: %d", s, i))
	}
	for _, s := range before {
		single = append(single, fmt.Sprintf(`{"SpecialToken": {"id": %q, "type_id": 0}}`, s))
	}
	single = append(single, `{"Sequence": {"id": "A", "type_id": 0}}`)
	return fmt.Sprintf(`{
		"normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true},
		"pre_tokenizer": {"type": "BertPreTokenizer"},
		"post_processor": {"type": "TemplateProcessing", "single": [%s],
			"special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
		"model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": {%s}}}`,
		strings.Join(single, ", "), strings.Join(vocab, ", "))
}

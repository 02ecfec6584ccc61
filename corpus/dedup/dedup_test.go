package dedup

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/stage"
)

// brute is Find by comparing each text with every one that is kept before it.
func brute(texts []string, cfg Config) []Match {
	out := make([]Match, len(texts))
	sets, normal := make([][]uint64, len(texts)), make([]string, len(texts))
	var kept []int
	for i, text := range texts {
		var s shingler
		sets[i] = s.set(text, cfg)
		normal[i] = string(s.text)
		out[i].Of = -1
		for _, j := range kept {
			if normal[i] != "" && normal[i] == normal[j] {
				out[i] = Match{Of: j, Similarity: 1, Same: true}
				break
			}
			if s := jaccard(sets[i], sets[j]); cfg.Threshold < 1 && s >= cfg.Threshold {
				out[i] = Match{Of: j, Similarity: s, Same: normal[i] == normal[j]}
				break
			}
		}
		if out[i].Of < 0 {
			kept = append(kept, i)
		}
	}
	return out
}

// variants is n short texts, of which about a third are changed copies of others.
func variants(n int, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	words := strings.Fields("how do i use the api of a model to train fine tune embed chunk stream token limit error key python go rust vector store index prompt agent tool memory chain load save cache request response timeout json schema function call über größe данные 模型")
	var out []string
	for range n {
		if len(out) > 0 && r.IntN(3) == 0 {
			t := []rune(out[r.IntN(len(out))])
			for range r.IntN(4) {
				if len(t) == 0 {
					break
				}
				switch k := r.IntN(len(t)); r.IntN(4) {
				case 0:
					t[k] = 'x'
				case 1:
					t = slices.Delete(t, k, k+1)
				case 2:
					t = slices.Insert(t, k, '!')
				default:
					t[k] = []rune(strings.ToUpper(string(t[k])))[0]
				}
			}
			out = append(out, string(t))
			continue
		}
		var t []string
		for range r.IntN(20) {
			t = append(t, words[r.IntN(len(words))])
		}
		out = append(out, strings.Join(t, " "))
	}
	return out
}

// compare gives how many duplicates there are, how many were found, and how many of those found are none.
func compare(t *testing.T, texts []string, cfg Config, got []Match) (there, found, wrong int) {
	t.Helper()
	for i, m := range got {
		if m.Of < 0 {
			require.Equal(t, Match{Of: -1}, m)
			continue
		}
		require.Less(t, m.Of, i)
		require.Equal(t, -1, got[m.Of].Of, "what a text is a duplicate of is kept")
		if s := Similarity(texts[i], texts[m.Of], cfg); s < cfg.Threshold || s != m.Similarity {
			wrong++
		}
	}
	for i, m := range brute(texts, cfg) {
		if m.Of >= 0 {
			there++
			if got[i].Of >= 0 {
				found++
			}
		}
	}
	return there, found, wrong
}

// Nothing is called a duplicate that is none, and hardly any is missed, whatever the threshold.
func TestFindStatistically(t *testing.T) {
	for _, words := range []bool{false, true} {
		for _, threshold := range []float64{0.3, 0.5, 0.7, 0.8, 0.9, 0.97} {
			cfg := DefaultConfig()
			cfg.Threshold, cfg.Words = threshold, words
			if words {
				cfg.Shingle = 2
			}
			texts := variants(1500, 7)
			got, err := Find(t.Context(), texts, cfg)
			require.NoError(t, err)
			there, found, wrong := compare(t, texts, cfg, got)
			require.Zero(t, wrong)
			require.Greater(t, there, 100)
			require.GreaterOrEqual(t, float64(found), 0.99*float64(there), "threshold %v, words %v: %d of %d", threshold, words, found, there)
		}
	}
}

// Texts that are the same but for case, punctuation and white space are found without fail.
func TestSameExact(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Threshold = 1
	texts := append(variants(1500, 8), "", " ", "!", "Ünï-code", "ünï code!", "ABC def.", "abc, DEF", "abcdef", "9 000", "9000", "é", "e\u0301")
	got, err := Find(t.Context(), texts, cfg)
	require.NoError(t, err)
	require.Equal(t, brute(texts, cfg), got)
	n := 1500
	for i, of := range []int{-1, -1, -1, -1, n + 3, -1, n + 5, -1, -1, -1, -1, -1} {
		require.Equal(t, of, got[n+i].Of, "%q", texts[n+i])
	}
}

// Among texts that each are like the next alone, those stay that are not like one that is kept.
func TestChainsDoNotCollapse(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Shingle, cfg.Threshold = 1, 0.7
	texts := []string{"abcdefgh", "bcdefghi", "cdefghij", "defghijk", "efghijkl"}
	got, err := Find(t.Context(), texts, cfg)
	require.NoError(t, err)
	var of []int
	for _, m := range got {
		of = append(of, m.Of)
	}
	require.Equal(t, []int{-1, 0, -1, 2, -1}, of)
	require.InDelta(t, 7.0/9, got[1].Similarity, 1e-15)
}

// The result is the same for any number of workers, and across the borders of blocks.
func TestSameBits(t *testing.T) {
	texts := variants(3*blockSize/2, 9)
	var want []Match
	for _, workers := range []int{1, 2, 3, 8, 0} {
		cfg := DefaultConfig()
		cfg.Workers = workers
		last := 0
		cfg.Progress = func(done, total int) {
			require.Equal(t, len(texts), total)
			require.Greater(t, done, last)
			last = done
		}
		got, err := Find(t.Context(), texts, cfg)
		require.NoError(t, err)
		require.Equal(t, len(texts), last)
		if want == nil {
			want = got
			there, found, wrong := compare(t, texts, cfg, got)
			require.Zero(t, wrong)
			require.GreaterOrEqual(t, float64(found), 0.99*float64(there))
			continue
		}
		require.Equal(t, want, got, "%d workers", workers)
	}
}

// What the hashes are, on every machine: a change would give other results for the same seed.
func TestHashesExact(t *testing.T) {
	var s shingler
	require.Equal(t, []uint64{0x60f32bce6bb58d56, 0x688e94945e9e8b5f}, s.set("Ab, ü 9", Config{Shingle: 5}))
	require.Equal(t, "ab ü 9", string(s.text))
	rows, n := bands(0.8, 128)
	require.Equal(t, [2]int{6, 21}, [2]int{rows, n})
}

func TestErrors(t *testing.T) {
	for field, change := range map[string]func(*Config){
		"Threshold": func(c *Config) { c.Threshold = 0 },
		"Shingle":   func(c *Config) { c.Shingle = 0 },
		"Hashes":    func(c *Config) { c.Hashes = 8 },
	} {
		cfg := DefaultConfig()
		change(&cfg)
		_, err := Find(t.Context(), nil, cfg)
		var bad *stage.ConfigError
		require.ErrorAs(t, err, &bad)
		require.Equal(t, "dedup.Config."+field, bad.Field)
	}
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	_, err := Find(ctx, []string{"a"}, DefaultConfig())
	require.ErrorIs(t, err, gone)
	got, err := Find(t.Context(), nil, DefaultConfig())
	require.NoError(t, err)
	require.Empty(t, got)
}

// A table finds what was put into it, as a map does.
func TestTableTwin(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var table table
	twin := map[uint64][]int32{}
	for i := range int32(5000) {
		key := uint64(r.IntN(700)) * 0x10001
		table.grow(1)
		table.insert(key, i)
		twin[key] = append(twin[key], i)
		if i%50 == 0 {
			ask := uint64(r.IntN(700)) * 0x10001
			got := table.find(ask, nil)
			slices.Sort(got)
			require.Equal(t, twin[ask], got)
		}
	}
}

// The titles of a Data Explorer export that are there several times are found, and no others at threshold 1.
func TestDataExplorerExact(t *testing.T) {
	f, err := os.Open(testutil.Data(t, "so_24k_meta", "QueryResults.csv"))
	require.NoError(t, err)
	defer f.Close()
	records, err := csv.NewReader(bufio.NewReader(f)).ReadAll()
	require.NoError(t, err)
	title := slices.Index(records[0], "Title")
	require.GreaterOrEqual(t, title, 0, "%q", records[0])
	var texts []string
	for _, r := range records[1:] {
		texts = append(texts, r[title])
	}
	cfg := DefaultConfig()
	cfg.Threshold = 1
	got, err := Find(t.Context(), texts, cfg)
	require.NoError(t, err)
	seen := map[string]int{}
	same := 0
	for i, text := range texts {
		key := string(normalise(nil, text))
		if j, ok := seen[key]; ok {
			require.Equal(t, j, got[i].Of)
			same++
			continue
		}
		require.Equal(t, -1, got[i].Of)
		seen[key] = i
	}
	near, err := Find(t.Context(), texts, DefaultConfig())
	require.NoError(t, err)
	dropped := 0
	for _, m := range near {
		if m.Of >= 0 {
			dropped++
		}
	}
	require.Greater(t, dropped, same)
	t.Logf("%d rows, %d the same title, %d the same or nearly", len(texts), same, dropped)
}

func FuzzFind(f *testing.F) {
	f.Add("how do i", "How do I?", "x", uint8(5), uint8(80), false)
	f.Add("\xff", "", "\u0300a", uint8(1), uint8(1), true)
	f.Fuzz(func(t *testing.T, a, b, c string, shingle, threshold uint8, words bool) {
		cfg := DefaultConfig()
		cfg.Shingle, cfg.Threshold, cfg.Words = int(shingle%64)+1, float64(threshold%100+1)/100, words
		texts := []string{a, b, c, a, b + c}
		got, err := Find(t.Context(), texts, cfg)
		require.NoError(t, err)
		_, _, wrong := compare(t, texts, cfg, got)
		require.Zero(t, wrong)
		if len(normalise(nil, a)) > 0 {
			require.GreaterOrEqual(t, got[3].Of, 0, "a text that was there before is a duplicate")
		} else {
			require.Equal(t, -1, got[3].Of)
		}
		n := normalise(nil, a)
		require.Equal(t, string(n), string(normalise(nil, string(n))), "normalising is idempotent")
	})
}

func ExampleFind() {
	texts := []string{
		"How do I stream tokens from the OpenAI API?",
		"how do i stream tokens from the openai api",
		"How do I stream tokens from the OpenAI APIs?",
		"What is a vector store?",
	}
	matches, err := Find(context.Background(), texts, DefaultConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, m := range matches {
		fmt.Printf("%d: of %d, %.2f, same %v\n", i, m.Of, m.Similarity, m.Same)
	}
	// Output:
	// 0: of -1, 0.00, same false
	// 1: of 0, 1.00, same true
	// 2: of 0, 0.97, same false
	// 3: of -1, 0.00, same false
}

func BenchmarkFind(b *testing.B) {
	texts := variants(20000, 3)
	for b.Loop() {
		if _, err := Find(context.Background(), texts, DefaultConfig()); err != nil {
			b.Fatal(err)
		}
	}
}

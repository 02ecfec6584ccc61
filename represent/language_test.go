package represent_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/embed/minilm"
	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/represent/openai"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

// echo answers with the last line of the question.
var echo = represent.LLMFunc(func(_ context.Context, p represent.Prompt) (string, error) {
	return "topic: " + p.User[strings.LastIndex(p.User, "\n")+1:], nil
})

func TestPromptsExact(t *testing.T) {
	v, topics := trees(t)
	var asked []represent.Prompt
	l := represent.DefaultLanguageModel(represent.LLMFunc(func(_ context.Context, p represent.Prompt) (string, error) {
		asked = append(asked, p)
		return "Label", nil
	}))
	l.System, l.Prompt = "s", "D:\n[DOCUMENTS]K: [KEYWORDS], [KEYWORDS]"
	l.Docs, l.Keywords, l.Concurrency = 2, 2, 1
	l.Limit = represent.Limit{N: 3, Unit: represent.Words}
	v.Docs[8] = "[KEYWORDS] \n of [DOCUMENTS] that nobody reads"
	got, err := l.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Len(t, asked, 3)
	require.Equal(t, "s", asked[0].System)
	require.Equal(t, "D:\n- [KEYWORDS] of [DOCUMENTS]\nK: kind, nothing, kind, nothing", asked[0].User, "what a document says is not replaced")
	require.Equal(t, "D:\n- green oak and\n- old elm beside\nK: oak, green, oak, green", asked[1].User)
	for _, terms := range got {
		require.Equal(t, []ctfidf.Term{{Term: "Label", Weight: 1}}, terms)
	}

	l = represent.DefaultLanguageModel(l.LLM)
	asked = nil
	_, err = l.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Len(t, asked, 3)
	for _, p := range asked {
		require.NotContains(t, strings.ReplaceAll(p.User, v.Docs[8], ""), "[")
		require.Equal(t, represent.DefaultSystem, p.System)
	}
}

// The result is the same for any Concurrency, with answers that overtake each other and failures between them.
func TestSameBitsForAnyConcurrency(t *testing.T) {
	v, topics := trees(t)
	for range 20 {
		v.IDs, topics = append(v.IDs, len(v.IDs)-1), append(topics, topics[1])
	}
	v.Weights.Rows.RowPtr = nil // no documents in the prompts
	var want [][]ctfidf.Term
	var said []string
	for _, concurrency := range []int{1, 2, 3, 16} {
		synctest.Test(t, func(t *testing.T) {
			v, l := v, represent.DefaultLanguageModel(nil)
			var warnings []string
			v.Warn = func(err error) { warnings = append(warnings, err.Error()) }
			last := 0
			v.Done = func(n int) { require.Greater(t, n, last); last = n }
			l.Prompt, l.Concurrency = "[KEYWORDS]", concurrency
			var busy, most atomic.Int64
			for i := range topics {
				topics[i] = []ctfidf.Term{{Term: fmt.Sprintf("t%02d", i), Weight: 1}}
			}
			l.LLM = represent.LLMFunc(func(ctx context.Context, p represent.Prompt) (string, error) {
				most.Store(max(most.Load(), busy.Add(1)))
				defer busy.Add(-1)
				time.Sleep(time.Duration(p.User[2]) * 7 % 5 * time.Second)
				if strings.HasSuffix(p.User, "3") {
					return "", errors.New("not today")
				}
				return strings.ToUpper(p.User), nil
			})
			got, err := l.Represent(t.Context(), v, topics)
			require.NoError(t, err)
			require.Equal(t, len(topics), last)
			require.Equal(t, int64(concurrency), most.Load())
			if want == nil {
				want, said = got, warnings
			}
			require.Equal(t, want, got)
			require.Equal(t, said, warnings)
		})
	}
	require.Equal(t, []string{"topics 2, 12 keep their words: not today"}, said)
	require.Equal(t, "t03", want[3][0].Term)
	require.Equal(t, "T04", want[4][0].Term)
}

func TestFailuresKeepTheWords(t *testing.T) {
	v, topics := trees(t)
	var warnings []string
	v.Warn = func(err error) { warnings = append(warnings, err.Error()) }
	l := represent.DefaultLanguageModel(represent.LLMFunc(func(_ context.Context, p represent.Prompt) (string, error) {
		switch {
		case strings.Contains(p.User, "oak"):
			return "", errors.New("busy")
		case strings.Contains(p.User, "engine"):
			return "<think>Let me see", nil
		}
		return "**Topic:** \"Rest\"\n", nil
	}))
	got, err := l.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Equal(t, []ctfidf.Term{{Term: "Rest", Weight: 1}}, got[0])
	require.Equal(t, topics[1:], got[1:])
	require.Equal(t, []string{"topic 0 keeps its words: busy", "topic 1 keeps its words: there is no label in the answer"}, warnings)

	l.Parse = func(string) ([]ctfidf.Term, error) {
		return []ctfidf.Term{{Term: "a", Weight: 2}, {Term: "b", Weight: 1}}, nil
	}
	got, err = l.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Len(t, got[2], 2)

	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	l.LLM = represent.LLMFunc(func(ctx context.Context, _ represent.Prompt) (string, error) {
		cancel(stop)
		return "", context.Cause(ctx)
	})
	_, err = l.Represent(ctx, v, topics)
	require.Equal(t, stop, err)
}

// A service that nobody can reach is given up after three topics; failures later in the list end nothing.
func TestABrokenServiceIsGivenUp(t *testing.T) {
	v, topics := trees(t)
	for range 5 {
		v.IDs, topics = append(v.IDs, len(v.IDs)-1), append(topics, topics[1])
	}
	topics[1] = nil
	v.Weights.Rows.RowPtr = nil
	var warnings []string
	v.Warn = func(err error) { warnings = append(warnings, err.Error()) }
	asked := 0
	l := represent.DefaultLanguageModel(represent.LLMFunc(func(context.Context, represent.Prompt) (string, error) {
		asked++
		return "", errors.New("nobody there")
	}))
	got, err := l.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Equal(t, topics, got)
	require.Equal(t, 3, asked)
	require.Equal(t, []string{
		"topics -1, 1, 2 keep their words: nobody there",
		"topic 0 keeps its words: there is nothing to ask about: no words, and so no typical documents",
		"topics 3, 4, 5, 6 keep their words: not asked, since the language model failed for the first 3 topics",
	}, warnings)

	asked = 0
	l.Concurrency = 1
	l.LLM = represent.LLMFunc(func(context.Context, represent.Prompt) (string, error) {
		if asked++; asked != 3 {
			return "", errors.New("busy")
		}
		return "Label", nil
	})
	got, err = l.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Equal(t, 7, asked)
	require.Equal(t, "Label", got[3][0].Term)
}

func TestDryRunSendsNothing(t *testing.T) {
	v, topics := trees(t)
	l := represent.DefaultLanguageModel(nil)
	l.Limit.Count = func(text string) int { return len(strings.Fields(text)) }
	var ids []int
	l.DryRun = func(id int, p represent.Prompt, tokens int) {
		ids = append(ids, id)
		require.Equal(t, len(strings.Fields(p.System))+len(strings.Fields(p.User)), tokens)
		require.Contains(t, p.User, "- ")
	}
	got, err := l.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Equal(t, topics, got)
	require.Equal(t, v.IDs, ids)
	l.Limit.Count = nil
	total := 0
	l.DryRun = func(_ int, p represent.Prompt, tokens int) { total += tokens - (len(p.System)+3)/4 - (len(p.User)+3)/4 }
	_, err = l.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Zero(t, total, "four bytes are a token where nobody counts")
}

// cut is how a document comes into a prompt.
func cut(t testing.TB, v topic.View, limit represent.Limit, doc string) string {
	l := represent.DefaultLanguageModel(nil)
	l.Prompt, l.Limit, l.Docs = "[DOCUMENTS]", limit, 1
	out := ""
	l.DryRun = func(id int, p represent.Prompt, _ int) {
		if id == -1 {
			out = strings.TrimSuffix(strings.TrimPrefix(p.User, "- "), "\n")
		}
	}
	v.Docs[8] = doc
	_, err := l.Represent(t.Context(), v, make([][]ctfidf.Term, len(v.IDs)))
	require.NoError(t, err)
	return out
}

func TestDocumentsAreCutAsBERTopicDoesExact(t *testing.T) {
	checked := 0
	for i, c := range golden().Cut {
		v, _ := trees(t)
		limit := represent.Limit{N: int(c[1].(float64)), Unit: map[string]represent.Unit{"char": represent.Characters, "whitespace": represent.Words}[c[0].(string)]}
		if limit.Unit == "" || limit.N == 0 {
			continue
		}
		require.Equal(t, c[2], cut(t, v, limit, golden().Docs[i]))
		checked++
	}
	require.Equal(t, 3, checked)
	v, _ := trees(t)
	require.Equal(t, "日本x\x80", cut(t, v, represent.Limit{N: 4, Unit: represent.Characters}, "日本x\x80\x80é"))
}

func TestDocumentsAreCutByTokens(t *testing.T) {
	v, _ := trees(t)
	count := func(text string) int {
		return len(strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }))
	}
	limit := represent.Limit{N: 3, Unit: represent.Tokens, Count: count}
	require.Equal(t, "a,b c", cut(t, v, limit, "a,b c d,e"))
	require.Equal(t, "a b", cut(t, v, limit, "a b"))
	most := 0
	limit.Count = func(text string) int { most = max(most, len(text)); return count(text) }
	for _, filler := range []string{"", "é", "日本語日本語日本語", strings.Repeat("x", 1000)} {
		for n := range 7 {
			limit.N = n + 1
			want := strings.TrimSpace(strings.Repeat("w"+filler+" ", n+1))
			require.Equal(t, want, cut(t, v, limit, strings.Repeat("w"+filler+" ", 5000)), "%q, %d", filler, n)
		}
	}
	require.Less(t, most, 40_000, "the rest of a long document costs nothing")

	l := represent.DefaultLanguageModel(echo)
	l.Limit = represent.Limit{N: 3, Unit: represent.Tokens}
	require.True(t, l.NeedsEmbedder())
	_, err := l.Represent(t.Context(), v, make([][]ctfidf.Term, 3))
	require.ErrorContains(t, err, "the embedder has no tokenizer")
}

func TestDocumentsAreCutByWordPieces(t *testing.T) {
	if testing.Short() {
		t.Skip("loads all-MiniLM-L6-v2")
	}
	v, _ := trees(t)
	enc, err := minilm.New(bert.DefaultConfig())
	require.NoError(t, err)
	for _, c := range []struct {
		e    stage.Embedder
		from string
	}{{enc, "embed/bert"}, {topic.DefaultConfig().Embedder, "topic.DefaultConfig"}} {
		v.Embedder = c.e
		limit := represent.Limit{N: 5, Unit: represent.Tokens}
		got := cut(t, v, limit, "The goroutines of Kubernetes, unembellished")
		ids, _ := enc.Tokens(got)
		require.Equal(t, 5+2, len(ids), "%s: %q", c.from, got)
		limit.N = 4
		for text, want := range map[string]string{
			"How do I train a network": "How do I train", "How do I internationalize": "How do I", "How do I": "How do I",
			"unembellishedness": "unembellished", "  How  do I\ntrain a ": "How  do I\ntrain",
		} {
			require.Equal(t, want, cut(t, v, limit, text), c.from)
		}
		long := strings.Repeat("日本語", 4000) // more than the encoder reads, without a space
		limit.N = 1000
		require.Equal(t, 1000, utf8.RuneCountInString(cut(t, v, limit, long)), c.from)
	}
}

func TestLabel(t *testing.T) {
	for answer, want := range map[string]string{
		"topic: Shipping and delivery":                 "Shipping and delivery",
		"  Topic:Trees \n":                             "Trees",
		"Sure! Here is the label:\n\nTOPIC: \"Trees\"": "Trees",
		"<think>topic: no\n</think>\n\ntopic: Yes":     "Yes",
		"no tag</think>\nAnswer":                       "Answer",
		"\n\n# Memory\nmore":                           "Memory",
		"**Topic:** `C#`":                              "C#",
		"## topic: C++":                                "C++",
		"topic: A\ntopic: B":                           "B",
		"topic:":                                       "",
		"“Naïve” \u202eBayes\u202c\x00":                "Naïve” Bayes",
		"\xff\xfeOak":                                  "Oak",
		"topic: " + strings.Repeat("é", 300):           strings.Repeat("é", 200),
		"the label\tis\r\nhere":                        "the label is",
		"":                                             "",
		" \n \"\" ":                                    "",
		"<think>I need more":                           "",
		"<think>topic: x</think>":                      "",
	} {
		got, err := represent.Label(answer)
		require.Equal(t, want, got, "%q", answer)
		require.Equal(t, want == "", err != nil, "%q", answer)
	}
}

// FuzzLabel: a label is one line of valid UTF-8 of at most 200 characters, or an error.
func FuzzLabel(f *testing.F) {
	f.Add("topic: a\ntopic:")
	f.Add("<think></think>**Topic:** \u202e\xff\"x\"")
	f.Fuzz(func(t *testing.T, answer string) {
		label, err := represent.Label(answer)
		if err != nil {
			require.Empty(t, label)
			return
		}
		require.NotEmpty(t, label)
		require.True(t, utf8.ValidString(label))
		require.LessOrEqual(t, utf8.RuneCountInString(label), 200)
		require.False(t, strings.ContainsAny(label, "\n\r\t\x00"))
		require.Equal(t, strings.TrimSpace(label), label)
	})
}

// The whole way, over HTTP: labels, a topic whose question fails for good, and no key in what is saved.
func TestLanguageModelOverHTTP(t *testing.T) {
	const key = "sk-test-0123456789abcdef"
	g := golden()
	var mu sync.Mutex
	busy := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		first := !busy[string(body)]
		busy[string(body)] = true
		mu.Unlock()
		switch {
		case strings.Contains(string(body), "timer"):
			w.WriteHeader(400)
			fmt.Fprintf(w, `{"error": {"message": "not with the key %s"}}`, key)
		case first:
			w.WriteHeader(503)
		default:
			fmt.Fprintf(w, `{"choices": [{"message": {"content": "topic: %d bytes"}}]}`, len(body))
		}
	}))
	defer server.Close()
	chat := openai.DefaultConfig()
	chat.BaseURL, chat.APIKey, chat.Backoff = server.URL, openai.Key(key), 0
	llm, err := openai.New(chat)
	require.NoError(t, err)

	cfg := g.config()
	cfg.Aspects = []topic.Aspect{{Name: "label", Representers: []topic.Representer{represent.DefaultLanguageModel(llm)}}}
	for _, c := range []stage.Clusterer{supervised.Fixed{}, community.Config{}} {
		cfg.Clusterer = c
		m := g.fit(t, cfg)
		kept := 0
		for _, tp := range m.Topics() {
			if len(tp.Aspects["label"]) > 1 {
				kept++
				continue
			}
			require.Contains(t, tp.Aspects["label"][0].Term, " bytes")
		}
		require.Positive(t, kept)
		require.Less(t, kept, len(m.Topics()))
		require.ErrorContains(t, errors.Join(m.Warnings()...), `words: aspect "label": representer 0 (represent.LanguageModel): topic`)
		require.ErrorContains(t, errors.Join(m.Warnings()...), "not with the key [key]")
		dir := filepath.Join(t.TempDir(), "model")
		require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
		files := 0
		require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			files++
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NotContains(t, string(text), key, path)
			return nil
		}))
		require.Positive(t, files)
		back, err := topic.Load(t.Context(), dir, topic.LoadOptions{})
		require.NoError(t, err)
		require.Equal(t, m.Topics(), back.Topics())
	}
}

func TestLanguageModelValidates(t *testing.T) {
	require.NoError(t, represent.DefaultLanguageModel(echo).Validate())
	l := represent.LanguageModel{Docs: -1, Diversity: -1, Keywords: -1, Limit: represent.Limit{N: 1}}
	err := l.Validate()
	for _, field := range []string{"LanguageModel.LLM", "LanguageModel.Prompt", "LanguageModel.Docs", "LanguageModel.Diversity", "LanguageModel.Keywords", "LanguageModel.Concurrency", "Limit.Unit"} {
		require.ErrorContains(t, err, "represent."+field+" is ")
	}
	require.ErrorContains(t, represent.LanguageModel{Limit: represent.Limit{N: -1}}.Validate(), "represent.Limit.N is -1")
	v, topics := trees(t)
	_, again := l.Represent(t.Context(), v, topics)
	require.Equal(t, err, again)
}

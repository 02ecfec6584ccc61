package clean_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus/clean"
	"github.com/gobertopic/gobertopic/corpus/dedup"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

func full(t testing.TB) []clean.Step {
	t.Helper()
	language, err := clean.KeepLanguages("english")
	require.NoError(t, err)
	duplicates, err := clean.DropDuplicates(dedup.DefaultConfig())
	require.NoError(t, err)
	return []clean.Step{
		clean.DropQuotes(), clean.DropTracebacks(true), clean.FromMarkdown(clean.Options{KeepCode: true}), clean.DropURLs(), clean.DropEmpty(), language, duplicates,
	}
}

func TestPipelineExact(t *testing.T) {
	texts := []string{
		"> You said it works.\n\nThe large language **model** of https://example.com/m fails with\n```\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\nOSError: no\n```",
		"https://example.com",
		"Das Modell lässt sich nicht laden, und ich weiß nicht warum.",
		"The large language model of fails with\n\nOSError: no!",
		"Something else altogether",
		"something *else* altogether.",
		"The large language model of fails with\n\nOSError: nos!",
	}
	before := strings.Join(texts, "|")
	var told []string
	p := clean.Pipeline{Steps: full(t), Run: clean.Run{Workers: 1, Progress: func(step string, done, total int) { told = append(told, fmt.Sprint(step, done, total)) }}}
	r, err := p.Apply(t.Context(), texts)
	require.NoError(t, err)
	require.Equal(t, before, strings.Join(texts, "|"), "the texts stay as they are")
	require.Equal(t, []string{"The large language model of fails with\nOSError: no", "Something else altogether"}, r.Texts)
	require.Equal(t, []int{0, 4}, r.Index)
	require.Equal(t, []clean.Dropped{
		{1, "empty", "no words"},
		{2, "language", "german"},
		{3, "duplicates", "the same"},
		{5, "duplicates", "the same"},
		{6, "duplicates", "nearly the same"},
	}, r.Dropped)
	require.Equal(t, `step        documents  changed  characters removed  dropped
quotes              7        1                  21        0
tracebacks          7        1                  71        0
markdown            7        5                  58        0
urls                7        0                   0        0
empty               7        0                   0        1  no words 1
language            6        0                   0        1  german 1
duplicates          5        0                   0        3  the same 2, nearly the same 1
kept                2                                     5
`, r.Summary.String())
	text, err := json.Marshal(r.Summary)
	require.NoError(t, err)
	require.Contains(t, string(text), `{"step":"language","documents":6,"changed":0,"removed":0,"dropped":1,"reasons":[{"reason":"german","documents":1}]}`)
	require.Contains(t, told, "urls7 7")
}

func TestPipelineErrors(t *testing.T) {
	broken := errors.New("broken")
	_, err := clean.Pipeline{Steps: []clean.Step{{Name: "x", Among: func(context.Context, clean.Run, []string) ([]string, error) { return nil, broken }}}}.Apply(t.Context(), []string{"a"})
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "step x")
	_, err = clean.Pipeline{Steps: []clean.Step{{Name: "x", Among: func(context.Context, clean.Run, []string) ([]string, error) { return nil, nil }}}}.Apply(t.Context(), []string{"a"})
	require.ErrorContains(t, err, "0 reasons for 1 texts")
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	_, err = clean.Pipeline{Steps: full(t)}.Apply(ctx, []string{"a"})
	require.ErrorIs(t, err, gone)
	_, err = clean.KeepLanguages("klingon")
	require.ErrorContains(t, err, `"klingon"`)
	require.ErrorContains(t, err, "english")
	_, err = clean.KeepLanguages()
	require.Error(t, err)
	_, err = clean.DropDuplicates(dedup.Config{})
	require.Error(t, err)
	r, err := clean.Pipeline{}.Apply(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, r.Texts)
	require.Equal(t, "step  documents  changed  characters removed  dropped\nkept          0                                     0\n", r.Summary.String())
}

// Real issues: the same for any number of workers, what was dropped and what was kept are all there was, and cleaning
// what was cleaned changes hardly anything.
func TestSameBits(t *testing.T) {
	texts := issues(t)
	if testing.Short() {
		texts = texts[:2000]
	}
	var want clean.Result
	for _, workers := range []int{1, 2, 5} {
		r, err := clean.Pipeline{Steps: full(t), Run: clean.Run{Workers: workers}}.Apply(t.Context(), texts)
		require.NoError(t, err)
		if workers == 1 {
			want = r
			continue
		}
		require.Equal(t, want, r)
	}
	require.Len(t, texts, len(want.Texts)+len(want.Dropped))
	at := map[int]bool{}
	for i, index := range want.Index {
		require.False(t, at[index])
		require.True(t, i == 0 || want.Index[i-1] < index)
		at[index] = true
	}
	for _, d := range want.Dropped {
		require.False(t, at[d.Index])
		at[d.Index] = true
	}
	plain := []clean.Step{clean.DropURLs(), clean.DropEmpty(), full(t)[6]}
	again, err := clean.Pipeline{Steps: plain}.Apply(t.Context(), want.Texts)
	require.NoError(t, err)
	require.Equal(t, want.Texts, again.Texts, "dropping addresses, empty texts and duplicates is idempotent")
}

func TestLanguageExact(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "json.loads": "", "GPT-4 API timeout": "", "def f(x): return x": "",
		"Why does the model not answer?":                            "english",
		"What is this, and how do I use it with Python?":            "english",
		"Wie trainiere ich ein neuronales Netz mit Python?":         "german",
		"¿Cómo puedo usar la API de OpenAI?":                        "spanish",
		"Comment utiliser une API REST en Python ?":                 "french",
		"Como usar o modelo GPT com Python e não ver o erro":        "portuguese",
		"Come posso usare il modello con Python?":                   "italian",
		"Hoe gebruik ik de API met een sleutel?":                    "dutch",
		"Hur använder jag API:et med Python?":                       "swedish",
		"Python ile API nasıl kullanılır ve neden bu hata çıkıyor?": "turkish",
		"Jak mogę użyć tego modelu, jeśli nie mam klucza?":          "polish",
		"Как использовать API OpenAI в Python":                      "russian",
		"Як мені використати цей API у Python, якщо є помилка":      "ukrainian",
		"如何使用 OpenAI API":                                           "chinese",
		"OpenAIのAPIを使う方法":                                           "japanese",
		"OpenAI API를 사용하는 방법":                                       "korean",
		"Πώς μπορώ να το κάνω αυτό;":                                "greek",
		"كيف يمكنني استخدام هذا النموذج":                            "arabic",
		"איך אפשר להשתמש במודל הזה":                                 "hebrew",
		"मैं इस मॉडल का उपयोग कैसे करूं":                            "hindi",
		"ฉันจะใช้โมเดลนี้ได้อย่างไร":                                "thai",
		"Why does 你好 give the wrong answer in my model?":            "english",
	} {
		require.Equal(t, want, clean.Language(text), text)
		if want != "" {
			require.Contains(t, clean.Languages(), want)
		}
	}
	keep, err := clean.KeepLanguages("English", "german")
	require.NoError(t, err)
	require.Empty(t, keep.Reason("Why does the model not answer?"))
	require.Empty(t, keep.Reason("Wie lade ich das Modell?"))
	require.Empty(t, keep.Reason("GPT-4 API timeout"), "what tells nothing stays")
	require.Equal(t, "french", keep.Reason("Comment utiliser une API REST en Python ?"))
}

// Of 20,000 titles in English hardly any is taken for something else.
func TestLanguageOfTitlesStatistically(t *testing.T) {
	f, err := os.Open(testutil.Data(t, "so20k", "title_StackOverflow.txt"))
	require.NoError(t, err)
	defer f.Close()
	keep, err := clean.KeepLanguages("english")
	require.NoError(t, err)
	titles, dropped, english := 0, 0, 0
	for s := bufio.NewScanner(f); s.Scan(); titles++ {
		if keep.Reason(s.Text()) != "" {
			dropped++
		}
		if clean.Language(s.Text()) == "english" {
			english++
		}
	}
	require.Equal(t, 20000, titles)
	require.Less(t, dropped, 10)
	require.Greater(t, english, 9000)
	t.Logf("%d of %d titles are dropped, %d known as English", dropped, titles, english)
}

// Posts of a forum: a pipeline for HTML leaves no tag of them.
func TestForumPosts(t *testing.T) {
	f, err := os.Open(testutil.Data(t, "openai_forum_163", "topics.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	var texts []string
	for d := json.NewDecoder(bufio.NewReader(f)); d.More(); {
		var topic struct {
			Title, Body string
			Posts       []struct{ Text string }
		}
		require.NoError(t, d.Decode(&topic))
		for _, p := range topic.Posts {
			texts = append(texts, p.Text, p.Text)
		}
	}
	language, err := clean.KeepLanguages("english")
	require.NoError(t, err)
	duplicates, err := clean.DropDuplicates(dedup.DefaultConfig())
	require.NoError(t, err)
	r, err := clean.Pipeline{Steps: []clean.Step{
		clean.FromHTML(clean.Options{DropQuotes: true}), clean.DropTracebacks(false), clean.DropURLs(), clean.DropEmpty(), language, duplicates,
	}}.Apply(t.Context(), texts)
	require.NoError(t, err)
	require.LessOrEqual(t, r.Summary.Kept, len(texts)/2, "each came twice")
	require.Greater(t, r.Summary.Kept, len(texts)/3)
	for _, text := range r.Texts {
		require.NotContains(t, text, "</p>")
		require.NotContains(t, text, "https://")
	}
}

func ExamplePipeline() {
	english, err := clean.KeepLanguages("english")
	if err != nil {
		fmt.Println(err)
		return
	}
	duplicates, err := clean.DropDuplicates(dedup.DefaultConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	p := clean.Pipeline{Steps: []clean.Step{clean.FromHTML(clean.Options{}), clean.DropURLs(), english, duplicates}}
	r, err := p.Apply(context.Background(), []string{
		"<p>How do I stream the answer?</p>",
		"<p>Wie bekomme ich die Antwort in Teilen?</p>",
		"<p>How do I <b>stream</b> the answer? https://example.com</p>",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Texts, r.Index)
	fmt.Print(r.Summary)
	// Output:
	// [How do I stream the answer?] [0]
	// step        documents  changed  characters removed  dropped
	// html                3        3                  28        0
	// urls                3        1                  20        0
	// language            3        0                   0        1  german 1
	// duplicates          2        0                   0        1  the same 1
	// kept                1                                     2
}

func ExampleLanguage() {
	for _, text := range []string{"How do I use it?", "Wie kann ich das benutzen?", "如何使用它", "json.loads(x)"} {
		fmt.Printf("%q ", clean.Language(text))
	}
	fmt.Println()
	// Output: "english" "german" "chinese" ""
}

// Lines that many documents share are taken out, whatever their marks and case; what few share stays.
func TestDropBoilerplate(t *testing.T) {
	var texts []string
	for i := range 30 {
		text := fmt.Sprintf("### Expected behaviour\nKettle %c boils\n**Steps to reproduce**:\n1. Fill it\n<!-- please search first -->\nEnd", 'a'+i%26)
		if i%2 == 1 {
			text = fmt.Sprintf("Only %c here\nexpected BEHAVIOUR!\nRare line %d of few", 'a'+i%26, i/10)
		}
		texts = append(texts, text)
	}
	step, err := clean.DropBoilerplate(clean.Boilerplate{MinDocs: 12})
	require.NoError(t, err)
	r, err := clean.Pipeline{Steps: []clean.Step{step}}.Apply(t.Context(), texts)
	require.NoError(t, err)
	require.Equal(t, "Kettle a boils\nEnd", r.Texts[0])
	require.Equal(t, "Only b here\nRare line 0 of few", r.Texts[1])
	require.Equal(t, 30, r.Summary.Steps[0].Changed)
	require.Contains(t, texts[0], "Expected", "the texts of the caller stay")

	few, err := clean.DropBoilerplate(clean.Boilerplate{})
	require.NoError(t, err)
	r, err = clean.Pipeline{Steps: []clean.Step{few}}.Apply(t.Context(), texts[:9])
	require.NoError(t, err)
	require.Equal(t, texts[:9], r.Texts, "nine documents are not many")
	for _, b := range []clean.Boilerplate{{MinDocs: 1}, {MinDocs: -1}, {MinShare: 2}, {MinShare: -1}} {
		_, err := clean.DropBoilerplate(b)
		require.Error(t, err)
	}
}

package words_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/ctfidf/words"
)

func TestTokens(t *testing.T) {
	for text, want := range map[string][]string{
		"":                      nil,
		"a plain text, is it?":  {"plain", "text", "is", "it"},
		"don't pay 3.14 € 😀":    {"don't", "pay", "3.14"},
		"我喜欢机器学习 GPT-4":         {"我", "喜", "欢", "机", "器", "学", "习", "GPT"},
		"機械学習モデルの学習":            {"機", "械", "学", "習", "モデル", "の", "学", "習"},
		"자연어 처리 모델":             {"자연어", "처리", "모델"},
		"e\u0301te\u0301 naïve": {"e\u0301te\u0301", "naïve"},
	} {
		require.Equal(t, want, words.Tokens(text), text)
	}
	for text, want := range map[string][]string{
		"":             nil,
		"北京大学":         {"北京", "京大", "大学"},
		"大":            {"大"},
		"我, 你好 hello":  {"我", "你好", "hello"},
		"学習モデルの学習":     {"学習", "モデル", "の学", "学習"},
		"GPT模型 a 한국 어": {"GPT", "模型", "한국", "어"},
	} {
		require.Equal(t, want, words.Pairs(text), text)
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"", "plain", "北京大学 a", "\xff\xfe学", "モデルの", "a.b'c", "👩‍👩‍👧"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\ufffd") // as package ctfidf gives it
		at := 0
		for _, w := range words.Tokens(text) {
			i := strings.Index(text[at:], w)
			require.GreaterOrEqual(t, i, 0, "tokens stand in the text, in order")
			at += i + len(w)
		}
		at = 0
		for _, w := range words.Pairs(text) {
			require.True(t, utf8.ValidString(w))
			i := strings.Index(text[at:], w)
			require.GreaterOrEqual(t, i, 0)
			at += i
		}
	})
}

func Example() {
	cfg := ctfidf.Config{}
	cfg.Tokenizer = words.Pairs
	docs := []string{"机器学习", "学习机器", "天气很好"}
	counts, err := ctfidf.Count(context.Background(), docs, []int{0, 0, 1}, cfg)
	if err != nil {
		log.Fatal(err)
	}
	weights, err := ctfidf.Weighting{}.Weigh(counts)
	if err != nil {
		log.Fatal(err)
	}
	for _, term := range weights.TopTerms(0, 2) {
		fmt.Printf("%s %.3f\n", term.Term, term.Weight)
	}
	// Output:
	// 学习 0.366
	// 机器 0.366
}

// Scripts without spaces give pairs of clusters, and what is between is a word.
func TestScriptsWithoutSpacesExact(t *testing.T) {
	for text, want := range map[string][]string{
		"แมวกินปลา API น้ำ": {"แมว", "วกิ", "กิน", "นป", "ปลา", "API", "น้ำ"},
		"ก ข":       nil, // single letters
		"ສະບາຍ, ດີ": {"ສະບາ", "ບາຍ", "ດີ"},
		"มือถือ日本語": {"มือ", "อถื", "ถือ", "日", "本", "語"},
		"မြန်မာ":    {"မြန်", "န်မာ"},
	} {
		require.Equal(t, want, words.Tokens(text), text)
	}
	require.Equal(t, []string{"มือ", "อถื", "ถือ", "日本", "本語", "ถือ"}, words.Pairs("มือถือ日本語ถือ"))
}

// Expressions mean what they mean to Python; the values are what re.findall gives.
func TestPatternExact(t *testing.T) {
	const text = "Größe und Länge_2 der Straße, don't naïve café ２０ x² हिन्दी 日本 a-b [x] 1.5"
	for expr, want := range map[string][]string{
		words.DefaultPattern:     {"Größe", "und", "Länge_2", "der", "Straße", "don", "naïve", "café", "２０", "x²", "日本"},
		`\b\w\w+\b`:              {"Größe", "und", "Länge_2", "der", "Straße", "don", "naïve", "café", "２０", "x²", "日本"},
		`(?u)\b[^\W\d_]{4,}\b`:   {"Größe", "Straße", "naïve", "café"},
		`[\D\d]{80,}`:            nil,
		`\b\d+\b`:                {"２０", "1", "5"},
		`(?a)\b\w\w+\b`:          {"Gr", "und", "nge_2", "der", "Stra", "don", "na", "ve", "caf"},
		`(?i)\b(str\w+)\b,?`:     {"Straße"},
		`\w+'\w+`:                {"don't"},
		`\w+(?:-\w+)`:            {"a-b"},
		`(?P<first>[a-z])-[a-z]`: {"a"},
		`[\w.]+\.[\d]`:           {"1.5"},
		`[]x[]{2,}`:              {"[x]"},
		`\pL{6}`:                 {"Straße"},
		`(?<=\[)\w`:              {"x"},
		`\Bé\b`:                  {"é"},
	} {
		f, err := words.Pattern(expr)
		require.NoError(t, err, expr)
		got := f(text)
		require.Equal(t, want, got, expr)
	}
	for expr, want := range map[string]string{
		`(`: "the token pattern", `(a)(b)`: "2 groups", `(?L)a`: "for bytes", `(?P=x`: "not closed", `[a`: "the token pattern", `\`: "the token pattern",
	} {
		_, err := words.Pattern(expr)
		require.ErrorContains(t, err, want, expr)
	}
}

// The default pattern finds what ctfidf.Config.PythonWords finds.
func FuzzPattern(f *testing.F) {
	for _, s := range []string{"Größe und x²", "हिन्दी की", "a\u0301b ab_c", "İ \u200d \xff"} {
		f.Add(s)
	}
	tokens, err := words.Pattern(words.DefaultPattern)
	require.NoError(f, err)
	cfg := ctfidf.Config{KeepCase: true, PythonWords: true}
	terms, err := cfg.Terms()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		require.Equal(t, append([]string{}, terms(text)...), append([]string{}, tokens(text)...))
	})
}

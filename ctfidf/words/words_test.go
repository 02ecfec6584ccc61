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

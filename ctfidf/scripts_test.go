package ctfidf

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
)

// Words of every script are whole: marks and joiners continue them, whatever the form they are written in.
func TestWordsOfScriptsExact(t *testing.T) {
	for text, want := range map[string][]string{
		"हिन्दी की आधुनिक लिपि":                                    {"हिन्दी", "की", "आधुनिक", "लिपि"},
		"ప్రధానమంత్రిని చూశారు":                                    {"ప్రధానమంత్రిని", "చూశారు"},
		"தமிழ் மொழி":                                               {"தமிழ்", "மொழி"},
		"ভৌতিক গল্প":                                               {"ভৌতিক", "গল্প"},
		"क्\u200dष नमस्ते\u200c। ज्ञ":                              {"क्\u200dष", "नमस्ते", "ज्ञ"},
		"می\u200cخواهم کتاب":                                       {"می\u200cخواهم", "کتاب"},
		"الْمَدْرَسَةُ كبيرة":                                      {"الْمَدْرَسَةُ", "كبيرة"},
		"שָׁלוֹם עולם":                                             {norm.NFC.String("שָׁלוֹם"), "עולם"},
		"cafe\u0301 café CAFE\u0301":                               {"café", "café", "café"},
		"İSTANBUL istanbul I\u0307stanbul i\u0307stanbul Istanbul": {"istanbul", "istanbul", "istanbul", "istanbul", "istanbul"},
		"ılık IĞDIR":                {"ılık", "iğdir"},
		"inter\u00adnational":       {"international"},
		"\u0301ab a\u0301 \u200dcd": {"ab", "cd"}, // á is a single character
		"我喜欢北京 한국어":                 {"我喜欢北京", "한국어"},
		"x\u200c y":                 {},
	} {
		got := analyse(Config{}, text)
		require.Equal(t, append([]string{}, want...), got, text)
		require.Equal(t, got, analyse(Config{}, norm.NFD.String(text)), "decomposed: "+text)
		upper := Config{}
		upper.StripAccents = AccentsUnicode
		for _, term := range analyse(upper, text) {
			require.True(t, utf8.ValidString(term))
		}
	}
	require.Equal(t, []string{"नक"}, analyse(pythonConfig(), "मानक"), "as in scikit-learn")
}

// TestMayComposeExact tests every character: where mayCompose returns false, NFC neither changes the
// character nor joins it to a character before it.
func TestMayComposeExact(t *testing.T) {
	passed := 0
	for r := range unicode.MaxRune + 1 {
		if s := string(r); !mayCompose(r) {
			require.True(t, norm.NFC.IsNormalString(s) && norm.NFC.PropertiesString(s).BoundaryBefore(), "%U", r)
			passed++
		}
	}
	require.Greater(t, passed, 0x9000)
}

// TestNormalizeExact compares normalize with NFC itself on texts that end in each kind of character.
func TestNormalizeExact(t *testing.T) {
	for _, text := range []string{
		"", "plain", "caf\u00e9", "cafe\u0301", "\uac00\u11a8", "\u1100\u1161", "\u212b", "\u304b\u3099", "\u0438\u0306",
		"日本語とΑθήνα\u0301", "twelve bytes and cafe\u0301", "\uf900", "\u0915\u093c",
	} {
		require.Equal(t, norm.NFC.String(text), normalize(text), "%+q", text)
		require.Equal(t, norm.NFC.String("ab日"+text), normalize("ab日"+text), "%+q", text)
	}
	require.Equal(t, "e\xff", normalize("e\xff"), "no character that composes: left as it is")
}

// Scripts without spaces are counted by pairs of clusters, never by single letters.
func TestScriptsWithoutSpacesExact(t *testing.T) {
	for text, want := range map[string][]string{
		"แมวกินปลา API2 น้ำ": {"แมว", "วกิ", "กิน", "นป", "ปลา", "api2", "น้ำ"},
		"ภาษาไทย":            {"ภาษา", "ษาไท", "ไทย"},
		"gptคือ":             {"gpt", "คือ"},
		"ສະບາຍດີ":            {"ສະບາ", "ບາຍ", "ຍດີ"},
		"ខ្ញុំស្រលាញ់":       {"ខ្ញុំស្រ", "ស្រលា", "លាញ់"},
		"မြန်မာ":             {"မြန်", "န်မာ"},
	} {
		require.Equal(t, want, analyse(Config{}, text), text)
	}
}

// Any text gives terms that are UTF-8, not empty, and the same as its composed form gives.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"हिन्दी की", "แมวกิน ສະບາຍ", "İi\u0307 a\u0301b\u200d", "\u200c\u0301", "x\ufe0fy \u00ad z\u00adw", "\xff\u0e40\u0e40"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := analyse(Config{}, text)
		for _, term := range got {
			require.True(t, utf8.ValidString(term) && term != "")
			require.False(t, strings.HasSuffix(term, "\u200c") || strings.HasSuffix(term, "\u200d"), "%q", term)
		}
		require.Equal(t, got, analyse(Config{}, norm.NFC.String(strings.ToValidUTF8(text, "\ufffd"))))
		if isASCII(text) {
			require.Equal(t, analyse(pythonConfig(), text), got)
		}
	})
}

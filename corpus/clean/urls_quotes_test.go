package clean_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus/clean"
)

func TestURLsExact(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "",
		"no address: http, https:// or www.":    "no address: http, https:// or www.",
		"see https://x.y/z?a=b&c#d for more":    "see for more",
		"https://x.y":                           "",
		"at the end https://x.y":                "at the end",
		"a https://x.y/z, b":                    "a , b",
		"see (https://x.y/a_(b)) or HTTP://Z.W": "see () or",
		"wwwhat www.x.y awww.x":                 "wwwhat awww.x",
		"[text](https://x.y/z) and ![a](http://i.j/k.png)": "[text] and ![a]",
		"<https://x.y> ftp://a.b/c":                        "",
		"“https://x.y/ü”.":                                 "“”.",
		"first https://a.b\nhttps://c.d second":            "first\nsecond",
		`href="https://a.b/c">x`:                           `href="">x`,
		"mailto a@b.c, /path/to, example.com":              "mailto a@b.c, /path/to, example.com",
	} {
		require.Equal(t, want, clean.URLs(text), text)
	}
}

func TestQuotesExact(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "",
		"a > b\n  -> c":                          "a > b\n  -> c",
		"> quoted\nreply\n":                      "reply\n",
		"before\n>quoted\n> > twice\nafter":      "before\nafter",
		">>> print(1)\n1":                        ">>> print(1)\n1",
		"```\n> in code\n```\n> out\nx":          "```\n> in code\n```\nx",
		"    > indented":                         "    > indented",
		"On Mon, 1 Jan 2024, Ann wrote:\n> a\nb": "b",
		"x\nOn Mon, Ann <a@b.c> wrote:\n\n> a\n": "x\n",
		"Ann said:\nhello":                       "Ann said:\nhello",
		"[quote=\"ann, post:1, topic:2\"]\na\n[/quote]\nmine": "mine",
		"a [quote]b [QUOTE=x]c[/quote] d[/quote] e":           "a  e",
		"[quote]never closed":                                 "[quote]never closed",
		"closed[/quote] x [quote]y[/quote]":                   "closed[/quote] x ",
	} {
		require.Equal(t, want, clean.Quotes(text), text)
	}
}

func TestQuotesInMarkupExact(t *testing.T) {
	opt := clean.Options{DropQuotes: true}
	for source, want := range map[string]string{
		"<p>a</p><blockquote><p>b</p><blockquote>c</blockquote></blockquote><p>d</p>":                                         "a\nd",
		`<aside class="quote no-group" data-post="1"><div class="title">Ann:</div><blockquote>b</blockquote></aside><p>c</p>`: "c",
		`<aside class="onebox"><p>b</p></aside>c`:                                                                             "b\nc",
		`<aside class="quote">a<aside>b</aside>c</aside>d`:                                                                    "d",
		"</blockquote></aside>stray":                                                                                          "stray",
		"cut <blockquote>off":                                                                                                 "cut",
	} {
		require.Equal(t, want, clean.HTML(source, opt), source)
	}
	require.Equal(t, "a\nb\nd", clean.HTML("<p>a</p><blockquote>b</blockquote>d", clean.Options{}))
	require.Equal(t, "mine", clean.Markdown("> theirs\n> too\n\nmine", opt))
	require.Equal(t, "theirs\nmine", clean.Markdown("> theirs\n\nmine", clean.Options{}))
}

func ExampleURLs() {
	fmt.Println(clean.URLs("The guide (https://example.com/guide) says so, see [here](https://example.com)."))
	// Output: The guide () says so, see [here].
}

func ExampleQuotes() {
	fmt.Println(clean.Quotes("Ann wrote:\n> It fails.\n\nIt works for me."))
	// Output:
	//
	// It works for me.
}

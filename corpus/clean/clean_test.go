package clean_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus/clean"
)

func TestHTML(t *testing.T) {
	for source, want := range map[string]string{
		"":                              "",
		"plain text":                    "plain text",
		" white \n\t space\u00a0here ":  "white space here",
		"<p>one</p><p>two</p>":          "one\ntwo",
		"in<b>side</b> a <i>word</i>":   "inside a word",
		"1 &lt; 2 &amp;&amp; 3 &gt; 2":  "1 < 2 && 3 > 2",
		"a<br>b<br/>c":                  "a\nb\nc",
		"use <code>json.loads</code>.":  "use json.loads.",
		"see <a href='x'>the docs</a>!": "see the docs!",
		"see <a href='http://x.y/z'>http://x.y/z</a> there":  "see there",
		"a<!-- b -->c<script>d()</script><style>e{}</style>": "ac",
		"x<img src='y.png' alt='image'>z":                    "x z",
		"<table><tr><td>a</td><td>b</td></tr></table>":       "a b",
		"<ul><li>a<li>b</ul>":                                "a\nb",
		"before<pre><code>x := 1\n\ty</code></pre>after":     "before\nafter",
		"</pre></b>stray <unknown>tags":                      "stray <unknown>tags",
		"cut off <pre>code":                                  "cut off",
		"a < b and <- c":                                     "a < b and <- c",
		"\xff\x00":                                           "\ufffd",
	} {
		require.Equal(t, want, clean.HTML(source, clean.Options{}), source)
	}
	require.Equal(t, "before\nx := 1\ny\nafter",
		clean.HTML("before<pre><code>x := 1\n\ty</code></pre>after", clean.Options{KeepCode: true}))
}

func TestMarkdown(t *testing.T) {
	source := strings.Join([]string{
		"# A *heading*", "", "Some **bold** text with `code` and [a link](https://x.y \"title\"),", "over two lines. https://example.com/a?b=c",
		"", "```python", "import os", "os.environ['A'] < 1", "```", "", "- item &amp; more", "- [x] done", "", "Then:", "", "    indented()", "",
		"<!-- template comment -->", "<details><summary>Log</summary>", "", "inner", "", "</details>", "", "![image](https://x.y/z.png)",
		"", "| a | b |", "|---|---|", "| 1 | 2 |", "", "~~gone~~ <https://auto.link>",
	}, "\n")
	require.Equal(t, strings.Join([]string{
		"A heading", "Some bold text with code and a link, over two lines.", "item & more", "done", "Then:", "Log", "inner", "a b", "1 2", "gone",
	}, "\n"), clean.Markdown(source, clean.Options{}))
	require.Contains(t, clean.Markdown(source, clean.Options{KeepCode: true}), "\nimport os\nos.environ['A'] < 1\nitem & more\ndone\nThen:\nindented()\nLog\n")
	require.Equal(t, "open", clean.Markdown("open\n```\nnever closed\n# not a heading", clean.Options{}))
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "<p>a", "<pre><script>", "```\na\n", "a|b\n-|-\n1|2", "<a href=\"http://\">", "&#x0;&bogus;", "\xff<", "* [ ] <b", "<!--"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		for _, opt := range []clean.Options{{}, {KeepCode: true}} {
			for _, text := range []string{clean.HTML(source, opt), clean.Markdown(source, opt)} {
				require.True(t, utf8.ValidString(text))
				require.Equal(t, strings.TrimSpace(text), text)
				require.NotContains(t, text, "  ")
				require.NotContains(t, text, "\x00")
			}
		}
		// Text without markup stays as it is, but for white space.
		plain := strings.NewReplacer("<", "", "&", "").Replace(strings.ToValidUTF8(source, "?"))
		require.Equal(t, strings.Fields(strings.ReplaceAll(plain, "\x00", " ")), strings.Fields(clean.HTML(plain, clean.Options{})))
	})
}

func Example() {
	body := `<p>Why does <code>json.loads</code> fail?</p>
<pre><code>Traceback (most recent call last):
  File "a.py", line 1</code></pre>
<p>See <a href="https://example.com">https://example.com</a>.</p>`
	fmt.Println(clean.HTML(body, clean.Options{}))
	// Output:
	// Why does json.loads fail?
	// See .
}

func ExampleMarkdown() {
	fmt.Println(clean.Markdown("The **model** fails:\n\n```\nout of memory\n```\n", clean.Options{KeepCode: true}))
	// Output:
	// The model fails:
	// out of memory
}

// What stands in angle brackets but is no tag is text, and stays.
func TestAngleBracketsExact(t *testing.T) {
	for source, want := range map[string]string{
		"List<String> names":                     "List<String> names",
		"vector<int> v; map<string, int> m":      "vector<int> v; map<string, int> m",
		"Map<Object, Option<Button>> and <T>":    "Map<Object, Option<Button>> and <T>",
		"write to <someone@example.org> please":  "write to <someone@example.org> please",
		"if x < 5 and y > 3":                     "if x < 5 and y > 3",
		"a <b and c> d":                          "a <b and c> d",
		"a<b && c>d":                             "a<b && c>d",
		"1 <2 3> 4":                              "1 <2 3> 4",
		"<|endoftext|> <@123> <-> <3 =>":         "<|endoftext|> <@123> <-> <3 =>",
		"an open <b bold text":                   "an open <b bold text",
		"shown <!-- hidden --><p":                "shown",
		"<p>AT&amp;T &lt;b&gt; caf&eacute;</p>":  "AT&T <b> café",
		"a<br>b<br/>c<BR>d":                      "a\nb\nc\nd",
		"one<b>two</b><B CLASS=x>three</B>":      "onetwothree",
		"<input disabled><a href='x' hidden>y":   "y",
		"<my-part some-thing>in</my-part><o:p/>": "in",
		"<script>if (a<b) x()</script>seen":      "seen",
		"&lt;String&gt; <Foo &amp; Bar>":         "<String> <Foo & Bar>",
		"</nothing> is closed":                   "</nothing> is closed",
	} {
		require.Equal(t, want, clean.HTML(source, clean.Options{}), source)
	}
	require.Equal(t, "A List<String> of <T>, write to someone@example.org", clean.Markdown("A List<String> of <T>, write to <someone@example.org>", clean.Options{}))
}

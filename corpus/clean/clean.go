// Package clean makes of what people write in forums and issue trackers the texts that topics are found in.
//
// HTML and Markdown make plain text of the two markups. What names the subject stays: text, headings, the text of links,
// code within a sentence. What does not is left out: tags, comments, scripts, addresses, images, and blocks of code, which
// would otherwise fill a topic with the words of tracebacks and logs, unless they are asked for. Any input gives valid UTF-8
// and no error: malformed HTML is read as browsers read it.
//
// Tracebacks, URLs and Quotes take out of plain text or of Markdown what is not its author's prose; each leaves alone what it
// has made. Language names the language of a text. A Pipeline runs such steps over a corpus, on all processors, drops
// documents that are in another language or that were there before (package dedup finds them), and tells of every step
// how many documents it changed, how many characters it took out, and which documents it dropped and why.
package clean

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Options says what is kept.
type Options struct {
	// KeepCode keeps blocks of code with their line breaks: <pre> in HTML, fenced and indented blocks in Markdown. Default
	// false. Code within a sentence, <code> and `backticks`, is always kept.
	KeepCode bool
	// DropQuotes leaves out what is quoted: <blockquote>, "> " in Markdown, and <aside class="quote">, which Discourse makes
	// of [quote]. Default false.
	DropQuotes bool
}

// HTML is the text of an HTML document or fragment. Runs of white space become one space, and each block is a line. The
// text of a link that is an address itself is left out. What stands in angle brackets but is no tag of HTML is text:
// List<String>, <someone@example.org>, a <b and c> d.
func HTML(source string, opt Options) string {
	w := writer{opt: opt}
	tokens := nethtml.NewTokenizer(strings.NewReader(source))
	for at := 0; ; {
		kind := tokens.Next()
		begin := at
		at += len(tokens.Raw())
		switch kind {
		case nethtml.ErrorToken: // the end: a string cannot fail to be read, and tags of any length are allowed
			if rest := source[min(begin, len(source)):]; !isTagName(strings.TrimLeft(rest, "</")) {
				w.write(nethtml.UnescapeString(rest)) // a '<' that no '>' follows
			}
			return w.text()
		case nethtml.TextToken:
			w.write(string(tokens.Text()))
		case nethtml.StartTagToken, nethtml.EndTagToken, nethtml.SelfClosingTagToken:
			before := byte(' ')
			if begin > 0 {
				before = source[begin-1]
			}
			t := readTag(tokens, source[begin:at], before)
			switch {
			case !t.is:
				w.write(nethtml.UnescapeString(source[begin:at]))
			case kind == nethtml.StartTagToken:
				w.open(t.name, t.quotes)
			case kind == nethtml.EndTagToken:
				w.close(t.name)
			case isBlock(t.name) || t.name == atom.Td || t.name == atom.Th:
				w.line()
			}
		}
	}
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))

// Markdown is the text of a Markdown document with GitHub's extensions and with HTML in it.
func Markdown(source string, opt Options) string {
	var page bytes.Buffer
	if err := markdown.Convert([]byte(strings.ToValidUTF8(source, "\ufffd")), &page); err != nil {
		return HTML(source, opt) // a buffer cannot fail to be written to
	}
	return HTML(page.String(), opt)
}

// writer puts the text together.
type writer struct {
	opt     Options
	out     strings.Builder
	pending byte // what stands between what is written and what comes: nothing, a space, or a line break
	pre     int  // how deep in <pre>
	hidden  int  // how deep in elements without text of their own
	link    bool // in a link
	quotes  int  // how deep in <blockquote>
	aside   int  // how deep in <aside>, from the one that quotes on
}

// hides is the elements whose content is no text.
func hides(tag atom.Atom) bool {
	switch tag {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe, atom.Title:
		return true
	}
	return false
}

func isBlock(tag atom.Atom) bool {
	switch tag {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Br, atom.Caption, atom.Dd, atom.Details, atom.Div,
		atom.Dl, atom.Dt, atom.Figcaption, atom.Figure, atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5,
		atom.H6, atom.Header, atom.Hr, atom.Li, atom.Main, atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Section, atom.Summary,
		atom.Table, atom.Tbody, atom.Tfoot, atom.Thead, atom.Tr, atom.Ul:
		return true
	}
	return false
}

func (w *writer) open(tag atom.Atom, quote bool) {
	switch {
	case tag == atom.Blockquote:
		w.quotes++
	case tag == atom.Aside && (quote || w.aside > 0):
		w.aside++
	case hides(tag):
		w.hidden++
	case tag == atom.Pre:
		w.pre++
	case tag == atom.A:
		w.link = true
	}
	w.between(tag)
}

func (w *writer) close(tag atom.Atom) {
	switch {
	case tag == atom.Blockquote:
		w.quotes = max(w.quotes-1, 0)
	case tag == atom.Aside:
		w.aside = max(w.aside-1, 0)
	case hides(tag):
		w.hidden = max(w.hidden-1, 0)
	case tag == atom.Pre:
		w.pre = max(w.pre-1, 0)
	case tag == atom.A:
		w.link = false
	}
	w.between(tag)
}

// between parts the text where a tag does.
func (w *writer) between(tag atom.Atom) {
	switch {
	case isBlock(tag):
		w.line()
	case tag == atom.Td || tag == atom.Th || tag == atom.Img || tag == atom.Option || tag == atom.Button:
		w.space()
	}
}

func (w *writer) line() { w.pending = '\n' }

func (w *writer) space() {
	if w.pending == 0 {
		w.pending = ' '
	}
}

func (w *writer) write(text string) {
	if w.hidden > 0 || w.pre > 0 && !w.opt.KeepCode || w.quotes+w.aside > 0 && w.opt.DropQuotes {
		return
	}
	if w.link && isAddress(text) {
		w.space()
		return
	}
	for _, r := range text {
		if unicode.IsSpace(r) || r == 0 {
			if w.pre > 0 && r == '\n' {
				w.line()
			} else {
				w.space()
			}
			continue
		}
		if w.pending != 0 && w.out.Len() > 0 {
			w.out.WriteByte(w.pending)
		}
		w.pending = 0
		w.out.WriteRune(r)
	}
}

func (w *writer) text() string { return w.out.String() }

// isAddress is whether the text of a link is an address.
func isAddress(text string) bool {
	text = strings.TrimSpace(text)
	if strings.ContainsFunc(text, unicode.IsSpace) {
		return false
	}
	for _, prefix := range []string{"http://", "https://", "ftp://", "mailto:", "www."} {
		if len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
			return true
		}
	}
	return false
}

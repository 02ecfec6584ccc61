package clean

import (
	"slices"
	"strings"
	"sync"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// tag is what stands in angle brackets.
type tag struct {
	name   atom.Atom // 0 for an element that is not of HTML itself
	is     bool      // a tag, not text
	quotes bool      // an <aside> with the class "quote"
}

// readTag reads the tag that the tokenizer has met, which is written as raw and stands after the byte before.
func readTag(tokens *nethtml.Tokenizer, raw string, before byte) (t tag) {
	name, more := tokens.TagName()
	t.name = atom.Lookup(name)
	t.is = isElement(string(name))
	if t.is && isLetter(before) && !more && isCapitalized(strings.Trim(raw, "</>")) {
		t.is = false // Map<Object>
	}
	for more {
		var key, value []byte
		key, value, more = tokens.TagAttr()
		if t.name == atom.Aside && string(key) == "class" && slices.Contains(strings.Fields(string(value)), "quote") {
			t.quotes = true
		}
		if len(value) == 0 && atom.Lookup(key) == 0 && !strings.ContainsAny(string(key), "-:=/\"'") {
			t.is = false // words
		}
	}
	return t
}

// isElement reports whether name is that of an element of HTML, SVG or MathML, or of one that a page or program has made,
// which has a hyphen or a colon in it.
func isElement(name string) bool {
	if elements()[name] {
		return true
	}
	return isTagName(name) && strings.ContainsAny(name, "-:")
}

// isTagName reports whether s may be the name of an element.
func isTagName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && (i == 0 || c != '-' && c != ':') {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

// isCapitalized reports whether the first letter alone is a capital one.
func isCapitalized(s string) bool {
	return len(s) > 1 && 'A' <= s[0] && s[0] <= 'Z' && strings.ToLower(s[1:]) == s[1:]
}

// elements are the names of elements, those that are no longer of HTML among them.
var elements = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields(`a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound
		big blink blockquote body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog
		dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr
		html i iframe img input ins isindex kbd keygen label legend li link listing main map mark marquee menu menuitem meta
		meter nav nobr noembed noframes noscript object ol optgroup option output p param picture plaintext portal pre progress
		q rb rbc rp rt rtc ruby s samp script search section select slot small source spacer span strike strong style sub
		summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr xmp
		circle clippath defs ellipse filter g image line lineargradient marker mask path pattern polygon polyline
		radialgradient rect stop symbol text textpath tspan use foreignobject
		math mrow mi mn mo mfrac msup msub msubsup msqrt mroot mtext mtable mtr mtd mover munder munderover mspace mstyle
		semantics annotation`) {
		set[name] = true
	}
	return set
})

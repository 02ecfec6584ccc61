package rowxml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// scan writes down the elements and faults of a text.
func scan(text string) (all []string) {
	var s Scanner
	s.Reset([]byte(text))
	for {
		e, err := s.Next()
		switch {
		case err != nil:
			all = append(all, fmt.Sprintf("%d: %v", e.Offset, err))
		case e == nil:
			return all
		case e.Kind == Other:
			all = append(all, "other")
		case e.Kind == End:
			all = append(all, "/"+string(e.Name))
		default:
			line := string(e.Name)
			for _, a := range e.Attributes {
				line += fmt.Sprintf(" %s=%s", a.Name, strconv.Quote(a.Value()))
			}
			all = append(all, line)
		}
	}
}

func TestScanExact(t *testing.T) {
	require.Equal(t, []string{
		"other", "posts", `row Id="1" T="a<b> & \"c\" 'd'\n\réé😀"`, "row", `row a:b="\n\n\n "`, "/row", "other", "/posts",
	}, scan("<?xml version=\"1.0\"?>\r\n<posts>\n"+
		"  <row Id=\"1\" T='a&lt;b&gt; &amp; &quot;c\" &apos;d&apos;&#xA;&#13;é&#233;&#x1F600;' />\r\n<row/>"+
		"<row\na:b\t=\n\"\n\r\r\n \"></row ><!-- none -->\n</posts>\n"))
	require.Equal(t, []string{"row a=\"\uFFFDb\uFFFD\""}, scan("<row a='\xff\xfeb\xc3'/>"))
	require.Empty(t, scan(""))
	require.Empty(t, scan(" \n"))
}

// A fault costs its own element alone.
func TestFaultsExact(t *testing.T) {
	const good = `<row Id="1"/>`
	for text, want := range map[string]string{
		`<row Id="1`:       "attribute Id: no quote ends it before the next element",
		`<row Id="1 />`:    "attribute Id: no quote ends it before the next element",
		`<row Id=1 />`:     `attribute Id: '1', want a value in quotes`,
		`<row Id />`:       `'/' after the name of an attribute, want '='`,
		`<row / Id="1">`:   `' ' after /, want '>'`,
		`<>`:               `'>', want the name of an element`,
		`<1>`:              `'1', want the name of an element`,
		`<row -a="1">`:     `'-', want the name of an attribute`,
		`<row é="1">`:      `'Ã', want the name of an attribute`,
		`<row aé="1">`:     `the name of an attribute is not a plain one`,
		`<a:b:c>`:          `the name of an element is not a plain one`,
		`</row a>`:         `'a' after the name of an element that ends, want '>'`,
		`<!-- `:            "no --> before the next element",
		`<!-- -- -->`:      "-- within a comment",
		`<!DOCTYPE posts>`: "a declaration, want rows alone",
		`<?xml`:            "no ?> before the next element",
		`text`:             "text that is in no element",
	} {
		require.Equal(t, []string{`row Id="1"`, "13: " + want, `row Id="1"`}, scan(good+text+good), text)
	}
	for _, text := range []string{"<", "<row", "<row ", "<row Id", "<row Id=", `<row Id="`, `<row Id="1`, `<row Id="1"`, `<row Id="1" /`, "</", "</row"} {
		got := scan(good + text)
		require.Len(t, got, 2, text)
		require.Regexp(t, "^13: ", got[1], text)
	}
}

func TestLongReferencesExact(t *testing.T) {
	require.Equal(t, []string{`row a="A<"`}, scan(`<row a="&#`+strings.Repeat("0", 100)+`65;&#x`+strings.Repeat("0", 100)+`3c;"/>`))
	require.Len(t, scan(`<row a="&#`+strings.Repeat("9", 100)+`;"/>`), 1)
}

// What XML forbids in a value costs a character, not the element.
func TestForbiddenExact(t *testing.T) {
	for value, want := range map[string]string{
		"a & b": "a & b", "&nbsp;x": "&nbsp;x", "&lt": "&lt", "&#x110000;": "&#x110000;", "&#;": "&#;", "&": "&", "&#x1;b": "\uFFFDb", "a\x01b\r\n\x00&amp;": "a\uFFFDb\n\uFFFD&",
		"\uFFFE\uFFFFé": "\uFFFD\uFFFDé", "\xff\x01\xfe": "\uFFFD\uFFFD\uFFFD",
	} {
		require.Equal(t, []string{`row Id="1"`, "row a=" + strconv.Quote(want) + ` b="<"`}, scan(`<row Id="1"/><row a="`+value+`" b="&lt;"/>`), value)
	}
	var s Scanner
	s.Reset([]byte("<row a='&\x01&#x2;' b='&amp;'/>"))
	e, err := s.Next()
	require.NoError(t, err)
	require.Equal(t, 3, e.Odd)
}

// The first element is what encoding/xml reads, and what is a fault to one is a fault to the other.
func FuzzScan(f *testing.F) {
	for _, s := range []string{
		`<row Id="1" PostTypeId='2'/>`, `<row a="&lt;&#xA;&#10;&#x110000;&amp;&quot;&apos;&gt;">`, "<row a=\"\r\n\r&#13;\"/>", "<a b=\"\xff\xef\xbf\xbf\"/>",
		"<a b='&#xD800;\x00'/>", "<a:b c:d = 'e'f='g' />", "</a >", "<a/ >", `<a b="1" b="2" :c="" d:=""/>`, "<a b='\xef\xbf\xbd\xef\xbf\xbe'/>", "<a b='&#xfffe;'/>", "<a b='\x7f]]>'/>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		if !strings.HasPrefix(text, "<") || len(text) < 2 || text[1] == '?' || text[1] == '!' {
			return
		}
		for i := range len(text) {
			if text[i] >= utf8.RuneSelf && strings.Count(text[:i], `"`)%2 == 0 && strings.Count(text[:i], `'`)%2 == 0 {
				return // perhaps in a name
			}
		}
		var s Scanner
		s.Reset([]byte(text))
		e, fault := s.Next()
		d := xml.NewDecoder(strings.NewReader(text))
		token, err := d.RawToken()
		if e != nil && e.Odd > 0 && fault == nil {
			require.Error(t, err)
			return
		}
		require.Equal(t, err == nil, fault == nil, "%v, want %v", fault, err)
		if err != nil {
			return
		}
		switch want := token.(type) {
		case xml.StartElement:
			require.Equal(t, Start, e.Kind)
			require.Equal(t, full(want.Name), string(e.Name))
			require.Len(t, e.Attributes, len(want.Attr))
			for i, a := range want.Attr {
				require.Equal(t, full(a.Name), string(e.Attributes[i].Name))
				require.Equal(t, a.Value, e.Attributes[i].Value())
			}
		case xml.EndElement:
			require.Equal(t, End, e.Kind)
			require.Equal(t, full(want.Name), string(e.Name))
		}
	})
}

func full(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// Any bytes are read to the end, and the same if the text is cut before one of its '<'.
func FuzzCut(f *testing.F) {
	f.Add([]byte(`<a b="1"/><c d="2`+"\n"+`<e/>`), 12)
	f.Add([]byte("x<a>\n<!-- <b> -->"), 5)
	f.Fuzz(func(t *testing.T, text []byte, at int) {
		if at < 0 || at >= len(text) || text[at] != '<' {
			return
		}
		require.Equal(t, faults(t, text, 0), append(faults(t, text[:at], 0), faults(t, text[at:], at)...))
	})
}

// faults are the offsets of the elements, negative where there is a fault.
func faults(t *testing.T, text []byte, from int) (all []int) {
	var s Scanner
	s.Reset(text)
	for {
		e, err := s.Next()
		if e == nil {
			return all
		}
		at := e.Offset + from + 1
		if err != nil {
			require.NotErrorIs(t, err, errors.ErrUnsupported)
			at = -at
		}
		all = append(all, at)
		require.LessOrEqual(t, len(all), len(text)+from)
	}
}

func BenchmarkScan(b *testing.B) {
	row := `<row Id="1" PostTypeId="1" AcceptedAnswerId="2" CreationDate="2023-07-17T19:24:01.893" Score="7" ViewCount="2132" Body="` +
		strings.Repeat(`&lt;p&gt;I have seen a number of prompts that put parentheses (or brackets) around a phrase.&lt;/p&gt;&#xA;`, 10) +
		`" OwnerUserId="8" Title="What do they do?" Tags="&lt;image-generation&gt;&lt;prompt-design&gt;" AnswerCount="1" />` + "\n"
	text := []byte(strings.Repeat(row, 1000))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var s Scanner
	for b.Loop() {
		s.Reset(text)
		for {
			e, err := s.Next()
			if err != nil {
				b.Fatal(err)
			}
			if e == nil {
				break
			}
		}
	}
}

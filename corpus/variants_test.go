package corpus_test

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
)

// topicPage is a topic with three posts, of which parts may be written in other ways.
func topicPage(id int, part ...string) string {
	page := fmt.Sprintf(`{"id": %[1]d, "title": "Boats and oars %[1]d", "posts_count": 3, "created_at": "2023-05-01T00:00:00.000Z", "views": 5, "like_count": 3, `+
		`"tags": ["boats", "oars"], "category_id": 4, "post_stream": {"posts": [`+
		`{"id": 10, "topic_id": %[1]d, "post_number": 1, "post_type": 1, "username": "ann", "created_at": "2023-05-01T00:00:00.000Z", "cooked": "<p>Which oar?</p>"}, `+
		`{"id": 11, "topic_id": %[1]d, "post_number": 2, "post_type": 1, "username": "bob", "created_at": "2023-05-01T01:00:00.000Z", "cooked": "<p>Both.</p>"}, `+
		`{"id": 12, "topic_id": %[1]d, "post_number": 3, "post_type": 3, "username": "system", "created_at": "2023-05-02T00:00:00.000Z", "cooked": ""}]}}`, id)
	for i := 0; i < len(part); i += 2 {
		number := strings.NewReplacer("%d", strconv.Itoa(id))
		page = strings.ReplaceAll(page, number.Replace(part[i]), number.Replace(part[i+1]))
	}
	return page
}

// Forums and who exports them write the same topics in many ways.
func TestDiscourseVariantsExact(t *testing.T) {
	pages := func(part ...string) string {
		var b strings.Builder
		for id := 1; id <= 4; id++ {
			b.WriteString(topicPage(id, part...) + "\n")
		}
		return b.String()
	}
	want, faults := threads(t, corpus.Discourse(t.Context(), corpus.Stream("x", strings.NewReader(pages())), corpus.ThreadOptions{}))
	require.Empty(t, faults)
	require.Len(t, want, 4)
	require.Equal(t, "<p>Which oar?</p>", want[0].Body)
	for name, c := range map[string]struct {
		text    string
		change  func(*corpus.Thread)
		dropped int
	}{
		"tags as a text":           {text: pages(`["boats", "oars"]`, `"boats,oars"`)},
		"tags as objects":          {text: pages(`["boats", "oars"]`, `[{"id":1,"name":"boats","slug":"b"},{"id":2,"name":"oars"}]`)},
		"tags null":                {text: pages(`["boats", "oars"]`, `null`), change: func(t *corpus.Thread) { t.Tags = nil }},
		"tags a number":            {text: pages(`["boats", "oars"]`, `5`), change: func(t *corpus.Thread) { t.Tags = nil }, dropped: 4},
		"category as an object":    {text: pages(`"category_id": 4`, `"category": {"id": 4, "name": "Help"}`), change: func(t *corpus.Thread) { t.Category = "Help" }},
		"category without a name":  {text: pages(`"category_id": 4`, `"category": {"id": 4}`)},
		"category as a number":     {text: pages(`"category_id": 4`, `"category": 4`)},
		"id as text":               {text: pages(`{"id": %d,`, `{"id": "%d",`)},
		"topic_id as text":         {text: pages(`"topic_id": %d`, `"topic_id": "%d"`)},
		"views with a point":       {text: pages(`"views": 5`, `"views": 5.0`, `"like_count": 3`, `"like_count": "3"`)},
		"views NaN":                {text: pages(`"views": 5`, `"views": NaN`), change: func(t *corpus.Thread) { t.Views = corpus.Count{} }},
		"views odd":                {text: pages(`"views": 5`, `"views": "many"`), change: func(t *corpus.Thread) { t.Views = corpus.Count{} }, dropped: 4},
		"raw":                      {text: pages(`"cooked"`, `"raw"`), change: func(t *corpus.Thread) { t.Markup = corpus.Markdown }},
		"created_at odd":           {text: pages(`"posts_count": 3, "created_at": "2023-05-01T00:00:00.000Z"`, `"posts_count": 3, "created_at": "soon"`), change: func(t *corpus.Thread) { t.Created = at("0001-01-01") }, dropped: 4},
		"created_at NaT":           {text: pages(`"posts_count": 3, "created_at": "2023-05-01T00:00:00.000Z"`, `"posts_count": 3, "created_at": "NaT"`), change: func(t *corpus.Thread) { t.Created = at("0001-01-01") }},
		"closed as text":           {text: pages(`"views": 5`, `"views": 5, "closed": "true"`), change: func(t *corpus.Thread) { t.Closed = corpus.Yes }},
		"a post that is no object": {text: pages(`{"id": 12, `, `7, {"id": 12, `), change: nil},
		"in an array":              {text: "[\n" + strings.ReplaceAll(strings.TrimSpace(pages()), "}\n{", "},\n{") + "\n]"},
		"in an array with a fault": {text: "[\n" + strings.ReplaceAll(strings.TrimSpace(pages()), "}\n{", "},\n{\"id\":,\"x\":[1,,2]},\n{") + "\n]"},
	} {
		t.Run(name, func(t *testing.T) {
			var report corpus.Report
			all, faults := threads(t, corpus.Discourse(t.Context(), corpus.Stream("x", strings.NewReader(c.text)), corpus.ThreadOptions{Report: &report}))
			switch name {
			case "a post that is no object":
				require.Len(t, faults, 4)
			case "in an array with a fault":
				require.Len(t, faults, 3)
			default:
				require.Empty(t, faults)
			}
			require.Len(t, all, 4)
			for i := range all {
				w := want[i]
				if c.change != nil {
					c.change(&w)
				}
				require.Equal(t, w, all[i])
			}
			require.Equal(t, c.dropped, report.Dropped)
		})
	}

	all, faults := threads(t, corpus.Discourse(t.Context(), corpus.Stream("x", strings.NewReader(pages(`"Boats and oars %d"`, "null"))), corpus.ThreadOptions{}))
	require.Empty(t, all)
	require.Len(t, faults, 4, "one for each topic, none for its posts")
	require.Equal(t, `x:1: field "title": missing, and the topic of the posts did not come before them`, faults[0])

	search := `{"posts":[{"id":5,"topic_id":1,"blurb":"part","post_number":1,"username":"u"}],"topics":[{"id":1,"title":"One","posts_count":2,"tags":[]}],"grouped_search_result":{}}`
	all, faults = threads(t, corpus.Discourse(t.Context(), corpus.Stream("x", strings.NewReader(search)), corpus.ThreadOptions{}))
	require.Empty(t, faults)
	require.Equal(t, []corpus.Thread{{ID: "1", Title: "One", Answers: corpus.Known(1)}}, all)
	latest := `{"latest_posts":[{"id":5,"topic_id":1,"topic_title":"One","topic_slug":"one","post_number":1,"raw":"a","created_at":"2023-05-01"}]}`
	all, faults = threads(t, corpus.Discourse(t.Context(), corpus.Stream("x", strings.NewReader(latest)), corpus.ThreadOptions{Site: "f.org"}))
	require.Empty(t, faults)
	require.Equal(t, []corpus.Thread{{ID: "1", Title: "One", Site: "f.org", URL: "https://f.org/t/one/1", Body: "a", Markup: corpus.Markdown}}, all)
}

// One odd optional field is left out, not its record, in every format of threads.
func TestOddFieldsExact(t *testing.T) {
	for format, text := range map[corpus.ThreadFormat]string{
		corpus.FormatDump:             head + `<row Id="1" PostTypeId="1" CreationDate="2024-01-01" Score="?" ViewCount="4" ClosedDate="" />` + tail,
		corpus.FormatStackExchangeAPI: `{"question_id":1,"title":"a","score":"?","view_count":4.0,"tags":"<a><b>","owner":{"user_id":"7"},"accepted_answer_id":"9"}`,
		corpus.FormatStackExchangeCSV: "Id;Title;Score;ViewCount\n1;a;?;4.0\n",
		corpus.FormatDiscourse:        `{"id":1,"title":"a","like_count":"?","views":"4"}`,
		corpus.FormatDiscourseCSV:     "topic_id|title|like_count|views\n1|a|?|4\n",
		corpus.FormatGitHub:           `{"number":1,"title":"a","repo":"o/r","comments":"?","labels":"bug, good first issue","reactions":4}`,
	} {
		var report corpus.Report
		all, faults := threads(t, corpus.ReadThreads(t.Context(), corpus.Stream("x", strings.NewReader(text)), format, corpus.ThreadOptions{Report: &report}))
		require.Empty(t, faults, format)
		require.Len(t, all, 1, format)
		require.Equal(t, 1, report.Dropped, format)
		require.Contains(t, report.FirstDropped.Error(), "?", format)
		require.NotZero(t, report.FirstDropped.Line)
		switch format {
		case corpus.FormatGitHub:
			require.Equal(t, corpus.Known(4), all[0].Likes)
			require.Equal(t, []string{"bug", "good first issue"}, all[0].Tags)
		case corpus.FormatStackExchangeAPI:
			require.Equal(t, []string{"a", "b"}, all[0].Tags)
			require.Equal(t, corpus.Yes, all[0].Accepted)
			fallthrough
		default:
			require.Equal(t, corpus.Known(4), all[0].Views, format)
		}
	}
}

// Comments, instructions and a document type may hold what they like; what XML forbids in a value costs a character.
func TestDumpNoiseExact(t *testing.T) {
	rows := q1 + a2 + a3 + q4
	want, _ := posts(t, head+rows+tail, corpus.ThreadOptions{KeepReplies: true})
	for name, text := range map[string]string{
		"a comment with elements":   "<?xml version=\"1.0\"?>\n<!-- see <https://example.org/terms> & <models> \n-- > <row Id=\"8\" -->\n<posts>" + rows + tail,
		"comments between the rows": head + q1 + "<!-- <row Id=\"7\" PostTypeId=\"1\" CreationDate=\"2024-01-01\"/> -->" + a2 + a3 + "<!--->--><!-- <!-- -->" + q4 + tail + "<!-- < -->",
		"instructions":              "<?xml-stylesheet href=\"<x>\"?><posts><?a <row/> ? > ?>" + rows + tail,
		"a document type":           "<!DOCTYPE posts SYSTEM \"a>b\" [ <!ELEMENT posts (row*)> <!-- it's > ] --> <!ATTLIST row Id CDATA '>'> ]>\n<posts>" + rows + tail,
		"a long comment":            "<!--" + strings.Repeat("<a> - ", 400_000) + "-->" + head + rows + tail,
	} {
		for _, in := range []corpus.Source{corpus.Stream("Posts.xml", strings.NewReader(text)), corpus.Stream("Posts.xml", iotestOneByte(text))} {
			all, faults := threads(t, corpus.StackExchangeDump(t.Context(), in, corpus.ThreadOptions{KeepReplies: true}))
			require.Empty(t, faults, name)
			require.Equal(t, want, all, name)
		}
	}
	// A row that is not well-formed costs no other, also where it has the marks of a comment.
	all, faults := posts(t, head+q1+"<row Id=\"9\" Body=\"a <!-- b\" />\n"+a2+a3+q4+tail, corpus.ThreadOptions{KeepReplies: true})
	require.Len(t, faults, 2)
	require.Equal(t, want, all)

	var report corpus.Report
	all, faults = posts(t, head+"<row Id=\"1\" PostTypeId=\"1\" CreationDate=\"2024-01-01\" Title=\"a\x01b &#x2; R&D &nbsp; \xef\xbf\xbf\" />"+tail, corpus.ThreadOptions{Report: &report})
	require.Empty(t, faults)
	require.Equal(t, "a\uFFFDb \uFFFD R&D &nbsp; \uFFFD", all[0].Title)
	require.Equal(t, 5, report.Replaced)
	require.Len(t, report.Warnings(), 1)
}

// A stream whose rows are in no order gives what a file gives, also when the answers do not fit into memory.
func TestDumpStreamWithoutOrderExact(t *testing.T) {
	var b strings.Builder
	b.WriteString(head)
	body := strings.Repeat("b", 60_000)
	n := 1200 // 72 MB of answers
	if testing.Short() {
		n = 50
	}
	for i := range n {
		fmt.Fprintf(&b, `<row Id="%d" PostTypeId="2" ParentId="%d" CreationDate="2024-01-02T00:00:%02d" Score="%d" Body="%d %s"/>`+"\n", 5000-i, 1+i%7, i%60, i, i, body)
	}
	for id := 7; id > 0; id-- {
		fmt.Fprintf(&b, `<row Id="%d" PostTypeId="1" AcceptedAnswerId="%d" CreationDate="2024-01-01T00:00:00"/>`+"\n", id, 5000-id)
	}
	b.WriteString(tail)
	o := corpus.ThreadOptions{KeepReplies: true}
	want, faults := posts(t, b.String(), o)
	require.Empty(t, faults)
	require.Len(t, want, 7)
	got, faults := threads(t, corpus.StackExchangeDump(t.Context(), corpus.Stream("stdin", strings.NewReader(b.String())), o))
	require.Empty(t, faults)
	require.Equal(t, len(want), len(got))
	for i := range want {
		require.True(t, fmt.Sprint(want[i]) == fmt.Sprint(got[i]), i)
	}
}

func iotestOneByte(text string) io.Reader {
	if len(text) > 1<<16 {
		return iotest.HalfReader(strings.NewReader(text))
	}
	return iotest.OneByteReader(strings.NewReader(text))
}

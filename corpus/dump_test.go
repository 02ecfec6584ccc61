package corpus_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

// threads is what a reader gives to a caller who never stops.
func threads(t testing.TB, seq iter.Seq2[corpus.Thread, error]) (all []corpus.Thread, faults []string) {
	t.Helper()
	for thread, err := range seq {
		if err != nil {
			var fault *corpus.Error
			require.ErrorAs(t, err, &fault)
			require.Equal(t, corpus.Thread{}, thread)
			faults = append(faults, err.Error())
			continue
		}
		all = append(all, thread)
	}
	return all, faults
}

// texts are what errors say.
func texts(errs []error) (all []string) {
	for _, err := range errs {
		all = append(all, err.Error())
	}
	return all
}

// middle is the median.
func middle(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// The whole dump of a site.
func TestDumpOfASiteExact(t *testing.T) {
	path := testutil.Data(t, "genai_stackexchange", "Posts.xml")
	var counts corpus.Counts
	all, faults := threads(t, corpus.StackExchangeDump(t.Context(), corpus.File(path), corpus.ThreadOptions{
		Site: "genai.stackexchange.com", KeepReplies: true, Counts: &counts,
	}))
	require.Empty(t, faults)
	require.Len(t, all, 181)
	require.Equal(t, 243, counts.Replies)
	require.Equal(t, 474, counts.Records)
	var views, open int
	var hours []float64
	replies := 0
	for _, q := range all {
		n, known := q.Views.Value()
		require.True(t, known)
		views += n
		replies += len(q.Replies)
		if q.Accepted == corpus.No {
			open++
			continue
		}
		require.Equal(t, corpus.Yes, q.Accepted)
		hours = append(hours, q.AcceptedAt.Sub(q.Created).Hours())
	}
	require.Equal(t, 243, replies)
	require.Equal(t, 134, open) // 74.0 %
	require.InDelta(t, 7.27, middle(hours), 0.005)
	require.InDelta(t, 824.8, float64(views)/181, 0.05)
	first := all[0]
	require.Equal(t, "https://genai.stackexchange.com/questions/1", first.URL)
	require.Equal(t, []string{"image-generation", "prompt-design"}, first.Tags)
	require.Equal(t, time.Date(2023, 7, 17, 19, 24, 1, 893e6, time.UTC), first.Created)
	require.Equal(t, corpus.Yes, first.Replies[0].ByAsker)
	require.Equal(t, "unknown", first.Favorites.String())
}

// posts reads a dump of the rows, from memory that can be opened again.
func posts(t testing.TB, text string, o corpus.ThreadOptions) (all []corpus.Thread, faults []string) {
	t.Helper()
	in := corpus.Source{Name: "Posts.xml", Size: int64(len(text)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
	return threads(t, corpus.StackExchangeDump(t.Context(), in, o))
}

const (
	head  = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<posts>\n"
	tail  = "</posts>"
	q1    = `<row Id="1" PostTypeId="1" AcceptedAnswerId="3" CreationDate="2024-01-01T00:00:00.000" Score="-2" ViewCount="0" Body="&lt;p&gt;é&lt;/p&gt;" OwnerUserId="5" Title="One" Tags="&lt;c#&gt;&lt;LLM&gt;" AnswerCount="2" FavoriteCount="1" />` + "\n"
	a2    = `<row Id="2" PostTypeId="2" ParentId="1" CreationDate="2024-01-01T02:00:00" Score="1" Body="two" />` + "\n"
	a3    = `<row Id="3" PostTypeId="2" ParentId="1" CreationDate="2024-01-01T01:00:00.5" Score="1" Body="three" OwnerUserId="6" />` + "\n"
	q4    = `<row Id="4" PostTypeId="1" CreationDate="2024-02-01T00:00:00.000" Tags="|go|" ClosedDate="2024-02-02T00:00:00.000" OwnerDisplayName="gone" />` + "\n"
	wiki5 = `<row Id="5" PostTypeId="5" CreationDate="2024-02-03T00:00:00.000" />` + "\n"
)

func at(s string) time.Time {
	t, err := corpus.ParseTime(s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestDumpExact(t *testing.T) {
	one := corpus.Thread{
		ID: "1", Site: "a.com", URL: "https://a.com/questions/1", Title: "One", Body: "<p>é</p>", Markup: corpus.HTML, Tags: []string{"c#", "LLM"},
		Created: at("2024-01-01"), Score: corpus.Known(-2), Views: corpus.Known(0), Favorites: corpus.Known(1), Closed: corpus.No,
		Answers: corpus.Known(2), Accepted: corpus.Yes, AcceptedAt: at("2024-01-01T01:00:00.5Z"), FirstReplyAt: at("2024-01-01T01:00:00.5Z"),
		Replies: []corpus.Post{
			{ID: "3", Body: "three", Created: at("2024-01-01T01:00:00.5Z"), Score: corpus.Known(1), ByAsker: corpus.No, Accepted: corpus.Yes},
			{ID: "2", Body: "two", Created: at("2024-01-01T02:00:00Z"), Score: corpus.Known(1), Accepted: corpus.No},
		},
	}
	four := corpus.Thread{
		ID: "4", Site: "a.com", URL: "https://a.com/questions/4", Markup: corpus.HTML, Tags: []string{"go"}, Created: at("2024-02-01"),
		Favorites: corpus.Known(0), Closed: corpus.Yes, ClosedAt: at("2024-02-02"), Answers: corpus.Known(0), Accepted: corpus.No,
	}
	for name, text := range map[string]string{
		"as dumps are":            head + q1 + a2 + a3 + q4 + wiki5 + tail,
		"byte-order mark":         "\uFEFF" + head + q1 + a2 + a3 + q4 + wiki5 + tail + "\n",
		"CRLF":                    strings.ReplaceAll(head+q1+a2+a3+q4+wiki5+tail, "\n", "\r\n"),
		"one line":                strings.ReplaceAll(head+q1+a2+a3+q4+wiki5+tail, "\n", " "),
		"elements over lines":     strings.ReplaceAll(head+q1+a2+a3+q4+wiki5+tail, "\" ", "\"\n\t"),
		"start and end tags":      strings.ReplaceAll(head+q1+a2+a3+q4+wiki5+tail, "/>", "></row>"),
		"packed":                  string(pack(t, head+q1+a2+a3+q4+wiki5+tail)),
		"answers before":          head + a2 + a3 + q1 + wiki5 + q4 + tail,
		"another order":           head + q1 + wiki5 + q4 + a3 + a2 + tail,
		"questions last":          head + a3 + wiki5 + a2 + q1 + q4 + tail,
		"a question twice":        head + q1 + a2 + a3 + q4 + q1 + wiki5 + tail,
		"an answer twice":         head + q1 + a2 + a3 + q4 + wiki5 + a2 + tail,
		"no declaration":          "<posts>" + q1 + a2 + a3 + q4 + wiki5 + tail,
		"comments":                "<!-- a --><posts><!-- b -->" + q1 + a2 + a3 + q4 + wiki5 + tail + "<!-- c -->",
		"unknown attributes":      strings.ReplaceAll(head+q1+a2+a3+q4+wiki5+tail, "<row", `<row New="&amp;"`),
		"empty attributes":        strings.ReplaceAll(head+q1+a2+a3+q4+wiki5+tail, "<row", `<row CommentCount=""`),
		"parts after one another": head + q1 + a2 + a3 + "</posts>\n" + head + q4 + wiki5 + tail,
	} {
		t.Run(name, func(t *testing.T) {
			for _, workers := range []int{1, 3} {
				o := corpus.ThreadOptions{Site: "a.com", KeepReplies: true, Counts: new(corpus.Counts), Workers: workers}
				all, faults := posts(t, text, o)
				require.Empty(t, faults)
				require.Equal(t, []corpus.Thread{one, four}, all)
				require.Equal(t, 2, o.Counts.Threads)
				require.Equal(t, 2, o.Counts.Selected)
				require.Equal(t, 1, o.Counts.Other)
				require.Equal(t, at("2024-02-03"), o.Counts.Latest)
			}
		})
	}
	t.Run("texts of answers are left out", func(t *testing.T) {
		all, _ := posts(t, head+q1+a2+a3+tail, corpus.ThreadOptions{Site: "a.com"})
		short := one
		short.Replies = nil
		require.Equal(t, []corpus.Thread{short}, all)
	})
	t.Run("an answer ahead of its question", func(t *testing.T) {
		late := strings.Replace(q1, `Id="1"`, `Id="7"`, 1)
		all, faults := posts(t, head+strings.Replace(a2, `ParentId="1"`, `ParentId="7"`, 1)+strings.Replace(a3, `ParentId="1"`, `ParentId="7"`, 1)+late+tail,
			corpus.ThreadOptions{KeepReplies: true})
		require.Empty(t, faults)
		require.Equal(t, one.Replies, all[0].Replies)
		require.Equal(t, one.AcceptedAt, all[0].AcceptedAt)
	})
	t.Run("nothing known", func(t *testing.T) {
		all, faults := posts(t, head+`<row Id="9" PostTypeId="1" AcceptedAnswerId="10" AnswerCount="1" CreationDate="2024-01-01"/>`+tail, corpus.ThreadOptions{})
		require.Empty(t, faults)
		require.Equal(t, []corpus.Thread{{
			ID: "9", Markup: corpus.HTML, Created: at("2024-01-01"), Closed: corpus.No, Answers: corpus.Known(1), Accepted: corpus.Yes,
		}}, all)
	})
	t.Run("nothing", func(t *testing.T) {
		for _, text := range []string{"", head + tail, "<posts />"} {
			all, faults := posts(t, text, corpus.ThreadOptions{})
			require.Empty(t, all)
			require.Empty(t, faults)
		}
	})
}

func TestDumpSelectsExact(t *testing.T) {
	text := head + q1 + a2 + a3 + q4 + wiki5 + tail
	for _, c := range []struct {
		o    corpus.ThreadOptions
		want []string
	}{
		{corpus.ThreadOptions{Tags: []string{"llm"}}, []string{"1"}},
		{corpus.ThreadOptions{Tags: []string{"C#", "go"}}, []string{"1", "4"}},
		{corpus.ThreadOptions{Tags: []string{"c", "ll", "gogo", "|"}}, nil},
		{corpus.ThreadOptions{From: at("2024-01-01")}, []string{"1", "4"}},
		{corpus.ThreadOptions{From: at("2024-01-01T00:00:00.001Z")}, []string{"4"}},
		{corpus.ThreadOptions{To: at("2024-02-01")}, []string{"1"}},
		{corpus.ThreadOptions{From: at("2024-01-01"), To: at("2024-02-02"), Tags: []string{"go"}}, []string{"4"}},
	} {
		all, faults := posts(t, text, c.o)
		require.Empty(t, faults)
		var got []string
		for _, q := range all {
			got = append(got, q.ID)
		}
		require.Equal(t, c.want, got, "%+v", c.o)
	}
}

// Rows that are no posts are reported with their lines, and the others are read.
func TestDumpFaultsExact(t *testing.T) {
	bad := []string{
		`<row PostTypeId="1" CreationDate="2024-01-01" />`,
		`<row Id="x" PostTypeId="1" CreationDate="2024-01-01" />`,
		`<row Id="12" CreationDate="2024-01-01" />`,
		`<row Id="13" PostTypeId="1" />`,
		`<row Id="14" PostTypeId="1" CreationDate="soon" />`,
		`<row Id="15" PostTypeId="2" CreationDate="2024-01-01" />`,
		`<row Id="16" PostTypeId="1" CreationDate="2024-02-30T00:00:00.000" Score="1" />`,
		`<row Id="17" PostTypeId="1" CreationDate="2024-01-01" Score="1.5" />`,
		`<row Id="18" PostTypeId="1" CreationDate="2024-01-01" Title="a & b" />`,
		`<row Id="19" PostTypeId="1" CreationDate="2024-01-01" Title="a />`,
		`text`,
		`<row Id="99999999999999999999" PostTypeId="1" CreationDate="2024-01-01" />`,
	}
	o := corpus.ThreadOptions{Counts: new(corpus.Counts), Report: new(corpus.Report)}
	all, faults := posts(t, head+q1+a2+strings.Join(bad, "\n")+"\n"+q4+tail, o)
	require.Len(t, all, 4) // two of them lack no more than an optional attribute, or have a character too many
	require.Equal(t, []string{
		`Posts.xml:5: field "Id": missing or not above 0, want the number of the post`,
		`Posts.xml:6: field "Id": is "x", want a whole number`,
		`Posts.xml:7: field "PostTypeId": missing or not above 0, want 1 for a question, 2 for an answer`,
		`Posts.xml:8: field "CreationDate": missing, want a time`,
		`Posts.xml:9: field "CreationDate": is "soon", want a time: RFC 3339, YYYY-MM-DD, YYYY-MM-DD hh:mm:ss, Unix seconds or milliseconds`,
		`Posts.xml:10: field "ParentId": missing or not above 0, want the number of the question`,
		`Posts.xml:11: field "CreationDate": is "2024-02-30T00:00:00.000", want a time: RFC 3339, YYYY-MM-DD, YYYY-MM-DD hh:mm:ss, Unix seconds or milliseconds`,
		`Posts.xml:14: attribute Title: no quote ends it before the next element`,
		`Posts.xml:16: field "Id": is "99999999999999999999", want a whole number`,
	}, faults)
	require.Equal(t, 9, o.Counts.Malformed)
	require.Equal(t, []string{
		"Posts.xml: 1 run of bytes or characters that cannot be read became U+FFFD; give the encoding if it is not UTF-8",
		`Posts.xml: 1 optional field left out, the first: Posts.xml:12: field "Score": is "1.5", want a whole number`,
	}, texts(o.Report.Warnings()))
	require.Equal(t, "a & b", all[2].Title)
	require.Equal(t, 14, o.Counts.Records)

	all, faults = posts(t, head+"text\n"+q4+tail, corpus.ThreadOptions{})
	require.Len(t, all, 1)
	require.Equal(t, []string{"Posts.xml:3: text that is in no element"}, faults)
}

// What was read of a file that ends early is given, and the error comes last.
func TestDumpCutExact(t *testing.T) {
	all, faults := posts(t, head+q1+a2+q4[:40], corpus.ThreadOptions{})
	require.Len(t, all, 1)
	require.Equal(t, corpus.Yes, all[0].Accepted)
	require.True(t, all[0].AcceptedAt.IsZero())
	require.Equal(t, []string{"Posts.xml:5: attribute CreationDate: it ends within an element", "Posts.xml:5: it ends before </posts>, want the whole file"}, faults)

	all, faults = posts(t, head+q1, corpus.ThreadOptions{})
	require.Len(t, all, 1)
	require.Equal(t, []string{"Posts.xml:4: it ends before </posts>, want the whole file"}, faults)

	packed := string(pack(t, head+q1+a2+strings.Repeat(wiki5, 50000)+tail))
	all, faults = posts(t, packed[:len(packed)/2], corpus.ThreadOptions{})
	require.Len(t, all, 1)
	require.Len(t, faults, 1)
	require.Regexp(t, `^Posts.xml:\d+: cannot be read: unexpected EOF$`, faults[0])
}

func TestDumpErrorsExact(t *testing.T) {
	for text, want := range map[string]string{
		"<users><row Id=\"1\"/></users>": "Posts.xml: its first element is <users>, want <posts>: the file Posts.xml of a Stack Exchange dump",
		"{\"text\":\"a\"}\n":             "Posts.xml: no <posts> is in it, want the file Posts.xml of a Stack Exchange dump",
		"\xff\xfe\x00\x00<":              "Posts.xml: cannot be read: it is UTF-32, want UTF-8 or UTF-16",
	} {
		all, faults := posts(t, text, corpus.ThreadOptions{})
		require.Empty(t, all)
		require.Equal(t, want, faults[len(faults)-1])
	}
	all, faults := threads(t, corpus.StackExchangeDump(t.Context(), corpus.File("nowhere.xml"), corpus.ThreadOptions{}))
	require.Empty(t, all)
	require.Equal(t, []string{"nowhere.xml: cannot be opened: no such file or directory"}, faults)
	all, faults = threads(t, corpus.StackExchangeDump(t.Context(), corpus.Stream("stdin", strings.NewReader(head+a2+q1+tail)), corpus.ThreadOptions{}))
	require.Empty(t, faults)
	require.Equal(t, at("2024-01-01T02:00:00Z"), all[0].FirstReplyAt)
	all, faults = threads(t, corpus.StackExchangeDump(t.Context(), corpus.Stream("stdin", strings.NewReader(head+q1+a2+a3+tail)), corpus.ThreadOptions{}))
	require.Len(t, all, 1)
	require.Empty(t, faults)
}

// Rows around and beyond the size of a block, and bytes that are not UTF-8.
func TestDumpOfHugeRowsExact(t *testing.T) {
	for _, size := range []int{1<<20 - 200, 1 << 20, 3 << 20} {
		body := strings.Repeat("x", size) + "\xff\xfe&amp;\xc3"
		all, faults := posts(t, head+q1+`<row Id="2" PostTypeId="1" CreationDate="2024-01-01" Body="`+body+`"/>`+q4+tail, corpus.ThreadOptions{})
		require.Empty(t, faults)
		require.Len(t, all, 3)
		require.Equal(t, strings.Repeat("x", size)+"\uFFFD&\uFFFD", all[1].Body)
	}
	if testing.Short() {
		return
	}
	all, faults := posts(t, head+q1+strings.Repeat("x", 65<<20)+q4+tail, corpus.ThreadOptions{})
	require.Empty(t, all)
	require.Equal(t, []string{"Posts.xml:3: cannot be read: no '<' within 64 MB, this is no dump in XML"}, faults)
}

// The same threads and errors whatever the number of workers and the sizes of reads.
func TestDumpSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString(head)
	for id := 1; b.Len() < 4<<20; id++ {
		switch rng.IntN(5) {
		case 0, 1:
			fmt.Fprintf(&b, `<row Id="%d" PostTypeId="1" AcceptedAnswerId="%d" CreationDate="2024-01-01T00:00:%02d" Body="%s" Tags="&lt;t%d&gt;"/>`+"\n", id, id+2, id%60, strings.Repeat("b", rng.IntN(3000)), id%7)
		case 2, 3:
			fmt.Fprintf(&b, `<row Id="%d" PostTypeId="2" ParentId="%d" CreationDate="2024-01-02T00:00:%02d" Body="%s"/>`+"\n", id, max(1, id+5-rng.IntN(30)), id%60, strings.Repeat("b", rng.IntN(3000)))
		default:
			b.WriteString("<row Id='" + strconv.Itoa(id) + "\n")
		}
	}
	b.WriteString(tail)
	o := corpus.ThreadOptions{Tags: []string{"t1", "t2", "t3"}, KeepReplies: true, Workers: 1}
	want, wantFaults := posts(t, b.String(), o)
	require.Greater(t, len(want), 100)
	require.Greater(t, len(wantFaults), 100)
	for _, workers := range []int{2, 7} {
		o.Workers = workers
		got, faults := posts(t, b.String(), o)
		require.Equal(t, want, got)
		require.Equal(t, wantFaults, faults)
	}
	got, faults := threads(t, corpus.StackExchangeDump(t.Context(), corpus.Stream("Posts.xml", iotest.HalfReader(strings.NewReader(b.String()))), o))
	require.Equal(t, want, got)
	require.Equal(t, wantFaults, faults)
}

// Reading ends when the caller stops or the context does, and says so.
func TestDumpStops(t *testing.T) {
	text := head + q1 + a2 + a3 + q4 + tail
	n := 0
	for _, err := range corpus.StackExchangeDump(t.Context(), corpus.Stream("a", strings.NewReader(text)), corpus.ThreadOptions{}) {
		require.NoError(t, err)
		n++
		break
	}
	require.Equal(t, 1, n)
	for range corpus.StackExchangeDump(t.Context(), corpus.Stream("a", strings.NewReader(head+"<row/>"+q1+tail)), corpus.ThreadOptions{}) {
		break // at an error
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	all, faults := threads(t, corpus.StackExchangeDump(ctx, corpus.Stream("a", strings.NewReader(text)), corpus.ThreadOptions{}))
	require.Empty(t, all)
	require.Equal(t, []string{"a: reading was stopped: context canceled"}, faults)

	// A source that hangs.
	ctx, cancel = context.WithCancel(t.Context())
	r, w := io.Pipe()
	defer func() { _ = w.Close() }()
	go func() {
		_, _ = io.WriteString(w, head+q1)
		time.Sleep(20 * time.Millisecond)
		cancel()
	}()
	begin := time.Now()
	all, faults = threads(t, corpus.StackExchangeDump(ctx, corpus.Stream("a", r), corpus.ThreadOptions{}))
	require.Empty(t, all)
	require.Equal(t, []string{"a: reading was stopped: context canceled"}, faults)
	require.Less(t, time.Since(begin), 5*time.Second)
}

func TestDumpProgress(t *testing.T) {
	text := head + a3 + strings.Repeat(wiki5, 60000) + tail
	var done, total int64
	_, faults := posts(t, text, corpus.ThreadOptions{Progress: func(d, n int64) {
		require.GreaterOrEqual(t, d, done)
		done, total = d, n
	}})
	require.Empty(t, faults)
	require.Equal(t, int64(2*len(text)), total) // the rows of wiki5 all have the same Id
	require.Equal(t, total, done)
}

package corpus_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

// many is a source of each format with n threads, without what ends it.
func many(n int) map[corpus.ThreadFormat]string {
	var dump, api, seCSV, pages, dcCSV, issue strings.Builder
	dump.WriteString(head)
	seCSV.WriteString("Id,Title,Body\n")
	dcCSV.WriteString("topic_id,title\n")
	words := strings.Repeat("some words ", 40)
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&dump, `<row Id="%d" PostTypeId="1" CreationDate="2024-01-01" Body="%s"/>`+"\n", i, words)
		fmt.Fprintf(&api, `{"items":[{"question_id":%d,"title":"a","body":%q}]}`+"\n", i, words)
		fmt.Fprintf(&seCSV, "%d,a,%s\n", i, words)
		fmt.Fprintf(&pages, `{"id":%d,"title":"a","post_stream":{"posts":[{"post_number":1,"cooked":%q}]}}`+"\n", i, words)
		fmt.Fprintf(&dcCSV, "%d,%s\n", i, words)
		fmt.Fprintf(&issue, `{"html_url":"https://github.com/o/r/issues/%d","number":%d,"title":"a","state":"open","body":%q}`+"\n", i, i, words)
	}
	return map[corpus.ThreadFormat]string{
		corpus.FormatDump: dump.String(), corpus.FormatStackExchangeAPI: api.String(), corpus.FormatStackExchangeCSV: seCSV.String(),
		corpus.FormatDiscourse: pages.String(), corpus.FormatDiscourseCSV: dcCSV.String(), corpus.FormatGitHub: issue.String(),
	}
}

// A reader ends at once when its context does, whether the source gives nothing more, nothing at all, or more than can be
// read in the time; and says that it was stopped.
func TestThreadReadersCancel(t *testing.T) {
	gone := errors.New("gone")
	for format, text := range many(50) {
		sources := map[string]func() (corpus.Source, func()){
			"gives nothing more": func() (corpus.Source, func()) {
				r, w := io.Pipe()
				go func() { _, _ = io.WriteString(w, text) }()
				return corpus.Stream("s", r), func() { _ = w.Close() }
			},
			"gives nothing": func() (corpus.Source, func()) {
				r, w := io.Pipe()
				return corpus.Stream("s", r), func() { _ = w.Close() }
			},
			"does not open": func() (corpus.Source, func()) {
				wait := make(chan struct{})
				return corpus.Source{Name: "s", Open: func() (io.ReadCloser, error) { <-wait; return nil, io.ErrClosedPipe }}, func() { close(wait) }
			},
			"never ends": func() (corpus.Source, func()) {
				first, rest := text, text[strings.Index(text, "\n")+1:]
				if format == corpus.FormatDump {
					first, rest = text, text[len(head):]
				}
				return corpus.Stream("s", io.MultiReader(strings.NewReader(first), &endless{text: rest})), func() {}
			},
		}
		for name, source := range sources {
			testutil.Soon(t, string(format)+" that "+name, func() time.Duration {
				in, end := source()
				defer end()
				ctx, cancel := context.WithCancelCause(t.Context())
				when := make(chan time.Time, 1)
				time.AfterFunc(20*time.Millisecond, func() {
					when <- time.Now()
					cancel(gone)
				})
				var last error
				for _, err := range corpus.ReadThreads(ctx, in, format, corpus.ThreadOptions{From: at("2050-01-01")}) {
					last = err
				}
				took := time.Since(<-when)
				require.ErrorIs(t, last, gone, name)
				require.EqualError(t, last, "s: reading was stopped: gone")
				return took
			})
		}
	}
}

// endless gives a text again and again.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (n int, err error) {
	n = copy(p, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

// Progress rises to the size of the source, in the caller's goroutine.
func TestThreadReadersProgress(t *testing.T) {
	for format, text := range many(2000) {
		if format == corpus.FormatDump {
			text += tail
		}
		for name, data := range map[string]string{"plain": text, "packed": string(pack(t, text))} {
			in := corpus.Source{Name: "s", Size: int64(len(data)), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(data)), nil }}
			calls, last, within := 0, int64(0), false
			threads := 0
			for _, err := range corpus.ReadThreads(t.Context(), in, format, corpus.ThreadOptions{Progress: func(done, total int64) {
				calls++
				require.EqualValues(t, len(data), total)
				require.GreaterOrEqual(t, done, last)
				require.LessOrEqual(t, done, total)
				within = within || done < total
				last = done
			}}) {
				require.NoError(t, err)
				threads++
			}
			require.Equal(t, 2000, threads, format)
			require.EqualValues(t, len(data), last, "%s, %s", format, name)
			require.Positive(t, calls)
			if name == "plain" && format != corpus.FormatDump { // which has a block or two here
				require.True(t, within, "%s: it tells of the way too", format)
			}
		}
	}
}

// FuzzStackExchangeDump: the result does not depend on the number of workers or on how often the source can be read, and
// keeps the rules between the fields of a thread.
func FuzzStackExchangeDump(f *testing.F) {
	for _, seed := range []string{
		head + q1 + a2 + a3 + q4 + wiki5 + tail, head + a2 + q1 + q1 + tail, "<posts><row Id='1' PostTypeId='2' ParentId='3' CreationDate='2024-01-01'/>",
		"<posts />", "text", "\uFEFF<posts>\r\n</posts>", "<users><row Id=\"1\"/></users>", head + "<row Id=\"&#x31;\" PostTypeId=\"1\" CreationDate=\"2024-01-01\" Tags=\"|a|\"/>" + tail,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var counts, countsAgain corpus.Counts
		all, faults := posts(t, text, corpus.ThreadOptions{KeepReplies: true, Workers: 1, Counts: &counts})
		again, faultsAgain := posts(t, text, corpus.ThreadOptions{KeepReplies: true, Workers: 3, Counts: &countsAgain})
		require.Equal(t, all, again)
		require.Equal(t, faults, faultsAgain)
		require.Equal(t, counts, countsAgain)
		require.Equal(t, counts.Selected, len(all))
		require.GreaterOrEqual(t, len(faults), counts.Malformed)
		require.LessOrEqual(t, len(faults), counts.Malformed+1)
		ids := map[string]bool{}
		for _, q := range all {
			require.False(t, ids[q.ID])
			ids[q.ID] = true
			if !q.AcceptedAt.IsZero() {
				require.Equal(t, corpus.Yes, q.Accepted)
			}
			require.Equal(t, len(q.Replies) > 0, !q.FirstReplyAt.IsZero())
		}
	})
}

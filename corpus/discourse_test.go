package corpus_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

const discoursePages = `{"topic_list":{"more_topics_url":"/latest?page=1","topics":[` +
	`{"id":7,"title":"How  to\nbegin","slug":"how-to-begin","posts_count":4,"views":90,"like_count":2,"created_at":"2024-01-01T10:00:00.000Z","tags":["api",{"id":1,"name":"Python"}],"category_id":3,"closed":false,"archived":false,"has_accepted_answer":true},` +
	`{"id":8,"title":"Other","posts_count":1,"views":5,"created_at":"2024-01-02T10:00:00.000Z","tags":[]},{"id":9}]}}
{"id":7,"title":"How to begin","posts_count":4,"views":91,"created_at":"2024-01-01T10:00:00.000Z","post_stream":{"posts":[` +
	`{"id":70,"topic_id":7,"post_number":1,"post_type":1,"username":"a","created_at":"2024-01-01T10:00:00.000Z","cooked":"<p>Q</p>"},` +
	`{"id":71,"topic_id":7,"post_number":2,"post_type":1,"username":"b","created_at":"2024-01-01T11:00:00.000Z","cooked":"<p>R</p>","accepted_answer":false}],"stream":[70,71,72,73]}}
not JSON
{"post_stream":{"posts":[{"id":73,"topic_id":7,"post_number":4,"post_type":1,"username":"a","created_at":"2024-01-01T13:00:00.000Z","cooked":"<p>Thanks</p>","accepted_answer":false},` +
	`{"id":72,"topic_id":7,"post_number":3,"post_type":1,"username":"c","created_at":"2024-01-01T12:00:00.000Z","cooked":"<p>S</p>","accepted_answer":true}]},"id":7}
{"topic_list":{"topics":[{"id":8,"title":"Other again"}]}}
`

func TestDiscoursePagesExact(t *testing.T) {
	var counts corpus.Counts
	all, faults := threads(t, corpus.Discourse(t.Context(), corpus.Stream("pages", strings.NewReader(discoursePages)), corpus.ThreadOptions{
		Site: "forum.example.com", KeepReplies: true, Counts: &counts,
	}))
	require.Len(t, faults, 2)
	require.Contains(t, faults[0], `pages:1: field "title": missing`)
	require.Contains(t, faults[1], "pages:3: invalid character")
	require.Len(t, all, 2)
	at := func(hour int) time.Time { return time.Date(2024, 1, 1, hour, 0, 0, 0, time.UTC) }
	require.Equal(t, corpus.Thread{
		ID: "7", Site: "forum.example.com", URL: "https://forum.example.com/t/how-to-begin/7", Title: "How to begin", Body: "<p>Q</p>", Markup: corpus.HTML,
		Tags: []string{"api", "Python"}, Category: "3", Created: at(10), Views: corpus.Known(91), Likes: corpus.Known(2), Answers: corpus.Known(3),
		Closed: corpus.No, Accepted: corpus.Yes, AcceptedAt: at(12), FirstReplyAt: at(11),
		Replies: []corpus.Post{
			{ID: "2", Body: "<p>R</p>", Created: at(11), ByAsker: corpus.No, Accepted: corpus.No},
			{ID: "3", Body: "<p>S</p>", Created: at(12), ByAsker: corpus.No, Accepted: corpus.Yes},
			{ID: "4", Body: "<p>Thanks</p>", Created: at(13), ByAsker: corpus.Yes, Accepted: corpus.No},
		},
	}, all[0])
	require.Equal(t, corpus.Unknown, all[1].Accepted)
	require.Equal(t, corpus.Unknown, all[1].Closed)
	require.Equal(t, corpus.Counts{Records: 10, Threads: 2, Selected: 2, Duplicates: 1, Replies: 3, Malformed: 2, Latest: time.Date(2024, 1, 2, 10, 0, 0, 0, time.UTC)}, counts)

	all, _ = threads(t, corpus.Discourse(t.Context(), corpus.Stream("pages", strings.NewReader(discoursePages)), corpus.ThreadOptions{Tags: []string{"python"}}))
	require.Len(t, all, 1)
	require.Empty(t, all[0].Site+all[0].URL)
	require.Empty(t, all[0].Replies)
}

// A page over several lines, and arrays.
func TestDiscourseTextsExact(t *testing.T) {
	for _, text := range []string{
		"[\n{\"id\":1,\"title\":\"a\"},\n{\"id\":2},\n{\"id\":3,\n\"title\":\"c\"}]", "{\n\"topic_list\":\n{\"topics\":[{\"id\":1,\"title\":\"a\"},{\"id\":2},{\"id\":3,\"title\":\"c\"}]}}\n",
	} {
		all, faults := threads(t, corpus.Discourse(t.Context(), corpus.Stream("x", strings.NewReader(text)), corpus.ThreadOptions{}))
		require.Len(t, all, 2)
		require.Len(t, faults, 1)
	}
	_, faults := threads(t, corpus.Discourse(t.Context(), corpus.Stream("x", strings.NewReader("[\n{\"id\":1,\"title\":\"a\"},\n{\"id\"")), corpus.ThreadOptions{}))
	require.Len(t, faults, 1)
	require.Contains(t, faults[0], "x:3: cannot be read as JSON: unexpected EOF")
}

func TestDiscourseOfAForumExact(t *testing.T) {
	path := testutil.Data(t, "openai_forum", "topics_full_metadata.jsonl")
	all, faults := threads(t, corpus.Discourse(t.Context(), corpus.File(path), corpus.ThreadOptions{Site: "community.openai.com"}))
	require.Empty(t, faults)
	require.Len(t, all, 349)
	require.Equal(t, corpus.Known(2922), all[0].Views)
	require.Equal(t, corpus.Known(2), all[0].Answers)
	require.Equal(t, corpus.No, all[0].Accepted)

	path = testutil.Data(t, "openai_forum_163", "topics.jsonl")
	all, faults = threads(t, corpus.Discourse(t.Context(), corpus.File(path), corpus.ThreadOptions{KeepReplies: true}))
	require.Empty(t, faults)
	require.Len(t, all, 163)
	accepted, replied := 0, 0
	for _, topic := range all {
		if !topic.AcceptedAt.IsZero() {
			accepted++
			require.Equal(t, corpus.Yes, topic.Accepted)
		}
		if !topic.FirstReplyAt.IsZero() {
			replied++
		}
	}
	require.Equal(t, 14, accepted)
	require.Equal(t, 108, replied)
}

func fuzzThreads(f *testing.F, format corpus.ThreadFormat, seeds ...string) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read := func() ([]corpus.Thread, []string, corpus.Counts) {
			var counts corpus.Counts
			all, faults := threads(t, corpus.ReadThreads(context.Background(), corpus.Stream("x", strings.NewReader(text)), format, corpus.ThreadOptions{KeepReplies: true, Counts: &counts}))
			return all, faults, counts
		}
		all, faults, counts := read()
		again, faultsAgain, countsAgain := read()
		require.Equal(t, all, again)
		require.Equal(t, faults, faultsAgain)
		require.Equal(t, counts, countsAgain)
		require.Equal(t, counts.Selected, len(all))
		require.Equal(t, counts.Threads, len(all))
		require.GreaterOrEqual(t, len(faults), counts.Malformed)
		require.LessOrEqual(t, len(faults), counts.Malformed+1)
		ids := map[string]bool{}
		for _, thread := range all {
			require.NotEmpty(t, thread.ID)
			key := thread.Site + " " + thread.ID
			require.False(t, ids[key], key)
			ids[key] = true
			if !thread.AcceptedAt.IsZero() {
				require.Equal(t, corpus.Yes, thread.Accepted)
			}
		}
	})
}

func FuzzDiscourse(f *testing.F) {
	fuzzThreads(f, corpus.FormatDiscourse, discoursePages, "[{\"id\":1,\"title\":\"a\"},\n{}]", "{\n\"topic_list\":{\"topics\":[]}}", `{"id":1,"title":"a","posts":[{"post_number":2,"accepted":true,"created_at":"2024-01-01"}]}`)
}

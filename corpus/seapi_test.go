package corpus_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

const sePages = `{"items":[{"question_id":5,"link":"https://stackoverflow.com/questions/5/x","title":"a &amp; b","body":"<p>x</p>","tags":["go"],"creation_date":1704103200,"score":-1,"view_count":10,"answer_count":2,"is_answered":true,"accepted_answer_id":51,"owner":{"user_id":3}},` +
	`{"question_id":6,"title":"c","tags":["llm"],"creation_date":1704103200,"answer_count":1,"is_answered":true}],"has_more":true}
{"items":[{"answer_id":52,"question_id":5,"creation_date":1704110400,"is_accepted":false,"score":1,"owner":{"user_id":3}},{"answer_id":51,"question_id":5,"creation_date":1704106800,"is_accepted":true}],"has_more":false}
{"items":[{"question_id":5,"title":"again"},{"question_id":-1},{"answer_id":9,"question_id":77}],"has_more":false}
`

func TestStackExchangeAPIExact(t *testing.T) {
	var counts corpus.Counts
	all, faults := threads(t, corpus.StackExchangeAPI(t.Context(), corpus.Stream("p", strings.NewReader(sePages)), corpus.ThreadOptions{
		Site: "stackoverflow.com", KeepReplies: true, Counts: &counts,
	}))
	require.Len(t, faults, 2)
	require.Contains(t, faults[0], `p:3: field "question_id": missing`)
	at := func(hour int) time.Time { return time.Date(2024, 1, 1, hour, 0, 0, 0, time.UTC) }
	require.Len(t, all, 2)
	require.Equal(t, corpus.Thread{
		ID: "5", Site: "stackoverflow.com", URL: "https://stackoverflow.com/questions/5/x", Title: "a & b", Body: "<p>x</p>", Markup: corpus.HTML,
		Tags: []string{"go"}, Created: at(10), Score: corpus.Known(-1), Views: corpus.Known(10), Answers: corpus.Known(2), Closed: corpus.No,
		Accepted: corpus.Yes, AcceptedAt: at(11), FirstReplyAt: at(11), Replies: []corpus.Post{
			{ID: "51", Created: at(11), Accepted: corpus.Yes},
			{ID: "52", Created: at(12), Accepted: corpus.No, Score: corpus.Known(1), ByAsker: corpus.Yes},
		},
	}, all[0])
	require.Equal(t, corpus.No, all[1].Accepted)
	require.True(t, all[1].FirstReplyAt.IsZero())
	require.Equal(t, 1, counts.Duplicates)
	require.Equal(t, 2, counts.Malformed)

	// Nothing tells that a question that is answered has no accepted answer.
	all, _ = threads(t, corpus.StackExchangeAPI(t.Context(), corpus.Stream("p", strings.NewReader(`[{"question_id":6,"title":"c","is_answered":true},{"question_id":7,"title":"c","is_answered":false}]`)), corpus.ThreadOptions{}))
	require.Equal(t, corpus.Unknown, all[0].Accepted)
	require.Equal(t, corpus.No, all[1].Accepted)
}

func TestStackExchangeAPIOfSecretsExact(t *testing.T) {
	path := testutil.Data(t, "security_secrets_se", "questions.jsonl")
	var counts corpus.Counts
	all, faults := threads(t, corpus.StackExchangeAPI(t.Context(), corpus.File(path), corpus.ThreadOptions{Counts: &counts}))
	require.Empty(t, faults)
	require.Len(t, all, 779-counts.Duplicates)
	require.Zero(t, counts.Duplicates)
	here, open, views := 0, 0, 0
	for _, q := range all {
		if q.Site != "stackoverflow.com" {
			continue
		}
		here++
		n, _ := q.Views.Value()
		views += n
		if q.Accepted == corpus.No {
			open++
		}
	}
	require.Equal(t, 694, here)
	require.InDelta(t, 43.8, 100*float64(open)/float64(here), 0.05)
	require.InDelta(t, 5014, float64(views)/float64(here), 0.5)
}

func FuzzStackExchangeAPI(f *testing.F) {
	fuzzThreads(f, corpus.FormatStackExchangeAPI, sePages, `{"id":1,"site":"x","title":"a","accepted_answer_id":null}`, "[\n{\"question_id\":1,\"title\":\"\",\"answers\":[{\"answer_id\":2}]}]")
}

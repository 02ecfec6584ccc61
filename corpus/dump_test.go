package corpus_test

import (
	"iter"
	"slices"
	"testing"
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

package fetch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// undisturbed is a run from beginning to end: its output, and the state before the first page and after each.
type undisturbed struct {
	out    []byte
	asked  []string
	states [][]byte
	ends   []int64 // of the output, by states
}

// fetcher fetches to c.Out, from a server that is the same for every call.
type fetcher func(ctx context.Context, c Common) (Summary, error)

// each runs a test with both of the fetchers.
func each(t *testing.T, test func(t *testing.T, s *server, fetch fetcher)) {
	t.Run("stack exchange", func(t *testing.T) {
		s := serve(t, stackoverflow(210))
		c := s.stackExchange(t)
		c.Tags = []string{"b", "a"}
		test(t, s, func(ctx context.Context, common Common) (Summary, error) {
			c.Common = common
			return StackExchange(ctx, c)
		})
	})
	t.Run("discourse", func(t *testing.T) {
		s := serve(t, forum(33))
		c := s.discourse(t)
		test(t, s, func(ctx context.Context, common Common) (Summary, error) {
			c.Common = common
			return Discourse(ctx, c)
		})
	})
}

func (f fetcher) undisturbed(t *testing.T, s *server) (u undisturbed) {
	c := s.common(t)
	note := func(end int64) {
		text, err := os.ReadFile(StatePath(c.Out))
		require.NoError(t, err)
		u.states, u.ends = append(u.states, text), append(u.ends, end)
	}
	c.Progress = func(p Progress) {
		if p.Wait == 0 {
			note(p.Bytes)
		}
	}
	s.fail = func(n int, _ http.ResponseWriter, _ *http.Request) bool {
		if n == 0 {
			note(0) // the state before the first page
		}
		return false
	}
	_, err := f(t.Context(), c)
	s.fail = nil
	require.NoError(t, err)
	u.out, err = os.ReadFile(c.Out)
	require.NoError(t, err)
	u.asked = s.asked
	return u
}

// A run that is killed anywhere, before a page, within it, between it and its state or within the state, is gone on with
// to the same bytes, and no page that was written whole is asked for again.
func TestResumeExact(t *testing.T) {
	each(t, func(t *testing.T, s *server, fetch fetcher) {
		u := fetch.undisturbed(t, s)
		steps := max(len(u.states)/8, 1)
		if testing.Short() {
			steps = max(len(u.states)/2, 1)
		}
		r := rand.New(rand.NewPCG(1, 2))
		for i := 0; i < len(u.states); i += steps {
			rest := u.out[u.ends[i]:]
			page := bytes.IndexByte(rest, '\n') + 1
			cuts := []int{0}
			skips := i+1 < len(u.ends) && u.ends[i+1] == u.ends[i] // which the state tells of before there is a page after it
			if page > 0 && !skips {
				cuts = append(cuts, 1+r.IntN(page), page-1, page)
			}
			if len(rest) > page && i%5 == 0 { // the state was lost by the disk, twice
				cuts = append(cuts, page+1+r.IntN(len(rest)-page))
			}
			for _, cut := range cuts {
				c := s.common(t)
				torn := bytes.Clone(u.out[:int(u.ends[i])+cut])
				require.NoError(t, os.WriteFile(StatePath(c.Out), u.states[i], 0o600))
				require.NoError(t, os.WriteFile(c.Out, torn, 0o600))
				temporary := filepath.Join(filepath.Dir(c.Out), ".pages.jsonl.state.json.tmp-1")
				require.NoError(t, os.WriteFile(temporary, []byte(`{"ver`), 0o600))
				s.asked = []string{}
				_, err := fetch(t.Context(), c)
				require.NoError(t, err)
				got, err := os.ReadFile(c.Out)
				require.NoError(t, err)
				require.True(t, bytes.Equal(u.out, got), "after %d pages, cut at %d of %d", i, cut, page)
				if cut <= page {
					left := u.asked[bytes.Count(torn, []byte("\n")):]
					require.True(t, slices.Equal(left, s.asked), "after %d pages, cut at %d of %d", i, cut, page)
				}
			}
		}
	})
}

// A process that is killed again and again, and started again, writes the same bytes in the end.
func TestKilledExact(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	if address := os.Getenv("FETCH_FROM"); address != "" { // the process that is killed
		c := DefaultDiscourse()
		c.Forum, c.Out, c.Rate = address, os.Getenv("FETCH_TO"), 30
		c.now, c.wait = time.Now, func(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) }
		_, err := Discourse(t.Context(), c)
		require.NoError(t, err)
		return
	}
	s := serve(t, forum(100))
	c := s.discourse(t)
	_, err := Discourse(t.Context(), c)
	require.NoError(t, err)
	want, err := os.ReadFile(c.Out)
	require.NoError(t, err)
	pages := len(s.asked)
	s.asked = nil

	out := filepath.Join(t.TempDir(), "pages.jsonl")
	r := rand.New(rand.NewPCG(3, 4))
	kills := 0
	for {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledExact$")
		cmd.Env = append(os.Environ(), "FETCH_FROM="+s.URL, "FETCH_TO="+out)
		require.NoError(t, cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		var failed error
		select {
		case failed = <-ended:
		case <-time.After(time.Duration(30+r.IntN(120)) * time.Millisecond):
			require.NoError(t, errors.Join(ignoreDone(cmd.Process.Kill())))
			failed = <-ended
		}
		if failed == nil {
			break
		}
		if kills++; kills > 300 {
			t.Fatal("it never ends")
		}
	}
	got, err := os.ReadFile(out)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "after %d kills", kills)
	require.Positive(t, kills)
	require.LessOrEqual(t, len(s.asked), pages+kills, "no more requests than pages, and one that was under way for each kill")
}

func ignoreDone(err error) error {
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// What stands at the output and is no work of this query is left as it is.
func TestOutputOfOthers(t *testing.T) {
	for name, f := range map[string]struct {
		out, state string
		says       []string
	}{
		"no state":      {"hello\n", "", []string{"is there already", "another file"}},
		"broken state":  {"", `{"version":`, []string{"state.json", "another file"}},
		"other version": {"", `{"version":9,"service":"discourse"}`, []string{"version is 9", "another file"}},
		"other query":   {"", `{"version":1,"service":"discourse","query":{"forum":"https://else.example"}}`, []string{"another query", "else.example"}},
		"bad numbers":   {"", `{"version":1,"service":"discourse","bytes":-1,"query":{}}`, []string{"no sense"}},
		"shorter":       {"{}\n", `{"version":1,"service":"discourse","bytes":10,"pages":1,"query":QUERY,"at":{}}`, []string{"3 bytes", "10"}},
		"bad place":     {"", `{"version":1,"service":"discourse","query":QUERY,"at":{"posts":[1]}}`, []string{"cannot be"}},
		"place no JSON": {"", `{"version":1,"service":"discourse","query":QUERY,"at":[]}`, []string{"cannot be gone on with"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, forum(3))
			c := s.discourse(t)
			state := strings.ReplaceAll(f.state, "QUERY", fmt.Sprintf(`{"forum":%q,"categories":null,"tags":null,"posts":true}`, s.URL))
			if f.out != "" {
				require.NoError(t, os.WriteFile(c.Out, []byte(f.out), 0o600))
			}
			if state != "" {
				require.NoError(t, os.WriteFile(StatePath(c.Out), []byte(state), 0o600))
			}
			_, err := Discourse(t.Context(), c)
			for _, says := range f.says {
				require.ErrorContains(t, err, says)
			}
			require.Empty(t, s.times, "no request")
			if f.out != "" {
				got, err := os.ReadFile(c.Out)
				require.NoError(t, err)
				require.Equal(t, f.out, string(got))
			}
			c.Restart = true
			got, err := Discourse(t.Context(), c)
			require.NoError(t, err)
			require.Equal(t, 3, got.Threads)
		})
	}
	s := serve(t, forum(3))
	c := s.discourse(t)
	c.Out = filepath.Join(c.Out, "below", "nothing.jsonl")
	_, err := Discourse(t.Context(), c)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// FuzzTake: no page and no state makes a source panic, and a page that is refused changes nothing.
func FuzzTake(f *testing.F) {
	f.Add([]byte(`{"items":[{"question_id":1,"answer_count":2,"tags":["a"]}],"has_more":true,"backoff":3}`), []byte(`{"tag":0,"page":1}`))
	f.Add([]byte(`{"items":[{"question_id":1,"answer_id":2}],"has_more":false}`), []byte(`{"tag":0,"page":1,"ids":[1],"answer":1,"more":true}`))
	f.Add([]byte(`{"topic_list":{"topics":[{"id":1,"created_at":"2024-01-02T03:04:05Z","pinned":true}],"more_topics_url":"/x"}}`), []byte(`{}`))
	f.Add([]byte(`{"id":1,"post_stream":{"posts":[{"id":2}],"stream":[2,3]}}`), []byte(`{"topics":[1,2],"posts":[]}`))
	f.Add([]byte(`{"post_stream":{"posts":[{"id":2}]}}`), []byte(`{"topics":[1],"posts":[2,3]}`))
	f.Fuzz(func(t *testing.T, page, at []byte) {
		se, dc := DefaultStackExchange(), DefaultDiscourse()
		se.Tags, dc.Forum = []string{"a", "b;c"}, "https://forum.example"
		for _, src := range []source{&stackExchange{cfg: se, Page: 1}, &discourse{cfg: dc}} {
			if json.Unmarshal(at, src) != nil || src.valid() != nil {
				continue
			}
			if _, ok := src.next(); !ok {
				continue
			}
			was, err := json.Marshal(src)
			require.NoError(t, err)
			if _, err := src.take(page); err != nil {
				is, err := json.Marshal(src)
				require.NoError(t, err)
				require.Equal(t, string(was), string(is))
				continue
			}
			require.NoError(t, src.valid())
			src.next()
			src.counts()
			src.skip(404)
			require.NoError(t, src.valid())
		}
	})
}

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// site answers as the Stack Exchange API and as a Discourse forum, with one thread each, and notes the keys it is given.
func site(t *testing.T, keys *[]string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*keys = append(*keys, r.URL.Query().Get("key")+r.Header.Get("User-Api-Key"))
		switch {
		case r.URL.Path == "/questions" && r.URL.Query().Get("fromdate") == "1704067200":
			fmt.Fprint(w, `{"items":[{"question_id":1,"answer_count":1}],"has_more":false,"quota_remaining":5}`)
		case r.URL.Path == "/questions/1/answers":
			fmt.Fprint(w, `{"items":[{"question_id":1,"answer_id":2},{"question_id":1,"answer_id":3}],"has_more":false}`)
		case r.URL.Path == "/c/api/7/l/latest.json":
			fmt.Fprint(w, `{"topic_list":{"topics":[{"id":4,"created_at":"2024-03-01T00:00:00Z"},{"id":5,"created_at":"2024-03-02T00:00:00Z"}]}}`)
		case r.URL.Path == "/t/4.json":
			fmt.Fprint(w, `{"id":4,"post_stream":{"posts":[{"id":6}],"stream":[6]}}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestFetch(t *testing.T) {
	var keys []string
	url, out := site(t, &keys), filepath.Join(t.TempDir(), "pages.jsonl")
	t.Setenv("STACKEXCHANGE_KEY", "from-environment")
	args := []string{"fetch", "stackexchange", "--api", url, "--tag", "llm", "--from", "2024-01-01", "--rate", "30", "--out", out}
	code, stdout, stderr := call(t.Context(), "", args...)
	require.Zero(t, code, stderr)
	require.Equal(t, out+": 1 questions, 2 answers, 2 pages, 2 of them new\n", stdout)
	require.Contains(t, stderr, "fetch: 2 pages, 1 questions, 2 answers\n")
	require.Equal(t, []string{"from-environment", "from-environment"}, keys)
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Len(t, strings.Split(strings.TrimSpace(string(text)), "\n"), 2)

	// Again: nothing is left to do. From the beginning: all is, with a key from a file.
	code, stdout, _ = call(t.Context(), "", append(args, "--quiet")...)
	require.Zero(t, code)
	require.Contains(t, stdout, "2 pages, 0 of them new")
	require.Len(t, keys, 2)
	code, stdout, stderr = call(t.Context(), "", append(args, "--quiet", "--resume=false", "--key", write(t, "key", "from-file\n"))...)
	require.Zero(t, code)
	require.Empty(t, stderr)
	require.Contains(t, stdout, "2 pages, 2 of them new")
	require.Equal(t, []string{"from-file", "from-file"}, keys[2:])

	out = filepath.Join(t.TempDir(), "forum.jsonl")
	code, stdout, stderr = call(t.Context(), "", "fetch", "discourse", "--site", url, "--category", "api/7", "--rate", "30", "--out", out)
	require.Zero(t, code, stderr)
	require.Equal(t, out+": 1 topics, 1 posts (1 could not be read), 2 pages, 2 of them new\n", stdout)
}

func TestFetchMisuse(t *testing.T) {
	var keys []string
	url := site(t, &keys)
	out := filepath.Join(t.TempDir(), "pages.jsonl")
	for name, c := range map[string]struct {
		args []string
		code int
		says []string
	}{
		"no out":        {[]string{"stackexchange"}, 2, []string{"--out"}},
		"no site":       {[]string{"discourse", "--out", out}, 2, []string{"--site", "address of the forum"}},
		"no address":    {[]string{"discourse", "--out", out, "--site", "community.example.com"}, 2, []string{"Forum", "https://"}},
		"bad time":      {[]string{"stackexchange", "--out", out, "--from", "soon"}, 2, []string{"--from", "soon", "YYYY-MM-DD"}},
		"bad rate":      {[]string{"stackexchange", "--out", out, "--rate", "1000"}, 2, []string{"Rate", "30"}},
		"bad category":  {[]string{"discourse", "--out", out, "--site", url, "--category", "api"}, 2, []string{"api/7"}},
		"no key file":   {[]string{"stackexchange", "--out", out, "--key", "nowhere.key"}, 1, []string{"--key", "nowhere.key"}},
		"not there":     {[]string{"stackexchange", "--out", out, "--api", url, "--site", "x"}, 1, []string{"HTTP status 404", "the same call goes on"}},
		"no directory":  {[]string{"stackexchange", "--out", filepath.Join(out, "x", "y"), "--api", url}, 1, []string{"y"}},
		"some argument": {[]string{"stackexchange", "langchain"}, 2, []string{"langchain"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := call(t.Context(), "", append([]string{"fetch"}, c.args...)...)
			require.Equal(t, c.code, code, stderr)
			require.Empty(t, stdout)
			for _, s := range c.says {
				require.Contains(t, stderr, s)
			}
		})
	}
	code, stdout, _ := call(t.Context(), "", "fetch")
	require.Zero(t, code)
	require.Contains(t, stdout, "stackexchange")
	require.Contains(t, stdout, "discourse")
}

// An interrupt ends with 130, keeps the pages and says so.
func TestFetchInterrupted(t *testing.T) {
	out := filepath.Join(t.TempDir(), "pages.jsonl")
	ctx, cancel := context.WithCancel(t.Context())
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/answers") {
			cancel()
			<-r.Context().Done()
			return
		}
		fmt.Fprint(w, `{"items":[{"question_id":1,"answer_count":1}],"has_more":false,"quota_remaining":5}`)
	}))
	defer site.Close()
	said := new(strings.Builder)
	args := []string{"fetch", "stackexchange", "--api", site.URL, "--rate", "30", "--out", out}
	require.Equal(t, exitInterrupted, run(ctx, args, streams{strings.NewReader(""), io.Discard, said}))
	require.Contains(t, said.String(), "interrupted; 1 pages are in "+out)
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, `{"items":[{"question_id":1,"answer_count":1}],"has_more":false,"quota_remaining":5}`+"\n", string(text))
}

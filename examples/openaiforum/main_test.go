package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/examples/internal/exampletest"
	"github.com/gobertopic/gobertopic/examples/internal/findings"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

func report(t *testing.T, args ...string) (summary, dir string) {
	t.Helper()
	dir = t.TempDir()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, append([]string{"--out", dir, "--resamples", "200"}, args...)))
	return out.String(), dir
}

func TestFullTopicsExact(t *testing.T) {
	summary, dir := report(t, "--full", "--sweep", testutil.Data(t, "openai_forum_163", "topics.jsonl"))
	require.Contains(t, summary, "163 threads")
	require.Contains(t, summary, "91.4 % of 163 without accepted answer")
	table, err := os.ReadFile(filepath.Join(dir, "sweep.md"))
	require.NoError(t, err)
	require.Equal(t, 1+12, strings.Count(string(table), "\n| "), "the head; three sizes, two numbers of neighbors, two numbers of topics")
	require.Contains(t, string(table), "Recommended: min_cluster_size ")
	require.FileExists(t, filepath.Join(dir, "sweep.svg"))
	methods, err := os.ReadFile(filepath.Join(dir, "methods.md"))
	require.NoError(t, err)
	require.Contains(t, string(methods), "min_cluster_size [3 6 12], n_neighbors [15 30], topics merged to [0 17]")
	require.Contains(t, string(methods), "717 records read: 163 topics, 391 replies, 163 opening posts and further mentions of the same topics; left out: 0 of other kinds, 0 that were there before, 0 malformed")
	require.Contains(t, string(methods), "None is a figure of arXiv 2411.10873")
}

// The replies are those that others counted, and the topics are about as many as the seventeen of arXiv 2411.10873.
func TestTitlesExactRepliesStatisticallyTopics(t *testing.T) {
	path := testutil.Data(t, "openai_forum", "topics.csv")
	if testing.Short() {
		t.Skip("29,576 titles are fitted")
	}
	summary, _ := report(t, path)
	require.Contains(t, summary, "29576 threads")
	require.Contains(t, summary, "[6330 9712 6871 3819 2842]")
	require.Regexp(t, `, (1[2-9]|2[0-4]) topics`, summary)
}

func TestWithoutData(t *testing.T) {
	t.Setenv("GOBERTOPIC_DATA", t.TempDir())
	var usage findings.Usage
	for _, args := range [][]string{nil, {"--full"}} {
		err := run(t.Context(), &bytes.Buffer{}, args)
		require.ErrorAs(t, err, &usage)
		require.ErrorContains(t, err, "fetch discourse")
	}
	path := filepath.Join(t.TempDir(), "topics.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("{\"id\":1,\"title\":\"a\",\"posts_count\":1}\n{\"id\":\n"), 0o600))
	require.ErrorContains(t, run(t.Context(), &bytes.Buffer{}, []string{"--full", "--strict", path}), "topics.jsonl:2")
}

// forum answers as a Discourse forum does that has 40 topics with a reply each.
func forum() http.Handler {
	topic := func(id int) map[string]any {
		title := []string{"How do I fine-tune a model", "The API answers with an error 429"}[id%2]
		return map[string]any{"id": id, "title": fmt.Sprintf("%s, part %d", title, id), "created_at": "2024-01-01T00:00:00Z", "posts_count": 2, "views": 5, "like_count": 1}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer map[string]any
		var id int
		if _, err := fmt.Sscanf(r.URL.Path, "/t/%d.json", &id); err == nil {
			answer = topic(id)
			var posts []map[string]any
			for k, user := range []string{"ask", "help"} {
				posts = append(posts, map[string]any{
					"id": 10*id + k, "topic_id": id, "post_number": 1 + k, "post_type": 1, "username": user,
					"created_at": fmt.Sprintf("2024-01-01T%02d:00:00Z", 3*k), "cooked": "<p>Hello.</p>",
				})
			}
			answer["post_stream"] = map[string]any{"posts": posts, "stream": []int{10 * id, 10*id + 1}}
		} else {
			topics := []map[string]any{}
			if page, _ := strconv.Atoi(r.URL.Query().Get("page")); page == 0 {
				for id := range 40 {
					topics = append(topics, topic(id+1))
				}
			}
			answer = map[string]any{"topic_list": map[string]any{"per_page": 30, "topics": topics}}
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
}

// What the example says when there is no data leads to data that it reads.
func TestCommandsFetchWhatIsRead(t *testing.T) {
	if testing.Short() {
		t.Skip("gobertopic is built")
	}
	server := httptest.NewServer(forum())
	defer server.Close()
	t.Setenv("GOBERTOPIC_DATA", t.TempDir())
	var commands [][]string
	for _, args := range exampletest.Commands(run(t.Context(), &bytes.Buffer{}, nil).Error()) {
		if args[1] == "discourse" {
			commands = append(commands, args)
		}
	}
	require.Len(t, commands, 2)
	lists := filepath.Join(t.TempDir(), "lists.jsonl")
	gobertopic := exampletest.Build(t)
	for _, args := range commands {
		for i, a := range args {
			switch a {
			case "https://community.openai.com":
				args[i] = server.URL
			case "lists.jsonl":
				args[i] = lists
			}
		}
		exampletest.Call(t, gobertopic, args, "--rate", "30", "--quiet")
	}
	for _, c := range []struct {
		args  []string
		times bool
	}{{[]string{"--full"}, true}, {nil, true}, {[]string{lists}, false}} {
		summary, dir := report(t, c.args...)
		require.Contains(t, summary, "40 threads")
		require.Contains(t, summary, "[0 40 0 0 0]")
		methods, err := os.ReadFile(filepath.Join(dir, "methods.md"))
		require.NoError(t, err)
		require.Contains(t, string(methods), "format: discourse\n")
		require.Equal(t, c.times, !strings.Contains(string(methods), "there are no hours"))
	}
}

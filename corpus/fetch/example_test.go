package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/gobertopic/gobertopic/corpus/fetch"
)

// api stands for the Stack Exchange API: two questions, the first with one answer.
func api(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/answers") {
		fmt.Fprint(w, `{"items":[{"answer_id":3,"question_id":1,"body":"<p>Do not.</p>"}],"has_more":false,"quota_remaining":298}`)
		return
	}
	fmt.Fprint(w, `{"items":[{"question_id":1,"answer_count":1,"body":"<p>How?</p>"},{"question_id":2,"answer_count":0,"body":"<p>Why?</p>"}],"has_more":false,"quota_remaining":299}`)
}

func ExampleStackExchange() {
	server := httptest.NewServer(http.HandlerFunc(api))
	defer server.Close()
	dir, err := os.MkdirTemp("", "fetch")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	cfg := fetch.DefaultStackExchange()
	cfg.API = server.URL // left as it is for the sites themselves
	cfg.Tags = []string{"langchain"}
	cfg.Out = filepath.Join(dir, "langchain.jsonl")
	summary, err := fetch.StackExchange(context.Background(), cfg)
	if errors.Is(err, fetch.ErrLater) {
		fmt.Println("tomorrow the same call goes on") // the quota of a day
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(summary.Threads, "questions and", summary.Posts, "answer in", summary.Pages, "pages")
	// Output: 2 questions and 1 answer in 2 pages
}

func ExampleDiscourse() {
	cfg := fetch.DefaultDiscourse()
	cfg.Forum = "community.example.com"
	_, err := fetch.Discourse(context.Background(), cfg)
	fmt.Println(err)
	// Output:
	// fetch.Common.Out is "", want the name of a file
	// fetch.DiscourseConfig.Forum is community.example.com, want an address such as https://community.example.com
}

// No printed form shows a key.
func ExampleKey() {
	key := fetch.Key("abc123")
	fmt.Println(key)
	fmt.Printf("%+v\n", struct{ Key fetch.Secret }{key})
	// Output:
	// hidden
	// {Key:hidden}
}

func ExampleStatePath() {
	fmt.Println(fetch.StatePath("langchain.jsonl"))
	// Output: langchain.jsonl.state.json
}

func ExampleDefaultCommon() {
	c := fetch.DefaultCommon()
	fmt.Println(c.Rate, "request a second,", c.MaxRetries, "repetitions, the first after", c.Backoff)
	// Output: 1 request a second, 6 repetitions, the first after 2s
}

package openai_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/represent/openai"
)

// A local server, here one that knows a single answer, needs no key.
func ExampleNew() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"choices": [{"message": {"content": "topic: Broad-leaved trees"}}]}`)
	}))
	defer server.Close()

	cfg := openai.DefaultConfig()
	cfg.BaseURL = server.URL + "/v1"
	cfg.APIKey = openai.Key("")
	cfg.Model = "llama3.2"
	cfg.Fields = map[string]any{"temperature": 0}
	llm, err := openai.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := llm.Complete(context.Background(), represent.Prompt{User: "What do oak and elm have in common?"})
	fmt.Println(answer, err)
	// Output: topic: Broad-leaved trees <nil>
}

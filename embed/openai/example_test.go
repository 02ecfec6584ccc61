package openai_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/gobertopic/gobertopic/embed/openai"
)

// A local server, here one that knows a single vector, needs no key.
func ExampleNew() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data": [{"index": 0, "embedding": [0.6, 0.8]}]}`)
	}))
	defer server.Close()

	cfg := openai.DefaultConfig()
	cfg.BaseURL = server.URL + "/v1"
	cfg.APIKey = openai.Key("")
	cfg.Model = "nomic-embed-text"
	e, err := openai.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := e.Embed(context.Background(), []string{"a text"})
	fmt.Println(x.Rows, x.Cols, x.Data, err)
	// Output: 1 2 [0.6 0.8] <nil>
}

// What a service refuses for good comes back as an Error.
func ExampleError() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"error": {"message": "no such model", "code": "model_not_found"}}`)
	}))
	defer server.Close()

	cfg := openai.DefaultConfig()
	cfg.BaseURL = server.URL
	cfg.APIKey = openai.Key("")
	e, err := openai.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = e.Embed(context.Background(), []string{"one", "two"})
	var failure *openai.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Status, failure.Code)
	}
	fmt.Println(err)
	// Output:
	// 404 model_not_found
	// openai: texts 0 to 1 of 2: HTTP status 404 (model_not_found): no such model
}

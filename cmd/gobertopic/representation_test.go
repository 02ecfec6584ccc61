package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

func readTopics(t *testing.T, path string) (topics []topicJSON) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &topics))
	return topics
}

func TestRepresentationAndAspects(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked.Add(1)
		require.Equal(t, "the-key", r.Header.Get("api-key"))
		require.Contains(t, string(body), `"temperature":0`)
		require.Contains(t, string(body), `"model":"tiny"`)
		if strings.Contains(string(body), "bread") {
			fmt.Fprint(w, `{"choices": [{"message": {"content": "topic: Baking"}}]}`)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error": {"message": "not with the-key"}}`)
	}))
	defer server.Close()
	t.Setenv("OPENAI_API_KEY", "the-key")
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	input := write(t, "texts.txt", texts(90))
	flags := []string{
		"fit", "--format", "lines", "--representation", "keybert, mmr:0.3", "--aspect", "nouns=pos", "--aspect", "words=", "--aspect", "label=mmr:0.5,llm",
		"--aspect", "given=zeroshot:0.2", "--label", "cooking", "--label", "cars", "--label", "neural networks", "--typical-docs", "2", "--typical-diversity", "0.2",
		"--llm-url", server.URL, "--llm-model", "tiny", "--llm-key-header", "api-key", "--llm-field", "temperature=0", "--llm-doc-limit", "9 words",
		"--save-embeddings", at("e.npy"), "--topics", at("topics.json"), "--model", at("model"), input,
	}
	code, stdout, stderr := call(t.Context(), "", flags...)
	require.Zero(t, code, stderr)
	topics := readTopics(t, at("topics.json"))
	require.Equal(t, int64(len(topics)), asked.Load())
	require.Contains(t, stderr, "represent: ")
	require.Contains(t, stderr, `aspect "label": representer 1 (represent.LanguageModel)`)
	require.Contains(t, stderr, "not with [key]")
	for _, name := range []string{"given", "label", "nouns", "words"} {
		require.Contains(t, strings.SplitN(stdout, "\n", 2)[0], name, "a column for each aspect")
	}
	found := map[string]bool{}
	for _, tp := range topics {
		require.Len(t, tp.Aspects, 4)
		require.Len(t, tp.Terms, 10)
		require.NotEqual(t, tp.Terms, tp.Aspects["words"])
		for _, name := range []string{"given", "label", "nouns"} {
			found[name+" "+tp.Aspects[name][0].Term] = true
		}
	}
	for _, want := range []string{"label Baking", "given cooking", "given cars", "given neural networks"} {
		require.Contains(t, found, want)
	}
	code, stdout, stderr = call(t.Context(), "", "topics", "--json", "--model", at("model"))
	require.Zero(t, code, stderr)
	var again []topicJSON
	require.NoError(t, json.Unmarshal([]byte(stdout), &again))
	require.Equal(t, topics, again)

	// With embeddings from a file the words are compared with the documents as the encoder has them: here the same.
	flags = append(flags[:len(flags)-7], "--embeddings", at("e.npy"), "--quiet", "--workers", "1", "--topics", at("topics2.json"), input)
	code, _, stderr = call(t.Context(), "", flags...)
	require.Zero(t, code, stderr)
	for i, tp := range readTopics(t, at("topics2.json")) {
		require.Equal(t, topics[i].Terms[0].Term, tp.Terms[0].Term)
		require.Equal(t, topics[i].Aspects["nouns"], tp.Aspects["nouns"])
	}
}

func TestDryRunPrintsPromptsAndSendsNothing(t *testing.T) {
	prompt := write(t, "prompt.txt", "Name this: [KEYWORDS]\n[DOCUMENTS]")
	system := write(t, "system.txt", "You are terse.")
	code, stdout, stderr := call(t.Context(), texts(60), "fit", "--format", "lines", "--quiet", "--aspect", "label=llm", "--llm-dry-run",
		"--llm-url", "http://127.0.0.1:1", "--llm-prompt", prompt, "--llm-system", system, "--llm-docs", "1", "--llm-doc-limit", "4 tokens", "-")
	require.Zero(t, code, stderr)
	require.Contains(t, stderr, "You are terse.\n\nName this: ")
	require.Contains(t, stderr, "- How do I train\n")
	require.Regexp(t, `== \d+ questions, about \d+ tokens; nothing was sent\n$`, stderr)
	require.NotContains(t, stdout, "nothing was sent")
}

// In a flag 0 is the number 0, where the settings have it for their default.
func TestZeroInAFlagIsZero(t *testing.T) {
	for _, c := range []struct {
		o    representationOptions
		want topic.Representer
	}{
		{representationOptions{chain: "mmr:0"}, represent.MMR{Diversity: stage.None}},
		{representationOptions{chain: "mmr"}, represent.MMR{}},
		{representationOptions{chain: "zeroshot:0", labels: []string{"a"}}, represent.ZeroShot{Labels: []string{"a"}, MinScore: math.SmallestNonzeroFloat64}},
		{representationOptions{chain: "zeroshot", labels: []string{"a"}}, represent.ZeroShot{Labels: []string{"a"}}},
	} {
		cfg := topic.DefaultConfig()
		_, err := c.o.apply(&cfg, false)
		require.NoError(t, err)
		require.Equal(t, []topic.Representer{c.want}, cfg.Representers)
		require.Equal(t, stage.None, cfg.RepresentativeDocs, "no typical documents")
	}
}

func TestBadRepresentations(t *testing.T) {
	input := write(t, "texts.txt", texts(30))
	for want, flags := range map[string][]string{
		`--representation has the step "nice", want keybert`:             {"--representation", "keybert,nice"},
		`--representation has the step "mmr:much"`:                       {"--representation", "mmr:much"},
		`--representation has the step "keybert:1"`:                      {"--representation", "keybert:1"},
		`step "mmr:2": represent.MMR.Diversity is 2`:                     {"--representation", "mmr:2"},
		`step "mmr:-0.1": the diversity is -0.1, want a number in`:       {"--representation", "mmr:-0.1"},
		`--aspect is "pos", want NAME=STEPS`:                             {"--aspect", "pos"},
		`--aspect is "a=pos", want NAME=STEPS with a name that no other`: {"--aspect", "a=mmr", "--aspect", "a=pos"},
		`--aspect a has the step zeroshot, which needs at least one`:     {"--aspect", "a=zeroshot"},
		`--aspect a, step "zeroshot": represent.ZeroShot.Labels[1]`:      {"--aspect", "a=zeroshot", "--label", "x", "--label", "x"},
		`--llm-dry-run is set, but`:                                      {"--representation", "pos", "--llm-dry-run"},
		`--llm-field is "temperature", want NAME=JSON`:                   {"--representation", "llm", "--llm-field", "temperature"},
		`--llm-…: openai.Config.BaseURL is`:                              {"--representation", "llm", "--llm-url", "here"},
		`--llm-doc-limit is "7 miles"`:                                   {"--representation", "llm", "--llm-doc-limit", "7 miles"},
		`--llm-doc-limit is "0 words"`:                                   {"--representation", "llm", "--llm-doc-limit", "0 words"},
		`step "llm": represent.LanguageModel.Docs is -1`:                 {"--representation", "llm", "--llm-docs", "-1"},
		`--typical-docs is -1`:                                           {"--typical-docs", "-1"},
		`--typical-diversity is 1.5`:                                     {"--typical-diversity", "1.5"},
	} {
		code, _, stderr := call(t.Context(), "", append(append([]string{"fit", "--format", "lines", "--quiet"}, flags...), input)...)
		require.Equal(t, exitUsage, code, "%v: %s", flags, stderr)
		require.Contains(t, stderr, want)
	}
	code, _, stderr := call(t.Context(), "", "fit", "--format", "lines", "--representation", "llm", "--llm-prompt", "/nowhere/prompt", input)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "/nowhere/prompt")
}

package represent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/topic"
)

// Prompt is what a language model is asked.
type Prompt struct {
	System string // what it is; may be empty
	User   string // the question
}

// LLM is a language model. Complete is called from several goroutines at a time and must heed ctx. Package
// represent/openai has one.
type LLM interface {
	Complete(ctx context.Context, p Prompt) (string, error)
}

// LLMFunc makes an LLM of a function.
type LLMFunc func(ctx context.Context, p Prompt) (string, error)

// Complete calls f.
func (f LLMFunc) Complete(ctx context.Context, p Prompt) (string, error) { return f(ctx, p) }

// LanguageModel asks a language model for a label of each topic, as BERTopic's OpenAI, LiteLLM, LlamaCPP and the like do.
// The label replaces the terms, with weight 1. A topic for which the model fails keeps its terms, and the fit has a warning
// that says why; when it fails for the first three, the others are not asked. Only a canceled context ends the fit. The
// result does not depend on Concurrency.
type LanguageModel struct {
	// LLM is the language model. Required, but for a DryRun.
	LLM LLM
	// System is the system prompt; system_prompt. Default: DefaultSystem.
	System string
	// Prompt is the question, where every [DOCUMENTS] stands for the typical documents, one "- …" line each, and every
	// [KEYWORDS] for the topic's terms with ", " between them; prompt. Default: DefaultPrompt.
	Prompt string
	// Docs is the number of typical documents, 0 or more. Default 4; nr_docs.
	Docs int
	// Diversity, in [0, 1], is how much it counts that they differ; see topic.View.Typical. Default 0; diversity.
	Diversity float64
	// Limit cuts each document. Default: they are whole; doc_length and tokenizer.
	Limit Limit
	// Keywords is the most terms that stand for [KEYWORDS], 0 or more. Default 30, as many as there are by default.
	Keywords int
	// Concurrency is the number of questions under way at a time, at least 1. Default 4.
	Concurrency int
	// Parse makes terms of an answer; nil, the default, means one term of weight 1 with the label that Label finds.
	Parse func(answer string) ([]ctfidf.Term, error)
	// DryRun, when it is not nil, is told of each topic, in their order, what would be asked and about how many tokens that
	// is (Limit.Count counts, or the model's word pieces, or four bytes are one). Nothing is sent, and the terms stay.
	DryRun func(topic int, p Prompt, tokens int)
}

// DefaultSystem and DefaultPrompt ask for a short label.
const (
	DefaultSystem = "You name topics. A topic is a group of texts that a program found; you see some of the texts and the words that set the group apart. You answer with a label and nothing else."
	DefaultPrompt = `Here are texts of one topic:
[DOCUMENTS]
Words that set these texts apart: [KEYWORDS]

What is the topic? Answer in one line of at most five words, in the language of the texts, in this form:
topic: <label>`
)

// DefaultLanguageModel asks l for short labels, with the settings of BERTopic's OpenAI.
func DefaultLanguageModel(l LLM) LanguageModel {
	return LanguageModel{LLM: l, System: DefaultSystem, Prompt: DefaultPrompt, Docs: 4, Keywords: 30, Concurrency: 4}
}

// Validate reports every field outside its range at once.
func (l LanguageModel) Validate() error {
	var f check.Fields
	f.Want(l.LLM != nil || l.DryRun != nil, "represent.LanguageModel.LLM", nil, "a language model")
	f.Want(strings.TrimSpace(l.Prompt) != "", "represent.LanguageModel.Prompt", fmt.Sprintf("%q", l.Prompt), "a question; DefaultPrompt is one")
	f.Want(l.Docs >= 0, "represent.LanguageModel.Docs", l.Docs, "0 or more")
	f.Want(l.Diversity >= 0 && l.Diversity <= 1, "represent.LanguageModel.Diversity", l.Diversity, "a number in [0, 1]")
	f.Want(l.Keywords >= 0, "represent.LanguageModel.Keywords", l.Keywords, "0 or more")
	f.Want(l.Concurrency >= 1, "represent.LanguageModel.Concurrency", l.Concurrency, "1 or more")
	return errors.Join(f.Err(), l.Limit.validate())
}

// NeedsEmbedder is true when the model's word pieces are to be counted.
func (l LanguageModel) NeedsEmbedder() bool { return l.Limit.needsEmbedder() }

// Represent asks for every topic. It fails with the context's cause, or where Limit cannot be kept.
func (l LanguageModel) Represent(ctx context.Context, v topic.View, topics [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	prompts, err := l.prompts(ctx, v, topics)
	if err != nil {
		return nil, err
	}
	if l.DryRun != nil {
		count := l.Limit.counter(v)
		for i, p := range prompts {
			if p != (Prompt{}) {
				l.DryRun(v.IDs[i], p, count(p.System)+count(p.User))
			}
		}
		return topics, nil
	}
	parse := l.Parse
	if parse == nil {
		parse = func(answer string) ([]ctfidf.Term, error) {
			label, err := Label(answer)
			return []ctfidf.Term{{Term: label, Weight: 1}}, err
		}
	}
	out, errs := slices.Clone(topics), make([]error, len(topics))
	ask := func(t int) error {
		if prompts[t] == (Prompt{}) {
			errs[t] = errNothing
			return nil
		}
		answer, err := l.LLM.Complete(ctx, prompts[t])
		var terms []ctfidf.Term
		if err == nil {
			terms, err = parse(answer)
		}
		if err == nil && len(terms) == 0 {
			err = errNoLabel
		}
		if errs[t] = err; err == nil {
			out[t] = terms
		}
		return context.Cause(ctx)
	}
	// One topic after the other until there is a label, so that a service that cannot be reached is given up soon.
	begun, failed := 0, 0
	for answered := false; begun < len(topics) && !answered && failed < patience; begun++ {
		if err := ask(begun); err != nil {
			return nil, err
		}
		switch {
		case errs[begun] == nil:
			answered = true
		case errors.Is(errs[begun], errNothing):
		default:
			failed++
		}
		if v.Done != nil {
			v.Done(begun + 1)
		}
	}
	if failed == patience {
		for t := begun; t < len(topics); t++ {
			errs[t] = errGivenUp
		}
		begun = len(topics)
	}
	loop := parallel.Loop{Workers: l.Concurrency, Block: 1}
	if v.Done != nil {
		loop.Progress = func(done, _ int) { v.Done(begun + done) }
	}
	if err := loop.Run(ctx, len(topics)-begun, func(_, t, _ int) error { return ask(begun + t) }); err != nil {
		return nil, err
	}
	warn(v, errs)
	return out, nil
}

// prompts is what is asked for each topic; nothing for one without documents and terms.
func (l LanguageModel) prompts(ctx context.Context, v topic.View, topics [][]ctfidf.Term) ([]Prompt, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	cut, err := l.Limit.cutter(v)
	if err != nil {
		return nil, err
	}
	typical, err := v.Typical(ctx, l.Docs, l.Diversity)
	if err != nil {
		return nil, err
	}
	prompts := make([]Prompt, len(topics))
	for t, terms := range topics {
		if len(typical[t]) == 0 && len(terms) == 0 {
			continue
		}
		var docs strings.Builder
		for _, text := range texts(v, typical[t]) {
			if err := context.Cause(ctx); err != nil {
				return nil, err
			}
			docs.WriteString("- " + cut(text) + "\n")
		}
		keywords := strings.Join(names(terms[:min(len(terms), l.Keywords)]), ", ")
		// In one pass, so that a document with the word [KEYWORDS] stays as it is.
		prompts[t] = Prompt{l.System, strings.NewReplacer("[DOCUMENTS]", docs.String(), "[KEYWORDS]", keywords).Replace(l.Prompt)}
	}
	return prompts, nil
}

// warn reports failures, those with the same words together.
func warn(v topic.View, errs []error) {
	if v.Warn == nil {
		return
	}
	said := map[string][]string{}
	var order []error
	for t, err := range errs {
		if err == nil {
			continue
		}
		if said[err.Error()] == nil {
			order = append(order, err)
		}
		said[err.Error()] = append(said[err.Error()], fmt.Sprint(v.IDs[t]))
	}
	for _, err := range order {
		ids := said[err.Error()]
		who := "topic " + ids[0] + " keeps its"
		if len(ids) > 1 {
			const shown = 10
			list := strings.Join(ids[:min(len(ids), shown)], ", ")
			if len(ids) > shown {
				list += fmt.Sprintf(" and %d more", len(ids)-shown)
			}
			who = "topics " + list + " keep their"
		}
		v.Warn(fmt.Errorf("%s words: %w", who, err))
	}
}

// maxLabel is the most characters of a label.
const maxLabel = 200

// patience is the number of topics whose questions may fail before there is any label.
const patience = 3

var (
	errGivenUp = fmt.Errorf("not asked, since the language model failed for the first %d topics", patience)
	errNoLabel = errors.New("there is no label in the answer")
	errNothing = errors.New("there is nothing to ask about: no words, and so no typical documents")
)

// Label is the label in an answer: what stands behind "topic:" in the last line that begins so, or else the first line
// with anything in it; without what a model thought before (<think>…</think>), without quotation marks and Markdown around
// it, without characters that cannot be seen, and cut to 200 characters. It fails when nothing is left.
func Label(answer string) (string, error) {
	if i := strings.LastIndex(answer, "</think>"); i >= 0 {
		answer = answer[i+len("</think>"):]
	} else if strings.HasPrefix(strings.TrimSpace(answer), "<think>") {
		return "", errNoLabel // it was cut short while it thought
	}
	label, marked := "", false
	for line := range strings.Lines(answer) {
		line = clean(strings.TrimLeft(line, "# \t")) // a heading of Markdown
		if len(line) >= 6 && strings.EqualFold(line[:6], "topic:") {
			if rest := clean(line[6:]); rest != "" {
				label, marked = rest, true
			}
		} else if !marked && label == "" {
			label = line
		}
	}
	if r := []rune(label); len(r) > maxLabel {
		label = clean(string(r[:maxLabel]))
	}
	if label == "" {
		return "", errNoLabel
	}
	return label, nil
}

// clean takes away what is not part of a label.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		switch {
		case r < ' ', r == 0x7f:
			return ' '
		case r == '\ufeff', r == '\u200b', 0x80 <= r && r <= 0x9f, '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	return strings.Trim(strings.Join(strings.Fields(s), " "), " \"'`*“”‘’«»")
}

package topic

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/stage"
)

// Representer rewrites the terms that describe the topics: topics[i], the candidates of topic v.IDs[i]
// by falling weight, is replaced by what it returns. Representers run in the order in which they are
// configured, each on the result of the one before. They must not change topics, which others see too.
//
// A Representer with the method NeedsEmbedder() bool is asked before anything is computed whether it is
// unable to work without View.Embedder.
type Representer interface {
	Represent(ctx context.Context, v View, topics [][]ctfidf.Term) ([][]ctfidf.Term, error)
}

// Aspect is a description of the topics beside their terms: what Representers make of the candidate
// terms, one after the other. Without any it is the terms by weight.
type Aspect struct {
	Name         string
	Representers []Representer
}

// View is what a Representer sees of a model under construction. It must not change what it sees.
type View struct {
	Docs           []string       // the documents of the model, in an order that depends on them alone
	Topics         []int          // the topic of each document, −1 for outliers
	IDs            []int          // the topics in order, the outlier topic −1 first if there is one
	Representative [][]int        // per entry of IDs: positions in Docs, the most typical first
	Embeddings     blas32.General // one row per document
	Means          blas32.General // one row per entry of IDs: the mean embedding of its documents
	Embedder       stage.Embedder // nil if the documents came with embeddings and no embedder was given

	Weights    ctfidf.Weights // one row per entry of IDs; no rows if the documents have no words
	Vocabulary ctfidf.Config  // how documents become the terms of Weights
	TopWords   int            // the number of terms that the model keeps of the last result

	// Run has the seed and the workers. Its Progress is nil: see Done.
	Run stage.Run
	// Done, if not nil, takes the number of topics for which the work is done, with rising values, from
	// the goroutine that called Represent.
	Done func(topics int)
	// Warn, if not nil, takes what is worth knowing without being a failure, for Model.Warnings. It is
	// called from the goroutine that called Represent, in an order that no scheduling changes.
	Warn func(error)

	ranked *ranked // what Typical found, for its next call
}

// representing is the making of terms, aspects and names from candidate terms.
type representing struct {
	w          *description
	view       View
	candidates [][]ctfidf.Term
	progress   func(Progress)
	done       int // number of representers that are done
}

func (r *representing) run(ctx context.Context) error {
	words := r.w.words
	terms, err := r.chain(ctx, words.Representers, "")
	if err != nil {
		return err
	}
	for i := range r.w.topics {
		t := &r.w.topics[i]
		t.terms = r.keep(terms[i])
		t.name = name(r.view.IDs[i], t.terms)
	}
	for _, a := range words.Aspects {
		terms, err := r.chain(ctx, a.Representers, fmt.Sprintf("aspect %q: ", a.Name))
		if err != nil {
			return err
		}
		for i := range r.w.topics {
			t := &r.w.topics[i]
			if t.aspects == nil {
				t.aspects = make(map[string][]ctfidf.Term, len(words.Aspects))
			}
			t.aspects[a.Name] = r.keep(terms[i])
		}
	}
	return nil
}

// keep returns the terms that the model keeps.
func (r *representing) keep(terms []ctfidf.Term) []ctfidf.Term {
	return slices.Clip(terms[:min(len(terms), r.view.TopWords)])
}

// chain has representers rewrite the candidates, one after the other.
func (r *representing) chain(ctx context.Context, representers []Representer, in string) ([][]ctfidf.Term, error) {
	terms, v := r.candidates, r.view
	for i, rep := range representers {
		who := fmt.Sprintf("%srepresenter %d (%T)", in, i, rep)
		v.Warn = func(err error) { r.w.warn("%s: %w", who, err) }
		v.Done = r.report()
		out, err := rep.Represent(ctx, v, terms)
		if err == nil && len(out) != len(v.IDs) {
			err = fmt.Errorf("terms for %d topics, want %d", len(out), len(v.IDs))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", who, err)
		}
		if v.Done != nil {
			v.Done(len(v.IDs))
		}
		r.done++
		terms = out
	}
	return terms, nil
}

// report returns what takes the progress of the next representer; nil if nobody listens.
func (r *representing) report() func(topics int) {
	if r.progress == nil {
		return nil
	}
	steps := len(r.w.words.Representers)
	for _, a := range r.w.words.Aspects {
		steps += len(a.Representers)
	}
	n := len(r.view.IDs)
	last := r.done * n
	return func(topics int) {
		if at := r.done*n + min(topics, n); at > last {
			last = at
			r.progress(Progress{Step: "represent", Done: at, Total: steps * n})
		}
	}
}

// validateChains reports bad aspects and representers, and what the representers' own Validate methods
// report.
func (w Words) validateChains(e stage.Embedder) error {
	var errs []error
	bad := func(field string, value any, want string) {
		errs = append(errs, &stage.ConfigError{Field: field, Value: value, Want: want})
	}
	chain := func(field string, representers []Representer) {
		for i, r := range representers {
			field := fmt.Sprintf("%s[%d]", field, i)
			if r == nil || nilPointer(r) {
				bad(field, nil, "a representer")
				continue
			}
			if v, ok := r.(stage.Validator); ok {
				if err := v.Validate(); err != nil {
					errs = append(errs, fmt.Errorf("%s: %w", field, err))
				}
			}
			if n, ok := r.(interface{ NeedsEmbedder() bool }); ok && e == nil && n.NeedsEmbedder() {
				errs = append(errs, fmt.Errorf("%s (%T): %w", field, r, ErrNoEmbedder))
			}
		}
	}
	chain("topic.Config.Representers", w.Representers)
	seen := map[string]bool{}
	for i, a := range w.Aspects {
		field := fmt.Sprintf("topic.Config.Aspects[%d]", i)
		if a.Name == "" || seen[a.Name] {
			bad(field+".Name", fmt.Sprintf("%q", a.Name), "a name that no other aspect has")
		}
		seen[a.Name] = true
		chain(field+".Representers", a.Representers)
	}
	return errors.Join(errs...)
}

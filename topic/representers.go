package topic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gobertopic/gobertopic/stage"
)

// Representer rewrites the terms that describe the topics: topics[i], the candidates of topic v.IDs[i] by falling
// weight, is replaced by what it returns. Representers run in the order in which they are configured, each on the result
// of the one before. They must not change topics, which others see too.
type Representer interface {
	Represent(ctx context.Context, v View, topics [][]Term) ([][]Term, error)
}

// NeedsEmbedder is met by a Representer that may be unable to work without View.Embedder. It is asked before anything is
// computed.
type NeedsEmbedder interface {
	NeedsEmbedder() bool
}

// Aspect is a description of the topics beside their terms: what Representers make of the candidate terms, one after the
// other. Without any it is the terms by weight.
type Aspect struct {
	Name         string
	Representers []Representer
}

// represent makes the terms, the aspects and the names of the topics from the candidate terms.
func (m *Model) represent(ctx context.Context, v View, candidates [][]Term) error {
	steps := len(m.cfg.Representers)
	for _, a := range m.cfg.Aspects {
		steps += len(a.Representers)
	}
	done := 0
	chain := func(representers []Representer, in string) ([][]Term, error) {
		terms := candidates
		for i, r := range representers {
			who := fmt.Sprintf("%srepresenter %d (%T)", in, i, r)
			v.Warn = func(err error) { m.warnings = append(m.warnings, fmt.Errorf("%s: %s: %w", StageWords, who, err)) }
			if m.cfg.Progress != nil {
				last := done * len(v.IDs)
				v.Done = func(topics int) {
					if at := done*len(v.IDs) + min(topics, len(v.IDs)); at > last {
						last = at
						m.cfg.Progress(Progress{Stage: StageRepresent, Done: at, Total: steps * len(v.IDs)})
					}
				}
			}
			out, err := r.Represent(ctx, v, terms)
			if err == nil && len(out) != len(v.IDs) {
				err = fmt.Errorf("terms for %d topics, want %d", len(out), len(v.IDs))
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", who, err)
			}
			if v.Done != nil {
				v.Done(len(v.IDs))
			}
			done++
			terms = out
		}
		return terms, nil
	}
	keep := func(terms []Term) []Term { return slices.Clip(terms[:min(len(terms), m.cfg.TopWords)]) }

	terms, err := chain(m.cfg.Representers, "")
	if err != nil {
		return err
	}
	for i := range m.topics {
		t := &m.topics[i]
		t.Terms = keep(terms[i])
		t.Name = name(t.ID, t.Terms)
	}
	for _, a := range m.cfg.Aspects {
		terms, err := chain(a.Representers, fmt.Sprintf("aspect %q: ", a.Name))
		if err != nil {
			return err
		}
		for i := range m.topics {
			t := &m.topics[i]
			if t.Aspects == nil {
				t.Aspects = make(map[string][]Term, len(m.cfg.Aspects))
			}
			t.Aspects[a.Name] = keep(terms[i])
		}
	}
	return nil
}

// validateChains reports bad aspects and representers, and what the representers' own Validate methods say.
func (c Config) validateChains() error {
	var errs []error
	bad := func(field string, value any, want string) {
		errs = append(errs, &stage.ConfigError{Field: field, Value: value, Want: want})
	}
	chain := func(field string, representers []Representer) {
		for i, r := range representers {
			field := fmt.Sprintf("%s[%d]", field, i)
			if r == nil {
				bad(field, nil, "a representer")
				continue
			}
			if v, ok := r.(Validator); ok {
				if err := v.Validate(); err != nil {
					errs = append(errs, fmt.Errorf("%s: %w", field, err))
				}
			}
			if n, ok := r.(NeedsEmbedder); ok && c.Embedder == nil && n.NeedsEmbedder() {
				errs = append(errs, fmt.Errorf("%s (%T): %w", field, r, ErrNoEmbedder))
			}
		}
	}
	chain("topic.Config.Representers", c.Representers)
	seen := map[string]bool{}
	for i, a := range c.Aspects {
		field := fmt.Sprintf("topic.Config.Aspects[%d]", i)
		if a.Name == "" || seen[a.Name] {
			bad(field+".Name", fmt.Sprintf("%q", a.Name), "a name that no other aspect has")
		}
		seen[a.Name] = true
		chain(field+".Representers", a.Representers)
	}
	return errors.Join(errs...)
}

func cloneAspects(aspects map[string][]Term) map[string][]Term {
	out := maps.Clone(aspects)
	for name, terms := range out {
		out[name] = slices.Clone(terms)
	}
	return out
}

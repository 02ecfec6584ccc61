package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/represent/openai"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// representationOptions are the flags about what describes a topic.
type representationOptions struct {
	chain       string
	aspects     []string
	labels      []string
	typical     int
	diversity   float64
	url, model  string
	keyHeader   string
	system      string
	prompt      string
	docs        int
	limit       string
	fields      []string
	concurrency int
	timeout     time.Duration
	dryRun      bool
}

const steps = "keybert, mmr[:DIVERSITY], pos, zeroshot[:MIN] and llm"

func (o *representationOptions) flags(f *pflag.FlagSet) {
	chat, lm := openai.DefaultConfig(), represent.DefaultLanguageModel(nil)
	f.StringVar(&o.chain, "representation", "", "what describes the topics instead of c-TF-IDF: `STEPS`, one after the other, of "+steps)
	f.StringArrayVar(&o.aspects, "aspect", nil, "a further description beside that: `NAME=STEPS`; may be given more than once")
	f.StringArrayVar(&o.labels, "label", nil, "a `LABEL` that zeroshot may give a topic; may be given more than once")
	f.IntVar(&o.typical, "typical-docs", 3, "typical documents kept for each topic, 0 or more")
	f.Float64Var(&o.diversity, "typical-diversity", 0, "how much it counts that the typical documents of a topic differ, from 0 to 1")
	f.StringVar(&o.url, "llm-url", chat.BaseURL, "`URL` of a service with OpenAI's chat endpoint; its key comes from OPENAI_API_KEY")
	f.StringVar(&o.model, "llm-model", chat.Model, "`NAME` of the language model")
	f.StringVar(&o.keyHeader, "llm-key-header", "", "`HEADER` that carries the key, api-key for Azure (default a bearer token)")
	f.StringVar(&o.system, "llm-system", "", "read the system prompt from `FILE`")
	f.StringVar(&o.prompt, "llm-prompt", "", "read the prompt, with [DOCUMENTS] and [KEYWORDS], from `FILE`")
	f.IntVar(&o.docs, "llm-docs", lm.Docs, "typical documents in a prompt")
	f.StringVar(&o.limit, "llm-doc-limit", "", "cut each document to a `LENGTH` such as \"400 characters\", \"60 words\" or \"100 tokens\"")
	f.StringArrayVar(&o.fields, "llm-field", nil, "a field of the question, `NAME=JSON`, such as temperature=0; may be given more than once")
	f.IntVar(&o.concurrency, "llm-concurrency", lm.Concurrency, "questions under way at a time; never changes a result")
	f.DurationVar(&o.timeout, "llm-timeout", chat.Timeout, "most time for an answer")
	f.BoolVar(&o.dryRun, "llm-dry-run", false, "print the prompts and about how many tokens they are, and send nothing")
}

// dryRun is what would have been asked.
type dryRun struct {
	text   strings.Builder
	asked  int
	tokens int
}

func (d *dryRun) note(id int, p represent.Prompt, tokens int) {
	d.asked++
	d.tokens += tokens
	fmt.Fprintf(&d.text, "== topic %d, about %d tokens\n%s\n\n%s\n", id, tokens, p.System, p.User)
}

func (d *dryRun) print(w io.Writer) {
	if d != nil {
		fmt.Fprintf(w, "%s== %d questions, about %d tokens; nothing was sent\n", d.text.String(), d.asked, d.tokens)
	}
}

// apply sets what describes the topics. foreign says that the documents' embeddings are not the embedder's. The result is
// nil without a dry run.
func (o representationOptions) apply(cfg *topic.Config, foreign bool) (*dryRun, error) {
	cfg.RepresentativeDocs, cfg.RepresentativeDiversity = o.typical, o.diversity
	if o.typical == 0 {
		cfg.RepresentativeDocs = stage.None
	}
	if o.typical < 0 {
		return nil, usage{fmt.Errorf("--typical-docs is %d, want 0 or more", o.typical)}
	}
	if !(o.diversity >= 0 && o.diversity <= 1) {
		return nil, usage{fmt.Errorf("--typical-diversity is %v, want a number from 0 to 1", o.diversity)}
	}
	c := chains{o: o, cfg: cfg}
	if foreign {
		c.embedder = cfg.Embedder
	}
	if o.dryRun {
		c.dry = &dryRun{}
	}
	var err error
	if o.chain != "" {
		if cfg.Representers, err = c.parse("--representation", o.chain); err != nil {
			return nil, err
		}
	}
	seen := map[string]bool{}
	for _, a := range o.aspects {
		name, list, ok := strings.Cut(a, "=")
		if !ok || name == "" || seen[name] {
			return nil, usage{fmt.Errorf("--aspect is %q, want NAME=STEPS with a name that no other aspect has", a)}
		}
		seen[name] = true
		aspect := topic.Aspect{Name: name}
		if list != "" { // the words by weight
			if aspect.Representers, err = c.parse("--aspect "+name, list); err != nil {
				return nil, err
			}
		}
		cfg.Aspects = append(cfg.Aspects, aspect)
	}
	if o.dryRun && !c.asked {
		return nil, usage{errors.New("--llm-dry-run is set, but neither --representation nor an --aspect has llm")}
	}
	return c.dry, nil
}

// chains makes representers of their names.
type chains struct {
	o        representationOptions
	cfg      *topic.Config
	embedder stage.Embedder // for what would otherwise use the documents' embeddings
	dry      *dryRun
	asked    bool
	llm      *represent.LanguageModel
}

func (c *chains) parse(flag, list string) ([]topic.Representer, error) {
	var out []topic.Representer
	for _, step := range strings.Split(list, ",") {
		name, argument, with := strings.Cut(strings.TrimSpace(step), ":")
		bad := usage{fmt.Errorf("%s has the step %q, want %s", flag, step, steps)}
		number := 0.0
		if with {
			var err error
			if number, err = strconv.ParseFloat(argument, 64); err != nil || name != "mmr" && name != "zeroshot" {
				return nil, bad
			}
		}
		var r interface {
			topic.Representer
			stage.Validator
		}
		switch name {
		case "keybert":
			k := represent.KeyBERT{}
			k.Embedder = c.embedder
			r = k
		case "mmr":
			m := represent.MMR{}
			if with {
				if m.Diversity = number; number == 0 {
					m.Diversity = stage.None
				}
				if number < 0 {
					return nil, usage{fmt.Errorf("%s, step %q: the diversity is %v, want a number in [0, 1]", flag, step, number)}
				}
			}
			r = m
		case "pos":
			r = represent.PartOfSpeech{}
		case "zeroshot":
			z := represent.ZeroShot{Labels: c.o.labels}
			z.Embedder = c.embedder
			if with {
				if z.MinScore = number; number == 0 {
					z.MinScore = math.SmallestNonzeroFloat64 // 0 would mean the default
				}
			}
			if len(z.Labels) == 0 {
				return nil, usage{fmt.Errorf("%s has the step zeroshot, which needs at least one --label", flag)}
			}
			r = z
		case "llm":
			l, err := c.languageModel()
			if err != nil {
				return nil, err
			}
			r = l
		default:
			return nil, bad
		}
		if err := r.Validate(); err != nil {
			return nil, usage{fmt.Errorf("%s, step %q: %w", flag, step, err)}
		}
		out = append(out, r)
	}
	return out, nil
}

// languageModel is what --llm-… say.
func (c *chains) languageModel() (l represent.LanguageModel, err error) {
	c.asked = true
	if c.llm != nil {
		return *c.llm, nil
	}
	l = represent.DefaultLanguageModel(nil)
	l.Docs, l.Concurrency = c.o.docs, c.o.concurrency
	for _, part := range []struct {
		file string
		to   *string
	}{{c.o.system, &l.System}, {c.o.prompt, &l.Prompt}} {
		if part.file != "" {
			text, err := os.ReadFile(part.file)
			if err != nil {
				return l, err
			}
			*part.to = string(text)
		}
	}
	if l.Limit, err = parseLimit(c.o.limit); err != nil {
		return l, err
	}
	if c.dry != nil {
		l.DryRun = c.dry.note
	} else {
		chat := openai.DefaultConfig()
		chat.BaseURL, chat.Model, chat.KeyHeader, chat.Timeout = c.o.url, c.o.model, c.o.keyHeader, c.o.timeout
		for _, f := range c.o.fields {
			name, text, ok := strings.Cut(f, "=")
			var value any
			if !ok || json.Unmarshal([]byte(text), &value) != nil {
				return l, usage{fmt.Errorf(`--llm-field is %q, want NAME=JSON such as temperature=0 or reasoning_effort="low"`, f)}
			}
			if chat.Fields == nil {
				chat.Fields = map[string]any{}
			}
			chat.Fields[name] = value
		}
		client, err := openai.New(chat)
		if err != nil {
			return l, usage{fmt.Errorf("--llm-…: %w", err)}
		}
		l.LLM = client
	}
	c.llm = &l
	return l, nil
}

func parseLimit(text string) (represent.Limit, error) {
	if text == "" {
		return represent.Limit{}, nil
	}
	number, unit, _ := strings.Cut(strings.TrimSpace(text), " ")
	n, err := strconv.Atoi(number)
	l := represent.Limit{N: n, Unit: represent.Unit(strings.TrimSpace(unit))}
	switch l.Unit {
	case represent.Characters, represent.Words, represent.Tokens:
	default:
		err = errors.New("unknown unit")
	}
	if err != nil || n < 1 {
		return l, usage{fmt.Errorf(`--llm-doc-limit is %q, want a length such as "400 characters", "60 words" or "100 tokens"`, text)}
	}
	return l, nil
}

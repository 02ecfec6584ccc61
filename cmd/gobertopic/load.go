package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/gobertopic/gobertopic/topic"
)

// flagsNote is the note of a saved model that has the flags which no file can hold what they make of.
const flagsNote = "flags"

// remember notes the flags about words and descriptions that were set, so that a loaded model can count and describe again.
func (o fitOptions) remember(cfg *topic.Config, f *pflag.FlagSet) error {
	var fresh fitOptions
	kept := fresh.descriptive()
	var args []string
	f.Visit(func(set *pflag.Flag) {
		if kept.Lookup(set.Name) == nil {
			return
		}
		values := []string{set.Value.String()}
		if list, ok := set.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			args = append(args, "--"+set.Name+"="+v)
		}
	})
	if len(args) == 0 {
		return nil
	}
	text, err := json.Marshal(args)
	cfg.Notes = map[string]string{flagsNote: string(text)}
	return err
}

// descriptive is the flags that remember keeps, all of them of o.
func (o *fitOptions) descriptive() *pflag.FlagSet {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.words.flags(f)
	o.representation.flags(f)
	f.StringVar(&o.embeddings, "embeddings", "", "")
	return f
}

// restored returns what the flags that a saved model was fitted with said of its words.
func restored(dir string) (topic.Words, error) {
	notes, err := topic.ReadNotes(dir)
	if err != nil || notes[flagsNote] == "" {
		return topic.Words{}, err
	}
	cfg := topic.DefaultConfig()
	var args []string
	if err := json.Unmarshal([]byte(notes[flagsNote]), &args); err != nil {
		return cfg.Words, fmt.Errorf("%s: the note %q: %w", dir, flagsNote, err)
	}
	var o fitOptions
	if err := o.descriptive().Parse(args); err != nil {
		return cfg.Words, fmt.Errorf("%s: the note %q: %w", dir, flagsNote, err)
	}
	if err := o.words.apply(&cfg); err != nil {
		return cfg.Words, err
	}
	_, err = o.representation.apply(&cfg, o.embeddings != "")
	return cfg.Words, err
}

// loadModel reads the model that fit --model wrote to dir. The embedder and the words of opt are set here.
func loadModel(ctx context.Context, dir string, opt topic.LoadOptions, warn io.Writer) (*topic.Model, error) {
	if dir == "" {
		return nil, usage{errors.New("--model is missing, want the directory that fit --model wrote")}
	}
	var err error
	opt.Embedder = topic.DefaultConfig().Embedder
	opt.Words, err = restored(dir)
	if err != nil {
		if _, missing := topic.ReadNotes(dir); missing != nil {
			return nil, missing
		}
		// What only reads the model works without.
		fmt.Fprintf(warn, "warning: the flags that the model was fitted with cannot be used again: %v\n", err)
		opt.Words = topic.Words{}
	}
	return topic.Load(ctx, dir, opt)
}

package sentencedir

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gobertopic/gobertopic/stage"
)

// readPrompts reads prompts and default_prompt_name of config_sentence_transformers.json.
func (d *Dir) readPrompts(path string) error {
	var c struct {
		Default *string           `json:"default_prompt_name"`
		Prompts map[string]string `json:"prompts"`
	}
	if _, err := ReadJSON(path, &c, false); err != nil {
		return err
	}
	if len(c.Prompts) > 0 {
		d.ByName = c.Prompts
	}
	if c.Default != nil && *c.Default != "" {
		if _, ok := c.Prompts[*c.Default]; !ok {
			return Wrong(path, "default_prompt_name", fmt.Sprintf("%q", *c.Default), "null or a name of prompts")
		}
		d.Prompts.Default = *c.Default
	}
	return nil
}

// Choose is the text to put before each text: prompt itself where it is not empty, or else the prompt of the given name,
// or else the default one. The error is a *stage.ConfigError for the field Prompt or PromptName of the configuration.
func (p *Prompts) Choose(config, prompt, name string) (string, error) {
	if prompt == "" {
		if name == "" {
			name = p.Default
		}
		var ok bool
		if prompt, ok = p.ByName[name]; !ok && name != "" {
			return "", &stage.ConfigError{Field: config + ".PromptName", Value: fmt.Sprintf("%q", name), Want: "one of the model's prompts: " + p.names()}
		}
	}
	if prompt != "" && p.Unpooled {
		return "", &stage.ConfigError{Field: config + ".Prompt", Value: fmt.Sprintf("%q", prompt), Want: "none: the model's tokens of a prompt are not to be pooled (include_prompt is false), which is not supported"}
	}
	return prompt, nil
}

func (p *Prompts) names() string {
	if len(p.ByName) == 0 {
		return "it has none"
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(p.ByName)) {
		list = append(list, fmt.Sprintf("%q for %q", name, p.ByName[name]))
	}
	return strings.Join(list, ", ")
}

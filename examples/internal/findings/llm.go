package findings

import (
	"flag"
	"fmt"

	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/represent/openai"
	"github.com/gobertopic/gobertopic/topic"
)

// LLM is the flags of a language model that names the topics.
type LLM struct{ url, model *string }

// llmFlags defines them.
func llmFlags(flags *flag.FlagSet) LLM {
	return LLM{
		flags.String("llm-url", "", "the address of a service with OpenAI's chat endpoint, which names the topics; its key comes from OPENAI_API_KEY"),
		flags.String("llm-model", openai.DefaultConfig().Model, "the name of the language model"),
	}
}

// add lets the language model describe the topics in an aspect of its own, if one is asked for. What it answers is the only
// part of a study that may differ from run to run.
func (l LLM) add(s *Study) error {
	if *l.url == "" {
		return nil
	}
	cfg := openai.DefaultConfig()
	cfg.BaseURL, cfg.Model = *l.url, *l.model
	client, err := openai.New(cfg)
	if err != nil {
		return Usage(err.Error())
	}
	s.Topics.Aspects = append(s.Topics.Aspects, topic.Aspect{
		Name: "language model", Representers: []topic.Representer{represent.DefaultLanguageModel(client)},
	})
	s.Settings = append(s.Settings, fmt.Sprintf("language model: %s, which is given the words and typical texts of each topic", *l.model))
	return nil
}

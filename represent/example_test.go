package represent_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/topic"
)

// questions is 90 short texts about three things.
func questions() []string {
	var docs []string
	for i := range 30 {
		docs = append(docs,
			fmt.Sprintf("How do I train a neural network for image number %d in Python?", i),
			fmt.Sprintf("The best recipe for bread with flour, butter and cheese, part %d", i),
			fmt.Sprintf("My car's engine makes a noise when I brake on road %d", i))
	}
	return docs
}

// A chain and an aspect: words close to the typical documents that differ from each other, and beside them the label of a
// language model, which is here a function.
func Example() {
	llm := represent.LLMFunc(func(_ context.Context, p represent.Prompt) (string, error) {
		for word, label := range map[string]string{"bread": "Baking", "neural": "Machine learning", "engine": "Cars"} {
			if strings.Contains(p.User, word) {
				return "topic: " + label, nil
			}
		}
		return "", errors.New("no idea")
	})
	cfg := topic.DefaultConfig()
	cfg.Representers = []topic.Representer{represent.KeyBERT{}, represent.MMR{Diversity: 0.3}}
	cfg.Aspects = []topic.Aspect{{Name: "label", Representers: []topic.Representer{represent.DefaultLanguageModel(llm)}}}
	model, err := topic.Fit(context.Background(), questions(), cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range model.Topics() {
		if t.ID >= 0 {
			fmt.Println(t.Terms[0].Term, "|", t.Aspects["label"][0].Term)
		}
	}
	// Unordered output:
	// neural | Machine learning
	// bread | Baking
	// brake | Cars
}

// What would be asked, and how much that is, before anything is paid for.
func ExampleLanguageModel_dryRun() {
	l := represent.DefaultLanguageModel(nil)
	l.Docs, l.Limit = 1, represent.Limit{N: 5, Unit: represent.Words}
	l.Prompt = "[DOCUMENTS]"
	topics := 0
	l.DryRun = func(id int, p represent.Prompt, tokens int) {
		topics++
		if tokens == 0 || p.User == "" {
			fmt.Println("nothing to ask about topic", id)
		}
	}
	cfg := topic.DefaultConfig()
	cfg.Representers = []topic.Representer{l}
	model, err := topic.Fit(context.Background(), questions(), cfg)
	fmt.Println(err, topics == len(model.Topics()))
	// Output: <nil> true
}

func ExampleLabel() {
	label, err := represent.Label("<think>It is about cars.</think>\n**Topic:** \"Noisy engines\"")
	fmt.Println(label, err)
	// Output: Noisy engines <nil>
}

func ExamplePartOfSpeech() {
	cfg := topic.DefaultConfig()
	cfg.Vocabulary.NGramMax = 2
	cfg.Representers = []topic.Representer{represent.PartOfSpeech{}}
	model, err := topic.Fit(context.Background(), questions(), cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range model.Topics() {
		for _, term := range t.Terms {
			if strings.Contains(term.Term, " ") {
				fmt.Println(term.Term)
			}
		}
	}
	// Unordered output:
	// neural network
	// best recipe
}

func ExampleZeroShot() {
	cfg := topic.DefaultConfig()
	cfg.Representers = []topic.Representer{represent.ZeroShot{Labels: []string{"baking bread", "image recognition with neural networks", "astronomy"}}}
	model, err := topic.Fit(context.Background(), questions(), cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range model.Topics() {
		if len(t.Terms) == 1 {
			fmt.Println(t.Terms[0].Term)
		}
	}
	// Unordered output:
	// baking bread
	// image recognition with neural networks
}

package topic

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/gobertopic/gobertopic/ctfidf"
)

// weighers reads the weighers that a file can hold, by the kind that Save writes.
var weighers = map[string]func(json.RawMessage) (Weigher, error){
	"ctfidf.Weighting":     read[ctfidf.Weighting],
	"ctfidf.NPMI":          read[ctfidf.NPMI],
	"ctfidf.FightingWords": read[ctfidf.FightingWords],
	"ctfidf.Soft":          read[ctfidf.Soft],
	"topic.centroid":       readCentroid,
}

func read[W Weigher](text json.RawMessage) (Weigher, error) {
	var w W
	err := json.Unmarshal(text, &w)
	return w, err
}

func readCentroid(text json.RawMessage) (Weigher, error) {
	var w CentroidWeigher
	err := json.Unmarshal(text, &w.All)
	return w, err
}

// saveWeigher is nil for a weigher that a file cannot hold.
func saveWeigher(w Weigher) *savedStage {
	kind, settings := fmt.Sprintf("%T", w), any(w)
	if c, ok := w.(CentroidWeigher); ok {
		if c.Embedder != nil {
			return nil
		}
		kind, settings = "topic.centroid", c.All
	}
	if _, ok := weighers[kind]; !ok {
		return nil
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return nil
	}
	return &savedStage{kind, text}
}

// saveWords is what a file holds of how words are made, and the names of what it cannot hold.
func (c Config) saveWords() (s savedWords, unsaved []string) {
	s = savedWords{
		Vocabulary: c.Vocabulary, Weigher: saveWeigher(c.Weigher), TopWords: c.TopWords,
		RepresentativeDocs: c.RepresentativeDocs, RepresentativeDiversity: c.RepresentativeDiversity,
	}
	s.Vocabulary.Workers = 0
	if s.Weigher == nil {
		unsaved = append(unsaved, "Weigher")
	}
	for name, there := range c.functions() {
		if there {
			unsaved = append(unsaved, name)
		}
	}
	unsaved = append(unsaved, c.unsaved...)
	slices.Sort(unsaved)
	return s, slices.Compact(unsaved)
}

// functions says which of the settings that no file can hold are there, by name.
func (c Config) functions() map[string]bool {
	return map[string]bool{
		"Aspects":                 len(c.Aspects) > 0,
		"Representers":            len(c.Representers) > 0,
		"Vocabulary.Preprocessor": c.Vocabulary.Preprocessor != nil,
		"Vocabulary.Stem":         c.Vocabulary.Stem != nil,
		"Vocabulary.Tokenizer":    c.Vocabulary.Tokenizer != nil,
	}
}

// restored is the configuration of a loaded model but for its reducer and its clusterer.
func (c Config) restored(s saved) (Config, error) {
	out := Config{
		Embedder: c.Embedder, Outliers: s.Outliers, Topics: s.NrTopics, Vocabulary: s.Words.Vocabulary, Weigher: c.Weigher, Representers: c.Representers, Aspects: c.Aspects,
		TopWords: s.Words.TopWords, RepresentativeDocs: s.Words.RepresentativeDocs, RepresentativeDiversity: s.Words.RepresentativeDiversity,
		Run: c.Run,
	}
	out.Seed = s.Seed
	v := &out.Vocabulary
	v.Preprocessor, v.Tokenizer, v.Stem = c.Vocabulary.Preprocessor, c.Vocabulary.Tokenizer, c.Vocabulary.Stem
	if w := s.Words.Weigher; w != nil {
		readWeigher, ok := weighers[w.Kind]
		if !ok {
			return out, fmt.Errorf("the weigher is of the unknown kind %q", w.Kind)
		}
		var err error
		if out.Weigher, err = readWeigher(w.Settings); err != nil {
			return out, fmt.Errorf("the weigher: %w", err)
		}
	}
	have := out.functions()
	have["Weigher"] = out.Weigher != nil
	for _, name := range s.Unsaved {
		if !have[name] {
			out.unsaved = append(out.unsaved, name)
		}
	}
	return out, errors.Join(out.Vocabulary.Validate(), out.validateChains())
}

func texts(errs []error) []string {
	var out []string
	for _, err := range errs {
		out = append(out, err.Error())
	}
	return out
}

func errorsOf(texts []string) []error {
	var out []error
	for _, t := range texts {
		out = append(out, errors.New(t))
	}
	return out
}

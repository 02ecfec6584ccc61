package topic

import (
	"encoding/json"
	"errors"
	"fmt"
)

// savedStage is a stage of this module in a file.
type savedStage struct {
	Kind     string
	Settings json.RawMessage
}

// clusterers reads the clusterers that a file can hold, by the kind that Save writes.
var clusterers = map[string]func(json.RawMessage) (Clusterer, error){
	"topic.HDBSCAN":            readClusterer[HDBSCAN],
	"topic.PLSCAN":             readClusterer[PLSCAN],
	"topic.Communities":        readClusterer[Communities],
	"topic.Given":              readClusterer[Given],
	"topic.LogisticRegression": readClusterer[LogisticRegression],
	"topic.MiniBatchKMeans":    readClusterer[MiniBatchKMeans],
	"topic.DBStream":           readClusterer[DBStream],
}

func readClusterer[C Clusterer](text json.RawMessage) (Clusterer, error) {
	var c C
	err := json.Unmarshal(text, &c)
	return c, err
}

// saveClusterer fails for a clusterer that a file cannot hold.
func saveClusterer(c Clusterer) (*savedStage, error) {
	switch h := c.(type) {
	case HDBSCAN:
		h.Progress, h.Workers = nil, 0
		c = h
	case PLSCAN:
		h.Progress, h.Workers = nil, 0
		c = h
	case Communities:
		h.Progress, h.Workers = nil, 0
		c = h
	case MiniBatchKMeans:
		h.Workers, h.Seed = 0, 0
		c = h
	case DBStream:
		h.Workers = 0
		c = h
	}
	kind := fmt.Sprintf("%T", c)
	if _, ok := clusterers[kind]; !ok {
		return nil, fmt.Errorf("the clusterer is a %s, want one of this package's", kind)
	}
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return &savedStage{kind, text}, nil
}

// clusterer reads the stage.
func (s *savedStage) clusterer() (Clusterer, error) {
	if s == nil {
		return nil, errors.New("there is no clusterer")
	}
	read, ok := clusterers[s.Kind]
	if !ok {
		return nil, fmt.Errorf("the clusterer is of the unknown kind %q", s.Kind)
	}
	c, err := read(s.Settings)
	if err != nil {
		return nil, fmt.Errorf("the clusterer: %w", err)
	}
	if v, ok := c.(Validator); ok {
		err = v.Validate()
	}
	return c, err
}

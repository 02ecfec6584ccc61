package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// mostLayers is the number of resolutions that are searched, and so the greatest number of layers.
const mostLayers = 16

// applyGranularity sets the stages that decide how many topics there are, as the value of a flag says.
func applyGranularity(cfg *topic.Config, flag, granularity string, minSize int) error {
	if granularity == "bertopic" {
		peer := topic.BERTopicConfig()
		clusterer := peer.Clusterer.(hdbscan.Config)
		clusterer.MinClusterSize = minSize
		cfg.Reducer, cfg.Clusterer = peer.Reducer, clusterer
		return nil
	}
	cfg.Clusterer = community.Config{MinSize: minSize, Resolutions: mostLayers}
	number, layer := strings.CutPrefix(granularity, "layer:")
	n, err := strconv.Atoi(number)
	switch {
	case granularity == "auto":
	case err != nil || n < 1 || layer && n > mostLayers:
		return usage{fmt.Errorf("%s is %q, want auto, a number of topics, layer:1 to layer:%d, or bertopic", flag, granularity, mostLayers)}
	case layer:
		cfg.Granularity = topic.AtLayer(n - 1)
	default:
		cfg.Granularity = topic.NumTopics(n)
	}
	return nil
}

// isGranularity says whether a value of --topics is a granularity; any other is the name of a file.
func isGranularity(value string) bool {
	_, err := strconv.Atoi(value)
	return err == nil || value == "auto" || value == "bertopic" || strings.HasPrefix(value, "layer:")
}

// topicsValue is the flag --topics: what is a granularity sets that, anything else is the file for the topics.
type topicsValue struct {
	granularity, file string
}

func (v *topicsValue) Type() string { return "string" }

func (v *topicsValue) String() string { return strings.TrimSpace(v.granularity + " " + v.file) }

func (v *topicsValue) Set(value string) error {
	to := &v.file
	if isGranularity(value) {
		to = &v.granularity
	}
	switch {
	case value == "":
		return errors.New("it is empty, want FILE.json, or auto, a number, layer:K or bertopic")
	case *to != "" && *to != value:
		return fmt.Errorf("it was %s before; it can be given twice, for a file and for how many topics there are", *to)
	}
	*to = value
	return nil
}

// granularityOf is what --granularity and --topics ask for together, and the flag that does.
func granularityOf(granularity string, given bool, topics topicsValue) (flag, value string, err error) {
	if topics.granularity == "" {
		return "--granularity", granularity, nil
	}
	if given && granularity != topics.granularity {
		return "", "", usage{fmt.Errorf("--topics is %s and --granularity is %s, want one of them", topics.granularity, granularity)}
	}
	return "--topics", topics.granularity, nil
}

// layerError returns err in the words of the flag, whose layers count from 1, if err is that the documents
// have no such layer.
func layerError(err error, flag, granularity string) error {
	var bad *stage.ConfigError
	if errors.As(err, &bad) && bad.Field == "topic.Config.Granularity" {
		return fmt.Errorf("%s is %q, want one of the layers that these documents have, which --layers lists", flag, granularity)
	}
	return err
}

// writeLayers prints the granularities of a model, the one that its topics are of with a star.
func writeLayers(w io.Writer, m *topic.Model) error {
	layers, chosen, err := m.Layers()
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\nlayer\ttopics\toutliers\tresolution\tscore\t")
	for i, l := range layers {
		mark := ""
		if i == chosen {
			mark = "*"
		}
		fmt.Fprintf(t, "%d%s\t%d\t%.1f %%\t%.2f\t%.3f\t\n", i+1, mark, l.Clusters, 100*l.Outliers, l.Scale, l.Score)
	}
	return t.Flush()
}

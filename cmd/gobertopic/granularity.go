package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/gobertopic/gobertopic/topic"
)

// applyGranularity sets the stages that decide how many topics there are.
func applyGranularity(cfg *topic.Config, granularity string, minSize int) error {
	if granularity == "bertopic" {
		peer := topic.BERTopicConfig()
		clusterer := peer.Clusterer.(topic.HDBSCAN)
		clusterer.MinClusterSize = minSize
		cfg.Reducer, cfg.Clusterer = peer.Reducer, clusterer
		return nil
	}
	clusterer := cfg.Clusterer.(topic.Communities)
	clusterer.MinSize = minSize
	number, layer := strings.CutPrefix(granularity, "layer:")
	n, err := strconv.Atoi(number)
	switch {
	case granularity == "auto":
	case err != nil || n < 1 || layer && n > clusterer.Resolutions:
		return usage{fmt.Errorf("--granularity is %q, want auto, a number of topics, layer:1 to layer:%d, or bertopic", granularity, clusterer.Resolutions)}
	case layer:
		clusterer.Layer = n
	default:
		clusterer.Communities = n
	}
	cfg.Clusterer = clusterer
	return nil
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
		fmt.Fprintf(t, "%d%s\t%d\t%.1f %%\t%.2f\t%.3f\t\n", i+1, mark, l.Communities, 100*l.Outliers, l.Resolution, l.Score.Value())
	}
	return t.Flush()
}

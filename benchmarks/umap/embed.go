package main

import (
	"context"

	"github.com/gobertopic/gobertopic/benchmarks/internal/files"
	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/embed/minilm"
)

// embedLines writes the vectors of the lines of a file by embed/minilm.
func embedLines(ctx context.Context, from, to string) error {
	lines, err := files.Lines(from)
	if err != nil {
		return err
	}
	encoder, err := minilm.New(bert.DefaultConfig())
	if err != nil {
		return err
	}
	x, err := encoder.Embed(ctx, lines)
	if err != nil {
		return err
	}
	return embed.WriteNPYFile(to, x)
}

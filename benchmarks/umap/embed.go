package main

import (
	"bufio"
	"context"
	"os"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/embed/minilm"
)

// embedLines writes the vectors of the lines of a file by embed/minilm.
func embedLines(ctx context.Context, texts, to string) error {
	f, err := os.Open(texts)
	if err != nil {
		return err
	}
	defer f.Close()
	var lines []string
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		lines = append(lines, s.Text())
	}
	if err := s.Err(); err != nil {
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

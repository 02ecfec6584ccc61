package embed_test

import (
	"context"
	"fmt"
	"os"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
)

// lengths is an embedder with one dimension.
type lengths struct{}

func (lengths) Embed(_ context.Context, texts []string) (blas32.General, error) {
	fmt.Printf("asked for %q\n", texts)
	x := blas32.General{Rows: len(texts), Cols: 1, Stride: 1}
	for _, text := range texts {
		x.Data = append(x.Data, float32(len(text)))
	}
	return x, nil
}

// The second call computes only what is new.
func ExampleCached() {
	dir, err := os.MkdirTemp("", "cache")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	e, err := embed.Cached(lengths{}, embed.CacheConfig{Dir: dir, Identity: "bytes"})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	x, err := e.Embed(ctx, []string{"one", "three", "one"})
	fmt.Println(x.Data, err)
	x, err = e.Embed(ctx, []string{"four", "three"})
	fmt.Println(x.Data, err)
	// Output:
	// asked for ["one" "three"]
	// [3 5 3] <nil>
	// asked for ["four"]
	// [4 5] <nil>
}

package safetensors

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOpenShardedExact: the tensors of several files are those of one.
func TestOpenShardedExact(t *testing.T) {
	dir := t.TempDir()
	save := func(name string, tensors ...Tensor) {
		var b bytes.Buffer
		require.NoError(t, Write(&b, tensors, nil))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600))
	}
	one := func(name string, values ...float32) Tensor { return FromFloat32(name, []int{len(values)}, values) }
	save("b.safetensors", one("x", 1, 2), one("unused", 9))
	save("a.safetensors", one("y", 3), one("z", 4, 5, 6))
	index := filepath.Join(dir, "model.safetensors.index.json")
	open := func(text string) (*File, error) {
		require.NoError(t, os.WriteFile(index, []byte(text), 0o600))
		return OpenSharded(index)
	}
	f, err := open(`{"metadata": {"total_size": 28}, "weight_map": {"x": "b.safetensors", "y": "a.safetensors", "z": "a.safetensors"}}`)
	require.NoError(t, err)
	require.Equal(t, []string{"y", "z", "x"}, f.Names())
	v, shape, err := f.Float32("z")
	require.NoError(t, err)
	require.Equal(t, []float32{4, 5, 6}, v)
	require.Equal(t, []int{3}, shape)
	require.False(t, f.Has("unused"))
	require.Empty(t, f.Metadata())
	_, err = f.Tensor("unused")
	require.ErrorContains(t, err, "index.json: tensor \"unused\" is missing")

	for text, want := range map[string]string{
		`{`:                  "index.json: unexpected end",
		`{"weight_map": {}}`: "weight_map has no tensors",
		`{"weight_map": {"x": "../b.safetensors"}}`:             `the file "../b.safetensors" for "x", want a name in the same folder`,
		`{"weight_map": {"x": ""}}`:                             `the file "" for "x"`,
		`{"weight_map": {"x": "c.safetensors"}}`:                "c.safetensors",
		`{"weight_map": {"q": "a.safetensors", "x": "b.json"}}`: `a.safetensors: tensor "q" is missing`,
	} {
		_, err := open(text)
		require.ErrorContains(t, err, want)
	}
	_, err = OpenSharded(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"unicode/utf8"
)

// FromFloat32 makes a tensor of type F32. Its shape is not checked before Write does it.
func FromFloat32(name string, shape []int, values []float32) Tensor {
	b := make([]byte, 4*len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(v))
	}
	return Tensor{Name: name, DType: F32, Shape: slices.Clone(shape), Data: b}
}

// FromInt8 makes a tensor of type I8. Its shape is not checked before Write does it.
func FromInt8(name string, shape []int, values []int8) Tensor {
	b := make([]byte, len(values))
	for i, v := range values {
		b[i] = byte(v)
	}
	return Tensor{Name: name, DType: I8, Shape: slices.Clone(shape), Data: b}
}

// Write writes a file. The same tensors and metadata give the same bytes, in whatever order they come: wide elements
// first, so that every tensor is aligned to its element's size, then by name.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	ts := slices.Clone(tensors)
	sort.SliceStable(ts, func(i, j int) bool {
		if a, b := sizes[ts[i].DType], sizes[ts[j].DType]; a != b {
			return a > b
		}
		return ts[i].Name < ts[j].Name
	})
	var h bytes.Buffer
	h.WriteByte('{')
	if len(metadata) > 0 {
		for k, v := range metadata {
			if !utf8.ValidString(k) || !utf8.ValidString(v) {
				return errors.New("metadata is not all valid UTF-8")
			}
		}
		h.WriteString(`"__metadata__":`)
		if err := appendJSON(&h, metadata); err != nil { // maps are marshaled in the order of their keys
			return err
		}
	}
	seen := map[string]bool{"__metadata__": true}
	at := 0
	for _, t := range ts {
		size, ok := byteSize(t.DType, t.Shape)
		switch {
		case seen[t.Name] || !utf8.ValidString(t.Name):
			return fmt.Errorf("tensor %q: want a name in UTF-8 that no other tensor has, and not __metadata__", t.Name)
		case sizes[t.DType] == 0:
			return fmt.Errorf("tensor %q has type %q, which is not known", t.Name, t.DType)
		case !ok || size != uint64(len(t.Data)):
			return fmt.Errorf("tensor %q has %d bytes, want what %s of shape %v needs", t.Name, len(t.Data), t.DType, t.Shape)
		}
		seen[t.Name] = true
		if h.Len() > 1 {
			h.WriteByte(',')
		}
		shape := t.Shape
		if shape == nil {
			shape = []int{}
		}
		if err := appendJSON(&h, t.Name); err != nil {
			return err
		}
		h.WriteByte(':')
		info := struct {
			DType   string `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}{t.DType, shape, [2]int{at, at + len(t.Data)}}
		if err := appendJSON(&h, info); err != nil {
			return err
		}
		at += len(t.Data)
	}
	h.WriteByte('}')
	for h.Len()%8 != 0 {
		h.WriteByte(' ')
	}
	if h.Len() > maxHeader {
		return fmt.Errorf("header has %d bytes, want at most %d", h.Len(), maxHeader)
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(h.Len()))); err != nil {
		return err
	}
	if _, err := w.Write(h.Bytes()); err != nil {
		return err
	}
	for _, t := range ts {
		if _, err := w.Write(t.Data); err != nil {
			return err
		}
	}
	return nil
}

func appendJSON(h *bytes.Buffer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write safetensors header: %w", err)
	}
	h.Write(b)
	return nil
}

package openai

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// decode reads the n vectors of an answer.
func decode(body []byte, n int) ([][]float32, error) {
	var doc struct {
		Data *[]struct {
			Index     *int            `json:"index"`
			Embedding json.RawMessage `json:"embedding"`
		} `json:"data"`
		Error json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, err
		}
		return nil, fmt.Errorf("the answer is not a list of embeddings: %w", err)
	}
	if doc.Data == nil {
		return nil, fmt.Errorf(`the answer has no field "data"`)
	}
	data := *doc.Data
	if len(data) != n {
		return nil, fmt.Errorf("the answer has %d vectors for %d texts", len(data), n)
	}
	vectors := make([][]float32, n)
	numbered := 0
	for _, d := range data {
		if d.Index != nil {
			numbered++
		}
	}
	if numbered > 0 && numbered < n {
		return nil, fmt.Errorf(`the answer has an "index" with %d of %d vectors only`, numbered, n)
	}
	for i, d := range data {
		at := i // services that leave out every index answer in order
		if d.Index != nil {
			at = *d.Index
		}
		if at < 0 || at >= n {
			return nil, fmt.Errorf("the answer has a vector with index %d for %d texts", at, n)
		}
		if vectors[at] != nil {
			return nil, fmt.Errorf("the answer has two vectors with index %d", at)
		}
		v, err := vector(d.Embedding)
		if err != nil {
			return nil, fmt.Errorf("vector %d of the answer: %w", at, err)
		}
		vectors[at] = v
	}
	return vectors, nil
}

// vector reads a JSON array of numbers or a JSON string with base64 of little-endian float32. raw is valid JSON.
func vector(raw []byte) ([]float32, error) {
	raw = bytes.TrimSpace(raw)
	var v []float32
	switch {
	case len(raw) > 0 && raw[0] == '"':
		var text []byte
		if err := json.Unmarshal(raw, &text); err != nil { // base64, by the rules of package json
			var corrupt base64.CorruptInputError
			if errors.As(err, &corrupt) {
				return nil, fmt.Errorf("bad base64: %w", err)
			}
			return nil, err
		}
		if len(text)%4 != 0 {
			return nil, fmt.Errorf("base64 of %d bytes, want a multiple of 4", len(text))
		}
		v = make([]float32, len(text)/4)
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(text[4*i:]))
		}
	case len(raw) > 0 && raw[0] == '[':
		v = make([]float32, 0, bytes.Count(raw, []byte{','})+1)
		for rest := bytes.TrimSpace(raw[1 : len(raw)-1]); len(rest) > 0; {
			number, after, _ := bytes.Cut(rest, []byte{','})
			f, err := strconv.ParseFloat(string(bytes.TrimSpace(number)), 32)
			if err != nil && !errors.Is(err, strconv.ErrRange) {
				return nil, fmt.Errorf("element %d is %.20q, want a number", len(v), number)
			}
			v, rest = append(v, float32(f)), after
		}
	default:
		return nil, fmt.Errorf("the embedding is %.20q, want numbers or base64", raw)
	}
	if len(v) == 0 {
		return nil, errors.New("it is empty")
	}
	for i, f := range v {
		if f != f || math.IsInf(float64(f), 0) {
			return nil, fmt.Errorf("element %d is %v, want a finite float32", i, f)
		}
	}
	return v, nil
}

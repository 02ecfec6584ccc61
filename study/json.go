package study

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"time"
)

// MarshalJSON writes the exported fields under their names, NaN and Inf as null.
func (r Result) MarshalJSON() ([]byte, error) { return encode(r) }

// MarshalJSON writes the exported fields under their names, NaN and Inf as null.
func (g Group) MarshalJSON() ([]byte, error) { return encode(g) }

// MarshalJSON writes the exported fields under their names, NaN and Inf as null.
func (c Comparison) MarshalJSON() ([]byte, error) { return encode(c) }

// MarshalJSON writes the exported fields under their names, NaN and Inf as null.
func (t Test) MarshalJSON() ([]byte, error) { return encode(t) }

// MarshalJSON writes the exported fields under their names, NaN and Inf as null.
func (c Correlation) MarshalJSON() ([]byte, error) { return encode(c) }

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	if err := encodeValue(&b, reflect.ValueOf(v)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// encodeValue goes through the types of this package; encoding/json has no null for NaN.
func encodeValue(b *bytes.Buffer, v reflect.Value) error {
	_, isTime := v.Interface().(time.Time)
	switch {
	case v.Kind() == reflect.Float64 && (math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0)):
		b.WriteString("null")
	case v.Kind() == reflect.Struct && !isTime:
		b.WriteByte('{')
		written := 0
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			if written++; written > 1 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + field.Name + `":`)
			if err := encodeValue(b, v.Field(i)); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	case v.Kind() == reflect.Slice && !v.IsNil(), v.Kind() == reflect.Array:
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := encodeValue(b, v.Index(i)); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	default:
		text, err := json.Marshal(v.Interface())
		if err != nil {
			return err
		}
		b.Write(text)
	}
	return nil
}

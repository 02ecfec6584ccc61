package corpus

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

var (
	momentType = reflect.TypeFor[moment]()
	jsonType   = reflect.TypeFor[json.Unmarshaler]()
	rawType    = reflect.TypeFor[json.RawMessage]()
)

// fitted returns the fields with values that the fields of the structure t can hold: numbers that are written as text, or
// with a point, are numbers, and numbers where text is wanted are text. A field that cannot be held is left out and counted;
// path names the object that has it.
func (r *reading) fitted(fields map[string]json.RawMessage, t reflect.Type, path string) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(fields))
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("json")
		raw, ok := fields[name]
		if !ok || kindOf(raw) == null {
			continue
		}
		value, why := r.fit(raw, f.Type, path+name)
		if why != "" {
			r.odd(path+name, "is "+short(string(raw))+", "+why)
			continue
		}
		out[name] = value
	}
	return out
}

// fit returns a value that t can hold, or why there is none.
func (r *reading) fit(raw json.RawMessage, t reflect.Type, path string) (value json.RawMessage, why string) {
	if t.Kind() == reflect.Pointer {
		return r.fit(raw, t.Elem(), path)
	}
	written := kindOf(raw)
	switch {
	case t == rawType:
		return raw, ""
	case t == momentType:
		return r.fitMoment(raw)
	case reflect.PointerTo(t).Implements(jsonType):
		if err := json.Unmarshal(raw, reflect.New(t).Interface()); err != nil {
			return nil, "want names"
		}
		return raw, ""
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		if written == textKind || written == number {
			if n, ok := wholeNumber(strings.TrimSpace(plain(raw))); ok {
				return json.RawMessage(strconv.FormatInt(n, 10)), ""
			}
			if s := plain(raw); written == textKind && absent(s) {
				return json.RawMessage("null"), ""
			}
		}
		return nil, "want a whole number"
	case reflect.String:
		if written == textKind {
			return raw, ""
		}
		if written == number {
			return json.RawMessage(strconv.Quote(string(raw))), ""
		}
		return nil, "want a string"
	case reflect.Bool:
		switch strings.ToLower(plain(raw)) {
		case "true", "1":
			return json.RawMessage("true"), ""
		case "false", "0":
			return json.RawMessage("false"), ""
		case "":
			return json.RawMessage("null"), ""
		}
		return nil, "want true or false"
	case reflect.Struct:
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			return nil, "want an object"
		}
		text, err := json.Marshal(r.fitted(fields, t, path+"."))
		if err != nil {
			return nil, "want an object"
		}
		return text, ""
	case reflect.Slice:
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, "want an array"
		}
		return raw, ""
	}
	return raw, ""
}

func (r *reading) fitMoment(raw json.RawMessage) (value json.RawMessage, why string) {
	written := kindOf(raw)
	if written != textKind && written != number {
		return nil, "want a time"
	}
	s := plain(raw)
	if absent(s) {
		return json.RawMessage(`""`), ""
	}
	t, err := r.clock(s)
	if err != nil {
		return nil, err.Error()
	}
	return json.RawMessage(strconv.Quote(t.Format(time.RFC3339Nano))), ""
}

// wholeNumber reads 5, 5.0 and 5e3.
func wholeNumber(s string) (int64, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 || strings.ContainsAny(s, "xXpP_iInN") {
		return 0, false
	}
	return int64(f), true
}

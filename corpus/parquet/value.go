package parquet

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// kind is what becomes of the values of a column.
type kind int

const (
	other kind = iota
	textual
	date
	clock
	stamp
	decimal
	unsigned
	uuid
	half
)

// column is a leaf of a schema.
type column struct {
	name     string // its path, without what lists have in it
	key      []byte // the name in JSON
	index    int
	kind     kind
	typ      string
	repeated int           // the definition level of what is in a list, 0 for no list
	unit     time.Duration // of clock and stamp
	scale    int           // of decimal
}

// columnsOf are the leaves of a schema, in its order.
func columnsOf(f *parquet.File) (out []column) {
	var logical []format.LogicalTypeValue // as the file has it: a Type lacks that of short floating-point numbers
	for _, e := range f.Metadata().Schema {
		if e.Type.Valid {
			logical = append(logical, e.LogicalType.Value)
		}
	}
	var walk func(c *parquet.Column, repeated int)
	walk = func(c *parquet.Column, repeated int) {
		if c.Repeated() && repeated == 0 {
			repeated = c.MaxDefinitionLevel()
		}
		if !c.Leaf() {
			for _, child := range c.Columns() {
				walk(child, repeated)
			}
			return
		}
		col := column{name: name(c), index: c.Index(), repeated: repeated}
		col.key, _ = json.Marshal(strings.ToValidUTF8(col.name, "\uFFFD"))
		col.classify(c.Type())
		if i := len(out); i < len(logical) {
			if _, short := logical[i].(*format.Float16Type); short {
				col.kind = half
			}
		}
		out = append(out, col)
	}
	walk(f.Root(), 0)
	return out
}

// name is the path of a column, without the names that lists are made with: "tags.list.element" is "tags".
func name(c *parquet.Column) string {
	path := slices.Clone(c.Path())
	if c.MaxRepetitionLevel() > 0 {
		for i := len(path) - 2; i > 0; i-- {
			if (path[i] == "list" || path[i] == "bag") && (path[i+1] == "element" || path[i+1] == "item" || path[i+1] == "array_element") {
				path = slices.Delete(path, i, i+2)
			}
		}
	}
	return strings.Join(path, ".")
}

func (c *column) classify(t parquet.Type) {
	c.typ = t.String()
	if t.Kind() == parquet.ByteArray {
		c.kind = textual // what is not UTF-8 is replaced
	}
	logical := t.LogicalType()
	if logical == nil {
		return
	}
	units := func(u format.TimeUnit) time.Duration {
		switch u.Value.(type) {
		case *format.MilliSeconds:
			return time.Millisecond
		case *format.MicroSeconds:
			return time.Microsecond
		}
		return time.Nanosecond
	}
	switch l := logical.Value.(type) {
	case *format.DateType:
		c.kind = date
	case *format.TimeType:
		c.kind, c.unit = clock, units(l.Unit)
	case *format.TimestampType:
		c.kind, c.unit = stamp, units(l.Unit)
	case *format.DecimalType:
		c.kind, c.scale = decimal, int(l.Scale)
	case *format.IntType:
		if !l.IsSigned {
			c.kind = unsigned
		}
	case *format.UUIDType:
		c.kind = uuid
	}
}

// append writes a row as a line of JSON. Its values are in the order of the columns.
func (t *table) append(row parquet.Row) {
	b := append(t.text, '{')
	at := 0
	for i := range t.columns {
		c := &t.columns[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, c.key...), ':')
		end := at
		for end < len(row) && row[end].Column() == c.index {
			end++
		}
		values := row[at:end]
		at = end
		switch {
		case len(values) == 0, values[0].DefinitionLevel() < c.repeated-1: // no list
			b = append(b, "null"...)
		case c.repeated == 0:
			b = c.append(b, values[0])
		default:
			b = append(b, '[')
			for k, v := range values {
				if v.DefinitionLevel() < c.repeated { // nothing in it
					break
				}
				if k > 0 {
					b = append(b, ',')
				}
				b = c.append(b, v)
			}
			b = append(b, ']')
		}
	}
	t.text = append(b, "}\n"...)
}

// append writes a value as JSON.
func (c *column) append(b []byte, v parquet.Value) []byte {
	if v.IsNull() {
		return append(b, "null"...)
	}
	switch c.kind {
	case textual:
		return quoted(b, string(v.ByteArray()))
	case date:
		return quoted(b, time.Unix(int64(v.Int32())*86400, 0).UTC().Format(time.DateOnly))
	case clock:
		return quoted(b, time.Time{}.Add(time.Duration(c.integer(v))*c.unit).Format("15:04:05.999999999"))
	case stamp:
		per := int64(time.Second / c.unit)
		n := v.Int64()
		return quoted(b, time.Unix(n/per, n%per*int64(c.unit)).UTC().Format(time.RFC3339Nano))
	case decimal:
		return append(b, c.decimal(v)...)
	case unsigned:
		if v.Kind() == parquet.Int32 {
			return strconv.AppendUint(b, uint64(v.Uint32()), 10)
		}
		return strconv.AppendUint(b, v.Uint64(), 10)
	case uuid:
		s := hex.EncodeToString(v.ByteArray())
		if len(s) == 32 {
			s = s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
		}
		return quoted(b, s)
	case half:
		if raw := v.ByteArray(); len(raw) == 2 {
			return float(b, halfValue(binary.LittleEndian.Uint16(raw)), 32)
		}
	}
	switch v.Kind() {
	case parquet.Boolean:
		return strconv.AppendBool(b, v.Boolean())
	case parquet.Int32, parquet.Int64:
		return strconv.AppendInt(b, c.integer(v), 10)
	case parquet.Int96: // nanoseconds of a day, and the Julian day
		n := v.Int96()
		days := int64(n[2]) - 2440588
		return quoted(b, time.Unix(days*86400, int64(n[1])<<32|int64(n[0])).UTC().Format(time.RFC3339Nano))
	case parquet.Float:
		return float(b, float64(v.Float()), 32)
	case parquet.Double:
		return float(b, v.Double(), 64)
	}
	return quoted(b, hex.EncodeToString(v.ByteArray()))
}

func (c *column) integer(v parquet.Value) int64 {
	if v.Kind() == parquet.Int32 {
		return int64(v.Int32())
	}
	return v.Int64()
}

const mostScale = 1000 // zeros that are written out; a damaged file may ask for billions

// decimal is the number with all its digits.
func (c *column) decimal(v parquet.Value) string {
	n := new(big.Int)
	switch v.Kind() {
	case parquet.Int32, parquet.Int64:
		n.SetInt64(c.integer(v))
	default: // two's complement, the highest byte first
		raw := v.ByteArray()
		n.SetBytes(raw)
		if len(raw) > 0 && raw[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(raw))))
		}
	}
	digits := new(big.Int).Abs(n).String()
	if c.scale > mostScale {
		digits += "e-" + strconv.Itoa(c.scale)
	} else if c.scale > 0 {
		if missing := c.scale + 1 - len(digits); missing > 0 {
			digits = strings.Repeat("0", missing) + digits
		}
		digits = digits[:len(digits)-c.scale] + "." + digits[len(digits)-c.scale:]
	} else if c.scale < 0 && n.Sign() != 0 {
		digits += strings.Repeat("0", min(-c.scale, mostScale))
	}
	if n.Sign() < 0 {
		digits = "-" + digits
	}
	return digits
}

// float writes the shortest decimal, as a string what JSON has no number for.
func float(b []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return quoted(b, fmt.Sprint(f))
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, bits)
}

// halfValue is a number of 16 bits.
func halfValue(h uint16) float64 {
	sign, exponent, fraction := 1.0, int(h>>10&31), float64(h&1023)/1024
	if h>>15 == 1 {
		sign = -1
	}
	switch {
	case exponent == 31 && fraction > 0:
		return math.NaN()
	case exponent == 31:
		return math.Inf(int(sign))
	case exponent == 0:
		return sign * math.Ldexp(fraction, -14)
	}
	return sign * math.Ldexp(1+fraction, exponent-15)
}

func quoted(b []byte, s string) []byte {
	text, err := json.Marshal(strings.ToValidUTF8(s, "\uFFFD"))
	if err != nil {
		panic("parquet: a string that is no JSON: " + err.Error())
	}
	return append(b, text...)
}

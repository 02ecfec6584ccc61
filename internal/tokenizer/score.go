package tokenizer

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
)

// score is a number as the library reads it: its reader of JSON, serde_json, rounds the digits to a
// float64 and that again when it applies the power of ten, so about one number in eight has another
// last bit than the nearest float64. The last bit decides between paths of equal likelihood.
type score float64

func (s *score) UnmarshalJSON(b []byte) error {
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	f, ok := parseScore(n.String())
	if !ok {
		return fmt.Errorf("%s is not a finite number", b)
	}
	*s = score(f)
	return nil
}

// parseScore reads a number of JSON; false where it is not finite.
func parseScore(text string) (float64, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	mantissa, exponent := digits, ""
	if i := strings.IndexAny(digits, "eE"); i >= 0 {
		mantissa, exponent = digits[:i], digits[i+1:]
	}
	var significand uint64
	power, full, fraction := 0, false, false
	for i := range len(mantissa) {
		if mantissa[i] == '.' {
			fraction = true
			continue
		}
		d := uint64(mantissa[i] - '0')
		if d > 9 {
			return 0, false
		}
		full = full || significand > (math.MaxUint64-d)/10 // further digits do not count
		if !full {
			significand = significand*10 + d
		}
		switch {
		case full && !fraction:
			power++
		case !full && fraction:
			power--
		}
	}
	if exponent != "" {
		e, err := strconv.Atoi(exponent)
		if err != nil || e > math.MaxInt32 || e < -math.MaxInt32 {
			return 0, significand == 0
		}
		power += e
	}
	f := float64(significand)
	for power < -maxPower && f != 0 {
		f /= powersOfTen()[maxPower]
		power += maxPower
	}
	switch {
	case f == 0:
	case power < 0:
		f /= powersOfTen()[-power]
	case power > maxPower:
		return 0, false
	default:
		f *= powersOfTen()[power]
	}
	if negative {
		f = -f
	}
	return f, !math.IsInf(f, 0)
}

// maxPower is the largest power of ten that a float64 holds.
const maxPower = 308

var powersOfTen = sync.OnceValue(func() *[maxPower + 1]float64 {
	var p [maxPower + 1]float64
	for i := range p {
		p[i], _ = strconv.ParseFloat("1e"+strconv.Itoa(i), 64)
	}
	return &p
})

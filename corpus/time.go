package corpus

import (
	"fmt"
	"math/big"
	"strings"
	"time"
)

var layouts = [...]string{ // a fraction after the seconds is always allowed
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04",
	time.DateOnly,
	"2006-01",
	time.RFC1123Z,
	"Mon, 02 Jan 2006 15:04:05 GMT",
}

// ParseTime reads a time as data files have it:
//
//   - RFC 3339: 2024-05-01T12:30:00Z, 2024-05-01T12:30:00.5+02:00;
//   - the same with a space or without a zone: 2024-05-01 12:30:00;
//   - less of it: 2024-05-01 12:30, 2024-05-01, 2024-05;
//   - RFC 1123, the zone a number or GMT: Wed, 01 May 2024 12:30:00 GMT;
//   - Unix seconds from 1e8 (1973) to below 1e11 (5138): 1714566600, with decimals or not;
//   - Unix milliseconds from 1e11 (1973) to below 1e14 (5138): 1714566600000.
//
// Where the zone is not given it is UTC, and so is that of the result. Smaller numbers, such as 2024 or 20240501, are
// errors: they are hardly ever seconds.
func ParseTime(value string) (time.Time, error) {
	s := strings.TrimSpace(value)
	if t, ok := unixTime(s); ok {
		return t, nil
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("is %s, want a time: RFC 3339, YYYY-MM-DD, YYYY-MM-DD hh:mm:ss, Unix seconds or milliseconds", quote(value))
}

// unixTime is the time of a decimal number of seconds or milliseconds. The size decides which of them it is.
func unixTime(s string) (t time.Time, ok bool) {
	whole, fraction, point := strings.Cut(s, ".")
	if !digits(whole) || point && !digits(fraction) || len(s) > 40 {
		return t, false
	}
	unit := time.Second
	switch len(strings.TrimLeft(whole, "0")) {
	case 9, 10, 11:
	case 12, 13, 14:
		unit = time.Millisecond
	default:
		return t, false
	}
	value, ok := new(big.Rat).SetString(s)
	if !ok {
		return t, false
	}
	value.Mul(value, big.NewRat(int64(unit), 1))
	ns := new(big.Int).Quo(value.Num(), value.Denom())
	seconds, rest := new(big.Int).QuoRem(ns, big.NewInt(int64(time.Second)), new(big.Int))
	return time.Unix(seconds.Int64(), rest.Int64()).UTC(), true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

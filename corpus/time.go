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
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05Z07",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	"2006-01-02 15:04:05 Z07:00",
	"2006-01-02 15:04:05Z0700",
	"2006-01-02 15:04:05 Z0700",
	"2006-01-02 15:04:05Z07", // PostgreSQL's
	"2006-01-02 15:04:05 UTC",
	"2006-01-02 15:04:05 GMT",
	"2006-01-02 15:04:05 -0700 UTC",
	"2006/01/02",
	"2006/01/02 15:04",
	"2006/01/02 15:04:05",
	"2006/01/02 15:04:05 UTC",
	"2006/01/02 15:04:05 Z0700",
	"2006/01/02T15:04:05",
	"2006/01/02T15:04:05Z07:00",
	"2006/1/2",
	"2006/1/2 15:04",
	"2006/1/2 15:04:05",
	time.RFC1123Z,
	"Mon, 02 Jan 2006 15:04:05 GMT",
	"Mon, 02 Jan 2006 15:04:05 UTC",
	"Mon, 02 Jan 2006 15:04:05 Z",
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"Mon, 2 Jan 2006 15:04:05 GMT",
	"Mon, 2 Jan 2006 15:04:05 UTC",
	"2 Jan 2006 15:04:05 -0700",
	"2 Jan 2006 15:04:05 GMT",
	"Mon Jan _2 15:04:05 -0700 2006", // Twitter's
	"Mon Jan _2 15:04:05 2006",       // of C's asctime
}

// ParseTime reads a time as data files have it:
//
//   - RFC 3339: 2024-05-01T12:30:00Z, 2024-05-01T12:30:00.5+02:00, also with +0200 or +02;
//   - the same with a space or without a zone: 2024-05-01 12:30:00, 2024-05-01 12:30:00 UTC, 2024-05-01 12:30:00 +0200;
//   - less of it: 2024-05-01 12:30, 2024-05-01, 2024-05, and a year alone from 1000 to 2999: 2024;
//   - with slashes, the year first: 2024/05/01, 2024/05/01 12:30:00;
//   - RFC 1123, the zone a number, GMT or UTC: Wed, 01 May 2024 12:30:00 GMT;
//   - Twitter's: Wed May 01 12:30:00 +0000 2024;
//   - Unix seconds from 1e8 (1973) to below 1e11 (5138): 1714566600, with decimals or not;
//   - Unix milliseconds from 1e11 (1973) to below 1e14 (5138): 1714566600000.
//
// Where the zone is not given it is UTC, and so is that of the result. Other numbers, such as 5 or 20240501, are errors: they
// are hardly ever seconds. So are dates with the year last, such as 5/6/2021, which do not tell the day from the month.
func ParseTime(value string) (time.Time, error) {
	s := strings.TrimSpace(value)
	if t, ok := unixTime(s); ok {
		return t, nil
	}
	if year, _, _ := strings.Cut(s, "."); len(year) == 4 && digits(year) && '1' <= s[0] && s[0] <= '2' && strings.Trim(s[4:], ".0") == "" {
		t, err := time.Parse("2006", year)
		return t.UTC(), err
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	if yearLast(s) {
		return time.Time{}, fmt.Errorf("is %s, which does not tell the day from the month: say how it is written, such as 01/02/2006 or %%m/%%d/%%Y, or write YYYY-MM-DD", quote(value))
	}
	return time.Time{}, fmt.Errorf("is %s, want a time: RFC 3339, YYYY-MM-DD, YYYY-MM-DD hh:mm:ss, Unix seconds or milliseconds", quote(value))
}

// yearLast reports whether s begins with two short numbers and a longer one, with '/', '.' or '-' between them.
func yearLast(s string) bool {
	date, _, _ := strings.Cut(s, " ")
	date, _, _ = strings.Cut(date, ",")
	parts := strings.FieldsFunc(date, func(r rune) bool { return strings.ContainsRune("/.-", r) })
	return len(parts) == 3 && digits(parts[0]) && digits(parts[1]) && digits(parts[2]) &&
		len(parts[0]) <= 2 && len(parts[1]) <= 2 && (len(parts[2]) == 2 && strings.Contains(date, "/") || len(parts[2]) == 4)
}

// absent reports whether a value says that there is none, as Python, pandas and databases write it.
func absent(value string) bool {
	switch strings.TrimSpace(value) {
	case "", "NaT", "NaN", "nan", "None", "null", "NULL", "Null", "<NA>", "NA", "N/A", `\N`:
		return true
	}
	return false
}

// timeReader returns the function that reads times as the format has them.
func timeReader(format string) (func(string) (time.Time, error), error) {
	if format == "" {
		return ParseTime, nil
	}
	layout := format
	if strings.Contains(format, "%") {
		var err error
		if layout, err = layoutOf(format); err != nil {
			return nil, err
		}
	}
	if now := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC); now.Format(layout) == layout {
		return nil, fmt.Errorf("the time format is %s, want a layout of Go such as 01/02/2006 or of Python such as %%m/%%d/%%Y", quote(format))
	}
	return func(value string) (time.Time, error) {
		t, err := time.Parse(layout, strings.TrimSpace(value))
		if err != nil {
			return time.Time{}, fmt.Errorf("is %s, want a time as the format %s has it", quote(value), quote(format))
		}
		return t.UTC(), nil
	}, nil
}

// CheckTimeFormat returns an error if Options.TimeFormat cannot be the format.
func CheckTimeFormat(format string) error {
	_, err := timeReader(format)
	return err
}

// layoutOf returns the layout of package time for a format of strftime.
func layoutOf(format string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		if i++; i == len(format) {
			return "", fmt.Errorf("the time format is %s, which ends with %%", quote(format))
		}
		if format[i] == '-' && i+1 < len(format) { // without a leading zero, which parsing does not ask for anyway
			i++
		}
		layout, ok := directives[format[i]]
		if !ok {
			return "", fmt.Errorf("the time format is %s, in which %%%c is not known", quote(format), format[i])
		}
		b.WriteString(layout)
	}
	return b.String(), nil
}

var directives = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "1", 'd': "2", 'e': "_2", 'H': "15", 'I': "3", 'p': "PM", 'M': "4", 'S': "5",
	'B': "January", 'b': "Jan", 'h': "Jan", 'A': "Monday", 'a': "Mon", 'z': "Z0700", 'Z': "MST", 'j': "002", 'f': "999999999",
	'T': "15:04:05", 'F': "2006-01-02", 'D': "01/02/06", 'R': "15:04", '%': "%",
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

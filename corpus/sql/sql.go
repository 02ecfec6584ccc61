// Package sql reads documents from databases, by whatever query and driver of database/sql the caller has. It is a package of
// its own, and imports no driver.
//
//	db, err := sql.Open("pgx", "postgres://localhost/forum")
//	…
//	for d, err := range corpussql.Query(ctx, db, "SELECT id, title AS text FROM posts WHERE year = $1", corpussql.Options{}, 2024) {
//
// # What the columns are
//
// A column is a field of a record as corpus.JSONL has it: texts and numbers are what they are, times are RFC 3339 in UTC,
// bytes are text, NULL counts as null in JSON: the text must not be NULL, other fields are left out. Columns must have names
// of their own.
//
// Rows are read as the driver gives them, one at a time, within a transaction that is read-only and is rolled back at the end.
package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/internal/jsonrows"
)

// Options says where the parts of a document are. The zero value is good for a query with the columns "text" and perhaps
// "id".
type Options struct {
	// Options has the names of columns in TextField, IDField and TimeField. In errors Name stands for the database, by default
	// "query", and the line is the number of the row, from 1. Comma and Encoding are not used.
	corpus.Options
	// AllowWrites runs the query outside of a read-only transaction, for drivers that know none. Default false.
	AllowWrites bool
}

// Query reads the documents of a query, which runs when the iteration begins, and may run again. Args are for its
// placeholders. The iteration ends with the cause of ctx when ctx has ended.
func Query(ctx context.Context, db *sql.DB, query string, o Options, args ...any) iter.Seq2[corpus.Document, error] {
	return func(yield func(corpus.Document, error) bool) {
		if o.Name == "" {
			o.Name = "query"
		}
		fail := func(do string, err error) {
			if cause := context.Cause(ctx); cause != nil {
				yield(corpus.Document{}, &corpus.Error{Source: o.Name, Why: "reading was stopped: " + cause.Error(), Err: cause, Fatal: true})
				return
			}
			yield(corpus.Document{}, &corpus.Error{Source: o.Name, Why: do + ": " + err.Error(), Err: err, Fatal: true})
		}
		ctx, cancel := context.WithCancelCause(ctx) // for what is left when the caller stops
		defer cancel(nil)
		ask := db.QueryContext
		if !o.AllowWrites {
			tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
			if err != nil {
				fail("the database cannot be read", err)
				return
			}
			defer func() { _ = tx.Rollback() }()
			ask = tx.QueryContext
		}
		rows, err := ask(ctx, query, args...)
		if err != nil {
			fail("the query fails", err)
			return
		}
		defer func() { _ = rows.Close() }()
		t, err := newTable(rows, o.Options)
		if err != nil {
			fail("the query cannot be used", err)
			return
		}
		report := o.Report
		for d, err := range corpus.ReadContext(ctx, t.reader(), corpus.FormatJSONL, o.Options) {
			if !yield(d, err) {
				break
			}
		}
		if report != nil && ctx.Err() == nil {
			report.Replaced += t.object.Replaced
		}
	}
}

// table gives the rows of a query as JSON Lines.
type table struct {
	rows   *sql.Rows
	object *jsonrows.Object
	values []any
	into   []any
}

func newTable(rows *sql.Rows, o corpus.Options) (*table, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, name := range columns {
		if seen[name] {
			return nil, fmt.Errorf("it has the column %q twice, want names of their own (AS)", name)
		}
		seen[name] = true
	}
	text := o.TextField
	if text == "" {
		text = "text"
	}
	for _, name := range []string{text, o.IDField, o.TimeField} {
		if name != "" && !seen[name] {
			return nil, fmt.Errorf("it has no column %q but %q (AS gives a column another name)", name, columns)
		}
	}
	t := &table{rows: rows, object: jsonrows.NewObject(columns), values: make([]any, len(columns)), into: make([]any, len(columns))}
	for i := range t.values {
		t.into[i] = &t.values[i]
	}
	return t, nil
}

func (t *table) reader() io.Reader { return &jsonrows.Reader{Next: t.next} }

// next appends a row to b.
func (t *table) next(b []byte) ([]byte, error) {
	if !t.rows.Next() {
		return b, errors.Join(t.rows.Err(), errEnd(t.rows.Err()))
	}
	if err := t.rows.Scan(t.into...); err != nil {
		return b, err
	}
	b = append(b, '{')
	for i, v := range t.values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, t.object.Keys[i]...), ':')
		b = t.value(b, v)
	}
	return append(b, "}\n"...), nil
}

// errEnd is io.EOF where the rows ended without a fault.
func errEnd(err error) error {
	if err != nil {
		return nil
	}
	return io.EOF
}

func (t *table) value(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		return t.object.String(b, v)
	case []byte:
		return t.object.String(b, string(v))
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return t.object.Float(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case time.Time:
		return t.object.String(b, v.UTC().Format(time.RFC3339Nano))
	}
	return t.object.String(b, fmt.Sprint(v))
}

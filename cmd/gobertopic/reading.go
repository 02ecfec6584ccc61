package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx, of PostgreSQL
	"github.com/spf13/pflag"
	_ "modernc.org/sqlite" // the driver sqlite

	"github.com/gobertopic/gobertopic/corpus"
	corpussql "github.com/gobertopic/gobertopic/corpus/sql"
	"github.com/gobertopic/gobertopic/corpus/xlsx"
)

const (
	formatXLSX     corpus.Format = "xlsx"
	formatSQLite   corpus.Format = "sqlite"
	formatPostgres corpus.Format = "postgres"
)

// readingOptions are the flags about how the input is written.
type readingOptions struct {
	strict     bool
	encoding   string
	delimiter  string
	timeFormat string
	maxRecord  int
	sheet      string
	query      string

	report corpus.Report
}

func (o *readingOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.strict, "strict", false, "fail at the first record that cannot be read, instead of leaving it out with a warning")
	f.StringVar(&o.encoding, "encoding", "", "`ENCODING` of the input, such as windows-1251 or shift_jis; by default UTF-8, UTF-16 or Windows-1252 are recognized")
	f.StringVar(&o.delimiter, "delimiter", "", "`CHARACTER` between the fields of CSV, tab for a tab; by default the header tells: one of , ; tab and |")
	f.StringVar(&o.timeFormat, "time-format", "", "how times are written, a `LAYOUT` of Go (01/02/2006) or of strftime (%m/%d/%Y); by default those with the year first,\nRFC 1123 and Unix times are read")
	f.IntVar(&o.maxRecord, "max-record", 64, "size of the largest record, in `MB`")
	f.StringVar(&o.sheet, "sheet", "", "`NAME` of the sheet of a workbook (default the first)")
	f.StringVar(&o.query, "query", "", "`SQL` that gives the documents of a database; INPUT is then postgres://… or a file of SQLite")
}

// options sets what the flags say in the options of documents.
func (o *readingOptions) options(opt *corpus.Options) {
	opt.Encoding, opt.TimeFormat, opt.MaxRecord, opt.Report = o.encoding, o.timeFormat, int64(o.maxRecord)<<20, &o.report
	opt.Comma = o.comma()
}

// threads are the options of threads.
func (o *readingOptions) threads() corpus.ThreadOptions {
	return corpus.ThreadOptions{Encoding: o.encoding, TimeFormat: o.timeFormat, MaxRecord: int64(o.maxRecord) << 20, Comma: o.comma(), Report: &o.report}
}

// comma is the delimiter, 0 where the header is to tell.
func (o *readingOptions) comma() rune {
	if o.delimiter == "tab" || o.delimiter == `\t` {
		return '\t'
	}
	r, _ := utf8.DecodeRuneInString(o.delimiter)
	if o.delimiter == "" {
		return 0
	}
	return r
}

// validate reports a flag with a value that it cannot have.
func (o *readingOptions) validate() error {
	switch {
	case o.delimiter != "" && o.delimiter != "tab" && o.delimiter != `\t` && utf8.RuneCountInString(o.delimiter) != 1:
		return usage{fmt.Errorf("--delimiter is %q, want one character, or tab", o.delimiter)}
	case o.maxRecord < 1 || o.maxRecord > 1<<20:
		return usage{fmt.Errorf("--max-record is %d, want 1 to %d MB", o.maxRecord, 1<<20)}
	}
	if err := corpus.CheckTimeFormat(o.timeFormat); err != nil {
		return usage{fmt.Errorf("--time-format: %w", err)}
	}
	return nil
}

// kind is the format of workbooks and databases, from the name and the flags.
func (o *readingOptions) kind(path string) (kind corpus.Format, ok bool, err error) {
	switch {
	case strings.HasPrefix(path, "postgres://"), strings.HasPrefix(path, "postgresql://"):
		kind = formatPostgres
	case strings.HasPrefix(path, "sqlite:"), o.query != "":
		kind = formatSQLite
	case strings.EqualFold(filepath.Ext(path), ".xlsx"), strings.EqualFold(filepath.Ext(path), ".xlsm"):
		return formatXLSX, true, nil
	default:
		return "", false, nil
	}
	return kind, true, nil
}

// open reads workbooks and databases. ok is false for other formats.
func (o *readingOptions) open(ctx context.Context, kind corpus.Format, path string, opt corpus.Options) (docs iter.Seq2[corpus.Document, error], ok bool, err error) {
	if kind != formatXLSX && kind != formatSQLite && kind != formatPostgres {
		if o.query != "" || o.sheet != "" {
			return nil, false, usage{errors.New("--query goes with a database, --sheet with a workbook (.xlsx)")}
		}
		return nil, false, nil
	}
	switch {
	case path == "-":
		return nil, true, usage{fmt.Errorf("--format %s needs a file or a database, which standard input is not", kind)}
	case kind == formatXLSX && o.query != "", kind != formatXLSX && o.sheet != "":
		return nil, true, usage{errors.New("--query goes with a database, --sheet with a workbook (.xlsx)")}
	case kind == formatXLSX:
		return xlsx.Open(ctx, path, xlsx.Options{Options: opt, Sheet: o.sheet}), true, nil
	case o.query == "":
		return nil, true, usage{errors.New("--query is missing, want the SQL that gives the documents, such as 'SELECT id, text FROM posts'")}
	}
	driver, address := "pgx", path
	if opt.Name = "the database"; kind == formatSQLite {
		opt.Name = strings.TrimPrefix(path, "sqlite:")
		driver, address = "sqlite", "file:"+strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(opt.Name)+"?mode=ro"
	}
	return func(yield func(corpus.Document, error) bool) {
		db, err := sql.Open(driver, address)
		if err != nil {
			yield(corpus.Document{}, &corpus.Error{Source: opt.Name, Why: "cannot be opened: " + err.Error(), Err: err, Fatal: true})
			return
		}
		defer func() { _ = db.Close() }()
		corpussql.Query(ctx, db, o.query, corpussql.Options{Options: opt})(yield)
	}, true, nil
}

// empty is the error of a source in which nothing could be read; nil where there was nothing.
func (m *malformed) empty(source string) error {
	if m == nil || m.count == 0 {
		return nil
	}
	what := fmt.Sprintf("all %d records cannot be read", m.count)
	if m.count == 1 {
		what = "the only record cannot be read"
	}
	return fmt.Errorf("%s: no documents, %s; the first: %w", source, what, m.first[0])
}

// unsaid holds the warnings about the input of a command until they are printed with its result.
type unsaid struct{ warnings []error }

type unsaidKey struct{}

// withUnsaid returns a context in which what is noted is kept.
func withUnsaid(ctx context.Context) (context.Context, *unsaid) {
	u := new(unsaid)
	return context.WithValue(ctx, unsaidKey{}, u), u
}

// note keeps warnings for the case that the command fails before it prints them.
func note(ctx context.Context, bars *progress, warnings []error) {
	if u, ok := ctx.Value(unsaidKey{}).(*unsaid); ok && bars.w != nil {
		u.warnings = warnings
	}
}

// print prints what was noted, for a command that has failed.
func (u *unsaid) print(w io.Writer) { progressOptions{}.warn(w, u.warnings) }

// notInput reports a file that is to be written and is the input.
func notInput(input string, outputs ...string) error {
	in, err := os.Stat(input)
	if err != nil {
		return nil // which is reported when it is read
	}
	for _, path := range outputs {
		if out, err := os.Stat(path); path != "" && err == nil && os.SameFile(in, out) {
			return usage{fmt.Errorf("%s is the input, want another file to write to", path)}
		}
	}
	return nil
}

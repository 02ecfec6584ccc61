package report

import (
	"bufio"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/study/stats"
)

//go:embed web/page.html web/style.css web/*.js web/vendor/uplot.min.js web/vendor/uplot.min.css
var web embed.FS

// modules are the files of the program in an order in which each comes after those that it imports.
// Their top-level names are unique, since they are joined to one module.
var modules = []string{
	"types.js", "state.js", "dom.js", "format.js", "data.js", "filters.js", "charts.js", "renderer.js", "map.js", "labels.js", "tree.js",
	"card.js", "table.js", "timeline.js", "views.js", "app.js",
}

var (
	imports = regexp.MustCompile(`(?m)^import [^;]*;\n`)
	exports = regexp.MustCompile(`(?m)^export `)
)

// program is the parts of the page that do not depend on the data.
type program struct{ page, style, library, script string }

var readProgram = sync.OnceValue(func() program {
	read := func(name string) string {
		text, err := web.ReadFile("web/" + name)
		if err != nil {
			panic(err) // the files are compiled in
		}
		return string(text)
	}
	var script strings.Builder
	script.WriteString("\n\"use strict\";\n")
	for _, name := range modules {
		text := imports.ReplaceAllString(read(name), "")
		script.WriteString(exports.ReplaceAllString(text, ""))
	}
	return program{
		page:    read("page.html"),
		style:   "\n" + read("vendor/uplot.min.css") + read("style.css"),
		library: "\n" + read("vendor/uplot.min.js"),
		script:  script.String(),
	}
})

// source returns the expression that permits text in a Content-Security-Policy.
func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// WriteHTML writes the report as one page. It fails with the error of w and with the cause of a canceled
// ctx.
func (d *Data) WriteHTML(ctx context.Context, w io.Writer) error {
	meta, cols := d.meta()
	blocks, first, err := d.chunks(ctx)
	if err != nil {
		return err
	}
	meta["chunks"] = first
	text, err := marshal(meta)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	p := readProgram()
	head, tail, _ := strings.Cut(p.page, "{{data}}")
	language := ""
	if d.Language != "" {
		language = ` data-language="` + html.EscapeString(d.Language) + `"`
	}
	fill := strings.NewReplacer(
		"{{policy}}", "default-src 'none'; script-src "+source(p.library)+" "+source(p.script)+"; style-src "+source(p.style)+
			"; img-src data: blob:; base-uri 'none'; form-action 'none'",
		"{{title}}", html.EscapeString(valid(d.Title)), "{{language}}", language,
		"{{style}}", p.style, "{{library}}", p.library, "{{script}}", p.script,
	)
	out := bufio.NewWriterSize(w, 1<<16)
	if _, err := fill.WriteString(out, head); err != nil {
		return err
	}
	metaBlock, err := compress(text)
	if err != nil {
		return err
	}
	if err := writeBlock(out, "meta", metaBlock); err != nil {
		return err
	}
	columnBlock, err := compress(cols.data)
	if err != nil {
		return err
	}
	if err := writeBlock(out, "columns", columnBlock); err != nil {
		return err
	}
	for i, block := range blocks {
		if err := writeBlock(out, fmt.Sprintf("texts%d", i), block); err != nil {
			return err
		}
	}
	if _, err := fill.WriteString(out, tail); err != nil {
		return err
	}
	return out.Flush()
}

func valid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

func validAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = valid(s)
	}
	return out
}

// tableJSON is a table as the page shows it: its numbers as they are, its intervals as texts.
func tableJSON(t study.Table) map[string]any {
	columns := make([][]any, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = []any{valid(c.Name), int(c.Format)}
	}
	rows := make([][]any, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = make([]any, len(row))
		for j, cell := range row {
			switch v := cell.(type) {
			case float64:
				rows[i][j] = number(v)
			case stats.Interval:
				rows[i][j] = []number{number(v.Low), number(v.High)}
			case int:
				rows[i][j] = v
			default:
				rows[i][j] = valid(fmt.Sprint(v))
			}
		}
	}
	return map[string]any{"title": valid(t.Title), "columns": columns, "rows": rows, "notes": validAll(t.Notes)}
}

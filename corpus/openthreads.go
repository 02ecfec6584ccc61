package corpus

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
)

// ThreadFormat is how threads are written.
type ThreadFormat string

// The formats, by the names that the command line gives them.
const (
	FormatDump             ThreadFormat = "so-dump"       // see StackExchangeDump
	FormatStackExchangeAPI ThreadFormat = "so-api"        // see StackExchangeAPI
	FormatStackExchangeCSV ThreadFormat = "so-csv"        // see StackExchangeCSV
	FormatDiscourse        ThreadFormat = "discourse"     // see Discourse
	FormatDiscourseCSV     ThreadFormat = "discourse-csv" // see DiscourseCSV
	FormatGitHub           ThreadFormat = "github"        // see GitHubIssues
)

// OpenThreads reads the threads of the file at path. The format "" stands for ThreadFormatOf(path).
func OpenThreads(ctx context.Context, path string, format ThreadFormat, o ThreadOptions) iter.Seq2[Thread, error] {
	return func(yield func(Thread, error) bool) {
		if format == "" {
			var err error
			if format, err = threadFormatOf(path, o.Encoding); err != nil {
				yield(Thread{}, err)
				return
			}
		}
		ReadThreads(ctx, File(path), format, o)(yield)
	}
}

// ReadThreads reads the threads of a source in the format.
func ReadThreads(ctx context.Context, in Source, format ThreadFormat, o ThreadOptions) iter.Seq2[Thread, error] {
	switch format {
	case FormatDump:
		return StackExchangeDump(ctx, in, o)
	case FormatStackExchangeAPI:
		return StackExchangeAPI(ctx, in, o)
	case FormatStackExchangeCSV:
		return StackExchangeCSV(ctx, in, o)
	case FormatDiscourse:
		return Discourse(ctx, in, o)
	case FormatDiscourseCSV:
		return DiscourseCSV(ctx, in, o)
	case FormatGitHub:
		return GitHubIssues(ctx, in, o)
	}
	return func(yield func(Thread, error) bool) {
		yield(Thread{}, &Error{Source: in.Name, Why: fmt.Sprintf("the format is %q, %s", string(format), wantFormat), Fatal: true})
	}
}

const wantFormat = "want so-dump, so-api, so-csv, discourse, discourse-csv or github"

// marks are what files of the formats have near their beginning, the most telling first.
var marks = [...]struct {
	format ThreadFormat
	begin  string // the first byte is one of these, any where there is none
	has    []string
}{
	{FormatDump, "<", nil},
	{FormatDiscourse, "{[", []string{`"topic_list"`}},
	{FormatDiscourse, "{[", []string{`"post_stream"`}},
	{FormatDiscourse, "{[", []string{`"posts_count"`}},
	{FormatDiscourse, "{[", []string{`"latest_posts"`}},
	{FormatDiscourse, "{[", []string{`"post_number"`}},
	{FormatStackExchangeAPI, "{[", []string{`"question_id"`}},
	{FormatStackExchangeAPI, "{[", []string{`"accepted_answer_id"`}},
	{FormatStackExchangeAPI, "{[", []string{`"answer_count"`}},
	{FormatGitHub, "{[", []string{`"number"`, `"title"`, `"state"`}},
	{FormatDiscourseCSV, "", []string{"topic_id", "title"}},
	{FormatStackExchangeCSV, "", []string{"Id", "Title"}},
}

// ThreadFormatOf guesses the format of the file at path from its first 64 kB. The error says that none fits.
func ThreadFormatOf(path string) (ThreadFormat, error) { return threadFormatOf(path, "") }

func threadFormatOf(path, encoding string) (ThreadFormat, error) {
	if a, ok := archiveAt(path); ok && a.format != "" {
		return a.format, nil
	}
	f, err := File(path).Open()
	if err != nil {
		return "", cannot("be opened", path, 0, err)
	}
	defer func() { _ = f.Close() }()
	text, err := unpack(f, encoding)
	if err != nil {
		return "", cannot("be read", path, 0, err)
	}
	head, err := io.ReadAll(io.LimitReader(text, bufferSize))
	if err != nil {
		return "", cannot("be read", path, 0, err)
	}
	head = bytes.TrimLeft(head, " \t\r\n")
	csv, rest, _ := bytes.Cut(head, []byte("\n"))
	if bytes.HasPrefix(bytes.ToLower(csv), []byte("sep=")) {
		csv, _, _ = bytes.Cut(rest, []byte("\n"))
	}
	for _, m := range marks {
		where := head
		if m.begin == "" {
			where = csv
		}
		fits := len(head) > 0 && (m.begin == "" && !bytes.ContainsAny(head[:1], "<{[") || m.begin != "" && bytes.ContainsAny(head[:1], m.begin))
		for _, word := range m.has {
			fits = fits && bytes.Contains(where, []byte(word))
		}
		if fits {
			return m.format, nil
		}
	}
	return "", &Error{Source: path, Why: "its beginning is of no known format of threads, " + wantFormat, Fatal: true}
}

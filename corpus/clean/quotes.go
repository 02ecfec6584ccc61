package clean

import (
	"regexp"
	"strings"
)

var (
	quoteLine = regexp.MustCompile(`^ {0,3}>([^>]|>[^>]|$)`) // >>> is the prompt of Python
	wrote     = regexp.MustCompile(`(?i)^\s*(on .{4,200} wrote|[^\s].{0,80} (wrote|said|writes)|am .{4,200} schrieb .{1,80}|le .{4,200} a écrit)\s?:\s*$`)
	fence     = regexp.MustCompile("^ {0,3}(```+|~~~+)")
	quoteTag  = regexp.MustCompile(`(?i)\[quote(=[^\]\n]*)?\]|\[/quote\]`)
)

// Quotes takes quotations out of plain text or Markdown: lines that begin with ">" outside of blocks of code, the "On … wrote:"
// above them, and what stands between [quote] and [/quote], as Discourse and other forums write it. What is opened and
// never closed stays.
func Quotes(text string) string {
	for {
		next := quotes(text)
		if len(next) == len(text) {
			return text
		}
		text = next
	}
}

func quotes(text string) string {
	text = quoteTags(text)
	if !strings.Contains(text, ">") {
		return text
	}
	var out []string
	open := "" // the fence of a block of code
	for line := range strings.Lines(text) {
		s := clip(line)
		if m := fence.FindStringSubmatch(s); m != nil {
			switch {
			case open == "":
				open = m[1]
			case strings.HasPrefix(m[1], open):
				open = ""
			}
		}
		if open != "" || !quoteLine.MatchString(s) {
			out = append(out, line)
			continue
		}
		for k := len(out) - 1; k >= 0 && k >= len(out)-2; k-- { // perhaps with an empty line between
			if wrote.MatchString(clip(out[k])) {
				out = out[:k]
				break
			}
			if !blank(out[k]) {
				break
			}
		}
	}
	return strings.Join(out, "")
}

// quoteTags drops [quote]…[/quote], however deep.
func quoteTags(text string) string {
	tags := quoteTag.FindAllStringIndex(text, -1)
	if tags == nil {
		return text
	}
	var (
		out   strings.Builder
		stack []int // where those that are open begin
		spans [][2]int
	)
	for _, tag := range tags {
		if text[tag[0]+1] != '/' {
			stack = append(stack, tag[0])
			continue
		}
		if len(stack) == 0 {
			continue
		}
		from := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for len(spans) > 0 && spans[len(spans)-1][0] > from { // those within
			spans = spans[:len(spans)-1]
		}
		spans = append(spans, [2]int{from, tag[1]})
	}
	done := 0
	for _, span := range spans {
		out.WriteString(text[done:span[0]])
		done = span[1]
		if done < len(text) && text[done] == '\n' && (span[0] == 0 || text[span[0]-1] == '\n') {
			done++
		}
	}
	out.WriteString(text[done:])
	return out.String()
}

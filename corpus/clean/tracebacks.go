package clean

import (
	"regexp"
	"strings"
)

// Tracebacks takes stack traces out of a text: those of Python (IPython's too), of Java, Kotlin, Scala, C# and
// JavaScript ("at …" lines), of Go and of Rust, also where the indentation is lost. With exceptions, the line that names the
// exception stays and the frames go; without, both go. A text that only speaks of tracebacks stays as it is.
func Tracebacks(text string, exceptions bool) string {
	for {
		next := tracebacks(text, exceptions)
		if len(next) == len(text) {
			return text
		}
		text = next // what stands together now may be one more
	}
}

var marks = []string{`File "`, "Traceback (most", "at ", "goroutine ", "stack backtrace:"}

func tracebacks(text string, exceptions bool) string {
	found := false
	for _, mark := range marks {
		found = found || strings.Contains(text, mark)
	}
	if !found {
		return text
	}
	t := trace{lines: strings.SplitAfter(text, "\n")}
	t.drop = make([]bool, len(t.lines))
	for i := 0; i < len(t.lines); {
		from := i
		end, exception := t.python(i)
		if end == i {
			end, exception = t.at(i)
		}
		if end == i {
			end, exception = t.golang(i)
		}
		if end == i {
			end, exception = t.rust(i)
		}
		if end == i {
			i++
			continue
		}
		for ; i < end; i++ {
			t.drop[i] = true
		}
		if exception >= 0 {
			t.drop[exception] = !exceptions
			i = max(i, exception+1)
		}
		i = max(i, from+1)
	}
	var out strings.Builder
	for i, line := range t.lines {
		if !t.drop[i] {
			out.WriteString(line)
		}
	}
	return out.String()
}

// trace is the lines of a text and which of them go. Its methods find a trace that begins with a line: end is the line
// after its frames, the line itself where there is none; exception is the line that names the exception, −1 where none does.
type trace struct {
	lines []string
	drop  []bool
}

var (
	pythonHead  = regexp.MustCompile(`^(.*?)Traceback \(most recent call last\)\s*:?\s*$`)
	pythonFrame = regexp.MustCompile(`^\s*File ".*", line \d+`)
	pythonCut   = regexp.MustCompile(`^\s*File "[^"]*$`) // at the end of a text that was cut off
	pythonMarks = regexp.MustCompile(`^\s*[~^]+[~^\s]*$`)
	pythonAgain = regexp.MustCompile(`^\s*\[Previous line repeated \d+ more times?\]`)
	pythonName  = regexp.MustCompile(`^\s*[A-Za-z_][\w.]*(:(\s.*)?)?$`)
	pythonError = regexp.MustCompile(`^\s*[A-Za-z_][\w.]*(Error|Exception|Warning|Interrupt|Exit|Failure|Timeout|Group)(:(\s.*)?)?$`)
	ipythonHead = regexp.MustCompile(`^\s*([A-Za-z_][\w.]*)\s+$`)
	chained     = regexp.MustCompile(`^\s*(During handling of the above exception, another exception occurred|The above exception was the direct cause of the following exception):\s*$`)
	dashes      = regexp.MustCompile(`^\s*-{20,}\s*$`)
)

func (t *trace) python(i int) (end, exception int) {
	first := i
	prefix, indent := "", ""
	if m := pythonHead.FindStringSubmatch(clip(t.lines[i])); m != nil {
		if name := ipythonHead.FindStringSubmatch(m[1]); name != nil {
			if end, exception = t.ipython(i, name[1]); end > i {
				return end, exception
			}
		} else if strings.TrimSpace(m[1]) != "" {
			prefix = m[1] // of a log, before each line
		} else {
			indent = m[1]
		}
		i++
	}
	line := func(j int) (string, bool) {
		if j >= len(t.lines) {
			return "", false
		}
		s, ok := strings.CutPrefix(clip(t.lines[j]), prefix)
		if prefix != "" && !ok && first != i { // the prefix may be on the first line alone
			s = clip(t.lines[j])
		}
		return s, true
	}
	j, frames := i, 0
	for {
		s, ok := line(j)
		if ok && blank(s) && j > first { // lines may have been set apart
			if s, ok = line(j + 1); ok && pythonFrame.MatchString(s) {
				j++
			}
		}
		if !ok || !(pythonFrame.MatchString(s) || pythonCut.MatchString(s) && j+1 >= len(t.lines)) {
			break
		}
		frames++
		j++
		deep := len(s) - len(strings.TrimLeft(s, " \t"))
		for sources := 0; ; j++ {
			s, ok := line(j)
			if !ok || blank(s) || pythonFrame.MatchString(s) {
				break
			}
			if pythonMarks.MatchString(s) || pythonAgain.MatchString(s) {
				continue
			}
			if deep > len(indent) {
				if len(s)-len(strings.TrimLeft(s, " \t")) <= len(indent) {
					break
				}
				continue
			}
			if sources++; sources > 1 || pythonError.MatchString(s) {
				break
			}
		}
	}
	if frames == 0 {
		return first, -1
	}
	exception = -1
	if s, ok := line(j); ok && pythonName.MatchString(s) && !blank(s) {
		exception = j
	} else if ok && blank(s) {
		if s, ok = line(j + 1); ok && pythonError.MatchString(s) {
			exception = j + 1
		}
	}
	t.chain(first)
	return j, exception
}

// ipython is a trace under a head with the name of the exception, which the last line begins with again.
func (t *trace) ipython(i int, name string) (end, exception int) {
	const most = 1000
	for j := i + 1; j < len(t.lines) && j < i+most; j++ {
		rest, ok := strings.CutPrefix(strings.TrimSpace(clip(t.lines[j])), name)
		if !ok || rest != "" && rest[0] != ':' {
			continue
		}
		if i > 0 && dashes.MatchString(clip(t.lines[i-1])) {
			t.drop[i-1] = true
		}
		t.chain(i)
		return j, j
	}
	return i, -1
}

// chain drops the sentence that joins a trace with the one before.
func (t *trace) chain(i int) {
	j := i - 1
	for j > 0 && blank(t.lines[j]) {
		j--
	}
	if j >= 0 && chained.MatchString(clip(t.lines[j])) {
		t.drop[j] = true
	}
}

var (
	// A call with where it is, "at a.b.C.d(E.java:1)", "at f (/x.js:1:2)", "at N.C.M(A b) in c:\x.cs:line 3".
	atCall = regexp.MustCompile(`^\s*at (async |new |static )*[^\s(][^(]*\(([^()]*:\d+(:\d+)?|Native Method|Unknown Source|native|<anonymous>|index \d+|<eval>.*)\)\s*(~?\[.*\])?\s*$|` +
		`^\s*at [\w.<>$\x60\[\],+]+\.[\w.<>$\x60\[\],+|]+\([^()]*\)( in .*:line \d+)?\s*$`)
	// A place alone, "at file:///x.js:1:2", "at /x.ts:3:4".
	atPlace = regexp.MustCompile(`^\s*at (async )?\S+:\d+:\d+\s*$`)
	atMore  = regexp.MustCompile(`^\s*(\.\.\. \d+ (more|common frames omitted|lines matching .*)|--- End of (inner exception )?stack trace.*---)\s*$`)
	atName  = regexp.MustCompile(`^\s*(.*\s)?[\w.$/]*(Error|Exception|Throwable|Failure)(\s\[\w+\])?(:.*)?\s*$`)
)

func (t *trace) at(i int) (end, exception int) {
	j := i
	for ; j < len(t.lines); j++ {
		s := clip(t.lines[j])
		if !(atCall.MatchString(s) || atPlace.MatchString(s) || j > i && atMore.MatchString(s)) {
			break
		}
	}
	if j == i {
		return i, -1
	}
	if i > 0 && !t.drop[i-1] && atName.MatchString(clip(t.lines[i-1])) {
		return j, i - 1
	}
	return j, -1
}

var (
	goHead  = regexp.MustCompile(`^\s*goroutine \d+ (gp=\S+ m=\S+ (mp=\S+ )?)?\[[^\]]*\]:\s*$`)
	goCall  = regexp.MustCompile(`^\s*([\w./*()\-{}\[\]·…,%@~]+\(.*\)|created by \S+( in goroutine \d+)?)\s*$`)
	goPlace = regexp.MustCompile(`^\s*\S.*\.(go|s|c):\d+( \+0x[0-9a-f]+)?( fp=.*)?\s*$`)
	goPanic = regexp.MustCompile(`^\s*(panic|fatal error|runtime error|unexpected fault address)\b.*`)
	goNoise = regexp.MustCompile(`^\s*(\[signal .*\]|exit status \d+|\s*|runtime stack:)\s*$`)
)

func (t *trace) golang(i int) (end, exception int) {
	if !goHead.MatchString(clip(t.lines[i])) {
		return i, -1
	}
	j := i + 1
	for j < len(t.lines) {
		s := clip(t.lines[j])
		if j+1 < len(t.lines) && goCall.MatchString(s) && goPlace.MatchString(clip(t.lines[j+1])) {
			j += 2
			continue
		}
		break
	}
	if j == i+1 {
		return i, -1
	}
	exception = -1
	k := i - 1
	for k >= 0 && k > i-4 && goNoise.MatchString(clip(t.lines[k])) {
		k--
	}
	if k >= 0 && k > i-4 && goPanic.MatchString(clip(t.lines[k])) {
		exception = k
		for k++; k < i; k++ {
			t.drop[k] = true
		}
	}
	return j, exception
}

var (
	rustHead  = regexp.MustCompile(`^\s*stack backtrace:\s*$`)
	rustFrame = regexp.MustCompile(`^\s*(\d+:\s+\S.*|at \S+:\d+(:\d+)?)\s*$`)
)

func (t *trace) rust(i int) (end, exception int) {
	if !rustHead.MatchString(clip(t.lines[i])) {
		return i, -1
	}
	j := i + 1
	for j < len(t.lines) && rustFrame.MatchString(clip(t.lines[j])) {
		j++
	}
	if j == i+1 {
		return i, -1
	}
	return j, -1
}

// clip is a line without its end, and without more than is looked at.
func clip(line string) string {
	line = strings.TrimRight(line, "\r\n")
	const most = 4096
	return line[:min(len(line), most)]
}

func blank(line string) bool { return strings.TrimSpace(line) == "" }

package clean_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus/clean"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

// Each case is lines: those with "-" go always, those with "!" name an exception and go without exceptions, others stay.
func TestTracebacksExact(t *testing.T) {
	for name, marked := range map[string]string{
		"prose alone": `
 What does "Traceback (most recent call last):" mean?
 Traceback (most recent call last):
 It is printed at the start (of all errors).
 I was at home (with friends) at 10:30.
 The goroutine 1 [running] is stuck; panic: no`,
		"Python": `
 It fails:
-Traceback (most recent call last):
-  File "/srv/app.py", line 12, in <module>
-    main()
-    ~~~~^^
-  File "/srv/app.py", line 8, in main
-    return call(
-        1,
-    )
-  [Previous line repeated 996 more times]
!json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
 What now?`,
		"Python, one after the other": `
-Traceback (most recent call last):
-  File "a.py", line 1, in f
-    x = d["k"]
!KeyError: 'k'
 
-During handling of the above exception, another exception occurred:
 
-Traceback (most recent call last):
-  File "a.py", line 3, in <module>
!ValueError`,
		"Python, indentation lost": `
 before
-Traceback (most recent call last):
-File "a.py", line 1, in f
-x = g(1)
-File "b.py", line 7, in g
-raise Boom(1)
!some.module.Boom: it fell
 after this`,
		"Python, lines apart": `
-Traceback (most recent call last):
-
-  File "a.py", line 1, in f
-
-  File "b.py", line 7, in g
 
!OSError: gone`,
		"Python, no head": `
-  File "a.py", line 3
-    x = = 1
-        ^
!SyntaxError: invalid syntax`,
		"Python in a log": `
-ERROR app | Traceback (most recent call last):
-ERROR app |   File "a.py", line 3, in f
-ERROR app |     g()
-ERROR app |   File "b.py", line 4, in g
!ERROR app | TypeError: no
 ERROR app | end`,
		"Python, indented": `
   log:
-    Traceback (most recent call last):
-      File "a.py", line 3, in f
-        g()
!    TypeError: no
     more`,
		"Python, cut off": `
 text
-Traceback (most recent call last):
-  File "a.py", line 3, in f
-    g()
-  File "/usr/lib/pyth`,
		"IPython": `
----------------------------------------------------------------------------
-ValueError                                Traceback (most recent call last)
-Cell In[3], line 2
-      1 import x
-----> 2 x.y()
-
-File ~/lib/x.py:10, in y(z)
-      9 def y(z):
----> 10     raise ValueError("bad")
-
!ValueError: bad
 So it is.`,
		"Java": `
 Here:
!Exception in thread "main" java.lang.IllegalStateException: no model
-	at com.example.App.load(App.java:42)
-	at com.example.App$Inner.<init>(App.java:7)
-	at java.base/java.lang.Thread.run(Thread.java:829) ~[?:?]
-	at sun.reflect.NativeMethodAccessorImpl.invoke0(Native Method)
!Caused by: java.io.IOException: closed
-	at com.example.Io.read(Io.java:3)
-	... 12 more
 end`,
		"C#": `
!Unhandled exception. System.NullReferenceException: Object reference not set
-   at App.Program.Main(String[] args) in C:\src\Program.cs:line 12
-   at System.Threading.Tasks.Task.Execute()
-   --- End of inner exception stack trace ---
 ok`,
		"JavaScript": `
!TypeError: Cannot read properties of undefined (reading 'x')
-    at Object.<anonymous> (/app/index.js:3:9)
-    at async Promise.all (index 0)
-    at new Chat (file:///app/chat.mjs:10:11)
-    at processTicksAndRejections (node:internal/process/task_queues:95:5)
-    at /app/node_modules/express/lib/router.js:47:12
 Node 20.`,
		"Go": `
!panic: runtime error: invalid memory address or nil pointer dereference
-[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48f1c5]
-
-goroutine 1 [running]:
-main.(*server).run(0x0, {0xc000012345, 0x1})
-	/home/me/main.go:12 +0x25
-main.main()
-	/home/me/main.go:7 +0x1d
 
-goroutine 18 [chan receive, 3 minutes]:
-net/http.(*conn).serve(...)
-	/usr/local/go/src/net/http/server.go:2009
-created by net/http.(*Server).Serve in goroutine 1
-	/usr/local/go/src/net/http/server.go:3086 +0x5cb
 exit status 2`,
		"Rust": `
 thread 'main' panicked at src/main.rs:2:5:
 boom
-stack backtrace:
-   0: std::panicking::begin_panic
-             at /rustc/abc/library/std/src/panicking.rs:616:12
-   1: app::main
 note: some details are omitted`,
	} {
		t.Run(name, func(t *testing.T) {
			var source, short, none strings.Builder
			for line := range strings.Lines(strings.TrimPrefix(marked, "\n")) {
				source.WriteString(line[1:])
				if line[0] == ' ' {
					none.WriteString(line[1:])
				}
				if line[0] != '-' {
					short.WriteString(line[1:])
				}
			}
			require.Equal(t, short.String(), clean.Tracebacks(source.String(), true))
			require.Equal(t, none.String(), clean.Tracebacks(source.String(), false))
			windows := strings.ReplaceAll(source.String(), "\n", "\r\n")
			require.Equal(t, strings.ReplaceAll(short.String(), "\n", "\r\n"), clean.Tracebacks(windows, true))
		})
	}
}

func FuzzTakeOut(f *testing.F) {
	for _, s := range []string{
		"", "a\nTraceback (most recent call last):\n  File \"a.py\", line 1\n    x\nE: 1\n", "E Traceback (most recent call last)\nE\n", "panic: x\n\ngoroutine 1 [x]:\nf()\n\ta.go:1\n",
		"E: x\n at f (a:1:2)\n ... 3 more", "> a\n>> b\n```\n> c", "On x, y wrote:\n\n> z", "[quote=\"a\"][quote]b[/quote]c[/quote][/quote]", "see [x](http://y.z) <https://a> www.b.c. (http://d)", "htthttp://x.y ://z",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, take := range map[string]func(string) string{
			"tracebacks": func(s string) string { return clean.Tracebacks(s, true) },
			"all":        func(s string) string { return clean.Tracebacks(s, false) },
			"urls":       clean.URLs, "quotes": clean.Quotes,
		} {
			once := take(text)
			require.Equal(t, once, take(once), "%s is idempotent", name)
			require.True(t, subsequence(once, text), "%s takes out and puts nothing in", name)
		}
		clean.Language(text)
	})
}

// subsequence is whether part is what is left of whole when some of it is taken out.
func subsequence(part, whole string) bool {
	for i := 0; i < len(part); i++ {
		k := strings.IndexByte(whole, part[i])
		if k < 0 {
			return false
		}
		whole = whole[k+1:]
	}
	return true
}

func ExampleTracebacks() {
	fmt.Print(clean.Tracebacks(`Loading the model fails:
Traceback (most recent call last):
  File "app.py", line 3, in <module>
    model = load("m")
  File "load.py", line 9, in load
    raise OSError(path)
OSError: m is not a folder
What should I do?
`, true))
	// Output:
	// Loading the model fails:
	// OSError: m is not a folder
	// What should I do?
}

// issues are the texts of the issues of LLM applications.
func issues(t *testing.T) (texts []string) {
	f, err := os.Open(testutil.Data(t, "llm_app_issues", "issues_en.jsonl.gz"))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	require.NoError(t, err)
	for d := json.NewDecoder(z); d.More(); {
		var issue struct{ Title, Body string }
		require.NoError(t, d.Decode(&issue))
		texts = append(texts, issue.Title+"\n\n"+issue.Body)
	}
	return texts
}

// Of the frames of Python in real issues few are left, most of them in logs whose lines begin with a time or the name of a
// container, and nothing but whole lines goes.
func TestTracebacksOfIssuesStatistically(t *testing.T) {
	with, left, frames := 0, 0, 0
	for _, text := range issues(t) {
		text = strings.ToValidUTF8(text, "?")
		if !strings.Contains(text, "Traceback (most recent call last)") {
			continue
		}
		with++
		once := clean.Tracebacks(text, true)
		lines := map[string]bool{}
		for line := range strings.Lines(text) {
			lines[line] = true
		}
		for line := range strings.Lines(once) {
			require.True(t, lines[line], "a line that was not there: %q", line)
		}
		frames += strings.Count(text, `File "`)
		left += strings.Count(once, `File "`)
		require.Equal(t, once, clean.Tracebacks(once, true))
	}
	require.Equal(t, 1043, with)
	require.Less(t, float64(left), 0.06*float64(frames), "%d of %d frames are left", left, frames)
	t.Logf("%d issues, %d of %d frames are left", with, left, frames)
}

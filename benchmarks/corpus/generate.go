package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

// wanted are the tags that the benchmark selects: about one question of a hundred has one of them.
var wanted = []string{"large-language-model", "openai-api"}

// generate writes a Posts.xml of about size bytes to path: questions and answers in the order of their Id, one answer in
// two hundred before its question as merged questions have it, bodies of HTML with code in them, of 100 to some thousand
// bytes, written with the references that dumps are full of. The seed decides every byte.
func generate(path string, size int64, seed uint64) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := file.Close(); err == nil {
			err = e
		}
	}()
	counted := &counter{w: file}
	w := bufio.NewWriterSize(counted, 1<<20)
	g := &generator{rng: rand.New(rand.NewPCG(seed, 11)), w: w, at: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
	for range 20000 {
		g.words = append(g.words, g.newWord())
	}
	fmt.Fprint(w, "\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<posts>\r\n")
	for counted.n+int64(w.Buffered()) < size {
		g.row()
	}
	fmt.Fprint(w, "</posts>")
	return w.Flush()
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

type generator struct {
	rng       *rand.Rand
	w         *bufio.Writer
	words     []string
	id        int
	questions []int // the last ones
	at        time.Time
}

func (g *generator) newWord() string {
	var b strings.Builder
	for range 1 + g.rng.IntN(4) {
		b.WriteByte("bcdfghjklmnprstvwz"[g.rng.IntN(18)])
		b.WriteString([]string{"a", "e", "i", "o", "u", "er", "on"}[g.rng.IntN(7)])
	}
	return b.String()
}

// word is one of the words, few of them often.
func (g *generator) word() string {
	u := g.rng.Float64()
	return g.words[int(u*u*u*float64(len(g.words)))]
}

func (g *generator) row() {
	g.id++
	g.at = g.at.Add(time.Duration(g.rng.IntN(20000)) * time.Millisecond)
	stamp := g.at.Format("2006-01-02T15:04:05.000")
	if g.id%5 == 0 || g.id%5 == 2 || len(g.questions) == 0 {
		g.questions = append(g.questions, g.id)
		if len(g.questions) > 200 {
			g.questions = g.questions[1:]
		}
		fmt.Fprintf(g.w, `  <row Id="%d" PostTypeId="1"`, g.id)
		if g.rng.IntN(2) == 0 {
			fmt.Fprintf(g.w, ` AcceptedAnswerId="%d"`, g.id+1+g.rng.IntN(5))
		}
		fmt.Fprintf(g.w, ` CreationDate="%s" Score="%d" ViewCount="%d" Body="`, stamp, g.rng.IntN(20)-3, g.rng.IntN(5000))
		g.body()
		fmt.Fprintf(g.w, `" OwnerUserId="%d" LastActivityDate="%s" Title="`, 1+g.rng.IntN(1e6), stamp)
		for i := range 5 + g.rng.IntN(8) {
			if i > 0 {
				g.w.WriteByte(' ')
			}
			g.w.WriteString(g.word())
		}
		fmt.Fprintf(g.w, `" Tags="&lt;%s&gt;&lt;%s&gt;`, g.word(), g.word())
		if g.rng.IntN(100) == 0 {
			fmt.Fprintf(g.w, "&lt;%s&gt;", wanted[g.rng.IntN(len(wanted))])
		}
		fmt.Fprintf(g.w, `" AnswerCount="%d" CommentCount="%d" ContentLicense="CC BY-SA 4.0" />`+"\r\n", g.rng.IntN(3), g.rng.IntN(5))
		return
	}
	parent := g.questions[max(0, len(g.questions)-1-g.rng.IntN(3)*g.rng.IntN(100))]
	if g.rng.IntN(200) == 0 {
		parent = (g.id/5 + 3) * 5 // a question to come
	}
	fmt.Fprintf(g.w, `  <row Id="%d" PostTypeId="2" ParentId="%d" CreationDate="%s" Score="%d" Body="`, g.id, parent, stamp, g.rng.IntN(20)-3)
	g.body()
	fmt.Fprintf(g.w, `" OwnerUserId="%d" LastActivityDate="%s" CommentCount="0" ContentLicense="CC BY-SA 4.0" />`+"\r\n", 1+g.rng.IntN(1e6), stamp)
}

func (g *generator) body() {
	for range 1 + g.rng.IntN(5) {
		if g.rng.IntN(4) == 0 {
			g.w.WriteString("&lt;pre&gt;&lt;code&gt;")
			for range 1 + g.rng.IntN(12) {
				fmt.Fprintf(g.w, "%s.%s(&quot;%s&quot;, %d) -&amp;gt; %s&#xA;", g.word(), g.word(), g.word(), g.rng.IntN(100), g.word())
			}
			g.w.WriteString("&lt;/code&gt;&lt;/pre&gt;&#xA;")
			continue
		}
		g.w.WriteString("&lt;p&gt;")
		for i := range 10 + g.rng.IntN(60) {
			switch g.rng.IntN(40) {
			case 0:
				fmt.Fprintf(g.w, " &lt;code&gt;%s&lt;/code&gt;", g.word())
			case 1:
				g.w.WriteString(" it's – naïve,")
			default:
				if i > 0 {
					g.w.WriteByte(' ')
				}
				g.w.WriteString(g.word())
			}
		}
		g.w.WriteString(".&lt;/p&gt;&#xA;")
	}
}

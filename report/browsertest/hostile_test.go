package browsertest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/report"
	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

// evil is what documents may contain to leave their place: closing tags, handlers, a line separator,
// bidirectional marks, a byte that is no UTF-8, templates.
const evil = "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1><svg onload=window.hacked=1> " +
	"\u2028\u2029 \u202etxet\u202c \u2066x ${window.hacked=1} {{7*7}} \" onmouseover=window.hacked=1 ' \x00\xff ]]> <!-- --> javascript:window.hacked=1 "

// Every field of a model with 10,000 topics is hostile, one text is a line of 1 MB, and one is in Arabic.
func TestHostile(t *testing.T) {
	const n, topics, dims = 20_000, 10_000, 4
	docs, of, names := make([]string, n), make([]int, n), make([]string, n)
	x := blas32.General{Rows: n, Cols: dims, Stride: dims, Data: make([]float32, n*dims)}
	positions := blas32.General{Rows: n, Cols: 2, Stride: 2, Data: make([]float32, n*2)}
	times := make([]time.Time, n)
	labels := map[int]string{}
	for i := range n {
		of[i] = i % topics
		docs[i] = fmt.Sprintf("%s word%d <b>about</b> %d", evil, of[i], i)
		names[i] = evil + fmt.Sprint(i%7)
		labels[of[i]] = evil + fmt.Sprint(of[i])
		for j := range dims {
			x.Data[i*dims+j] = float32((of[i]*(j+3))%101) + 1
		}
		positions.Data[2*i], positions.Data[2*i+1] = float32(i%141), float32(i/141)
		times[i] = time.Date(2020, 1, 1+i%900, 0, 0, 0, 0, time.UTC)
	}
	docs[1] += strings.Repeat("long", 1<<18)
	docs[2] = "نص عربي طويل بما يكفي ليظهر في البطاقة word2"
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Embeddings: x, Classes: of}, topic.Config{Clusterer: supervised.Fixed{}})
	require.NoError(t, err)
	m, err = m.Relabel(labels)
	require.NoError(t, err)
	var page bytes.Buffer
	require.NoError(t, report.Write(t.Context(), &page, m, report.Options{
		Title: evil, IDs: names, Times: times, Fields: []report.Field{{Name: evil, Text: names}}, Positions: positions, TextBytes: -1,
		Tables: []study.Table{{Title: evil, Columns: []study.Column{{Name: evil}}, Rows: [][]any{{evil}}, Notes: []string{evil}}},
	}))
	p := open(t, write(t, page.Bytes()), setup{})
	p.shot("hostile")
	p.click(".row[data-topic]")
	eval[any](p, "location.hash = '#doc=2'")
	p.waitFor("document.querySelector('.card .body').textContent.length > 1e6")
	p.shot("hostile-line")
	eval[any](p, "location.hash = '#doc=3'")
	p.waitFor("document.querySelector('.card .body').textContent.includes('عربي')")
	require.Equal(t, "rtl", eval[string](p, "getComputedStyle(document.querySelector('.card .body')).direction"))
	p.shot("hostile-arabic")
	for _, tab := range eval[[]string](p, "[...document.querySelectorAll('[role=tab]')].map(t => t.id)") {
		eval[any](p, "document.getElementById('"+tab+"').click()")
		p.settle()
		p.shot("hostile-" + tab)
	}
	eval[any](p, "document.getElementById('filters-button').click(); document.querySelectorAll('details').forEach(d => d.open = true)")
	p.settle()
	require.False(t, eval[bool](p, "'hacked' in window"))
	require.Equal(t, 0, eval[int](p, "document.querySelectorAll('img, b:not(.tip b), script[src]').length"), "no element comes from a text")
	require.Greater(t, eval[int](p, "document.querySelector('[role=tree]').getBoundingClientRect().height"), 250_000, "all topics are in the tree")
	p.quiet()
}

package browsertest

import (
	"bytes"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/embed/static"
	"github.com/gobertopic/gobertopic/embed/static/distilled"
	"github.com/gobertopic/gobertopic/report"
	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/topic"
)

var usual struct {
	sync.Once
	page []byte
	err  error
}

// usualReport returns the file of a report of the doc comments of Go's library, with times that follow
// from the texts, a field of names and one of numbers.
func usualReport(t *testing.T) string {
	t.Helper()
	usual.Do(func() {
		root, err := exec.Command("go", "env", "GOROOT").Output()
		require.NoError(t, err)
		var docs, ids, kinds []string
		var times []time.Time
		var lengths []float64
		begin := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
		for d, err := range corpus.Open(filepath.Join(strings.TrimSpace(string(root)), "src"), corpus.FormatGoDoc, corpus.Options{}) {
			require.NoError(t, err)
			if strings.HasPrefix(d.ID, "simd") { // thousands of comments with the same words
				continue
			}
			h := fnv.New64a()
			h.Write([]byte(d.ID))
			docs, ids, kinds = append(docs, d.Text), append(ids, d.ID), append(kinds, d.Fields["kind"])
			times = append(times, begin.Add(time.Duration(h.Sum64()%uint64(6*365*24))*time.Hour))
			lengths = append(lengths, float64(len(d.Text)))
		}
		cfg := topic.DefaultConfig()
		cfg.Embedder, err = distilled.New(static.Config{})
		require.NoError(t, err)
		m, err := topic.Fit(t.Context(), docs, cfg)
		require.NoError(t, err)
		var page bytes.Buffer
		usual.err = report.Write(t.Context(), &page, m, report.Options{
			Title: "Go doc comments", IDs: ids, Times: times,
			Fields: []report.Field{{Name: "kind", Text: kinds}, {Name: "length", Numbers: lengths}},
			Tables: []study.Table{{
				Title: "Popularity", Columns: []study.Column{{Name: "topic"}, {Name: "documents", Format: study.Decimal}},
				Rows: [][]any{{"all", len(docs)}}, Notes: []string{"Counted by hand."},
			}},
		})
		usual.page = page.Bytes()
	})
	require.NoError(t, usual.err)
	return write(t, usual.page)
}

func write(t *testing.T, page []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(path, page, 0o644))
	return path
}

func TestViews(t *testing.T) {
	p := open(t, usualReport(t), setup{})
	p.shot("map")
	for _, view := range []string{"documents", "words", "time", "classes", "hierarchy", "similarity", "distances", "rank", "shares", "outliers", "layers", "tables"} {
		p.click("#tab-" + view)
		require.Greater(t, eval[int](p, "document.getElementById('view-"+view+"').textContent.length"), 40, view)
		p.shot("view-" + view)
	}
	p.quiet()
}

// state is a part of the page's state, as an expression of JavaScript.
const state = "gobertopicReport.state"

func TestSearch(t *testing.T) {
	p := open(t, usualReport(t), setup{})
	p.do(chromedp.SendKeys("#query", "deadline"))
	p.waitFor("document.querySelector('.matched') !== null")
	p.settle()
	matched := eval[string](p, "document.querySelector('.matched').textContent")
	require.Regexp(t, `^\d{2,3} of 5,\d{3} documents$`, matched)
	p.shot("search")
	p.click("#tab-documents")
	require.Equal(t, matched, eval[string](p, "document.querySelector('.grid-head span').textContent"), "the table has what the search found")
	p.waitFor("document.querySelectorAll('.grid-row:not(.names)').length > 5 && [...document.querySelectorAll('.grid-row:not(.names)')].every(r => !r.textContent.startsWith('…'))")
	p.click(".grid-row:not(.names)")
	require.Greater(t, eval[int](p, "document.querySelectorAll('.card mark').length"), 0, "the words are marked in the text")
	p.shot("search-table")
	require.Contains(t, eval[string](p, "location.hash"), "q=deadline")
	p.quiet()
}

// aPoint is a document whose point can be hit, and where.
const aPoint = `(() => {
	const {report} = gobertopicReport, box = document.getElementById('map').getBoundingClientRect();
	return [box.left, box.top, box.width, box.height, report.x[700] / 65534, report.y[700] / 65534];
})()`

func placeOf(p *tab) (x, y float64) {
	v := eval[[]float64](p, aPoint)
	scale := 0.92 * min(v[2], v[3])
	return v[0] + v[2]/2 + (v[4]-0.5)*scale, v[1] + v[3]/2 - (v[5]-0.5)*scale
}

func TestHoverAndClick(t *testing.T) {
	p := open(t, usualReport(t), setup{})
	x, y := placeOf(p)
	p.do(chromedp.MouseEvent(chromedp.MouseMoved, x, y))
	p.waitFor("!document.getElementById('hover').hidden && document.querySelector('#hover .text').textContent.length > 5")
	p.shot("hover")
	p.do(chromedp.MouseClickXY(x, y))
	p.settle()
	require.NotNil(t, eval[any](p, state+".doc"))
	require.Greater(t, eval[int](p, "document.querySelector('.card .body').textContent.length"), 5)
	p.shot("document")
	p.do(chromedp.KeyEvent(kb.Escape))
	p.settle()
	require.Nil(t, eval[any](p, state+".doc"))
	p.quiet()
}

func TestTopic(t *testing.T) {
	p := open(t, usualReport(t), setup{})
	id := eval[string](p, "document.querySelector('.row[data-topic]').dataset.topic")
	p.click(".row[data-topic]")
	require.Equal(t, id, strconv.Itoa(eval[int](p, "gobertopicReport.report.topics["+state+".topic].id")))
	require.Greater(t, eval[int](p, "document.querySelectorAll('.card .words li').length"), 5)
	p.shot("topic")
	p.click(".card .actions button")
	require.Regexp(t, `^\d+ of `, eval[string](p, "document.querySelector('.matched').textContent"))
	p.click(".chip")
	require.False(t, eval[bool](p, "document.querySelector('.matched') !== null"))
	p.do(chromedp.SendKeys("#tree-query", "tls certificate"))
	p.settle()
	require.Less(t, eval[int](p, "document.querySelectorAll('.row:not(.group)').length"), 8)
	p.shot("tree-search")
	p.quiet()
}

func TestLasso(t *testing.T) {
	p := open(t, usualReport(t), setup{})
	p.click("#lasso-button")
	p.do(
		chromedp.MouseEvent(chromedp.MousePressed, 500, 220, chromedp.ButtonLeft),
		chromedp.MouseEvent(chromedp.MouseMoved, 800, 230, chromedp.ButtonLeft),
		chromedp.MouseEvent(chromedp.MouseMoved, 790, 520, chromedp.ButtonLeft),
		chromedp.MouseEvent(chromedp.MouseMoved, 510, 500, chromedp.ButtonLeft),
		chromedp.MouseEvent(chromedp.MouseReleased, 500, 300, chromedp.ButtonLeft),
	)
	p.settle()
	require.Regexp(t, `^[\d,]+ of 5,\d{3} documents$`, eval[string](p, "document.querySelector('.matched').textContent"))
	require.Contains(t, eval[string](p, "document.querySelector('.card h2').textContent"), "Selection")
	p.shot("lasso")
	p.click("#tab-time")
	p.shot("lasso-time")
	p.quiet()
}

func TestBrush(t *testing.T) {
	p := open(t, usualReport(t), setup{})
	p.do(
		chromedp.MouseEvent(chromedp.MousePressed, 420, 850, chromedp.ButtonLeft),
		chromedp.MouseEvent(chromedp.MouseMoved, 500, 850, chromedp.ButtonLeft),
		chromedp.MouseEvent(chromedp.MouseMoved, 560, 850, chromedp.ButtonLeft),
		chromedp.MouseEvent(chromedp.MouseReleased, 560, 850, chromedp.ButtonLeft),
	)
	p.settle()
	require.Regexp(t, `^[\d,]+ of 5,\d{3} documents$`, eval[string](p, "document.querySelector('.matched').textContent"))
	wrong := eval[int](p, `(() => {
		const {report, state} = gobertopicReport;
		return report.time.filter(t => t >= state.time[0] && t <= state.time[1]).length;
	})()`)
	require.Contains(t, strings.ReplaceAll(eval[string](p, "document.querySelector('.matched').textContent"), ",", ""), strconv.Itoa(wrong)+" of")
	p.shot("brush")
	p.click("#timeline-clear")
	require.Nil(t, eval[any](p, state+".time"))
	p.quiet()
}

func TestColorByField(t *testing.T) {
	p := open(t, usualReport(t), setup{})
	for _, by := range []string{"field:0", "field:1", "time", "probability"} {
		p.do(chromedp.SetValue("#color", by))
		eval[any](p, "document.getElementById('color').dispatchEvent(new Event('change'))")
		p.settle()
		require.Greater(t, eval[int](p, "document.getElementById('legend').textContent.length"), 5)
		p.shot("color-" + strings.ReplaceAll(by, ":", "-"))
	}
	p.click("#filters-button")
	p.click("#filters input[type=checkbox]")
	require.Regexp(t, `^[\d,]+ of 5,\d{3} documents$`, eval[string](p, "document.querySelector('.matched').textContent"))
	p.shot("filters")
	p.quiet()
}

func TestDark(t *testing.T) {
	p := open(t, usualReport(t), setup{})
	p.click("#theme")
	require.Equal(t, "dark", eval[string](p, "document.documentElement.dataset.theme"))
	p.shot("dark")
	for _, view := range []string{"time", "classes", "hierarchy", "similarity", "distances", "rank", "shares", "documents"} {
		p.click("#tab-" + view)
		p.shot("dark-" + view)
	}
	p.quiet()
}

func TestPhone(t *testing.T) {
	p := open(t, usualReport(t), setup{width: 400, height: 800, touch: true})
	require.LessOrEqual(t, eval[int](p, "document.documentElement.scrollWidth"), 400, "nothing is wider than the page")
	p.shot("phone-map")
	x, y := placeOf(p)
	p.do(chromedp.TapXY(x, y))
	p.settle()
	require.NotNil(t, eval[any](p, state+".doc"))
	p.shot("phone-document")
	p.click(".card .close")
	p.click(".tab-topics")
	p.shot("phone-topics")
	p.click(".row[data-topic]")
	p.shot("phone-topic")
	p.click(".card .close")
	for _, view := range []string{"documents", "words", "time", "classes", "hierarchy", "similarity", "distances", "rank", "shares"} {
		p.click("#tab-" + view)
		require.LessOrEqual(t, eval[int](p, "document.documentElement.scrollWidth"), 400, view)
		p.shot("phone-" + view)
	}
	p.quiet()
}

// A reader without a mouse reaches the search, the topics, the views, the table and the map.
func TestKeyboard(t *testing.T) {
	p := open(t, usualReport(t), setup{})
	focus := func() string {
		return eval[string](p, "document.activeElement.id || document.activeElement.getAttribute('role') || document.activeElement.className")
	}
	seen := map[string]bool{}
	for range 24 {
		p.do(chromedp.KeyEvent(kb.Tab))
		seen[focus()] = true
		if focus() == "treeitem" {
			break
		}
	}
	require.Equal(t, "treeitem", focus())
	for _, want := range []string{"skip", "query", "color", "filters-button", "theme", "tree-query"} {
		require.Contains(t, seen, want)
	}
	for range 10 { // opens the groups on the way to the first topic
		p.do(chromedp.KeyEvent(kb.ArrowRight))
		if eval[bool](p, "document.activeElement.getAttribute('aria-expanded') === null") {
			break
		}
	}
	p.do(chromedp.KeyEvent(kb.Enter))
	p.settle()
	require.NotNil(t, eval[any](p, state+".topic"))
	p.shot("keyboard-topic")
	p.do(chromedp.KeyEvent(kb.Tab))
	require.Equal(t, "tab-map", focus())
	p.do(chromedp.KeyEvent(kb.ArrowRight))
	p.settle()
	require.Equal(t, "documents", eval[string](p, state+".view"))
	require.Equal(t, "tab-documents", focus())
	for range 14 {
		p.do(chromedp.KeyEvent(kb.Tab))
		if eval[string](p, "document.activeElement.getAttribute('role') || ''") == "row" {
			break
		}
	}
	require.Equal(t, "row", focus())
	p.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	p.settle()
	require.NotNil(t, eval[any](p, state+".doc"))
	p.do(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Escape))
	require.Nil(t, eval[any](p, state+".topic"))
	eval[any](p, "document.getElementById('tab-map').click()")
	p.settle()
	eval[any](p, "document.getElementById('map').focus()")
	before := eval[int](p, "gobertopicReport.frames.drawn")
	p.do(chromedp.KeyEvent("+"), chromedp.KeyEvent("+"), chromedp.KeyEvent(kb.ArrowLeft))
	p.settle()
	require.Greater(t, eval[int](p, "gobertopicReport.frames.drawn"), before)
	p.shot("keyboard-zoom")
	p.quiet()
}

func TestWithoutWebGL(t *testing.T) {
	p := open(t, usualReport(t), setup{noWebGL: true})
	require.Equal(t, "canvas", eval[string](p, "document.getElementById('map').dataset.renderer"))
	x, y := placeOf(p)
	p.do(chromedp.MouseEvent(chromedp.MouseMoved, x, y))
	p.waitFor("!document.getElementById('hover').hidden")
	p.shot("canvas")
	require.Greater(t, eval[int](p, `(() => {
		const c = document.getElementById('points'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
		let n = 0;
		for (let i = 3; i < d.length; i += 4) if (d[i] > 0) n++;
		return n;
	})()`), 5000, "points are drawn")
}

// A link brings back view, topic, search and filters.
func TestDeepLink(t *testing.T) {
	file := usualReport(t)
	p := open(t, file, setup{hash: "#view=hierarchy&topic=2&q=file&time=1577836800,1609459199"})
	p.waitFor("document.querySelector('.matched') !== null")
	require.Equal(t, "true", eval[string](p, "document.getElementById('tab-hierarchy').getAttribute('aria-selected')"))
	require.Equal(t, 2, eval[int](p, "gobertopicReport.report.topics["+state+".topic].id"))
	require.Equal(t, "file", eval[string](p, "document.getElementById('query').value"))
	require.Equal(t, 3, eval[int](p, "document.querySelectorAll('.chip').length")+1)
	p.shot("link")
	p.quiet()
}

// axe-core finds no violation in any view, light and dark.
func TestAccessible(t *testing.T) {
	axe := os.Getenv("GOBERTOPIC_AXE")
	if axe == "" {
		t.Skip("GOBERTOPIC_AXE does not name axe.min.js (npm pack axe-core): accessibility is not checked")
	}
	program, err := os.ReadFile(axe)
	require.NoError(t, err)
	for _, s := range []setup{{}, {dark: true}, {width: 400, height: 800, touch: true}} {
		p := open(t, usualReport(t), s)
		eval[any](p, string(program)+";0")
		check := func(what string) {
			found, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](`axe.run(document, {resultTypes: ['violations']}).then(r =>
				r.violations.map(v => v.id + ': ' + v.help + ' — ' + v.nodes.slice(0, 4).map(n => n.target.join(' ') + ' ' + n.failureSummary.replaceAll('\n', ' ')).join(' | ')))`, chromedp.EvalAwaitPromise))
			require.NoError(t, err)
			require.Empty(t, found, "%s, %+v", what, s)
		}
		for _, view := range []string{"map", "documents", "words", "time", "classes", "hierarchy", "similarity", "distances", "rank", "shares", "outliers", "layers", "tables"} {
			eval[any](p, "document.getElementById('tab-"+view+"').click()")
			p.settle()
			check(view)
		}
		eval[any](p, "document.querySelectorAll('details').forEach(d => d.open = true)")
		eval[any](p, "document.getElementById('tab-map').click()")
		eval[any](p, state+".topic = 1; document.getElementById('filters-button').click()")
		eval[any](p, "location.hash = '#topic=2&q=file'")
		p.settle()
		check("a topic, a search and the filters")
		eval[any](p, "location.hash = '#doc=20'")
		p.settle()
		check("a document")
	}
}

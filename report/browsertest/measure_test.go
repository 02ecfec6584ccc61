package browsertest

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/report"
)

// synthetic returns a report of n documents in 60 groups, with times and texts of about 60 bytes.
func synthetic(n int) *report.Data {
	d := &report.Data{Title: fmt.Sprint(n, " documents")}
	const topics = 60
	for k := range topics {
		d.Topics = append(d.Topics, report.Topic{
			ID: k, Size: n / topics, Name: fmt.Sprintf("topic %d", k), Color: k % len(report.Palette), Center: report.Point{X: float64(k % 8), Y: float64(k / 8)},
			Terms: []ctfidf.Term{{Term: "word", Weight: 1}},
		})
	}
	layer := report.Layer{Chosen: true}
	for _, t := range d.Topics {
		layer.Names, layer.Sizes, layer.Centers = append(layer.Names, t.Name), append(layer.Sizes, t.Size), append(layer.Centers, t.Center)
	}
	state := uint64(1)
	random := func() float64 {
		state = state*6364136223846793005 + 1442695040888963407
		return float64(state>>11) / (1 << 53)
	}
	for i := range n {
		k := i % topics
		c := d.Topics[k].Center
		d.Topic, d.Probability = append(d.Topic, k), append(d.Probability, random())
		d.Positions = append(d.Positions, report.Point{X: c.X + 0.9*(random()+random()-1), Y: c.Y + 0.9*(random()+random()-1)})
		d.Texts = append(d.Texts, fmt.Sprintf("the text number %d of a document about topic %d and %.6f", i, k, random()))
		d.Times = append(d.Times, time.Date(2015, 1, 1, int(random()*24*3650), 0, 0, 0, time.UTC))
	}
	layer.Labels = d.Topic
	d.Layers = []report.Layer{layer}
	d.Time = &report.OverTime{Every: "month"}
	return d
}

// TestMeasure measures reports of three sizes, where GOBERTOPIC_MEASURE is set, and the page that it
// names, if it is the name of a file, beside them.
func TestMeasure(t *testing.T) {
	other := os.Getenv("GOBERTOPIC_MEASURE")
	if other == "" {
		t.Skip("GOBERTOPIC_MEASURE is not set: nothing is measured")
	}
	for _, webGL := range []bool{true, false} {
		for _, n := range []int{20_000, 100_000, 1_000_000} {
			var page bytes.Buffer
			require.NoError(t, synthetic(n).WriteHTML(t.Context(), &page))
			file := write(t, page.Bytes())
			var ready, frames, filter []float64
			for range 3 {
				p := open(t, file, setup{noWebGL: !webGL})
				ready = append(ready, eval[float64](p, "Number(document.documentElement.dataset.ready)"))
				// A frame for each step of the map, as a reader's hand makes them.
				rate, err := chromedp.Run(p.ctx, chromedp.Evaluate[float64](`new Promise(done => {
					const map = document.getElementById('map'), start = performance.now(), drawn = gobertopicReport.frames.drawn;
					let k = 0;
					const step = () => {
						map.dispatchEvent(new KeyboardEvent('keydown', {key: k++ % 2 ? 'ArrowLeft' : 'ArrowRight'}));
						if (performance.now() - start < 2000) requestAnimationFrame(step);
						else done(1000 * (gobertopicReport.frames.drawn - drawn) / (performance.now() - start));
					};
					step();
				})`, chromedp.EvalAwaitPromise))
				require.NoError(t, err)
				frames = append(frames, rate)
				took, err := chromedp.Run(p.ctx, chromedp.Evaluate[float64](`new Promise(done => setTimeout(() => {
					const input = document.querySelector('#timeline input'), start = performance.now();
					input.value = '2019-05-05';
					input.dispatchEvent(new Event('change'));
					requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
				}, 500))`, chromedp.EvalAwaitPromise))
				require.NoError(t, err)
				filter = append(filter, took)
				require.Less(t, eval[int](p, state+".time.length"), 3)
				p.cancel()
			}
			for _, v := range [][]float64{ready, frames, filter} {
				slices.Sort(v)
			}
			t.Logf("%d documents, WebGL %v: file %.1f MB, ready %.0f ms, %.0f frames a second, time filter %.0f ms", n, webGL, float64(page.Len())/1e6, ready[1], frames[1], filter[1])
		}
	}
	if _, err := os.Stat(other); err != nil {
		return
	}
	p := start(t, setup{})
	began := time.Now()
	p.do(chromedp.Navigate("file://" + other))
	p.waitFor("[...document.querySelectorAll('#loading, .loading')].every(e => getComputedStyle(e).display === 'none') && document.querySelector('canvas') !== null")
	t.Logf("%s: ready %d ms", other, time.Since(began).Milliseconds())
	p.shot("other")
}

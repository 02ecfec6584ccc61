package browsertest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// tab is a page of a browser that is open for a test.
type tab struct {
	t        *testing.T
	ctx      context.Context
	mu       sync.Mutex
	messages []string
	cancel   context.CancelFunc // closes the browser
}

// setup says how a page is opened.
type setup struct {
	width, height int64
	dark, touch   bool
	noWebGL       bool
	hash          string
}

// open opens a report and waits until it is drawn.
func open(t *testing.T, file string, s setup) *tab {
	t.Helper()
	p := start(t, s)
	p.visit(file, s.hash)
	return p
}

func start(t *testing.T, s setup) *tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium on the path: the tests in a browser are skipped")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("hide-scrollbars", false))
	if s.noWebGL {
		options = append(options, chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-3d-apis", true))
	} else {
		options = append(options, chromedp.Flag("disable-gpu", false), chromedp.Flag("use-angle", "swiftshader"), chromedp.Flag("enable-unsafe-swiftshader", true))
	}
	if s.dark {
		options = append(options, chromedp.Flag("blink-settings", "preferredColorScheme=0"))
	}
	ctx, quit := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(quit)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	p := &tab{t: t, ctx: ctx, cancel: quit}
	viewport := []chromedp.EmulateViewportOption{chromedp.EmulateScale(1)}
	if s.touch {
		viewport = append(viewport, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	if s.width == 0 {
		s.width, s.height = 1400, 900
	}
	p.do(chromedp.EmulateViewport(s.width, s.height, viewport...))
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			p.mu.Lock()
			p.messages = append(p.messages, m.String())
			p.mu.Unlock()
		}
	}()
	return p
}

// visit opens a file and waits until its report is drawn.
func (p *tab) visit(file, hash string) {
	p.t.Helper()
	path, err := filepath.Abs(file)
	require.NoError(p.t, err)
	p.do(chromedp.Navigate("file://"+path+hash), chromedp.WaitReady("html[data-ready]"))
	require.NotEqual(p.t, "failed", eval[string](p, "document.documentElement.dataset.ready"), p.messages)
	p.settle()
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p.ctx, steps...))
}

// settle waits until what follows an input is drawn.
func (p *tab) settle() {
	p.t.Helper()
	p.do(chromedp.Sleep(350 * time.Millisecond))
}

// quiet requires that the page wrote nothing to the console.
func (p *tab) quiet() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	require.Empty(p.t, p.messages, "messages on the console")
}

func (p *tab) click(selector string) {
	p.t.Helper()
	place := eval[[]float64](p, `(() => {
		const element = document.querySelector(`+strconv.Quote(selector)+`);
		if (!element) return [];
		element.scrollIntoView({block: "nearest", inline: "nearest"});
		const box = element.getBoundingClientRect();
		return [box.left + box.width / 2, box.top + box.height / 2];
	})()`)
	require.Len(p.t, place, 2, "nothing to click: %s", selector)
	p.do(chromedp.MouseClickXY(place[0], place[1]))
	p.settle()
}

func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	require.NoError(p.t, err, expression)
	return v
}

// waitFor waits until an expression is true.
func (p *tab) waitFor(expression string) {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(20*time.Second)))
	require.NoError(p.t, err, "never true: %s", expression)
}

// shot takes a screenshot, if a directory is named for them.
func (p *tab) shot(name string) {
	p.t.Helper()
	dir := os.Getenv("GOBERTOPIC_SCREENSHOTS")
	if dir == "" {
		return
	}
	image, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	require.NoError(p.t, err)
	require.NoError(p.t, os.MkdirAll(dir, 0o755))
	require.NoError(p.t, os.WriteFile(filepath.Join(dir, name+".png"), image, 0o644))
}

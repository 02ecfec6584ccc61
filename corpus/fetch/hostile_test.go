package fetch

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
)

// A forum whose server is hostile ends the run with an error that says why, soon, in bounded memory, and what was written before
// is whole.
func TestDiscourseHostile(t *testing.T) {
	spaces := bytes.Repeat([]byte(" "), 1<<16)
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		says   string
	}{
		"endless": {func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(spaces); err != nil {
					return
				}
			}
		}, "the answer is larger than 67108864 bytes"},
		"a bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for range 1 << 14 { // 1 GB
				if _, err := z.Write(spaces); err != nil {
					return
				}
			}
			_ = z.Close()
		}, "the answer is larger than 67108864 bytes"},
		"redirects": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, "redirects are not followed"},
		"a length too large": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"topic_list":`)
		}, "unexpected EOF"},
		"no gzip": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, `{"topic_list":{}}`)
		}, "gzip"},
		"cut JSON": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"topic_list":{"topics":[{"id":`)
		}, "ends too early"},
		"a page":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>hello</html>") }, "not JSON"},
		"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
		"many topics": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"topic_list":{"topics":"`+string(spaces)+`"}}`)
		}, "not one of a Discourse forum"},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && (name == "endless" || name == "a bomb") {
				t.Skip("sends 64 MB several times")
			}
			s := serve(t, forum(10))
			s.fail = func(_ int, w http.ResponseWriter, r *http.Request) bool {
				c.answer(w, r)
				return true
			}
			cfg := s.discourse(t)
			cfg.MaxRetries = 1
			var err error
			took := testutil.Allocated(func() { _, err = Discourse(t.Context(), cfg) })
			require.ErrorContains(t, err, c.says)
			require.Less(t, took, uint64(1<<30))
			require.Less(t, len(err.Error()), 2000)
		})
	}
}

// A server that says nothing is given up after the time of a request, and at once when the context ends.
func TestDiscourseSilent(t *testing.T) {
	wait := make(chan struct{})
	defer close(wait)
	s := serve(t, forum(10))
	s.fail = func(_ int, _ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-wait:
		case <-r.Context().Done():
		}
		return true
	}
	cfg := s.discourse(t)
	cfg.MaxRetries, cfg.Timeout = 0, 50*time.Millisecond
	began := time.Now()
	_, err := Discourse(t.Context(), cfg)
	require.ErrorContains(t, err, "no full answer within 50ms")
	require.Less(t, time.Since(began), 5*time.Second)
}

// A directory that cannot be written is found before anything is asked.
func TestDiscourseReadOnly(t *testing.T) {
	s := serve(t, forum(10))
	cfg := s.discourse(t)
	cfg.Out = os.DevNull + "/x"
	_, err := Discourse(t.Context(), cfg)
	require.Error(t, err)
	require.False(t, errors.Is(err, os.ErrNotExist) && len(s.times) > 0)
	require.Empty(t, s.times)
}

package fetch

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzRefuse: no error of a service makes a source panic, wait for less than nothing or for longer than it may.
func FuzzRefuse(f *testing.F) {
	f.Add(400, []byte(`{"error_id":502,"error_name":"throttle_violation","error_message":"too many requests from this IP, more requests available in 71 seconds"}`), "")
	f.Add(429, []byte(`{"errors":["slow down"],"extras":{"wait_seconds":12.5}}`), "")
	f.Add(429, []byte(`{"errors":["slow down"],"extras":{"wait_seconds":1e300}}`), "7")
	f.Add(503, []byte(`<html>`), "Wed, 21 Oct 2099 07:28:00 GMT")
	f.Add(400, []byte(`{"error_id":403}`), "-1")
	f.Fuzz(func(t *testing.T, status int, body []byte, after string) {
		if status < 400 || status > 599 {
			return
		}
		common := DefaultCommon()
		common.Out, common.now = "pages.jsonl", newClock().now
		se, dc := DefaultStackExchange(), DefaultDiscourse()
		se.Common, dc.Common = common, common
		for _, src := range []source{&stackExchange{cfg: se, Page: 1}, &discourse{cfg: dc}} {
			resp := &http.Response{StatusCode: status, Header: http.Header{}}
			if after != "" {
				resp.Header.Set("Retry-After", after)
			}
			repeat, wait, err := src.refuse(resp, body)
			require.GreaterOrEqual(t, wait, time.Duration(0))
			if repeat {
				require.LessOrEqual(t, wait, common.MaxWait)
			}
			if errors.Is(err, ErrLater) {
				require.False(t, repeat)
			}
		}
	})
}

// FuzzState: whatever stands beside and in an output, it is gone on with or is left as it is.
func FuzzState(f *testing.F) {
	query := `{"forum":"f"}`
	f.Add([]byte(`{"version":1,"service":"discourse","query":`+query+`,"pages":1,"bytes":3,"at":{}}`), []byte("{}\n{\"a\":1}\n{"))
	f.Add([]byte(`{"version":1,"service":"discourse","query":`+query+`,"at":[]}`), []byte(""))
	f.Add([]byte(`{"version":1,"service":"discourse","query":`+query+`,"pages":-1}`), []byte("{}\n"))
	f.Add([]byte(`{`), []byte("x"))
	f.Fuzz(func(t *testing.T, text, out []byte) {
		path := filepath.Join(t.TempDir(), "out")
		require.NoError(t, os.WriteFile(path, out, 0o600))
		require.NoError(t, os.WriteFile(StatePath(path), text, 0o600))
		src := &discourse{cfg: DefaultDiscourse()}
		taken := 0
		s, err := openStore(path, state{Version: stateVersion, Service: "discourse", Query: json.RawMessage(query), At: json.RawMessage(`{}`)}, false,
			func(at json.RawMessage) error {
				if err := json.Unmarshal(at, src); err != nil {
					return err
				}
				return src.valid()
			},
			func([]byte) error { taken++; return nil })
		got, read := os.ReadFile(path)
		require.NoError(t, read)
		if err != nil {
			require.Equal(t, string(out), string(got))
			return
		}
		defer func() { _ = s.close() }()
		require.Equal(t, string(out[:s.Bytes]), string(got), "pages are whole and none is changed")
		require.GreaterOrEqual(t, s.Pages, taken)
	})
}

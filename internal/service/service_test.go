package service

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

const secretKey = "sk-test-0123456789abcdef"

// TestSleepTakesItsTime is exact: it runs in a bubble whose clock stands still but for sleepers.
func TestSleepTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		require.NoError(t, Sleep(t.Context(), 90*time.Second))
		require.Equal(t, 90*time.Second, time.Since(start))
		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			time.Sleep(time.Second)
			cancel(stop)
		}()
		require.ErrorIs(t, Sleep(ctx, time.Hour), stop)
		require.Equal(t, 91*time.Second, time.Since(start))
	})
}

// FuzzComplaint: what is quoted of a service is short, one line, valid UTF-8, and without the key.
func FuzzComplaint(f *testing.F) {
	f.Add([]byte(`{"error": {"message": "m", "type": "t", "code": [1]}}`))
	f.Add([]byte(`{"error": "` + secretKey + `"}`))
	f.Add([]byte(`{"detail": {"a": null}}`))
	f.Add([]byte("<html><title></title><title>" + secretKey))
	f.Add([]byte("<html></title><title>"))
	f.Add([]byte("<html>\xff\u0130<title>\u0130</title>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := &Client{Key: Key(secretKey)}
		m, kind, code := c.Complaint(body)
		for _, s := range []string{m, kind, code} {
			require.LessOrEqual(t, len(s), MaxMessage+50)
			require.True(t, utf8.ValidString(s))
			require.NotContains(t, s, secretKey)
			require.NotContains(t, s, "\n")
		}
	})
}

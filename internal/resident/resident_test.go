package resident

import (
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// The peak is at least what has been in use at once, and does not fall when it is given back.
func TestMB(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		require.Zero(t, NowMB())
		require.Zero(t, PeakMB())
		return
	}
	block := make([]byte, 64<<20)
	for i := range block {
		block[i] = byte(i)
	}
	require.Greater(t, NowMB(), float64(len(block))/1e6)
	held := PeakMB()
	require.Greater(t, held, float64(len(block))/1e6)
	runtime.KeepAlive(block)
	require.GreaterOrEqual(t, PeakMB(), held)
}

//go:build amd64 && !purego

package simd

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
)

// TestRequestTiles: the system call has the numbers of the kernel's interface, and an error means
// no.
func TestRequestTiles(t *testing.T) {
	for _, errno := range []syscall.Errno{0, syscall.EPERM, syscall.EINVAL, syscall.ENOSYS, syscall.EOPNOTSUPP, syscall.ENOSPC} {
		calls := 0
		got := requestTiles(func(trap, a1, a2, _ uintptr) (r1, r2 uintptr, err syscall.Errno) {
			calls++
			require.Equal(t, [3]uintptr{158, 0x1023, 18}, [3]uintptr{trap, a1, a2})
			return 0, 0, errno
		})
		require.Equal(t, errno == 0, got, errno)
		require.Equal(t, 1, calls)
	}
}

// TestTilesAreGranted: where the level is offered, the kernel says that the registers may be used,
// and asking again does no harm.
func TestTilesAreGranted(t *testing.T) {
	if !slices.Contains(Levels(), AMX) {
		t.Skip("no AMX here")
	}
	for range 2 {
		require.True(t, requestTiles(syscall.RawSyscall))
		var granted uint64
		_, _, errno := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, 0x1022, uintptr(unsafe.Pointer(&granted)), 0)
		require.Zero(t, errno)
		require.Equal(t, uint64(3<<17), granted&(3<<17), "%x", granted)
	}
}

// TestTilesRefused: in a process that may not use the tile registers the best level is the next
// one, and AMX cannot be forced.
func TestTilesRefused(t *testing.T) {
	const name = "GOBERTOPIC_TEST_REFUSE_TILES"
	if os.Getenv(name) == "" {
		if !slices.Contains(Levels(), AMX) {
			t.Skip("no AMX here")
		}
		self, err := os.Executable()
		require.NoError(t, err)
		cmd := exec.Command(self, "-test.run=^TestTilesRefused$", "-test.v")
		cmd.Env = append(os.Environ(), name+"=1", Env+"=amx")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		t.Logf("%s", out)
		return
	}
	if err := refuse(syscall.SYS_ARCH_PRCTL, 0x1023); err != nil {
		t.Skipf("no seccomp here: %v", err)
	}
	require.Equal(t, AVX512VNNI, Levels()[len(Levels())-1])
	require.Equal(t, AVX512VNNI, Default())
	require.ErrorContains(t, Forced(), `simd level "amx" is not available here`)
	_, err := For(AMX)
	require.Error(t, err)
}

// refuse makes a system call with a first argument fail with EPERM from now on, in all threads.
func refuse(call, first uint32) error {
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0},                    // the number of the call
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: call, Jf: 3},         //
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 16},                   // the first argument, lower half
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: first, Jf: 1},        //
		{Code: unix.BPF_RET | unix.BPF_K, K: 0x00050000 | uint32(syscall.EPERM)}, // SECCOMP_RET_ERRNO
		{Code: unix.BPF_RET | unix.BPF_K, K: 0x7fff0000},                         // SECCOMP_RET_ALLOW
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	p := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	if _, _, errno := syscall.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&p))); errno != 0 {
		return errno
	}
	return nil
}

// TestTilesUnderStress: many goroutines at once, garbage collections and signals in the midst of
// products change nothing.
func TestTilesUnderStress(t *testing.T) {
	if !slices.Contains(Levels(), AMX) {
		t.Skip("no AMX here")
	}
	r := rng.New(42)
	const rows, cols, depth = 75, 160, 384
	a := matrix(&r, rows, depth, 0, 0)
	w, scale, bias := bytesAt(&r, cols*depth), floats(&r, cols, 0.01), floats(&r, cols, 1)
	want := bits(tiled(kernels(t, PureGo), a, cols, w, scale, bias))
	k := kernels(t, AMX)
	p := k.PackInt8(cols, depth, w, scale)
	text := func() (dst, q, keys, values blas32.General) {
		own := rng.New(45)
		dst = blas32.General{Rows: rows, Cols: 64, Stride: 64, Data: make([]float32, rows*64)}
		return dst, matrix(&own, rows, 64, 0, 0), matrix(&own, rows, 64, 0, 0), matrix(&own, rows, 64, 0, 0)
	}
	dst, queries, keys, values := text()
	kernels(t, PureGo).Attend(dst, queries, keys, values, 32, 0.2, new(Attention))
	mixed := bits(dst.Data)
	length := 2 * time.Second
	if testing.Short() {
		length = 300 * time.Millisecond
	}
	stop := make(chan struct{})
	var wg, side sync.WaitGroup
	side.Go(func() { shower(stop) })
	side.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	})
	end := time.Now().Add(length)
	wrong := make([]string, 16)
	for g := range wrong {
		wg.Go(func() {
			for n := 0; time.Now().Before(end); n++ {
				var q Quantised // new memory each time, for the collector
				k.Quantise(&q, a)
				c := blas32.General{Rows: rows, Cols: cols, Stride: cols + 3, Data: make([]float32, rows*(cols+3))}
				fill(c.Data, 7)
				k.MulInt8(c, &q, p, bias)
				if !slices.Equal(want, bits(c.Data)) {
					wrong[g] = fmt.Sprint("product ", n)
					return
				}
				dst, queries, keys, values := text()
				k.Attend(dst, queries, keys, values, 32, 0.2, new(Attention))
				if !slices.Equal(mixed, bits(dst.Data)) {
					wrong[g] = fmt.Sprint("attention ", n)
					return
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	side.Wait()
	require.Equal(t, make([]string, len(wrong)), wrong)
}

// shower sends a signal to the process every 50 µs until stop is closed, which interrupts whatever
// thread the kernel picks, in the midst of a product too.
func shower(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
			_ = syscall.Kill(os.Getpid(), syscall.SIGURG)
			time.Sleep(50 * time.Microsecond)
		}
	}
}

//go:build amd64 && !purego

package simd

import (
	"sync"
	"syscall"
)

// tilesPermitted asks the kernel, once a process, for the use of the tile registers, and tells
// whether it was given. It then holds for all threads, those that exist included. It may be
// refused: by a kernel before 5.16, by a seccomp filter, or because a thread has an alternate
// signal stack that is too small for the registers.
var tilesPermitted = sync.OnceValue(func() bool { return requestTiles(syscall.RawSyscall) })

// requestTiles makes the request by a system call; see Documentation/arch/x86/xstate.rst of the
// kernel.
func requestTiles(call func(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err syscall.Errno)) bool {
	const (
		permission = 0x1023 // ARCH_REQ_XCOMP_PERM
		tileData   = 18     // the number of the state component
	)
	_, _, err := call(syscall.SYS_ARCH_PRCTL, permission, tileData, 0)
	return err == 0
}

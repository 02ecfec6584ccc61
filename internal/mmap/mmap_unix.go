//go:build unix

package mmap

import (
	"os"

	"golang.org/x/sys/unix"
)

func mapFile(f *os.File, size int) (b []byte, err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	mapped := conn.Control(func(fd uintptr) {
		b, err = unix.Mmap(int(fd), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	})
	if mapped != nil {
		return nil, mapped
	}
	return b, err
}

func unmapFile(b []byte) error { return unix.Munmap(b) }

package mmap

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

func mapFile(f *os.File, size int) (b []byte, err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	mapped := conn.Control(func(fd uintptr) {
		var h windows.Handle
		h, err = windows.CreateFileMapping(windows.Handle(fd), nil, windows.PAGE_READONLY, 0, 0, nil)
		if err != nil {
			return
		}
		// The view keeps the mapping open.
		defer func() { _ = windows.CloseHandle(h) }()
		var at uintptr
		if at, err = windows.MapViewOfFile(h, windows.FILE_MAP_READ, 0, 0, uintptr(size)); err == nil {
			// The address is no Go memory; this form of the conversion says so to go vet.
			b = unsafe.Slice(*(**byte)(unsafe.Pointer(&at)), size)
		}
	})
	if mapped != nil {
		return nil, mapped
	}
	return b, err
}

func unmapFile(b []byte) error {
	return windows.UnmapViewOfFile(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
}

//go:build unix

package store

import "golang.org/x/sys/unix"

const nonblock = unix.O_NONBLOCK

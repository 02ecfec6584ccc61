//go:build !unix

package testpostgres

import "syscall"

// user says that the user of the test may run a server.
func user(string) (*syscall.SysProcAttr, error) { return nil, nil }

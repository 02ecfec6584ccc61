package store

import (
	"errors"

	"golang.org/x/sys/windows"
)

// busy reports that a file could not be opened or renamed because another process has it open or is
// replacing it.
func busy(err error) bool {
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION) ||
		errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}

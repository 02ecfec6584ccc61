package service

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// Secret is a text that no printed form shows. Its zero value is unset.
type Secret struct {
	text *string // behind a pointer, so that package fmt does not find it in somebody's unexported field either
}

// Key is a secret with a text. White space around it is removed.
func Key(text string) Secret {
	text = strings.TrimSpace(text)
	return Secret{&text}
}

// Or is s, or the secret of an environment variable when s is unset.
func (s Secret) Or(variable string) Secret {
	if s.text == nil {
		return Key(os.Getenv(variable))
	}
	return s
}

// Printable tells whether the secret is unset, empty or of printable ASCII without spaces, as a header needs it.
func (s Secret) Printable() bool {
	text := s.reveal()
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

func (s Secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Format writes what String returns, for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// String tells whether the secret is set, and no more.
func (s Secret) String() string {
	switch {
	case s.text == nil:
		return "unset"
	case *s.text == "":
		return "empty"
	}
	return "hidden"
}

// MarshalText is String, for JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

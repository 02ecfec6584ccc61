package clean

import "github.com/gobertopic/gobertopic/ctfidf/language"

// Languages are the names that Language gives, sorted.
func Languages() []string { return language.Names() }

// Language is the language that most of a text's sentences are in, as language.Of tells it.
func Language(text string) string { return language.Of(text) }

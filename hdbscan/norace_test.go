//go:build !race

package hdbscan

const less = 1

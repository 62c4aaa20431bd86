package run

import (
	"maps"
	"slices"
)

// sortedKeys returns the keys of m in order: map order would leak into events, files and messages.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

package planner

import (
	"maps"
	"slices"
)

// sortedKeys returns the keys of m in order: map order would leak into graphs.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

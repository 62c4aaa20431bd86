// Package lintcache keeps what a linter found in plans, and knows when that still holds: when nothing that was looked at on
// the way would look different now. It does not lint.
//
// Read look.go (what was looked at), then cache.go (where results are kept), then result.go (how they are written).
package lintcache

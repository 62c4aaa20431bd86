package plan

import (
	"io/fs"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/syntax"
)

// Options says what Decode may look at. The zero value looks at nothing.
type Options struct {
	// Stat looks at a path relative to the folder of the plan. It decides whether the string form of a step is a
	// file of the package or a command. Without it no file exists.
	Stat func(path string) (fs.FileInfo, error)
}

// Decode reads f through Fields. It returns a plan even if f has errors: what could not be decoded keeps its zero
// value and is named in a finding.
func Decode(f *syntax.File, opts Options) (*Plan, diag.List) {
	return &Plan{File: f}, nil
}

// Package script reads the scripts that plans run: which variables of Escape they use, which outputs they write, and for
// shell scripts the syntax tree. It does not know plans (see lang/check, which compares both) and runs nothing.
package script

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"escape.build/escape/lang/source"
)

// A Script is what can be seen of a script.
type Script struct {
	File *source.File
	// Shell is the tree of a shell script; nil for other languages and for one that cannot be parsed.
	Shell *syntax.File
}

// Parse reads f.
func Parse(f *source.File) *Script {
	s := &Script{File: f}
	s.Shell, _ = syntax.NewParser(syntax.KeepComments(true)).Parse(strings.NewReader(f.Text()), f.Name())
	return s
}

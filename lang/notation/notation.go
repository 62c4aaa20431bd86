// Package notation reads a document in the notation that the name of its file says. The front ends do the work: see
// lang/yamlfile and lang/hclfile.
package notation

import (
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile"
)

// Parse reads f: HCL if its name ends in ".hcl", else YAML. There is always a tree, of what could be read.
func Parse(f *source.File) (*syntax.File, diag.List) {
	if syntax.NotationOf(f.Name()) == syntax.HCL {
		return hclfile.Parse(f)
	}
	return yamlfile.Parse(f)
}

// Edit does what Parse does for f, which is the text of old but for change. As far as it can it reads only what stands around
// that.
func Edit(f *source.File, old *syntax.File, change source.Change) (*syntax.File, diag.List) {
	switch {
	case old.Notation != syntax.NotationOf(f.Name()):
	case old.Notation == syntax.HCL:
		if tree, findings, ok := hclfile.Edit(f, old, change); ok {
			return tree, findings
		}
	default:
		if tree, ok := yamlfile.Edit(f, old, change); ok {
			return tree, nil
		}
	}
	return Parse(f)
}

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

// Edit reads f, which is the text of old but for change, and reads only what stands around that. The tree is that of Parse,
// which finds nothing wrong; false if Parse has to be asked.
func Edit(f *source.File, old *syntax.File, change source.Change) (*syntax.File, bool) {
	if old.Notation != syntax.NotationOf(f.Name()) {
		return nil, false
	}
	if old.Notation == syntax.HCL {
		return hclfile.Edit(f, old, change)
	}
	return yamlfile.Edit(f, old, change)
}

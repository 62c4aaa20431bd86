// Package convert writes a plan in the other notation. Meaning and comments stay: the result decodes to the same plan, which
// is checked before it is given out, and holds each comment once.
//
// What does not stay: anchors, aliases and merge keys of YAML are written out where they are used; how texts and lists are
// quoted and laid out; the spelling of a number that HCL cannot spell, such as 0x1f; where a comment stands if the other
// notation has no such place: behind a value of several lines, or inside of one. It then stands above.
//
// Line ends stay what they are, and fields in their order. A list of entries becomes blocks; a list of words stays a list.
// Expressions become those of HCL where that gives back exactly the same Escape Script; others stand in script("...").
//
// Read convert.go (what comes out), then tohcl.go and value.go (writing HCL), native.go (expressions), toyaml.go (writing
// YAML), comments.go, and meaning.go (the law).
package convert

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/notation"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// An Error says why a plan that can be read cannot be written in another notation.
type Error struct {
	File   *source.File
	Span   source.Span
	Reason string
	Hint   string // what to do about it; may be empty
}

func (e *Error) Error() string { return e.Reason }

// To returns the text of the plan f in notation to. A plan that is in it already comes back as it is. Findings are those of
// reading f; if they hold errors, the text is empty. The error is an *Error.
func To(f *source.File, to syntax.Notation) (string, diag.List, error) {
	from := syntax.NotationOf(f.Name())
	tree, p, findings := read(f)
	if findings.HasErrors() {
		return "", findings, nil
	}
	if from == to {
		return f.Text(), findings, nil
	}
	if err := cmp.Or(oneDocument(tree), knownBlocks(tree.Root, unplaced(findings))); err != nil {
		return "", findings, err
	}
	var text string
	var err error
	name := "escape.yml"
	if to == syntax.HCL {
		name = "escape.hcl"
		text, err = writeHCL(tree, p)
	} else {
		text, err = writeYAML(tree, p)
	}
	if err != nil {
		return "", findings, err
	}
	if n := strings.Count(f.Text(), "\n"); n > 0 && n == strings.Count(f.Text(), "\r\n") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if err := same(p, source.NewFile(name, text)); err != nil {
		return "", findings, &Error{File: f, Reason: fmt.Sprintf("this plan cannot be written in %s: %s", to, err)}
	}
	return text, findings, nil
}

// read parses and decodes a plan.
func read(f *source.File) (*syntax.File, *plan.Plan, diag.List) {
	tree, findings := notation.Parse(f)
	p, more := plan.Decode(tree, plan.Options{Partial: findings.HasErrors()})
	return tree, p, append(findings, more...).Sort()
}

// unplaced are the findings about names that no table knows, by where these stand.
func unplaced(findings diag.List) map[source.Span]*diag.Diagnostic {
	at := map[source.Span]*diag.Diagnostic{}
	for i := range findings {
		if d := &findings[i]; d.Code == diag.UnknownField || d.Code == diag.UnknownEntryKey {
			at[d.Span] = d
		}
	}
	return at
}

// knownBlocks refuses a block that belongs to no field: an attribute has a place in YAML whatever its name is, a block has none.
// Nor have keys in a block of an extension, which is a text there.
func knownBlocks(n syntax.Node, unplaced map[source.Span]*diag.Diagnostic) error {
	m, ok := n.(*syntax.Mapping)
	if !ok {
		return nil
	}
	for i := range m.Entries {
		e := &m.Entries[i]
		if !e.Block {
			continue
		}
		d := unplaced[e.Key.Pos]
		if body, ok := e.Value.(*syntax.Mapping); ok && d == nil && e.Key.Text == "extends" {
			for j := 0; j < len(body.Entries) && d == nil; j++ {
				d = unplaced[body.Entries[j].Key.Pos]
			}
		}
		if d != nil {
			return &Error{File: d.File, Span: d.Span, Reason: d.Message, Hint: "it cannot be written in YAML: rename or remove it"}
		}
		if err := knownBlocks(e.Value, unplaced); err != nil {
			return err
		}
	}
	return nil
}

// variables yields the inputs and outputs of a plan and of its errands.
func variables(p *plan.Plan) iter.Seq[*plan.Variable] {
	return func(yield func(*plan.Variable) bool) {
		lists := [][]*plan.Variable{p.Inputs, p.BuildInputs, p.DeployInputs, p.Outputs, p.BuildOutputs, p.DeployOutputs}
		for _, e := range p.Errands {
			lists = append(lists, e.Inputs)
		}
		for _, v := range slices.Concat(lists...) {
			if !yield(v) {
				return
			}
		}
	}
}

// oneDocument refuses what stands behind the first document, which would be lost.
func oneDocument(tree *syntax.File) error {
	f := tree.Source
	if int(tree.End) >= len(f.Text()) {
		return nil
	}
	for n := f.LineOf(int(tree.End)); n <= f.LineCount(); n++ {
		span := f.Line(n)
		if !isBlank(strings.TrimLeft(f.Slice(span), "-.")) {
			return &Error{File: f, Span: span, Reason: "another document begins here; a file holds one plan", Hint: "write it to a file of its own"}
		}
	}
	return nil
}

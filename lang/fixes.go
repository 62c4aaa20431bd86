package lang

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/kept"
	"escape.build/escape/lang/notation"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// maxTried is how many bytes of a plan are read again to try its fixes. What is left then is offered without a try.
const maxTried = 1 << 20

// tryFixes drops those fixes of a plan in HCL that do not help: after which the text cannot be read, or the finding is still
// there. Fixes are computed without regard to the notation of the plan; this makes sure that none of them writes YAML. Only
// the attributes and blocks of the top level that a fix changes are read again.
func tryFixes(tree *syntax.File, findings diag.List, tries *kept.Map[try, found]) {
	root, ok := tree.Root.(*syntax.Mapping)
	if tree.Notation != syntax.HCL || !ok {
		return
	}
	left := maxTried
	for i := range findings {
		d := &findings[i]
		kept := d.Fixes[:0:0]
		for _, fix := range d.Fixes {
			if d.Edited(&fix) != tree.Source {
				kept = append(kept, fix)
				continue
			}
			part := touched(tree.Source, root, fix.Edits)
			if left -= 2 * part.Len(); left < 0 || helps(tree.Source, part, *d, fix, tries) {
				kept = append(kept, fix)
			}
		}
		d.Fixes = kept
	}
}

// touched returns the lines of the entries of root that edits change.
func touched(f *source.File, root *syntax.Mapping, edits []source.Edit) source.Span {
	whole := source.Span{}
	for i, e := range edits {
		if i == 0 {
			whole = e.Span
		}
		whole = source.Span{Start: min(whole.Start, e.Span.Start), End: max(whole.End, e.Span.End)}
	}
	for i := range root.Entries {
		if span := root.Entries[i].Span(); span.Start <= whole.End && whole.Start <= span.End {
			whole = source.Span{Start: min(whole.Start, span.Start), End: max(whole.End, span.End)}
		}
	}
	return source.Span{Start: f.Line(f.LineOf(int(whole.Start))).Start, End: f.Line(f.LineOf(int(whole.End))).End}
}

// helps reports whether a part of a text is no worse after a fix, and the finding d gone, if it shows in that part alone.
func helps(f *source.File, part source.Span, d diag.Diagnostic, fix diag.Fix, tries *kept.Map[try, found]) bool {
	text := f.Slice(part)
	edits := make([]source.Edit, len(fix.Edits))
	for i, e := range fix.Edits {
		edits[i] = source.Edit{Span: e.Span.Shift(-int(part.Start)), New: e.New}
	}
	fixed, err := source.Apply(text, edits)
	if err != nil {
		return false
	}
	before := try{f.Name(), text, d.Code, d.Message, d.File.Slice(d.Span)}.found(tries)
	after := try{f.Name(), fixed, d.Code, d.Message, d.File.Slice(d.Span)}.found(tries)
	return after.mistakes <= before.mistakes && (before.same == 0 || after.same < before.same)
}

// A try is a text in which a finding is looked for, which says something of some words.
type try struct {
	name, text     string
	code           *diag.Entry
	message, words string
}

// A found says how many mistakes are in the text of a try, and how often the finding.
type found struct{ mistakes, same int }

func (t try) found(tries *kept.Map[try, found]) (f found) {
	if f, ok := tries.Get(t); ok {
		return f
	}
	tree, findings := notation.Parse(source.NewFile(t.name, strings.TrimPrefix(t.text, source.BOM)+"\n"))
	_, more := plan.Decode(tree, plan.Options{})
	for _, x := range append(findings, more...) {
		if x.Severity == diag.Error {
			f.mistakes++
		}
		if x.Code == t.code && x.Message == t.message && x.File.Slice(x.Span) == t.words {
			f.same++
		}
	}
	t.text, t.words = strings.Clone(t.text), strings.Clone(t.words) // not all of the plan
	tries.Put(t, f)
	return f
}

// Package outline says how a plan is built: what stands in it, what can be folded, and what a selection grows to. It looks at
// the text only, so that it also says so of plans that are broken.
//
// Read symbols.go, folds.go and selection.go, which are independent of each other.
package outline

import (
	"slices"
	"strings"
	"unicode/utf8"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A Symbol is something that stands in a plan.
type Symbol struct {
	Name   string // never empty
	Detail string
	Kind   Kind
	// Span is all of it, and NameSpan, which lies within, is where its name stands.
	Span, NameSpan source.Span
	Deprecated     bool
	Children       []Symbol
}

// A Kind says what a Symbol is.
type Kind uint8

// The kinds of symbols.
const (
	Package Kind = iota
	Group        // a field with several elements
	Value        // a field with one
	Input        // of the release, or of an errand
	Output
	Dependency
	Extension
	Consumer
	Provider // an interface that is provided
	Fact     // an entry of metadata
	Step
	Errand
	File // a template or a download
)

// kinds are the kinds of the elements of a field.
var kinds = map[plan.Shape]Kind{
	plan.ShapeExtensions: Extension, plan.ShapeDependencies: Dependency, plan.ShapeConsumers: Consumer, plan.ShapeErrands: Errand,
	plan.ShapeDownloads: File, plan.ShapeTemplates: File, plan.ShapePairs: Fact, plan.ShapeStep: Step,
}

func kindOf(row *plan.Field) Kind {
	switch {
	case row.Shape == plan.ShapeVariables && strings.HasSuffix(row.Name, "outputs"):
		return Output
	case row.Shape == plan.ShapeVariables:
		return Input
	case row.Shape == plan.ShapeTexts:
		return Provider
	}
	return kinds[row.Shape]
}

// maxSymbols is how many symbols may have details and may be anything: editors draw all of them after each change.
const maxSymbols = 1_400

// Symbols returns what stands in a plan, in the order of the text. Of a very large plan the details are left out, and what is
// least worth a way there: entries of metadata, templates and downloads. If there is still too much, elements that follow each
// other are one symbol with all their names.
func Symbols(f *syntax.File) []Symbol {
	root, ok := f.Root.(*syntax.Mapping)
	if !ok {
		return nil
	}
	o := outliner{f: f}
	var out []Symbol
	for i := range root.Entries {
		e := &root.Entries[i]
		if e.Block {
			if row, _, ok := plan.LookupBlock(e.Key.Text); ok {
				out = append(out, o.block(row, e)...)
			}
		} else if row, _, ok := plan.Lookup(e.Key.Text); ok {
			out = append(out, o.field(row, e)...)
		}
	}
	if count(out) > maxSymbols {
		out = thin(out)
	}
	if n := count(out); n > maxSymbols {
		out = together(out, (n+maxSymbols-1)/maxSymbols)
	}
	return out
}

func count(list []Symbol) int {
	n := len(list)
	for i := range list {
		n += count(list[i].Children)
	}
	return n
}

// thin leaves out what a very large plan has too much of.
func thin(list []Symbol) []Symbol {
	out := list[:0]
	for _, s := range list {
		if s.Kind != Fact && s.Kind != File {
			s.Detail, s.Children = "", thin(s.Children)
			out = append(out, s)
		}
	}
	return out
}

// together makes one symbol of up to n elements of one kind that follow each other.
func together(list []Symbol, n int) []Symbol {
	out := make([]Symbol, 0, len(list)/n+1)
	for len(list) > 0 {
		k := 1
		switch first := &list[0]; first.Kind {
		case Group:
			first.Children = together(first.Children, n)
		case Package, Value, Step:
		default:
			for k < min(n, len(list)) && list[k].Kind == first.Kind {
				k++
			}
		}
		out = append(out, one(list[:k]))
		list = list[k:]
	}
	return out
}

// one is a symbol for all of a list. It has all their names, by which editors look for symbols.
func one(list []Symbol) Symbol {
	if len(list) == 1 {
		return list[0]
	}
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.Name
	}
	s := list[0]
	s.Name, s.Span = strings.Join(names, ", "), s.Span.To(list[len(list)-1].Span)
	s.Deprecated, s.Children = false, nil
	return s
}

type outliner struct{ f *syntax.File }

// maxDetail is how many bytes of a text are shown beside a name.
const maxDetail = 60

// oneLine is a text as it is shown beside a name.
func oneLine(s string) string {
	s, _, more := strings.Cut(strings.TrimSpace(s), "\n")
	s = strings.TrimSpace(s)
	if len(s) > maxDetail {
		end := maxDetail
		for !utf8.RuneStart(s[end]) {
			end--
		}
		s, more = strings.TrimSpace(s[:end]), true
	}
	if more {
		s += " …"
	}
	return s
}

// follow returns what an alias stands for; nil for one that stands for another.
func follow(n syntax.Node) syntax.Node {
	a, ok := n.(*syntax.Alias)
	if !ok {
		return n
	}
	if _, again := a.Target.(*syntax.Alias); again {
		return nil
	}
	return a.Target
}

// textOf is the text of a scalar; of an expression of HCL it is what is written.
func (o *outliner) textOf(n syntax.Node) string {
	s, ok := follow(n).(*syntax.Scalar)
	switch {
	case !ok || s.Kind == syntax.Null:
		return ""
	case s.Style == syntax.Native:
		return o.f.Source.Slice(s.Pos)
	}
	return strings.TrimSpace(s.Text)
}

// symbol returns a symbol with a name that stands at a place of it; none without a name.
func (o *outliner) symbol(k Kind, name, detail string, at syntax.Node, span source.Span) []Symbol {
	if name = oneLine(name); name == "" {
		return nil
	}
	s := Symbol{Name: name, Detail: oneLine(detail), Kind: k, Span: span, NameSpan: at.Span()}
	if sc, ok := at.(*syntax.Scalar); ok && sc.Text != "" {
		s.NameSpan = sc.Source(source.Span{End: int32(len(sc.Text))})
	}
	if !span.Encloses(s.NameSpan) {
		s.NameSpan = span // the name stands elsewhere, behind an alias
	}
	return []Symbol{s}
}

func (o *outliner) field(row *plan.Field, e *syntax.Entry) []Symbol {
	switch row.Shape {
	case plan.ShapeText, plan.ShapeScript:
		if row.Name == "name" {
			return o.symbol(Package, o.textOf(e.Value), "", e.Value, e.Span())
		}
		return o.symbol(Value, row.Name, o.textOf(e.Value), e.Key, e.Span())
	case plan.ShapeStep:
		return o.symbol(Step, row.Name, o.run(e.Value), e.Key, e.Span())
	}
	if row.Shape == plan.ShapeTexts && row.Name != "provides" {
		return o.symbol(Value, row.Name, "", e.Key, e.Span())
	}
	group := o.symbol(Group, row.Name, "", e.Key, e.Span())
	if len(group) > 0 {
		group[0].Children = o.elements(row, e.Value)
	}
	return group
}

// run says what a step runs.
func (o *outliner) run(n syntax.Node) string {
	m, ok := n.(*syntax.Mapping)
	if !ok {
		return o.textOf(n)
	}
	for _, key := range []string{"cmd", "script", "inline"} {
		if text := o.textOf(value(m, key)); text != "" {
			return text
		}
	}
	return ""
}

// value returns the value of a key; nil if there is none.
func value(m *syntax.Mapping, key string) syntax.Node {
	if i := slices.IndexFunc(m.Entries, func(e syntax.Entry) bool { return e.Key.Text == key }); i >= 0 {
		return m.Entries[i].Value
	}
	return nil
}

// elements returns the elements of a field.
func (o *outliner) elements(row *plan.Field, n syntax.Node) []Symbol {
	var out []Symbol
	switch n := n.(type) {
	case *syntax.Sequence:
		for i := range n.Items {
			out = append(out, o.element(row, n.Items[i].Value)...)
		}
	case *syntax.Mapping:
		for i := range n.Entries {
			out = append(out, o.named(row, &n.Entries[i])...)
		}
	}
	return out
}

// named returns an element that the key of its entry names: an errand, or a pair.
func (o *outliner) named(row *plan.Field, e *syntax.Entry) []Symbol {
	k, detail := kindOf(row), o.textOf(e.Value)
	if k != Errand {
		return o.symbol(k, e.Key.Text, detail, e.Key, e.Span())
	}
	s := o.symbol(k, e.Key.Text, "", e.Key, e.Span())
	if m, ok := e.Value.(*syntax.Mapping); ok && len(s) > 0 {
		o.errand(&s[0], m)
	}
	return s
}

// errand adds what the keys of an errand say.
func (o *outliner) errand(s *Symbol, m *syntax.Mapping) {
	inputs, _, _ := plan.Lookup("inputs") // those of errands are like them
	for i := range m.Entries {
		switch e := &m.Entries[i]; {
		case e.Key.Text == "inputs":
			s.Children = append(s.Children, o.elements(inputs, e.Value)...)
		case e.Block && e.Key.Text == "input" && len(e.Labels) > 0:
			s.Children = append(s.Children, o.labelled(inputs, e)...)
		case e.Key.Text == "script":
			s.Deprecated = true
		case e.Key.Text == "run":
			s.Detail = oneLine(o.run(e.Value))
		}
	}
}

// element returns an element of a list.
func (o *outliner) element(row *plan.Field, n syntax.Node) []Symbol {
	switch v := n.(type) {
	case *syntax.Scalar:
		return o.symbol(kindOf(row), v.Text, "", v, v.Pos)
	case *syntax.Alias:
		if list := o.element(row, follow(v)); len(list) > 0 {
			return o.symbol(kindOf(row), list[0].Name, list[0].Detail, v, v.Pos)
		}
	case *syntax.Mapping:
		head := row.Shorthand
		if head == "" {
			head = row.Label
		}
		at := value(v, head)
		return o.symbol(kindOf(row), o.textOf(at), o.detail(v), at, v.Pos)
	}
	return nil
}

// detail is what is shown beside the name of an element.
func (o *outliner) detail(m *syntax.Mapping) string {
	for _, key := range [...]string{"type", "as", "variable", "target", "dest"} {
		if s := o.textOf(value(m, key)); s != "" {
			return s
		}
	}
	return ""
}

// block returns a block of HCL.
func (o *outliner) block(row *plan.Field, e *syntax.Entry) []Symbol {
	switch row.Shape {
	case plan.ShapeStep:
		return o.symbol(Step, row.Name, o.run(e.Value), e.Key, e.Span())
	case plan.ShapePairs:
		return o.field(row, e)
	}
	if len(e.Labels) == 0 {
		return nil
	}
	return o.labelled(row, e)
}

// labelled returns a block with a label, which is its name.
func (o *outliner) labelled(row *plan.Field, e *syntax.Entry) []Symbol {
	m, _ := e.Value.(*syntax.Mapping)
	s := o.symbol(kindOf(row), e.Labels[0].Text, "", e.Labels[0], e.Span())
	switch {
	case m == nil || len(s) == 0:
	case kindOf(row) == Errand:
		o.errand(&s[0], m)
	default:
		s[0].Detail = oneLine(o.detail(m))
	}
	return s
}

package action

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lsp/internal/cache"
)

// mapping gives a dependency values for the inputs that it needs and does not get: inputs of the plan with the same names, or
// ones that are to be written.
func mapping(p place) []Action {
	for _, d := range p.an.Plan.Depends {
		if d == nil || d.Node == nil || !p.inEntry(d.Node) {
			continue
		}
		m := p.an.Deps[d.Alias()]
		if m == nil {
			return nil
		}
		given := map[string]bool{}
		for _, list := range [][]plan.ValuePair{d.Mapping, d.BuildMapping, d.DeployMapping} {
			for _, pair := range list {
				given[pair.Key.Value] = true
			}
		}
		var pairs []keyed
		var names []string
		for _, v := range m.Inputs {
			if v.Default != nil || given[v.ID] || strings.HasPrefix(v.ID, "PREVIOUS_") {
				continue
			}
			value := `""`
			if _, ok := inputOf(p.an.Plan, v.ID); ok {
				value = p.an.Plan.Spelled("$this.inputs."+v.ID, "this.inputs."+v.ID)
			}
			pairs, names = append(pairs, keyed{v.ID, value}), append(names, v.ID)
		}
		if len(pairs) == 0 {
			return nil
		}
		edits, ok := addPair(p.an, d.Node, d.Short, "release_id", d.Spec.Value, "mapping", pairs...)
		if !ok {
			return nil
		}
		return []Action{{
			Title: "Map the inputs that " + edit.Quoted(d.Alias()) + " needs: " + strings.Join(names, ", "), Kind: Rewrite, Changes: one(p.an.Source, edits...),
		}}
	}
	return nil
}

// inEntry reports whether the place lies in an entry of the plan, or in the block that it is written as.
func (p place) inEntry(n syntax.Node) bool {
	if block := blockOf(p.an.Syntax, n); block != nil {
		return block.Span().Encloses(p.span)
	}
	return p.in(n)
}

// assigns is what stands between a key and its value.
func assigns(n syntax.Notation) string {
	if n == syntax.HCL {
		return " = "
	}
	return ": "
}

// addPair adds pairs to the mapping called field of an entry; false if that is better left to people. An entry that is a text
// becomes a mapping, in which main is the key of that text.
func addPair(an *cache.Analyzed, node syntax.Node, short bool, main, text, field string, pairs ...keyed) ([]source.Edit, bool) {
	tree := an.Syntax
	if block := blockOf(tree, node); block != nil {
		node, short = block.Value, false
	}
	if short {
		return lengthen(tree, node, main, text, field, pairs)
	}
	m, ok := node.(*syntax.Mapping)
	if !ok || m.Flow && tree.Notation == syntax.YAML {
		return nil, false
	}
	if _, e := edit.Entry(m, field); e != nil {
		return extend(tree, e, pairs)
	}
	if len(m.Entries) == 0 {
		return fill(tree, m, written(tree.Notation, "  ", field, pairs))
	}
	last := &m.Entries[len(m.Entries)-1]
	indent := indentOf(tree.Source, m.Entries[0].Key.Pos.Start)
	return []source.Edit{below(tree.Source, last.Span(), written(tree.Notation, indent, field, pairs))}, true
}

// fill writes lines to a block of HCL that is empty; false if there is more in it than blanks.
func fill(tree *syntax.File, m *syntax.Mapping, lines string) ([]source.Edit, bool) {
	text := tree.Source.Slice(m.Pos)
	if tree.Notation != syntax.HCL || !strings.HasPrefix(text, "{") || strings.TrimSpace(text[1:]) != "}" {
		return nil, false
	}
	return []source.Edit{{Span: m.Pos, New: "{\n" + lines + "\n}"}}, true
}

// lengthen turns an entry in YAML that is a text into a mapping.
func lengthen(tree *syntax.File, node syntax.Node, main, text, field string, pairs []keyed) ([]source.Edit, bool) {
	s, ok := node.(*syntax.Scalar)
	if !ok || tree.Notation == syntax.HCL || s.Props != nil || strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	indent := indentOf(tree.Source, s.Pos.Start)
	return []source.Edit{
		{Span: source.Span{Start: s.Pos.Start, End: s.Pos.Start}, New: main + ": "},
		below(tree.Source, s.Pos, written(tree.Notation, indent, field, pairs)),
	}, true
}

// extend adds pairs to a mapping that is there.
func extend(tree *syntax.File, e *syntax.Entry, pairs []keyed) ([]source.Edit, bool) {
	m, ok := e.Value.(*syntax.Mapping)
	if !ok || len(m.Entries) == 0 {
		return nil, false
	}
	last := &m.Entries[len(m.Entries)-1]
	f := tree.Source
	var b strings.Builder
	if f.LineOf(int(m.Pos.Start)) == f.LineOf(int(last.Span().End)) && (m.Flow || tree.Notation == syntax.HCL) {
		for _, k := range pairs {
			fmt.Fprintf(&b, ", %s%s%s", k.key, assigns(tree.Notation), k.value)
		}
		end := last.Span().End
		return []source.Edit{{Span: source.Span{Start: end, End: end}, New: b.String()}}, true
	}
	if m.Flow && tree.Notation == syntax.YAML {
		return nil, false
	}
	indent := indentOf(f, m.Entries[0].Key.Pos.Start)
	for _, k := range pairs {
		fmt.Fprintf(&b, "\n%s%s%s%s", indent, k.key, assigns(tree.Notation), k.value)
	}
	return []source.Edit{below(f, last.Span(), b.String()[1:])}, true
}

// written is a mapping with its key as lines of a plan.
func written(n syntax.Notation, indent, field string, pairs []keyed) string {
	var b strings.Builder
	if n == syntax.YAML {
		b.WriteString(indent + field + ":")
	} else {
		b.WriteString(indent + field + " = {")
	}
	for _, k := range pairs {
		fmt.Fprintf(&b, "\n%s  %s%s%s", indent, k.key, assigns(n), k.value)
	}
	if n == syntax.HCL {
		b.WriteString("\n" + indent + "}")
	}
	return b.String()
}

// indentOf is as many blanks as stand, with dashes, before an offset on its line.
func indentOf(f *source.File, off int32) string {
	return strings.Repeat(" ", int(off-f.Line(f.LineOf(int(off))).Start))
}

// blockOf returns the block of HCL that a node of the plan stands for; nil if it is none.
func blockOf(tree *syntax.File, n syntax.Node) *syntax.Entry {
	root, ok := tree.Root.(*syntax.Mapping)
	if !ok || tree.Notation != syntax.HCL || n == nil {
		return nil
	}
	for i := range root.Entries {
		e := &root.Entries[i]
		if e.Block && e.Value.Span().End == n.Span().End && e.Key.Pos.Start <= n.Span().Start {
			return e
		}
	}
	return nil
}

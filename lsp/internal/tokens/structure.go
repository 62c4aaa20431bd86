package tokens

import (
	"strings"

	"escape.build/escape/lang"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A structure walks over the tree of a plan, along with the table of fields.
type structure struct {
	an   *lang.Analysis
	span source.Span
	out  []Token
}

// away reports whether a node lies outside of the span.
func (w *structure) away(s source.Span) bool { return s.End < w.span.Start || s.Start > w.span.End }

func (w *structure) add(span source.Span, t Type, mods Mods) {
	if !w.away(span) {
		w.out = append(w.out, Token{span, t, mods})
	}
}

// text adds a part of the text of a scalar.
func (w *structure) text(s *syntax.Scalar, from, to int, t Type, mods Mods) {
	w.add(s.Source(source.Span{Start: int32(from), End: int32(to)}), t, mods)
}

// whole adds the text of a node if it is a scalar, with the blanks around it left out. An expression is none of ours.
func (w *structure) whole(n syntax.Node, t Type, mods Mods) {
	if s, ok := n.(*syntax.Scalar); ok && s.Kind != syntax.Null {
		trimmed := strings.TrimSpace(s.Text)
		from := strings.Index(s.Text, trimmed)
		w.text(s, from, from+len(trimmed), t, mods)
	}
}

func (w *structure) document() {
	root, ok := w.an.Syntax.Root.(*syntax.Mapping)
	if !ok {
		return
	}
	for i := range root.Entries {
		e := &root.Entries[i]
		if w.away(e.Span()) {
			continue
		}
		row, _, ok := plan.Lookup(e.Key.Text)
		if e.Block {
			row, _, ok = plan.LookupBlock(e.Key.Text)
		}
		if !ok {
			continue
		}
		w.add(e.Key.Pos, Keyword, 0)
		if e.Block {
			w.block(row, e)
		} else {
			w.field(row, e.Value)
		}
	}
}

// block walks over a block of HCL: its label is the first key of the entry.
func (w *structure) block(row *plan.Field, e *syntax.Entry) {
	if len(e.Labels) > 0 {
		label := e.Labels[0]
		switch row.Shape {
		case plan.ShapeErrands:
			w.whole(label, Function, Declaration)
		case plan.ShapeVariables, plan.ShapeDependencies, plan.ShapeExtensions, plan.ShapeConsumers:
			w.head(row, label)
		}
	}
	switch m, ok := e.Value.(*syntax.Mapping); {
	case !ok:
	case row.Shape == plan.ShapePairs:
		w.pairs(m, Declaration)
	default:
		w.keys(row, row.Keys, m)
	}
}

func (w *structure) field(row *plan.Field, n syntax.Node) {
	switch row.Shape {
	case plan.ShapeText:
		if row.Name == "name" {
			w.whole(n, Namespace, Declaration)
		}
	case plan.ShapeScript:
		w.version(n)
	case plan.ShapeTexts:
		if row.Name == "provides" {
			w.items(n, func(n syntax.Node) { w.whole(n, Interface, Declaration) })
		}
	case plan.ShapePairs:
		if m, ok := n.(*syntax.Mapping); ok {
			w.pairs(m, Declaration)
		}
	case plan.ShapeStep:
		if m, ok := n.(*syntax.Mapping); ok {
			w.keys(row, row.Keys, m)
		}
	case plan.ShapeErrands:
		if m, ok := n.(*syntax.Mapping); ok {
			w.errands(row, m)
		}
	default:
		w.items(n, func(n syntax.Node) { w.item(row, row.Keys, n) })
	}
}

// version adds the version of a plan unless it is an expression.
func (w *structure) version(n syntax.Node) {
	if s, ok := n.(*syntax.Scalar); ok && s.Style != syntax.Native && !expr.IsScript(s.Text) {
		w.whole(s, Number, 0)
	}
}

func (w *structure) items(n syntax.Node, fn func(syntax.Node)) {
	seq, ok := n.(*syntax.Sequence)
	if !ok {
		return
	}
	for i := range seq.Items {
		if v := seq.Items[i].Value; !w.away(v.Span()) {
			fn(v)
		}
	}
}

// item walks over an element of a list: a text, which is its first key, or a mapping.
func (w *structure) item(row *plan.Field, keys []plan.Key, n syntax.Node) {
	switch n := n.(type) {
	case *syntax.Scalar:
		w.head(row, n)
	case *syntax.Mapping:
		w.keys(row, keys, n)
	}
}

// head adds the text that says which element it is: an id, a release, an interface.
func (w *structure) head(row *plan.Field, s *syntax.Scalar) {
	switch row.Shape {
	case plan.ShapeVariables, plan.ShapeErrands: // errands have inputs
		w.whole(s, variableType(row), Declaration)
	case plan.ShapeDependencies, plan.ShapeExtensions:
		w.reference(s, true)
	case plan.ShapeConsumers:
		w.reference(s, false)
	}
}

// variableType is the type of what a field declares.
func variableType(row *plan.Field) Type {
	if strings.HasSuffix(row.Name, "outputs") {
		return Variable
	}
	return Parameter
}

// reference adds the parts of "RELEASE as ALIAS", or of "INTERFACE as ALIAS".
func (w *structure) reference(s *syntax.Scalar, isRelease bool) {
	var words [][2]int
	for at := 0; at < len(s.Text); {
		if s.Text[at] == ' ' {
			at++
			continue
		}
		end := at
		for end < len(s.Text) && s.Text[end] != ' ' {
			end++
		}
		words, at = append(words, [2]int{at, end}), end
	}
	alias := Interface
	for i, word := range words {
		switch {
		case i == 0 && isRelease:
			w.release(s, word[0], word[1])
			alias = Namespace
		case i == 0:
			w.text(s, word[0], word[1], Interface, 0)
		case i == 1 && s.Text[word[0]:word[1]] == "as":
			w.text(s, word[0], word[1], Keyword, 0)
		case i == 2:
			w.text(s, word[0], word[1], alias, Declaration)
		}
	}
}

// release adds the package and the version of a release id.
func (w *structure) release(s *syntax.Scalar, from, to int) {
	word := s.Text[from:to]
	id, err := release.ParseID(word)
	if err != nil {
		w.text(s, from, to, Namespace, Unresolved)
		return
	}
	at := strings.LastIndexAny(word, "-:")
	if strings.HasPrefix(id.Constraint.Suffix(), ":") {
		at = strings.IndexByte(word, ':')
	}
	if at < 0 {
		at = len(word)
	}
	w.text(s, from, from+at, Namespace, 0)
	if at+1 < len(word) {
		w.text(s, from+at+1, to, Number, 0)
	}
}

// keys walks over the keys of an entry.
func (w *structure) keys(row *plan.Field, keys []plan.Key, m *syntax.Mapping) {
	for i := range m.Entries {
		e := &m.Entries[i]
		if w.away(e.Span()) {
			continue
		}
		if row.Shape.TakesAlias() && w.an.Syntax.Notation == syntax.HCL && e.Key.Text == "as" {
			w.add(e.Key.Pos, Property, 0)
			w.whole(e.Value, aliasType(row), Declaration)
			continue
		}
		k := keyOf(keys, e)
		if k == nil {
			continue
		}
		var mods Mods
		if k.Ignored {
			mods = Deprecated
		}
		w.add(e.Key.Pos, Property, mods)
		w.key(row, k, e)
	}
}

// keyOf returns the row of a key; nil if there is none.
func keyOf(keys []plan.Key, e *syntax.Entry) *plan.Key {
	for i := range keys {
		if k := &keys[i]; k.Name == e.Key.Text || e.Block && k.Block() == e.Key.Text {
			return k
		}
	}
	return nil
}

// aliasType is the type of the name that an element of a field gets in expressions.
func aliasType(row *plan.Field) Type {
	if row.Shape == plan.ShapeConsumers {
		return Interface
	}
	return Namespace
}

// key walks over the value of a key.
func (w *structure) key(row *plan.Field, k *plan.Key, e *syntax.Entry) {
	switch k.Shape {
	case plan.ShapeText:
		w.keyText(row, k, e.Value)
	case plan.ShapeScopes:
		if s, ok := e.Value.(*syntax.Scalar); ok {
			w.scope(s)
		}
		w.items(e.Value, w.scope)
	case plan.ShapePairs, plan.ShapeValues:
		if m, ok := e.Value.(*syntax.Mapping); ok {
			w.pairs(m, 0)
		}
	case plan.ShapeStep:
		if m, ok := e.Value.(*syntax.Mapping); ok {
			w.keys(row, k.Keys, m)
		}
	case plan.ShapeVariables:
		if e.Block && len(e.Labels) > 0 {
			w.whole(e.Labels[0], Parameter, Declaration)
			w.item(row, k.Keys, e.Value)
		}
		w.items(e.Value, func(n syntax.Node) { w.item(row, k.Keys, n) })
	}
}

func (w *structure) keyText(row *plan.Field, k *plan.Key, n syntax.Node) {
	s, ok := n.(*syntax.Scalar)
	if !ok {
		return
	}
	switch {
	case k.Name == "id", k.Name == "release_id", k.Name == "name" && row.Shape == plan.ShapeConsumers:
		w.head(row, s)
	case k.Name == "type" && s.Style == syntax.Native: // such as list(string)
		w.add(s.Pos, TypeName, DefaultLibrary)
	case k.Name == "type":
		w.whole(s, TypeName, DefaultLibrary)
	case k.Name == "variable":
		w.whole(s, aliasType(row), Declaration)
	}
}

func (w *structure) scope(n syntax.Node) {
	if s, ok := n.(*syntax.Scalar); ok && (s.Text == release.Build || s.Text == release.Deploy) {
		w.whole(s, EnumMember, Readonly)
	}
}

// pairs adds the keys of a free mapping.
func (w *structure) pairs(m *syntax.Mapping, mods Mods) {
	for i := range m.Entries {
		if e := &m.Entries[i]; e.Odd == nil && e.Key.Kind != syntax.Merge && !w.away(e.Span()) {
			w.whole(e.Key, Property, mods)
		}
	}
}

func (w *structure) errands(row *plan.Field, m *syntax.Mapping) {
	for i := range m.Entries {
		e := &m.Entries[i]
		if w.away(e.Span()) || e.Key.Kind == syntax.Merge {
			continue
		}
		w.whole(e.Key, Function, Declaration)
		if body, ok := e.Value.(*syntax.Mapping); ok {
			w.keys(row, row.Keys, body)
		}
	}
}

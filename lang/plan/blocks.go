package plan

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Unfold returns the document of f in the form that YAML has: as it is, or, if it is in HCL, with lists of entries in place of
// blocks, and with the Escape Script that its expressions stand for.
func Unfold(f *syntax.File) syntax.Node {
	root, ok := f.Root.(*syntax.Mapping)
	if !ok || f.Notation != syntax.HCL {
		return f.Root
	}
	d := decoder{file: f, src: f.Source, plan: &Plan{File: f}}
	return d.unfold(root)
}

// unfold gives a document in HCL the form that YAML has, so that the rest of Decode need not know which it is: the blocks of
// a field become its list, labels become keys, and texts which begin with a dollar sign are quoted for Escape Script. Its
// scalars are those of the document, or stand for them.
func (d *decoder) unfold(root *syntax.Mapping) *syntax.Mapping {
	u := unfolding{decoder: d, out: &syntax.Mapping{Pos: root.Pos, Foot: root.Foot}}
	for i := range root.Entries {
		e := &root.Entries[i]
		if e.Block {
			u.block(e)
			continue
		}
		row, _, ok := Lookup(e.Key.Text)
		if !ok {
			u.out.Entries = append(u.out.Entries, *e)
			continue
		}
		u.add(row.Name, e, d.unfoldValue(row.key(), e.Value))
	}
	return u.out
}

// key is the row of the field as if it were a key of an entry.
func (f *Field) key() *Key {
	return &Key{Name: f.Name, Shape: f.Shape, Keys: f.Keys, Phase: f.Phase}
}

type unfolding struct {
	*decoder
	out *syntax.Mapping
	at  []placed
}

// A placed is the entry of a field or key, of which there are few.
type placed struct {
	name  string
	index int
}

// add adds a value of a field; lists and mappings of one field that are written in several pieces are put together.
func (u *unfolding) add(name string, e *syntax.Entry, value syntax.Node) {
	at := slices.IndexFunc(u.at, func(p placed) bool { return p.name == name })
	if at >= 0 {
		keepNotes(value, e)
		if join(u.out.Entries[u.at[at].index].Value, value) {
			return
		}
	}
	entry := *e
	entry.Labels, entry.Block = nil, false
	if e.Key.Text != name {
		entry.Key = standIn(e.Key.Pos, name)
	}
	entry.Value = value
	if at < 0 {
		at = len(u.at)
		u.at = append(u.at, placed{name: name})
	}
	u.at[at].index = len(u.out.Entries)
	u.out.Entries = append(u.out.Entries, entry)
}

// list returns the list to which blocks of a field are added; nil if there is none yet.
func (u *unfolding) list(name string) *syntax.Sequence {
	for _, p := range u.at {
		if p.name == name {
			list, _ := u.out.Entries[p.index].Value.(*syntax.Sequence)
			return list
		}
	}
	return nil
}

// keepNotes gives the comments of a piece that is joined to another to the first and the last thing in it, if these have none.
func keepNotes(n syntax.Node, e *syntax.Entry) {
	var lead *[]syntax.Comment
	var trail **syntax.Comment
	switch n := n.(type) {
	case *syntax.Sequence:
		if len(n.Items) > 0 {
			lead, trail = &n.Items[0].Lead, &n.Items[len(n.Items)-1].Trail
		}
	case *syntax.Mapping:
		if len(n.Entries) > 0 {
			lead, trail = &n.Entries[0].Lead, &n.Entries[len(n.Entries)-1].Trail
		}
	}
	if lead != nil && len(*lead) == 0 {
		*lead = e.Lead
	}
	if trail != nil && *trail == nil {
		*trail = e.Trail
	}
}

// join adds the items of b to a; false if they are no lists.
func join(a, b syntax.Node) bool {
	switch a := a.(type) {
	case *syntax.Sequence:
		if b, ok := b.(*syntax.Sequence); ok {
			a.Items = append(a.Items, b.Items...)
			return true
		}
	case *syntax.Mapping:
		if b, ok := b.(*syntax.Mapping); ok && !(a.Flow && b.Flow) && a.Pos != b.Pos { // one of them is a block
			a.Entries = append(a.Entries, b.Entries...)
			return true
		}
	}
	return false
}

// standIn is a word that the document has in another form at pos.
func standIn(pos source.Span, word string) *syntax.Scalar {
	return &syntax.Scalar{Pos: pos, Content: pos.Start, Text: word,
		Segments: []syntax.Segment{{Src: pos.Start, Len: int32(len(word)), SrcLen: int32(pos.Len())}}}
}

// block is the name of the blocks of a field in HCL; empty if it has none.
func (f *Field) block() string {
	if f.Shape == ShapePairs {
		return f.Name
	}
	return f.Block
}

// LookupBlock returns the row of the field whose blocks in HCL are called name, and its place in Fields.
func LookupBlock(name string) (f *Field, index int, ok bool) {
	for i := range Fields {
		if f := &Fields[i]; f.block() == name && name != "" {
			return f, i, true
		}
	}
	return nil, 0, false
}

// blockNames returns the names of all blocks of HCL in the order of their fields.
func blockNames() []string {
	var names []string
	for i := range Fields {
		if name := Fields[i].block(); name != "" {
			names = append(names, name)
		}
	}
	return names
}

func (u *unfolding) block(e *syntax.Entry) {
	row, _, ok := LookupBlock(e.Key.Text)
	if !ok {
		if row, _, ok := Lookup(e.Key.Text); ok && row.Block == "" {
			u.noBlock(e)
			u.lose(row.Name)
		} else {
			u.unknownBlock(e, blockNames())
		}
		return
	}
	switch row.Shape {
	case ShapeStep, ShapePairs:
		if u.labels(e, 0) {
			u.add(row.Name, e, u.unfoldValue(row.key(), e.Value))
		}
	case ShapeErrands:
		if u.labels(e, 1) {
			body := u.unfoldedOnce(e, func() syntax.Node { return u.unfoldKeys(row.Keys, e.Value) })
			errand := syntax.Entry{Lead: e.Lead, Key: e.Labels[0], Value: body, Trail: e.Trail, Unit: e.Unit}
			u.add(row.Name, e, &syntax.Mapping{Pos: e.Span(), Entries: []syntax.Entry{errand}})
		}
	default:
		if u.labels(e, 1) {
			if row.Keys == nil || row.Shape.TakesAlias() {
				u.add(row.Name, e, u.element(row.Name, row.Label, row.Keys, e))
				return
			}
			body := u.unfoldedOnce(e, func() syntax.Node { return u.element(row.Name, row.Label, row.Keys, e).Items[0].Value })
			item := syntax.Item{Dash: -1, Lead: e.Lead, Trail: e.Trail, Value: body, Unit: e.Unit}
			if list := u.list(row.Name); list != nil {
				list.Items = append(list.Items, item)
				return
			}
			u.add(row.Name, e, &syntax.Sequence{Pos: e.Span(), Items: []syntax.Item{item}})
		}
	}
}

// unknownBlock reports a block that nothing is called like. A block is a warning where an attribute of that name is one.
func (d *decoder) unknownBlock(e *syntax.Entry, known []string) {
	name := e.Key.Text
	x := d.report(diag.UnknownField, e.Key.Pos, fmt.Sprintf("unknown block %q", name))
	meant, ok := "", false
	if hint := foreignBlocks[name]; hint != "" {
		x.Hint = hint
		return
	}
	if name == "variable" {
		meant, ok = "input", true
	} else if row, _, is := Lookup(name); is && row.Block != "" {
		meant, ok = row.Block, true
	} else if i := slices.IndexFunc(Fields, func(f Field) bool { return slices.Contains(f.Also, name) && f.Block != "" }); i >= 0 {
		meant, ok = Fields[i].Block, true
	} else {
		meant, ok = diag.Nearest(name, known)
	}
	if ok && slices.Contains(known, meant) {
		x.Message += fmt.Sprintf("; did you mean %q?", meant)
		x.Fixes = []diag.Fix{{Title: fmt.Sprintf("replace with %q", meant), Preferred: true, Edits: []source.Edit{{Span: e.Key.Pos, New: meant}}}}
		if row, _, ok := LookupBlock(meant); ok {
			d.lose(row.Name)
		}
	}
}

// noBlock reports a block of something that is written as an attribute.
func (d *decoder) noBlock(e *syntax.Entry) {
	d.report(diag.BlockForm, e.Key.Pos, fmt.Sprintf("%q is no block; write %s = ...", e.Key.Text, e.Key.Text))
}

// labels reports whether a block has n labels.
func (d *decoder) labels(e *syntax.Entry, n int) bool {
	switch got := len(e.Labels); {
	case got == n:
		return true
	case got > n && n == 0:
		x := d.report(diag.BlockForm, e.Labels[0].Pos, fmt.Sprintf("the block %q takes no label", e.Key.Text))
		cut := source.Span{Start: e.Key.Pos.End, End: e.Labels[got-1].Pos.End}
		x.Fixes = []diag.Fix{{Title: "remove it", Edits: []source.Edit{{Span: cut}}}}
	case got > n:
		x := d.report(diag.BlockForm, e.Labels[n].Pos, fmt.Sprintf("the block %q takes one label", e.Key.Text))
		cut := source.Span{Start: e.Labels[n-1].Pos.End, End: e.Labels[got-1].Pos.End}
		x.Fixes = []diag.Fix{{Title: "remove it", Edits: []source.Edit{{Span: cut}}}}
	default:
		x := d.report(diag.BlockForm, e.Key.Pos, fmt.Sprintf("the block %q needs a label", e.Key.Text))
		x.Hint = fmt.Sprintf("write %s \"...\" { }", e.Key.Text)
	}
	return false
}

// element makes a list with one item of a block: its label is the first key.
func (d *decoder) element(field, label string, keys []Key, e *syntax.Entry) *syntax.Sequence {
	spec := e.Labels[0]
	body, _ := d.unfoldKeys(keys, e.Value).(*syntax.Mapping)
	if body == nil {
		body = &syntax.Mapping{Pos: e.Value.Span()}
	}
	item := syntax.Item{Dash: -1, Lead: e.Lead, Trail: e.Trail}
	if row, _, ok := Lookup(field); ok && row.Shape.TakesAlias() {
		spec = d.alias(spec, body, &item)
	}
	item.Value = spec
	if keys != nil {
		first := syntax.Entry{Key: standIn(e.Key.Pos, label), Value: spec}
		body.Pos = e.Span()
		body.Entries = append([]syntax.Entry{first}, body.Entries...)
		item.Value = body
	} else {
		item.Lead = slices.Concat(item.Lead, body.Foot)
		for i := range body.Entries {
			d.report(diag.UnknownEntryKey, body.Entries[i].Key.Pos, fmt.Sprintf("unknown key %q in %q", body.Entries[i].Key.Text, field))
		}
	}
	return &syntax.Sequence{Pos: e.Span(), Items: []syntax.Item{item}}
}

// TakesAlias reports whether blocks of a field may hold "as", which stands behind the release or interface in YAML.
func (s Shape) TakesAlias() bool {
	return s == ShapeDependencies || s == ShapeConsumers || s == ShapeExtensions
}

// alias takes the key "as" out of body and returns "SPEC as ALIAS". Its comments go to the item.
func (d *decoder) alias(spec *syntax.Scalar, body *syntax.Mapping, item *syntax.Item) *syntax.Scalar {
	i := slices.IndexFunc(body.Entries, func(e syntax.Entry) bool { return e.Key.Text == "as" })
	if i < 0 {
		return spec
	}
	as, _ := d.literal("as", body.Entries[i].Value).(*syntax.Scalar)
	item.Lead = slices.Concat(item.Lead, body.Entries[i].Lead)
	if t := body.Entries[i].Trail; t != nil {
		item.Lead = append(item.Lead, *t)
	}
	body.Entries = slices.Delete(body.Entries, i, i+1)
	if as == nil || as.Kind == syntax.Null {
		return spec
	}
	const between = " as "
	joined := &syntax.Scalar{Pos: spec.Pos, Style: spec.Style, Content: spec.Content, Text: spec.Text + between + as.Text}
	joined.Segments = append(pieces(spec, 0), pieces(as, int32(len(spec.Text)+len(between)))...)
	return joined
}

// pieces are the segments of s, with its text at an offset of another.
func pieces(s *syntax.Scalar, at int32) []syntax.Segment {
	if s.Segments == nil {
		n := int32(len(s.Text))
		return []syntax.Segment{{Value: at, Src: s.Content, Len: n, SrcLen: n}}
	}
	list := slices.Clone(s.Segments)
	for i := range list {
		list[i].Value += at
	}
	return list
}

// unfoldKeys does for the body of an entry what unfold does for the document.
func (d *decoder) unfoldKeys(keys []Key, n syntax.Node) syntax.Node {
	m, ok := n.(*syntax.Mapping)
	if !ok {
		return n
	}
	u := unfolding{decoder: d, out: &syntax.Mapping{Pos: m.Pos, Foot: m.Foot, Entries: make([]syntax.Entry, 0, len(m.Entries)+1)}}
	for i := range m.Entries {
		e := &m.Entries[i]
		at := slices.IndexFunc(keys, func(k Key) bool {
			return k.Name == e.Key.Text || e.Block && k.Block() == e.Key.Text
		})
		switch {
		case at < 0 && e.Block:
			u.unknownBlock(e, blockKeys(keys))
		case at < 0 || e.Odd != nil:
			u.out.Entries = append(u.out.Entries, *e)
		case !e.Block:
			u.add(keys[at].Name, e, d.unfoldValue(&keys[at], e.Value))
		case keys[at].Shape == ShapeVariables && keys[at].Name != e.Key.Text:
			if d.labels(e, 1) {
				u.add(keys[at].Name, e, d.element(keys[at].Name, "id", keys[at].Keys, e))
			}
		case keys[at].Shape == ShapeStep, keys[at].Shape == ShapePairs, keys[at].Shape == ShapeValues:
			if d.labels(e, 0) {
				u.add(keys[at].Name, e, d.unfoldValue(&keys[at], e.Value))
			}
		default:
			d.noBlock(e)
		}
	}
	return u.out
}

// blockKeys are the keys that may be written as blocks.
func blockKeys(keys []Key) []string {
	var names []string
	for i := range keys {
		if name := keys[i].Block(); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Block is what the key is called as a block of HCL; empty if it is none.
func (k *Key) Block() string {
	switch k.Shape {
	case ShapeVariables:
		return strings.TrimSuffix(k.Name, "s")
	case ShapeStep, ShapePairs, ShapeValues:
		return k.Name
	}
	return ""
}

func with(e *syntax.Entry, value syntax.Node) syntax.Entry {
	entry := *e
	entry.Labels, entry.Block, entry.Value = nil, false, value
	return entry
}

// unfoldValue brings the value of a key into the form of YAML.
func (d *decoder) unfoldValue(k *Key, n syntax.Node) syntax.Node {
	switch k.Shape {
	case ShapeScript, ShapeAny, ShapeScripts, ShapePairs, ShapeValues:
		if k.Phase == Never {
			return d.literal(k.Name, n)
		}
		return d.scripted(k.Name, n, k.Shape)
	case ShapeStep:
		if _, ok := n.(*syntax.Mapping); ok {
			return d.unfoldKeys(k.Keys, n)
		}
	case ShapeBool:
		if s, ok := n.(*syntax.Scalar); ok && s.Style == syntax.Native {
			x := d.report(diag.LiteralNeeded, s.Pos, fmt.Sprintf("%q must be true or false: it cannot be an expression", k.Name))
			boolFix(x, &syntax.Scalar{Pos: s.Pos, Text: d.src.Slice(s.Pos)})
			return &syntax.Bad{Pos: n.Span()}
		}
	case ShapeDependencies, ShapeConsumers, ShapeVariables, ShapeTemplates, ShapeDownloads:
		if seq, ok := n.(*syntax.Sequence); ok {
			return d.each(seq, func(item syntax.Node) syntax.Node {
				if _, ok := item.(*syntax.Mapping); ok {
					return d.unfoldKeys(k.Keys, item)
				}
				return d.literal(k.Name, item)
			})
		}
	case ShapeErrands:
		if m, ok := n.(*syntax.Mapping); ok {
			out := &syntax.Mapping{Pos: m.Pos, Foot: m.Foot, Flow: m.Flow}
			for i := range m.Entries {
				out.Entries = append(out.Entries, with(&m.Entries[i], d.unfoldKeys(k.Keys, m.Entries[i].Value)))
			}
			return out
		}
	}
	if k.Name == "type" {
		return d.typeExpression(n)
	}
	return d.literal(k.Name, n)
}

func (d *decoder) each(seq *syntax.Sequence, fn func(syntax.Node) syntax.Node) *syntax.Sequence {
	out := &syntax.Sequence{Pos: seq.Pos, Flow: seq.Flow, Foot: seq.Foot, Items: slices.Clone(seq.Items)}
	for i := range out.Items {
		out.Items[i].Value = fn(out.Items[i].Value)
	}
	return out
}

func (d *decoder) eachValue(m *syntax.Mapping, fn func(syntax.Node) syntax.Node) *syntax.Mapping {
	out := &syntax.Mapping{Pos: m.Pos, Flow: m.Flow, Foot: m.Foot, Entries: slices.Clone(m.Entries)}
	for i := range out.Entries {
		e := &out.Entries[i]
		if e.Block {
			d.report(diag.BlockForm, e.Key.Pos, fmt.Sprintf("no block can be here; write %s = ...", e.Key.Text))
		}
		*e = with(e, fn(e.Value))
	}
	return out
}

// scripted quotes the texts of n that Escape Script would take for expressions: n itself, the items of a list, or the
// values of a mapping, as far as those of a shape are scripts. What is deeper inside is read as it is written.
func (d *decoder) scripted(name string, n syntax.Node, shape Shape) syntax.Node {
	switch n := n.(type) {
	case *syntax.Sequence:
		if shape == ShapeAny || shape == ShapeScripts {
			return d.each(n, func(item syntax.Node) syntax.Node { return d.scripted(name, item, ShapeScript) })
		}
	case *syntax.Mapping:
		if shape == ShapeValues || shape == ShapePairs {
			return d.eachValue(n, func(v syntax.Node) syntax.Node { return d.scripted(name, v, ShapeScript) })
		}
	case *syntax.Scalar:
		if n.Style != syntax.Native && n.Kind == syntax.String && expr.IsScript(n.Text) {
			d.dollar(n)
			quoted := standIn(n.Pos, "$__id("+expr.Quote(n.Text)+")")
			quoted.Style = n.Style
			return quoted
		}
		return n
	}
	return d.literal(name, n)
}

// dollar warns of a text that reads like an expression.
func (d *decoder) dollar(s *syntax.Scalar) {
	e, list := expr.Parse(s.Text)
	if len(list) > 0 {
		return
	}
	x := d.report(diag.DollarText, s.Pos, fmt.Sprintf("in HCL %q is a text, not an expression", clip(s.Text)))
	if native, ok := reference(e); ok {
		x.Hint = "write " + native + " without quotes for its value"
		x.Fixes = []diag.Fix{{Title: "write " + native, Preferred: true, Edits: []source.Edit{{Span: s.Pos, New: native}}}}
		return
	}
	x.Hint = "write script(\"...\") for an expression of Escape Script"
	x.Fixes = []diag.Fix{{Title: "write script(...)", Preferred: true, Edits: []source.Edit{
		{Span: source.Span{Start: s.Pos.Start, End: s.Pos.Start}, New: "script("},
		{Span: source.Span{Start: s.Pos.End, End: s.Pos.End}, New: ")"},
	}}}
}

// reference returns e as HCL writes it, if it only selects.
func reference(e expr.Expr) (string, bool) {
	switch e := e.(type) {
	case *expr.Ref:
		return e.Name.Text, true
	case *expr.Select:
		x, ok := reference(e.X)
		return x + "." + e.Name.Text, ok
	}
	return "", false
}

// literal reports expressions in a value that is read as it is written.
func (d *decoder) literal(name string, n syntax.Node) syntax.Node {
	switch n := n.(type) {
	case *syntax.Sequence:
		return d.each(n, func(item syntax.Node) syntax.Node { return d.literal(name, item) })
	case *syntax.Mapping:
		return d.eachValue(n, func(v syntax.Node) syntax.Node { return d.literal(name, v) })
	case *syntax.Scalar:
		if n.Style == syntax.Native {
			d.literalNeeded(name, n)
			return &syntax.Bad{Pos: n.Pos}
		}
	}
	return n
}

func (d *decoder) literalNeeded(name string, s *syntax.Scalar) {
	x := d.report(diag.LiteralNeeded, s.Pos, fmt.Sprintf("%q is read as it is written: it cannot be an expression", name))
	text := d.src.Slice(s.Pos)
	if expr.IsName(text) {
		x.Hint = "put it in quotes"
		x.Fixes = []diag.Fix{{Title: "put it in quotes", Preferred: true, Edits: []source.Edit{{Span: s.Pos, New: `"` + text + `"`}}}}
		return
	}
	var edits []source.Edit
	for i := 0; i+1 < len(text); i++ {
		if text[i:i+2] == "${" && (i == 0 || text[i-1] != '$') {
			at := s.Pos.Start + int32(i)
			edits = append(edits, source.Edit{Span: source.Span{Start: at, End: at}, New: "$"})
		}
	}
	if len(edits) > 0 {
		first := edits[0].Span.Start
		x.Span = source.Span{Start: first, End: first + 2}
		x.Message = fmt.Sprintf("%q is read as it is written: \"${\" cannot begin an expression in it", name)
		x.Hint = "write $${ for the characters ${"
		if quotesInside(text) {
			return // they would end the text
		}
		x.Fixes = []diag.Fix{{Title: "write $${", Preferred: true, Edits: edits}}
	}
}

// quotesInside reports whether there are quotes in a text in quotes, which only an expression in it can have.
func quotesInside(text string) bool {
	if len(text) < 2 || text[0] != '"' {
		return false
	}
	for i := 1; i < len(text)-1; i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return true
		}
	}
	return false
}

// typeExpression reads a type, which HCL writes as a word or a call: list(string).
func (d *decoder) typeExpression(n syntax.Node) syntax.Node {
	s, ok := n.(*syntax.Scalar)
	if !ok || s.Style != syntax.Native {
		return d.literal("type", n)
	}
	text := d.src.Slice(s.Pos)
	if strings.ContainsAny(text, "\"$") {
		return d.literal("type", n)
	}
	word := strings.NewReplacer("(", "[", ")", "]", " ", "", "\t", "").Replace(text)
	if len(word) == len(text) {
		return &syntax.Scalar{Pos: s.Pos, Content: s.Pos.Start, Text: strings.Clone(word)} // not all of the text
	}
	return standIn(s.Pos, word)
}

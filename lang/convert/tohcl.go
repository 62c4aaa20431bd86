package convert

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// An hclWriter writes the tree of a plan in YAML as HCL.
type hclWriter struct {
	file     *syntax.File
	notes    *notes
	vars     map[syntax.Node]*plan.Variable // by where they are written
	nodes    int                            // how many values have been written
	maxNodes int
	extends  bool // the plan extends others
	inList   bool // heredocs have no place there
	trying   bool // one line is wanted: what needs more gives up
	gaveUp   bool
	err      error
}

// writeHCL returns the text of a plan that has been read from YAML.
func writeHCL(file *syntax.File, p *plan.Plan) (string, error) {
	w := &hclWriter{file: file, notes: newNotes(file), vars: map[syntax.Node]*plan.Variable{}, extends: len(p.Extends) > 0}
	w.maxNodes = 4*len(file.Source.Text()) + maxExpanded
	for v := range variables(p) {
		w.vars[v.Node] = v
	}
	var out strings.Builder
	if m, ok := file.Root.(*syntax.Mapping); ok {
		w.document(&out, m)
	}
	if w.err != nil {
		return "", w.err
	}
	if rest := w.notes.take(file.Comments...); len(rest) > 0 {
		if out.Len() > 0 && rest[0].gap {
			out.WriteByte('\n')
		}
		out.WriteString(gaps(rest, false))
	}
	return hclfile.Align(out.String()), nil
}

// A part is a piece of the top level, or of the body of a block: an attribute, a block, or comments by themselves.
type part struct {
	lead  []note
	text  string // with its line break at the end
	block string // name of the block; empty for an attribute, "#" for comments alone
	gap   bool   // a blank line stands above it in the source
	below bool   // a blank line stands between its comments and itself
}

func (p *part) short() bool { return strings.Count(p.text, "\n") == 1 }

// document writes the top level: blank lines stand where they stood, and around blocks.
func (w *hclWriter) document(out *strings.Builder, root *syntax.Mapping) {
	var before *part
	for _, e := range w.flat(root) {
		for _, p := range w.field(e) {
			alike := before != nil && p.block == before.block && p.short() && before.short()
			if before != nil && (p.gap || !alike && (p.block != "" || before.block != "")) {
				out.WriteByte('\n')
			}
			out.WriteString(gaps(p.lead, p.below))
			out.WriteString(p.text)
			before = &p
		}
	}
}

// field writes an entry of the document.
func (w *hclWriter) field(e *syntax.Entry) []part {
	name, _ := w.name(e)
	start := e.Key.Pos.Start
	gap := w.notes.gapAbove(start)
	if len(e.Lead) > 0 {
		gap = w.notes.gapAbove(e.Lead[0].Pos.Start)
	}
	row, _, known := plan.Lookup(name)
	var parts []part
	if known {
		parts = w.entry(e, row.Name, blockOf{row.Block, row.Label, row.Keys, row.Shape}, row.Phase, 0)
	} else {
		parts = []part{w.unknown(e, name, 0)}
	}
	if len(parts) == 0 {
		return nil
	}
	parts[0].gap = gap
	if parts[0].block == "" || row.Shape == plan.ShapeStep {
		parts[0].below = w.gapBelow(e)
	}
	return parts
}

// gapBelow reports whether a blank line stands between the comments of an entry and its key.
func (w *hclWriter) gapBelow(e *syntax.Entry) bool {
	return len(e.Lead) > 0 && w.notes.gapAbove(e.Key.Pos.Start)
}

// headed puts the comments of a field above its first block, which has some of its own.
func (w *hclWriter) headed(p *part, e *syntax.Entry, field []note) {
	if len(field) > 0 && w.gapBelow(e) {
		if p.below = len(p.lead) == 0; !p.below {
			p.lead[0].gap = true
		}
	}
	p.lead = slices.Concat(field, p.lead)
}

// unknown writes an entry that the tables do not know. It keeps its name.
func (w *hclWriter) unknown(e *syntax.Entry, name string, depth int) part {
	if !hclfile.IsName(name) {
		w.fail(e.Key.Pos, "remove it, or call it with letters, digits, \"-\" and \"_\"", "%q is no name of HCL", name)
	}
	return w.attribute(e, name, func() string { return w.value(e.Value, reading{}, depth) }, depth)
}

func (w *hclWriter) attribute(e *syntax.Entry, name string, value func() string, depth int) part {
	lead := w.notes.take(e.Lead...)
	text, trail := value(), ""
	if !strings.Contains(text, "\n") {
		trail = w.notes.trail(e.Trail)
	} else if e.Trail != nil {
		lead = append(lead, w.notes.take(*e.Trail)...)
	}
	lead = append(lead, w.notes.left(e.Span())...)
	return part{lead: lead, text: indent(depth) + name + " = " + text + trail + "\n"}
}

func indent(depth int) string { return strings.Repeat("  ", depth) }

// blockOf says what blocks a field or key has.
type blockOf struct {
	name, label string
	keys        []plan.Key
	shape       plan.Shape
}

// blockOfKey returns the blocks of a key of an entry.
func blockOfKey(k *plan.Key) blockOf {
	b := blockOf{keys: k.Keys, shape: k.Shape}
	switch k.Shape {
	case plan.ShapeVariables:
		b.name, b.label = k.Block(), "id"
	case plan.ShapeStep:
		b.name = k.Block()
	}
	return b
}

// entry writes a field of the document, or a key of an entry, as blocks if it has some.
func (w *hclWriter) entry(e *syntax.Entry, name string, b blockOf, phase plan.Phase, depth int) []part {
	switch v := follow(e.Value).(type) {
	case *syntax.Sequence:
		switch {
		case b.name == "" || len(v.Items) == 0:
		case w.blocks(v, b):
			return w.asBlocks(e, v, b, depth)
		default:
			return []part{w.attribute(e, name, func() string { return w.entries(v, b, depth) }, depth)}
		}
	case *syntax.Mapping:
		entries := w.flat(v)
		switch {
		case b.shape == plan.ShapeStep && w.words(entries):
			p := w.block(b.name, nil, entries, v.Foot, b.keys, "", nil, depth)
			p.lead = append(w.above(e), p.lead...)
			p.lead = append(p.lead, w.notes.left(e.Span())...)
			return []part{p}
		case b.shape == plan.ShapeStep:
			return []part{w.attribute(e, name, func() string { return w.mapping(entries, v.Foot, b.keys, nil, depth) }, depth)}
		case b.shape == plan.ShapeErrands && len(entries) > 0:
			return w.errands(e, v, entries, b, depth)
		}
	}
	return []part{w.attribute(e, name, func() string { return w.value(e.Value, readingOf(b.shape, phase), depth) }, depth)}
}

// above takes the comments of an entry that becomes a block.
func (w *hclWriter) above(e *syntax.Entry) []note {
	lead := w.notes.take(e.Lead...)
	if e.Trail != nil {
		lead = append(lead, w.notes.take(*e.Trail)...)
	}
	return lead
}

// words reports whether the keys of entries can be names of attributes.
func (w *hclWriter) words(entries []*syntax.Entry) bool {
	return !slices.ContainsFunc(entries, func(e *syntax.Entry) bool {
		name, ok := w.name(e)
		return !ok || !hclfile.IsName(name)
	})
}

// blocks reports whether the entries of a list become blocks. Those that are words only stay a list, if none of them has an
// alias, which is a key of a block.
func (w *hclWriter) blocks(seq *syntax.Sequence, b blockOf) bool {
	long := false
	for _, it := range seq.Items {
		switch v := follow(it.Value).(type) {
		case *syntax.Scalar:
			text := plan.Cooked(v)
			if v.Kind == syntax.Null || b.shape == plan.ShapeVariables && types.KnownVar(strings.TrimSpace(text)) {
				return false // it would get the type of that name
			}
			_, _, alias := splitAlias(text)
			long = long || alias && b.shape.TakesAlias()
		case *syntax.Mapping:
			if !w.isBlock(v, b) {
				return false
			}
			text, short := w.short(v, b)
			_, _, alias := splitAlias(text)
			long = long || !short || alias && b.shape.TakesAlias()
		default:
			return false
		}
	}
	return long
}

// short returns the text that stands for an entry with no other key than its label. Variables have none: the type of a
// variable that is a word does not depend on its name.
func (w *hclWriter) short(m *syntax.Mapping, b blockOf) (string, bool) {
	if b.shape != plan.ShapeDependencies && b.shape != plan.ShapeConsumers && b.shape != plan.ShapeTemplates {
		return "", false
	}
	entries := w.flat(m)
	if len(entries) != 1 {
		return "", false
	}
	name, _ := w.name(entries[0])
	s, ok := follow(entries[0].Value).(*syntax.Scalar)
	if name != b.label || !ok || s.Kind == syntax.Null {
		return "", false
	}
	return plan.Cooked(s), true
}

// isBlock reports whether an entry can be a block: it has the key of the label, and all its keys are words.
func (w *hclWriter) isBlock(m *syntax.Mapping, b blockOf) bool {
	entries := w.flat(m)
	label := false
	for _, e := range entries {
		name, _ := w.name(e)
		if s, ok := follow(e.Value).(*syntax.Scalar); name == b.label && ok && s.Kind != syntax.Null {
			label = true
		}
		if name == "as" && b.shape.TakesAlias() {
			return false
		}
	}
	return label && w.words(entries)
}

// splitAlias cuts "X as Y".
func splitAlias(text string) (spec, as string, ok bool) {
	words := strings.Split(text, " ")
	if len(words) != 3 || words[1] != "as" || words[0] == "" || words[2] == "" {
		return text, "", false
	}
	return words[0], words[2], true
}

// asBlocks writes each entry of a list as a block.
func (w *hclWriter) asBlocks(e *syntax.Entry, seq *syntax.Sequence, b blockOf, depth int) []part {
	field := w.above(e)
	var parts []part
	for i := range seq.Items {
		it := &seq.Items[i]
		above := w.notes.take(it.Lead...)
		if it.Trail != nil {
			above = append(above, w.notes.take(*it.Trail)...)
		}
		p := w.item(it.Value, b, depth)
		p.lead = slices.Concat(above, p.lead, w.notes.left(it.Value.Span()))
		if i == 0 {
			w.headed(&p, e, field)
		}
		parts = append(parts, p)
	}
	return w.footed(parts, e, seq.Foot)
}

// footed adds the comments below the last block of a field, which stand by themselves.
func (w *hclWriter) footed(parts []part, e *syntax.Entry, foot []syntax.Comment) []part {
	if rest := append(w.notes.take(foot...), w.notes.left(e.Span())...); len(rest) > 0 {
		parts = append(parts, part{lead: rest, block: "#"})
	}
	return parts
}

// item writes an entry of a list as a block.
func (w *hclWriter) item(n syntax.Node, b blockOf, depth int) part {
	switch v := follow(n).(type) {
	case *syntax.Scalar:
		return w.labelled(b, plan.Cooked(v), nil, nil, nil, nil, depth)
	case *syntax.Mapping:
		entries := w.flat(v)
		i := slices.IndexFunc(entries, func(e *syntax.Entry) bool { name, _ := w.name(e); return name == b.label })
		key := entries[i]
		label, _ := follow(key.Value).(*syntax.Scalar)
		lead := w.above(key)
		entries = slices.Delete(slices.Clone(entries), i, i+1)
		p := w.labelled(b, plan.Cooked(label), entries, v.Foot, b.keys, w.vars[n], depth)
		p.lead = append(lead, p.lead...)
		return p
	}
	return part{}
}

// labelled writes a block with a label; an alias behind that becomes a key.
func (w *hclWriter) labelled(b blockOf, label string, entries []*syntax.Entry, foot []syntax.Comment, keys []plan.Key, v *plan.Variable, depth int) part {
	alias := ""
	if b.shape.TakesAlias() {
		if spec, as, ok := splitAlias(label); ok {
			label, alias = spec, as
		}
	}
	return w.block(b.name, []string{label}, entries, foot, keys, alias, v, depth)
}

// block writes a block: on one line if it holds one short attribute.
func (w *hclWriter) block(name string, labels []string, entries []*syntax.Entry, foot []syntax.Comment, keys []plan.Key, alias string, v *plan.Variable, depth int) part {
	head := indent(depth) + name
	for _, l := range labels {
		head += " " + hcltext.Quote(l)
	}
	var parts []part
	if alias != "" {
		parts = append(parts, part{text: indent(depth+1) + "as = " + hcltext.Quote(alias) + "\n"})
	}
	for _, e := range entries {
		parts = append(parts, w.keyed(e, keys, v, depth+1)...)
	}
	end := w.notes.take(foot...)
	p := part{block: name}
	switch {
	case len(parts) == 0 && len(end) == 0:
		p.text = head + " {}\n"
		return p
	case len(parts) == 1 && len(end) == 0 && len(parts[0].lead) == 0 && parts[0].block == "" && parts[0].short() && !strings.Contains(parts[0].text, " #"):
		if line := head + " { " + strings.TrimSpace(parts[0].text) + " }\n"; len(line) <= width {
			p.text = line
			return p
		}
	}
	var b strings.Builder
	b.WriteString(head + " {\n")
	for i := range parts {
		if i > 0 && (parts[i].block != "" || parts[i-1].block != "") && !(parts[i].block == parts[i-1].block && parts[i].short() && parts[i-1].short()) {
			b.WriteByte('\n')
		}
		writeNotes(&b, indent(depth+1), parts[i].lead)
		b.WriteString(parts[i].text)
	}
	writeNotes(&b, indent(depth+1), end)
	b.WriteString(indent(depth) + "}\n")
	p.text = b.String()
	return p
}

// keyed writes a key of an entry.
func (w *hclWriter) keyed(e *syntax.Entry, keys []plan.Key, v *plan.Variable, depth int) []part {
	name, _ := w.name(e)
	i := slices.IndexFunc(keys, func(k plan.Key) bool { return k.Name == name })
	if i < 0 {
		return []part{w.unknown(e, name, depth)}
	}
	k := &keys[i]
	if k.Shape == plan.ShapeVariables || k.Shape == plan.ShapeStep {
		return w.entry(e, name, blockOfKey(k), k.Phase, depth)
	}
	return []part{w.attribute(e, name, func() string { return w.keyValue(e, k, v, depth) }, depth)}
}

// typeWord is a type that HCL can write as an expression.
var typeWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]+(\[[a-z]+\])?$`) })

// keyValue returns the value of a key of an entry.
func (w *hclWriter) keyValue(e *syntax.Entry, k *plan.Key, v *plan.Variable, depth int) string {
	r := readingOf(k.Shape, k.Phase)
	if v != nil {
		r = r.forVariable(k.Name, v, w.extends)
	}
	if s, ok := follow(e.Value).(*syntax.Scalar); ok && k.Name == "type" && s.Kind == syntax.String && typeWord().MatchString(s.Text) {
		base, _, _ := strings.Cut(s.Text, "[")
		if types.KnownVar(base) {
			return strings.NewReplacer("[", "(", "]", ")").Replace(s.Text)
		}
	}
	return w.value(e.Value, r, depth)
}

// entries writes a list whose entries cannot all be blocks.
func (w *hclWriter) entries(seq *syntax.Sequence, b blockOf, depth int) string {
	return w.items(seq.Items, seq.Foot, func(n syntax.Node, depth int) string {
		if m, ok := follow(n).(*syntax.Mapping); ok {
			if text, ok := w.short(m, b); ok {
				return hcltext.Quote(text)
			}
			return w.mapping(w.flat(m), m.Foot, b.keys, w.vars[n], depth)
		}
		return w.value(n, reading{text: true}, depth)
	}, depth)
}

// mapping writes an entry as a mapping.
func (w *hclWriter) mapping(entries []*syntax.Entry, foot []syntax.Comment, keys []plan.Key, v *plan.Variable, depth int) string {
	return w.pairs(entries, foot, func(e *syntax.Entry, depth int) string {
		name, _ := w.name(e)
		i := slices.IndexFunc(keys, func(k plan.Key) bool { return k.Name == name })
		if i < 0 {
			return w.value(e.Value, reading{}, depth)
		}
		k := &keys[i]
		switch v := follow(e.Value).(type) {
		case *syntax.Sequence:
			if k.Shape == plan.ShapeVariables {
				return w.entries(v, blockOfKey(k), depth)
			}
		case *syntax.Mapping:
			if k.Shape == plan.ShapeStep {
				return w.mapping(w.flat(v), v.Foot, k.Keys, nil, depth)
			}
		}
		return w.keyValue(e, k, v, depth)
	}, depth)
}

// errands writes each errand as a block.
func (w *hclWriter) errands(e *syntax.Entry, m *syntax.Mapping, entries []*syntax.Entry, b blockOf, depth int) []part {
	field := w.above(e)
	var parts []part
	for i, errand := range entries {
		name, _ := w.name(errand)
		above := w.above(errand)
		body, ok := follow(errand.Value).(*syntax.Mapping)
		if !ok {
			w.fail(errand.Value.Span(), "", "errand %q is no mapping", name)
			return nil
		}
		inner := w.flat(body)
		if !w.words(inner) {
			w.fail(body.Pos, "", "errand %q has a key that is no name of HCL", name)
		}
		p := w.block(b.name, []string{name}, inner, body.Foot, b.keys, "", nil, depth)
		p.lead = slices.Concat(above, p.lead, w.notes.left(errand.Span()))
		if i == 0 {
			w.headed(&p, e, field)
		}
		parts = append(parts, p)
	}
	return w.footed(parts, e, m.Foot)
}

package convert

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile"
)

// A yamlWriter writes a plan in HCL as YAML.
type yamlWriter struct {
	file  *syntax.File
	notes *notes
	vars  map[source.Span]*plan.Variable // by where they are written
	// extends says that the plan extends others.
	extends bool
	err     error
}

// writeYAML returns the text of a plan that has been read from HCL.
func writeYAML(file *syntax.File, p *plan.Plan) (string, error) {
	w := &yamlWriter{file: file, notes: newNotes(file), vars: map[source.Span]*plan.Variable{}, extends: len(p.Extends) > 0}
	for v := range variables(p) {
		w.vars[v.Node.Span()] = v
	}
	for _, c := range file.Comments {
		w.sayable(c)
	}
	var out strings.Builder
	if root, ok := plan.Unfold(file).(*syntax.Mapping); ok {
		w.document(&out, root)
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
	return out.String(), nil
}

// sayable refuses a comment that YAML cannot hold.
func (w *yamlWriter) sayable(c syntax.Comment) {
	odd := func(r rune) bool { return !unicode.IsPrint(r) && r != '\t' && r != '\n' && r != '\r' }
	if !strings.ContainsFunc(c.Text, odd) {
		return
	}
	if _, findings := yamlfile.Parse(source.NewFile("escape.yml", "#"+strings.Join(textsOf(c.Text), "\n#"))); findings.HasErrors() {
		w.fail(c.Pos, "this comment holds a character that YAML does not allow", "remove it")
	}
}

// A writing is how a field stands in HCL: whether it is written in blocks, which it is again when it comes back, and whether
// its first piece is one.
type writing struct{ blocks, first bool }

func (w *yamlWriter) writings() map[string]writing {
	fields := map[string]writing{}
	root, _ := w.file.Root.(*syntax.Mapping)
	for i := range root.Entries {
		e := &root.Entries[i]
		name := e.Key.Text
		if e.Block {
			row, _, ok := plan.LookupBlock(name)
			if !ok || row.Shape == plan.ShapePairs { // which comes back as an attribute
				continue
			}
			name = row.Name
		}
		field, seen := fields[name]
		field.first = field.first || !seen && e.Block
		field.blocks = field.blocks || e.Block
		fields[name] = field
	}
	return fields
}

// document writes the top level: blank lines stand where they stood, and around fields that are blocks in HCL.
func (w *yamlWriter) document(out *strings.Builder, root *syntax.Mapping) {
	fields := w.writings()
	w.unique(root)
	var before string
	for i := range root.Entries {
		e := &root.Entries[i]
		start := e.Key.Pos.Start
		gap := w.notes.gapAbove(start)
		below := len(e.Lead) > 0 && gap
		if len(e.Lead) > 0 {
			gap = w.notes.gapAbove(e.Lead[0].Pos.Start)
		}
		if i > 0 && (gap || fields[e.Key.Text].blocks || fields[before].blocks) {
			out.WriteByte('\n')
		}
		before = e.Key.Text
		row, _, ok := plan.Lookup(e.Key.Text)
		field := *e
		if fields[e.Key.Text].first && row.Shape != plan.ShapeStep { // what stands right above a block is about that
			n := len(e.Lead)
			for n > 0 && !below {
				n--
				below = w.notes.gapAbove(e.Lead[n].Pos.Start)
			}
			field.Lead = e.Lead[:n]
		}
		if ok {
			shorten(field.Value, row)
		}
		lead, text := w.entry(&field, reading{text: ok && readingOf(row.Shape, row.Phase).text}, 0)
		out.WriteString(gaps(lead, below))
		out.WriteString(text)
	}
}

// shorten makes texts of entries that have no other key than that of the label, but of variables: those that are words do not
// get their type from their name.
func shorten(n syntax.Node, row *plan.Field) {
	seq, ok := n.(*syntax.Sequence)
	if !ok || row.Shape != plan.ShapeDependencies && row.Shape != plan.ShapeConsumers && row.Shape != plan.ShapeTemplates {
		return
	}
	for i := range seq.Items {
		m, ok := seq.Items[i].Value.(*syntax.Mapping)
		if !ok || len(m.Entries) != 1 || m.Entries[0].Key.Text != row.Label {
			continue
		}
		if s, ok := m.Entries[0].Value.(*syntax.Scalar); ok && s.Kind == syntax.String {
			seq.Items[i].Lead = slices.Concat(seq.Items[i].Lead, m.Entries[0].Lead, m.Foot)
			if t := m.Entries[0].Trail; t != nil {
				seq.Items[i].Lead = append(seq.Items[i].Lead, *t)
			}
			seq.Items[i].Value = s
		}
	}
}

func (w *yamlWriter) fail(span source.Span, reason, hint string) {
	if w.err == nil {
		w.err = &Error{File: w.file.Source, Span: span, Reason: reason, Hint: hint}
	}
}

// unique refuses a mapping that has a key twice: one of them would be lost.
func (w *yamlWriter) unique(m *syntax.Mapping) {
	seen := make(map[string]bool, len(m.Entries))
	for i := range m.Entries {
		key := m.Entries[i].Key
		if seen[key.Text] {
			w.fail(key.Pos, strconv.Quote(key.Text)+" is here twice; one of them would be lost", "remove one of them: the last one counts")
		}
		seen[key.Text] = true
	}
}

// entry writes a key with its value, and returns the comments that stand above.
func (w *yamlWriter) entry(e *syntax.Entry, r reading, depth int) (lead []note, text string) {
	lead = w.notes.take(e.Lead...)
	if isBad(e.Value) {
		w.fail(e.Value.Span(), "this value cannot be read", "")
	}
	value, oneLine := w.value(e.Value, r, depth)
	if oneLine {
		value += w.notes.trail(e.Trail) + "\n"
	} else if strings.HasPrefix(value, "\n") {
		value = w.notes.trail(e.Trail) + value
	} else if e.Trail != nil {
		lead = append(lead, w.notes.take(*e.Trail)...)
	}
	lead = append(lead, w.notes.left(e.Span())...)
	return lead, indent(depth) + yamlfile.ScalarText(e.Key.Text) + ":" + value
}

func isBad(n syntax.Node) bool {
	_, bad := n.(*syntax.Bad)
	return bad
}

// value returns what stands behind the colon of a key whose mapping is at depth: a text on the same line, with a blank
// before it, or lines of its own.
func (w *yamlWriter) value(n syntax.Node, r reading, depth int) (text string, oneLine bool) {
	switch n := n.(type) {
	case *syntax.Mapping:
		if len(n.Entries) == 0 && !w.anyOf(n.Foot) {
			return " {}", true
		}
		if len(n.Entries) == 0 {
			return " {}\n" + w.notesAt(n.Foot, depth+1), false
		}
		return "\n" + w.mapping(n, r, depth+1), false
	case *syntax.Sequence:
		if flow, ok := w.flow(n, r, depth); ok {
			return " " + flow, true
		}
		return "\n" + w.sequence(n, r, depth), false
	case *syntax.Scalar:
		return w.scalar(n, r, depth+1)
	}
	return " null", true
}

func (w *yamlWriter) anyOf(list []syntax.Comment) bool {
	return slices.ContainsFunc(list, func(c syntax.Comment) bool { return !w.notes.used[c.Pos.Start] })
}

func (w *yamlWriter) notesAt(list []syntax.Comment, depth int) string {
	var b strings.Builder
	writeNotes(&b, indent(depth), w.notes.take(list...))
	return b.String()
}

// mapping writes the entries of m at depth.
func (w *yamlWriter) mapping(m *syntax.Mapping, r reading, depth int) string {
	w.unique(m)
	v := w.vars[m.Pos]
	var b strings.Builder
	for i := range m.Entries {
		r := r.entry()
		if v != nil {
			r = r.forVariable(m.Entries[i].Key.Text, v, w.extends)
		}
		lead, text := w.entry(&m.Entries[i], r, depth)
		writeNotes(&b, indent(depth), lead)
		b.WriteString(text)
	}
	b.WriteString(w.notesAt(m.Foot, depth))
	return b.String()
}

// sequence writes the items of a list, whose dashes are at depth.
func (w *yamlWriter) sequence(seq *syntax.Sequence, r reading, depth int) string {
	var b strings.Builder
	for i := range seq.Items {
		it := &seq.Items[i]
		lead := w.notes.take(it.Lead...)
		var body string
		var oneLine bool
		switch v := it.Value.(type) {
		case *syntax.Mapping:
			if len(v.Entries) == 0 {
				body, oneLine = "{}", true
				break
			}
			body = w.mapping(v, r.item(), depth+1)
			for pad := indent(depth+1) + "#"; strings.HasPrefix(body, pad); {
				line, rest, _ := strings.Cut(body, "\n")
				lead, body = append(lead, note{text: strings.TrimPrefix(line, pad)}), rest
			}
			body = strings.TrimPrefix(body, indent(depth+1))
		case *syntax.Sequence:
			if flow, ok := w.flow(v, r.item(), depth); ok {
				body, oneLine = flow, true
				break
			}
			body = "\n" + w.sequence(v, r.item(), depth+1)
		default:
			body, oneLine = w.value(v, r.item(), depth)
			body = strings.TrimPrefix(body, " ")
		}
		if oneLine {
			body += w.notes.trail(it.Trail) + "\n"
		} else if it.Trail != nil {
			lead = append(lead, w.notes.take(*it.Trail)...)
		}
		lead = append(lead, w.notes.left(it.Value.Span())...)
		writeNotes(&b, indent(depth), lead)
		b.WriteString(indent(depth) + "-")
		if !strings.HasPrefix(body, "\n") {
			b.WriteByte(' ')
		}
		b.WriteString(body)
	}
	b.WriteString(w.notesAt(seq.Foot, depth))
	return b.String()
}

// flow writes a short list of scalars in brackets, if it is in an entry.
func (w *yamlWriter) flow(seq *syntax.Sequence, r reading, depth int) (string, bool) {
	if len(seq.Items) == 0 && !w.anyOf(seq.Foot) {
		return "[]", true
	}
	if depth == 0 || w.anyOf(seq.Foot) {
		return "", false
	}
	list := make([]string, len(seq.Items))
	total := 2 * depth
	for i := range seq.Items {
		it := &seq.Items[i]
		if w.anyOf(it.Lead) || it.Trail != nil || w.notes.any(it.Value) {
			return "", false
		}
		switch v := it.Value.(type) {
		case *syntax.Scalar:
			list[i] = w.scalarLine(v, r.item())
		case *syntax.Sequence:
			text, ok := w.flow(v, r.item(), depth)
			if !ok {
				return "", false
			}
			list[i] = text
		default:
			return "", false
		}
		total += len(list[i]) + 2
	}
	return "[" + strings.Join(list, ", ") + "]", total <= width
}

// scalar returns a scalar as it stands behind a colon; lines of a text of several lines are at depth.
func (w *yamlWriter) scalar(s *syntax.Scalar, r reading, depth int) (text string, oneLine bool) {
	if s.Kind == syntax.String {
		if block, ok := blockScalar(s.Text, indent(depth)); ok {
			return block, false
		}
	}
	return " " + w.scalarLine(s, r), true
}

// scalarLine returns a scalar on one line.
func (w *yamlWriter) scalarLine(s *syntax.Scalar, r reading) string {
	switch s.Kind {
	case syntax.Null:
		return "null"
	case syntax.Bool:
		return s.Text
	case syntax.Int, syntax.Uint, syntax.Float:
		if yamlfile.Resolve(s.Text) == s.Kind {
			return s.Text
		}
		if r.typed && r.inherits {
			w.fail(s.Pos, s.Text+" is a number or a text here, as the type is inherited, and YAML spells them differently",
				fmt.Sprintf("write the number without an exponent, or the text %q in quotes", s.Text))
		}
		if r.text || r.typed {
			return yamlfile.ScalarText(s.Text)
		}
		text := strconv.FormatFloat(plan.ValueOf(s).Float, 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return text
	}
	return yamlfile.ScalarText(s.Text)
}

// blockScalar returns a text of several lines as a literal block that reads back as the same; false if there is none.
func blockScalar(text, pad string) (string, bool) {
	body := strings.TrimSuffix(text, "\n")
	if !strings.Contains(text, "\n") || body == "" || strings.HasSuffix(body, "\n") || strings.ContainsAny(body[:1], " \t\n") {
		return "", false
	}
	var b strings.Builder
	b.WriteString(" |")
	if body == text {
		b.WriteByte('-')
	}
	b.WriteByte('\n')
	for line := range strings.SplitSeq(body, "\n") {
		if line != "" {
			b.WriteString(pad)
		}
		b.WriteString(line + "\n")
	}
	tree, findings := yamlfile.Parse(source.NewFile("escape.yml", "x:"+strings.ReplaceAll(b.String(), "\n"+pad, "\n  ")))
	m, ok := tree.Root.(*syntax.Mapping)
	if !ok || len(findings) > 0 || len(m.Entries) != 1 {
		return "", false
	}
	s, ok := m.Entries[0].Value.(*syntax.Scalar)
	return b.String(), ok && s.Text == text
}

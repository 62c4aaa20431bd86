package plan

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A slot holds the entry that counts for one row of a table of names.
type slot struct {
	entry *syntax.Entry
	// earlier are the entries of the same name before it in the same mapping, which count no more; for metadata and
	// errands all are merged.
	earlier []*syntax.Entry
}

// A table says which names a mapping may have.
type table struct {
	code *diag.Entry
	what string // "field", or "key"
	of   string // what has the keys, quoted in messages; empty for fields
	keys []Key  // nil for the fields of a plan
	// oddKey is the message for a key that is no scalar.
	oddKey func(goType string) string
}

func keyTable(keys []Key, of string) table {
	return table{code: diag.UnknownEntryKey, what: "key", of: of, keys: keys}
}

// find returns the row of a name; -1 if there is none.
func (t *table) find(name string) int {
	if t.keys == nil {
		if _, i, ok := Lookup(name); ok {
			return i
		}
		return -1
	}
	for i := range t.keys {
		if t.keys[i].Name == name {
			return i
		}
	}
	return -1
}

func (t *table) names() []string {
	if t.keys == nil {
		return FieldNames()
	}
	return KeyNames(t.keys)
}

// called returns the name of the row that other tools call so.
func (t *table) called(word string) (name string, ok bool) {
	word = strings.ReplaceAll(strings.ToLower(word), "-", "_")
	if t.keys == nil {
		for i := range Fields {
			if slices.Contains(Fields[i].Also, word) {
				return Fields[i].Name, true
			}
		}
	}
	for i := range t.keys {
		if slices.Contains(t.keys[i].Also, word) {
			return t.keys[i].Name, true
		}
	}
	return "", false
}

// collect puts the entries of m into slots by name. The last of equal names counts, an entry of m itself counts more
// than one that is merged in by "<<". Unknown and doubled names are reported.
func (d *decoder) collect(m *syntax.Mapping, t *table, slots []slot, merged bool) {
	hasMerge, forgotten := false, false
	var seen []bool // set in m itself, if m is merged into another
	if merged {
		seen = make([]bool, len(slots))
	}
	for i := range m.Entries {
		e := &m.Entries[i]
		if e.Key.Kind == syntax.Merge && e.Odd == nil {
			hasMerge = true
			continue
		}
		key, ok := keyOf(e)
		if !ok {
			d.oddKey(t, e)
			continue
		}
		row := t.find(key.Value)
		if row < 0 {
			if !isBad(e.Value) && !(d.opts.Partial && e.Key.Style == syntax.Empty) {
				d.unknown(t, m, e, key)
			} // else the line could not be read: that has been said, and who knows what it will be
			continue
		}
		s := &slots[row]
		switch {
		case s.entry != nil && isBad(e.Value):
		case s.entry != nil && isBad(s.entry.Value):
			s.entry = e
		case merged:
			if s.entry == nil || seen[row] {
				s.entry, seen[row] = e, true
			}
		case s.entry == nil:
			s.entry = e
		case forgotten:
			s.earlier, s.entry = append(s.earlier, s.entry), e // all keys of the other entry may be here twice
		default:
			if t.keys != nil && t.keys[row].Required && s.entry == &m.Entries[0] && d.forgottenDash(key, m, e) {
				forgotten = true
				s.earlier, s.entry = append(s.earlier, s.entry), e
				continue
			}
			d.duplicate(m, key, s.entry, t.code == diag.UnknownField && (key.Value == "metadata" || key.Value == "errands"))
			s.earlier = append(s.earlier, s.entry)
			s.entry = e
		}
	}
	if hasMerge {
		d.merges(m, func(from *syntax.Mapping) { d.collect(from, t, slots, true) })
	}
}

// merges calls fn for the mappings that the "<<" entries of m name, those that count most first.
func (d *decoder) merges(m *syntax.Mapping, fn func(*syntax.Mapping)) {
	d.depth++
	defer func() { d.depth-- }()
	for i := range m.Entries {
		e := &m.Entries[i]
		if e.Key.Kind != syntax.Merge || e.Odd != nil {
			continue
		}
		switch v := d.node(e.Value).(type) {
		case *syntax.Mapping:
			fn(v)
			continue
		case *syntax.Bad:
			continue
		case *syntax.Sequence:
			for i := range v.Items {
				switch from := d.node(v.Items[i].Value).(type) {
				case *syntax.Mapping:
					fn(from)
				case *syntax.Bad:
				default:
					d.wrongMerge(v.Items[i].Value)
				}
			}
			continue
		}
		d.wrongMerge(e.Value)
	}
}

func (d *decoder) wrongMerge(n syntax.Node) {
	x := d.wrongShape("<<", "a mapping or a list of mappings", n, "")
	x.Original = "map merge requires map or sequence of maps as the value"
}

// entries returns the entries of a mapping whose keys are free: merged ones included, the last of equal keys in the
// place of the first.
func (d *decoder) entries(m *syntax.Mapping) []*syntax.Entry {
	list := make([]*syntax.Entry, 0, len(m.Entries))
	var at map[string]int
	if len(m.Entries) > 8 {
		at = make(map[string]int, len(m.Entries))
	}
	find := func(key string) int {
		if at != nil {
			if i, ok := at[key]; ok {
				return i
			}
			return -1
		}
		for i, e := range list {
			if k, ok := keyOf(e); ok && k.Value == key {
				return i
			}
		}
		return -1
	}
	add := func(key string, e *syntax.Entry) {
		if at == nil && len(list) >= 8 {
			at = make(map[string]int, 32)
			for i, e := range list {
				if k, ok := keyOf(e); ok {
					at[k.Value] = i
				}
			}
		}
		if at != nil {
			at[key] = len(list)
		}
		list = append(list, e)
	}
	var walk func(m *syntax.Mapping, merged bool)
	walk = func(m *syntax.Mapping, merged bool) {
		hasMerge := false
		for i := range m.Entries {
			e := &m.Entries[i]
			if e.Key.Kind == syntax.Merge && e.Odd == nil {
				hasMerge = true
				continue
			}
			key, ok := keyOf(e)
			if !ok {
				list = append(list, e) // reported by who reads it
				continue
			}
			switch i := find(key.Value); {
			case i < 0:
				add(key.Value, e)
			case !merged && !isBad(e.Value):
				if !isBad(list[i].Value) {
					d.duplicate(m, key, list[i], false)
				}
				list[i] = e
			}
		}
		if hasMerge {
			d.merges(m, func(from *syntax.Mapping) { walk(from, true) })
		}
	}
	walk(m, false)
	return list
}

// duplicate reports a key of m that is in it already.
func (d *decoder) duplicate(m *syntax.Mapping, key Text, first *syntax.Entry, merged bool) {
	message := fmt.Sprintf("%q is here twice; the last one counts", clip(key.Value))
	if merged {
		message = fmt.Sprintf("%q is here twice; both are merged", clip(key.Value))
	}
	x := d.report(diag.DuplicateKey, key.Span(), message)
	x.Related = []diag.Related{{File: d.src, Span: first.Key.Pos, Message: "first one"}}
	if span := first.Span(); !merged {
		short := d.src.LineOf(int(span.Start)) == d.src.LineOf(int(span.End))
		// What is lost of a longer one may be worth reading, and in HCL the plan is no good before somebody has chosen.
		x.Fixes = edit.Of(d.file).Remove(m, first, short && d.file.Notation == syntax.YAML)
	}
}

// forgottenDash reports the first key of m that is in it again, as e: another entry begins there. It reports whether it
// could.
func (d *decoder) forgottenDash(key Text, m *syntax.Mapping, e *syntax.Entry) bool {
	start := e.Key.Pos.Start
	before := d.src.Slice(source.Span{Start: d.src.Line(d.src.LineOf(int(start))).Start, End: start})
	if m.Flow || len(before) < 2 || strings.Trim(before, " ") != "" || d.file.Notation != syntax.YAML {
		return false
	}
	x := d.report(diag.DuplicateKey, key.Span(), fmt.Sprintf("%q is here twice; the last one counts. Is the \"-\" of another entry missing?", clip(key.Value)))
	x.Related = []diag.Related{{File: d.src, Span: m.Entries[0].Key.Pos, Message: "first one"}}
	x.Fixes = []diag.Fix{{Title: `write "- "`, Preferred: true, Edits: []source.Edit{
		{Span: source.Span{Start: start - 2, End: start}, New: "- "},
	}}}
	return true
}

// unknown reports the key of an entry of m that is in no row of t.
func (d *decoder) unknown(t *table, m *syntax.Mapping, e *syntax.Entry, key Text) {
	name := clip(key.Value)
	if t.of == "" && len(name) > 2 && name[:2] == "x-" {
		return // a place for anchors and for other tools
	}
	in := ""
	if t.of != "" {
		in = fmt.Sprintf(" in %q", t.of)
	}
	s, plain := key.Node.(*syntax.Scalar)
	plain = plain && s.Props == nil
	if word, rest, ok := strings.Cut(key.Value, " "); ok && plain && m.Flow && t.find(word) >= 0 && d.isWord(e) {
		x := d.report(t.code, key.Span(), fmt.Sprintf("unknown %s %q%s; a \":\" is missing behind %q", t.what, name, in, word))
		at := s.Source(source.Span{Start: int32(len(word)), End: int32(len(word))})
		if s.Style == syntax.Plain && !strings.ContainsAny(rest, "!&*%@`|>?\"'[{") {
			x.Fixes = []diag.Fix{{Title: "insert \":\"", Preferred: true, Edits: []source.Edit{{Span: at, New: ":"}}}}
		}
		d.means(m, word)
		d.loses(t, m, word)
		return
	}
	names := t.names()
	if plain && s.Style == syntax.Plain && name[0] == '-' && expr.IsName(name[1:]) {
		x := d.report(t.code, key.Span(), fmt.Sprintf("unknown %s %q%s; a blank is missing behind \"-\"", t.what, name, in))
		x.Fixes = []diag.Fix{dashFix(s)}
		return
	}
	near, ok := t.called(name)
	hint := foreignKeys[name]
	if !ok && hint == "" {
		near, ok = d.nearest(name, names)
	}
	if !ok {
		x := d.report(t.code, key.Span(), fmt.Sprintf("unknown %s %q%s", t.what, name, in))
		if hint != "" && t.of != "" {
			x.Hint = hint
			return
		}
		if first := t.keys; len(first) > 0 && first[0].Required && len(m.Entries) == 1 {
			x.Message += fmt.Sprintf("; write {%s: %s, ...}", first[0].Name, name)
			d.means(m, first[0].Name)
			return
		}
		if len(names) <= 8 {
			x.Hint = "known are " + list(names)
		}
		return
	}
	d.loses(t, m, near)
	x := d.report(t.code, key.Span(), fmt.Sprintf("unknown %s %q%s; did you mean %q?", t.what, name, in, near))
	if plain && !hasKey(m, near) {
		if !isNull(follow(e.Value)) {
			d.means(m, near)
		}
		x.Fixes = []diag.Fix{{
			Title: fmt.Sprintf("replace with %q", near), Preferred: true,
			Edits: []source.Edit{{Span: s.Pos, New: near}},
		}}
	}
}

// dashFix puts the blank behind the "-" that a key begins with.
func dashFix(s *syntax.Scalar) diag.Fix {
	at := source.Span{Start: s.Pos.Start + 1, End: s.Pos.Start + 1}
	return diag.Fix{Title: "insert a blank", Preferred: true, Edits: []source.Edit{{Span: at, New: " "}}}
}

// isWord reports whether the entry e is a key only, without its ":".
func (d *decoder) isWord(e *syntax.Entry) bool {
	s, ok := e.Value.(*syntax.Scalar)
	rest := strings.TrimLeft(d.src.Text()[e.Key.Pos.End:], " \t\r\n")
	return ok && s.Style == syntax.Empty && !strings.HasPrefix(rest, ":")
}

// means notes that the last finding is about a key of m which seems to stand for name.
func (d *decoder) means(m *syntax.Mapping, name string) {
	d.meant = append(d.meant, meant{m, name, len(d.list) - 1})
}

// nearest is diag.Nearest for the first maxSuggestions unknown words: it is too slow to be asked for each of thousands.
func (d *decoder) nearest(word string, candidates []string) (string, bool) {
	if d.suggested++; d.suggested > maxSuggestions {
		return "", false
	}
	return diag.Nearest(word, candidates)
}

func hasKey(m *syntax.Mapping, name string) bool {
	for i := range m.Entries {
		if m.Entries[i].Key.Text == name {
			return true
		}
	}
	return false
}

func (d *decoder) oddKey(t *table, e *syntax.Entry) {
	n := follow(e.Odd)
	if isBad(n) {
		return
	}
	message := fmt.Sprintf("a %s must be text, but this is %s", t.what, kindInWords(n))
	if t.oddKey != nil {
		message = t.oddKey(GoType(n))
	}
	d.report(diag.WrongShape, e.Key.Pos, message)
}

// list joins names for a message.
func list(names []string) string {
	out := ""
	for i, name := range names {
		if i > 0 {
			out += ", "
		}
		out += name
	}
	return out
}

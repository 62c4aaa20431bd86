package symbol

import (
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
)

// word returns the field or key of the plan at an offset.
func (x *Index) word(off int) (Occurrence, bool) {
	root, ok := x.an.Syntax.Root.(*syntax.Mapping)
	if !ok {
		return Occurrence{}, false
	}
	e := entryAt(root, off)
	if e == nil {
		return Occurrence{}, false
	}
	f, _, ok := plan.Lookup(e.Key.Text)
	if !ok {
		f, _, ok = plan.LookupBlock(e.Key.Text)
	}
	if !ok {
		return Occurrence{}, false
	}
	if e.Key.Pos.Contains(off) {
		return x.field(e.Key, "", f.Name, f), true
	}
	return x.key(e.Value, off, f.Name, f.Keys)
}

func (x *Index) field(key *syntax.Scalar, within, name string, def any) Occurrence {
	return Occurrence{ID: ID{Kind: Field, Within: within, Name: name}, Place: Place{x.an.Source, key.Pos}, Def: def, Scalar: key}
}

// key looks for the key at an offset below a value whose mappings have certain keys; Def is its row. Within is the path of
// fields, such as "inputs" or "errands.run".
func (x *Index) key(n syntax.Node, off int, within string, keys []plan.Key) (Occurrence, bool) {
	switch n := n.(type) {
	case *syntax.Sequence:
		for i := range n.Items {
			if n.Items[i].Value.Span().Contains(off) {
				return x.key(n.Items[i].Value, off, within, keys)
			}
		}
	case *syntax.Mapping:
		e := entryAt(n, off)
		if e == nil {
			break
		}
		for i := range keys {
			k := &keys[i]
			if k.Name != e.Key.Text && (!e.Block || k.Block() != e.Key.Text) {
				continue
			}
			if e.Key.Pos.Contains(off) {
				return x.field(e.Key, within, k.Name, k), true
			}
			return x.key(e.Value, off, within+"."+k.Name, k.Keys)
		}
		if !e.Key.Pos.Contains(off) {
			return x.key(e.Value, off, within, keys) // the key is a name, as in errands
		}
	}
	return Occurrence{}, false
}

// entryAt returns the entry of a mapping that holds an offset.
func entryAt(m *syntax.Mapping, off int) *syntax.Entry {
	for i := range m.Entries {
		if e := &m.Entries[i]; e.Span().Contains(off) {
			return e
		}
	}
	return nil
}

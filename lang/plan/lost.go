package plan

import (
	"maps"
	"reflect"
	"slices"

	"escape.build/escape/lang/syntax"
)

// A Lost says of which fields and keys something could not be read: an entry, the whole, or what stands under a misspelt name.
// That has been reported. What is not in them may exist all the same, so that nothing more should be said.
type Lost struct {
	fields map[string]bool
	keys   map[*syntax.Mapping][]string
}

// Field reports whether something of one of the fields was lost.
func (l *Lost) Field(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return l.fields[name] })
}

// Fields returns the names of the fields of which something was lost, in order.
func (l *Lost) Fields() []string { return slices.Sorted(maps.Keys(l.fields)) }

// Key reports whether a misspelt key of the entry n seems to mean the one called name, which is not there.
func (l *Lost) Key(n syntax.Node, name string) bool {
	m, ok := follow(n).(*syntax.Mapping)
	return ok && slices.Contains(l.keys[m], name)
}

// lose notes that something of a field could not be read.
func (d *decoder) lose(name string) {
	l := &d.plan.Lost
	if l.fields == nil {
		l.fields = map[string]bool{}
	}
	l.fields[name] = true
}

// loses notes that a key of m which is in no row of t seems to stand for another.
func (d *decoder) loses(t *table, m *syntax.Mapping, name string) {
	if t.keys == nil {
		d.lose(name)
		return
	}
	l := &d.plan.Lost
	if l.keys == nil {
		l.keys = map[*syntax.Mapping][]string{}
	}
	l.keys[m] = append(l.keys[m], name)
}

// incomplete reports whether the field has less than n says. (Of a step only whether there is one.)
func (d *decoder) incomplete(row *Field, n syntax.Node) bool {
	got := reflect.ValueOf(row.Bind(d.plan)).Elem()
	n = follow(n)
	switch got.Kind() {
	case reflect.Pointer:
		s, ok := n.(*syntax.Scalar)
		return got.IsNil() && !isNull(n) && !(ok && s.Text == "")
	case reflect.Slice:
		switch n := n.(type) {
		case *syntax.Sequence:
			return got.Len() < len(n.Items)
		case *syntax.Mapping:
			return got.Len() < len(n.Entries)
		}
		return !isNull(n)
	}
	return false
}

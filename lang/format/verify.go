package format

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/notation"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Same reports whether text says the same as f, in the notation of f: the same entries with the same values and comments.
func Same(f *source.File, text string) bool {
	file, findings := notation.Parse(f)
	return !findings.HasErrors() && sameMeaning(file, text) == nil
}

// sameMeaning checks the law of this package: text holds the same entries as file, in the same order for each field,
// with equal values, anchors, tags and aliases, and the same comments. Fields without a value do not count.
func sameMeaning(file *syntax.File, text string) error {
	f := source.NewFile(file.Source.Name(), text)
	other, findings := notation.Edit(f, file, source.Compare(file.Source.Text(), text))
	if findings.HasErrors() {
		return errors.New("the result cannot be read: " + findings[0].Message)
	}
	a, b := byField(file.Root), byField(other.Root)
	for _, name := range slices.Concat(a.names, b.names) {
		x, y := a.entries[name], b.entries[name]
		if len(x) != len(y) {
			return fmt.Errorf("field %q occurs %d times, was %d", name, len(y), len(x))
		}
	}
	s := same{peer: map[syntax.Node]syntax.Node{}}
	for _, name := range a.names {
		for i, x := range a.entries[name] {
			y := b.entries[name][i]
			if err := s.entry(x, y); err != nil {
				return fmt.Errorf("field %q: %w", name, err)
			}
		}
	}
	for _, pair := range s.aliases {
		if s.peer[pair[0].Target] != pair[1].Target {
			return fmt.Errorf("alias %q names another node", pair[0].Name)
		}
	}
	return sameComments(file.Comments, other.Comments)
}

// fields are the entries of a document that have a value, by name.
type fields struct {
	names   []string // in order of the first
	entries map[string][]*syntax.Entry
}

func byField(root syntax.Node) fields {
	all := fields{entries: map[string][]*syntax.Entry{}}
	m, ok := root.(*syntax.Mapping)
	if !ok {
		return all
	}
	count := map[string]int{}
	for i := range m.Entries {
		count[m.Entries[i].Key.Text]++
	}
	for i := range m.Entries {
		e := &m.Entries[i]
		name := e.Key.Text
		if f, _, ok := plan.Lookup(name); ok && count[name] == 1 && absent(f.Shape, e) {
			continue
		}
		if all.entries[name] == nil {
			all.names = append(all.names, name)
		}
		all.entries[name] = append(all.entries[name], e)
	}
	return all
}

type same struct {
	peer    map[syntax.Node]syntax.Node // anchored nodes
	aliases [][2]*syntax.Alias
}

func (s *same) entry(x, y *syntax.Entry) error {
	if (x.Odd == nil) != (y.Odd == nil) {
		return errors.New("the key changed")
	}
	if x.Odd != nil {
		if err := s.node(x.Odd, y.Odd); err != nil {
			return err
		}
	}
	if err := s.node(x.Key, y.Key); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if x.Block != y.Block || len(x.Labels) != len(y.Labels) {
		return errors.New("a block changed")
	}
	for i := range x.Labels {
		if err := s.node(x.Labels[i], y.Labels[i]); err != nil {
			return fmt.Errorf("label: %w", err)
		}
	}
	return s.node(x.Value, y.Value)
}

func (s *same) node(x, y syntax.Node) error {
	switch x := x.(type) {
	case *syntax.Scalar:
		y, ok := y.(*syntax.Scalar)
		if !ok || x.Text != y.Text || x.Kind != y.Kind || x.Style != y.Style {
			return fmt.Errorf("%q changed", x.Text)
		}
		return s.props(x, y, x.Props, y.Props)
	case *syntax.Alias:
		y, ok := y.(*syntax.Alias)
		if !ok || x.Name != y.Name {
			return fmt.Errorf("alias %q changed", x.Name)
		}
		s.aliases = append(s.aliases, [2]*syntax.Alias{x, y})
	case *syntax.Sequence:
		y, ok := y.(*syntax.Sequence)
		if !ok || len(x.Items) != len(y.Items) || x.Flow != y.Flow {
			return errors.New("a list changed")
		}
		for i := range x.Items {
			if err := s.node(x.Items[i].Value, y.Items[i].Value); err != nil {
				return fmt.Errorf("item %d: %w", i+1, err)
			}
		}
		return s.props(x, y, x.Props, y.Props)
	case *syntax.Mapping:
		y, ok := y.(*syntax.Mapping)
		if !ok || len(x.Entries) != len(y.Entries) || x.Flow != y.Flow {
			return errors.New("a mapping changed")
		}
		for i := range x.Entries {
			if err := s.entry(&x.Entries[i], &y.Entries[i]); err != nil {
				return fmt.Errorf("%s: %w", x.Entries[i].Key.Text, err)
			}
		}
		return s.props(x, y, x.Props, y.Props)
	default:
		return errors.New("a part could not be read")
	}
	return nil
}

func (s *same) props(x, y syntax.Node, p, q *syntax.Props) error {
	if (p == nil) != (q == nil) || p != nil && *p != *q {
		return errors.New("an anchor or tag changed")
	}
	if p != nil && p.Anchor != "" {
		s.peer[x] = y
	}
	return nil
}

// sameComments compares comments without regard to their order, which follows that of the fields.
func sameComments(x, y []syntax.Comment) error {
	texts := func(all []syntax.Comment) []string {
		list := make([]string, len(all))
		for i := range all {
			list[i] = strings.TrimRight(all[i].Text, " \t\r")
		}
		slices.Sort(list)
		return list
	}
	a, b := texts(x), texts(y)
	if !slices.Equal(a, b) {
		return fmt.Errorf("%d comments became %d, or their text changed", len(a), len(b))
	}
	return nil
}

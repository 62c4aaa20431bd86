package symbol

import (
	"cmp"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile"
)

// released returns where the metadata of a release below deps says something; nil if it is not there.
func (r *resolver) released(m *release.Metadata, id ID) []Place {
	dir := Of(r.snap, r.an).dir
	d := r.snap.Release(dir, m.ID())
	if d == nil {
		return nil
	}
	if span, ok := inMetadata(d.Source, id); ok {
		return []Place{{d.Source, span}}
	}
	return []Place{{File: d.Source}}
}

// inMetadata finds where metadata, which is JSON and so YAML too, declares a symbol.
func inMetadata(f *source.File, id ID) (source.Span, bool) {
	tree, _ := yamlfile.Parse(f)
	root, ok := tree.Root.(*syntax.Mapping)
	if !ok {
		return source.Span{}, false
	}
	switch id.Kind {
	case Package:
		return textOf(valueOf(root, "name"))
	case Field:
		return keyOf(root, cmp.Or(madeOf[id.Name], id.Name))
	case Input:
		return inList(valueOf(root, "inputs"), "id", id.Name)
	case Output:
		return inList(valueOf(root, "outputs"), "id", id.Name)
	case Consumer:
		return inList(valueOf(root, "consumes"), "variable", id.Name)
	case Dependency:
		return inList(valueOf(root, "depends"), "variable", id.Name)
	case Metadata:
		return keyOf(valueOf(root, "metadata"), id.Name)
	case Errand:
		return keyOf(valueOf(root, "errands"), id.Name)
	case ErrandInput:
		if e, ok := valueOf(valueOf(root, "errands"), id.Within).(*syntax.Mapping); ok {
			return inList(valueOf(e, "inputs"), "id", id.Name)
		}
	}
	return source.Span{}, false
}

func valueOf(n syntax.Node, key string) syntax.Node {
	if m, ok := n.(*syntax.Mapping); ok {
		for i := range m.Entries {
			if m.Entries[i].Key.Text == key {
				return m.Entries[i].Value
			}
		}
	}
	return nil
}

func keyOf(n syntax.Node, key string) (source.Span, bool) {
	if m, ok := n.(*syntax.Mapping); ok {
		for i := range m.Entries {
			if m.Entries[i].Key.Text == key {
				return textOf(m.Entries[i].Key)
			}
		}
	}
	return source.Span{}, false
}

// inList finds the element of a list that has a text under a key.
func inList(n syntax.Node, key, text string) (source.Span, bool) {
	if list, ok := n.(*syntax.Sequence); ok {
		for i := range list.Items {
			if s, ok := valueOf(list.Items[i].Value, key).(*syntax.Scalar); ok && s.Text == text {
				return textOf(s)
			}
		}
	}
	return source.Span{}, false
}

func textOf(n syntax.Node) (source.Span, bool) {
	s, ok := n.(*syntax.Scalar)
	if !ok {
		return source.Span{}, false
	}
	return plan.Text{Value: s.Text, Node: s}.Span(), true
}

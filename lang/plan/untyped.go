package plan

import "escape.build/escape/lang/syntax"

// value reads n as an untyped value, without looking at expressions.
func (d *decoder) value(v *Value, n syntax.Node) {
	d.depth++
	defer func() { d.depth-- }()
	v.Node = n
	switch at := d.node(n).(type) {
	case *syntax.Scalar:
		v.setScalar(at)
	case *syntax.Sequence:
		v.Kind = List
		v.List = make([]Value, len(at.Items))
		for i := range at.Items {
			d.value(&v.List[i], at.Items[i].Value)
		}
	case *syntax.Mapping:
		v.Kind = Map
		entries := d.entries(at)
		v.Map = make([]ValuePair, 0, len(entries))
		for _, e := range entries {
			key, ok := d.keyText(e, "mapping", "string")
			if !ok {
				continue
			}
			v.Map = append(v.Map, ValuePair{Key: key})
			d.value(&v.Map[len(v.Map)-1].Value, e.Value)
		}
	case *syntax.Bad:
		v.Kind = Absent
	}
}

// scripts parses the expressions of v: v itself if it is text, and its elements if inList is set. original makes, from
// the text of an expression, what script wants; it may be nil.
func (d *decoder) scripts(v *Value, inList bool, original func(text string) func(reason string) string) {
	switch v.Kind {
	case String:
		if len(v.Text) == 0 || v.Text[0] != '$' {
			return
		}
		var wrap func(string) string
		if original != nil {
			wrap = original(v.Text)
		}
		v.Expr = d.script(Text{Value: v.Text, Node: v.Node}, wrap).Expr
	case List:
		if !inList {
			return
		}
		for i := range v.List {
			d.scripts(&v.List[i], false, original)
		}
	}
}

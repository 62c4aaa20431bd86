package plan

import (
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/syntax"
)

// What is known of a unit since it was decoded before an edit. It is good for just these nodes: those of a unit that has moved
// are new.
type known struct {
	variable *Variable
	errand   *Errand
	unfolded unfolded
}

// known returns what is known of a unit, which may be nil.
func (d *decoder) known(u *syntax.Unit) known {
	if u == nil || d.opts.Kept == nil {
		return known{}
	}
	k, _ := u.Decoded.Load().(known)
	return k
}

// note changes what is known of a unit of which nothing wrong was found.
func (d *decoder) note(u *syntax.Unit, change func(k *known)) {
	if u == nil || d.opts.Kept == nil || d.opts.Partial { // less is said of what could not be read in full
		return
	}
	k := d.known(u)
	change(&k)
	u.Decoded.Store(k)
}

// An unfolded is a block of HCL in the form of YAML.
type unfolded struct{ from, value syntax.Node }

// unfoldedOnce returns what unfold returned for a block, with the same body, before an edit.
func (d *decoder) unfoldedOnce(e *syntax.Entry, unfold func() syntax.Node) syntax.Node {
	if k := d.known(e.Unit).unfolded; k.value != nil && k.from == e.Value {
		return k.value
	}
	said := len(d.list)
	value := unfold()
	if len(d.list) == said {
		d.note(e.Unit, func(k *known) { k.unfolded = unfolded{e.Value, value} })
	}
	return value
}

// Unit returns the part of the document that v is; nil if that is not known, and for the inputs of an errand.
func (v *Variable) Unit() *syntax.Unit { return v.unit }

// Unit returns the part of the document that e is; nil if that is not known.
func (e *Errand) Unit() *syntax.Unit { return e.unit }

// expr returns the expression that v, which may be nil, makes of a text; nil if that is none of its values.
func (v *Variable) expr(text string) expr.Expr {
	if v == nil {
		return nil
	}
	for _, value := range []*Value{&v.Default, &v.Items} {
		if value.Kind == String && value.Text == text {
			return value.Expr
		}
		for i := range value.List {
			if x := &value.List[i]; x.Kind == String && x.Text == text {
				return x.Expr
			}
		}
	}
	return nil
}

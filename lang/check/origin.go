package check

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// Parts is a set of parts of release metadata.
type Parts uint8

// The parts that other packages may bring into a release.
const (
	Inputs Parts = 1 << iota
	Outputs
	Consumers
	Providers
	Values   // of the field metadata
	AllParts = Inputs | Outputs | Consumers | Providers | Values
)

// An Origin says that metadata was made from the text of a plan that is not released yet.
type Origin struct {
	File *source.File
	// Open parts may hold more than the metadata says: nothing is said about what is not there.
	Open Parts
	// Places are where parts are written, as far as the plan itself writes them.
	Places map[Place]source.Span
}

// A Place is an entry of a plan: that of Name in a field ("outputs", "inputs", "consumes", "provides", "metadata",
// "depends"), or the field if Name is empty. Fields of one stage, such as "build_inputs", count as the one of both.
type Place struct{ Field, Name string }

// origin returns where metadata comes from; nil for a release.
func (c *checker) origin(m *release.Metadata) *Origin {
	if m == nil || c.env.Origin == nil {
		return nil
	}
	return c.env.Origin(m)
}

// open reports whether the package may have more of these parts than is known.
func (c *checker) open(m *release.Metadata, parts Parts) bool {
	if m == nil {
		return true
	}
	o := c.origin(m)
	return o != nil && o.Open&parts != 0
}

// declared adds to x where the plan of m says what x is about: the entry of name in the field, or, if there is none, the
// one that x suggests, or the field.
func (c *checker) declared(x *diag.Diagnostic, m *release.Metadata, field, name string) {
	o := c.origin(m)
	if o == nil {
		return
	}
	near := ""
	if len(x.Fixes) > 0 && len(x.Fixes[0].Edits) > 0 {
		near = x.Fixes[0].Edits[0].New
	}
	related := diag.Related{File: o.File, Message: fmt.Sprintf("this is the plan of %q", m.VersionlessID())}
	for _, there := range []string{name, near} {
		if span, ok := o.Places[Place{field, there}]; ok && there != "" {
			related.Span, related.Message = span, fmt.Sprintf("%q is declared here", there)
			x.Related = append(x.Related, related)
			return
		}
	}
	if span, ok := o.Places[Place{field, ""}]; ok {
		related.Span, related.Message = span, fmt.Sprintf("these are the %s of %q", field, m.VersionlessID())
	}
	x.Related = append(x.Related, related)
}

// A reach is the selection of a variable, or of metadata, of another package: "$alias.outputs.name".
type reach struct {
	sel         *expr.Select
	alias       string
	field, name string
}

// reaches returns those of an expression.
func reaches(e expr.Expr) []reach {
	var all []reach
	expr.Walk(e, func(e expr.Expr) bool {
		sel, ok := e.(*expr.Select)
		if !ok {
			return true
		}
		group, ok := sel.X.(*expr.Select)
		if !ok || !slices.Contains([]string{"inputs", "outputs", "metadata"}, group.Name.Text) {
			return true
		}
		if ref, ok := group.X.(*expr.Ref); ok {
			all = append(all, reach{sel, ref.Name.Text, group.Name.Text, sel.Name.Text})
		}
		return true
	})
	return all
}

// fromPlans adds to findings about an expression where the plans of other packages say what they are about. Spans count from
// the start of the expression.
func (c *checker) fromPlans(list diag.List, e expr.Expr) {
	if c.env.Origin == nil {
		return
	}
	for _, r := range reaches(e) {
		b := c.packageOf(r.alias)
		if b == nil || c.origin(b.m) == nil {
			continue
		}
		for i := range list {
			meets := func(s source.Span) bool { return s.Start < r.sel.Span().End && r.sel.Span().Start < s.End }
			if meets(list[i].Span) || slices.ContainsFunc(list[i].Related, func(o diag.Related) bool { return o.File == nil && meets(o.Span) }) {
				c.declared(&list[i], b.m, r.field, r.name)
				break
			}
		}
	}
}

// packageOf returns the package with the alias; nil if there is none.
func (c *checker) packageOf(alias string) *bundled {
	for _, list := range [][]*bundled{c.dependencies, c.extensions} {
		for _, b := range list {
			if b.alias == alias {
				return b
			}
		}
	}
	return nil
}

// provided notices the use of an output that no known provider of the interface has. Which deployment provides it is decided
// in the environment, so this is a hint.
func (c *checker) provided(e expr.Expr) diag.List {
	var list diag.List
	for _, r := range reaches(e) {
		if r.field != "outputs" || r.name == "" {
			continue
		}
		if iface := c.interfaceOf(r.alias); iface != "" {
			c.consumed = true
			list = append(list, c.outputOf(iface, r)...)
		}
	}
	return list
}

// interfaceOf returns what the provider with the alias provides; "" if the alias means something else.
func (c *checker) interfaceOf(alias string) string {
	iface := ""
	for _, list := range [][]*plan.Consumer{c.p.Consumes, c.p.BuildConsumes, c.p.DeployConsumes} {
		for _, consumer := range list {
			switch {
			case consumer == nil || consumer.Alias() != alias:
			case iface != "" && iface != consumer.Interface.Value:
				return ""
			default:
				iface = consumer.Interface.Value
			}
		}
	}
	return iface
}

// knownProviders returns the packages at hand that provide an interface; none if one of them is not known in full.
func (c *checker) knownProviders(iface string) []*release.Metadata {
	var all []*release.Metadata
	if c.env.Providers != nil {
		all = slices.Clone(c.env.Providers(iface))
	}
	for _, list := range [][]*bundled{c.dependencies, c.extensions} {
		for _, b := range list {
			if b.m != nil && !slices.ContainsFunc(all, func(m *release.Metadata) bool { return m.VersionlessID() == b.m.VersionlessID() }) {
				all = append(all, b.m)
			}
		}
	}
	all = slices.DeleteFunc(all, func(m *release.Metadata) bool {
		return !slices.ContainsFunc(m.Provides, func(p *release.Provider) bool { return p.Name == iface })
	})
	if slices.ContainsFunc(all, func(m *release.Metadata) bool { return c.open(m, Outputs) }) {
		return nil
	}
	return all
}

func (c *checker) outputOf(iface string, r reach) diag.List {
	var names, packages []string
	known := c.knownProviders(iface)
	for _, m := range known {
		for _, v := range m.Outputs {
			if v.ID == r.name && v.InScope(release.Deploy) {
				return nil
			}
			names = append(names, v.ID)
		}
		packages = append(packages, m.VersionlessID())
	}
	if len(known) == 0 {
		return nil
	}
	d := diag.New(diag.ProviderOutput, nil, r.sel.Name.Pos, fmt.Sprintf("no provider of %q that is known here has the output %q", iface, r.name))
	if near, ok := c.nearest(r.name, names); ok {
		d.Message += fmt.Sprintf("; did you mean %q?", near)
		d.Fixes = []diag.Fix{{Title: fmt.Sprintf("replace with %q", near), Edits: []source.Edit{{Span: r.sel.Name.Pos, New: near}}}}
	}
	slices.Sort(packages)
	const few = 3
	if len(packages) > few {
		packages = append(packages[:few], "others")
	}
	d.Hint = "known are " + strings.Join(packages, ", ")
	for _, m := range known[:min(len(known), few)] {
		c.declared(&d, m, "outputs", r.name)
	}
	return diag.List{d}
}

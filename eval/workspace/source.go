package workspace

import (
	"slices"
	"strings"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// An entry is a plan of the workspace.
type entry struct {
	dir, file string
	pkg       string // "project/name"
	// provides and extends say whether the text has these words.
	provides, extends bool

	// What was read of it. The plan is let go once its metadata is made.
	tried   bool // to read it
	ok      bool // there is a plan of the package
	whole   bool // the text could be read in full
	plan    *plan.Plan
	version string       // as it is written; empty if it is an expression
	needs   []release.ID // what it depends on and extends
	offers  []string     // interfaces that it provides

	// meta is what a release of the plan would say; nil until it is made.
	meta *release.Metadata
	// circle is a number that plans share which need each other; 0 until it is known. See circles.go.
	circle, seen, low int
	open              bool
	leads             answer
}

// decode reads the plan. It reports whether there is one, of the package that the index says.
func (w *Workspace) decode(e *entry) bool {
	if e.tried {
		return e.ok
	}
	e.tried, e.ok = true, false
	text, err := w.o.ReadFile(e.file)
	if err != nil {
		return false
	}
	p, whole := w.o.Decode(source.NewFile(w.o.Name(e.file), string(text)))
	if p == nil || p.Name.Value == "" {
		return false
	}
	if e.pkg == "" {
		e.pkg = packageOf(p)
	}
	e.plan, e.whole, e.ok = p, whole, packageOf(p) == e.pkg
	e.version = writtenVersion(p)
	e.needs, e.offers = needs(p), nil
	for _, t := range p.Provides {
		e.offers = append(e.offers, t.Value)
	}
	return e.ok
}

// writtenVersion returns the version of a plan; "" if it is an expression.
func writtenVersion(p *plan.Plan) string {
	if p.Version.Expr != nil {
		return ""
	}
	return strings.TrimSpace(p.Version.Value)
}

// needs returns what a plan depends on and extends.
func needs(p *plan.Plan) (list []release.ID) {
	eachNeed(p, func(id release.ID, _ plan.Text) { list = append(list, id) })
	return list
}

// eachNeed calls fn with each release that a plan depends on or extends, and where it says so.
func eachNeed(p *plan.Plan, fn func(release.ID, plan.Text)) {
	for _, n := range p.Needs() {
		if id, err := release.ParseID(n.Release.Value); err == nil {
			fn(id, n.Release)
		}
	}
}

// made returns what a release of the plan would say; nil if the plan says nothing. Plans that need each other in a circle do
// not know each other: none of them could be first.
func (w *Workspace) made(e *entry) *release.Metadata {
	if e.meta != nil || !w.decode(e) {
		return e.meta
	}
	open := lostParts(e.plan)
	if !e.whole {
		open = check.AllParts
	}
	known := map[release.ID]found{}
	of := func(id release.ID) found {
		k, ok := known[id]
		if !ok {
			if n := w.neighbour(e.at(), id); n == nil || w.circleOf(n) != w.circleOf(e) {
				k = w.known(e.at(), id)
			}
			known[id] = k
		}
		return k
	}
	m := compile.Outline(e.plan, func(id release.ID) *release.Metadata { return of(id).m })
	for _, x := range e.plan.Extends {
		if x != nil {
			open |= w.brings(x.Release, of, check.AllParts)
		}
	}
	for _, d := range e.plan.Depends {
		if d != nil {
			open |= w.brings(d.Release, of, check.Inputs|check.Consumers)
		}
	}
	w.setOrigin(m, &check.Origin{File: e.plan.File.Source, Open: open, Places: places(e.plan)})
	e.meta, e.plan = m, nil
	return m
}

// lostParts returns the parts of which something in the plan could not be read.
func lostParts(p *plan.Plan) (lost check.Parts) {
	for _, field := range p.Lost.Fields() {
		switch strings.TrimPrefix(strings.TrimPrefix(field, "build_"), "deploy_") {
		case "inputs":
			lost |= check.Inputs
		case "outputs":
			lost |= check.Outputs
		case "consumes":
			lost |= check.Consumers
		case "provides":
			lost |= check.Providers
		case "metadata":
			lost |= check.Values
		case "depends":
			lost |= check.Inputs | check.Consumers
		case "extends":
			lost |= check.AllParts
		}
	}
	return lost
}

// at is where the plan needs packages.
func (e *entry) at() at { return at{e.dir, e.file, e.pkg} }

// brings returns the parts that a package may bring of which nothing is known; all are those that it could bring.
func (w *Workspace) brings(ref plan.Text, of func(release.ID) found, all check.Parts) check.Parts {
	id, err := release.ParseID(ref.Value)
	if err != nil {
		return all
	}
	k := of(id)
	if k.m == nil {
		return all
	}
	if o := w.Origin(k.m); o != nil {
		return o.Open & all
	}
	return 0
}

// satisfies reports whether the next release of the plan can be the one that is asked for. An exact version is that of the
// plan only if the plan says so: where it counts on, an exact version means one that was released before.
func (e *entry) satisfies(c release.Constraint) bool {
	if _, ok := c.Tag(); ok {
		return false
	}
	v := e.version
	unknown := v == "" || expr.IsScript(v)
	if exact, ok := c.Version(); ok {
		return !unknown && v == string(exact)
	}
	asked, _ := c.Pattern()
	if unknown || asked == "" {
		return true
	}
	if v == "auto" {
		v = "@"
	}
	if own, err := release.ParsePattern(v); err == nil {
		return strings.HasPrefix(string(own), string(asked)) || strings.HasPrefix(string(asked), string(own))
	}
	return asked.Matches(release.Version(v))
}

// places says where the parts of a plan are written.
func places(p *plan.Plan) map[check.Place]source.Span {
	all := map[check.Place]source.Span{}
	add := func(field, name string, t plan.Text) {
		if _, ok := all[check.Place{Field: field, Name: name}]; !ok && name != "" && t.Node != nil {
			all[check.Place{Field: field, Name: name}] = t.Span()
		}
	}
	if root, ok := p.File.Root.(*syntax.Mapping); ok {
		for i := range root.Entries {
			key := root.Entries[i].Key
			field := strings.TrimPrefix(strings.TrimPrefix(key.Text, "build_"), "deploy_")
			if _, ok := all[check.Place{Field: field}]; !ok || field == key.Text {
				all[check.Place{Field: field}] = key.Pos
			}
		}
	}
	for _, v := range slices.Concat(p.Inputs, p.BuildInputs, p.DeployInputs) {
		if v != nil {
			add("inputs", v.ID.Value, v.ID)
		}
	}
	for _, v := range slices.Concat(p.Outputs, p.BuildOutputs, p.DeployOutputs) {
		if v != nil {
			add("outputs", v.ID.Value, v.ID)
		}
	}
	for _, c := range slices.Concat(p.Consumes, p.BuildConsumes, p.DeployConsumes) {
		if c != nil {
			add("consumes", c.Alias(), c.Interface)
		}
	}
	for _, t := range p.Provides {
		add("provides", t.Value, t)
	}
	for i := range p.Metadata {
		add("metadata", p.Metadata[i].Key.Value, p.Metadata[i].Key)
	}
	eachNeed(p, func(id release.ID, t plan.Text) { add("depends", id.Package(), t) })
	return all
}

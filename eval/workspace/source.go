package workspace

import (
	"math"
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

	tried bool       // to read it
	plan  *plan.Plan // nil if that failed
	whole bool       // the text could be read in full

	// meta is what a release of the plan would say; nil until it is made for good.
	meta *release.Metadata
	busy int // at which depth it is being made; 0 if it is not
}

// maxRead is how many plans are read for one question. Only plans that need each other in many circles need so many.
const maxRead = 2_000

// decode reads the plan. It reports whether there is one, with a name.
func (w *Workspace) decode(e *entry) bool {
	if !e.tried {
		e.tried = true
		text, err := w.o.ReadFile(e.file)
		if err != nil {
			return false
		}
		e.plan, e.whole = w.o.Decode(source.NewFile(w.o.Name(e.file), string(text)))
		if e.plan != nil && e.pkg == "" {
			e.pkg = packageOf(e.plan)
		}
	}
	return e.plan != nil && e.plan.Name.Value != "" && packageOf(e.plan) == e.pkg
}

// made returns what a release of the plan would say; nil if the plan says nothing, or is being read because of itself.
func (w *Workspace) made(e *entry) *release.Metadata {
	if e.meta != nil {
		return e.meta
	}
	if e.busy > 0 {
		w.cut = min(w.cut, e.busy)
		return nil
	}
	if w.read++; w.read > maxRead || !w.decode(e) {
		return nil
	}
	if w.depth == 0 {
		w.cut = math.MaxInt
	}
	w.depth++
	e.busy = w.depth
	defer func() { w.depth, e.busy = w.depth-1, 0 }()

	open := check.Parts(0)
	if !e.whole {
		open = check.AllParts
	}
	known := map[release.ID]found{}
	of := func(id release.ID) found {
		k, ok := known[id]
		if !ok {
			k = w.known(at{e.dir, e.file, e.pkg}, id)
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
	w.origins.Store(m, &check.Origin{File: e.plan.File.Source, Open: open, Places: places(e.plan)})
	switch {
	case w.cut > e.busy:
		e.meta = m
	case w.cut == e.busy: // a circle ends here; what it gives depends on where it is entered
		w.cut = math.MaxInt
	}
	return m
}

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

// needs calls fn for the ids of the packages that the plan names.
func (e *entry) needs(fn func(release.ID)) {
	for _, d := range e.plan.Depends {
		if d != nil {
			if id, err := release.ParseID(d.Release.Value); err == nil {
				fn(id)
			}
		}
	}
	for _, x := range e.plan.Extends {
		if x != nil {
			if id, err := release.ParseID(x.Release.Value); err == nil {
				fn(id)
			}
		}
	}
}

// satisfies reports whether the next release of the plan can be the one that is asked for. An exact version is that of the
// plan only if the plan says so: where it counts on, an exact version means one that was released before.
func (e *entry) satisfies(c release.Constraint) bool {
	if _, ok := c.Tag(); ok {
		return false
	}
	v := strings.TrimSpace(e.plan.Version.Value)
	unknown := e.plan.Version.Expr != nil || expr.IsScript(v)
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
	needs := func(t plan.Text) {
		if id, err := release.ParseID(t.Value); err == nil {
			add("depends", id.Package(), t)
		}
	}
	for _, d := range p.Depends {
		if d != nil {
			needs(d.Release)
		}
	}
	for _, e := range p.Extends {
		if e != nil {
			needs(e.Release)
		}
	}
	return all
}

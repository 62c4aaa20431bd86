package hover

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/types"
	"escape.build/escape/lsp/internal/symbol"
)

// constraintAt is where the version begins in the text of a release id; -1 if there is none.
func constraintAt(n plan.Need) int {
	id, err := release.ParseID(n.Release.Value)
	if err != nil {
		return -1
	}
	if tag := strings.IndexByte(n.Release.Value, ':'); tag >= 0 {
		return tag + 1
	}
	if i := strings.LastIndexByte(n.Release.Value, '-'); i >= 0 && id.Name != "" {
		return i + 1
	}
	return -1
}

// constraint explains which release is asked for, and which that is now.
func (e *explainer) constraint(n plan.Need) {
	id, _ := release.ParseID(n.Release.Value)
	c := id.Constraint
	e.line(title("version"), say(" "), word(n.Release.Value[constraintAt(n):]))
	tag, isTag := c.Tag()
	pattern, isPattern := c.Pattern()
	_, exact := c.Version()
	switch {
	case isTag:
		e.line(say("The release of "), word(id.Package()), say(" that the tag "), word(tag), say(" is on when the plan is built."))
	case exact:
		e.line(say("Exactly this release of "), word(id.Package()), say("."))
	case isPattern && pattern != "":
		e.line(say("The newest release of "), word(id.Package()), say(" whose version begins with "), word(string(pattern)), say(", when the plan is built."))
	default:
		e.line(say("The newest release of "), word(id.Package()), say(", when the plan is built."))
	}
	if !exact {
		e.now(e.an.ReleaseOf(n.Release, n.Alias))
	}
}

// now says which release a pattern means at this moment.
func (e *explainer) now(m *release.Metadata) {
	switch {
	case m == nil:
		e.line(say("Which one that is now is not known here."))
	case e.origin(m) != nil:
		e.line(say("Here the plan of the workspace stands for it: "), word(e.rel(e.origin(m).File.Name())))
	case m.Version != "":
		e.line(say("Now that is "), word(m.QualifiedID()), say("."))
	}
}

func (e *explainer) origin(m *release.Metadata) *check.Origin {
	if m == nil || e.an.Env.Origin == nil {
		return nil
	}
	if o := e.an.Env.Origin(m); o != nil && o.File != nil {
		return o
	}
	return nil
}

// packageName explains the name of a package: this one, or one that is asked for.
func (e *explainer) packageName(s *symbol.Symbol) {
	own := s.Package == symbol.PackageOf(e.an)
	e.line(title("package"), say(" "), word(s.Name))
	if own {
		e.user(e.an.Plan.Description.Value)
		if s.Use == symbol.Indirect {
			e.line(e.doc("`$this` is this release and, while a stage runs, its deployment."))
		}
		if e.an.Plan.Version.Value != "" {
			e.item(say("Version: "), word(e.an.Plan.Version.Value))
		}
		return
	}
	m := s.Release
	for _, n := range e.an.Plan.Needs() {
		if m == nil && n.Release.Span().Contains(e.off) {
			m = e.an.ReleaseOf(n.Release, n.Alias)
		}
	}
	e.metadata(m)
}

func (e *explainer) dependency(s *symbol.Symbol) {
	d, _ := s.Def.(*plan.Dependency)
	if d == nil {
		e.line(title("dependency"), say(" "), word(s.Name))
		e.line(say("An extension brings it."))
		return
	}
	e.line(title("dependency"), say(" "), word(s.Name), say(": "), word(d.Release.Value))
	if n := d.Scopes.Stages(); n != plan.StageBoth {
		e.item(say("Only in the " + n.String() + " stage."))
	}
	e.metadata(e.an.ReleaseOf(d.Release, d.Alias()))
}

func (e *explainer) extension(s *symbol.Symbol) {
	x, _ := s.Def.(*plan.Extension)
	if x == nil {
		return
	}
	e.line(title("extension"), say(" "), word(s.Name), say(": "), word(x.Release.Value))
	e.line(doc("Its parts are merged into this package. Its name is known in `version` and `metadata` only."))
	e.metadata(e.an.ReleaseOf(x.Release, x.Alias()))
}

// most is how many elements of a list are shown.
const most = 12

// metadata says what is known of a release.
func (e *explainer) metadata(m *release.Metadata) {
	if m == nil {
		e.line(doc("Nothing is known of this release: it is not in the workspace and has not been fetched. `escape deps fetch` fetches it."))
		return
	}
	e.user(m.Description)
	if o := e.origin(m); o != nil {
		e.item(say("From the plan "), word(e.rel(o.File.Name())))
	}
	if m.Version != "" {
		e.item(say("Version: "), word(m.Version))
	}
	e.variables("Inputs", m.Inputs)
	e.variables("Outputs", m.Outputs)
	var names []string
	for _, p := range m.Provides {
		names = append(names, p.Name)
	}
	e.list("Provides", names)
	names = nil
	for _, c := range m.Consumes {
		names = append(names, c.Name)
	}
	e.list("Consumes", names)
}

// list writes names.
func (e *explainer) list(what string, names []string) {
	if len(names) == 0 {
		return
	}
	parts := []part{say(what + ": ")}
	for i, name := range names {
		if i == most {
			parts = append(parts, say(fmt.Sprintf(" and %d more", len(names)-most)))
			break
		}
		if i > 0 {
			parts = append(parts, say(", "))
		}
		parts = append(parts, word(name))
	}
	e.item(parts...)
}

func (e *explainer) variables(what string, list []*release.Variable) {
	var names []string
	for _, v := range list {
		name := v.ID + ": " + storedType(v)
		if what == "Inputs" && !v.HasDefault() {
			name += " (required)"
		}
		names = append(names, name)
	}
	e.list(what, names)
}

func storedType(v *release.Variable) string {
	t, err := types.StoredVar(v.Type, v.Options)
	if err != nil {
		return v.Type
	}
	return t.String()
}

// consumer explains an interface, or the name of its provider in expressions.
func (e *explainer) consumer(s *symbol.Symbol) {
	iface := s.Name
	c, _ := s.Def.(*plan.Consumer)
	switch {
	case c != nil && s.Kind == symbol.Consumer:
		iface = c.Interface.Value
		e.line(title("provider"), say(" "), word(s.Name), say(": "), word(iface))
		e.line(say("Which deployment provides it is chosen when the release is deployed."))
	case s.Kind == symbol.Consumer && s.Package != symbol.PackageOf(e.an):
		e.line(title("provider"), say(" "), word(s.Name), say(" of "), word(s.Package))
		return
	default:
		e.line(title("interface"), say(" "), word(iface))
	}
	if c != nil {
		if n := c.Scopes.Stages(); n != plan.StageBoth {
			e.item(say("Only in the " + n.String() + " stage."))
		}
	}
	list := symbol.Providers(e.an, iface)
	if c == nil && slices.ContainsFunc(e.an.Plan.Provides, func(t plan.Text) bool { return t.Value == iface }) {
		e.line(say("Deployments of this package provide it."))
	} else if len(list) == 0 {
		e.line(say("No plan of the workspace provides it."))
		return
	}
	for i, m := range list {
		if i == most {
			e.item(say(fmt.Sprintf("and %d more", len(list)-most)))
			break
		}
		parts := []part{say("Provided by "), word(m.VersionlessID())}
		for j, v := range m.Outputs {
			switch {
			case j == 0:
				parts = append(parts, say(" with the outputs "))
			case j == most:
				parts = append(parts, say(" …"))
			default:
				parts = append(parts, say(", "))
			}
			if j == most {
				break
			}
			parts = append(parts, word(v.ID))
		}
		e.item(parts...)
	}
}

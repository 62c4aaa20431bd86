package lang

import (
	"cmp"
	"path"
	"slices"
	"sort"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// ignores collects the files in which comments may silence findings: the plan, and the files that are looked into.
type ignores struct {
	plan  *source.File
	files []lint.Commented
}

// watch returns an Env that tells of files that are read.
func (g *ignores) watch(env check.Env) check.Env {
	read := env.ReadFile
	if read == nil {
		return env
	}
	env.ReadFile = func(file string) ([]byte, error) {
		text, err := read(file)
		if err == nil && lint.HasIgnores(string(text)) {
			name := Beside(g.plan.Name(), file)
			if !slices.ContainsFunc(g.files, func(f lint.Commented) bool { return f.File.Name() == name }) {
				g.files = append(g.files, lint.Commented{File: source.NewFile(name, string(text))})
			}
		}
		return text, err
	}
	return env
}

// addPlan adds the plan itself, whose comments are those of its notation and of inline scripts. In a text that could not be
// read in full nobody knows what is a comment.
func (g *ignores) addPlan(tree *syntax.File, p *plan.Plan, partial bool) {
	if !lint.HasIgnores(g.plan.Text()) {
		return
	}
	c := lint.Commented{File: g.plan}
	if !partial {
		scripts := inlineScripts(p)
		c.Comment = func(off int) bool {
			i := sort.Search(len(tree.Comments), func(i int) bool { return int(tree.Comments[i].Pos.End) > off })
			return i < len(tree.Comments) && int(tree.Comments[i].Pos.Start) <= off ||
				slices.ContainsFunc(scripts, func(s source.Span) bool { return s.Contains(off) })
		}
	}
	g.files = append(g.files, c)
}

// inlineScripts returns where the inline scripts of a plan are.
func inlineScripts(p *plan.Plan) []source.Span {
	var spans []source.Span
	add := func(s *plan.Step) {
		if s != nil && s.Inline.Set() {
			spans = append(spans, s.Inline.Raw())
		}
	}
	for i := range plan.Fields {
		if s, ok := plan.Fields[i].Bind(p).(**plan.Step); ok {
			add(*s)
		}
	}
	for _, e := range p.Errands {
		add(e.Run)
	}
	return spans
}

// Beside returns how a file is called that a plan names, as seen from where the plan is named.
func Beside(plan, file string) string {
	if dir := path.Dir(plan); dir != "." && !path.IsAbs(file) {
		return path.Join(dir, file)
	}
	return file
}

// silence applies the comments, and drops findings of rules that are off.
func (g *ignores) silence(list diag.List, p *plan.Plan, opts Options) (diag.List, []lint.Ignored) {
	g.addPlan(p.File, p, opts.Env.Partial)
	known := allKnown(p, opts.Deps)
	list, ignored := lint.Silence(list, g.files, opts.Lint, func(r *lint.Rule) bool {
		return !opts.Env.Partial && (known || !needsPackages(r))
	})
	off := func(d diag.Diagnostic) bool {
		r := lint.Of(d.Code)
		return d.Severity != diag.Error && r != nil && !opts.Lint(r)
	}
	return slices.DeleteFunc(list, off), ignored
}

// allKnown reports whether all packages that the plan names are at hand.
func allKnown(p *plan.Plan, deps check.Deps) bool {
	has := func(spec plan.Text, alias string) bool {
		if id, err := release.ParseID(spec.Value); err == nil {
			alias = cmp.Or(alias, id.Package())
		}
		return deps[alias] != nil
	}
	for _, e := range p.Extends {
		if e != nil && !has(e.Release, e.As.Value) {
			return false
		}
	}
	for _, d := range p.Depends {
		if d != nil && !has(d.Release, cmp.Or(d.Variable.Value, d.As.Value)) {
			return false
		}
	}
	return true
}

// needsPackages reports whether a rule may find nothing only because the packages that a plan needs are not at hand: they
// may bring any variable and any provider.
func needsPackages(r *lint.Rule) bool {
	return r.Code.Code >= "ESC2010" && r.Code.Code < "ESC6100" || r.Code.Code >= "ESC6200" && r.Code.Code < "ESC6300"
}

package lang

import (
	"path"
	"slices"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
)

// ignores collects the files in which comments may silence findings: the plan, and the files that are looked into.
type ignores struct {
	plan  *source.File
	files []*source.File
}

// watch returns an Env that tells of files that are read.
func (g *ignores) watch(env check.Env) check.Env {
	if lint.HasIgnores(g.plan.Text()) {
		g.files = append(g.files, g.plan)
	}
	read := env.ReadFile
	if read == nil {
		return env
	}
	env.ReadFile = func(file string) ([]byte, error) {
		text, err := read(file)
		if err == nil && lint.HasIgnores(string(text)) {
			name := Beside(g.plan.Name(), file)
			if !slices.ContainsFunc(g.files, func(f *source.File) bool { return f.Name() == name }) {
				g.files = append(g.files, source.NewFile(name, string(text)))
			}
		}
		return text, err
	}
	return env
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
	known := len(opts.Deps) >= len(p.Depends)+len(p.Extends)
	list, ignored := lint.Silence(list, g.files, opts.Lint, func(r *lint.Rule) bool {
		return !opts.Env.Partial && (known || !needsPackages(r))
	})
	off := func(d diag.Diagnostic) bool {
		r := lint.Of(d.Code)
		return d.Severity != diag.Error && r != nil && !opts.Lint(r)
	}
	return slices.DeleteFunc(list, off), ignored
}

// needsPackages reports whether a rule may find nothing only because the packages that a plan needs are not at hand: they
// may bring any variable and any provider.
func needsPackages(r *lint.Rule) bool {
	return r.Code.Code >= "ESC2010" && r.Code.Code < "ESC6100" || r.Code.Code >= "ESC6200" && r.Code.Code < "ESC6300"
}

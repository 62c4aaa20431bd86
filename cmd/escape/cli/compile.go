package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/cmd/escape/cli/internal/logs"
	"escape.build/escape/eval/compile"
	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
)

const compileSection = "Compile"

// compileFor compiles the plan that flags name.
func (a *app) compileFor(ctx context.Context, flags *planStateFlags) (*release.Metadata, *config.EscapeConfigProfile, error) {
	profile, err := a.profile(false)
	if err != nil {
		return nil, nil, err
	}
	if err := checkEnvironment(flags.environment); err != nil {
		return nil, nil, err
	}
	m, err := a.compile(ctx, flags.plan, flags.file, profile)
	return m, profile, err
}

// compile reads, checks and compiles a plan. Mistakes in it are errors of section "Compile", each with its place;
// warnings are logged there.
func (a *app) compile(ctx context.Context, path, stateFile string, profile *config.EscapeConfigProfile) (*release.Metadata, error) {
	return a.compileAs(ctx, path, stateFile, "", a.resolver(profile).plan())
}

// compileAs is compile with another version than the plan's, if there is one, and a resolver.
func (a *app) compileAs(ctx context.Context, path, stateFile, version string, resolver compile.Resolver) (*release.Metadata, error) {
	git := compile.StartGit(ctx, a.env.Dir, a.childEnviron()) // works while the plan is read
	defer git.Stop()
	an, err := a.loadPlan(path)
	if err != nil {
		return nil, err
	}
	if dir := filepath.Dir(path); a.env.abs(dir) != a.env.Dir && slices.ContainsFunc(an.Findings, lacksFile) {
		a.warning(fmt.Sprintf("scripts and other files of the plan are looked for in the working directory, not in %s", dir), compileSection)
	}
	deps, findings, err := a.check(ctx, an, resolver)
	if err != nil {
		return nil, in(err, compileSection)
	}
	m, list, err := compile.Compile(ctx, an.Plan, compile.Options{
		Dir:           a.env.Dir,
		EscapeVersion: Version,
		Version:       version,
		Deps:          deps,
		Resolver:      resolver,
		Facts:         git,
		StateFile:     stateFile,
	})
	if err := errors.Join(findingErrors(list), err); err != nil {
		return nil, in(err, compileSection)
	}
	a.warn(append(findings, list...), compileSection)
	return m, nil
}

func lacksFile(d diag.Diagnostic) bool {
	switch d.Code {
	case diag.ScriptNotFound, diag.IncludeMissing, diag.TemplateMissing, diag.FileMissing:
		return true
	}
	return false
}

// check makes the packages available that a plan names, and returns what is found when it is checked with what they are.
// Errors are among the errors: some would only go wrong later, in the middle of a run. A plan that is wrong whatever the
// packages are is not worth fetching anything.
func (a *app) check(ctx context.Context, an *lang.Analysis, r compile.Resolver) (*compile.Deps, diag.List, error) {
	if err := findingErrors(an.Findings); err != nil {
		return nil, nil, err
	}
	if len(an.Plan.Extends) == 0 && len(an.Plan.Depends) == 0 {
		return nil, an.Findings, nil
	}
	deps, list, err := compile.Resolve(ctx, an.Plan, r)
	if err := errors.Join(findingErrors(list), err); err != nil {
		return nil, nil, err
	}
	checked := lang.Analyze(an.Source, lang.Options{Env: lang.Folder(a.env.Dir), Deps: deps.Known()})
	return deps, checked.Findings, findingErrors(checked.Findings)
}

// warn logs the warnings of a list.
func (a *app) warn(list diag.List, sections ...string) {
	for _, d := range list.Sort() {
		if d.Severity == diag.Warning {
			e := finding(d)
			e.values["warning"] = e.Error()
			a.warnOnce(logs.Entry{Values: e.values, Sections: sections, Detail: e.detail})
		}
	}
}

// warning logs a warning that has no place.
func (a *app) warning(text string, sections ...string) {
	a.warnOnce(logs.Entry{Values: map[string]string{"warning": text}, Sections: sections})
}

// warnOnce logs a warning unless it was shown before: a plan may be compiled and compared with the state several times.
func (a *app) warnOnce(e logs.Entry) {
	e.Key = "warning"
	key := e.Values["place"] + "\x00" + e.Values["warning"]
	a.mu.Lock()
	_, seen := a.warned[key]
	a.warned[key] = struct{}{}
	a.mu.Unlock()
	if !seen {
		a.log.Log(e)
	}
}

// childEnviron is the environment of programs that this command starts itself: PATH begins with the folder for
// programs of the user's configuration.
func (a *app) childEnviron() []string {
	bin := filepath.Join(a.env.places().AppDir(), ".bin")
	var environ []string
	for _, v := range a.env.Environ {
		if path, ok := strings.CutPrefix(v, "PATH="); ok {
			v = "PATH=" + bin + string(filepath.ListSeparator) + path
		}
		environ = append(environ, v)
	}
	return environ
}

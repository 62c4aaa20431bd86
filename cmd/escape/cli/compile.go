package cli

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/cmd/escape/cli/internal/logs"
	"escape.build/escape/eval/compile"
	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
)

const compileSection = "Compile"

// compile reads, checks and compiles a plan. Mistakes in it are errors of section "Compile", each with its place;
// warnings are logged there.
func (a *app) compile(ctx context.Context, path, stateFile string, profile *config.EscapeConfigProfile) (*release.Metadata, error) {
	git := compile.StartGit(ctx, a.env.Dir, a.childEnviron()) // works while the plan is read
	defer git.Stop()
	an, err := a.loadPlan(path)
	if err != nil {
		return nil, err
	}
	// Some of these would only go wrong later, in the middle of a run.
	if err := findingErrors(an.Findings); err != nil {
		return nil, in(err, compileSection)
	}
	opts := compile.Options{
		Dir:           a.env.Dir,
		EscapeVersion: Version,
		Facts:         git,
		StateFile:     stateFile,
	}
	if profile.InventoryType == "local" {
		opts.Inventory = profile.LocalInventory
	}
	m, list, err := compile.Compile(ctx, an.Plan, opts)
	list = lang.Limit(list.Sort())
	if err := errors.Join(findingErrors(list), err); err != nil {
		return nil, in(err, compileSection)
	}
	a.warn(append(an.Findings, list...), compileSection)
	return m, nil
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

package hover

import (
	"path/filepath"
	"slices"
	"strings"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/mustache"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lsp/internal/symbol"
	"escape.build/escape/lsp/internal/value"
)

// step explains a step: what it runs, and what that gets.
func (e *explainer) step(s *symbol.Symbol) {
	row, _, ok := plan.Lookup(s.Name)
	if !ok {
		return
	}
	e.line(title("step"), say(" "), word(row.Name))
	e.line(e.doc(row.Doc))
	step, _ := s.Def.(*plan.Step)
	i := slices.IndexFunc(e.an.Info.Runs(), func(r *check.Run) bool { return r.Step == step && step != nil })
	switch {
	case i >= 0:
		e.run(e.an.Info.Runs()[i])
	case step != nil && step.Form == plan.Empty:
		e.item(say("It runs nothing, also not what an extension would run here."))
	default:
		e.code(convert.Example(row, e.an.Syntax.Notation))
	}
}

// run says what is run and which variables that gets.
func (e *explainer) run(r *check.Run) {
	switch s := r.Step; s.Form {
	case plan.File:
		e.item(say("Runs "), word(s.Script.Value))
	case plan.Command:
		parts := []string{s.Cmd.Value}
		for _, a := range s.Args {
			parts = append(parts, a.Value)
		}
		e.item(say("Runs "), word(value.Cut(strings.Join(parts, " "), maxValue)))
	case plan.Inline:
		e.item(say("Runs the shell script that stands here."))
	}
	e.item(say("Stage: " + r.Stages.String() + "."))
	p := e.an.Plan
	gets := e.names("INPUT_", r.Stages, p.Inputs, p.BuildInputs, p.DeployInputs)
	if r.Errand != nil {
		gets = append(gets, e.names("INPUT_", 0, r.Errand.Inputs)...)
	}
	e.list("Gets", gets)
	outputs := e.names("OUTPUT_", r.Stages, p.Outputs, p.BuildOutputs, p.DeployOutputs)
	if !r.Early {
		e.list("Sees the outputs", outputs)
	}
	if r.Writes {
		e.list("May write the outputs", e.names("", r.Stages, p.Outputs, p.BuildOutputs, p.DeployOutputs))
	}
}

// names are the variables that exist in a stage, as scripts see them.
func (e *explainer) names(prefix string, stages plan.Stages, lists ...[]*plan.Variable) []string {
	var names []string
	for _, list := range lists {
		for _, v := range list {
			if v != nil && v.ID.Value != "" && (stages == 0 || v.Scopes.Stages()&stages != 0) {
				names = append(names, prefix+v.ID.Value)
			}
		}
	}
	return names
}

func (e *explainer) errand(s *symbol.Symbol) {
	e.line(title("errand"), say(" "), word(s.Name))
	errand, _ := s.Def.(*plan.Errand)
	if errand == nil {
		return
	}
	e.user(errand.Description.Value)
	for _, r := range e.an.Info.Runs() {
		if r.Errand == errand {
			e.run(r)
		}
	}
}

// path explains a file of the package.
func (e *explainer) path(s *symbol.Symbol) {
	e.line(title("file"), say(" "), word(e.rel(s.Name)))
	if len(s.Defs) == 0 {
		if s.Use == symbol.Write {
			e.line(say("It is written when the stage runs."))
		} else {
			e.line(say("There is no such file now."))
		}
	}
	for _, script := range e.an.Info.Scripts() {
		if script.Path == "" || script.File.Name() != s.Name {
			continue
		}
		var runs, uses []string
		for _, r := range script.Runs {
			if what := r.What(); !slices.Contains(runs, what) {
				runs = append(runs, what)
			}
		}
		for i := range script.Uses {
			if name := script.Uses[i].Name; !slices.Contains(uses, name) {
				uses = append(uses, name)
			}
		}
		e.list("Run by", runs)
		e.list("Uses", uses)
		var writes []string
		for i := range script.Writes {
			if name := script.Writes[i].Name; !slices.Contains(writes, name) {
				writes = append(writes, name)
			}
		}
		e.list("Writes the outputs", writes)
	}
}

// rel is a path as seen from the folder of the plan.
func (e *explainer) rel(path string) string {
	if e.an.Doc.Path != "" {
		if rel, err := filepath.Rel(filepath.Dir(e.an.Doc.Path), path); err == nil {
			return filepath.ToSlash(rel)
		}
	}
	return path
}

// template explains the file of a template.
func (e *explainer) template(s *symbol.Symbol) {
	e.line(title("template"), say(" "), word(e.rel(s.Name)))
	if t, ok := s.Def.(*plan.Template); ok {
		if target := t.TargetPath(); target != "" {
			e.item(say("Rendered to "), word(target))
		}
		if n := t.Scopes.Stages(); n != plan.StageBoth && n != 0 {
			e.item(say("Only in the " + n.String() + " stage."))
		}
	}
	src := e.snap.SourceOf(s.Name)
	if src == nil {
		e.line(say("There is no such file now."))
		return
	}
	tags, _, err := mustache.Tags(src.Text())
	if err != nil {
		return
	}
	var names []string
	for i := range tags {
		if name := strings.TrimSpace(strings.TrimPrefix(tags[i].Name, "&")); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	e.list("Needs", names)
}

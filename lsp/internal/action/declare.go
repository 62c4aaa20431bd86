package action

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
)

// declare adds the input or output that a reference, a script or a template names and that does not exist.
func declare(an *cache.Analyzed, d *diag.Diagnostic) []Action {
	word := d.File.Slice(d.Span)
	switch d.Code {
	case diag.UnknownKey:
		before := d.File.Text()[:d.Span.Start]
		for _, list := range []string{"inputs", "outputs"} {
			if strings.HasSuffix(before, "this."+list+".") {
				return add(an, d, strings.TrimSuffix(list, "s"), word)
			}
		}
	case diag.ScriptVariable:
		for prefix, kind := range map[string]string{"INPUT_": "input", "OUTPUT_": "output"} {
			if i := strings.Index(word, prefix); i >= 0 {
				return add(an, d, kind, strings.TrimRight(word[i+len(prefix):], "}\""))
			}
		}
	case diag.TemplateTag:
		return addTag(an, d, strings.Trim(word, "{}& "))
	}
	return nil
}

// add adds a variable of a kind, "input" or "output".
func add(an *cache.Analyzed, d *diag.Diagnostic, kind, id string) []Action {
	if _, err := release.CheckVariable(id); err != nil {
		return nil
	}
	e, ok := addVariable(an.Syntax, kind+"s", kind, id)
	if !ok {
		return nil
	}
	return []Action{{Title: fmt.Sprintf("Add the %s %q", kind, id), Kind: QuickFix, Finding: d, Changes: one(an.Source, e)}}
}

// addTag gives the template that a finding is about a value for a tag: that of the input of that name, or one that is to be
// written.
func addTag(an *cache.Analyzed, d *diag.Diagnostic, tag string) []Action {
	if _, err := release.CheckVariable(tag); err != nil {
		return nil
	}
	t := templateOf(an, d)
	if t == nil {
		return nil
	}
	value := `""`
	if _, ok := inputOf(an.Plan, tag); ok {
		value = an.Plan.Spelled("$this.inputs."+tag, "this.inputs."+tag)
	}
	e, ok := addPair(an, t.Node, t.Short, "file", t.File.Value, "mapping", keyed{tag, value})
	if !ok {
		return nil
	}
	return []Action{{Title: fmt.Sprintf("Map the tag %q", tag), Kind: QuickFix, Finding: d, Changes: one(an.Source, e...)}}
}

// templateOf returns the template of the plan whose file, or whose entry, a finding is in.
func templateOf(an *cache.Analyzed, d *diag.Diagnostic) *plan.Template {
	for _, list := range [][]*plan.Template{an.Plan.Templates, an.Plan.BuildTemplates, an.Plan.DeployTemplates} {
		for _, t := range list {
			if t == nil {
				continue
			}
			if d.File == an.Source && t.Node != nil && t.Node.Span().Encloses(d.Span) || d.File != an.Source && isFile(d.File, t.File.Value) {
				return t
			}
		}
	}
	return nil
}

// isFile reports whether a file that a plan names is the one that a finding is in.
func isFile(f *source.File, path string) bool {
	return path != "" && (f.Name() == path || strings.HasSuffix(strings.ReplaceAll(f.Name(), `\`, "/"), "/"+strings.TrimPrefix(path, "./")))
}

// inputOf returns the input of a plan with an id.
func inputOf(p *plan.Plan, id string) (*plan.Variable, bool) {
	for _, v := range p.AllInputs() {
		if v.ID.Value == id {
			return v, true
		}
	}
	return nil, false
}

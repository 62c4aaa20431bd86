package compile

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
)

// scopesOf returns the scopes of an entry: those of its field, else as written, else both.
func scopesOf(s plan.Scopes) []string {
	switch s.Forced {
	case plan.StageBuild:
		return []string{release.Build}
	case plan.StageDeploy:
		return []string{release.Deploy}
	}
	if len(s.List) == 0 {
		return release.Both()
	}
	scopes := make([]string, len(s.List))
	for i, t := range s.List {
		scopes[i] = t.Value
	}
	return scopes
}

func (c *compiler) download(d *plan.Download) {
	out := &release.Download{
		URL: d.URL.Value, Dest: d.Dest.Value, Overwrite: d.Overwrite.Value, Unpack: d.Unpack.Value,
		Platform: d.Platform.Value, Arch: d.Arch.Value, Scopes: scopesOf(d.Scopes),
	}
	if d.IfNotExists != nil {
		out.IfNotExists = values(d.IfNotExists)
	}
	c.nodes[out] = d.Node
	c.meta.Downloads = append(c.meta.Downloads, out)
}

func values(texts []plan.Text) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = t.Value
	}
	return out
}

func (c *compiler) consumers() {
	for _, list := range [][]*plan.Consumer{c.plan.Consumes, c.plan.BuildConsumes, c.plan.DeployConsumes} {
		for _, p := range list {
			if p == nil {
				continue
			}
			out := &release.Consumer{
				Name: p.Interface.Value, Variable: p.Interface.Value, Scopes: scopesOf(p.Scopes),
				SkipActivate: p.SkipActivate.Value, SkipDeactivate: p.SkipDeactivate.Value,
			}
			if p.As.Set() {
				out.Variable = p.As.Value
			}
			c.nodes[out] = p.Node
			c.meta.Consumes = addConsumer(c.meta.Consumes, out)
		}
	}
}

// stepFields are the fields of steps in the order they are compiled.
var stepFields = []struct {
	name string
	of   func(*plan.Plan) *plan.Step
}{
	{"build", func(p *plan.Plan) *plan.Step { return p.Build }},
	{"deploy", func(p *plan.Plan) *plan.Step { return p.Deploy }},
	{"destroy", func(p *plan.Plan) *plan.Step { return p.Destroy }},
	{"pre_build", func(p *plan.Plan) *plan.Step { return p.PreBuild }},
	{"pre_deploy", func(p *plan.Plan) *plan.Step { return p.PreDeploy }},
	{"pre_destroy", func(p *plan.Plan) *plan.Step { return p.PreDestroy }},
	{"post_build", func(p *plan.Plan) *plan.Step { return p.PostBuild }},
	{"post_deploy", func(p *plan.Plan) *plan.Step { return p.PostDeploy }},
	{"post_destroy", func(p *plan.Plan) *plan.Step { return p.PostDestroy }},
	{"test", func(p *plan.Plan) *plan.Step { return p.Test }},
	{"smoke", func(p *plan.Plan) *plan.Step { return p.Smoke }},
	{"activate_provider", func(p *plan.Plan) *plan.Step { return p.ActivateProvider }},
	{"deactivate_provider", func(p *plan.Plan) *plan.Step { return p.DeactivateProvider }},
}

// steps puts the plan's steps over inherited ones. An empty mapping is a step too: it switches an inherited one off.
func (c *compiler) steps() {
	for _, f := range stepFields {
		s := f.of(c.plan)
		if s == nil {
			continue
		}
		stage := stageOf(s)
		c.meta.Stages[f.name] = stage
		c.nodes[stage] = s.Node
		c.files.script(stage.Script, s.Script.Text)
	}
}

func stageOf(s *plan.Step) *release.Stage {
	out := &release.Stage{Cmd: s.Cmd.Value, Inline: s.Inline.Value, Script: s.Script.Value}
	for _, a := range s.Args {
		out.Args = append(out.Args, a.Value)
	}
	return out
}

// variables merges the plan's inputs and outputs into inherited ones, and then passes the inputs on to dependencies.
func (c *compiler) variables() {
	p := c.plan
	for _, list := range [][]*plan.Variable{p.Inputs, p.BuildInputs, p.DeployInputs} {
		c.meta.Inputs = c.mergeVariables(c.meta.Inputs, list)
	}
	c.mapInputs()
	for _, list := range [][]*plan.Variable{p.Outputs, p.BuildOutputs, p.DeployOutputs} {
		c.meta.Outputs = c.mergeVariables(c.meta.Outputs, list)
	}
}

func variableOf(v *plan.Variable) *release.Variable {
	out := &release.Variable{
		ID: v.ID.Value, Type: v.Var.Name, Default: plain(v.DefaultGo()), Description: v.Description.Value,
		Friendly: v.Friendly.Value, Visible: v.Visible.Value, Sensitive: v.Sensitive.Value, Items: plain(v.ItemsGo()),
		EvalBeforeDependencies: v.EvalBeforeDependencies.Value, Scopes: scopesOf(v.Scopes), Options: optionsOf(v),
	}
	if out.Type == "" {
		out.Type = "string"
	}
	return out
}

func optionsOf(v *plan.Variable) map[string]any {
	if len(v.Var.Options) == 0 {
		return nil
	}
	out := make(map[string]any, len(v.Var.Options))
	for k, o := range v.Var.Options {
		out[k] = plain(o)
	}
	return out
}

// plain brings a value of the plan into the form metadata has: JSON does not tell 1.0 from 1.
func plain(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case float64:
		return release.Number(v)
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
	}
	return v
}

// errands replace inherited ones of the same name.
func (c *compiler) errands() {
	for _, e := range c.plan.Errands {
		if e == nil {
			continue
		}
		out := &release.Errand{Name: e.Name.Value, Description: e.Description.Value}
		switch script := e.Script.Value; {
		case e.Run != nil:
			out.Run, out.Script = stageOf(e.Run), script
			c.errandScript(out.Run.Script, e.Run.Script.Text)
		case script != "":
			out.Run = &release.Stage{Script: script}
			c.errandScript(script, e.Script)
		}
		for _, v := range e.Inputs {
			if v != nil {
				out.Inputs = append(out.Inputs, variableOf(v))
			}
		}
		c.nodes[out] = e.Node
		c.meta.Errands[out.Name] = out
	}
}

// errandScript adds the script of an errand to the files. Unlike that of a step it must exist.
func (c *compiler) errandScript(line string, at plan.Text) {
	if word := firstWord(line); word != "" && !expr.IsScript(line) && !c.files.script(line, at) && !c.findings.HasErrors() {
		i := strings.Index(at.Value, word)
		at = plan.Text{Value: word, Node: at.Node, Off: at.Off + int32(max(i, 0))}
		c.reportAt(diag.FileMissing, at.Span(), "File '%s' was referenced in the escape plan, but it doesn't exist", word)
	}
}

// templateKeys are the keys of $this that every template gets.
var templateKeys = []string{"branch", "description", "logo", "name", "revision", "id", "version", "repository", "release", "versionless_release"}

// templates come behind inherited ones. Their mappings are completed with the inputs that exist wherever they are
// rendered.
func (c *compiler) templates() {
	p := c.plan
	for _, list := range [][]*plan.Template{p.Templates, p.BuildTemplates, p.DeployTemplates} {
		for _, t := range list {
			if t == nil {
				continue
			}
			out := &release.Template{File: t.File.Value, Target: t.TargetPath(), Scopes: scopesOf(t.Scopes), Mapping: pairs(t.Mapping)}
			for _, v := range c.meta.Inputs {
				inAll := true
				for _, scope := range out.Scopes {
					inAll = inAll && v.InScope(scope)
				}
				if inAll {
					fillIn(out.Mapping, v.ID, "$this.inputs."+v.ID)
				}
			}
			for _, k := range templateKeys {
				fillIn(out.Mapping, k, "$this."+k)
			}
			c.nodes[out] = t.Node
			c.meta.Templates = append(c.meta.Templates, out)
			c.files.file(out.File, t.File)
		}
	}
}

func pairs(list []plan.ValuePair) map[string]any {
	out := make(map[string]any, len(list))
	for i := range list {
		out[list[i].Key.Value] = plain(list[i].Value.Go())
	}
	return out
}

func fillIn(m map[string]any, key string, v any) {
	if _, ok := m[key]; !ok {
		m[key] = v
	}
}

package lint

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/mustache"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// sensitive are the rules about secrets that Escape does not know as such, or that go where everybody sees them.
var sensitive = []Rule{
	{Code: diag.NotSensitive, Category: Security, Check: notSensitive},
	{Code: diag.SensitiveDefault, Category: Security, Check: sensitiveDefault},
	{Code: diag.SensitiveMapping, Category: Security, Check: sensitiveMapping},
	{Code: diag.SensitiveArgument, Category: Security, Check: sensitiveArgument},
	{Code: diag.SensitiveItems, Category: Security, Check: sensitiveItems},
	{Code: diag.PackagedSecret, Category: Security, Check: packagedSecret},
}

// notSensitive reports variables that are secrets by their name, and do not say whether they are.
func notSensitive(p *Pass) {
	p.ownVariables(func(v *plan.Variable) {
		if isWritten(v.Node, "sensitive") || v.Sensitive.Node != nil || v.Var.Name != "string" || v.Items.Set() ||
			!IsSecretName(v.ID.Value) || p.isInherited(v) {
			return
		}
		x := p.Report(v.ID.Span(), fmt.Sprintf("%q is a secret by its name, and is shown in logs unless it is sensitive", v.ID.Value))
		x.Hint = "if it is none, write " + p.Plan.Spelled("\"sensitive: false\"", "\"sensitive = false\"")
		x.Fixes = p.makeSensitive(v, true)
	})
}

// isInherited reports whether an extension may declare v, and say that it is sensitive.
func (p *Pass) isInherited(v *plan.Variable) bool {
	for _, e := range p.Plan.Extends {
		m := p.Deps[e.Alias()]
		if m == nil {
			return true
		}
		find := m.Input
		if isOutput(v) {
			find = m.Output
		}
		if in, ok := find(v.ID.Value); ok && in.Sensitive {
			return true
		}
	}
	return false
}

// makeSensitive is the fix that says that v is sensitive.
func (p *Pass) makeSensitive(v *plan.Variable, safe bool) []diag.Fix {
	if !v.Short {
		m, e := entryOf(v.Node, "id")
		return p.add(m, e, "sensitive", "true", safe)
	}
	f := p.Plan.File.Source
	if s := v.ID.Scalar(); p.Plan.File.Notation == syntax.HCL && s != nil && f.Slice(s.Pos) == `"`+s.Text+`"` {
		return replace(s.Pos, `{ id = "`+s.Text+`", sensitive = true }`, `add "sensitive = true"`, safe)
	}
	s, ok := plainWord(v.Node)
	if !ok {
		return nil
	}
	line := f.Line(f.LineOf(int(s.Pos.Start)))
	before := f.Slice(source.Span{Start: line.Start, End: s.Pos.Start})
	text := "{id: " + s.Text + ", sensitive: true}"
	if strings.Trim(before, " -") == "" && strings.HasSuffix(before, "- ") && blank(f.Slice(source.Span{Start: s.Pos.End, End: line.End})) {
		text = "id: " + s.Text + p.lineBreak() + strings.Repeat(" ", len(before)) + "sensitive: true"
	}
	return replace(s.Pos, text, `add "sensitive: true"`, safe)
}

// A carrier finds out which expressions give a secret value.
type carrier struct {
	p      *Pass
	inputs map[string]bool // those that are sensitive, here or in an extension
	outs   map[string]bool // the same of outputs
}

func (p *Pass) newCarrier() *carrier {
	c := &carrier{p, map[string]bool{}, map[string]bool{}}
	for _, e := range p.Plan.Extends {
		if m := p.Deps[e.Alias()]; m != nil {
			for _, in := range m.Inputs {
				c.inputs[in.ID] = c.inputs[in.ID] || in.Sensitive
			}
		}
	}
	p.variables(func(v *plan.Variable) {
		switch {
		case !v.Sensitive.Value:
		case isOutput(v):
			c.outs[v.ID.Value] = true
		case v.Field.Name != "errands":
			c.inputs[v.ID.Value] = true
		}
	})
	return c
}

// secretIn returns the first sensitive variable of which the value of e is made; false if there is none that is known.
// What gives a number or a truth value tells hardly anything.
func (c *carrier) secretIn(e expr.Expr) (name string, ok bool) {
	expr.Walk(e, func(e expr.Expr) bool {
		if ok {
			return false
		}
		switch e := e.(type) {
		case *expr.Call:
			b, known := builtin.Lookup(e.Name.Text)
			return !known || b.ResultOf != nil || b.Result.Kind() != types.KindBool && b.Result.Kind() != types.KindInt
		case *expr.Select:
			refs := expr.Refs(e)
			if len(refs) != 1 || refs[0].Node != expr.Expr(e) {
				return true
			}
			ok = c.isSensitive(refs[0].Names)
			if ok {
				name = c.p.Plan.Say(expr.String(e))
			}
			return false
		}
		return true
	})
	return name, ok
}

func (c *carrier) isSensitive(names []expr.Name) bool {
	if len(names) < 3 {
		return false
	}
	of, kind, id := names[0].Text, names[1].Text, names[2].Text
	if of == "this" {
		return kind == "inputs" && c.inputs[id] || kind == "outputs" && c.outs[id]
	}
	m := c.p.Deps[of]
	if m == nil {
		return false
	}
	find := m.Output
	if kind == "inputs" {
		find = m.Input
	} else if kind != "outputs" {
		return false
	}
	v, ok := find(id)
	return ok && v.Sensitive
}

// sensitiveDefault reports variables that are made of a secret and are none themselves. Those that are secrets by their name
// are left to notSensitive.
func sensitiveDefault(p *Pass) {
	c := p.newCarrier()
	if len(c.inputs) == 0 && len(c.outs) == 0 && len(p.Deps) == 0 {
		return
	}
	p.variables(func(v *plan.Variable) {
		values := []plan.Value{v.Default}
		if v.Default.Kind == plan.List {
			values = v.Default.List
		}
		if !slices.ContainsFunc(values, func(x plan.Value) bool { return x.Expr != nil }) ||
			isWritten(v.Node, "sensitive") || v.Sensitive.Node != nil || v.Var.Name == "integer" || v.Var.Name == "bool" ||
			IsSecretName(v.ID.Value) && v.Var.Name == "string" || p.isInherited(v) {
			return
		}
		for i := range values {
			s, _ := values[i].Script()
			if s.Expr == nil {
				continue
			}
			if name, ok := c.secretIn(s.Expr); ok {
				x := p.Report(v.ID.Span(), fmt.Sprintf("%q is made of %q, which is sensitive, and is not sensitive itself", v.ID.Value, name))
				x.Related = []diag.Related{{File: p.Plan.File.Source, Span: s.Span(), Message: "it is made here"}}
				x.Fixes = p.makeSensitive(v, true)
				return
			}
		}
	})
}

// sensitiveMapping reports secrets that are passed to inputs of dependencies which do not keep them.
func sensitiveMapping(p *Pass) {
	if len(p.Plan.Depends) == 0 {
		return
	}
	c := p.newCarrier()
	p.mappings(func(of any, pairs []plan.ValuePair) {
		d, _ := of.(*plan.Dependency)
		if d == nil {
			return
		}
		m := p.Deps[d.Alias()]
		if m == nil {
			return
		}
		for i := range pairs {
			s, _ := pairs[i].Value.Script()
			if s.Expr == nil {
				continue
			}
			in, known := m.Input(pairs[i].Key.Value)
			if !known || in.Sensitive {
				continue
			}
			if name, ok := c.secretIn(s.Expr); ok {
				x := p.Report(s.Span(), fmt.Sprintf("%q is sensitive, but the input %q of %q is not", name, in.ID, m.Name))
				x.Hint = "the dependency shows it in its logs: make the input sensitive there"
			}
		}
	})
}

// sensitiveArgument reports secrets on the command line of a step, which every user of the machine can see.
func sensitiveArgument(p *Pass) {
	c := p.newCarrier()
	p.steps(func(s *plan.Step, _ *plan.Errand) {
		if s.Form != plan.Command {
			return
		}
		for _, arg := range append([]plan.Script{s.Cmd}, s.Args...) {
			if arg.Expr == nil {
				continue
			}
			if name, ok := c.secretIn(arg.Expr); ok {
				x := p.Report(arg.Span(), fmt.Sprintf("%q is sensitive, and every user of the machine can see the arguments of a command", name))
				x.Hint = "let the command read it from its environment or its input"
			}
		}
	})
}

// sensitiveItems reports sensitive variables with a list of their values.
func sensitiveItems(p *Pass) {
	p.ownVariables(func(v *plan.Variable) {
		if v.Sensitive.Value && v.Items.Kind == plan.List && len(v.Items.List) > 0 && v.Var.Name == "string" {
			x := p.Report(v.Items.Node.Span(), fmt.Sprintf("the plan says which values the secret %q may have", v.ID.Value))
			x.Hint = "leave \"items\" out, or \"sensitive\" if it is no secret"
			x.Fixes = p.drop(v.Node, "items")
		}
	})
}

// packagedSecret reports templates that put a secret into a file of the package when they are rendered in the build.
func packagedSecret(p *Pass) {
	if len(p.Plan.Includes)+len(p.Plan.Generates) == 0 {
		return
	}
	c := p.newCarrier()
	if len(c.inputs) == 0 && len(p.Deps) == 0 {
		return
	}
	exact := map[string]bool{}
	var globs []string
	p.patterns(func(t plan.Text, _ fileList, _ int) {
		clean := path.Clean(t.Value)
		exact[clean] = true
		if strings.ContainsAny(clean, `*?[\`) && len(globs) < maxGlobs {
			globs = append(globs, clean)
		}
	})
	p.templates(func(t *plan.Template) {
		target := path.Clean(t.TargetPath())
		if !t.Scopes.Build || !isPackaged(target, exact, globs) {
			return
		}
		if name, ok := c.secretOf(t); ok {
			x := p.Report(t.File.Span(), fmt.Sprintf("the build writes %q into %s, which becomes part of the package", name, quoted(target)))
			x.Hint = "render it in the deploy stage"
		}
	})
}

// maxGlobs is with how many patterns the targets of templates are compared.
const maxGlobs = 100

func isPackaged(file string, exact map[string]bool, globs []string) bool {
	found := exact[file] || exact["."]
	dirs(file, func(dir string) bool {
		found = found || exact[dir]
		return !found
	})
	for _, glob := range globs {
		if found {
			break
		}
		if start := glob[:strings.IndexAny(glob, `*?[\`)]; strings.HasPrefix(file, start) {
			found, _ = path.Match(glob, file)
		}
	}
	return found
}

// secretOf returns a sensitive variable that the template writes: by its mapping, or because the file says so.
func (c *carrier) secretOf(t *plan.Template) (name string, ok bool) {
	mapped := map[string]bool{}
	for i := range t.Mapping {
		mapped[t.Mapping[i].Key.Value] = true
		if s, _ := t.Mapping[i].Value.Script(); s.Expr != nil {
			if name, ok := c.secretIn(s.Expr); ok {
				return name, true
			}
		}
	}
	if c.p.Env.ReadFile == nil {
		return "", false
	}
	text, err := c.p.Env.ReadFile(t.File.Value)
	if err != nil {
		return "", false
	}
	tags, _, err := mustache.Tags(string(text))
	if err != nil {
		return "", false
	}
	for _, tag := range tags {
		if !tag.Section && len(tag.Within) == 0 && !mapped[tag.Name] && c.inputs[tag.Name] {
			return tag.Name, true
		}
	}
	return "", false
}

package value

import (
	"fmt"

	"escape.build/escape/eval"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/types"
)

// isGroup reports whether a key of a package has no value itself: only its keys do.
func isGroup(key string) bool { return key == "inputs" || key == "outputs" || key == "metadata" }

// isWhole reports whether a reference leads to a value.
func isWhole(ref []expr.Name) bool {
	return len(ref) > 2 || len(ref) == 2 && !isGroup(ref[1].Text)
}

// reference returns what a reference of an expression of the plan gives.
func (w *world) reference(x *check.Expr, ref []expr.Name) Value {
	root, ok := x.Scope.Names.Field(ref[0].Text)
	if !ok {
		return unknown(fmt.Sprintf("%q is not known here", w.an.Plan.Spelled("$", "")+ref[0].Text))
	}
	switch def := root.Def.(type) {
	case *plan.Plan:
		return w.this(ref, root.Type)
	case *plan.Dependency:
		if u := w.unitOf(def); u != nil {
			return u.field(ref)
		}
		if isGroup(ref[1].Text) && ref[1].Text != "metadata" {
			return unknown("it is there when " + packageOf(def.Release) + " is deployed")
		}
		return unknown(nothing)
	case *plan.Extension:
		if ref[1].Text == "inputs" || ref[1].Text == "outputs" {
			return unknown("an extension has none")
		}
		return fact(ref, w.an.ReleaseOf(def.Release, def.Alias()))
	case *plan.Consumer:
		return unknown("it depends on the provider, which is chosen when the release is deployed")
	}
	return unknown("it depends on another package")
}

// this is a value behind "$this".
func (w *world) this(ref []expr.Name, t types.Type) Value {
	p := w.an.Plan
	switch ref[1].Text {
	case "inputs":
		group, _ := t.Field("inputs")
		return w.input(ref[2].Text, group.Type)
	case "outputs":
		return w.output(ref[2].Text)
	case "metadata":
		for i := range p.Metadata {
			if pair := &p.Metadata[i]; pair.Key.Value == ref[2].Text && pair.Value.Expr == nil {
				return literal(pair.Value.Value)
			}
		}
		return unknown("it is worked out when the release is built")
	}
	project, name := release.SplitName(p.Name.Value)
	version := ""
	if v, err := release.ParseVersion(p.Version.Value); err == nil && p.Version.Expr == nil {
		version = string(v)
	}
	return fact(ref, &release.Metadata{Project: project, Name: name, Version: version, Description: p.Description.Value, License: p.License.Value})
}

// input is the value of an input if no other than the default is given.
func (w *world) input(id string, group types.Type) Value {
	f, ok := group.Field(id)
	if !ok {
		return unknown("there is no such input")
	}
	if v, ok := f.Def.(*plan.Variable); ok {
		out := w.variable(v)
		out.Default = true
		return out
	}
	return w.inherited(id)
}

// inherited is the default of an input that another package brings.
func (w *world) inherited(id string) Value {
	for _, m := range w.an.Deps {
		v, ok := m.Input(id)
		if !ok {
			continue
		}
		text, isText := v.Default.(string)
		out := Value{Default: true}
		switch {
		case !v.Sensitive && !v.HasDefault():
			out.Why = noDefault
		case !v.Sensitive && isText && expr.IsScript(text):
			out.Why = "its default is worked out by " + m.VersionlessID()
		default:
			out.Known, out.Go = true, v.Default
		}
		if v.Sensitive {
			return out.hidden()
		}
		return out
	}
	return Value{Default: true, Why: "another package declares it"}
}

// output is the value of an output of the plan if no script writes another than the default.
func (w *world) output(id string) Value {
	const late = "outputs are known only when the scripts of the release have run"
	for _, v := range w.an.Plan.AllOutputs() {
		if v.ID.Value != id || !v.Default.Set() {
			continue
		}
		out := w.variable(v)
		if !out.Known {
			return out
		}
		for _, r := range w.an.Info.Runs() {
			out.Guess = out.Guess || r.Writes
		}
		return out.from("default of output " + id)
	}
	return unknown(late)
}

// fact is a value behind the name of a release that is neither an input nor an output.
func fact(ref []expr.Name, m *release.Metadata) Value {
	if m == nil {
		return unknown(nothing)
	}
	versioned := func(text string) Value {
		if m.Version == "" {
			return unknown("the version is chosen when the release is built")
		}
		return literal(text)
	}
	switch ref[1].Text {
	case "name":
		return literal(m.Name)
	case "versionless_release":
		return literal(m.VersionlessID())
	case "description":
		return literal(m.Description)
	case "license":
		return literal(m.License)
	case "version":
		return versioned(m.Version)
	case "release":
		return versioned(m.ReleaseID())
	case "id":
		return versioned(m.QualifiedID())
	case "metadata":
		if text, ok := m.Metadata[ref[2].Text]; ok && !expr.IsScript(text) {
			return literal(text)
		}
		return unknown("it is worked out when that release is built")
	case "project", "environment", "deployment":
		return unknown("it depends on where the release is deployed")
	}
	commit := map[string]string{"branch": m.Branch, "repository": m.Repository, "revision": m.Revision,
		"revision_message": m.RevisionMessage, "revision_author": m.RevisionAuthor}
	if text := commit[ref[1].Text]; text != "" {
		return literal(text)
	}
	return unknown("it is a fact about the commit, which is known when the release is built")
}

func packageOf(t plan.Text) string {
	if id, err := release.ParseID(t.Value); err == nil {
		return id.Package()
	}
	return "that package"
}

// A secret is a value that must not be seen. It makes a secret of what is made of it.
type secret struct{}

// names are those that an expression uses, each with its value: by the first name and the key behind it.
type names map[string]map[string]any

// add adds a reference, which is whole, with its value, which is known.
func (n names) add(ref []expr.Name, v Value) {
	value := v.Go
	if v.Secret {
		value = secret{}
	}
	values := n[ref[0].Text]
	if values == nil {
		values = map[string]any{}
		n[ref[0].Text] = values
	}
	key := ref[1].Text
	if !isGroup(key) {
		values[key] = value
		return
	}
	inner, _ := values[key].(map[string]any)
	if inner == nil {
		inner = map[string]any{}
		values[key] = inner
	}
	inner[ref[2].Text] = value
}

// scope makes the scope that the expression is evaluated in: it has the names that the expression uses.
func (n names) scope() (*eval.Scope, error) {
	scope := eval.NewScope(eval.Env{})
	for root, keys := range n {
		object := map[string]any{}
		for key, v := range keys {
			if inner, ok := v.(map[string]any); ok && isGroup(key) {
				v = eval.Variables(plainly(inner), func(id string) bool { return inner[id] == secret{} })
			}
			object[key] = v
		}
		v, err := eval.Lift(object)
		if err != nil {
			return nil, err
		}
		scope.Set(root, v)
	}
	return scope, nil
}

// plainly is m without secrets.
func plainly(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		if v == (secret{}) {
			v = Masked
		}
		out[k] = v
	}
	return out
}

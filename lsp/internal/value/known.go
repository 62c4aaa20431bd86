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

// names collects the names that an expression uses, each with its value.
type names struct {
	w  *world
	x  *check.Expr
	of map[string]map[string]any // by the first name and the key behind it
	// isDefault is set if an input is among them.
	isDefault bool
}

// add adds a reference and says why its value is not known; "" if it is.
func (n *names) add(ref []expr.Name) (why string) {
	if len(ref) < 2 {
		return "only one of its keys has a value"
	}
	root, ok := n.x.Scope.Names.Field(ref[0].Text)
	if !ok {
		return fmt.Sprintf("%q is not known here", n.w.an.Plan.Spelled("$", "")+ref[0].Text)
	}
	key := ref[1].Text
	group := key == "inputs" || key == "outputs" || key == "metadata"
	if group && len(ref) < 3 {
		return "only one of its keys has a value"
	}
	var value any
	switch def := root.Def.(type) {
	case *plan.Plan:
		value, why = n.this(ref, root.Type)
	case *plan.Dependency:
		value, why = n.release(ref, n.w.an.ReleaseOf(def.Release, def.Alias()), "it is known only when "+packageOf(def.Release)+" is deployed")
	case *plan.Extension:
		value, why = n.release(ref, n.w.an.ReleaseOf(def.Release, def.Alias()), "an extension has none")
	case *plan.Consumer:
		return "it depends on the provider, which is chosen when the release is deployed"
	default:
		return "it depends on another package"
	}
	if why != "" {
		return why
	}
	values := n.of[ref[0].Text]
	if values == nil {
		values = map[string]any{}
		n.of[ref[0].Text] = values
	}
	if !group {
		values[key] = value
		return ""
	}
	inner, _ := values[key].(map[string]any)
	if inner == nil {
		inner = map[string]any{}
		values[key] = inner
	}
	inner[ref[2].Text] = value
	return ""
}

// A secret is a value that must not be seen. It makes a secret of what is made of it.
type secret struct{}

// this is a value behind "$this".
func (n *names) this(ref []expr.Name, t types.Type) (value any, why string) {
	p := n.w.an.Plan
	project, name := release.SplitName(p.Name.Value)
	version := ""
	if v, err := release.ParseVersion(p.Version.Value); err == nil && p.Version.Expr == nil {
		version = string(v)
	}
	m := &release.Metadata{Project: project, Name: name, Version: version, Description: p.Description.Value, License: p.License.Value}
	switch ref[1].Text {
	case "inputs":
		group, _ := t.Field("inputs")
		return n.input(ref[2].Text, group.Type)
	case "outputs":
		return nil, "outputs are known only when the scripts of the release have run"
	case "metadata":
		for i := range p.Metadata {
			if pair := &p.Metadata[i]; pair.Key.Value == ref[2].Text && pair.Value.Expr == nil {
				return pair.Value.Value, ""
			}
		}
		return nil, "it is worked out when the release is built"
	case "project", "environment", "deployment":
		return nil, "it depends on where the release is deployed"
	}
	return n.release(ref, m, "")
}

// input is the value of an input if no other than the default is given.
func (n *names) input(id string, group types.Type) (value any, why string) {
	f, ok := group.Field(id)
	if !ok {
		return nil, "there is no such input"
	}
	n.isDefault = true
	v, ok := f.Def.(*plan.Variable)
	if !ok {
		return n.inherited(id)
	}
	known := n.w.variable(v)
	switch {
	case !known.Known:
		return nil, known.Why
	case known.Secret:
		return secret{}, ""
	}
	return known.Go, ""
}

// inherited is the default of an input that another package brings.
func (n *names) inherited(id string) (value any, why string) {
	for _, m := range n.w.an.Deps {
		v, ok := m.Input(id)
		if !ok {
			continue
		}
		text, isText := v.Default.(string)
		switch {
		case v.Sensitive:
			return secret{}, ""
		case !v.HasDefault():
			return nil, noDefault
		case isText && expr.IsScript(text):
			return nil, "its default is worked out by " + m.VersionlessID()
		}
		return v.Default, ""
	}
	return nil, "another package declares it"
}

// release is a value behind the name of a release. late says why its inputs and outputs are not known.
func (n *names) release(ref []expr.Name, m *release.Metadata, late string) (value any, why string) {
	if ref[1].Text == "inputs" || ref[1].Text == "outputs" {
		return nil, late
	}
	if m == nil {
		return nil, "nothing is known of that release"
	}
	unversioned := "the version is chosen when the release is built"
	switch ref[1].Text {
	case "name":
		return m.Name, ""
	case "versionless_release":
		return m.VersionlessID(), ""
	case "description":
		return m.Description, ""
	case "license":
		return m.License, ""
	case "version":
		if m.Version != "" {
			return m.Version, ""
		}
		return nil, unversioned
	case "release":
		if m.Version != "" {
			return m.ReleaseID(), ""
		}
		return nil, unversioned
	case "id":
		if m.Version != "" {
			return m.QualifiedID(), ""
		}
		return nil, unversioned
	case "metadata":
		if text, ok := m.Metadata[ref[2].Text]; ok && !expr.IsScript(text) {
			return text, ""
		}
		return nil, "it is worked out when that release is built"
	case "project", "environment", "deployment":
		return nil, "it depends on where the release is deployed"
	}
	commit := map[string]string{"branch": m.Branch, "repository": m.Repository, "revision": m.Revision,
		"revision_message": m.RevisionMessage, "revision_author": m.RevisionAuthor}
	if fact := commit[ref[1].Text]; fact != "" {
		return fact, ""
	}
	return nil, "it is a fact about the commit, which is known when the release is built"
}

func packageOf(t plan.Text) string {
	if id, err := release.ParseID(t.Value); err == nil {
		return id.Package()
	}
	return "that package"
}

// scope makes the scope that the expression is evaluated in: it has the names that the expression uses.
func (n *names) scope() (*eval.Scope, error) {
	scope := eval.NewScope(eval.Env{})
	for root, keys := range n.of {
		object := map[string]any{}
		for key, v := range keys {
			if inner, ok := v.(map[string]any); ok {
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

package planner

import (
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner/state"
)

// A Tree is a release together with the releases it depends on.
type Tree struct {
	Release *release.Metadata
	// Dir is the folder its package is unpacked in; Build does not look at it.
	Dir string
	// Depends are the dependencies, in the order of Release.Depends.
	Depends []*Tree
}

// Child returns the address of the sub-deployment of a dependency of the deployment at an address, which works in a
// stage.
func Child(at state.Address, stage state.StageName, d *release.Dependency) state.Address {
	root := at.RootStage
	if len(at.Path) == 1 {
		root = stage
	}
	return state.Address{Environment: at.Environment, Path: at.Path.Child(d.DeploymentName), RootStage: root}
}

// NodeAddress names an action on the deployment at an address for ever: environment, deployment path and action,
// "dev/acme/shop#deploy". An action on a stage other than its usual one, or below the build of its root deployment, names
// that: "dev/acme/shop#destroy.build".
func NodeAddress(at state.Address, a *Action, stage state.StageName) string {
	text := at.String() + "#" + a.Name
	switch {
	case len(at.Path) > 1:
		if at.RootStage == state.BuildStage {
			text += ".build"
		}
	case a == ActionDestroy && stage == state.BuildStage:
		text += ".build"
	}
	return text
}

// siblings returns the aliases of other dependencies whose deployments the values for a dependency speak of, as in
// "$db.outputs.url".
func siblings(d *release.Dependency, stage state.StageName) []string {
	var texts []any
	for _, key := range sortedKeys(d.MappingFor(string(stage))) {
		texts = append(texts, d.MappingFor(string(stage))[key])
	}
	for _, key := range sortedKeys(d.Consumes) {
		texts = append(texts, d.Consumes[key])
	}
	return deploymentRefs(texts...)
}

// upstream returns the aliases of dependencies whose deployments anything in a release speaks of: defaults, templates,
// commands and outputs.
func upstream(m *release.Metadata, stage state.StageName) []string {
	var texts []any
	for _, vars := range [][]*release.Variable{m.Inputs, m.Outputs} {
		for _, v := range vars {
			if v.InScope(string(stage)) {
				texts = append(texts, v.Default, v.Items)
			}
		}
	}
	for _, t := range m.Templates {
		if t.InScope(string(stage)) {
			for _, key := range sortedKeys(t.Mapping) {
				texts = append(texts, t.Mapping[key])
			}
		}
	}
	for _, name := range sortedKeys(m.Stages) {
		if s := m.Stages[name]; s != nil {
			texts = append(texts, s.Cmd, s.Script)
			for _, a := range s.Args {
				texts = append(texts, a)
			}
		}
	}
	return deploymentRefs(texts...)
}

// deploymentRefs returns the names of which expressions use more than what is fixed in a release.
func deploymentRefs(values ...any) []string {
	seen := map[string]bool{}
	add := func(text string) {
		if !expr.IsScript(text) {
			return
		}
		x, _ := expr.Parse(text)
		fixed := map[expr.Expr]bool{}
		expr.Walk(x, func(x expr.Expr) bool {
			switch x := x.(type) {
			case *expr.Select:
				if ref, ok := x.X.(*expr.Ref); ok && !ofDeployment(x.Name.Text) {
					fixed[ref] = true
				}
			case *expr.Ref:
				if !fixed[x] {
					seen[x.Name.Text] = true
				}
			}
			return true
		})
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			add(v)
		case []any:
			for _, item := range v {
				walk(item)
			}
		}
	}
	for _, v := range values {
		walk(v)
	}
	return sortedKeys(seen)
}

func ofDeployment(key string) bool { return key == "inputs" || key == "outputs" || key == "deployment" }

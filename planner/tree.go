package planner

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

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

// DependencyOrder returns the numbers of the dependencies of a release that exist in a stage: in the order of the plan, except
// that each follows those whose values it is given. If some are given values of each other, circle is a way from one of
// them back to it.
func DependencyOrder(m *release.Metadata, stage state.StageName) (order []int, circle []string) {
	byAlias := map[string]int{}
	for i, d := range m.Depends {
		if d.InScope(string(stage)) {
			byAlias[d.Variable], byAlias[d.ReleaseID] = i, i
		}
	}
	visited := map[int]int{} // 1: being visited, 2: done
	var path []string
	var visit func(i int)
	visit = func(i int) {
		d := m.Depends[i]
		if visited[i] == 1 && circle == nil {
			circle = append(slices.Clone(path[slices.Index(path, d.Variable):]), d.Variable)
		}
		if visited[i] != 0 {
			return
		}
		visited[i] = 1
		path = append(path, d.Variable)
		for _, alias := range siblings(m, d, stage) {
			if j, ok := byAlias[alias]; ok && j != i {
				visit(j)
			}
		}
		path = path[:len(path)-1]
		visited[i] = 2
		order = append(order, i)
	}
	for i, d := range m.Depends {
		if d.InScope(string(stage)) {
			visit(i)
		}
	}
	return order, circle
}

// UsedDigest names what those deployments put out, and were given, of which a release speaks in other texts than its
// inputs: templates, commands and outputs. Inputs are compared by value. It is empty if there are none. Secrets go into it:
// it is only recorded where they are.
func UsedDigest(m *release.Metadata, at state.Address, stage state.StageName, providers map[string]string, s State) string {
	refs := deploymentRefs(m, runTexts(m, stage)...)
	used := map[string]any{}
	add := func(name string, at state.Address) {
		last := s.Last(at, state.DeployStage)
		value := map[string]any{"path": at.Path.String(), "outputs": last.Outputs}
		if refs[name] {
			inputs := map[string]any{}
			for id, v := range last.Inputs {
				if !generated(id) {
					inputs[id] = v
				}
			}
			value["inputs"] = inputs
		}
		used[name] = value
	}
	for _, d := range m.Depends {
		for _, name := range []string{d.Variable, d.ReleaseID} {
			if _, ok := refs[name]; ok && d.InScope(string(stage)) {
				add(name, Child(at, stage, d))
			}
		}
	}
	for _, c := range m.Consumes {
		if _, ok := refs[c.Variable]; !ok || !c.InScope(string(stage)) {
			continue
		}
		if path, err := state.ParsePath(providers[c.Variable]); err == nil {
			add(c.Variable, ProviderAddress(at, path))
		}
	}
	if len(used) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(canonical(used)))
	return hex.EncodeToString(sum[:])
}

// siblings returns the aliases of other dependencies of a release whose deployments the values for one speak of, as in
// "$db.outputs.url".
func siblings(m *release.Metadata, d *release.Dependency, stage state.StageName) []string {
	var texts []any
	for _, key := range sortedKeys(d.MappingFor(string(stage))) {
		texts = append(texts, d.MappingFor(string(stage))[key])
	}
	for _, key := range sortedKeys(d.Consumes) {
		texts = append(texts, d.Consumes[key])
	}
	return sortedKeys(deploymentRefs(m, texts...))
}

// upstream returns the aliases of dependencies, and the variables of consumers, whose deployments anything in a release
// speaks of: defaults, templates, commands and outputs.
func upstream(m *release.Metadata, stage state.StageName) []string {
	return sortedKeys(deploymentRefs(m, append(runTexts(m, stage), variableTexts(m.Inputs, stage)...)...))
}

func variableTexts(vars []*release.Variable, stage state.StageName) (texts []any) {
	for _, v := range vars {
		if v.InScope(string(stage)) {
			texts = append(texts, v.Default, v.Items)
		}
	}
	return texts
}

// runTexts returns the texts of a release that are evaluated when its steps run.
func runTexts(m *release.Metadata, stage state.StageName) []any {
	texts := variableTexts(m.Outputs, stage)
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
	return texts
}

// deploymentRefs returns the names of which expressions of a release use more than what is fixed in a release. It is true
// for those of which they use more than outputs. Names that old metadata gives to others count as these.
func deploymentRefs(m *release.Metadata, values ...any) map[string]bool {
	seen := map[string]bool{}
	add := func(text string) {
		if !expr.IsScript(text) {
			return
		}
		x, _ := expr.Parse(text)
		fixed, outputs := map[expr.Expr]bool{}, map[expr.Expr]bool{}
		expr.Walk(x, func(x expr.Expr) bool {
			switch x := x.(type) {
			case *expr.Select:
				if ref, ok := x.X.(*expr.Ref); ok {
					fixed[ref] = !ofDeployment(x.Name.Text)
					outputs[ref] = x.Name.Text == "outputs"
				}
			case *expr.Ref:
				if !fixed[x] {
					name := x.Name.Text
					if other, ok := m.VariableContext[name]; ok {
						name = other
					}
					seen[name] = seen[name] || !outputs[x]
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
	return seen
}

func ofDeployment(key string) bool { return key == "inputs" || key == "outputs" || key == "deployment" }

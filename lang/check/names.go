package check

import (
	"fmt"
	"slices"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/types"
)

// ScriptNames returns the variables of Escape that the script of a step sees, or that of an errand if e is not nil.
func (i *Info) ScriptNames(step string, e *plan.Errand) []types.Field {
	if i.spots == nil {
		return nil
	}
	return i.spots.c.scriptNames(step, e)
}

// WrittenNames returns the outputs that the script of a step may write.
func (i *Info) WrittenNames(step string) []types.Field {
	key, ok := stepKey(step)
	if i.spots == nil || !ok || key.moment != beforeMain {
		return nil
	}
	return i.spots.c.variableNames("", key.stages, i.spots.c.outputs.list, &i.spots.c.inherited.outputs)
}

// TemplateNames returns the names that have a value in a template without its mapping, and those that have one if its mapping
// gives it.
func (i *Info) TemplateNames(t *plan.Template) (always, asked []string) {
	if i.spots == nil {
		return nil, nil
	}
	for _, name := range i.spots.c.templateNames(t) {
		if !slices.Contains(always, name) {
			always = append(always, name)
		}
	}
	return always, askedFor
}

func stepKey(step string) (scopeKey, bool) {
	for _, f := range stepFields {
		if f.name == step {
			return scopeKey{f.stages, f.when}, true
		}
	}
	return scopeKey{}, false
}

func (c *checker) scriptNames(step string, e *plan.Errand) []types.Field {
	key, ok := stepKey(step)
	prefix := "OUTPUT_"
	if e != nil {
		key, ok, prefix = scopeKey{plan.StageDeploy, afterMain}, true, "INPUT_OUTPUT_"
	}
	if !ok {
		return nil
	}
	var names []types.Field
	if e != nil {
		for _, v := range e.Inputs {
			names = append(names, types.Field{Name: "INPUT_" + v.ID.Value, Type: v.Var.Type(), Doc: v.Description.Value, Def: v})
		}
	}
	names = append(names, c.variableNames("INPUT_", key.stages, c.inputs.list, &c.inherited.inputs)...)
	if key.moment == afterMain {
		names = append(names, c.variableNames(prefix, key.stages, c.outputs.list, &c.inherited.outputs)...)
	}
	for i := range c.p.Metadata {
		key := c.p.Metadata[i].Key.Value
		names = append(names, types.Field{Name: "INPUT_METADATA_" + key, Type: types.String, Doc: fmt.Sprintf("Metadata %q of the release.", key), Def: &c.p.Metadata[i]})
	}
	return append(names,
		types.Field{Name: "ESCAPE_PLATFORM", Type: types.String, Doc: "Operating system that Escape runs on, by its Go name."},
		types.Field{Name: "ESCAPE_ARCH", Type: types.String, Doc: "Architecture that Escape runs on, by its Go name."})
}

// variableNames returns variables that exist in some stages, with a prefix.
func (c *checker) variableNames(prefix string, stages plan.Stages, own []*variable, inherited *inheritedVars) []types.Field {
	var names []types.Field
	for _, v := range own {
		if absent(v.stages, stages, "") == "" {
			names = append(names, types.Field{Name: prefix + v.ID.Value, Type: v.scriptType(), Doc: v.Description.Value, Def: v.Variable})
		}
	}
	for _, in := range inherited.list {
		if absent(in.stages, stages, "") == "" {
			names = append(names, types.Field{Name: prefix + in.v.ID, Type: storedType(in.v), Doc: in.v.Description})
		}
	}
	return names
}

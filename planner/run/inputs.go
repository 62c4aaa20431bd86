package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"escape.build/escape/eval/redact"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/types"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// A given is a value that somebody gave for an input.
type given struct {
	value any
	from  string // "environment", "deployment", "user"
	where string // the same for people, who may have to look for it
}

// givenNow is where a value of this run comes from.
const givenNow = "the value was given with -v"

// gather returns the values given for the inputs of a stage. Of several for one input the strongest counts: the
// environment's, then those of the deployments on the path and of their stages, then those of this run.
func gather(s *state.State, at state.Address, stage state.StageName, vars map[string]any, unset []string) map[string]given {
	all := map[string]given{}
	put := func(values map[string]any, from, where string) {
		for k, v := range values {
			all[k] = given{v, from, where}
		}
	}
	put(s.Environment(at.Environment).Inputs(), "environment", fmt.Sprintf("the value stands in the state, in the inputs of environment %q", at.Environment))
	for i := range at.Path {
		d, ok := s.Lookup(state.Address{Environment: at.Environment, Path: at.Path[:i+1], RootStage: at.RootStage})
		if !ok {
			break
		}
		where := fmt.Sprintf("inputs of deployment %q in environment %q", at.Path[:i+1], at.Environment)
		put(d.Inputs, "deployment", "the value stands in the state, in the "+where)
		name := state.DeployStage
		if i == len(at.Path)-1 {
			name = stage
		} else if i == 0 && at.RootStage != "" {
			name = at.RootStage
		}
		st, _ := d.Stage(name)
		inputs := st.Inputs
		if i == len(at.Path)-1 && len(unset) > 0 {
			inputs = maps.Clone(inputs)
			for _, key := range unset {
				delete(inputs, key)
			}
		}
		put(inputs, "user", "the value is recorded in the state, in the "+string(name)+" "+where+"; -v replaces it, --unset forgets it")
	}
	put(vars, "user", givenNow)
	return all
}

// CheckVars checks values that a user gave against the inputs of a stage, as far as that is possible before anything
// runs: types and literal items. The error names every wrong value, one in a line; unknown names are no errors (see
// planner.UnknownInputs).
func CheckVars(m *release.Metadata, stage state.StageName, vars map[string]any) error {
	var errs []error
	for _, v := range m.Inputs {
		value, ok := vars[v.ID]
		if !ok || !v.InScope(string(stage)) {
			continue
		}
		t, err := types.StoredVar(v.Type, v.Options)
		if err != nil || t.IsMagic() {
			continue
		}
		checked, err := t.CoerceFor(v.ID, value)
		if err == nil && literalItems(v.Items) {
			err = types.CheckItems(v.ID, t, checked, v.Items)
		}
		if err != nil {
			errs = append(errs, valueError(v, err, givenNow, value))
		}
	}
	return errors.Join(errs...)
}

// valueError is what is wrong with values for a variable, where they come from, and what fits. The values of a sensitive
// one stay out of it.
func valueError(v *release.Variable, err error, where string, values ...any) error {
	e := &explainedError{error: err, details: []string{where}}
	if hint := types.Advice(err); hint != "" {
		e.details = append(e.details, hint)
	}
	if v.Sensitive {
		e.error = errors.New(redact.New(values...).String(err.Error()))
	}
	return e
}

func literalItems(items any) bool {
	switch items := items.(type) {
	case string:
		return !expr.IsScript(items)
	case []any:
		return !slices.ContainsFunc(items, func(i any) bool { s, ok := i.(string); return ok && expr.IsScript(s) })
	}
	return true
}

// warnUnknown warns of values for inputs that the release does not have. They are recorded all the same.
func (u *unit) warnUnknown() {
	for _, w := range planner.UnknownInputs(u.m, u.run.Vars) {
		u.run.mu.Lock()
		again := u.run.warned[w]
		u.run.warned[w] = true
		u.run.mu.Unlock()
		if !again {
			u.warn(w)
		}
	}
}

// evaluateInputs computes all inputs of the stage anew, into u.inputs, with the METADATA_ and PREVIOUS_ entries that
// scripts see.
func (u *unit) evaluateInputs() ([]planner.Value, error) {
	e := evaluation{
		unit: u, kind: "inputs", values: map[string]any{},
		given: gather(u.run.Session.State(), u.at, u.stage, u.run.Vars, u.run.Unset),
	}
	for _, v := range u.m.Inputs {
		if v.InScope(string(u.stage)) {
			e.vars = append(e.vars, v)
		}
	}
	shown, err := e.run()
	if err != nil {
		return nil, err
	}
	u.inputs = e.values
	for k, v := range u.m.Metadata {
		u.inputs["METADATA_"+k] = v
	}
	for k, v := range u.previous.CalculatedInputs {
		if !isPrevious(k) {
			u.inputs["PREVIOUS_"+k] = v
		}
	}
	for k, v := range u.previous.CalculatedOutputs {
		u.inputs["PREVIOUS_OUTPUT_"+k] = v
	}
	return shown, nil
}

// An evaluation computes the variables of one kind, each once and after those that its expressions refer to.
type evaluation struct {
	unit   *unit
	kind   string // "inputs" or "outputs": what expressions call them
	vars   []*release.Variable
	given  map[string]given
	values map[string]any
	shown  map[string]planner.Value
	errs   []error
}

// run evaluates all variables. The error names every one that has no value or a wrong one, one in a line.
func (e *evaluation) run() ([]planner.Value, error) {
	order, err := e.order()
	if err != nil {
		return nil, err
	}
	e.shown = map[string]planner.Value{}
	failed := map[string]bool{}
	for _, v := range order {
		if slices.ContainsFunc(e.references(v), func(id string) bool { return failed[id] }) {
			failed[v.ID] = true // one cause, one message
			continue
		}
		if err := e.one(v); err != nil {
			failed[v.ID] = true
			e.errs = append(e.errs, err)
		}
	}
	if err := errors.Join(e.errs...); err != nil {
		return nil, err
	}
	shown := make([]planner.Value, 0, len(e.vars))
	for _, v := range e.vars {
		shown = append(shown, e.shown[v.ID])
	}
	return shown, nil
}

// one evaluates one variable.
func (e *evaluation) one(v *release.Variable) error {
	u := e.unit
	t, err := types.StoredVar(v.Type, v.Options)
	if err != nil {
		return err
	}
	shown := planner.Value{ID: v.ID, Type: planner.TypeText(v), Known: true, Sensitive: v.Sensitive, From: "default"}
	s := u.scope(e)
	var value any
	where := "the value is the default in the plan"
	if g, ok := e.given[v.ID]; ok && !t.IsMagic() {
		value, shown.From, where = g.value, g.from, g.where
	} else {
		var secret bool
		if value, secret, err = e.defaultOf(v, t, s); err != nil {
			return err
		}
		shown.Sensitive = shown.Sensitive || secret
	}
	checked, err := t.CoerceFor(v.ID, value)
	if err == nil {
		err = e.checkItems(v, t, checked, s)
	}
	if err != nil {
		return valueError(v, err, where, value)
	}
	if shown.Sensitive {
		u.secrets.id(v.ID)
		u.secrets.add(value, checked)
	}
	e.values[v.ID] = checked
	shown.Value = checked
	if s.volatile {
		shown.Known, shown.Volatile, shown.Value = false, true, nil
	}
	e.shown[v.ID] = shown
	return nil
}

// defaultOf evaluates the default of a variable, or what its magic type stands for.
func (e *evaluation) defaultOf(v *release.Variable, t types.Var, s *scope) (any, bool, error) {
	def := v.Default
	if t.IsMagic() {
		value, secret, err := s.text("$this." + t.Name)
		if err != nil {
			return nil, false, fmt.Errorf("Failed to evaluate '$this.%s': %w", t.Name, err)
		}
		return value, secret, nil
	}
	failed := func(text string, err error) error {
		return fmt.Errorf("Couldn't run expression in default field of variable '%s': Failed to evaluate '%s': %w in '%s'", v.ID, text, err, text)
	}
	switch def := def.(type) {
	case nil:
		err := fmt.Errorf("Missing value for variable '%s'", v.ID)
		if e.kind == "inputs" {
			err = &explainedError{err, []string{fmt.Sprintf("give it with -v %s=VALUE, or give it a default in the plan", v.ID)}}
		}
		return nil, false, err
	case string:
		value, secret, err := s.value(def)
		if err != nil {
			return nil, false, failed(def, err)
		}
		return value, secret, nil
	case []any:
		list, anySecret := make([]any, len(def)), false
		for i, item := range def {
			list[i] = item
			if text, ok := item.(string); ok {
				value, secret, err := s.value(text)
				if err != nil {
					return nil, false, failed(text, err)
				}
				list[i], anySecret = value, anySecret || secret
			}
		}
		return list, anySecret, nil
	}
	return def, false, nil
}

// checkItems evaluates the items of a variable and checks the value against them.
func (e *evaluation) checkItems(v *release.Variable, t types.Var, value any, s *scope) error {
	if v.Items == nil || t.IsMagic() {
		return nil
	}
	failed := func(text string, err error) error {
		return fmt.Errorf("In items field of variable '%s': Failed to evaluate '%s': %w in '%s'", v.ID, text, err, text)
	}
	items := v.Items
	if text, ok := items.(string); ok {
		result, _, err := s.value(text)
		if err != nil {
			return failed(text, err)
		}
		items = result
	}
	if list, ok := items.([]any); ok {
		result := make([]any, len(list))
		for i, item := range list {
			result[i] = item
			if text, ok := item.(string); ok {
				value, _, err := s.value(text)
				if err != nil {
					return failed(text, err)
				}
				result[i] = value
			}
		}
		items = result
	}
	return types.CheckItems(v.ID, t, value, items)
}

// order returns the variables so that each follows those its expressions refer to; otherwise they keep their order.
func (e *evaluation) order() ([]*release.Variable, error) {
	index := map[string]*release.Variable{}
	for _, v := range e.vars {
		index[v.ID] = v
	}
	var order []*release.Variable
	state := map[string]int{} // 1: being visited, 2: done
	var path []string
	var visit func(v *release.Variable) error
	visit = func(v *release.Variable) error {
		switch state[v.ID] {
		case 1:
			cycle := append(slices.Clone(path[slices.Index(path, v.ID):]), v.ID)
			return fmt.Errorf("%s refer to each other: %s", e.kind, strings.Join(cycle, " → "))
		case 2:
			return nil
		}
		state[v.ID] = 1
		path = append(path, v.ID)
		for _, id := range e.references(v) {
			if w, ok := index[id]; ok {
				if err := visit(w); err != nil {
					return err
				}
			}
		}
		path = path[:len(path)-1]
		state[v.ID] = 2
		order = append(order, v)
		return nil
	}
	for _, v := range e.vars {
		if err := visit(v); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// references returns the ids of variables of the same kind that the expressions of v refer to and whose values are not
// there anyway. What looks at all of them at once refers to every other one.
func (e *evaluation) references(v *release.Variable) []string {
	var texts []string
	collect := func(value any) {
		if text, ok := value.(string); ok && expr.IsScript(text) {
			texts = append(texts, text)
		}
	}
	values := []any{v.Items}
	if _, ok := e.given[v.ID]; !ok {
		values = append(values, v.Default)
	}
	for _, value := range values {
		collect(value)
		if list, ok := value.([]any); ok {
			for _, item := range list {
				collect(item)
			}
		}
	}
	var ids []string
	for _, text := range texts {
		x, _ := expr.Parse(text)
		names, whole := thisReferences(x, e.kind)
		if whole {
			for _, w := range e.vars {
				if w.ID != v.ID {
					names = append(names, w.ID)
				}
			}
		}
		ids = append(ids, names...)
	}
	if e.kind == "outputs" {
		// A value that a script wrote is there before any default is looked at.
		ids = slices.DeleteFunc(ids, func(id string) bool { _, ok := e.given[id]; return ok })
	}
	return ids
}

// thisReferences finds "$this.<kind>.<name>" in an expression; whole says that it uses "$this.<kind>" or "$this" in
// another way.
func thisReferences(x expr.Expr, kind string) (names []string, whole bool) {
	seen := map[expr.Expr]bool{}
	expr.Walk(x, func(x expr.Expr) bool {
		if seen[x] {
			return false
		}
		switch x := x.(type) {
		case *expr.Select:
			if inner, ok := x.X.(*expr.Select); ok && isThis(inner.X) {
				seen[inner] = true
				if inner.Name.Text == kind {
					names = append(names, x.Name.Text)
				}
				return false
			}
			if isThis(x.X) {
				seen[x.X] = true
				whole = whole || x.Name.Text == kind
				return false
			}
		case *expr.Ref:
			whole = whole || x.Name.Text == "this"
		}
		return true
	})
	return names, whole
}

func isThis(x expr.Expr) bool {
	ref, ok := x.(*expr.Ref)
	return ok && ref.Name.Text == "this"
}

// Desired evaluates the inputs of a stage as Build wants them: without running anything, writing any file or recording
// anything. Inputs whose default reads the clock or writes a file are volatile. The error names every input that has no
// value or a wrong one, one in a line.
func Desired(m *release.Metadata, s *state.State, environment, deployment string, stage state.StageName, o Options) ([]planner.Value, error) {
	if deployment == "" {
		deployment = m.VersionlessID()
	}
	if err := CheckVars(m, stage, o.Vars); err != nil {
		return nil, err
	}
	o.Session = readOnly{s}
	r, err := newRunner(&planner.Graph{Project: s.Project(), Environment: environment}, m, o)
	if err != nil {
		return nil, err
	}
	links, _ := planner.Link(m, stage, deployment, o.Links, planner.View(s, environment))
	u := r.unit(&planner.Node{Deployment: deployment, Stage: stage, Action: planner.ActionDeploy, Providers: links})
	u.planning = true
	if err := u.open(); err != nil {
		return nil, err
	}
	return u.evaluateInputs()
}

// isPrevious reports whether a recorded input tells about the run before.
func isPrevious(key string) bool {
	const prefix = "PREVIOUS_"
	return len(key) >= len(prefix) && strings.EqualFold(key[:len(prefix)], prefix)
}

// isGenerated reports whether a recorded input is no input of the release but made for scripts.
func isGenerated(key string) bool { return isPrevious(key) || strings.HasPrefix(key, "METADATA_") }

// A readOnly is a Session that records nothing.
type readOnly struct{ state *state.State }

func (r readOnly) State() *state.State { return r.state }
func (r readOnly) Commit(context.Context, state.Batch) error {
	return errors.New("run: planning records nothing")
}

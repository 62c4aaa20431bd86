package run

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"escape.build/escape/eval"
	"escape.build/escape/eval/redact"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/types"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// A given is a value that somebody gave for an input.
type given struct {
	value  any
	from   string // "environment", "deployment", "user", "mapping", "script"
	where  string // the same for people, who may have to look for it
	above  bool   // it was given to a deployment around this one
	secret bool   // it is secret there
}

// givenNow is where a value of this run comes from.
const givenNow = "the value was given with -v"

// gather returns the values given for the inputs of the unit, once. Of several for one input the strongest counts: the
// environment's, then those of the deployments on the path and of their stages, then those of this run.
func (u *unit) gather() map[string]given {
	if u.given != nil {
		return u.given
	}
	all := map[string]given{}
	put := func(values map[string]any, from, where string) {
		for k, v := range values {
			all[k] = given{value: v, from: from, where: where}
		}
	}
	s := u.run.Session.State()
	const recordedIn = "the value stands in the state, in the "
	where := fmt.Sprintf("inputs of deployment %q in environment %q", u.at.Path, u.at.Environment)
	if u.parent == nil {
		put(s.Environment(u.at.Environment).Inputs(), "environment", fmt.Sprintf(recordedIn+"inputs of environment %q", u.at.Environment))
	} else {
		for k, g := range u.parent.gather() {
			g.above = g.from != "environment"
			g.secret = g.secret || u.parent.secrets.has(k)
			all[k] = g
		}
	}
	if d, ok := s.Lookup(u.at); ok {
		put(d.Inputs, "deployment", recordedIn+where)
	}
	if u.parent == nil {
		recorded := maps.Clone(u.record.Inputs)
		for _, key := range u.run.Unset {
			delete(recorded, key)
		}
		put(recorded, "user", "the value is recorded in the state, in the "+string(u.stage)+" "+where+"; -v replaces it, --unset forgets it")
		put(u.run.Vars, "user", givenNow)
	} else {
		put(u.mapped, "mapping", fmt.Sprintf("the value comes from %s, through the mapping of its dependency", u.parent.m.QualifiedID()))
	}
	u.given = all
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
			errs = append(errs, valueError(v.Sensitive, err, givenNow, value))
		}
	}
	return errors.Join(errs...)
}

// valueError is what is wrong with values for a variable, where they come from, and what fits. The values of a sensitive
// one stay out of it.
func valueError(sensitive bool, err error, where string, values ...any) error {
	e := &explainedError{error: err, details: []string{where}}
	if hint := types.Advice(err); hint != "" {
		e.details = append(e.details, hint)
	}
	if sensitive {
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

// evaluateEarly computes those inputs of the stage that can be known before dependencies are there: values for these may
// be made of them.
func (u *unit) evaluateEarly() error {
	e := &evaluation{unit: u, kind: "inputs", values: map[string]any{}, given: u.gather()}
	for _, v := range u.m.Inputs {
		if v.InScope(string(u.stage)) {
			e.vars = append(e.vars, v)
		}
	}
	u.early = e
	if u.hasDependencies() {
		e.wait = u.dependencyNames()
	}
	return e.run()
}

// evaluateInputs computes the inputs of the stage that are not there yet, and puts all of them into u.inputs, with the
// METADATA_ and PREVIOUS_ entries that scripts see.
func (u *unit) evaluateInputs() ([]planner.Value, error) {
	if u.early == nil {
		if err := u.evaluateEarly(); err != nil {
			return nil, err
		}
	}
	e := u.early
	if e.wait != nil {
		e.wait = nil
		if err := e.run(); err != nil {
			return nil, err
		}
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
	return e.known(), nil
}

// An evaluation computes the variables of one kind, each once and after those that its expressions refer to.
type evaluation struct {
	unit   *unit
	kind   string // "inputs" or "outputs": what expressions call them
	vars   []*release.Variable
	given  map[string]given
	values map[string]any
	shown  map[string]planner.Value
	done   map[string]bool // evaluated, well or not
	// wait holds names that cannot be used yet; variables whose expressions do, or which ask for it, are left out. nil
	// means that everything is there.
	wait map[string]bool
}

// run evaluates the variables that were not yet, as far as they need not wait. The error names every one that has no value
// or a wrong one, one in a line.
func (e *evaluation) run() error {
	order, err := e.order()
	if err != nil {
		return err
	}
	if e.shown == nil {
		e.shown, e.done = map[string]planner.Value{}, map[string]bool{}
	}
	var errs []error
	failed, waiting := map[string]bool{}, map[string]bool{}
	for _, v := range order {
		if e.done[v.ID] {
			continue
		}
		refs := e.references(v)
		if e.wait != nil && (e.waits(v) || slices.ContainsFunc(refs, func(id string) bool { return waiting[id] })) {
			waiting[v.ID] = true
			continue
		}
		e.done[v.ID] = true
		if slices.ContainsFunc(refs, func(id string) bool { return failed[id] }) {
			failed[v.ID] = true // one cause, one message
			continue
		}
		if err := e.one(v); err != nil {
			failed[v.ID] = true
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// waits reports whether a variable has to wait: its plan says so, or its expressions use what is not there yet. One whose
// value was given is only looked at for its items.
func (e *evaluation) waits(v *release.Variable) bool {
	_, isGiven := e.given[v.ID]
	if !isGiven && !v.EvalBeforeDependencies && v.Default != nil {
		return true
	}
	found := false
	for _, text := range e.scripts(v) {
		x, _ := expr.Parse(text)
		expr.Walk(x, func(x expr.Expr) bool {
			if s, ok := x.(*expr.Select); ok {
				if ref, ok := s.X.(*expr.Ref); ok && e.wait[ref.Name.Text] {
					found = found || s.Name.Text == "inputs" || s.Name.Text == "outputs"
				}
			}
			return !found
		})
	}
	return found
}

// known returns what was evaluated, in the order of the release.
func (e *evaluation) known() []planner.Value {
	shown := make([]planner.Value, 0, len(e.vars))
	for _, v := range e.vars {
		shown = append(shown, e.shown[v.ID])
	}
	return shown
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
		shown.Sensitive = shown.Sensitive || g.secret || u.mappedSecret[v.ID]
		if g.above && !u.planning {
			u.warn(fmt.Sprintf("input %q of %s is set only because a deployment around it has an input of that name; map it in the plan", v.ID, u.m.QualifiedID()))
		}
	} else {
		var secret bool
		value, secret, err = e.defaultOf(v, t, s)
		if err != nil && !errors.Is(err, eval.ErrUnknown) {
			return err
		}
		if err != nil {
			value = eval.Unknown()
		}
		shown.Sensitive = shown.Sensitive || secret
	}
	if eval.IsUnknown(value) {
		shown.Known = false
		e.values[v.ID], e.shown[v.ID] = value, shown
		return nil
	}
	checked, err := t.CoerceFor(v.ID, value)
	if err == nil {
		err = e.checkItems(v, t, checked, s)
	}
	if err != nil {
		return valueError(shown.Sensitive, err, where, value)
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
			err = &explainedError{error: err, details: []string{fmt.Sprintf("give it with -v %s=VALUE, or give it a default in the plan", v.ID)}}
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
		if errors.Is(err, eval.ErrUnknown) {
			return nil // it is looked at when it is known
		}
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
	var ids []string
	for _, text := range e.scripts(v) {
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

// scripts returns the expressions that the value of a variable comes from or is checked with.
func (e *evaluation) scripts(v *release.Variable) []string {
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
	return texts
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

// isPrevious reports whether a recorded input tells about the run before.
func isPrevious(key string) bool {
	const prefix = "PREVIOUS_"
	return len(key) >= len(prefix) && strings.EqualFold(key[:len(prefix)], prefix)
}

// isGenerated reports whether a recorded input is no input of the release but made for scripts.
func isGenerated(key string) bool { return isPrevious(key) || strings.HasPrefix(key, "METADATA_") }

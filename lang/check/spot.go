package check

import (
	"strings"
	"sync"

	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/plan"
)

// A Spot is a place of a plan where an expression may stand, whatever is written there now.
type Spot struct {
	// Field and Key are names: "inputs" and "default". Key is the one of the step for fields that are steps, and "run" or
	// "inputs" for errands.
	Field, Key string
	// Stages are those in which the entry exists; 0 leaves it to the field.
	Stages plan.Stages
	// Late says that the value of an input is computed after the dependencies are deployed.
	Late bool
}

// spots answers ScopeAt once Check is done.
type spots struct {
	mu sync.Mutex // guards scope
	c  *checker
}

// ScopeAt returns what an expression at a place may use, and what may come out of it; false if no expression can be there.
func (i *Info) ScopeAt(s Spot) (infer.Scope, infer.Want, bool) {
	key, want, ok := s.key()
	if !ok || i.spots == nil {
		return infer.Scope{}, infer.WantAny, false
	}
	i.spots.mu.Lock()
	defer i.spots.mu.Unlock()
	return infer.Scope{Names: i.spots.c.scope(key)}, want, true
}

func (s Spot) key() (scopeKey, infer.Want, bool) {
	row, _, ok := plan.Lookup(s.Field)
	if !ok {
		return scopeKey{}, infer.WantAny, false
	}
	stages := row.Stages
	if s.Stages != 0 && stages == plan.StageBoth {
		stages = s.Stages
	}
	switch row.Shape {
	case plan.ShapeScript, plan.ShapePairs:
		return scopeKey{moment: compiling}, infer.WantText, row.Phase == plan.CompileTime
	case plan.ShapeVariables:
		want := infer.WantValue
		if s.Key == "items" {
			want = infer.WantItems
		}
		when := eagerly
		switch {
		case strings.HasSuffix(s.Field, "outputs"):
			when = afterMain
		case s.Late:
			when = beforeMain
		}
		return scopeKey{stages, when}, want, s.Key == "default" || s.Key == "items"
	case plan.ShapeDependencies:
		switch s.Key {
		case "mapping":
			return scopeKey{stages, mapping}, infer.WantValue, true
		case "build_mapping":
			return scopeKey{plan.StageBuild, mapping}, infer.WantValue, true
		case "deploy_mapping":
			return scopeKey{plan.StageDeploy, mapping}, infer.WantValue, true
		case "consumes":
			return scopeKey{stages, mapping}, infer.WantString, true
		}
	case plan.ShapeTemplates:
		return scopeKey{stages, beforeMain}, infer.WantAny, s.Key == "mapping"
	case plan.ShapeErrands:
		if s.Key == "inputs" {
			return scopeKey{plan.StageDeploy, afterMain}, infer.WantValue, true
		}
		return scopeKey{plan.StageDeploy, afterMain}, infer.WantText, s.Key == "run"
	case plan.ShapeStep:
		key, ok := stepKey(s.Field)
		return key, infer.WantText, ok && s.Key != "inline"
	}
	return scopeKey{}, infer.WantAny, false
}

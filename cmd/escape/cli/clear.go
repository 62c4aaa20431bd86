package cli

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// noteSecrets warns of secrets that stand in the state, where nothing hides them, but did not before.
func (w *work) noteSecrets(before []string, s *state.State) {
	ids := slices.DeleteFunc(w.storedSecrets(s), func(id string) bool { return slices.Contains(before, id) })
	if len(ids) == 0 {
		return
	}
	where := "state file"
	if w.flags.remote != "" {
		where = "state on the server"
	}
	w.app.warning(fmt.Sprintf("the %s now holds sensitive values in clear: %s of %s; only people who may know them should be able to read it",
		where, strings.Join(ids, ", "), w.deployment))
}

// storedSecrets returns the names of the sensitive inputs and outputs whose values are recorded for the deployment and
// everything below it, sorted.
func (w *work) storedSecrets(s *state.State) []string {
	d, ok := s.Lookup(state.Address{Environment: w.environment, Path: state.Path{w.deployment}})
	if !ok {
		return nil
	}
	var ids []string
	for _, stage := range d.Stages {
		for _, v := range slices.Concat(w.tree.Release.Inputs, w.tree.Release.Outputs) {
			if v.Sensitive && d.Release == w.tree.Release.VersionlessID() && recorded(stage, v.ID) {
				ids = append(ids, v.ID)
			}
		}
	}
	var collect func(d *state.Deployment)
	collect = func(d *state.Deployment) {
		for _, stage := range d.Stages {
			list, _ := stage.Extra[planner.SensitiveKey].([]any)
			for _, id := range list {
				if id, ok := id.(string); ok && recorded(stage, id) && !strings.HasPrefix(id, "PREVIOUS_") {
					ids = append(ids, id)
				}
			}
			for _, sub := range stage.Deployments {
				collect(sub)
			}
		}
	}
	collect(d)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// recorded reports whether a stage holds a value with this name.
func recorded(s *state.Stage, id string) bool {
	for _, values := range []map[string]any{s.Inputs, s.CalculatedInputs, s.CalculatedOutputs} {
		if _, ok := values[id]; ok && values[id] != "" {
			return true
		}
	}
	return false
}

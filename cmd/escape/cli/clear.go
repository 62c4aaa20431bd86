package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// A storedSecret is a sensitive input or output whose value is recorded.
type storedSecret struct{ deployment, id string }

// noteSecrets warns of secrets that stand in the state, where nothing hides them, but did not before.
func (w *work) noteSecrets(before []storedSecret, s *state.State) {
	var owners []string
	ids := map[string][]string{}
	for _, secret := range w.storedSecrets(s) {
		if slices.Contains(before, secret) {
			continue
		}
		if ids[secret.deployment] == nil {
			owners = append(owners, secret.deployment)
		}
		ids[secret.deployment] = append(ids[secret.deployment], secret.id)
	}
	if len(owners) == 0 {
		return
	}
	where := "state file"
	if w.flags.remote != "" {
		where = "state on the server"
	}
	for i, owner := range owners {
		owners[i] = strings.Join(ids[owner], ", ") + " of " + owner
	}
	w.app.warning(fmt.Sprintf("the %s now holds sensitive values in clear: %s; only people who may know them should be able to read it",
		where, strings.Join(owners, ", ")))
}

// storedSecrets returns the sensitive inputs and outputs whose values are recorded for the deployment and everything below
// it: sorted, those of a deployment before those of what is below it.
func (w *work) storedSecrets(s *state.State) []storedSecret {
	at := state.Address{Environment: w.environment, Path: state.Path{w.deployment}}
	d, ok := s.Lookup(at)
	if !ok {
		return nil
	}
	var secrets []storedSecret
	for _, stage := range d.Stages {
		for _, v := range slices.Concat(w.tree.Release.Inputs, w.tree.Release.Outputs) {
			if v.Sensitive && d.Release == w.tree.Release.VersionlessID() && recorded(stage, v.ID) {
				secrets = append(secrets, storedSecret{at.Path.String(), v.ID})
			}
		}
	}
	var collect func(d *state.Deployment, path state.Path)
	collect = func(d *state.Deployment, path state.Path) {
		for _, stage := range d.Stages {
			list, _ := stage.Extra[planner.SensitiveKey].([]any)
			for _, id := range list {
				if id, ok := id.(string); ok && recorded(stage, id) && !strings.HasPrefix(id, "PREVIOUS_") {
					secrets = append(secrets, storedSecret{path.String(), id})
				}
			}
			for name, sub := range stage.Deployments {
				collect(sub, path.Child(name))
			}
		}
	}
	collect(d, at.Path)
	slices.SortFunc(secrets, func(a, b storedSecret) int {
		return cmp.Or(cmp.Compare(a.deployment, b.deployment), cmp.Compare(a.id, b.id))
	})
	return slices.Compact(secrets)
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

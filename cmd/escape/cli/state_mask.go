package cli

import (
	"slices"
	"strings"

	"escape.build/escape/eval/redact"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// maskDeployment returns a copy of d in which the values of sensitive inputs and outputs cannot be read, wherever they
// stand: which ones they are is recorded with each stage and, for what this plan describes, known from m (nil if there
// is no plan).
func maskDeployment(d *state.Deployment, m *release.Metadata) *state.Deployment {
	d = d.Clone()
	k := &masker{ids: map[*state.Deployment][]string{}}
	k.collect(d, m)
	k.redactor = redact.New(k.secrets...)
	k.mask(d)
	return d
}

type masker struct {
	ids      map[*state.Deployment][]string // what is sensitive in each: the same name may be no secret in another
	secrets  []any
	redactor *redact.Redactor
}

// collect finds the names of what is sensitive, and the values recorded under them.
func (k *masker) collect(d *state.Deployment, m *release.Metadata) {
	if m != nil && m.VersionlessID() == d.Release {
		for _, v := range slices.Concat(m.Inputs, m.Outputs) {
			if v.Sensitive {
				k.ids[d] = append(k.ids[d], v.ID)
			}
		}
	}
	for _, s := range d.Stages {
		ids, _ := s.Extra[planner.SensitiveKey].([]any)
		for _, id := range ids {
			if id, ok := id.(string); ok {
				k.ids[d] = append(k.ids[d], id)
			}
		}
		for _, sub := range s.Deployments {
			k.collect(sub, m)
		}
	}
	k.each(d, func(values map[string]any) {
		for id, v := range values {
			if k.sensitive(d, id) {
				k.secrets = append(k.secrets, v)
			}
		}
	})
}

// each calls fn for every set of inputs and outputs of d itself.
func (k *masker) each(d *state.Deployment, fn func(map[string]any)) {
	fn(d.Inputs)
	for _, s := range d.Stages {
		fn(s.Inputs)
		fn(s.CalculatedInputs)
		fn(s.CalculatedOutputs)
	}
	for _, r := range d.Revisions {
		fn(r.Inputs)
	}
}

// sensitive reports whether a name stands for a secret in d itself. Scripts see earlier values under names that begin with
// PREVIOUS_.
func (k *masker) sensitive(d *state.Deployment, id string) bool {
	id = strings.TrimPrefix(strings.TrimPrefix(id, "PREVIOUS_"), "OUTPUT_")
	return slices.Contains(k.ids[d], id)
}

func (k *masker) mask(d *state.Deployment) {
	k.each(d, func(values map[string]any) {
		for id, v := range values {
			if k.sensitive(d, id) {
				values[id] = redact.Mask
			} else {
				values[id] = k.redactor.Value(v)
			}
		}
	})
	for _, s := range d.Stages {
		s.Status.Data = k.redactor.String(s.Status.Data)
		for _, sub := range s.Deployments {
			k.mask(sub)
		}
	}
}

package value

import (
	"slices"

	"escape.build/escape/eval/redact"
	"escape.build/escape/lang/release"
	"escape.build/escape/lsp/internal/cache"
)

type redactorKey struct{}

// Redactor masks the secrets of a plan: defaults of sensitive inputs and outputs, its own and those of packages that it
// knows, and what the linter takes for a secret.
func Redactor(an *cache.Analyzed) *redact.Redactor {
	return an.Keep(redactorKey{}, func() any { return redact.New(secrets(an)...) }).(*redact.Redactor)
}

// RedactorOf masks the secrets of a plan, and those that are recorded of its deployments.
func RedactorOf(an *cache.Analyzed, deployments []*Deployment) *redact.Redactor {
	if len(deployments) == 0 {
		return Redactor(an)
	}
	w := of(an)
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []any
	for _, d := range deployments {
		all = append(all, d.secrets(w.sensitive)...)
		for _, def := range an.Plan.Depends {
			all = append(all, w.unitOf(def).recorded(d.Depends[def.Alias()])...)
		}
		for _, def := range slices.Concat(an.Plan.Consumes, an.Plan.BuildConsumes, an.Plan.DeployConsumes) {
			if provider := d.Providers[def.Alias()]; provider != nil {
				m := w.providing(def, provider)
				all = append(all, provider.secrets(func(group, id string) (bool, bool) { return declares(m, group, id) })...)
			}
		}
	}
	return Redactor(an).With(all...)
}

// secrets returns the recorded values that are secret, or that sensitive says are.
func (d *Deployment) secrets(sensitive func(group, id string) (declared, sensitive bool)) []any {
	var all []any
	for _, group := range []string{"inputs", "outputs"} {
		for id, v := range d.group(group) {
			if _, secret := sensitive(group, id); secret || d.Secret[id] {
				all = append(all, v)
			}
		}
	}
	return all
}

// recorded returns the secret values of a deployment of the release, of which nothing may be known, and of those below it.
func (u *unit) recorded(d *Deployment) []any {
	switch {
	case d == nil:
		return nil
	case u == nil:
		return d.secrets(func(group, id string) (bool, bool) { return declares(nil, group, id) })
	}
	all := d.secrets(u.sensitive)
	for _, next := range u.m.Depends {
		all = append(all, u.unitOf(next).recorded(d.Depends[next.Variable])...)
	}
	return all
}

func secrets(an *cache.Analyzed) []any {
	var all []any
	for _, v := range an.Plan.AllVariables() {
		if v.Sensitive.Value && v.Default.Set() && v.Default.Expr == nil {
			all = append(all, v.DefaultGo())
		}
	}
	for _, m := range an.Deps {
		for _, list := range [][]*release.Variable{m.Inputs, m.Outputs} {
			for _, v := range list {
				if v.Sensitive && v.HasDefault() {
					all = append(all, v.Default)
				}
			}
		}
	}
	for _, d := range an.Plan.Depends {
		m := an.ReleaseOf(d.Release, d.Alias())
		if m == nil {
			continue
		}
		for _, pair := range slices.Concat(d.Mapping, d.BuildMapping, d.DeployMapping) {
			if v, ok := m.Input(pair.Key.Value); ok && v.Sensitive && pair.Value.Expr == nil {
				all = append(all, pair.Value.Go())
			}
		}
	}
	for i := range an.Findings {
		if d := &an.Findings[i]; d.Code.Secret && d.File != nil {
			all = append(all, d.File.Slice(d.Span))
		}
	}
	for i := range an.Ignored {
		if d := &an.Ignored[i].Finding; d.Code.Secret && d.File != nil {
			all = append(all, d.File.Slice(d.Span))
		}
	}
	return all
}

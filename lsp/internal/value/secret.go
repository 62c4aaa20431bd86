package value

import (
	"escape.build/escape/eval/redact"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lsp/internal/cache"
)

type redactorKey struct{}

// Redactor masks the secrets of a plan: defaults of sensitive inputs and outputs, its own and those of packages that it
// knows, and what the linter takes for a secret.
func Redactor(an *cache.Analyzed) *redact.Redactor {
	return an.Keep(redactorKey{}, func() any { return redact.New(secrets(an)...) }).(*redact.Redactor)
}

func secrets(an *cache.Analyzed) []any {
	var all []any
	p := an.Plan
	own := [][]*plan.Variable{p.Inputs, p.BuildInputs, p.DeployInputs, p.Outputs, p.BuildOutputs, p.DeployOutputs}
	for _, e := range p.Errands {
		if e != nil {
			own = append(own, e.Inputs)
		}
	}
	for _, list := range own {
		for _, v := range list {
			if v != nil && v.Sensitive.Value && v.Default.Set() && v.Default.Expr == nil {
				all = append(all, v.DefaultGo())
			}
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

// Release returns what is known of the release that a text of the plan asks for under an alias; nil if nothing is.
func Release(an *cache.Analyzed, t plan.Text, alias string) *release.Metadata {
	if id, err := release.ParseID(t.Value); err == nil {
		if m := an.Deps[id.String()]; m != nil {
			return m
		}
	}
	return an.Deps[alias]
}

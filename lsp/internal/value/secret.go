package value

import (
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

package lint

import (
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
)

// ReportScript adds a finding of the rule that runs, in a script. The pointer is good until the next one.
func (p *Pass) ReportScript(s *check.Script, span source.Span, message string) *diag.Diagnostic {
	p.list = append(p.list, s.New(p.rule.Code, span, message))
	return &p.list[len(p.list)-1]
}

// sensitive returns the names under which scripts read what the plan calls sensitive.
func (p *Pass) sensitive() map[string]bool {
	names := map[string]bool{}
	add := func(prefix string, lists ...[]*plan.Variable) {
		for _, list := range lists {
			for _, v := range list {
				if v.Sensitive.Value {
					names[prefix+v.ID.Value] = true
				}
			}
		}
	}
	pl := p.Plan
	add("INPUT_", pl.Inputs, pl.BuildInputs, pl.DeployInputs)
	add("OUTPUT_", pl.Outputs, pl.BuildOutputs, pl.DeployOutputs)
	for _, e := range pl.Errands {
		add("INPUT_", e.Inputs)
	}
	return names
}

package planner

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner/state"
)

// Link chooses a provider for every consumer of a stage: what the user asked for, else what is recorded, else the only
// deployment of the environment that offers the interface. It returns deployment paths by consumer variable. A consumer
// without a provider, and one whose provider is not there or offers something else, is a finding.
func Link(m *release.Metadata, stage state.StageName, deployment string, asked map[string]string, s State) (map[string]string, diag.List) {
	var findings diag.List
	report := func(code *diag.Entry, message string) {
		d := diag.Diagnostic{Code: code, Severity: code.Severity, Message: message}
		d.Original, _, _ = strings.Cut(message, "; ")
		findings = append(findings, d)
	}
	recorded := s.Last(deployment, stage).Providers
	var links map[string]string
	for _, c := range m.Consumes {
		if !c.InScope(string(stage)) {
			continue
		}
		path, chosen := asked[c.Variable]
		if !chosen {
			path, chosen = recorded[c.Variable]
		}
		if !chosen {
			candidates := slices.DeleteFunc(slices.Clone(s.Offers(c.Name)), func(d string) bool { return d == deployment })
			if len(candidates) != 1 {
				code, message := diag.MissingProvider, missingProvider(c)
				if len(candidates) > 1 {
					code = diag.AmbiguousProvider
					message += "; candidates are " + strings.Join(candidates, ", ")
				}
				report(code, message)
				continue
			}
			path = candidates[0]
		} else if code, message := checkLink(c, path, s); code != nil {
			report(code, message)
			continue
		}
		if links == nil {
			links = map[string]string{}
		}
		links[c.Variable] = path
	}
	return links, findings
}

func missingProvider(c *release.Consumer) string {
	who := fmt.Sprintf("provider of type '%s'", c.Name)
	if c.Variable != c.Name {
		who = fmt.Sprintf("provider '%s' of type '%s'", c.Variable, c.Name)
	}
	return "Missing " + who + ". This can be configured using the -p / --extra-provider flag."
}

// checkLink says what is wrong with a chosen provider; no code means nothing.
func checkLink(c *release.Consumer, path string, s State) (*diag.Entry, string) {
	offers := s.Offers(c.Name)
	if slices.Contains(offers, path) {
		return nil, ""
	}
	last := s.Last(path, state.DeployStage)
	switch {
	case last.Version == "" && last.Release == "":
		message := fmt.Sprintf("Deployment '%s' does not exist", path)
		if len(offers) > 0 {
			message += "; these offer " + c.Name + ": " + strings.Join(offers, ", ")
		}
		return diag.ProviderMissing, message
	case !last.Deployed():
		return diag.ProviderMissing, fmt.Sprintf("deployment %q cannot be the provider %q: it is not deployed (status %s)", path, c.Variable, orText(string(last.Status), "empty"))
	case strings.Contains(path, ":"):
		return nil, "" // what nested deployments offer is not recorded
	}
	return diag.ProviderMismatch, fmt.Sprintf("deployment %q cannot be the provider %q: it does not offer %q", path, c.Variable, c.Name)
}

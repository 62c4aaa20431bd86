package planner

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner/state"
)

// Link chooses a provider for every consumer of a stage of the deployment at an address: what was asked for, else what is
// recorded for it or for a deployment around it, else the only deployment of the environment that offers the interface. It
// returns deployment paths by consumer variable. A consumer without a provider, and one whose provider is not there or
// offers something else, is a finding.
func Link(m *release.Metadata, at state.Address, stage state.StageName, asked, inherited map[string]string, s State) (map[string]string, diag.List) {
	l := linker{State: s, at: at, stage: stage, asked: asked, inherited: inherited}
	return l.link(m)
}

// A linker chooses the providers of one stage of one deployment.
type linker struct {
	State
	at               state.Address
	stage            state.StageName
	asked, inherited map[string]string // by consumer variable
	planned          map[string]*Node  // those that bring a deployment about, by address
}

func (l *linker) link(m *release.Metadata) (map[string]string, diag.List) {
	var findings diag.List
	report := func(code *diag.Entry, message string) {
		d := diag.Diagnostic{Code: code, Severity: code.Severity, Message: message}
		if code == diag.MissingProvider {
			d.Hint = fmt.Sprintf("nothing that is deployed in environment %s offers it; deploy a provider first", l.at.Environment)
		}
		d.Original, _, _ = strings.Cut(message, "; ")
		findings = append(findings, d)
	}
	if len(m.Consumes) == 0 {
		return nil, nil
	}
	recorded := l.Last(l.at, l.stage).Providers
	var links map[string]string
	for _, c := range m.Consumes {
		if !c.InScope(string(l.stage)) {
			continue
		}
		path, chosen := "", false
		for _, choice := range []map[string]string{l.asked, recorded, l.inherited} {
			if path, chosen = choice[c.Variable]; chosen {
				break
			}
		}
		if !chosen {
			candidates := slices.DeleteFunc(slices.Clone(l.Offers(c.Name)), func(d string) bool { return d == l.at.Path.Root() })
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
		} else if code, message := l.check(c, path); code != nil {
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

// check says what is wrong with a chosen provider; no code means nothing.
func (l *linker) check(c *release.Consumer, path string) (*diag.Entry, string) {
	mismatch := func() (*diag.Entry, string) {
		return diag.ProviderMismatch, fmt.Sprintf("deployment %q cannot be the provider %q: it does not offer %q", path, c.Variable, c.Name)
	}
	offers := l.Offers(c.Name)
	if slices.Contains(offers, path) {
		return nil, ""
	}
	last := Last{}
	if p, err := state.ParsePath(path); err == nil {
		at := ProviderAddress(l.at, p)
		if n := l.planned[NodeAddress(at, ActionDeploy, state.DeployStage)]; n != nil {
			if !slices.ContainsFunc(n.Tree.Release.Provides, func(p *release.Provider) bool { return p.Name == c.Name }) {
				return mismatch()
			}
			return nil, ""
		}
		last = l.Last(at, state.DeployStage)
	}
	switch {
	case last.Version == "" && last.Release == "":
		message := fmt.Sprintf("Deployment '%s' does not exist", path)
		if len(offers) > 0 {
			message += "; these offer " + c.Name + ": " + strings.Join(offers, ", ")
		}
		return diag.ProviderMissing, message
	case !last.Deployed():
		return diag.ProviderMissing, fmt.Sprintf("deployment %q cannot be the provider %q: it is not deployed (status %s)", path, c.Variable, orText(string(last.Status), "empty"))
	case strings.Contains(path, ":") && slices.Contains(last.Provides, c.Name):
		return nil, ""
	}
	return mismatch()
}

// ProviderAddress returns where the provider with a path is, as seen from the deployment at an address: a path through the
// root deployment that both share goes through the stage which is being worked on, any other through "deploy".
func ProviderAddress(at state.Address, path state.Path) state.Address {
	a := state.Address{Environment: at.Environment, Path: path}
	if len(at.Path) > 1 && path.Root() == at.Path.Root() {
		a.RootStage = at.RootStage
	}
	return a
}

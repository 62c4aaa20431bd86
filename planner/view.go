package planner

import (
	"slices"

	"escape.build/escape/planner/state"
)

// DigestKey is the additional key of a recorded stage that holds the content digest of what was last run in it.
const DigestKey = "content_digest"

// SensitiveKey is the additional key of a recorded stage that lists the ids of its secret inputs and outputs, so that they
// can be masked where the release is not at hand.
const SensitiveKey = "sensitive"

// UsedKey is the additional key of a recorded stage that holds the UsedDigest of what was last run in it.
const UsedKey = "used_digest"

// WantedKey is the additional key of a recorded deploy stage that holds the version which was asked for, as long as it has
// not been deployed: the version of the stage itself is that of what is there.
const WantedKey = "wanted_version"

// View returns what is recorded in s about an environment, as Build asks for it. It sees later changes of s. What s says is
// running is taken as interrupted: it is for the one who holds the lease.
func View(s *state.State, environment string) State { return view{s, environment, nil} }

// ViewUnlocked is View for somebody who does not hold the lease: what its holder works on is not interrupted.
func ViewUnlocked(v *state.View, environment string) State {
	if v.Lease == nil {
		return view{v.State, environment, nil}
	}
	return view{v.State, environment, func(path string, stage state.StageName) bool {
		return !slices.ContainsFunc(v.Interrupted, func(p state.Place) bool {
			return p.Environment == environment && p.Path.String() == path && p.Stage == stage
		})
	}}
}

type view struct {
	state       *state.State
	environment string
	running     func(path string, stage state.StageName) bool // whether somebody works on what is recorded as running; nil: no
}

func (v view) Last(at state.Address, stage state.StageName) Last {
	at.Environment = v.environment
	d, ok := v.state.Lookup(at)
	if !ok {
		return Last{}
	}
	s, ok := d.Stage(stage)
	if !ok {
		return Last{}
	}
	digest, _ := s.Extra[DigestKey].(string)
	used, _ := s.Extra[UsedKey].(string)
	return Last{
		Outputs: s.CalculatedOutputs, Used: used,
		Secret: RecordedSecrets(s), Step: runningStep(stage, s.Status.Code),
		Running: v.running != nil && s.Status.Code.Active() && v.running(at.Path.String(), stage),
		Release: d.Release, Version: s.Version, Digest: digest, Status: s.Status.Code, Data: s.Status.Data,
		Inputs: s.CalculatedInputs, Providers: s.Providers, Provides: s.Provides,
	}
}

func (v view) Offers(iface string) []string {
	return v.state.Environment(v.environment).Providers()[iface]
}

// RecordedSecrets returns the ids of the inputs and outputs of a recorded stage that are secret.
func RecordedSecrets(s *state.Stage) map[string]bool {
	list, _ := s.Extra[SensitiveKey].([]any)
	ids := make(map[string]bool, len(list))
	for _, id := range list {
		if text, ok := id.(string); ok {
			ids[text] = true
		}
	}
	return ids
}

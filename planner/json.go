package planner

import (
	"encoding/json"

	"escape.build/escape/planner/state"
)

// FormatVersion is the version of the JSON document that MarshalJSON writes. Programs may rely on fields of the same
// major version; new fields raise the minor one.
const FormatVersion = "1.0"

// MarshalJSON writes the graph for programs: the same bytes for the same graph. Values of sensitive inputs are left out.
func (g *Graph) MarshalJSON() ([]byte, error) {
	type step = NodeStep
	type node struct {
		Address    string            `json:"address"`
		Action     string            `json:"action"`
		Effect     string            `json:"effect"`
		Deployment string            `json:"deployment"`
		Stage      state.StageName   `json:"stage,omitempty"`
		RootStage  state.StageName   `json:"root_stage,omitempty"`
		Parent     string            `json:"parent,omitempty"`
		Nested     bool              `json:"nested,omitempty"`
		Release    string            `json:"release"`
		Digest     string            `json:"digest,omitempty"`
		Change     Change            `json:"change"`
		Reasons    []Reason          `json:"reasons"`
		Steps      []step            `json:"steps"`
		Inputs     []Value           `json:"inputs"`
		Outputs    []Value           `json:"outputs"`
		Providers  map[string]string `json:"providers,omitempty"`
	}
	out := struct {
		FormatVersion string         `json:"format_version"`
		Project       string         `json:"project"`
		Environment   string         `json:"environment"`
		Nodes         []node         `json:"nodes"`
		Edges         []Edge         `json:"edges"`
		Counts        map[Change]int `json:"counts"`
		Changes       int            `json:"changes"`
	}{FormatVersion, g.Project, g.Environment, []node{}, g.Edges, g.Counts(), g.Changes()}
	if out.Edges == nil {
		out.Edges = []Edge{}
	}
	for _, n := range g.Nodes {
		out.Nodes = append(out.Nodes, node{
			Address: n.Address, Action: n.Action.Name, Effect: n.Action.Effect, Deployment: n.Deployment, Stage: n.Stage,
			RootStage: n.RootStage, Parent: n.Parent, Nested: n.Nested, Release: n.Release, Digest: n.Digest, Change: n.Change, Reasons: notNil(n.Reasons), Steps: notNil(n.Steps),
			Inputs: notNil(n.Inputs), Outputs: notNil(n.Outputs), Providers: n.Providers,
		})
	}
	return encode(out)
}

func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

var _ json.Marshaler = (*Graph)(nil)

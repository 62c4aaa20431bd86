package planner

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/planner/state"
)

// A Change says what running a node means for its deployment.
type Change string

// The changes. Maybe means that a node upstream decides: if it changes nothing that matters, the node does not run.
const (
	NoOp    Change = "no-op"
	Create  Change = "create"
	Update  Change = "update"
	Replace Change = "replace" // run again from the start: asked for, or the last run failed or was interrupted
	Maybe   Change = "maybe"
	Remove  Change = "destroy"
	Perform Change = "run" // changes nothing that is recorded as deployed: test, smoke, package
)

// Symbol returns the mark of the change in texts.
func (c Change) Symbol() string {
	switch c {
	case Create:
		return "+"
	case Update:
		return "~"
	case Replace:
		return "!"
	case Maybe:
		return "?"
	case Remove:
		return "-"
	case Perform:
		return ">"
	}
	return "="
}

// The kinds of reasons.
const (
	ReasonNew         = "new"             // nothing is there
	ReasonRelease     = "release"         // other version, or other content of the same version
	ReasonInput       = "input"           // an input has another value
	ReasonProvider    = "provider"        // a consumer is linked to another deployment
	ReasonOutput      = "provider_output" // another deployment puts out something else
	ReasonFailed      = "failed"          // the last run failed
	ReasonInterrupted = "interrupted"     // the last run did not end
	ReasonRunning     = "running"         // somebody works on it at this moment
	ReasonStatus      = "status"          // the recorded status asks for it
	ReasonForced      = "forced"          // asked for
	ReasonUpstream    = "upstream_unknown"
	ReasonRequested   = "requested" // the action itself was asked for
)

// A Reason says why a node has to run. Old and New are canonical JSON, empty if there is none; those of sensitive values
// are left out.
type Reason struct {
	Kind      string
	Subject   string // what it is about: an input, a consumer, the release, a node
	Old, New  string
	From      string // where the new value comes from
	Detail    string
	Sensitive bool
}

// MarshalJSON writes the reason for programs.
func (r Reason) MarshalJSON() ([]byte, error) {
	return encode(struct {
		Kind      string          `json:"kind"`
		Subject   string          `json:"subject,omitempty"`
		Old       json.RawMessage `json:"old,omitempty"`
		New       json.RawMessage `json:"new,omitempty"`
		From      string          `json:"from,omitempty"`
		Detail    string          `json:"detail,omitempty"`
		Sensitive bool            `json:"sensitive,omitempty"`
	}{r.Kind, r.Subject, json.RawMessage(r.Old), json.RawMessage(r.New), r.From, r.Detail, r.Sensitive})
}

// String returns the reason in one line.
func (r Reason) String() string {
	switch r.Kind {
	case ReasonNew:
		return orText(r.Detail, "not there yet")
	case ReasonInput, ReasonProvider, ReasonRelease:
		text := r.Subject
		switch {
		case r.Sensitive:
			text += ": (sensitive, changed)"
		case r.Old != "" && r.New != "":
			text += ": " + r.Old + " → " + r.New
		case r.New != "":
			text += ": " + r.New + " (new)"
		case r.Old != "":
			text += ": " + r.Old + " (removed)"
		}
		if r.Detail != "" {
			text += ": " + r.Detail
		}
		if r.From != "" {
			text += " (from " + r.From + ")"
		}
		return text
	case ReasonFailed:
		return "the last run failed" + colon(r.Detail)
	case ReasonInterrupted:
		return "the last run was interrupted" + colon(r.Detail)
	case ReasonUpstream:
		return "may change after " + r.Subject
	}
	return orText(r.Detail, r.Kind)
}

func colon(s string) string {
	if s == "" {
		return ""
	}
	line, _, _ := strings.Cut(s, "\n")
	return ": " + line
}

func orText(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// Wanted is what a stage of a deployment should be: one side of a comparison.
type Wanted struct {
	Release string // project/name
	Version string
	// Digest is that of the content (see Digest).
	Digest string
	Inputs []Value
	// Providers are the links of the consumers that the release declares for the stage.
	Providers map[string]string
}

// Last is what is recorded about a stage of a deployment: the other side. The zero value means that there is nothing.
type Last struct {
	Release, Version string
	// Digest is the content digest of the last run; empty if none was recorded.
	Digest string
	// Status is the status code; empty means "empty". Data is the text recorded with it.
	Status state.StatusCode
	Data   string
	// Step is the step that Status says is running.
	Step string
	// Running says that somebody works on it at this moment.
	Running bool
	Inputs  map[string]any
	Outputs map[string]any
	// Used is the UsedDigest of the last run.
	Used string
	// Secret are the ids of inputs that were secret in the last run.
	Secret    map[string]bool
	Providers map[string]string
	// Provides are the interfaces recorded for the stage.
	Provides []string
}

// Deployed reports whether something is there, even if the last run failed.
func (l Last) Deployed() bool {
	return l.Version != "" && l.Status != "" && l.Status != state.Empty
}

// Compare says whether a stage has to run again to become what is wanted, and why. It returns NoOp without reasons,
// Create, Update, Replace, or Maybe if only unknown values may differ.
func Compare(w Wanted, l Last) (Change, []Reason) {
	switch l.Status {
	case "", state.Empty:
		r := Reason{Kind: ReasonNew}
		if l.Version != "" {
			r.Detail = "it was destroyed"
		}
		return Create, []Reason{r}
	case state.Failure, state.DestroyFailure:
		return Replace, append([]Reason{{Kind: ReasonFailed, Detail: l.Data}}, differences(w, l)...)
	case state.Pending:
		reason := Reason{Kind: ReasonStatus, Detail: "a deployment was asked for (status pending)"}
		if l.Version == "" {
			return Create, []Reason{reason}
		}
		return Update, append([]Reason{reason}, differences(w, l)...)
	case state.OK, state.TestFailure, state.TestPending, state.RunningTest:
		// A smoke test that failed or was interrupted says nothing about what is deployed.
	default:
		detail := "status " + string(l.Status)
		if l.Step != "" {
			detail = "it stopped in step " + l.Step
		}
		if l.Running {
			return Replace, append([]Reason{{Kind: ReasonRunning, Detail: "step " + l.Step + " is running now"}}, differences(w, l)...)
		}
		return Replace, append([]Reason{{Kind: ReasonInterrupted, Detail: detail}}, differences(w, l)...)
	}
	if l.Version == "" {
		return Create, []Reason{{Kind: ReasonNew}}
	}
	reasons := differences(w, l)
	if len(reasons) > 0 {
		return Update, reasons
	}
	for _, v := range w.Inputs {
		if !v.Known && !v.Volatile {
			reasons = append(reasons, Reason{Kind: ReasonUpstream, Subject: "input " + v.ID})
		}
	}
	if len(reasons) > 0 {
		return Maybe, reasons
	}
	return NoOp, nil
}

// differences lists what is known to differ.
func differences(w Wanted, l Last) (reasons []Reason) {
	switch {
	case l.Version == "":
	case l.Release != w.Release:
		reasons = append(reasons, Reason{Kind: ReasonRelease, Subject: "release", Old: canonical(l.Release), New: canonical(w.Release)})
	case l.Version != w.Version:
		reasons = append(reasons, Reason{Kind: ReasonRelease, Subject: "release", Old: canonical("v" + l.Version), New: canonical("v" + w.Version)})
	case l.Digest == "" && w.Digest != "":
		reasons = append(reasons, Reason{Kind: ReasonRelease, Subject: "content", Detail: "what was deployed is not recorded"})
	case l.Digest != w.Digest:
		reasons = append(reasons, Reason{Kind: ReasonRelease, Subject: "content", Detail: fmt.Sprintf("v%s differs from what was deployed as v%s", w.Version, l.Version)})
	}
	declared := map[string]bool{}
	for _, v := range w.Inputs {
		declared[v.ID] = true
		old, had := l.Inputs[v.ID]
		if !v.Known || v.Volatile || had && canonical(old) == canonical(v.Value) {
			continue
		}
		r := Reason{Kind: ReasonInput, Subject: v.ID, From: v.From, Sensitive: v.Sensitive || l.Secret[v.ID]}
		if !r.Sensitive {
			r.New = canonical(v.Value)
			if had {
				r.Old = canonical(old)
			}
		}
		reasons = append(reasons, r)
	}
	for _, id := range sortedKeys(l.Inputs) {
		if declared[id] || generated(id) {
			continue
		}
		// It may have been a secret: whether it was is no longer known.
		reasons = append(reasons, Reason{Kind: ReasonInput, Subject: id, Detail: "no longer an input"})
	}
	for _, id := range sortedKeys(w.Providers) {
		if old := l.Providers[id]; old != w.Providers[id] {
			r := Reason{Kind: ReasonProvider, Subject: id, New: canonical(w.Providers[id])}
			if old != "" {
				r.Old = canonical(old)
			}
			reasons = append(reasons, r)
		}
	}
	return slices.Clip(reasons)
}

// generated reports whether a recorded input was made for scripts.
func generated(id string) bool {
	return strings.HasPrefix(id, "METADATA_") || hasPrefixFold(id, "PREVIOUS_")
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

package state

import (
	"maps"
	"slices"
	"time"
)

// A Deployment is a release installed in an environment under a name, or the sub-deployment of a dependency.
//
// The deployments which a State returns are shared: they must not be changed. Clone first.
type Deployment struct {
	Name      string
	Release   string // versionless release ID, "namespace/name"
	Stages    map[StageName]*Stage
	Inputs    map[string]any // for both stages; only operators write them
	Revisions []Revision     // oldest first, at most MaxRevisions
	Extra     map[string]any // keys of a newer writer
}

// A Stage is what is recorded about building or about deploying one deployment.
//
// Values of inputs and outputs are string, bool, int64, uint64, float64, []any, map[string]any and nil. A number that
// none of these holds exactly is a json.Number.
type Stage struct {
	Inputs            map[string]any         // user inputs, or the evaluated mapping of a dependency
	CalculatedInputs  map[string]any         // everything the scripts of the last run were given
	CalculatedOutputs map[string]any         // outputs of the last run
	Deployments       map[string]*Deployment // by the variable name of the dependency
	Providers         map[string]string      // consumer variable to deployment path
	Provides          []string
	Version           string
	Status            Status
	Extra             map[string]any
}

// MaxRevisions is how many revisions of a deployment are kept.
const MaxRevisions = 10

// A Revision says what was deployed once. It never changes; Number counts from 1 and is never used again.
type Revision struct {
	Number      int
	Release     string // release ID with version
	Digest      string // of the release's archive or metadata
	Inputs      map[string]any
	Providers   map[string]string
	Outputs     string         // digest of the outputs
	Deployments map[string]int // revision of each sub-deployment
	Outcome     StatusCode
	Run         string
	At          time.Time
	By          string
	Extra       map[string]any
}

// Stage returns the stage name of d; without one it returns an empty stage and false. It never creates one.
func (d *Deployment) Stage(name StageName) (*Stage, bool) {
	if d != nil {
		if s, ok := d.Stages[name]; ok {
			return s, true
		}
	}
	return &Stage{Status: Status{Code: Empty}}, false
}

// Deployed reports whether version of release (versionless ID) is deployed in the stage: that very release and
// version, and not destroyed since.
func (d *Deployment) Deployed(stage StageName, release, version string) bool {
	s, ok := d.Stage(stage)
	return ok && s.Status.Code != Empty && s.Version == version && d.Release == release
}

// Testable reports whether version of release may be tested or smoke tested in the stage: it is deployed, and the
// last build or deploy came to its end.
func (d *Deployment) Testable(stage StageName, release, version string) bool {
	s, _ := d.Stage(stage)
	switch s.Status.Code {
	case OK, TestFailure, TestPending, RunningTest:
		return d.Deployed(stage, release, version)
	}
	return false
}

// NotDeployedMessage returns the text of the original for a unit that is not deployed in a stage. root is the name of
// the root deployment, release the versionless release ID.
func NotDeployedMessage(stage StageName, root, release, version string) string {
	short := release[lastSlash(release)+1:] + "-v" + version
	kind, command := "Deployment", "escape run deploy "
	if stage == BuildStage {
		kind, command = "Build", "escape run build"
		if root != release {
			command += " -d " + root
		}
	} else {
		if root != release {
			command += "-d " + root + " "
		}
		command += short
	}
	return kind + " state '" + root + "' for release '" + short + "' could not be found\n\nYou may need to run `" +
		command + "` to resolve this issue"
}

func lastSlash(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '/' {
			return i
		}
	}
	return -1
}

// Offers returns the interfaces d offers to consumers now: those of its deploy stage, as long as that is deployed and
// did not fail.
func (d *Deployment) Offers() []string {
	s, _ := d.Stage(DeployStage)
	switch s.Status.Code {
	case OK, TestFailure, RunningTest, TestPending:
		return s.Provides
	}
	return nil
}

// LastGood returns the newest revision that ended well.
func (d *Deployment) LastGood() (Revision, bool) {
	for _, r := range slices.Backward(d.Revisions) {
		if r.Outcome == OK {
			return r, true
		}
	}
	return Revision{}, false
}

// withRevision returns revisions with r behind them, numbered, and the oldest left out beyond MaxRevisions. The newest
// good one always stays, so that there is something to roll back to.
func withRevision(revisions []Revision, r Revision) []Revision {
	if n := len(revisions); n > 0 && r.Number <= revisions[n-1].Number {
		r.Number = revisions[n-1].Number + 1
	} else if r.Number < 1 {
		r.Number = 1
	}
	all := append(slices.Clone(revisions), r)
	for len(all) > MaxRevisions {
		drop := 0
		if isOnlyGood(all, 0) {
			drop = 1
		}
		all = slices.Delete(all, drop, drop+1)
	}
	return all
}

func isOnlyGood(all []Revision, i int) bool {
	return all[i].Outcome == OK && !slices.ContainsFunc(all[i+1:], func(r Revision) bool { return r.Outcome == OK })
}

// Clone returns a copy of d that shares nothing that may be changed.
func (d *Deployment) Clone() *Deployment {
	if d == nil {
		return nil
	}
	c := *d
	c.Stages = cloneMap(d.Stages, (*Stage).Clone)
	c.Inputs = cloneValues(d.Inputs)
	c.Extra = cloneValues(d.Extra)
	c.Revisions = slices.Clone(d.Revisions)
	for i := range c.Revisions {
		r := &c.Revisions[i]
		r.Inputs = cloneValues(r.Inputs)
		r.Providers = maps.Clone(r.Providers)
		r.Deployments = maps.Clone(r.Deployments)
		r.Extra = cloneValues(r.Extra)
	}
	return &c
}

// Clone returns a copy of s that shares nothing that may be changed.
func (s *Stage) Clone() *Stage {
	if s == nil {
		return nil
	}
	c := *s
	c.Inputs = cloneValues(s.Inputs)
	c.CalculatedInputs = cloneValues(s.CalculatedInputs)
	c.CalculatedOutputs = cloneValues(s.CalculatedOutputs)
	c.Deployments = cloneMap(s.Deployments, (*Deployment).Clone)
	c.Providers = maps.Clone(s.Providers)
	c.Provides = slices.Clone(s.Provides)
	c.Status.Extra = cloneValues(s.Status.Extra)
	c.Extra = cloneValues(s.Extra)
	return &c
}

func cloneMap[K comparable, V any](m map[K]V, clone func(V) V) map[K]V {
	if m == nil {
		return nil
	}
	c := make(map[K]V, len(m))
	for k, v := range m {
		c[k] = clone(v)
	}
	return c
}

func cloneValues(m map[string]any) map[string]any { return cloneMap(m, cloneValue) }

func cloneValue(v any) any {
	switch v := v.(type) {
	case []any:
		c := make([]any, len(v))
		for i := range v {
			c[i] = cloneValue(v[i])
		}
		return c
	case map[string]any:
		return cloneValues(v)
	case []string:
		return slices.Clone(v)
	case map[string]string:
		return maps.Clone(v)
	default:
		return v
	}
}

package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"escape.build/escape/lang/release"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/lookup"
	"escape.build/escape/lsp/internal/value"
)

// StateFile is the name of the files in which deployments are recorded: what commands use if nothing else is said.
const StateFile = "escape_state.json"

// A Deployment is what is recorded of the last run of a deployment.
type Deployment = value.Deployment

// deployed asks what is recorded of deployments of a package.
type deployed struct{ root, dir, pkg string }

// deployments keeps what Recorded tells, which may be slow.
type deployments struct {
	known *lookup.Keeper[deployed, []*Deployment]
}

func newDeployments(s *server) deployments {
	o := &s.options
	if o.Recorded == nil {
		return deployments{}
	}
	return deployments{lookup.New(lookup.Options[deployed, []*Deployment]{
		Ask: asking(s, func(ctx context.Context, q deployed) ([]*Deployment, error) {
			return o.Recorded(ctx, q.root, q.dir, q.pkg)
		}),
		// Who has deployed something wants to see it, and a look at a file on the disk takes no time.
		Fresh: time.Second, Await: true, Wait: max(o.Patience, 50*time.Millisecond),
	})}
}

func (d deployments) close() {
	if d.known != nil {
		d.known.Close()
	}
}

// recorder tells what is recorded of the deployments of plans.
func (s *server) recorder(ctx context.Context, snap *cache.Snapshot) value.Recorder {
	return func(an *cache.Analyzed) []*Deployment {
		if s.deployments.known == nil || an.Doc.Path == "" || an.Plan.Name.Value == "" {
			return nil
		}
		dir := filepath.Dir(an.Doc.Path)
		project, name := release.SplitName(an.Plan.Name.Value)
		list, _ := s.deployments.known.Get(ctx, deployed{snap.Workspace(dir).Root(), dir, project + "/" + name})
		return list
	}
}

// stateChanged forgets what is recorded if one of some files says it, and tells the client to ask for hints again.
func (s *server) stateChanged(paths []string) {
	if s.deployments.known == nil || !slices.ContainsFunc(paths, func(path string) bool { return filepath.Base(path) == StateFile }) {
		return
	}
	s.deployments.known.Forget()
	s.refreshHints()
}

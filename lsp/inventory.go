package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"escape.build/escape/eval/workspace"
	"escape.build/escape/lang/release"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/complete"
	"escape.build/escape/lsp/internal/lookup"
)

// An inventory keeps what Packages tells, which may be slow.
type inventory struct {
	names    *lookup.Keeper[struct{}, []string]
	versions *lookup.Keeper[string, []string]
}

// newInventory asks the Packages of the options, for as long as the settings say at the time.
func newInventory(s *server) inventory {
	p := s.options.Packages
	if p == nil {
		return inventory{}
	}
	names := func(ctx context.Context, _ struct{}) ([]string, error) {
		ctx, cancel := context.WithTimeout(ctx, s.settings().lookupTimeout)
		defer cancel()
		return p.Names(ctx)
	}
	versions := func(ctx context.Context, pkg string) ([]string, error) {
		ctx, cancel := context.WithTimeout(ctx, s.settings().lookupTimeout)
		defer cancel()
		return p.Versions(ctx, pkg)
	}
	return inventory{
		names:    lookup.New(lookup.Options[struct{}, []string]{Timeout: longest, Ask: asking(s, names)}),
		versions: lookup.New(lookup.Options[string, []string]{Timeout: longest, Ask: asking(s, versions)}),
	}
}

// longest is how long a question may take, whatever the settings say.
const longest = time.Minute

func (i inventory) close() {
	if i.names != nil {
		i.names.Close()
		i.versions.Close()
	}
}

// world is what is known around a plan.
func (s *server) world(snap *cache.Snapshot, an *cache.Analyzed) complete.World {
	w := complete.World{Plan: an.Plan, Info: an.Info, Deps: an.Deps, Env: an.Env}
	plans := func() *workspace.Workspace { // looking for it takes longer than most of what does not need it
		if an.Doc.Path == "" {
			return nil
		}
		return snap.Workspace(filepath.Dir(an.Doc.Path))
	}
	w.Packages = func(ctx context.Context) ([]string, bool) {
		var names []string
		if around := plans(); around != nil {
			names = around.Packages()
		}
		if s.inventory.names == nil {
			return names, true
		}
		known, ok := s.inventory.names.Get(ctx, struct{}{})
		return append(names, known...), ok
	}
	w.Versions = func(ctx context.Context, pkg string) ([]string, bool) {
		var versions []string
		if around := plans(); around != nil {
			if v := around.Version(pkg); v != "" {
				versions = append(versions, v)
			}
		}
		if s.inventory.versions == nil {
			return versions, true
		}
		known, ok := s.inventory.versions.Get(ctx, strings.Clone(pkg)) // which is a part of the plan
		for _, v := range known {
			if short := strings.TrimPrefix(v, "v"); release.IsVersion(short) {
				v = short // which a tag such as "vnext" has not
			}
			if !slices.Contains(versions, v) {
				versions = append(versions, v)
			}
		}
		return versions, ok
	}
	w.Interfaces = func() ([]string, bool) {
		around := plans()
		if around == nil {
			return nil, true
		}
		return around.Interfaces()
	}
	return w
}

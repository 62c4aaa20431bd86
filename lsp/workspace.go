package lsp

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"go.lsp.dev/protocol"
)

var workspaceFeature = Feature{
	Name: "Workspace",
	Methods: []string{
		protocol.MethodWorkspaceDidChangeWorkspaceFolders, protocol.MethodWorkspaceDidChangeWatchedFiles, protocol.MethodWorkspaceDidChangeConfiguration,
	},
	Doc: "Folders come and go, and files change outside the editor: what depends on them is checked again. Editors that cannot watch files are served as well.",
	offer: func(_ *server, c *protocol.ServerCapabilities) {
		yes := true
		if c.Workspace == nil {
			c.Workspace = &protocol.WorkspaceOptions{}
		}
		c.Workspace.WorkspaceFolders = &protocol.WorkspaceFoldersServerCapabilities{Supported: &yes, ChangeNotifications: protocol.Boolean(true)}
	},
}

// folders are those that the editor has open.
type folders struct {
	mu    sync.Mutex // guards the following
	paths []string
}

// setFolders changes the open folders, and looks for the plans in them.
func (s *server) setFolders(change func(paths []string) []string) {
	s.folders.mu.Lock()
	defer s.folders.mu.Unlock()
	s.folders.paths = change(s.folders.paths)
	s.session.SetFolders(slices.Clone(s.folders.paths))
}

// load looks for the plans of all folders.
func (s *server) load() {
	snap := s.session.Snapshot()
	for _, dir := range snap.Folders() {
		s.background(func(ctx context.Context) { snap.Load(ctx, dir) })
	}
}

// DidChangeWorkspaceFolders implements the notification "workspace/didChangeWorkspaceFolders".
func (s *server) DidChangeWorkspaceFolders(_ context.Context, p *protocol.DidChangeWorkspaceFoldersParams) error {
	s.setFolders(func(paths []string) []string {
		paths = slices.Clone(paths)
		for _, f := range p.Event.Removed {
			path := pathOf(string(f.URI))
			paths = slices.DeleteFunc(paths, func(p string) bool { return p == path })
		}
		for _, f := range p.Event.Added {
			if path := pathOf(string(f.URI)); path != "" && !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
		return paths
	})
	s.load()
	s.somethingChanged()
	return nil
}

// watching says how the server learns of files that change outside the editor.
type watching struct {
	mu   sync.Mutex // guards the following
	last time.Time  // when it looked for itself
	busy bool
}

// register asks the client to tell of files and settings.
func (s *server) register() {
	var list []protocol.Registration
	if s.can.Workspace.DidChangeWatchedFiles.DynamicRegistration {
		// Any file may be a script or a template; the server takes only what something depends on.
		options, _ := json.Marshal(map[string]any{"watchers": []map[string]any{{"globPattern": "**/*"}}})
		list = append(list, protocol.Registration{
			ID: "escape-files", Method: protocol.MethodWorkspaceDidChangeWatchedFiles, RegisterOptions: protocol.LSPAny(options),
		})
	}
	if s.can.Workspace.DidChangeConfiguration.DynamicRegistration {
		options, _ := json.Marshal(map[string]any{"section": section})
		list = append(list, protocol.Registration{
			ID: "escape-settings", Method: protocol.MethodWorkspaceDidChangeConfiguration, RegisterOptions: protocol.LSPAny(options),
		})
	}
	if len(list) > 0 {
		s.background(func(ctx context.Context) {
			s.told(s.client.RegisterCapability(ctx, &protocol.RegistrationParams{Registrations: list}))
		})
	}
}

// DidChangeWatchedFiles implements the notification "workspace/didChangeWatchedFiles".
func (s *server) DidChangeWatchedFiles(_ context.Context, p *protocol.DidChangeWatchedFilesParams) error {
	var paths, created []string
	for _, change := range p.Changes {
		path := pathOf(string(change.URI))
		if path == "" {
			continue
		}
		paths = append(paths, path)
		if change.Type == protocol.FileChangeTypeCreated {
			created = append(created, path)
		}
	}
	s.stateChanged(paths)
	s.changedOnDisk(append(s.session.Snapshot().Matter(paths), s.session.Plans(created)...))
	return nil
}

// changedOnDisk takes files that are different on the disk.
func (s *server) changedOnDisk(paths []string) {
	if len(paths) == 0 {
		return
	}
	s.session.Changed(paths...)
	s.somethingChanged()
}

// lookTime is how often the server looks for changes of files if the client does not tell it.
const lookTime = time.Second

// lookAround looks for files that have changed, beside the caller, if the client cannot watch them and enough time has passed.
func (s *server) lookAround() {
	if s.can.Workspace.DidChangeWatchedFiles.DynamicRegistration {
		return
	}
	x := &s.watching
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.busy || time.Since(x.last) < lookTime {
		return
	}
	x.busy, x.last = true, time.Now()
	s.background(func(context.Context) {
		defer func() {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.busy = false
		}()
		s.changedOnDisk(s.session.Look())
	})
}

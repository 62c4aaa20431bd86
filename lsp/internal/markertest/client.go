package markertest

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp"
	"escape.build/escape/lsp/statefile"
)

// A Client is an editor with a server of its own. Its methods fail the test.
type Client struct {
	T      testing.TB
	Ctx    context.Context
	Server protocol.Server
	Dir    string
	Init   *protocol.InitializeResult

	client
	mu       sync.Mutex // guards the following
	wake     chan struct{}
	found    map[uri.URI]protocol.PublishDiagnosticsParams
	texts    map[uri.URI]*source.File
	versions map[uri.URI]int32
	settings json.RawMessage
	edits    []protocol.WorkspaceEdit // that the server asked to apply
	messages []string                 // shown to the user
}

// client answers what the server asks when there is nothing to do.
type client struct{ protocol.UnimplementedClient }

// timeout is how long anything may take. Nothing is waited for if it is there.
const timeout = 30 * time.Second

// Start starts a server in a folder and initializes it with further capabilities and settings, both JSON or nil.
func Start(t testing.TB, dir string, capabilities, settings json.RawMessage) *Client {
	t.Helper()
	return StartWith(t, dir, capabilities, settings, nil)
}

// StartWith starts a server as Start does, which knows packages.
func StartWith(t testing.TB, dir string, capabilities, settings json.RawMessage, packages lsp.Packages) *Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*timeout)
	ours, theirs := net.Pipe()
	var logged strings.Builder
	served := make(chan error, 1)
	go func() { // ends with the connection
		served <- lsp.Serve(ctx, theirs, lsp.Options{
			Version: "test", Patience: timeout, Log: slog.New(slog.NewTextHandler(&logged, nil)), Released: released, PackageURL: pageOf,
			Packages: packages, Recorded: statefile.New(func() string { return "" }).Deployments,
		})
	}()
	c := &Client{
		T: t, Ctx: ctx, Dir: dir, wake: make(chan struct{}), settings: settings,
		found: map[uri.URI]protocol.PublishDiagnosticsParams{}, texts: map[uri.URI]*source.File{}, versions: map[uri.URI]int32{},
	}
	// Only its plain Read gives results that stay as they are when the next message comes.
	conn := jsonrpc2.NewConn(struct{ jsonrpc2.Stream }{jsonrpc2.NewHeaderStream(ours)}, jsonrpc2.WithCodec(codec{}))
	conn.Go(ctx, besideReading(protocol.ClientHandler(c, nil)))
	c.Server = protocol.ServerDispatcher(conn)
	var params protocol.InitializeParams
	raw := baseCapabilities(t, capabilities)
	if err := protocol.Unmarshal(raw, &params.Capabilities); err != nil {
		t.Fatal(err)
	}
	root := uri.File(dir)
	params.WorkspaceFolders = protocol.NewNullable([]protocol.WorkspaceFolder{{URI: root, Name: filepath.Base(dir)}})
	if len(settings) == 0 {
		settings = json.RawMessage("null")
	}
	options, err := json.Marshal(map[string]any{"clientCommands": []string{"escape.run", "escape.showReferences"}, "settings": settings})
	if err != nil {
		t.Fatal(err)
	}
	params.InitializationOptions = options
	if c.Init, err = c.Server.Initialize(ctx, &params); err != nil {
		t.Fatal(err)
	}
	if err := c.Server.Initialized(ctx, &protocol.InitializedParams{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Server.Shutdown(ctx)
		c.Server.Exit(ctx)
		if err := <-served; err != nil {
			t.Errorf("the server ended with: %v", err)
		}
		cancel()
		conn.Close()
		if s := logged.String(); s != "" {
			t.Errorf("the server logged:\n%s", s)
		}
	})
	return c
}

// besideReading answers requests of the server while more is read: neither side of a pipe may wait for the other to read what it
// writes. Notifications keep their order.
func besideReading(handle jsonrpc2.Handler) jsonrpc2.Handler {
	return func(own context.Context, req *jsonrpc2.Request) (any, error) {
		ctx := jsonrpc2.DetachContext(own)
		if req.IsCall() {
			jsonrpc2.Async(own)
		}
		return handle(ctx, req)
	}
}

// usual is what the editor of all tests can do.
//
//go:embed capabilities.json
var usual []byte

// baseCapabilities are what the editor of all tests can do, with more on top.
func baseCapabilities(t testing.TB, more json.RawMessage) []byte {
	t.Helper()
	all := map[string]any{}
	for _, raw := range [][]byte{usual, more} {
		if len(raw) == 0 {
			continue
		}
		var m map[string]any
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		merge(all, m)
	}
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func merge(into, from map[string]any) {
	for k, v := range from {
		if m, ok := v.(map[string]any); ok {
			if old, ok := into[k].(map[string]any); ok {
				merge(old, m)
				continue
			}
		}
		into[k] = v
	}
}

type codec struct{}

func (codec) Marshal(v any) ([]byte, error) {
	if raw, ok := v.(jsonrpc2.RawMessage); ok {
		return raw, nil
	}
	return protocol.Marshal(v)
}

// Unmarshal reads a copy: what is decoded has parts of the message, whose place the next one takes.
func (codec) Unmarshal(data []byte, v any) error { return protocol.Unmarshal(bytes.Clone(data), v) }

// URI returns that of a file of the test.
func (c *Client) URI(name string) uri.URI {
	return uri.File(filepath.Join(c.Dir, filepath.FromSlash(name)))
}

// Name is the file of the test that a URI means.
func (c *Client) Name(u uri.URI) string {
	if rel, err := filepath.Rel(c.Dir, u.FsPath()); err == nil {
		return filepath.ToSlash(rel)
	}
	return string(u)
}

// languages are the language ids of files by extension.
var languages = map[string]string{
	".sh": "shellscript", ".py": "python", ".rb": "ruby", ".js": "javascript", ".tpl": "mustache", ".mustache": "mustache",
	".yml": "yaml", ".yaml": "yaml", ".json": "json",
}

// Language is the language id of a file.
func Language(name string) string {
	switch base := filepath.Base(name); base {
	case "escape.yml", "escape.yaml":
		return "escape-plan"
	case "escape.hcl":
		return "escape-plan-hcl"
	}
	if l, ok := languages[filepath.Ext(name)]; ok {
		return l
	}
	return "plaintext"
}

// Open opens a document.
func (c *Client) Open(u uri.URI, language, text string) {
	c.T.Helper()
	c.mu.Lock()
	c.texts[u] = source.NewFile(u.FsPath(), text)
	c.versions[u] = 1
	c.mu.Unlock()
	c.check(c.Server.DidOpen(c.Ctx, &protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{
		URI: u, LanguageID: protocol.LanguageKind(language), Version: 1, Text: text,
	}}))
}

// Edit replaces a span of an open document.
func (c *Client) Edit(u uri.URI, span source.Span, text string) {
	c.T.Helper()
	c.mu.Lock()
	f := c.texts[u]
	next, err := source.Apply(f.Text(), []source.Edit{{Span: span, New: text}})
	if err == nil {
		c.texts[u] = source.NewFile(f.Name(), next)
	}
	c.versions[u]++
	version := c.versions[u]
	c.mu.Unlock()
	c.check(err)
	c.check(c.Server.DidChange(c.Ctx, &protocol.DidChangeTextDocumentParams{
		TextDocument: protocol.VersionedTextDocumentIdentifier{TextDocumentIdentifier: protocol.TextDocumentIdentifier{URI: u}, Version: version},
		ContentChanges: []protocol.TextDocumentContentChangeEvent{
			&protocol.TextDocumentContentChangePartial{Range: Range(f, span), Text: text},
		},
	}))
}

// Text returns an open document as the editor shows it; nil if it is not open.
func (c *Client) Text(u uri.URI) *source.File {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.texts[u]
}

// Diagnostics waits for what the server has to say of the present text of a document.
func (c *Client) Diagnostics(u uri.URI) []protocol.Diagnostic {
	c.T.Helper()
	deadline := time.After(timeout)
	for {
		c.mu.Lock()
		p, ok := c.found[u]
		version, wake := c.versions[u], c.wake
		c.mu.Unlock()
		if v, has := p.Version.Get(); ok && has && v == version {
			return p.Diagnostics
		}
		select {
		case <-wake:
		case <-deadline:
			c.T.Fatalf("no findings for version %d of %s came", version, c.Name(u))
		}
	}
}

// patience is how long Until waits for what other documents change.
const patience = 30 * time.Second

// Until waits until the findings of the present text of a document are as wanted, and reports false if that takes too long.
func (c *Client) Until(u uri.URI, ok func([]protocol.Diagnostic) bool) bool {
	c.T.Helper()
	deadline := time.After(patience)
	for {
		list := c.Diagnostics(u)
		c.mu.Lock()
		wake := c.wake
		c.mu.Unlock()
		if ok(list) {
			return true
		}
		select {
		case <-wake:
		case <-deadline:
			return false
		}
	}
}

func (c *Client) check(err error) {
	c.T.Helper()
	if err != nil {
		c.T.Fatal(err)
	}
}

// PublishDiagnostics implements protocol.Client. What is older than what came before fails the test.
func (c *Client) PublishDiagnostics(_ context.Context, p *protocol.PublishDiagnosticsParams) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, ok := c.found[p.URI]
	now, _ := p.Version.Get()
	if before, has := was.Version.Get(); ok && has && now != 0 && now < before {
		c.T.Errorf("findings of version %d came after those of %d", now, before)
	}
	kept, err := protocol.Clone(p)
	if err != nil {
		return err
	}
	c.found[p.URI] = *kept
	close(c.wake)
	c.wake = make(chan struct{})
	return nil
}

// ApplyEdit implements protocol.Client.
func (c *Client) ApplyEdit(_ context.Context, p *protocol.ApplyWorkspaceEditParams) (*protocol.ApplyWorkspaceEditResult, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.edits = append(c.edits, p.Edit)
	return &protocol.ApplyWorkspaceEditResult{Applied: true}, nil
}

// Messages waits until the server has shown the user something, and returns all of it.
func (c *Client) Messages() []string {
	c.T.Helper()
	deadline := time.After(timeout)
	for {
		c.mu.Lock()
		list, wake := slices.Clone(c.messages), c.wake
		c.mu.Unlock()
		if len(list) > 0 {
			return list
		}
		select {
		case <-wake:
		case <-deadline:
			c.T.Fatal("nothing was shown")
		}
	}
}

// Applied returns the edits that the server asked to make, in order. The documents stay as they are.
func (c *Client) Applied() []protocol.WorkspaceEdit {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.edits)
}

// ShowMessage implements protocol.Client.
func (c *Client) ShowMessage(_ context.Context, p *protocol.ShowMessageParams) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages = append(c.messages, p.Message)
	close(c.wake)
	c.wake = make(chan struct{})
	return nil
}

// Configuration implements protocol.Client.
func (c *Client) Configuration(_ context.Context, p *protocol.ConfigurationParams) ([]protocol.LSPAny, error) {
	out := make([]protocol.LSPAny, len(p.Items))
	for i := range out {
		if out[i] = protocol.LSPAny(c.settings); len(out[i]) == 0 {
			out[i] = protocol.LSPAny("null")
		}
	}
	return out, nil
}

// What follows implements protocol.Client for what the server only tells.

func (c *Client) RegisterCapability(context.Context, *protocol.RegistrationParams) error { return nil }
func (c *Client) UnregisterCapability(context.Context, *protocol.UnregistrationParams) error {
	return nil
}
func (c *Client) WorkDoneProgressCreate(context.Context, *protocol.WorkDoneProgressCreateParams) error {
	return nil
}
func (c *Client) Progress(context.Context, *protocol.ProgressParams) error     { return nil }
func (c *Client) LogMessage(context.Context, *protocol.LogMessageParams) error { return nil }
func (c *Client) Telemetry(context.Context, protocol.LSPAny) error             { return nil }

// Range converts a span to a range of UTF-16 units, which all tests use.
func Range(f *source.File, s source.Span) protocol.Range {
	at := func(off int32) protocol.Position {
		line, char := f.UTF16(int(off))
		return protocol.Position{Line: uint32(line), Character: uint32(char)}
	}
	return protocol.Range{Start: at(s.Start), End: at(s.End)}
}

// Span converts a range to a span; false if it does not lie in the file.
func Span(f *source.File, r protocol.Range) (source.Span, bool) {
	from, ok := f.OffsetUTF16(int(r.Start.Line), int(r.Start.Character))
	to, ok2 := f.OffsetUTF16(int(r.End.Line), int(r.End.Character))
	return source.Span{Start: int32(from), End: int32(to)}, ok && ok2
}

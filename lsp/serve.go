package lsp

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"escape.build/escape/lang/release"
	"escape.build/escape/lsp/internal/cache"
)

// Options are the world of a server. The zero value sees the files and commands of the machine, and no releases.
type Options struct {
	// Version is that of Escape.
	Version string
	// Log gets warnings and defects; nil drops them.
	Log *slog.Logger
	// ReadFile, ReadDir, Stat and LookPath see files and commands; nil are those of the operating system. Paths are absolute.
	ReadFile func(path string) ([]byte, error)
	ReadDir  func(path string) ([]fs.DirEntry, error)
	Stat     func(path string) (fs.FileInfo, error)
	LookPath func(name string) (string, error)
	// DocURL is the address of the pages of findings, to which their codes are added; "" shows no links.
	DocURL string
	// Patience is how long an answer waits while the plans of a workspace are looked for; after that it is given without
	// knowing other plans. 0 is 10 ms. For what is recorded of deployments it waits 50 ms, or as long as this if that is more.
	Patience time.Duration
	// Released returns what is at hand of a release that is needed in dir, and where what that needs is looked for. It must
	// not wait for a network. nil knows nothing.
	Released func(dir string, id release.ID) (*release.Metadata, string)
	// PackageURL returns the address of the page of a release, such as "shop/db-v1.0" or "shop/db-latest"; "" if it has none.
	// nil knows no pages.
	PackageURL func(id string) string
	// Fetch gets what the plan in a file depends on, beside it. nil cannot.
	Fetch func(ctx context.Context, plan string) error
	// Packages tells what could be depended on; nil knows only what is in the workspace. It may be slow, and fail.
	Packages Packages
	// Recorded returns what is recorded on this machine of deployments of a package, such as "shop/db", whose plan lies in dir:
	// in dir, and in the folders around it up to root. It must change nothing. nil knows nothing.
	Recorded func(ctx context.Context, root, dir, pkg string) ([]*Deployment, error)

	onCall   func(ctx context.Context, method string) // called before each handler; tests let it wait or panic
	onServer func(*server)                            // called with the server of the connection, for tests
}

// Packages are the releases of an Inventory.
type Packages interface {
	// Names returns the packages, as "project/name".
	Names(ctx context.Context) ([]string, error)
	// Versions returns the versions of a package without "v", newest first, and behind them its tags as far as they are known.
	Versions(ctx context.Context, pkg string) ([]string, error)
}

// ErrNoShutdown is returned by Serve if the client ended the session without the request to shut down: the process should
// end with status 1 (section "Exit Notification").
var ErrNoShutdown = errors.New("the client left without a shutdown request")

// grace is how long what goes on may take after the client has left, and moment how long requests may.
const (
	grace  = 500 * time.Millisecond
	moment = 20 * time.Millisecond
)

// wait waits until something is done, but not for long.
func wait(done <-chan struct{}, long time.Duration) {
	select {
	case <-done:
	case <-time.After(long):
	}
}

// Serve answers one client until it says goodbye, its input ends, or ctx does. It fails with ErrNoShutdown. A client that does not
// read stops nothing but its answers. They take less time if the connection has the method
//
//	Unread() (bytes int, known bool)
//
// which returns how many bytes were written that the client has not read.
func Serve(ctx context.Context, rwc io.ReadWriteCloser, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := newServer(ctx, o)
	if o.onServer != nil {
		o.onServer(s)
	}
	stream := newStream(rwc, o.Log, s.record)
	shell := newShell(s, stream)
	conn := jsonrpc2.NewConn(stream, jsonrpc2.WithCodec(codec{}))
	s.client = protocol.ClientDispatcher(conn)
	publishing := s.publisher.start(ctx)
	conn.Go(ctx, shell.serve)
	var clean bool
	select {
	case clean = <-s.exited:
	case <-conn.Done():
		clean = shell.isDown() // a client that has shut the server down may leave without a word
	case <-ctx.Done():
		clean = true
	}
	cancel()
	rwc.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-publishing
		s.stop()
	}()
	wait(ended, grace)
	closed := make(chan struct{})
	go func() { defer close(closed); conn.Close() }() // ends when the requests under way have
	wait(closed, moment)                              // a read of a terminal or pipe may not end before its other side does
	if !clean {
		return ErrNoShutdown
	}
	return nil
}

// A codec writes and reads the protocol's types.
type codec struct{}

// Marshal implements jsonrpc2.Codec.
func (codec) Marshal(v any) ([]byte, error) {
	if raw, ok := v.(jsonrpc2.RawMessage); ok {
		return raw, nil
	}
	return protocol.Marshal(v)
}

// Unmarshal implements jsonrpc2.Codec.
func (codec) Unmarshal(data []byte, v any) error { return protocol.Unmarshal(data, v) }

func (o Options) cache() cache.Options {
	return cache.Options{ReadFile: o.ReadFile, ReadDir: o.ReadDir, Stat: o.Stat, LookPath: o.LookPath, Released: o.Released, Patience: o.Patience}
}

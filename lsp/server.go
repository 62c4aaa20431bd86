package lsp

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/cache"
)

// A server answers one client.
type server struct {
	options   Options
	log       *slog.Logger
	session   *cache.Session
	client    protocol.Client
	publisher *publisher
	record    *record
	// As many requests are answered at once: of all, and of those that a user waits for.
	workers, urgent chan struct{}
	exited          chan bool // gets whether the client shut down first
	// full is how long nothing is read if there are too many requests.
	full time.Duration
	// outdate ends requests for a document that has another text.
	outdate func(uri string)

	ctx    context.Context // ends with the connection
	busy   sync.WaitGroup  // what goes on beside requests
	busyMu sync.Mutex      // guards the following
	ended  bool            // nothing more goes on

	chosen      atomic.Pointer[settings]
	warned      atomic.Pointer[string] // of which settings the user was warned last
	folders     folders
	watching    watching
	progress    progresses
	refreshes   refreshes
	inventory   inventory
	deployments deployments
	shown       sync.Map // texts of warnOnce
	colours     coloured

	// What follows is set by the request to initialize and not changed afterwards.
	can abilities
}

func newServer(ctx context.Context, o Options) *server {
	n := max(2, runtime.GOMAXPROCS(0))
	s := &server{
		options: o, log: o.Log, record: &record{}, ctx: ctx,
		workers: make(chan struct{}, n), urgent: make(chan struct{}, n),
		exited: make(chan bool, 1), full: maxFull,
		outdate: func(string) {},
	}
	s.inventory = newInventory(s)
	s.deployments = newDeployments(s)
	cached := o.cache()
	cached.Loading, cached.Key, cached.Safely = s.loading, uriKey, s.safely
	s.session = cache.New(cached)
	s.chosen.Store(defaultSettings())
	s.publisher = newPublisher(s)
	return s
}

// background calls fn beside the caller, with a context that ends with the connection. Whoever reads messages must not wait
// for an answer of the client.
func (s *server) background(fn func(ctx context.Context)) {
	s.busyMu.Lock()
	defer s.busyMu.Unlock()
	if !s.ended {
		s.busy.Go(func() { s.safely(func() { fn(s.ctx) }) })
	}
}

// safely calls fn. If that panics the log says so, and the server goes on.
func (s *server) safely(fn func()) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("something failed, this is a defect of Escape", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	fn()
}

// asking is a question to others, of which none is left without an answer: what panics has failed.
func asking[K comparable, V any](s *server, ask func(ctx context.Context, key K) (V, error)) func(context.Context, K) (V, error) {
	return func(ctx context.Context, key K) (v V, err error) {
		err = errPanic
		s.safely(func() { v, err = ask(ctx, key) })
		return v, err
	}
}

// stop waits until nothing goes on in the background, once the connection has ended.
func (s *server) stop() {
	s.busyMu.Lock()
	s.ended = true
	s.busyMu.Unlock()
	s.inventory.close()
	s.deployments.close()
	s.session.Stop()
	s.busy.Wait()
}

// told logs that the client did not take something, unless it has left: it may do so at any time.
func (s *server) told(err error) {
	if err != nil && s.ctx.Err() == nil && !hasLeft(err) {
		s.log.Warn("the client did not take a message", "error", err)
	}
}

// hasLeft reports whether a message was not taken because nobody is there any more.
func hasLeft(err error) bool {
	return errors.Is(err, jsonrpc2.ErrClientClosing) || errors.Is(err, os.ErrClosed) || errors.Is(err, syscall.EPIPE)
}

func (s *server) exit(down bool) {
	select {
	case s.exited <- down:
	default:
	}
}

package lsp

import (
	"log/slog"
	"runtime"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/cache"
)

// A server answers one client.
type server struct {
	protocol.UnimplementedServer // what is not offered

	options   Options
	log       *slog.Logger
	session   *cache.Session
	client    protocol.Client
	publisher *publisher
	workers   chan struct{} // as many requests are answered at once
	exited    chan bool     // gets whether the client shut down first
	inventory inventory
	colours   coloured

	// What follows is set by the request to initialize and not changed afterwards.
	can abilities
}

func newServer(o Options) *server {
	s := &server{
		options: o,
		log:     o.Log,
		session: cache.New(o.cache()),
		workers: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))),
		exited:  make(chan bool, 1),

		inventory: newInventory(o.Packages),
	}
	s.publisher = newPublisher(s)
	return s
}

func (s *server) exit(down bool) {
	select {
	case s.exited <- down:
	default:
	}
}

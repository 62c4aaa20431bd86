package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.lsp.dev/protocol"

	"escape.build/escape/lsp/internal/cache"
)

var progressFeature = Feature{
	Name:    "Progress",
	Methods: []string{protocol.MethodProgress, protocol.MethodWindowWorkDoneProgressCancel},
	Doc:     "How far the look for the plans of a large workspace is. It can be cancelled; nothing waits for it.",
}

// Times of progress: what takes less than progressAfter is not shown, and each progressEvery another number is.
const (
	progressAfter = 150 * time.Millisecond
	progressEvery = 200 * time.Millisecond
)

// progresses are those that are shown.
type progresses struct {
	mu   sync.Mutex // guards the following
	last int
	all  map[string]*progress // by token
}

// A progress shows that plans are looked for.
type progress struct {
	s      *server
	plans  atomic.Int64
	enough atomic.Bool
	done   chan struct{}
}

// loading is called when plans are looked for.
func (s *server) loading() cache.Loading {
	p := &progress{s: s, done: make(chan struct{})}
	if s.can.Window.WorkDoneProgress {
		s.background(p.show)
	}
	return p
}

// Found implements cache.Loading.
func (p *progress) Found(plans int) bool {
	p.plans.Store(int64(plans))
	return !p.enough.Load()
}

// Done implements cache.Loading.
func (p *progress) Done() {
	close(p.done)
	p.s.somethingChanged()
}

// show tells the client until the plans are found.
func (p *progress) show(ctx context.Context) {
	select {
	case <-time.After(progressAfter):
	case <-p.done:
		return
	case <-ctx.Done():
		return
	}
	token := p.enter()
	defer p.leave(token)
	name := protocol.String(token)
	if err := p.s.client.WorkDoneProgressCreate(ctx, &protocol.WorkDoneProgressCreateParams{Token: name}); err != nil {
		p.s.told(err)
		return
	}
	tell := func(value map[string]any) {
		raw, err := json.Marshal(value)
		if err == nil {
			err = p.s.client.Progress(ctx, &protocol.ProgressParams{Token: name, Value: protocol.LSPAny(raw)})
		}
		p.s.told(err)
	}
	tell(map[string]any{"kind": "begin", "title": "Escape: looking for plans", "cancellable": true})
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			tell(map[string]any{"kind": "report", "message": fmt.Sprintf("%d found", p.plans.Load())})
		case <-p.done:
			tell(map[string]any{"kind": "end", "message": fmt.Sprintf("%d plans", p.plans.Load())})
			return
		case <-ctx.Done():
			return
		}
	}
}

func (p *progress) enter() string {
	x := &p.s.progress
	x.mu.Lock()
	defer x.mu.Unlock()
	x.last++
	token := fmt.Sprintf("escape-plans-%d", x.last)
	if x.all == nil {
		x.all = map[string]*progress{}
	}
	x.all[token] = p
	return token
}

func (p *progress) leave(token string) {
	p.s.progress.mu.Lock()
	defer p.s.progress.mu.Unlock()
	delete(p.s.progress.all, token)
}

// WorkDoneProgressCancel implements the notification "window/workDoneProgress/cancel".
func (s *server) WorkDoneProgressCancel(_ context.Context, p *protocol.WorkDoneProgressCancelParams) error {
	token, _ := p.Token.(protocol.String)
	s.progress.mu.Lock()
	defer s.progress.mu.Unlock()
	if x := s.progress.all[string(token)]; x != nil {
		x.enough.Store(true)
	}
	return nil
}

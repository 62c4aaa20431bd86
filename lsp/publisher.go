package lsp

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/symbol"
)

// Times of publishing.
const (
	// A document that took longer than slow to analyze waits as long before it is analyzed again, but no longer than maxWait.
	slow    = 30 * time.Millisecond
	maxWait = 150 * time.Millisecond
	// quietTime is how long nothing must be typed before the other documents that depend on what was typed are looked at.
	quietTime = 250 * time.Millisecond
)

const noCursor = -1

// A publisher tells the client what is found, or that it should ask. All is done by one goroutine, so that nothing older follows
// something newer.
type publisher struct {
	s    *server
	wake chan struct{}

	mu     sync.Mutex // guards the following
	docs   map[string]*watched
	gone   []string
	rest   time.Time // when all documents are looked at; zero if they need not be
	queue  []string  // documents that are looked at when nothing else is due, open ones first
	closed map[string]bool
}

// A watched is an open document, or a plan that is not open.
type watched struct {
	due  time.Time     // when it is looked at; zero if that need not be
	took time.Duration // the last time

	cursor int // where it was edited last, and when; noCursor if nobody knows
	typed  time.Time

	told     bool   // the following
	written  string // the URI as the client writes it
	version  int32
	findings []protocol.Diagnostic
	// id names the findings for a client that asks for them, and asked is that for which it was asked to do so again.
	id, asked string
}

func newPublisher(s *server) *publisher {
	return &publisher{s: s, wake: make(chan struct{}, 1), docs: map[string]*watched{}, closed: map[string]bool{}}
}

// of returns what is known of a document. The caller holds the lock.
func (p *publisher) of(uri string) *watched {
	w := p.docs[uri]
	if w == nil {
		w = &watched{cursor: noCursor}
		p.docs[uri] = w
	}
	return w
}

// changed tells that a document has another text, and where it was typed.
func (p *publisher) changed(uri string, cursor int) {
	p.mu.Lock()
	now := time.Now()
	w := p.of(uri)
	w.cursor, w.typed = cursor, now
	wait := w.took
	if wait < slow {
		wait = 0
	}
	if at := now.Add(min(wait, maxWait)); w.due.IsZero() || w.due.After(at) {
		w.due = at
	}
	p.rest = now.Add(quietTime)
	p.mu.Unlock()
	p.poke()
}

// closedDocument tells that a document is no longer open.
func (p *publisher) closedDocument(uri string) {
	p.mu.Lock()
	p.gone = append(p.gone, uri)
	p.rest = time.Now()
	p.mu.Unlock()
	p.poke()
}

// all tells that anything may be different.
func (p *publisher) all() {
	p.mu.Lock()
	p.rest = time.Now()
	p.mu.Unlock()
	p.poke()
}

func (p *publisher) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// start publishes until ctx ends. The channel is closed then.
func (p *publisher) start(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		timer := time.NewTimer(time.Hour)
		defer timer.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-p.wake:
			case <-timer.C:
			}
			timer.Reset(p.work(ctx))
		}
	}()
	return done
}

// A task is what is to be done next.
type task struct {
	gone []string // documents that are closed
	uri  string   // a document
	calm bool     // and nobody is typing
	rest bool     // all others
}

// work does what is due and returns how long to wait for what comes next.
func (p *publisher) work(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		t, wait := p.next()
		if wait > 0 {
			return wait
		}
		p.s.safely(func() { p.do(ctx, t) })
	}
	return time.Hour
}

func (p *publisher) do(ctx context.Context, t task) {
	for _, u := range t.gone {
		p.clear(ctx, u)
	}
	if t.uri != "" {
		p.document(ctx, t.uri)
		if t.calm {
			p.prepare(t.uri)
		}
	}
	if t.rest {
		p.enqueue(ctx)
	}
}

// next takes what is to be done now: what was typed comes before what depends on it. If nothing is, it says how long to wait.
func (p *publisher) next() (t task, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.gone, p.gone = p.gone, nil; len(t.gone) > 0 {
		return t, 0
	}
	now, wait := time.Now(), time.Hour
	for u, w := range p.docs {
		if w.due.IsZero() {
			continue
		}
		if d := w.due.Sub(now); d > 0 {
			wait = min(wait, d)
			continue
		}
		w.due = time.Time{}
		t.uri = u
		return t, 0
	}
	if !p.rest.IsZero() {
		if d := p.rest.Sub(now); d > 0 {
			return t, min(wait, d)
		}
		p.rest = time.Time{}
		t.rest = true
		return t, 0
	}
	if len(p.queue) > 0 {
		t.uri, t.calm, p.queue = p.queue[0], true, p.queue[1:]
		return t, 0
	}
	return t, wait
}

// enqueue looks at all documents again, one after the other.
func (p *publisher) enqueue(ctx context.Context) {
	snap := p.s.session.Snapshot()
	if p.s.can.pulls {
		if p.s.can.Workspace.Diagnostics.RefreshSupport && p.s.dependants(snap) {
			p.s.refreshFindings() // nothing waits for it
		}
		return
	}
	var queue []string
	for _, d := range snap.Open() {
		queue = append(queue, d.URI)
	}
	wanted := map[string]bool{}
	if p.s.settings().workspaceDiagnostics {
		for _, d := range p.s.closedPlans(snap) {
			queue = append(queue, d.URI)
			wanted[d.URI] = true
		}
	}
	p.mu.Lock()
	p.queue = queue
	var gone []string
	for u := range p.closed {
		if !wanted[u] {
			gone = append(gone, u)
		}
	}
	p.closed = wanted
	p.mu.Unlock()
	for _, u := range gone {
		p.clear(ctx, u)
	}
}

// clear takes all findings of a closed document away.
func (p *publisher) clear(ctx context.Context, u string) {
	if p.s.session.Snapshot().Document(u) != nil {
		return // it is open again
	}
	p.mu.Lock()
	was := p.docs[u]
	delete(p.docs, u)
	p.mu.Unlock()
	if was != nil && len(was.findings) > 0 {
		p.s.told(p.s.client.PublishDiagnostics(ctx, &protocol.PublishDiagnosticsParams{URI: uri.URI(was.written), Diagnostics: []protocol.Diagnostic{}}))
	}
}

// document finds out what there is to say of a document and tells it if that is news.
func (p *publisher) document(ctx context.Context, u string) {
	snap := p.s.session.Snapshot()
	d := snap.Document(u)
	if d == nil {
		d = p.closedPlan(snap, u)
	}
	if d == nil || p.s.can.pulls {
		return
	}
	start := time.Now()
	list := p.s.findings(ctx, snap, d)
	took := time.Since(start)
	p.mu.Lock()
	w := p.of(u)
	w.took = took
	news := !w.told || w.version != d.Version || !slices.EqualFunc(w.findings, list, sameDiagnostic)
	if news {
		w.told, w.written, w.version, w.findings = true, d.Written, d.Version, list
	}
	p.mu.Unlock()
	if !news {
		return
	}
	params := &protocol.PublishDiagnosticsParams{URI: uri.URI(d.Written), Diagnostics: list}
	if d.Open {
		params.Version = protocol.NewOptional(d.Version)
	}
	p.s.told(p.s.client.PublishDiagnostics(ctx, params))
}

// prepare makes what the first question about an open plan would have to wait for.
func (p *publisher) prepare(u string) {
	snap := p.s.session.Snapshot()
	if d := snap.Document(u); d != nil {
		if an := d.Known(); an != nil {
			symbol.Of(snap, an)
		}
	}
}

// closedPlan returns a plan that is not open but whose findings are wanted.
func (p *publisher) closedPlan(snap *cache.Snapshot, u string) *cache.Document {
	p.mu.Lock()
	wanted := p.closed[u]
	p.mu.Unlock()
	if !wanted {
		return nil
	}
	return snap.File(pathOf(u))
}

// maxClosed is how many plans that are not open are checked.
const maxClosed = 5000

// closedPlans returns the plans in the folders of the editor that are not open.
func (s *server) closedPlans(snap *cache.Snapshot) []*cache.Document {
	open := map[string]bool{}
	for _, d := range snap.Open() {
		open[d.Path] = true
	}
	var list []*cache.Document
	for _, folder := range snap.Folders() {
		w := snap.Workspace(folder)
		if !w.Loaded() {
			continue // it will be told when it is
		}
		for _, file := range w.Files() {
			if d := snap.File(file); d != nil && !open[file] && cache.Below(file, folder) && len(list) < maxClosed {
				open[file] = true
				list = append(list, d)
			}
		}
	}
	return list
}

// typing returns where a document is edited and how long names there are held back.
func (p *publisher) typing(uri string) (cursor int, left time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.docs[uri]
	if w == nil || w.cursor == noCursor {
		return noCursor, 0
	}
	return w.cursor, p.s.settings().diagnosticsDelay - time.Since(w.typed)
}

// later looks at a document again after some time, as something was held back.
func (p *publisher) later(uri string, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.of(uri)
	if at := time.Now().Add(wait); w.due.IsZero() || w.due.After(at) {
		w.due = at
	}
	if p.s.can.pulls {
		p.rest = w.due // the client is asked to ask again
		w.due = time.Time{}
	}
	p.poke()
}

func sameDiagnostic(a, b protocol.Diagnostic) bool {
	return a.Range == b.Range && a.Severity == b.Severity && a.Code == b.Code && a.Message == b.Message &&
		slices.EqualFunc(a.RelatedInformation, b.RelatedInformation, func(x, y protocol.DiagnosticRelatedInformation) bool { return x == y })
}

// known returns the documents that the client was told of, for the report of a bug.
func (p *publisher) known() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []string
	for _, u := range slices.Sorted(maps.Keys(p.docs)) {
		if w := p.docs[u]; w.told {
			list = append(list, fmt.Sprintf("%s: version %d, %d findings, %v", u, w.version, len(w.findings), w.took.Round(time.Microsecond)))
		}
	}
	return list
}

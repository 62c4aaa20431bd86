package lsp

import (
	"context"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lsp/internal/cache"
)

var diagnosticsFeature = Feature{
	Name:    "Diagnostics",
	Methods: []string{protocol.MethodTextDocumentPublishDiagnostics},
	Doc:     "The findings of escape lint, as you type, each with its code.",
}

// Times of publishing.
const (
	// A document that took longer than slow to analyze waits as long before it is analyzed again, but no longer than maxWait.
	slow    = 30 * time.Millisecond
	maxWait = 150 * time.Millisecond
	// quietTime is how long nothing must be typed before the other documents that depend on what was typed are looked at.
	quietTime = 250 * time.Millisecond
)

const noCursor = -1

// A publisher tells the client what is found. All is published by one goroutine, so that nothing older follows something newer.
type publisher struct {
	s    *server
	wake chan struct{}

	mu    sync.Mutex // guards the following
	due   map[string]time.Time
	gone  []string
	rest  time.Time // when all other documents are looked at; zero if they need not be
	took  map[string]time.Duration
	known map[string]published
}

// A published is what the client was told last about a document.
type published struct {
	version  int32
	findings []protocol.Diagnostic
}

func newPublisher(s *server) *publisher {
	return &publisher{
		s: s, wake: make(chan struct{}, 1),
		due: map[string]time.Time{}, took: map[string]time.Duration{}, known: map[string]published{},
	}
}

// changed tells that a document has another text, and where it was typed.
func (p *publisher) changed(uri string, _ int) {
	p.mu.Lock()
	now := time.Now()
	wait := p.took[uri]
	if wait < slow {
		wait = 0
	}
	if _, ok := p.due[uri]; !ok {
		p.due[uri] = now.Add(min(wait, maxWait))
	}
	p.rest = now.Add(quietTime)
	p.mu.Unlock()
	p.poke()
}

// closed tells that a document is no longer open.
func (p *publisher) closed(uri string) {
	p.mu.Lock()
	delete(p.due, uri)
	delete(p.took, uri)
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

// work publishes what is due and returns how long to wait for what comes next.
func (p *publisher) work(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		uri, rest, gone, wait := p.next()
		switch {
		case len(gone) > 0:
			for _, u := range gone {
				p.clear(ctx, u)
			}
		case uri != "":
			p.document(ctx, uri)
		case rest:
			for _, d := range p.s.session.Snapshot().Open() {
				p.document(ctx, d.URI)
			}
		default:
			return wait
		}
	}
	return time.Hour
}

// next takes what is to be done now.
func (p *publisher) next() (uri string, rest bool, gone []string, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	gone, p.gone = p.gone, nil
	if len(gone) > 0 {
		return "", false, gone, 0
	}
	now, wait := time.Now(), time.Hour
	for u, at := range p.due {
		if d := at.Sub(now); d > 0 {
			wait = min(wait, d)
			continue
		}
		delete(p.due, u)
		return u, false, nil, 0
	}
	if !p.rest.IsZero() {
		if d := p.rest.Sub(now); d > 0 {
			return "", false, nil, min(wait, d)
		}
		p.rest = time.Time{}
		return "", true, nil, 0
	}
	return "", false, nil, wait
}

// clear takes all findings of a closed document away.
func (p *publisher) clear(ctx context.Context, u string) {
	if p.s.session.Snapshot().Document(u) != nil {
		return // it is open again
	}
	p.mu.Lock()
	was := p.known[u]
	delete(p.known, u)
	p.mu.Unlock()
	if len(was.findings) > 0 {
		p.send(ctx, &protocol.PublishDiagnosticsParams{URI: uri.URI(u), Diagnostics: []protocol.Diagnostic{}})
	}
}

// document finds out what there is to say of a document and tells it if that is news.
func (p *publisher) document(ctx context.Context, u string) {
	defer func() {
		if err := recover(); err != nil {
			p.s.log.Error("an analysis failed, this is a defect of Escape", "panic", err, "stack", string(debug.Stack()))
		}
	}()
	snap := p.s.session.Snapshot()
	d := snap.Document(u)
	if d == nil {
		return
	}
	start := time.Now()
	list := p.s.findings(snap, d)
	took := time.Since(start)
	p.mu.Lock()
	p.took[u] = took
	was, told := p.known[u]
	news := !told || was.version != d.Version || !slices.EqualFunc(was.findings, list, sameDiagnostic)
	if news {
		p.known[u] = published{d.Version, list}
	}
	p.mu.Unlock()
	if news {
		p.send(ctx, &protocol.PublishDiagnosticsParams{URI: uri.URI(u), Version: protocol.NewOptional(d.Version), Diagnostics: list})
	}
}

func (p *publisher) send(ctx context.Context, params *protocol.PublishDiagnosticsParams) {
	if err := p.s.client.PublishDiagnostics(ctx, params); err != nil && ctx.Err() == nil {
		p.s.log.Warn("findings could not be sent", "error", err)
	}
}

// findings returns what there is to say of a document; never nil.
func (s *server) findings(snap *cache.Snapshot, d *cache.Document) []protocol.Diagnostic {
	list := []protocol.Diagnostic{}
	an := snap.Analyze(d)
	if an == nil {
		return list
	}
	for i := range an.Shown {
		if x := &an.Shown[i]; x.File == d.Source {
			list = append(list, s.diagnostic(snap, x))
		}
	}
	return list
}

// diagnostic converts a finding.
func (s *server) diagnostic(snap *cache.Snapshot, x *diag.Diagnostic) protocol.Diagnostic {
	out := protocol.Diagnostic{
		Range:    s.can.rangeOf(x.File, x.Span),
		Severity: severities[x.Severity],
		Code:     protocol.String(x.Code.Code),
		Source:   protocol.NewOptional("escape"),
		Message:  protocol.String(x.Message),
	}
	for _, r := range x.Related {
		f := r.File
		if f == nil {
			f = x.File
		}
		out.RelatedInformation = append(out.RelatedInformation, protocol.DiagnosticRelatedInformation{
			Location: location(snap, &s.can, f, r.Span), Message: r.Message,
		})
	}
	return out
}

var severities = map[diag.Severity]protocol.DiagnosticSeverity{
	diag.Error:   protocol.DiagnosticSeverityError,
	diag.Warning: protocol.DiagnosticSeverityWarning,
	diag.Advice:  protocol.DiagnosticSeverityInformation,
}

func sameDiagnostic(a, b protocol.Diagnostic) bool {
	return a.Range == b.Range && a.Severity == b.Severity && a.Code == b.Code && a.Message == b.Message
}

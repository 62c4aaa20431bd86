package lsp

import (
	"context"
	"fmt"
	"hash/fnv"
	"path/filepath"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lsp/internal/cache"
)

var pullFeature = Feature{
	Name: "Diagnostics on request",
	Methods: []string{
		protocol.MethodTextDocumentDiagnostic, protocol.MethodWorkspaceDiagnostic, protocol.MethodWorkspaceDiagnosticRefresh,
	},
	Doc: "The same findings for editors that ask for them, with those in the scripts and templates of a plan. Nothing is sent twice: editors that ask are not told.",
	offer: func(s *server, c *protocol.ServerCapabilities) {
		if s.can.pulls {
			c.DiagnosticProvider = &protocol.DiagnosticOptions{InterFileDependencies: true, WorkspaceDiagnostics: true}
		}
	},
}

// Diagnostic implements the request "textDocument/diagnostic".
func (s *server) Diagnostic(ctx context.Context, p *protocol.DocumentDiagnosticParams) (protocol.DocumentDiagnosticReport, error) {
	snap, d := document(ctx, p.TextDocument)
	items := []protocol.Diagnostic{}
	if d != nil {
		items = s.findings(ctx, snap, d)
	}
	related := s.relatedReports(ctx, snap, d)
	id := resultID(items)
	if d != nil {
		s.publisher.pulled(d, items, id)
	}
	if p.PreviousResultID != nil && *p.PreviousResultID == id {
		report := &protocol.RelatedUnchangedDocumentDiagnosticReport{RelatedDocuments: related}
		report.Kind, report.ResultID = string(protocol.DocumentDiagnosticReportKindUnchanged), id
		return report, nil
	}
	report := &protocol.RelatedFullDocumentDiagnosticReport{FullDocumentDiagnosticReport: full(items, id), RelatedDocuments: related}
	return report, nil
}

func full(items []protocol.Diagnostic, id string) protocol.FullDocumentDiagnosticReport {
	return protocol.FullDocumentDiagnosticReport{Kind: string(protocol.DocumentDiagnosticReportKindFull), ResultID: &id, Items: items}
}

// relatedReports are those of the open scripts and templates beside a plan.
func (s *server) relatedReports(ctx context.Context, snap *cache.Snapshot, d *cache.Document) map[uri.URI]protocol.FullDocumentDiagnosticReportOrUnchangedDocumentDiagnosticReport {
	can := s.can.TextDocument.Diagnostic
	if d == nil || d.Kind != cache.Plan || d.Path == "" || can == nil || !can.RelatedDocumentSupport {
		return nil
	}
	var all map[uri.URI]protocol.FullDocumentDiagnosticReportOrUnchangedDocumentDiagnosticReport
	for _, other := range snap.Open() {
		if other.Kind != cache.Other || !cache.Below(other.Path, filepath.Dir(d.Path)) {
			continue
		}
		if all == nil {
			all = map[uri.URI]protocol.FullDocumentDiagnosticReportOrUnchangedDocumentDiagnosticReport{}
		}
		items := s.findings(ctx, snap, other)
		id := resultID(items)
		s.publisher.pulled(other, items, id)
		report := full(items, id)
		all[uri.URI(other.Written)] = &report
	}
	return all
}

// DiagnosticWorkspace implements the request "workspace/diagnostic".
func (s *server) DiagnosticWorkspace(ctx context.Context, p *protocol.WorkspaceDiagnosticParams) (*protocol.WorkspaceDiagnosticReport, error) {
	report := &protocol.WorkspaceDiagnosticReport{Items: []protocol.WorkspaceDocumentDiagnosticReport{}}
	type told struct{ written, id string }
	previous := map[string]told{}
	for _, x := range p.PreviousResultIds {
		previous[uriKey(string(x.URI))] = told{string(x.URI), x.Value}
	}
	snap := snapshotOf(ctx)
	add := func(d *cache.Document, items []protocol.Diagnostic) {
		id, u := resultID(items), uri.URI(d.Written)
		var version *int32
		if d.Open {
			version = &d.Version
		}
		if previous[d.URI].id == id {
			same := &protocol.WorkspaceUnchangedDocumentDiagnosticReport{URI: u, Version: version}
			same.Kind, same.ResultID = string(protocol.DocumentDiagnosticReportKindUnchanged), id
			report.Items = append(report.Items, same)
		} else {
			report.Items = append(report.Items, &protocol.WorkspaceFullDocumentDiagnosticReport{
				FullDocumentDiagnosticReport: full(items, id), URI: u, Version: version,
			})
		}
		delete(previous, d.URI)
	}
	if s.settings().workspaceDiagnostics {
		for _, d := range s.closedPlans(snap) {
			if ctx.Err() != nil {
				return nil, protocol.ErrRequestCancelled
			}
			add(d, s.findings(ctx, snap, d))
		}
	}
	for u, was := range previous { // these are open, gone, or no longer wanted
		d := snap.Document(u)
		if d == nil {
			d = &cache.Document{URI: u, Written: was.written}
			add(d, []protocol.Diagnostic{})
		}
	}
	return report, nil
}

// resultID names a list of findings: equal lists have the same name.
func resultID(items []protocol.Diagnostic) string {
	h := fnv.New64a()
	if raw, err := protocol.Marshal(items); err == nil {
		h.Write(raw)
	}
	return fmt.Sprintf("%d-%x", len(items), h.Sum64())
}

// dependants reports whether the client should ask again: there are other findings than it was told in some open document. It
// is asked to only once for the same findings.
func (s *server) dependants(snap *cache.Snapshot) bool {
	news := false
	for _, d := range snap.Open() {
		id := resultID(s.findings(s.ctx, snap, d))
		s.publisher.mu.Lock()
		if w := s.publisher.of(d.URI); w.told && w.version == d.Version && w.id != id && w.asked != id {
			w.asked, news = id, true
		}
		s.publisher.mu.Unlock()
	}
	return news
}

// pulled notes what the client was told.
func (p *publisher) pulled(d *cache.Document, items []protocol.Diagnostic, id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.of(d.URI)
	w.id, w.asked = id, ""
	if p.s.can.pulls { // a client that is told is told nevertheless
		w.told, w.version, w.findings = true, d.Version, items
	}
}

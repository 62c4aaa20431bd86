package lsp

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/lint/config"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
)

var diagnosticsFeature = Feature{
	Name:    "Diagnostics",
	Methods: []string{protocol.MethodTextDocumentPublishDiagnostics},
	Doc:     "The findings of escape lint, as you type, each with its code: in plans, in the scripts and templates that they use, and in the configuration of the linter.",
}

// findings returns what there is to say of a document; never nil. Names that are being typed are held back until later.
func (s *server) findings(ctx context.Context, snap *cache.Snapshot, d *cache.Document) []protocol.Diagnostic {
	list := []protocol.Diagnostic{}
	if d.Kind == cache.Config {
		return append(list, s.configFindings(d)...)
	}
	cursor, left := s.publisher.typing(d.URI)
	held := false
	for _, x := range s.found(ctx, snap, d) {
		if left > 0 && isHalfTyped(x, cursor) {
			held = true
			continue
		}
		list = append(list, s.diagnostic(snap, x))
	}
	if held {
		s.publisher.later(d.URI, left)
	}
	return list
}

// found returns the findings in a document: in a plan, or in a file by the plans that use it.
func (s *server) found(ctx context.Context, snap *cache.Snapshot, d *cache.Document) []*diag.Diagnostic {
	if d.Kind == cache.Plan {
		an := snap.AnalyzeFor(ctx, d)
		if an != nil && an.ConfigErr != nil && !isOpen(snap, an.ConfigErr) {
			s.warnOnce("the configuration of the linter cannot be read, so the default levels hold: " + an.ConfigErr.Error())
		}
		return in(d, an)
	}
	var all []*diag.Diagnostic
	for _, an := range snap.Users(d.Path) {
		for _, x := range in(d, an) {
			same := func(y *diag.Diagnostic) bool { return y.Code == x.Code && y.Span == x.Span && y.Message == x.Message }
			if !slices.ContainsFunc(all, same) {
				all = append(all, x)
			}
		}
	}
	return all
}

// isOpen reports whether an error is about an open configuration of the linter, which shows it itself.
func isOpen(snap *cache.Snapshot, err error) bool {
	return slices.ContainsFunc(snap.Open(), func(d *cache.Document) bool {
		return d.Kind == cache.Config && strings.HasPrefix(err.Error(), d.Path+":")
	})
}

// warnOnce shows the user a text that was not shown before.
func (s *server) warnOnce(text string) {
	if _, shown := s.shown.LoadOrStore(text, true); !shown {
		s.background(func(ctx context.Context) { // whoever finds something out does not wait for the client
			s.told(s.client.ShowMessage(ctx, &protocol.ShowMessageParams{Type: protocol.MessageTypeWarning, Message: text}))
		})
	}
}

// in returns the findings of a plan that stand in a document.
func in(d *cache.Document, an *cache.Analyzed) []*diag.Diagnostic {
	if an == nil {
		return nil
	}
	var list []*diag.Diagnostic
	for i := range an.Shown {
		x := &an.Shown[i]
		if x.File == d.Source || x.File != nil && d.Kind != cache.Plan && x.File.Name() == d.Source.Name() && x.File.Text() == d.Source.Text() {
			list = append(list, x)
		}
	}
	return list
}

// isHalfTyped reports whether a finding is about an unknown name at the cursor, which may become a known one with the next
// letter.
func isHalfTyped(x *diag.Diagnostic, cursor int) bool {
	return strings.HasPrefix(x.Code.Name, "unknown-") && int(x.Span.Start) <= cursor && cursor <= int(x.Span.End)
}

// diagnostic converts a finding.
func (s *server) diagnostic(snap *cache.Snapshot, x *diag.Diagnostic) protocol.Diagnostic {
	can := &s.can.TextDocument.PublishDiagnostics
	message := x.Message
	if x.Hint != "" {
		message += "\n" + x.Hint
	}
	out := protocol.Diagnostic{
		Range:    s.can.rangeOf(x.File, x.Span),
		Severity: severities[x.Severity],
		Code:     protocol.String(x.Code.Code),
		Source:   protocol.NewOptional("escape"),
		Message:  protocol.String(message),
	}
	tag := tags[x.Code.Name]
	if tag == protocol.DiagnosticTagUnnecessary && x.Severity == diag.Advice {
		out.Severity = protocol.DiagnosticSeverityHint
	}
	if slices.Contains(can.TagSupport.ValueSet, tag) {
		out.Tags = protocol.NewDiagnosticTags(tag)
	}
	if can.CodeDescriptionSupport && s.options.DocURL != "" {
		out.CodeDescription.Href = uri.URI(s.options.DocURL + string(x.Code.Code))
	}
	if can.DataSupport {
		out.Data = dataOf(x)
	}
	if !can.RelatedInformation {
		return out
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

// dataOf is what comes back with the request for code actions: the name of the rule, and whether the finding has a fix and may
// be silenced.
func dataOf(x *diag.Diagnostic) protocol.LSPAny {
	data, err := json.Marshal(struct {
		Rule       string `json:"rule"`
		Fixable    bool   `json:"fixable,omitempty"`
		Changeable bool   `json:"changeable,omitempty"`
	}{x.Code.Name, len(x.Fixes) > 0, lint.Find(x.Code.Name) != nil})
	if err != nil {
		return nil // names have nothing that could not be written
	}
	return protocol.LSPAny(data)
}

var severities = map[diag.Severity]protocol.DiagnosticSeverity{
	diag.Error:   protocol.DiagnosticSeverityError,
	diag.Warning: protocol.DiagnosticSeverityWarning,
	diag.Advice:  protocol.DiagnosticSeverityInformation,
}

// tags say, by name of the code, how editors draw the place of a finding.
var tags = map[string]protocol.DiagnosticTag{
	diag.UnusedInput.Name:    protocol.DiagnosticTagUnnecessary,
	diag.UnusedAlias.Name:    protocol.DiagnosticTagUnnecessary,
	diag.UnusedConsumer.Name: protocol.DiagnosticTagUnnecessary,
	diag.UnusedMapping.Name:  protocol.DiagnosticTagUnnecessary,
	diag.UnusedIgnore.Name:   protocol.DiagnosticTagUnnecessary,
	diag.IgnoredKey.Name:     protocol.DiagnosticTagUnnecessary,
	diag.ErrandScript.Name:   protocol.DiagnosticTagDeprecated,
	diag.AutoVersion.Name:    protocol.DiagnosticTagDeprecated,
}

// configFindings returns the mistakes in a configuration of the linter.
func (s *server) configFindings(d *cache.Document) []protocol.Diagnostic {
	_, err := config.Parse("", d.Source.Text())
	if err == nil {
		return nil
	}
	var list []protocol.Diagnostic
	for _, line := range strings.Split(err.Error(), "\n") {
		span, message := configPlace(d.Source, line)
		list = append(list, protocol.Diagnostic{
			Range: s.can.rangeOf(d.Source, span), Severity: protocol.DiagnosticSeverityError,
			Source: protocol.NewOptional("escape"), Message: protocol.String(message),
		})
	}
	return list
}

// configPlace reads ":LINE:COLUMN: message"; the column may be left out. The place goes to the end of the word there.
func configPlace(f *source.File, s string) (source.Span, string) {
	parts := strings.SplitN(strings.TrimPrefix(s, ":"), ":", 3)
	line, err := strconv.Atoi(parts[0])
	if err != nil || line < 1 || line > f.LineCount() || len(parts) < 2 {
		return source.Span{}, s
	}
	span := f.Line(line)
	text := f.Slice(span)
	column, err := strconv.Atoi(parts[1])
	if err != nil || len(parts) < 3 {
		span.Start += int32(len(text) - len(strings.TrimLeft(text, " \t")))
		return span, strings.TrimSpace(strings.Join(parts[1:], ":"))
	}
	at := len(text)
	for i := range text { // columns count characters
		if column--; column <= 0 {
			at = i
			break
		}
	}
	span.Start += int32(at)
	if n := strings.IndexAny(f.Slice(span), " \t:,]}"); n > 0 {
		span.End = span.Start + int32(n)
	}
	return span, strings.TrimSpace(parts[2])
}
